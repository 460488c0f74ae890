/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work on zeros: weigh() multiplies a vector, three quarters of whose elements
 * are zero (one lane in four holds data, so that every register has some), by
 * one weight, 0.5 in all lanes. SSE: runs on any x86-64.
 *
 * usage: sparse_dot [SECONDS]
 */
#define _GNU_SOURCE
#include <emmintrin.h>

#include "workload.h"

enum { N = 4096 };

static float x[N] __attribute__((aligned(64))), sum[4];

static __attribute__((noipa)) void weigh(const float *p, float weight)
{
	const __m128 w = _mm_set1_ps(weight);
	__m128 s = _mm_set1_ps(1.0f), wait = s, v;
	int i;

	for (i = 0; i < N; i += 4) {
		v = _mm_load_ps(p + i);
		/* samples hit where the code waits: at a chain of roots, with v in a register */
		__asm__ volatile("sqrtps %1, %1" : "+x"(v), "+x"(wait));
		s = _mm_add_ps(s, _mm_mul_ps(v, w));
	}
	_mm_storeu_ps(sum, s);
}

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	int i;

	for (i = 0; i < N; i += 4)
		x[i + i / 4 % 4] = 1.0f + i;
	while (cpu_seconds() < end)
		for (i = 0; i < 100; i++)
			weigh(x, 0.5f);
	return sum[0] == 42;
}
