/* SPDX-License-Identifier: GPL-2.0-only */
/* What workloads share. */
#ifndef TESTS_WORKLOAD_H
#define TESTS_WORKLOAD_H

#include <emmintrin.h>
#include <stdlib.h>
#include <time.h>

/* CPU time of the thread: a busy machine takes longer over it, but gives as many samples. */
static inline double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* The first argument of a program, 1 if there is none. */
static inline double seconds_argument(int argc, char **argv)
{
	return argc > 1 ? atof(argv[1]) : 1;
}

/* A frame pointer in a leaf function: call chains need it to name the caller. */
#define WITH_FRAME __asm__ volatile("" :: "r"(__builtin_frame_address(0)))

/*
 * A function of legacy SSE instructions over state[]. noipa: two of them are
 * not to be merged into one.
 */
#define LEGACY_SSE(name, state, frame)					\
static __attribute__((noipa)) void name(int rounds)			\
{									\
	__m128i a = state[0], b = state[1], c = state[2];		\
	int i;								\
									\
	frame;								\
	for (i = 0; i < rounds; i++) {					\
		a = _mm_add_epi32(a, b);				\
		c = _mm_xor_si128(c, a);				\
		b = _mm_or_si128(_mm_slli_epi32(b, 7), _mm_srli_epi32(b, 25)); \
		a = _mm_shuffle_epi32(_mm_add_epi32(a, c), 0x39);	\
	}								\
	state[0] = a;							\
	state[1] = b;							\
	state[2] = c;							\
}

#endif
