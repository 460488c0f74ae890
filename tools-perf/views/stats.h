/* SPDX-License-Identifier: GPL-2.0-only */
/* Does one group differ from the rest in the same code? */
#ifndef PERF_XREGS_STATS_H
#define PERF_XREGS_STATS_H

#include <stdbool.h>
#include <stdint.h>

/* One stratum (a symbol): a 2 x 2 table by its margins and one cell. */
struct stratum {
	uint64_t all, all_with;		/* samples; of them with the property */
	uint64_t group, group_with;	/* the same of the group that is looked at */
};

struct strata_test {
	double p;			/* two-sided; 1: nothing to compare */
	uint64_t samples, with;		/* of the group, in strata that others share */
	double expected;		/* of @with, if it were as the others */
};

/**
 * strata__test - test of Cochran, Mantel and Haenszel over @n strata
 *
 * Given the margins of each stratum the group's count is hypergeometric if the
 * group is as the others. Exact (the sum's distribution by convolution, as for
 * Mantel's exact test) up to 500 samples with the property, or without it;
 * above by the normal approximation with continuity correction.
 */
void strata__test(const struct stratum *s, unsigned int n, struct strata_test *t);

#endif
