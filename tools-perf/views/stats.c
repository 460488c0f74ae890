/* SPDX-License-Identifier: GPL-2.0-only */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "views/stats.h"

enum { EXACT_MAX = 500 };

static double log_choose(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* P(X = k): k of the group's samples are among the all_with ones. */
static double stratum__probability(const struct stratum *s, uint64_t k)
{
	if (k > s->group || k > s->all_with || s->all_with - k > s->all - s->group)
		return 0;
	return exp(log_choose(s->all_with, k) + log_choose(s->all - s->all_with, s->group - k) -
		   log_choose(s->all, s->group));
}

/* Strata in which the group stands alone, or where all are alike, say nothing. */
static bool stratum__tells(const struct stratum *s)
{
	return s->group && s->group < s->all && s->all_with && s->all_with < s->all;
}

static void convolve(const double *from, uint64_t n, const struct stratum *s, double *to)
{
	uint64_t i, k, max = s->all_with < s->group ? s->all_with : s->group;
	double p;

	memset(to, 0, (n + max + 1) * sizeof(*to));
	for (k = 0; k <= max; k++) {
		p = stratum__probability(s, k);
		for (i = 0; p > 0 && i <= n; i++)
			to[i + k] += from[i] * p;
	}
}

/* The smaller tail, doubled; below 0: no memory. */
static double strata__exact(const struct stratum *s, unsigned int n, uint64_t with, uint64_t max)
{
	double *a = calloc(max + 2, sizeof(*a)), *b = calloc(max + 2, sizeof(*b)), *t, low = 0, high = 0;
	uint64_t reach = 0, i;
	unsigned int k;

	for (k = 0; a && b && k < n; k++) {
		if (!k)
			a[0] = 1;
		convolve(a, reach, &s[k], b);
		reach += s[k].all_with < s[k].group ? s[k].all_with : s[k].group;
		t = a;
		a = b;
		b = t;
	}
	for (i = 0; a && i <= reach; i++) {
		low += i <= with ? a[i] : 0;
		high += i >= with ? a[i] : 0;
	}
	k = a && b;
	free(a);
	free(b);
	return k ? fmin(1, 2 * fmin(low, high)) : -1;
}

static double strata__normal(const struct stratum *s, unsigned int n, uint64_t with)
{
	double expected = 0, variance = 0, d, N, m, g;
	unsigned int i;

	for (i = 0; i < n; i++) {
		N = s[i].all;
		m = s[i].all_with;
		g = s[i].group;
		expected += g * m / N;
		variance += g * (N - g) * m * (N - m) / (N * N * (N - 1));
	}
	d = fabs(with - expected) - 0.5;
	return variance <= 0 || d <= 0 ? 1 : erfc(d / sqrt(2 * variance));
}

/* Without the property instead of with it: the same test, with smaller numbers. */
static void strata__turn(struct stratum *s, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		s[i].all_with = s[i].all - s[i].all_with;
		s[i].group_with = s[i].group - s[i].group_with;
	}
}

static double strata__p(struct stratum *s, unsigned int n)
{
	uint64_t all = 0, all_with = 0, with = 0;
	unsigned int i;
	double p = -1;

	for (i = 0; i < n; i++) {
		all += s[i].all;
		all_with += s[i].all_with;
	}
	if (all_with > all - all_with) {
		strata__turn(s, n);
		all_with = all - all_with;
	}
	for (i = 0; i < n; i++)
		with += s[i].group_with;
	if (all_with <= EXACT_MAX)
		p = strata__exact(s, n, with, all_with);
	return p >= 0 ? p : strata__normal(s, n, with);
}

void strata__test(const struct stratum *s, unsigned int n, struct strata_test *t)
{
	struct stratum *work = calloc(n ? n : 1, sizeof(*work));
	unsigned int i, nr = 0;

	*t = (struct strata_test){ .p = 1 };
	for (i = 0; i < n; i++) {
		if (s[i].group == s[i].all)
			continue;
		t->samples += s[i].group;
		t->with += s[i].group_with;
		t->expected += (double)s[i].group * (s[i].all_with - s[i].group_with) / (s[i].all - s[i].group);
		if (work && stratum__tells(&s[i]))
			work[nr++] = s[i];
	}
	if (nr)
		t->p = strata__p(work, nr);
	free(work);
}
