/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings: one sentence each, true by the samples, said once. When there are
 * enough samples for one is in view.h, proves().
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/view.h"

struct maker {
	struct findings *f;
	const struct hist *summary, *threads;
	const char *input;
	bool all;			/* no option leaves samples out */
};

enum { MAX_NAMED = 3, TEXT_MAX = 1024 };

static const char *maker__printf(struct maker *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static const char *maker__printf(struct maker *m, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return arena__copy(&m->f->arena, text, strlen(text));
}

/* A word of a shell command, in quotes where it needs them. */
static const char *maker__quote(struct maker *m, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+-@%,";
	char text[TEXT_MAX];
	size_t n = 0;

	if (*s && !s[strspn(s, plain)])
		return s;
	text[n++] = '\'';
	for (; *s && n < sizeof(text) - 8; s++)
		if (*s == '\'')
			n += sprintf(text + n, "'\\''");
		else
			text[n++] = *s;
	text[n++] = '\'';
	s = arena__copy(&m->f->arena, text, n);
	return s ? s : "";
}

static void maker__add(struct maker *m, const char *kind, const char *text, const char *options)
{
	size_t max = m->f->max ? m->f->max * 2 : 16;
	struct finding *list;
	const char *more;

	if (m->f->nr == m->f->max) {
		list = realloc(m->f->list, max * sizeof(*list));
		if (!list)
			return;
		m->f->list = list;
		m->f->max = max;
	}
	more = maker__printf(m, "perf xregs report %s%s%s", m->input ? "-i " : "", m->input ? maker__quote(m, m->input) : "",
			     m->input ? " " : "");
	more = more ? maker__printf(m, "%s%s", more, options) : NULL;
	if (text && more)
		m->f->list[m->f->nr++] = (struct finding){ .kind = kind, .text = text, .more = more };
}

static const char *percent(struct maker *m, uint64_t part, uint64_t whole)
{
	struct cell c = cell__share(part, whole);
	char buf[24];
	const char *s = maker__printf(m, "%s", cell__format(&c, buf, sizeof(buf)));

	return s ? s : "";
}

/* A name that is only an address says little without its object. */
static const char *maker__name(struct maker *m, const struct hist_entry *e)
{
	const char *name = entry__symbol_name(e), *both = NULL;

	if (*name == '[')
		both = maker__printf(m, "%s of %s", name, e->loc->sym->dso->name);
	return both ? both : name;
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
	const char *file, *slash, *at, *text;
	enum xstate_fp_class c;
	uint64_t lanes = 0;
	char name[12];
	int line;

	if (!where)
		return "";
	for (c = lf->first; c <= lf->last; c++)
		lanes += where->count[1 + c];
	xstate_reg__name(((const struct insn_operand *)where->thing)->reg, name);
	if (machine__srcline(m->summary->machine, where->loc, &file, &line)) {
		slash = strrchr(file, '/');
		at = maker__printf(m, "%s:%d", slash ? slash + 1 : file, line);
	} else {
		at = maker__printf(m, "+0x%llx", (unsigned long long)(where->loc->addr - where->loc->sym->start));
	}
	text = maker__printf(m, ", most in %s at %s (%s): %s of its lanes", name, at ? at : "",
			     machine__insn(m->summary->machine, where->loc)->text, percent(m, lanes, where->count[0]));
	return text ? text : "";
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
		   maker__printf(m, "%s: %s of the %s lanes it reads are %s%s", maker__name(m, e),
				 percent(m, lanes, a->fp.lane_total), types__text(a->fp.types, types, sizeof(types)), lf->what,
				 lanes__place(m, a, lf, most)),
		   maker__printf(m, "--view=fp -S %s", maker__quote(m, entry__symbol_name(e))));
}

/* ---- upper halves --------------------------------------------------------------------- */

static const char *dirty__callers(struct maker *m, const struct dirty_acc *a)
{
	const struct hist_pair **list;
	const char *text = "; callers:";
	size_t i, n;

	if (!a->callers && !a->no_frame)
		return "";
	list = hist_pair__sorted(a->callers, 0, &n);
	for (i = 0; i < n && i < MAX_NAMED && text; i++)
		text = maker__printf(m, "%s%s %.200s %s", text, i ? "," : "", ((const struct symbol *)list[i]->thing)->name,
				     percent(m, list[i]->count[0], a->legacy_in_use));
	if (a->no_frame && text)
		text = maker__printf(m, "%s%s unknown (no frame pointer) %s", text, n ? "," : "",
				     percent(m, a->no_frame, a->legacy_in_use));
	free(list);
	return text ? text : "";
}

static void maker__dirty(struct maker *m, const struct hist_entry *e)
{
	const struct summary_acc *a = e->acc;
	const struct dirty_acc *d = &a->dirty;

	if (!proves(d->legacy_nonzero, d->legacy_nonzero_known, FLOOR_DIRTY))
		return;
	maker__add(m, "dirty",
		   maker__printf(m, "%s: legacy SSE code runs with upper halves in use in %s of its %llu samples, non-zero in %s%s",
				 maker__name(m, e), percent(m, d->legacy_in_use, d->legacy_known),
				 (unsigned long long)d->legacy, percent(m, d->legacy_nonzero, d->legacy_nonzero_known),
				 dirty__callers(m, d)),
		   maker__printf(m, "--view=dirty -S %s", maker__quote(m, entry__symbol_name(e))));
}

/* ---- width ------------------------------------------------------------------------------ */

static void maker__wide(struct maker *m, struct hist_entry **list, size_t n)
{
	const struct hist_entry *most = NULL;
	const struct width_acc *a;
	uint64_t known = 0, wide = 0, max = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		a = &((const struct summary_acc *)list[i]->acc)->width;
		known += a->known;
		wide += a->width[2];
		if (a->width[2] > max) {
			max = a->width[2];
			most = list[i];
		}
	}
	if (!proves(wide, known, FLOOR_512) || !most)
		return;
	maker__add(m, "width",
		   maker__printf(m, "512-bit state is in use in %s of the samples, most in %s (%s of them)", percent(m, wide, known),
				 maker__name(m, most), percent(m, max, wide)),
		   "--view=width");
}

/* ---- MXCSR ------------------------------------------------------------------------------- */

/* Threads that ran with one control value that is not the default. */
struct control {
	uint32_t value;
	uint64_t samples, threads;
	const struct hist_entry *thread[MAX_NAMED];
};

static bool entry__control(const struct hist_entry *e, uint32_t *value)
{
	const struct mxcsr_acc *a = e->acc;

	*value = a->control;
	return a->known && a->control != MXCSR_INIT;
}

static bool control__done(struct hist_entry **list, size_t i, uint32_t value)
{
	uint32_t v;

	while (i-- > 0)
		if (entry__control(list[i], &v) && v == value)
			return true;
	return false;
}

static void control__collect(struct control *c, struct hist_entry **list, size_t n)
{
	uint32_t v;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!entry__control(list[i], &v) || v != c->value)
			continue;
		c->samples += list[i]->samples;
		if (c->threads < MAX_NAMED)
			c->thread[c->threads] = list[i];
		c->threads++;
	}
}

/* Samples with known MXCSR of a thread, whatever the control value. */
static uint64_t thread__known(struct hist_entry **list, size_t n, const struct hist_entry *t)
{
	uint64_t known = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i]->tid == t->tid && list[i]->pid == t->pid)
			known += ((const struct mxcsr_acc *)list[i]->acc)->known;
	return known;
}

static size_t threads__count(struct hist_entry **list, size_t n)
{
	size_t i, k, threads = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < i && (list[k]->tid != list[i]->tid || list[k]->pid != list[i]->pid); k++)
			;
		threads += k == i;
	}
	return threads;
}

static const char *control__who(struct maker *m, const struct control *c, size_t threads)
{
	const char *text = "in";
	uint64_t i;

	if (threads == 1)
		return maker__printf(m, "in thread %u \"%s\"", c->thread[0]->tid, c->thread[0]->comm);
	if (c->threads == threads)
		return maker__printf(m, "in all %zu threads%s", threads, m->all ? "" : " shown");
	if (c->threads > MAX_NAMED)
		return maker__printf(m, "in %llu of %zu threads", (unsigned long long)c->threads, threads);
	for (i = 0; i < c->threads && text; i++)
		text = maker__printf(m, "%s%s thread %u \"%s\"", text, i ? "," : "", c->thread[i]->tid, c->thread[i]->comm);
	return text ? maker__printf(m, "%s%s", text, m->all ? " only" : "") : NULL;
}

static void maker__control(struct maker *m, const struct control *c, struct hist_entry **list,
			   size_t n, size_t threads)
{
	const struct mxcsr_acc *first = c->thread[0]->acc;
	uint64_t known = 0, i;
	char text[MXCSR_TEXT_MAX];
	const char *since = "";

	for (i = 0; i < n; i++)
		known += ((const struct mxcsr_acc *)list[i]->acc)->known;
	if (c->threads == 1)
		known = thread__known(list, n, c->thread[0]);
	if (!proves(c->samples, known, FLOOR_MXCSR))
		return;
	if (c->threads == 1)
		since = c->samples == known ? ", in all of its samples" :
			maker__printf(m, ", in %s of its samples, first after %.3fs", percent(m, c->samples, known), first->first_seen);
	maker__add(m, "mxcsr",
		   maker__printf(m, "MXCSR is not the default (%s) %s%s", mxcsr__text(c->value, text),
				 control__who(m, c, threads), since ? since : ""),
		   "--view=mxcsr");
}

static void maker__mxcsr(struct maker *m)
{
	struct hist_entry **list;
	size_t i, n, threads;
	uint32_t value;

	list = hist__sorted(m->threads, &n);
	threads = threads__count(list, n);
	for (i = 0; i < n; i++) {
		struct control c = { 0 };

		if (!entry__control(list[i], &value) || control__done(list, i, value))
			continue;
		c.value = value;
		control__collect(&c, list, n);
		maker__control(m, &c, list, n, threads);
	}
	free(list);
}

void findings__make(struct findings *f, const struct hist *summary, const struct hist *threads,
		    const char *input, bool all)
{
	struct maker m = { .f = f, .summary = summary, .threads = threads, .input = input, .all = all };
	struct hist_entry **list;
	size_t i, k, n;

	memset(f, 0, sizeof(*f));
	list = hist__sorted(summary, &n);
	for (i = 0; i < n && list[i]->weight >= FLOOR_OVERHEAD * summary->weight; i++) {
		for (k = 0; k < sizeof(lane_findings) / sizeof(lane_findings[0]); k++)
			maker__lanes(&m, list[i], &lane_findings[k]);
		maker__dirty(&m, list[i]);
	}
	maker__mxcsr(&m);
	maker__wide(&m, list, n);
	free(list);
}

void findings__free(struct findings *f)
{
	free(f->list);
	arena__free(&f->arena);
}
