/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where does a NaN come from? A pipeline of three stages works on one field
 * again and again; normalise() divides each column by its weight. Half way
 * through the run the weight of one column in eight becomes 0, as that of its
 * value has long been: 0/0 is a NaN, which smooth() and brighten() carry on.
 * The three take about the same time.
 *
 * SSE: runs on any x86-64.
 *
 * usage: nan_birth [SECONDS]
 */
#define _GNU_SOURCE
#include <emmintrin.h>
#include <stdio.h>

#include "workload.h"

enum { N = 4096, ROUNDS = 3000 };	/* a stage takes some ten samples */

static float value[N] __attribute__((aligned(64))), weight[N] __attribute__((aligned(64)));
static float mean[N] __attribute__((aligned(64))), out[N] __attribute__((aligned(64)));

static __attribute__((noipa)) void normalise(void)
{
	__m128 v;
	int i, round;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < N; i += 4) {
			v = _mm_div_ps(_mm_load_ps(value + i), _mm_load_ps(weight + i));
			_mm_store_ps(mean + i, v);
		}
}

static __attribute__((noipa)) void smooth(void)
{
	const __m128 part = _mm_set1_ps(0.5f);
	__m128 a, b;
	int i, round;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < N - 4; i += 4) {
			a = _mm_load_ps(mean + i);
			b = _mm_load_ps(mean + i + 4);
			__asm__ volatile("" : "+x"(a), "+x"(b));
			_mm_store_ps(out + i, _mm_add_ps(_mm_mul_ps(a, part), _mm_mul_ps(b, part)));
		}
}

static __attribute__((noipa)) void brighten(void)
{
	const __m128 gain = _mm_set1_ps(1.25f);
	__m128 a;
	int i, round;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < N; i += 4) {
			a = _mm_load_ps(out + i);
			__asm__ volatile("" : "+x"(a));
			_mm_store_ps(out + i, _mm_sqrt_ps(_mm_mul_ps(a, gain)));
		}
}

static void empty_columns(void)
{
	int i;

	for (i = 3; i < N; i += 8)
		value[i] = weight[i] = 0;
}

int main(int argc, char **argv)
{
	const double seconds = seconds_argument(argc, argv), start = cpu_seconds();
	double t;
	int i;

	for (i = 0; i < N; i++) {
		value[i] = 1.0f + i % 7;
		weight[i] = 2.0f;
	}
	while ((t = cpu_seconds() - start) < seconds) {
		if (t > seconds / 2)
			empty_columns();
		normalise();
		smooth();
		brighten();
	}
	return out[0] == 42;
}
