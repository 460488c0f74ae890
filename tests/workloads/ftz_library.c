/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who has set FTZ and DAZ? Three threads do the same arithmetic. A second
 * after the start "plugin-host" loads lib/fastsum.so, which is linked with
 * crtfastmath.o: from then on it computes with FTZ and DAZ, and so does the
 * thread "plugin-child" that it starts, for a new thread inherits MXCSR. The
 * main thread, which loaded nothing, keeps the default.
 *
 * usage: ftz_library [SECONDS]: so long before and after the library is loaded
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

enum { N = 1024 };

static float data[N];
static double seconds;
static char library[4096];
static volatile float results[3];

static __attribute__((noipa)) float relax(float x, int n)
{
	int i;

	for (i = 0; i < n; i++)
		x = x * 0.999f + 0.001f;
	return x;
}

static void work(int who, double for_seconds)
{
	const double end = cpu_seconds() + for_seconds;

	while (cpu_seconds() < end)
		results[who] += relax(results[who], 100000);
}

static void *child(void *arg)
{
	pthread_setname_np(pthread_self(), "plugin-child");
	work(2, seconds);
	return arg;
}

static void *host(void *arg)
{
	float (*sum)(const float *p, int n);
	pthread_t t;
	void *lib;

	pthread_setname_np(pthread_self(), "plugin-host");
	work(1, seconds);
	lib = dlopen(library, RTLD_NOW);
	sum = lib ? (float (*)(const float *, int))dlsym(lib, "fastsum") : NULL;
	if (!sum) {
		fprintf(stderr, "ftz_library: cannot load %s: %s\n", library, dlerror());
		exit(1);
	}
	results[1] += sum(data, N);
	pthread_create(&t, NULL, child, NULL);
	work(1, seconds);
	pthread_join(t, NULL);
	return arg;
}

/* Beside the program itself. */
static int find_library(void)
{
	ssize_t n = readlink("/proc/self/exe", library, sizeof(library) - 32);
	char *slash;

	if (n < 0)
		return -1;
	library[n] = '\0';
	slash = strrchr(library, '/');
	strcpy(slash + 1, "lib/fastsum.so");
	return 0;
}

int main(int argc, char **argv)
{
	pthread_t t;

	seconds = seconds_argument(argc, argv);
	if (find_library() || pthread_create(&t, NULL, host, NULL))
		return 1;
	work(0, 2 * seconds);
	pthread_join(t, NULL);
	return 0;
}
