/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line on a terminal's standard error that is written over, once a second
 * and not in the first. On anything else there is none.
 */
#ifndef PERF_XREGS_UTIL_PROGRESS_H
#define PERF_XREGS_UTIL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on;
	bool shown;			/* the line is there */
	uint64_t began, next;		/* ns */
};

/** progress__begin - from now on; @quiet: never */
void progress__begin(struct progress *p, bool quiet);
/** progress__due - is it time for another line? @elapsed: written, seconds */
bool progress__due(const struct progress *p, double *elapsed);
/** progress__show - write the line: one write(2), so that it does not flicker */
void progress__show(struct progress *p, const char *text);
/** progress__clear - take the line away, before anything else is written */
void progress__clear(struct progress *p);
/** progress__percent - "[ perf-xregs: VERB: 42 % of FILE ]", when it is due */
void progress__percent(struct progress *p, const char *verb, const char *file, uint64_t done, uint64_t all);

#endif
