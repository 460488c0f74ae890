/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three threads do the same arithmetic; "flusher" has set FTZ and DAZ, as a
 * library built with -ffast-math does for whoever loads it, and "rounder"
 * rounds to zero. The main thread keeps the default.
 *
 * usage: ftz_thread [SECONDS]
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>

#include "workload.h"

enum { FTZ_DAZ = 0x8040, ROUND_TO_ZERO = 0x6000 };

struct job {
	const char *name;
	unsigned int control;
	double end;
	float result;
};

static __attribute__((noipa)) float relax(float x, int n)
{
	int i;

	for (i = 0; i < n; i++)
		x = x * 0.999f + 0.001f;
	return x;
}

static void *work(void *arg)
{
	struct job *j = arg;

	if (j->name)
		pthread_setname_np(pthread_self(), j->name);
	_mm_setcsr(_mm_getcsr() | j->control);
	while (cpu_seconds() < j->end)
		j->result += relax(j->result, 100000);
	return NULL;
}

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	struct job jobs[] = {
		{ .end = end },
		{ .name = "flusher", .control = FTZ_DAZ, .end = end },
		{ .name = "rounder", .control = ROUND_TO_ZERO, .end = end },
	};
	pthread_t t[3];
	int i;

	for (i = 1; i < 3; i++)
		if (pthread_create(&t[i], NULL, work, &jobs[i])) {
			perror("ftz_thread: pthread_create");
			return 1;
		}
	work(&jobs[0]);
	for (i = 1; i < 3; i++)
		pthread_join(t[i], NULL);
	return jobs[0].result + jobs[1].result + jobs[2].result > 0 ? 0 : 1;
}
