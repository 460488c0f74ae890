/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings: one sentence each, true by the samples, said once. When there are
 * enough samples for one is in view.h, proves().
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/shell.h"
#include "views/cpu.h"
#include "views/findings.h"
#include "views/mask.h"

/* ---- texts ------------------------------------------------------------------------ */

const char *maker__printf(struct maker *m, const char *fmt, ...)
{
	const char *copy = NULL;
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n >= 0) {
		copy = arena__copy(&m->f->arena, text, n);
		free(text);
	}
	return copy ? copy : "";
}

const char *maker__percent(struct maker *m, uint64_t part, uint64_t whole)
{
	struct cell c = cell__share(part, whole);
	char buf[24];

	return maker__printf(m, "%s", cell__format(&c, buf, sizeof(buf)));
}

enum { NAME_MAX_SHOWN = 120 };

const char *maker__name(struct maker *m, const struct symbol *s)
{
	if (*s->name == '[')
		return maker__printf(m, "%s of %s", s->name, s->dso->name);
	if (text__columns(s->name) <= NAME_MAX_SHOWN)
		return s->name;
	return maker__printf(m, "%.*s...", (int)text__bytes(s->name, NAME_MAX_SHOWN), s->name);
}

const char *maker__place(struct maker *m, const struct location *loc)
{
	const char *insn = machine__insn(m->pass->machine, loc)->text, *file, *slash;
	int line;

	if (!machine__srcline(m->pass->machine, loc, &file, &line))
		return maker__printf(m, "+0x%llx (%s)", (unsigned long long)(loc->addr - loc->sym->start), insn);
	slash = strrchr(file, '/');
	return maker__printf(m, "%s:%d (%s)", slash ? slash + 1 : file, line, insn);
}

/* ---- the command that shows more -------------------------------------------------- */

static const char *maker__option(struct maker *m, const char *before, const char *option, const char *arg)
{
	const char *word = arg ? shell__quote(&m->f->arena, arg) : NULL;

	return word ? maker__printf(m, "%s %s %s", before, option, word) : before;
}

/* The report at hand, that is with the options that it was asked for. */
static const char *maker__command(struct maker *m, const struct view *view, const struct symbol *s)
{
	const struct pass_options *o = m->pass->opt;
	const char *name = s ? s->name : o->symbols;
	/* a name that is but an address may stand in other objects, too */
	const char *dsos = s && *s->name == '[' ? s->dso->name : o->dsos;
	const char *text = "perf xregs report";

	text = maker__option(m, text, "-i", o->input);
	text = maker__option(m, text, "--filter", o->filter);
	text = maker__option(m, text, "-c", o->comms);
	text = maker__option(m, text, "--pid", o->pids);
	text = maker__option(m, text, "--tid", o->tids);
	text = maker__option(m, text, "--symfs", o->symfs);
	text = maker__option(m, text, "--type", o->type);
	text = maker__printf(m, "%s%s%s --view=%s", text, o->intr ? " --intr" : "", o->no_demangle ? " --no-demangle" : "", view->name);
	text = maker__option(m, text, "-d", dsos);
	return maker__option(m, text, "-S", name);
}

void maker__add(struct maker *m, const char *kind, const char *text, const struct view *view, const struct symbol *s)
{
	size_t max = m->f->max ? m->f->max * 2 : 16;
	struct finding *list;

	if (m->f->nr == m->f->max) {
		list = realloc(m->f->list, max * sizeof(*list));
		if (!list)
			return;
		m->f->list = list;
		m->f->max = max;
	}
	m->f->list[m->f->nr++] = (struct finding){
		.kind = kind, .text = text, .more = maker__command(m, view, s), .view = view->name, .symbol = s ? s->name : NULL,
	};
}

/* ---- lanes ------------------------------------------------------------------------ */

static const struct lane_finding {
	const char *kind, *what;
	enum xstate_fp_class first, last;
	const double *floor;
} lane_findings[] = {
	{ "subnormal", "subnormal", XSTATE_FP_SUBNORMAL, XSTATE_FP_SUBNORMAL, &FLOOR_SUBNORMAL },
	{ "nan",       "NaN",	    XSTATE_FP_QNAN,	 XSTATE_FP_SNAN,      &FLOOR_NAN },
	{ "inf",       "infinite",  XSTATE_FP_INF,	 XSTATE_FP_INF,	      &FLOOR_INF },
};

/*
 * "most in ymm3 at step.c:118 (vmulps ...): 29.0 % of its lanes": the operand
 * that had most of them. The share is its own: what a constant beside it holds
 * thins out that of the function.
 */
static const char *lanes__place(struct maker *m, const struct summary_acc *a, const struct lane_finding *lf,
				enum xstate_fp_class most)
{
	const struct hist_pair *where = hist_pair__max(a->where, 1 + most);
	enum xstate_fp_class c;
	uint64_t lanes = 0;
	char name[12];

	if (!where)
		return "";
	for (c = lf->first; c <= lf->last; c++)
		lanes += where->count[1 + c];
	return maker__printf(m, ", most in %s at %s: %s of its lanes",
			     xstate_reg__name(((const struct insn_operand *)where->thing)->reg, name),
			     maker__place(m, where->loc), maker__percent(m, lanes, where->count[0]));
}

static void maker__lanes(struct maker *m, const struct hist_entry *e, const struct lane_finding *lf)
{
	const struct summary_acc *a = e->acc;
	uint64_t with = 0, lanes = 0;
	enum xstate_fp_class c, most = lf->first;
	char types[64];

	for (c = lf->first; c <= lf->last; c++) {
		with += a->fp.with[c];
		lanes += a->fp.lane[c];
		most = a->fp.lane[c] > a->fp.lane[most] ? c : most;
	}
	if (!proves(with, a->fp.samples, *lf->floor))
		return;
	maker__add(m, lf->kind,
		   maker__printf(m, "%s: %s of the %s lanes it reads are %s%s", maker__name(m, e->loc->sym),
				 maker__percent(m, lanes, a->fp.lane_total), types__text(a->fp.types, types, sizeof(types)), lf->what,
				 lanes__place(m, a, lf, most)),
		   &view_fp, e->loc->sym);
}

/* ---- upper halves --------------------------------------------------------------------- */

static const char *dirty__callers(struct maker *m, const struct dirty_acc *a)
{
	const struct hist_pair **list;
	const char *text = "";
	size_t i, n;

	list = hist_pair__sorted(a->callers, 0, &n);
	for (i = 0; i < n && i < MAX_NAMED; i++)
		text = maker__printf(m, "%s%s %s %s", text, *text ? "," : "; callers:", maker__name(m, list[i]->thing),
				     maker__percent(m, list[i]->count[0], a->legacy_in_use));
	free(list);
	list = hist_pair__sorted(a->unknown_callers, 0, &n);
	for (i = 0; i < n && i < MAX_NAMED; i++)
		text = maker__printf(m, "%s%s unknown (%s) %s", text, *text ? "," : "; callers:", (const char *)list[i]->thing,
				     maker__percent(m, list[i]->count[0], a->legacy_in_use));
	free(list);
	return text;
}

static void maker__dirty(struct maker *m, const struct hist_entry *e)
{
	const struct summary_acc *a = e->acc;
	const struct dirty_acc *d = &a->dirty;

	if (!proves(d->legacy_nonzero, d->legacy_nonzero_known, FLOOR_DIRTY))
		return;
	maker__add(m, "dirty",
		   maker__printf(m, "%s: legacy SSE code runs with upper halves in use in %s of its %llu samples, non-zero in %s%s",
				 maker__name(m, e->loc->sym), maker__percent(m, d->legacy_in_use, d->legacy_known),
				 (unsigned long long)d->legacy, maker__percent(m, d->legacy_nonzero, d->legacy_nonzero_known),
				 dirty__callers(m, d)),
		   &view_dirty, e->loc->sym);
}

/* ---- masks ------------------------------------------------------------------------------ */

/* " (one_hot 71.2 %, all_zeros 14.0 %)": what most of them are, in SDE's words. */
static const char *mask__words(struct maker *m, const struct mask_acc *a)
{
	const struct { const char *word; uint64_t count; } words[] = {
		{ "all_zeros", a->class[XSTATE_MASK_ALL_ZEROS] },
		{ "scalarish", a->scalarish },
		{ "one_hot", a->class[XSTATE_MASK_ONE_HOT] - a->scalarish },
	};
	const char *text = "";
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].count)
			text = maker__printf(m, "%s%s%s %s", text, *text ? ", " : " (", words[i].word,
					     maker__percent(m, words[i].count, a->uses));
	return *text ? maker__printf(m, "%s)", text) : text;
}

/* The instruction that had most lanes off. */
static const char *mask__place(struct maker *m, const struct mask_acc *a)
{
	const struct hist_pair *p, *most = NULL;
	uint64_t off, max = 0;

	for (p = a->insns; p; p = p->next) {
		off = p->count[PAIR_LANES] - p->count[PAIR_ON];
		if (off > max) {
			max = off;
			most = p;
		}
	}
	return most ? maker__printf(m, ", most idle at %s", maker__place(m, most->loc)) : "";
}

static bool mask__is_idle(const struct mask_acc *a)
{
	return proves(a->sparse, a->seen.samples, FLOOR_SPARSE);
}

static void maker__mask(struct maker *m, const struct hist_entry *e)
{
	const struct mask_acc *a = e->acc;

	if (!mask__is_idle(a))
		return;
	maker__add(m, "mask",
		   maker__printf(m, "%s: its masks let %s of the lanes through%s%s", maker__name(m, e->loc->sym),
				 a->on ? maker__percent(m, a->on, a->lanes) : "none", mask__words(m, a), mask__place(m, a)),
		   &view_mask, e->loc->sym);
}

/* ---- zeros ------------------------------------------------------------------------ */

/* Registers that so many lanes fill: lanes of one fail and vanish together. */
static uint64_t operand__registers(const struct hist_pair *p, uint64_t lanes)
{
	const struct insn_operand *op = p->thing;

	return lanes / (op->bytes / xstate_type__size(op->type));
}

/* Then its zeros are the lanes that its masks leave out. */
static bool symbol__is_masked(struct maker *m, const struct symbol *s)
{
	const struct hist *h = pass__hist(m->pass, &view_mask);
	const struct hist_entry *e;
	size_t i;

	for (i = 0; i < h->table.size; i++) {
		e = h->table.slot[i].item;
		if (e && e->loc->sym == s && mask__is_idle(e->acc))
			return true;
	}
	return false;
}

/*
 * Work on zeros: of one operand more than half of the lanes, but not all: that
 * would be a constant. The one with most of them stands for the function.
 */
static void maker__zero(struct maker *m, const struct hist_entry *e)
{
	const struct summary_acc *a = e->acc;
	const struct hist_pair *p, *most = NULL;
	uint64_t zero;
	char name[12];

	for (p = a->where; p; p = p->next) {
		zero = p->count[1 + XSTATE_FP_ZERO];
		if (zero < p->count[0] && (!most || zero > most->count[1 + XSTATE_FP_ZERO]) &&
		    proves(operand__registers(p, zero), operand__registers(p, p->count[0]), FLOOR_ZERO))
			most = p;
	}
	if (!most || symbol__is_masked(m, e->loc->sym))
		return;
	maker__add(m, "zero",
		   maker__printf(m, "%s: %s of the lanes of %s are zero at %s", maker__name(m, e->loc->sym),
				 maker__percent(m, most->count[1 + XSTATE_FP_ZERO], most->count[0]),
				 xstate_reg__name(((const struct insn_operand *)most->thing)->reg, name), maker__place(m, most->loc)),
		   &view_lanes, e->loc->sym);
}

/* ---- width ------------------------------------------------------------------------------ */

static void maker__wide(struct maker *m)
{
	const struct hist_entry *most = NULL;
	struct hist_entry **list;
	const struct width_acc *a;
	uint64_t known = 0, wide = 0, max = 0;
	size_t i, n;

	list = hist__sorted(pass__hist(m->pass, &view_summary), &n);
	for (i = 0; i < n; i++) {
		a = &((const struct summary_acc *)list[i]->acc)->width;
		known += a->known;
		wide += a->width[2];
		if (a->width[2] > max) {
			max = a->width[2];
			most = list[i];
		}
	}
	free(list);
	if (!proves(wide, known, FLOOR_512) || !most)
		return;
	maker__add(m, "width",
		   maker__printf(m, "512-bit state is in use in %s of the samples, most in %s (%s of them)", maker__percent(m, wide, known),
				 maker__name(m, most->loc->sym), maker__percent(m, max, wide)),
		   &view_width, NULL);
}

/* ---- CPUs ------------------------------------------------------------------------------- */

static void maker__cpu(struct maker *m, struct hist *h, const struct hist_entry *e)
{
	struct cpu_anomaly a;
	const struct stratum *s = &a.most;
	uint64_t elsewhere;
	unsigned int i;

	for (i = 0; i < NR_TESTED; i++) {
		if (!cpu__anomaly(h, e, i, &a) || !a.by_task)
			continue;
		elsewhere = s->all_with - s->group_with;
		maker__add(m, "cpu",
			   maker__printf(m, "CPU %u differs: there %s has %s lanes in %s of %llu samples, elsewhere in %s, in the same threads",
					 e->cpu, maker__name(m, a.symbol), a.name, maker__percent(m, s->group_with, s->group),
					 (unsigned long long)s->group, elsewhere ? maker__percent(m, elsewhere, s->all - s->group) : "none"),
			   &view_cpu, NULL);
	}
}

/* ---- all of them ------------------------------------------------------------------------- */

typedef void (*maker_fn)(struct maker *m, struct hist *h, const struct hist_entry *e);

static void maker__code(struct maker *m, struct hist *h, const struct hist_entry *e)
{
	unsigned int i;

	if (e->weight < FLOOR_OVERHEAD * h->weight)
		return;
	for (i = 0; i < sizeof(lane_findings) / sizeof(lane_findings[0]); i++)
		maker__lanes(m, e, &lane_findings[i]);
	if (e->weight >= FLOOR_HOT * h->weight)
		maker__zero(m, e);
	maker__dirty(m, e);
}

static void maker__masked(struct maker *m, struct hist *h, const struct hist_entry *e)
{
	if (e->weight >= FLOOR_OVERHEAD * h->weight)
		maker__mask(m, e);
}

static void maker__each(struct maker *m, const struct view *v, maker_fn make)
{
	struct hist *h = pass__hist(m->pass, v);
	struct hist_entry **list;
	size_t i, n;

	list = hist__sorted(h, &n);
	for (i = 0; i < n; i++)
		make(m, h, list[i]);
	free(list);
}

void findings__make(struct findings *f, struct pass *p)
{
	struct maker m = { .f = f, .pass = p, .all = !p->tally.filtered };

	*f = (struct findings){ 0 };
	maker__each(&m, &view_summary, maker__code);
	maker__each(&m, &view_mask, maker__masked);
	maker__threads(&m);
	maker__each(&m, &view_cpu, maker__cpu);
	maker__wide(&m);
}

void findings__free(struct findings *f)
{
	free(f->list);
	arena__free(&f->arena);
}
