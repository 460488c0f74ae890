/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * last_thread [PROGRAM ARGS]: the first thread ends, another one lives on: it
 * computes for half a second of CPU time and prints "done", or starts PROGRAM.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static char **args;

__attribute__((noinline)) double hot_loop(long n)
{
	volatile double x = 0;

	while (n--)
		x += n;
	return x;
}

static void *work(void *arg)
{
	struct timespec ts;

	if (*args) {
		execv(args[0], args);
		return arg;
	}
	do {
		hot_loop(100000);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	} while (ts.tv_nsec < 500000000);
	puts("done");
	fflush(stdout);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t id;

	args = argv + (argc ? 1 : 0);
	pthread_create(&id, NULL, work, NULL);
	pthread_exit(NULL);
}
