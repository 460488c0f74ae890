/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "browser/state.h"

/* ---- open and read ------------------------------------------------------------------ */

static const char *state__copy(struct state *s, const char *text)
{
	return text ? arena__copy(&s->arena, text, strlen(text)) : NULL;
}

static const char *either(const char *a, const char *b)
{
	return a ? a : b;
}

/* The options, and what the query says in their place. */
static void state__ask(struct state *s, const struct query *q)
{
	s->pass_options = *s->options->pass;
	s->query.sort = s->options->sort;
	if (!q)
		return;
	s->query = (struct query){
		.filter = state__copy(s, q->filter), .sort = state__copy(s, q->sort), .comms = state__copy(s, q->comms),
		.dsos = state__copy(s, q->dsos), .pids = state__copy(s, q->pids), .tids = state__copy(s, q->tids),
		.thread = state__copy(s, q->thread),
	};
	s->pass_options.filter = q->filter && !*q->filter ? NULL : either(s->query.filter, s->pass_options.filter);
	s->pass_options.comms = either(s->query.comms, s->pass_options.comms);
	s->pass_options.dsos = either(s->query.dsos, s->pass_options.dsos);
	s->pass_options.pids = either(s->query.pids, s->pass_options.pids);
	s->pass_options.tids = either(s->query.tids, s->pass_options.tids);
}

/* Callers are of recordings with call chains, as in a page; below rows of the first view too. */
static int state__add_view(struct state *s, const struct view *v, struct err *e)
{
	const bool chains = pass__has_chains(&s->pass);
	struct hist *h;

	if ((v->inclusive && !chains && s->options->view != v) || s->nr_views == STATE_MAX_VIEWS)
		return 0;
	if (pass__add_view(&s->pass, v, s->query.sort, e))
		return -1;
	h = &s->pass.hist[s->pass.nr_hists - 1];
	h->want_callers |= chains && v == &view_summary;
	s->view[s->nr_views++].hist = h;
	return 0;
}

/* Findings and functions are by symbol or thread: counted apart, and first, where the rows are not. */
static int state__add_views(struct state *s, struct err *e)
{
	const struct view *v;
	unsigned int i;

	if (s->query.sort && pass__add_findings(&s->pass, e))
		return -1;
	for (i = 0; (v = view__list(i)); i++)
		if (state__add_view(s, v, e))
			return -1;
	s->threads = pass__hist(&s->pass, &view_mxcsr);
	s->functions.masks = pass__hist(&s->pass, &view_mask);
	s->functions.reads = s->query.sort ? NULL : pass__hist(&s->pass, &view_operands);
	return function_hists__add(&s->functions, &s->pass, e);
}

int state__new(const struct browser_options *o, const struct query *q, struct state *before,
	       struct state **state, struct err *e)
{
	struct state *s;

	if (before && before->depth + 1 == STATE_MAX_DEPTH)
		return err__set(e, "this is the %dth filter, sort or zoom at once; go back by Left first", STATE_MAX_DEPTH);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err__set(e, "out of memory");
	s->before = before;
	s->depth = before ? before->depth + 1 : 0;
	s->options = o;
	doc__init(&s->about);
	state__ask(s, q);
	if (pass__open(&s->pass, &s->pass_options, e) || state__add_views(s, e)) {
		state__free(s);
		return -1;
	}
	*state = s;
	return 0;
}

void state__free(struct state *s)
{
	unsigned int i;

	for (i = 0; i < s->nr_views; i++) {
		list__free(&s->view[i].list);
		doc__free(&s->view[i].doc);
	}
	doc__free(&s->about);
	pass__free(&s->pass);
	arena__free(&s->arena);
	free(s);
}

static void state__findings(struct state *s, struct output *o)
{
	struct findings f;

	findings__make(&f, &s->pass);
	o->ops->findings(o, f.list, f.nr);
	findings__free(&f);
}

static int state__tick(void *ctx, uint64_t done, uint64_t size)
{
	struct state *s = ctx;

	s->ended = s->tick(s->tick_ctx, done, size);
	return s->ended;
}

int state__read(struct state *s, state_tick *tick, void *ctx, struct err *e)
{
	s->tick = tick;
	s->tick_ctx = ctx;
	s->pass.tick = tick ? state__tick : NULL;
	s->pass.tick_ctx = s;
	if (pass__read(&s->pass, &s->trouble) && (s->ended || !s->pass.tally.samples)) {
		*e = s->trouble;
		return -1;
	}
	pass__head(&s->pass, &s->about.out);
	state__findings(s, &s->about.out);
	foot__print(s->pass.machine, &s->pass.tally, &s->about.out);
	return 0;
}

/* ---- views and functions ----------------------------------------------------------------- */

struct state_view *state__view(struct state *s, unsigned int i, struct err *e)
{
	const struct hist_print print = { .percent_limit = s->options->percent_limit };
	struct state_view *v = &s->view[i];

	if (v->made)
		return v;
	doc__init(&v->doc);
	hist__print(v->hist, &print, &v->doc.out);
	pass__note_chains(&s->pass, v->hist, &v->doc.out);
	if (v->doc.no_memory || list__init(&v->list, &v->doc, v->hist->view->details)) {
		list__free(&v->list);
		doc__free(&v->doc);
		err__set(e, "out of memory for the rows of this view; narrow it with f");
		return NULL;
	}
	v->made = true;
	return v;
}

int state__find_view(const struct state *s, const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < s->nr_views; i++)
		if (strlen(s->view[i].hist->view->name) == len && !strncmp(s->view[i].hist->view->name, name, len))
			return i;
	return -1;
}

int state__function(struct state *s, const struct hist_entry *entry, struct doc *d, struct err *e)
{
	const struct hist_entry *reads = hist__of_symbol(s->functions.reads, entry->loc->sym);

	if (function__check(s->pass.machine, entry, e))
		return -1;
	if (!reads)
		return err__set(e, "no sample is in '%.200s'", entry__symbol_name(entry));
	doc__init(d);
	function__print(&s->functions, reads, &d->out);
	if (!d->no_memory)
		return 0;
	doc__free(d);
	return err__set(e, "out of memory for the instructions of '%.200s'", entry__symbol_name(entry));
}

void state__write_view(struct state *s, unsigned int i, struct output *o)
{
	const struct hist_print print = { .percent_limit = s->options->percent_limit };

	pass__head(&s->pass, o);
	hist__print(s->view[i].hist, &print, o);
	if (s->view[i].hist->view == &view_summary && !s->query.sort)
		state__findings(s, o);
	pass__note_chains(&s->pass, s->view[i].hist, o);
	foot__print(s->pass.machine, &s->pass.tally, o);
}

void state__write_function(struct state *s, const struct hist_entry *entry, struct output *o)
{
	pass__head(&s->pass, o);
	function__print(&s->functions, hist__of_symbol(s->functions.reads, entry->loc->sym), o);
}

/* ---- the head in one line -------------------------------------------------------------------- */

static size_t head__share(char *buf, size_t size, size_t n, const char *before, double part, double whole)
{
	struct cell c = cell__share((uint64_t)part, (uint64_t)whole);
	char share[24];

	if (n >= size)
		return n;
	return n + snprintf(buf + n, size - n, "%s%s", before, part > 0 ? cell__format(&c, share, sizeof(share)) : "0 %");
}

/* What is wrong with the recording is said here if it is. */
static size_t head__counts(const struct state *s, const char *sep, char *buf, size_t size, size_t n)
{
	static const struct {
		const char *key, *text;
	} counts[] = {
		{ "malformed", "malformed" }, { "kernel_hits", "kernel" }, { "blocked", "blocked" }, { "throttled", "times throttled" },
		{ "damaged_records", "damaged records" },
	};
	double number;
	unsigned int i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]) && n < size; i++) {
		number = doc__fact(&s->about, counts[i].key);
		if (number > 0)
			n += snprintf(buf + n, size - n, "%s%.0f %s", sep, number, counts[i].text);
	}
	if (n < size && (doc__fact(&s->about, "truncated_offset") >= 0 || doc__fact(&s->about, "unfinished") > 0))
		n += snprintf(buf + n, size - n, "%sfile incomplete", sep);
	return n;
}

void state__short_head(const struct state *s, char *buf, size_t size)
{
	const struct doc *d = &s->about;
	const char *sep = d->out.utf8 ? " \302\267 " : " | ";
	const double samples = doc__fact(d, "samples"), passed = doc__fact(d, "filter_passed");
	size_t n = snprintf(buf, size, "%.0f samples", samples);

	if (passed >= 0 && n < size)
		n += snprintf(buf + n, size - n, ", %.0f pass (%.0f unknown)", passed, doc__fact(d, "filter_unknown"));
	if (n < size)
		n += snprintf(buf + n, size - n, "%s%.0f lost%s", sep, doc__fact(d, "lost"), sep);
	n = head__share(buf, size, n, "delivered ", doc__fact(d, "delivered"), samples);
	n = head__share(buf, size, n, ", unknown ", doc__fact(d, "unknown"), samples);
	if (doc__fact(d, "delivered_in_part") > 0)
		n = head__share(buf, size, n, ", part ", doc__fact(d, "delivered_in_part"), samples);
	head__counts(s, sep, buf, size, n);
}
