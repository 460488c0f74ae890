/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * avx2_loop MILLIONS: a fixed amount of AVX2 work (SSE2 where the CPU has no
 * AVX2), for the recording bench: its time is the time of the work.
 */
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, target("avx2,fma")))
static float loop_avx2(long n)
{
	__m256 a = _mm256_set1_ps(1.0f), b = _mm256_set1_ps(0.999f), c = a;
	long i;

	for (i = 0; i < n; i++) {
		a = _mm256_fmadd_ps(a, b, c);
		c = _mm256_mul_ps(c, b);
		c = _mm256_add_ps(c, _mm256_set1_ps(1e-3f));
	}
	return _mm256_cvtss_f32(a);
}

__attribute__((noinline))
static float loop_sse(long n)
{
	__m128 a = _mm_set1_ps(1.0f), b = _mm_set1_ps(0.999f), c = a;
	long i;

	for (i = 0; i < n; i++) {
		a = _mm_add_ps(_mm_mul_ps(a, b), c);
		c = _mm_add_ps(_mm_mul_ps(c, b), _mm_set1_ps(1e-3f));
	}
	return _mm_cvtss_f32(a);
}

int main(int argc, char **argv)
{
	long n = (argc > 1 ? atol(argv[1]) : 100) * 1000000;

	printf("%g\n", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? loop_avx2(n) : loop_sse(n));
	return 0;
}
