/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/progress.h"

static const uint64_t second = 1000000000;

static uint64_t progress__now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec * second + ts.tv_nsec;
}

void progress__begin(struct progress *p, bool quiet)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .on = !quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") };
	p->began = progress__now();
	p->next = p->began + second;
}

bool progress__due(const struct progress *p, double *elapsed)
{
	uint64_t now = p->on ? progress__now() : 0;

	if (!p->on || now < p->next)
		return false;
	*elapsed = (now - p->began) / 1e9;
	return true;
}

static void progress__write(const char *text, size_t size)
{
	/* whoever closes the terminal does not want to see it */
	if (write(STDERR_FILENO, text, size) < 0)
		return;
}

void progress__show(struct progress *p, const char *text)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "\r%.400s\033[K\r", text);

	p->next = progress__now() + second;
	p->shown = true;
	progress__write(line, n);
}

void progress__clear(struct progress *p)
{
	static const char erase[] = "\r\033[K";

	if (p->shown)
		progress__write(erase, sizeof(erase) - 1);
	p->shown = false;
}

void progress__percent(struct progress *p, const char *verb, const char *file, uint64_t done, uint64_t all)
{
	char text[512];
	double elapsed;

	if (!all || !progress__due(p, &elapsed))
		return;
	snprintf(text, sizeof(text), "[ perf-xregs: %s: %.0f %% of %.300s ]", verb, 100.0 * (done < all ? done : all) / all, file);
	progress__show(p, text);
}
