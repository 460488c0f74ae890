/* SPDX-License-Identifier: GPL-2.0-only */
/* The report in a terminal: views to switch, rows to open, filters to type. */
#ifndef PERF_XREGS_BROWSER_H
#define PERF_XREGS_BROWSER_H

#include "views/pass.h"

struct browser_options {
	const struct pass_options *pass;
	const char *sort;		/* NULL: each view's own */
	const struct view *view;	/* to begin with */
	double percent_limit;
	bool color;
};

/**
 * browser__usable - is there a terminal for it?
 * Return: 0, or -1 with @e (usage): why not, and --stdio.
 */
int browser__usable(struct err *e);

/**
 * browser__run - read the recording and show it until the user leaves
 *
 * The terminal is as it was before when this returns, and when a signal ends
 * the process.
 *
 * Return: 0; -1 with @e: as pass__open() and pass__read(); also when a damaged
 * recording was shown as far as it goes.
 */
int browser__run(const struct browser_options *o, struct err *e);

#endif
