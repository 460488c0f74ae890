/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo [SECONDS]: three things that a register sampler should find.
 *
 *   heat_step()	a stencil on floats, a stretch of which are subnormal
 *   hash_rows()	SSE code that runs with dirty upper halves, because
 *			scale_row_asm() before it forgets VZEROUPPER
 *   blend_worker()	a thread named "fastmath" with FTZ and DAZ on
 *
 * Runs on any x86-64; without AVX2 it says so and leaves the upper halves
 * alone.
 */
#define _GNU_SOURCE
#include <emmintrin.h>
#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum { CELLS = 4096, ROW = 1024 };

static volatile int stop;
static float cells[2][CELLS] __attribute__((aligned(64)));
static float row[ROW] __attribute__((aligned(64)));
static float blend[ROW] __attribute__((aligned(64)));

/* A profile that falls below FLT_MIN (1.2e-38) in its last third. */
static void heat_init(float *u)
{
	float v = 1.0f;
	int i;

	for (i = 0; i < CELLS; i++, v *= 0.9685f)
		u[i] = v > 1e-44f ? v : 1e-44f;
}

__attribute__((noinline, target("avx2,fma")))
static void heat_step(float *dst, const float *src)
{
	const __m256 side = _mm256_set1_ps(0.25f), mid = _mm256_set1_ps(0.5f);
	int i;

	for (i = 8; i < CELLS - 8; i += 8) {
		__m256 v = _mm256_mul_ps(mid, _mm256_loadu_ps(src + i));

		v = _mm256_fmadd_ps(side, _mm256_loadu_ps(src + i - 1), v);
		v = _mm256_fmadd_ps(side, _mm256_loadu_ps(src + i + 1), v);
		_mm256_storeu_ps(dst + i, v);
	}
}

__attribute__((noinline))
static void heat_step_sse(float *dst, const float *src)
{
	const __m128 side = _mm_set1_ps(0.25f), mid = _mm_set1_ps(0.5f);
	int i;

	for (i = 4; i < CELLS - 4; i += 4) {
		__m128 v = _mm_mul_ps(mid, _mm_loadu_ps(src + i));

		v = _mm_add_ps(v, _mm_mul_ps(side, _mm_loadu_ps(src + i - 1)));
		v = _mm_add_ps(v, _mm_mul_ps(side, _mm_loadu_ps(src + i + 1)));
		_mm_storeu_ps(dst + i, v);
	}
}

/* Hand-written AVX that returns with the upper halves in use. */
__attribute__((noinline))
static void scale_row_asm(float *p, const float *factor)
{
	asm volatile("vbroadcastss %1, %%ymm15\n\t"
		     "vmulps (%0), %%ymm15, %%ymm14\n\t"
		     "vmovups %%ymm14, (%0)"
		     : : "r"(p), "m"(*factor) : "xmm14", "xmm15", "memory");
}

__attribute__((noinline, noclone))
static __m128i hash_rows(const float *p, __m128i h)
{
	/* On the stack: gcc gives a function that has none no frame either. */
	volatile int rounds = 128;
	int i;

	while (rounds--) {
		for (i = 0; i < ROW; i += 4) {
			__m128i v = _mm_loadu_si128((const __m128i *)(p + i));

			h = _mm_add_epi32(h, _mm_xor_si128(v, _mm_srli_epi32(h, 7)));
			h = _mm_xor_si128(h, _mm_slli_epi32(h, 13));
		}
	}
	return h;
}

static void *blend_worker(void *arg)
{
	const __m128 keep = _mm_set1_ps(0.75f), add = _mm_set1_ps(0.25f);
	int i;

	(void)arg;
	prctl(PR_SET_NAME, "fastmath");
	_mm_setcsr(_mm_getcsr() | 0x8040);	/* FTZ and DAZ, as -ffast-math does */
	while (!stop)
		for (i = 0; i < ROW; i += 4)
			_mm_store_ps(blend + i, _mm_add_ps(_mm_mul_ps(keep, _mm_load_ps(blend + i)), add));
	return NULL;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	double end = now() + (argc > 1 ? atof(argv[1]) : 3.0);
	const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
	const float one = 1.0f;
	__m128i h = _mm_set1_epi32(0x9e3779b9);
	pthread_t worker;
	int i;

	if (!avx2)
		fprintf(stderr, "demo: no AVX2 on this CPU: no dirty upper halves to show\n");
	for (i = 0; i < ROW; i++)
		row[i] = 1.0f + i;
	heat_init(cells[0]);
	memcpy(cells[1], cells[0], sizeof(cells[1]));
	if (pthread_create(&worker, NULL, blend_worker, NULL))
		return 1;
	while (now() < end) {
		for (i = 0; i < 200; i++)
			(avx2 ? heat_step : heat_step_sse)(cells[(i + 1) & 1], cells[i & 1]);
		heat_init(cells[0]);
		if (avx2)
			scale_row_asm(row, &one);
		h = hash_rows(row, h);
		if (avx2)
			asm volatile("vzeroupper");
	}
	stop = 1;
	pthread_join(worker, NULL);
	printf("demo: done, hash %08x\n", _mm_cvtsi128_si32(h));
	return 0;
}
