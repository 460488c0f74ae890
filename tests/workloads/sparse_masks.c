/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector code that works for few lanes: it takes the neighbours of a particle
 * a vector at a time and masks out those beyond the cutoff, as molecular
 * dynamics does; one in eight is near enough. forces_avx512() has its masks in
 * opmasks, forces_avx2() as lanes of zeros in a vector register.
 *
 * usage: sparse_masks [SECONDS [avx2]]: avx2 even where there is AVX-512
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <stdio.h>
#include <string.h>

#include "workload.h"

enum { N = 4096, NEAR_EACH = 8 };

static float distance[N] __attribute__((aligned(64)));
static volatile float sum;

static __attribute__((noipa, target("avx512f"))) float forces_avx512(const float *p, float cutoff)
{
	__m512 s = _mm512_setzero_ps(), one = _mm512_set1_ps(1.0f), d;
	__mmask16 near;
	int i;

	for (i = 0; i < N; i += 16) {
		d = _mm512_load_ps(p + i);
		near = _mm512_cmp_ps_mask(d, _mm512_set1_ps(cutoff), _CMP_LT_OQ);
		s = _mm512_mask_add_ps(s, near, s, _mm512_mask_div_ps(s, near, one, d));
	}
	return _mm512_reduce_add_ps(s);
}

static __attribute__((noipa, target("avx2"))) float forces_avx2(const float *p, float cutoff)
{
	__m256 s = _mm256_setzero_ps(), one = _mm256_set1_ps(1.0f), d, near;
	float lanes[8];
	int i;

	for (i = 0; i < N; i += 8) {
		d = _mm256_load_ps(p + i);
		near = _mm256_cmp_ps(d, _mm256_set1_ps(cutoff), _CMP_LT_OQ);
		d = _mm256_and_ps(_mm256_div_ps(one, d), near);
		/* in a register, where a sample can see it */
		__asm__ volatile("" : "+x"(d));
		s = _mm256_add_ps(s, d);
	}
	_mm256_storeu_ps(lanes, s);
	return lanes[3];
}

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	const int wide = !(argc > 2 && !strcmp(argv[2], "avx2")) && __builtin_cpu_supports("avx512f");
	int i;

	if (!__builtin_cpu_supports("avx2")) {
		fprintf(stderr, "sparse_masks: this CPU has no AVX2\n");
		return 77;
	}
	for (i = 0; i < N; i++)
		distance[i] = i % NEAR_EACH == 3 ? 1.5f : 2.5f + i % 5;
	while (cpu_seconds() < end)
		for (i = 0; i < 1000; i++)
			sum += wide ? forces_avx512(distance, 2.0f) : forces_avx2(distance, 2.0f);
	return sum == 42;
}
