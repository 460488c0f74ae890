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
#include <stdio.h>

#include "workload.h"

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

LEGACY_SSE(mix_block, state, WITH_FRAME)
LEGACY_SSE(clean_block, state, WITH_FRAME)

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

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	int i;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2")) {
		fprintf(stderr, "dirty_upper: this CPU has no AVX2\n");
		return 77;
	}
	state[1] = _mm_set_epi32(1, 2, 3, 4);
	while (cpu_seconds() < end)
		for (i = 0; i < 100; i++) {
			hash_rows();
			hash_columns();
			hash_clean();
		}
	return _mm_cvtsi128_si32(state[0]) == 42;
}
