/* SPDX-License-Identifier: GPL-2.0-only */
/* Does one CPU compute differently from the others? */
#ifndef PERF_XREGS_CPU_H
#define PERF_XREGS_CPU_H

#include "views/stats.h"
#include "views/view.h"

enum { NR_TESTED = 4 };			/* classes: zero, subnormal, infinite, NaN */

struct cpu_anomaly {
	const char *key, *name;		/* of the class */
	struct strata_test test;	/* samples with it, by symbol */
	bool by_task;			/* threads have it more while they are on this CPU */
	const struct symbol *symbol;	/* that shows it most */
	struct stratum most;		/* ... its samples */
};

/**
 * cpu__anomaly - has a CPU more or fewer samples with lanes of a class?
 * @h: of view_cpu, by CPU
 * @class: below NR_TESTED
 *
 * At least FLOOR_SAMPLES to compare, and p below CPU_P for all comparisons of
 * the report together [Bonferroni]. Fewer only where no other CPU has more.
 * @a->test is filled in either way.
 */
bool cpu__anomaly(struct hist *h, const struct hist_entry *e, unsigned int class, struct cpu_anomaly *a);

#endif
