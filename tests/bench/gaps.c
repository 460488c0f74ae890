/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gaps MS: for how long is a thread kept from running? It reads the clock all the
 * time, for MS of CPU time, and prints how many gaps of 5 us and more there were,
 * their median and 99th percentile in us. The kernel's own interrupts and other
 * programs make gaps too: compare with a run that nobody stops.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { GAP_NS = 5000, GAPS_MAX = 1 << 20 };

static uint64_t gaps[GAPS_MAX];

static uint64_t now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Return: gaps of about a millisecond of looking. */
static size_t look(uint64_t *to, size_t room)
{
	uint64_t last = now(CLOCK_MONOTONIC), t;
	size_t n = 0, i;

	for (i = 0; i < 40000; i++) {
		t = now(CLOCK_MONOTONIC);
		if (t - last >= GAP_NS && n < room)
			to[n++] = t - last;
		last = t;
	}
	return n;
}

int main(int argc, char **argv)
{
	uint64_t end = (argc > 1 ? strtoull(argv[1], NULL, 10) : 1000) * UINT64_C(1000000);
	size_t n = 0;

	while (now(CLOCK_PROCESS_CPUTIME_ID) < end)
		n += look(gaps + n, GAPS_MAX - n);
	qsort(gaps, n, sizeof(gaps[0]), compare);
	printf("%zu %.1f %.1f\n", n, n ? gaps[n / 2] / 1e3 : 0, n ? gaps[n * 99 / 100] / 1e3 : 0);
	return 0;
}
