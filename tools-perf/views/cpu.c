/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does one core compute differently? A faulty vector unit shows as NaNs,
 * infinities or zeros that the same code does not have on the other CPUs.
 * CPUs run different code, so each is compared with the rest symbol by symbol,
 * see stats.h; samples are counted, not lanes, which fail together.
 */
#include <stdio.h>
#include <stdlib.h>

#include "views/cpu.h"

/* By symbol, hist_pair.count: samples with lanes read; with such a lane. */
enum { PAIR_SAMPLES, PAIR_FIRST };

static const struct tested {
	const char *key, *name;
	enum xstate_fp_class first, last;
} tested[NR_TESTED] = {
	{ "zero",      "zero",	    XSTATE_FP_ZERO,	 XSTATE_FP_ZERO },
	{ "subnormal", "subnormal", XSTATE_FP_SUBNORMAL, XSTATE_FP_SUBNORMAL },
	{ "infinite",  "infinite",  XSTATE_FP_INF,	 XSTATE_FP_INF },
	{ "nan",       "NaN",	    XSTATE_FP_QNAN,	 XSTATE_FP_SNAN },
};

/*
 * Samples of one thread are alike as long as it works on the same data. So the
 * second comparison is of stays: of the times that a thread came to a CPU, in
 * how many had it such lanes there? Threads that never move say nothing.
 */
struct stay {
	uint32_t cpu;
	bool with[NR_TESTED];
};

struct cpu_acc {
	struct fp_acc fp;
	struct width_acc width;
	struct hist_pair *code;		/* thing: the symbol */
	struct hist_pair *tasks;	/* thing: the thread; counts of stays, not of samples */
	enum tri more[NR_TESTED];	/* by class, when all is counted: than on the others? */
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

static const void *facts__task(const struct facts *f)
{
	return (const void *)(uintptr_t)((uint64_t)f->s->pid << 32 | f->s->tid);
}

static void cpu__add_stay(struct hist *h, struct cpu_acc *a, const struct facts *f, const bool *has)
{
	struct hist_pair *own = hist__pair(h, &a->tasks, facts__task(f), NULL);
	struct hist_pair *all = hist__pair(h, &h->tasks, facts__task(f), NULL);
	struct stay *stay = all ? hist__pair_data(h, all, sizeof(*stay)) : NULL;
	unsigned int i;

	if (!own || !stay)
		return;
	if (!all->count[PAIR_SAMPLES] || stay->cpu != f->s->cpu) {
		*stay = (struct stay){ .cpu = f->s->cpu };
		own->count[PAIR_SAMPLES]++;
		all->count[PAIR_SAMPLES]++;
	}
	for (i = 0; i < NR_TESTED; i++) {
		if (!has[i] || stay->with[i])
			continue;
		stay->with[i] = true;
		own->count[PAIR_FIRST + i]++;
		all->count[PAIR_FIRST + i]++;
	}
}

static void cpu__add(struct hist *h, void *acc, const struct facts *f)
{
	struct hist_pair *own, *all;
	struct cpu_acc *a = acc;
	bool has[NR_TESTED];
	unsigned int i;

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
		has[i] = facts__have(f, &tested[i]);
		own->count[PAIR_FIRST + i] += has[i];
		all->count[PAIR_FIRST + i] += has[i];
	}
	cpu__add_stay(h, a, f, has);
}

/* ---- the test ------------------------------------------------------------------- */

static struct stratum pair__stratum(struct hist *h, struct hist_pair **common, const struct hist_pair *p, unsigned int class)
{
	const struct hist_pair *all = hist__pair(h, common, p->thing, p->loc);

	if (!all)
		return (struct stratum){ 0 };
	return (struct stratum){
		all->count[PAIR_SAMPLES], all->count[PAIR_FIRST + class],
		p->count[PAIR_SAMPLES], p->count[PAIR_FIRST + class],
	};
}

/* @list: of one CPU, @common: of all; by symbol, or by thread. */
static void pairs__test(struct hist *h, struct hist_pair **common, const struct hist_pair *list, unsigned int class,
			struct strata_test *t)
{
	const struct hist_pair *p;
	struct stratum *s;
	unsigned int n = 0;

	for (p = list; p; p = p->next)
		n++;
	s = calloc(n + 1, sizeof(*s));
	for (n = 0, p = list; s && p; p = p->next)
		s[n++] = pair__stratum(h, common, p, class);
	strata__test(s, s ? n : 0, t);
	free(s);
}

/* The symbol with the most samples beyond what its share of all would be. */
static void anomaly__most(struct hist *h, const struct cpu_acc *acc, unsigned int class, struct cpu_anomaly *a)
{
	const struct hist_pair *p;
	struct stratum s;
	double more, max = -1;

	for (p = acc->code; p; p = p->next) {
		s = pair__stratum(h, &h->common, p, class);
		more = s.all ? s.group_with - (double)s.group * s.all_with / s.all : -1;
		if (more > max) {
			max = more;
			a->symbol = p->thing;
			a->most = s;
		}
	}
}

static double hist__p(const struct hist *h)
{
	return CPU_P / (NR_TESTED * h->table.used);
}

static bool cpu__differs(struct hist *h, struct cpu_acc *acc, unsigned int class, struct strata_test *t)
{
	bool differs;

	pairs__test(h, &h->common, acc->code, class, t);
	differs = t->samples >= FLOOR_SAMPLES && t->p < hist__p(h);
	acc->more[class] = differs && t->with > t->expected ? TRI_YES : TRI_NO;
	return differs;
}

/* Then the others have fewer in comparison, which is nothing of their own. */
static bool hist__has_more(struct hist *h, unsigned int class)
{
	struct strata_test t;
	struct cpu_acc *acc;
	size_t i;

	for (i = 0; i < h->table.size; i++) {
		if (!h->table.slot[i].item)
			continue;
		acc = ((struct hist_entry *)h->table.slot[i].item)->acc;
		if (acc->more[class] == TRI_UNKNOWN)
			cpu__differs(h, acc, class, &t);
		if (acc->more[class] == TRI_YES)
			return true;
	}
	return false;
}

bool cpu__anomaly(struct hist *h, const struct hist_entry *e, unsigned int class, struct cpu_anomaly *a)
{
	struct cpu_acc *acc = e->acc;
	struct strata_test stays;

	*a = (struct cpu_anomaly){ .key = tested[class].key, .name = tested[class].name };
	if (!cpu__differs(h, acc, class, &a->test) ||
	    (a->test.with < a->test.expected && hist__has_more(h, class)))
		return false;
	pairs__test(h, &h->tasks, acc->tasks, class, &stays);
	a->by_task = stays.p < hist__p(h) && stays.with > stays.expected;
	anomaly__most(h, acc, class, a);
	return true;
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
	struct cpu_anomaly anomaly;
	unsigned int i;

	*c++ = (struct cell){ .kind = CELL_COUNT, .count = e->samples };
	if (types && a->fp.types)
		*c = (struct cell){ .kind = CELL_TEXT, .text = types__text(a->fp.types, types, 64) };
	else
		*c = (struct cell){ .kind = a->fp.insn_unknown == a->fp.all ? CELL_UNKNOWN : CELL_NONE };
	c++;
	for (i = 0; i < NR_TESTED; i++, c++) {
		fp_acc__cell(&a->fp, tested[i].first, tested[i].last, c);
		c->mark = cpu__anomaly(h, e, i, &anomaly);
	}
	*c++ = cell__share(a->width.width[1], a->width.known);
	*c++ = cell__share(a->width.width[2], a->width.known);
	*c++ = cell__share(a->fp.unknown, e->samples);
}

static void cpu__detail(const struct cpu_anomaly *a, struct output *o)
{
	static const struct column columns[] = {
		{ "class", "Class", CELL_TEXT }, { "samples", "Samples", CELL_COUNT },
		{ "with", "With", CELL_COUNT }, { "expected", "Expected", CELL_NUMBER },
		{ "p", "p", CELL_NUMBER },
	};
	const struct strata_test *t = &a->test;
	const struct cell cells[] = {
		{ .kind = CELL_TEXT, .text = a->key }, { .kind = CELL_COUNT, .count = t->samples },
		{ .kind = CELL_COUNT, .count = t->with }, { .kind = CELL_NUMBER, .share = t->expected },
		{ .kind = CELL_NUMBER, .share = t->p },
	};
	char text[256], p[16] = "< 1e-15";

	if (t->p >= 1e-15)
		snprintf(p, sizeof(p), "%.1g", t->p);
	snprintf(text, sizeof(text), "          ! %s lanes in %llu of %llu samples, of as many of the same code elsewhere in %.3g (p %s)",
		 a->name, (unsigned long long)t->with, (unsigned long long)t->samples, t->expected, p);
	o->ops->detail(o, "anomaly", text, columns, cells, sizeof(cells) / sizeof(cells[0]));
}

static void cpu__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	struct cpu_anomaly a;
	unsigned int i;

	for (i = 0; i < NR_TESTED; i++)
		if (cpu__anomaly(h, e, i, &a))
			cpu__detail(&a, o);
}

const struct view view_cpu = {
	.name = "cpu", .help = "whether one CPU computes differently: classes and widths by CPU",
	.sort = "cpu",
	.acc_size = sizeof(struct cpu_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = cpu__add, .cells = cpu__cells, .details = cpu__details,
};
