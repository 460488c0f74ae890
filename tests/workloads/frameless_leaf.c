/* SPDX-License-Identifier: GPL-2.0-only */
/* cflags: -momit-leaf-frame-pointer */
/*
 * A leaf without a frame pointer: pipeline() calls stage(), which leaves the
 * upper halves dirty and calls bare_leaf() and framed_leaf(), both legacy SSE.
 * A call chain by frame pointers taken in bare_leaf() goes on with pipeline():
 * it is stage() that called it, and nobody may say that it was pipeline().
 *
 * usage: frameless_leaf [SECONDS]
 */
#define _GNU_SOURCE
#include <emmintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static __m128i state[16];

#define LEAF(name, frame)						\
static __attribute__((noipa)) void name(int rounds)			\
{									\
	__m128i a = state[0], b = state[1], c = state[2];		\
	int i;								\
									\
	frame;								\
	for (i = 0; i < rounds; i++) {					\
		a = _mm_add_epi32(a, b);				\
		c = _mm_xor_si128(c, a);				\
		b = _mm_or_si128(_mm_slli_epi32(b, 7), _mm_srli_epi32(b, 25)); \
	}								\
	state[0] = a;							\
	state[1] = b;							\
	state[2] = c;							\
}

LEAF(bare_leaf, )
LEAF(framed_leaf, __asm__ volatile("" :: "r"(__builtin_frame_address(0))))

/* The empty asm: a tail call would take the caller out of the chain. */
static __attribute__((noipa)) void stage(void)
{
	__asm__ volatile("vpcmpeqd %%ymm15, %%ymm15, %%ymm15" ::: "xmm15");
	bare_leaf(4000);
	framed_leaf(4000);
	__asm__ volatile("");
}

static __attribute__((noipa)) void pipeline(void)
{
	stage();
	__asm__ volatile("");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const double end = now() + (argc > 1 ? atof(argv[1]) : 1);
	int i;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2")) {
		fprintf(stderr, "frameless_leaf: this CPU has no AVX2\n");
		return 77;
	}
	state[1] = _mm_set_epi32(1, 2, 3, 4);
	while (now() < end)
		for (i = 0; i < 100; i++)
			pipeline();
	return _mm_cvtsi128_si32(state[0]) == 42;
}
