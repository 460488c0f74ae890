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
#include <stdio.h>

#include "workload.h"

static __m128i state[16];

LEGACY_SSE(bare_leaf, state, )
LEGACY_SSE(framed_leaf, state, WITH_FRAME)

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

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	int i;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2")) {
		fprintf(stderr, "frameless_leaf: this CPU has no AVX2\n");
		return 77;
	}
	state[1] = _mm_set_epi32(1, 2, 3, 4);
	while (cpu_seconds() < end)
		for (i = 0; i < 100; i++)
			pipeline();
	return _mm_cvtsi128_si32(state[0]) == 42;
}
