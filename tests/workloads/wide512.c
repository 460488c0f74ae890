/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scale_wide() works on 512-bit registers, half of whose lanes a mask takes
 * out; scale_narrow() does the same on 128 bits after a vzeroupper.
 *
 * usage: wide512 [SECONDS]
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <stdio.h>

#include "workload.h"

static double data[64] __attribute__((aligned(64)));

static __attribute__((noipa, target("avx512f"))) void scale_wide(int n)
{
	__m512d a = _mm512_load_pd(data), b = _mm512_load_pd(data + 8);
	int i;

	for (i = 0; i < n; i++) {
		a = _mm512_mask_mul_pd(a, 0x55, a, b);
		b = _mm512_mask_max_pd(b, 0xaa, a, b);
	}
	_mm512_store_pd(data + 16, _mm512_add_pd(a, b));
}

static __attribute__((noipa)) void scale_narrow(int n)
{
	__m128d a = _mm_load_pd(data), b = _mm_load_pd(data + 8);
	int i;

	for (i = 0; i < n; i++) {
		a = _mm_mul_pd(a, b);
		b = _mm_max_pd(a, b);
	}
	_mm_store_pd(data + 32, b);
}

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	int i;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx512f")) {
		fprintf(stderr, "wide512: this CPU has no AVX-512\n");
		return 77;
	}
	for (i = 0; i < 64; i++)
		data[i] = i / 8 == 1 ? 1.0 : 1.0 / (i + 2);
	while (cpu_seconds() < end) {
		scale_wide(100000);
		scale_narrow(100000);
	}
	return data[16] < 0;
}
