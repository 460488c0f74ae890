/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a faulty vector unit looks like: scale() runs in turn on every CPU that
 * it may run on, over the same data, but on the last one a quarter of the
 * vectors come out with a NaN. The fault is made by the data: one lane of
 * every fourth vector is NaN there.
 *
 * usage: odd_cpu [SECONDS]; exits with 77 where there is but one CPU
 */
#define _GNU_SOURCE
#include <emmintrin.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>

#include "workload.h"

enum { N = 1024 };

static float sound[N] __attribute__((aligned(64))), faulty[N] __attribute__((aligned(64))), out[N] __attribute__((aligned(64)));

static __attribute__((noipa)) void scale(const float *p)
{
	const __m128 f = _mm_set1_ps(0.75f);
	__m128 wait = _mm_set1_ps(1.0f), v;
	int i;

	for (i = 0; i < N; i += 4) {
		v = _mm_load_ps(p + i);
		/* samples hit where the code waits: at a chain of roots, with v in a register */
		__asm__ volatile("sqrtps %1, %1" : "+x"(v), "+x"(wait));
		_mm_store_ps(out + i, _mm_mul_ps(v, f));
	}
}

/* The CPU after @cpu among those allowed, round and round. */
static int next_cpu(const cpu_set_t *allowed, int cpu)
{
	do
		cpu = (cpu + 1) % CPU_SETSIZE;
	while (!CPU_ISSET(cpu, allowed));
	return cpu;
}

static void run_on(int cpu, const float *data, double seconds)
{
	const double end = cpu_seconds() + seconds;
	cpu_set_t one;
	int i;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	while (cpu_seconds() < end)
		for (i = 0; i < 100; i++)
			scale(data);
}

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	cpu_set_t allowed;
	int i, cpu = -1, last = -1;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	if (CPU_COUNT(&allowed) < 2) {
		fprintf(stderr, "odd_cpu: there is only one CPU to run on\n");
		return 77;
	}
	for (i = 0; i < CPU_SETSIZE; i++)
		last = CPU_ISSET(i, &allowed) ? i : last;
	for (i = 0; i < N; i++) {
		sound[i] = 1.0f + i;
		faulty[i] = i % 16 == 5 ? NAN : sound[i];
	}
	while (cpu_seconds() < end) {
		cpu = next_cpu(&allowed, cpu);
		run_on(cpu, cpu == last ? faulty : sound, 0.02);
	}
	return out[0] == 42;
}
