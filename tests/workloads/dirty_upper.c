/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A missing vzeroupper: hash_rows() and hash_columns() sum with AVX, leave
 * the upper halves as they are, and call mix_block(), which is legacy SSE.
 * hash_rows() makes three calls for each of hash_columns(). hash_clean() does
 * the same and clears them; its clean_block() is the same code as mix_block().
 *
 * usage: dirty_upper [SECONDS]
 */
#define _GNU_SOURCE
#include <emmintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static __m128i state[16];

/* What a compiler does not do by itself: it ends such functions by vzeroupper. */
static inline void dirty(void)
{
	__asm__ volatile("vpcmpeqd %%ymm15, %%ymm15, %%ymm15" ::: "xmm15");
}

static inline void clean(void)
{
	__asm__ volatile("vzeroupper" ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
			 "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

/*
 * noipa: the two are not to be merged into one. With the address of its frame
 * taken, a leaf function sets one up, which a call chain by frame pointers
 * needs to name the caller.
 */
#define MIX(name)							\
static __attribute__((noipa)) void name(int rounds)			\
{									\
	__m128i a = state[0], b = state[1], c = state[2];		\
	int i;								\
									\
	__asm__ volatile("" :: "r"(__builtin_frame_address(0)));	\
	for (i = 0; i < rounds; i++) {					\
		a = _mm_add_epi32(a, b);				\
		c = _mm_xor_si128(c, a);				\
		b = _mm_or_si128(_mm_slli_epi32(b, 7), _mm_srli_epi32(b, 25)); \
		a = _mm_shuffle_epi32(_mm_add_epi32(a, c), 0x39);	\
	}								\
	state[0] = a;							\
	state[1] = b;							\
	state[2] = c;							\
}

MIX(mix_block)
MIX(clean_block)

/* The empty asm: a tail call would take the caller out of the chain. */
static __attribute__((noipa)) void hash_rows(void)
{
	dirty();
	mix_block(6000);
	__asm__ volatile("");
}

static __attribute__((noipa)) void hash_columns(void)
{
	dirty();
	mix_block(2000);
	__asm__ volatile("");
}

static __attribute__((noipa)) void hash_clean(void)
{
	clean();
	clean_block(4000);
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
		fprintf(stderr, "dirty_upper: this CPU has no AVX2\n");
		return 77;
	}
	state[1] = _mm_set_epi32(1, 2, 3, 4);
	while (now() < end)
		for (i = 0; i < 100; i++) {
			hash_rows();
			hash_columns();
			hash_clean();
		}
	return _mm_cvtsi128_si32(state[0]) == 42;
}
