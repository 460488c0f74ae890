/* cflags: -mavx2 -mfma */
/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A column stencil whose first two of every eight columns have decayed to
 * subnormal numbers, as a damped field does far from its source. The grid is
 * read and never written back, so that the shares stay what they are: each
 * register that holds field values has 2 of 8 lanes subnormal, the
 * coefficients none.
 *
 * usage: subnormal_stencil [SECONDS]
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <stdio.h>

#include "workload.h"

enum { ROWS = 64, COLUMNS = 512 };

static float field[ROWS][COLUMNS] __attribute__((aligned(64)));
static float next[ROWS][COLUMNS] __attribute__((aligned(64)));

static __attribute__((noipa)) void step_stencil(int row)
{
	const __m256 side = _mm256_set1_ps(0.25f), center = _mm256_set1_ps(0.5f);
	__m256 up, mid, down;
	int x;

	for (x = 0; x < COLUMNS; x += 8) {
		up = _mm256_load_ps(&field[row - 1][x]);
		mid = _mm256_load_ps(&field[row][x]);
		down = _mm256_load_ps(&field[row + 1][x]);
		/* in registers, where a sample can see them */
		__asm__ volatile("" : "+x"(up), "+x"(mid), "+x"(down));
		mid = _mm256_mul_ps(mid, center);
		mid = _mm256_fmadd_ps(up, side, mid);
		mid = _mm256_fmadd_ps(down, side, mid);
		_mm256_store_ps(&next[row][x], mid);
	}
}

static void fill(void)
{
	int y, x;

	for (y = 0; y < ROWS; y++)
		for (x = 0; x < COLUMNS; x++)
			field[y][x] = x % 8 < 2 ? 1e-40f * (1 + y % 3) : 1.0f + y % 5;
}

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	int y, i;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
		fprintf(stderr, "subnormal_stencil: this CPU has no AVX2 or no FMA\n");
		return 77;
	}
	fill();
	while (cpu_seconds() < end)
		for (i = 0; i < 100; i++)
			for (y = 1; y < ROWS - 1; y++)
				step_stencil(y);
	return next[1][2] > 0 ? 0 : 1;
}
