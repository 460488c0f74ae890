/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does one core compute differently? A faulty vector unit shows as NaNs,
 * infinities or zeros that the same code does not have on the other CPUs.
 * CPUs run different code, so each is compared with the rest symbol by symbol,
 * see stats.h; samples are counted, not lanes, which fail together.
 */
#include <stdio.h>
#include <stdlib.h>

#include "views/stats.h"
#include "views/view.h"

/* By symbol, hist_pair.count: samples with lanes read; with such a lane. */
enum { PAIR_SAMPLES, PAIR_FIRST, NR_TESTED = 4 };

static const struct tested {
	const char *key, *name;
	enum xstate_fp_class first, last;
} tested[NR_TESTED] = {
	{ "zero",      "zero",	    XSTATE_FP_ZERO,	 XSTATE_FP_ZERO },
	{ "subnormal", "subnormal", XSTATE_FP_SUBNORMAL, XSTATE_FP_SUBNORMAL },
	{ "infinite",  "infinite",  XSTATE_FP_INF,	 XSTATE_FP_INF },
	{ "nan",       "NaN",	    XSTATE_FP_QNAN,	 XSTATE_FP_SNAN },
};

struct cpu_acc {
	struct fp_acc fp;
	struct width_acc width;
	struct hist_pair *code;		/* thing: the symbol */
};

static bool facts__have(const struct facts *f, const struct tested *t)
{
	unsigned int i, c;

	for (i = 0; i < f->nr_fp; i++)
		for (c = t->first; c <= t->last; c++)
			if (f->fp[i].counts.lane[c])
				return true;
	return false;
}

static void cpu__add(struct hist *h, void *acc, const struct facts *f)
{
	struct hist_pair *own, *all;
	struct cpu_acc *a = acc;
	unsigned int i;
	bool has;

	fp_acc__add(&a->fp, f);
	width_acc__add(&a->width, f);
	if (!f->nr_fp)
		return;
	own = hist__pair(h, &a->code, f->loc->sym, f->loc);
	all = hist__pair(h, &h->common, f->loc->sym, f->loc);
	if (!own || !all)
		return;
	own->count[PAIR_SAMPLES]++;
	all->count[PAIR_SAMPLES]++;
	for (i = 0; i < NR_TESTED; i++) {
		has = facts__have(f, &tested[i]);
		own->count[PAIR_FIRST + i] += has;
		all->count[PAIR_FIRST + i] += has;
	}
}

/* ---- the test ------------------------------------------------------------------- */

static void cpu__test(struct hist *h, const struct cpu_acc *a, unsigned int class, struct strata_test *t)
{
	const struct hist_pair *p, *all;
	struct stratum *s;
	unsigned int n = 0;

	for (p = a->code; p; p = p->next)
		n++;
	s = calloc(n + 1, sizeof(*s));
	for (n = 0, p = a->code; s && p; p = p->next) {
		all = hist__pair(h, &h->common, p->thing, p->loc);
		if (all)
			s[n++] = (struct stratum){
				all->count[PAIR_SAMPLES], all->count[PAIR_FIRST + class],
				p->count[PAIR_SAMPLES], p->count[PAIR_FIRST + class],
			};
	}
	strata__test(s, n, t);
	free(s);
}

/*
 * Twenty samples to compare at least, and p below 0.001 for all comparisons of
 * the report together [Bonferroni].
 */
static bool test__differs(const struct hist *h, const struct strata_test *t)
{
	return t->samples >= FLOOR_SAMPLES && t->p < CPU_P / (NR_TESTED * h->table.used);
}

static const struct column columns[] = {
	{ "samples",	"Samples", CELL_COUNT },
	{ "lane_type",	"Type", CELL_TEXT, COLUMN_LEFT },
	{ "zero",	"Zero", CELL_SHARE },
	{ "subnormal",	"Subnormal", CELL_SHARE },
	{ "infinite",	"Inf", CELL_SHARE },
	{ "nan",	"NaN", CELL_SHARE },
	{ "in_use_256",	"256", CELL_SHARE, 0, "state in use" },
	{ "in_use_512",	"512", CELL_SHARE, 0, "state in use" },
	{ "unknown",	"Unknown", CELL_SHARE },
};

static void cpu__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct cpu_acc *a = e->acc;
	char *types = hist__alloc(h, 64);
	struct strata_test t;
	unsigned int i;

	*c++ = (struct cell){ .kind = CELL_COUNT, .count = e->samples };
	if (types && a->fp.types)
		*c = (struct cell){ .kind = CELL_TEXT, .text = types__text(a->fp.types, types, 64) };
	else
		*c = (struct cell){ .kind = a->fp.insn_unknown == a->fp.all ? CELL_UNKNOWN : CELL_NONE };
	c++;
	for (i = 0; i < NR_TESTED; i++, c++) {
		fp_acc__cell(&a->fp, tested[i].first, tested[i].last, c);
		cpu__test(h, a, i, &t);
		c->mark = test__differs(h, &t);
	}
	*c++ = cell__share(a->width.width[1], a->width.known);
	*c++ = cell__share(a->width.width[2], a->width.known);
	*c++ = cell__share(a->fp.unknown, e->samples);
}

static void cpu__detail(const struct tested *class, const struct strata_test *t, struct output *o)
{
	static const struct column columns[] = {
		{ "class", "Class", CELL_TEXT }, { "samples", "Samples", CELL_COUNT },
		{ "with", "With", CELL_COUNT }, { "expected", "Expected", CELL_NUMBER },
		{ "p", "p", CELL_NUMBER },
	};
	const struct cell cells[] = {
		{ .kind = CELL_TEXT, .text = class->key }, { .kind = CELL_COUNT, .count = t->samples },
		{ .kind = CELL_COUNT, .count = t->with }, { .kind = CELL_NUMBER, .share = t->expected },
		{ .kind = CELL_NUMBER, .share = t->p },
	};
	char text[256], p[16] = "< 1e-15";

	if (t->p >= 1e-15)
		snprintf(p, sizeof(p), "%.1g", t->p);
	snprintf(text, sizeof(text), "          ! %s lanes in %llu of %llu samples, %.1f expected of the same code elsewhere (p %s)",
		 class->name, (unsigned long long)t->with, (unsigned long long)t->samples, t->expected, p);
	o->ops->detail(o, "anomaly", text, columns, cells, sizeof(cells) / sizeof(cells[0]));
}

static void cpu__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	const struct cpu_acc *a = e->acc;
	struct strata_test t;
	unsigned int i;

	for (i = 0; i < NR_TESTED; i++) {
		cpu__test(h, a, i, &t);
		if (test__differs(h, &t))
			cpu__detail(&tested[i], &t, o);
	}
}

const struct view view_cpu = {
	.name = "cpu", .help = "whether one CPU computes differently: classes and widths by CPU",
	.sort = "cpu",
	.acc_size = sizeof(struct cpu_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = cpu__add, .cells = cpu__cells, .details = cpu__details,
};
