/* SPDX-License-Identifier: GPL-2.0-only */
/* Another question to the recording: one more pass, and the way back. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "browser/internal.h"
#include "browser/label.h"
#include "browser/terminal.h"

void browser__say(struct browser *b, bool wrong, const char *fmt, ...)
{
	struct arena a = { 0 };
	char text[sizeof(b->message)];
	const char *label;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	label = label__make(&a, text);
	snprintf(b->message, sizeof(b->message), "%s", label ? label : "out of memory");
	b->message_wrong = wrong;
	arena__free(&a);
}

/* ---- a pass --------------------------------------------------------------------------- */

enum { FIRST_MS = 100, EACH_MS = 100 };

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What is soon done is not worth a flicker. */
static int browser__tick(void *ctx, uint64_t done, uint64_t size)
{
	struct browser *b = ctx;
	int key;

	if (terminal__was_interrupted())
		return 1;
	if (now_ms() < b->progress->next)
		return 0;
	b->progress->next = now_ms() + EACH_MS;
	b->progress->done = done;
	b->progress->size = size;
	browser__draw(b);
	while ((key = screen__key(false)) != K_NOTHING)
		if (key == K_ESC || key == K_CTRL_C)
			return 1;
	return 0;
}

int browser__read(struct browser *b, struct state *s, struct err *e)
{
	struct progress p = { .next = now_ms() + FIRST_MS };
	int ret;

	terminal__interrupted();
	b->progress = &p;
	ret = state__read(s, browser__tick, b, e);
	b->progress = NULL;
	terminal__interrupted();
	return ret;
}

bool browser__query(struct browser *b, const struct query *q)
{
	struct state *s;
	struct err e = { 0 };

	while (b->page != IN_TABLE)
		page__close(b);
	if (state__new(b->options, q, b->state, &s, &e)) {
		browser__say(b, true, "%.*s", (int)strcspn(e.msg, "\n"), e.msg);
		return false;
	}
	if (browser__read(b, s, &e) || !state__view(s, b->view, &e)) {
		browser__say(b, !s->ended, "%s", s->ended ? "stopped: this is what was shown before" : e.msg);
		state__free(s);
		return false;
	}
	b->state = s;
	return true;
}

/* ---- in and out --------------------------------------------------------------------------- */

bool zoom__out(struct browser *b)
{
	struct state *s = b->state;
	struct err e;

	if (!s->before)
		return false;
	b->state = s->before;
	state__free(s);
	if (!state__view(b->state, b->view, &e))
		browser__say(b, true, "%s", e.msg);
	return true;
}

static bool row__is_by(const struct list *l, const char *key)
{
	return doc__column(l->doc, key) >= 0;
}

static const struct hist_entry *browser__entry(struct browser *b)
{
	const struct list *l = browser__list(b);
	const struct list_line *line = l ? list__current(l) : NULL;

	if (b->page == IN_FUNCTION)
		return b->entry;
	return line ? list__row(l, line)->item : NULL;
}

static void query__thread(struct query *q, const struct hist_entry *e, char *ids, size_t ids_size, char *words, size_t size)
{
	snprintf(ids, ids_size, "%" PRIu32, e->tid);
	snprintf(words, size, "%.64s %" PRIu32, e->comm, e->tid);
	q->tids = ids;
	q->thread = words;
}

static int thread__menu(const struct hist *threads, struct hist_entry *const *list, size_t n, struct menu *m)
{
	char share[24];
	struct cell c;
	size_t i, k;

	for (i = 0; i < n; i++) {
		uint64_t weight = 0;

		/* one row a control value of MXCSR: the thread's first stands for all */
		for (k = 0; k < i && list[k]->tid != list[i]->tid; k++)
			;
		if (k < i)
			continue;
		for (k = i; k < n; k++)
			weight += list[k]->tid == list[i]->tid ? list[k]->weight : 0;
		c = cell__share(weight, threads->weight);
		menu__add(m, i, "%8s  %-7" PRIu32 " %s", cell__format(&c, share, sizeof(share)), list[i]->tid, list[i]->comm);
	}
	return m->nr;
}

void zoom__thread(struct browser *b)
{
	struct list *l = browser__list(b);
	const struct hist_entry *e = browser__entry(b);
	struct query q = b->state->query;
	struct menu m = { .title = "Thread" };
	struct hist_entry **list = NULL;
	char ids[16], words[96];
	size_t n;
	int id;

	if (q.thread && b->state->before && !b->state->before->query.thread) {
		while (b->page != IN_TABLE)
			page__close(b);
		zoom__out(b);
		return;
	}
	if (!e || b->page != IN_TABLE || !row__is_by(l, "tid")) {
		list = hist__sorted(b->state->threads, &n);
		thread__menu(b->state->threads, list, n, &m);
		id = m.nr ? menu__run(b, &m) : -1;
		menu__free(&m);
		e = id < 0 ? NULL : list[id];
	}
	if (e) {
		query__thread(&q, e, ids, sizeof(ids), words, sizeof(words));
		browser__query(b, &q);
	}
	free(list);
}

/* Rows of these keys are of one object. */
static bool row__has_dso(const struct list *l)
{
	return row__is_by(l, "object") || row__is_by(l, "symbol") || row__is_by(l, "address") || row__is_by(l, "instruction");
}

void zoom__dso(struct browser *b)
{
	const struct hist_entry *e = browser__entry(b);
	struct query q = b->state->query;

	if (q.dsos && b->state->before && !b->state->before->query.dsos) {
		while (b->page != IN_TABLE)
			page__close(b);
		zoom__out(b);
		return;
	}
	if (!e || (b->page == IN_TABLE && !row__has_dso(browser__list(b)))) {
		browser__say(b, true, "this row is not of one object; s has rows by dso");
		return;
	}
	q.dsos = e->loc->sym->dso->path;
	browser__query(b, &q);
}

/* A CPU is a filter of its own beside the one that is there. */
static const char *query__cpu(const struct browser *b, const struct hist_entry *e, char *buf, size_t size)
{
	const char *now = b->state->pass_options.filter;
	int n = snprintf(buf, size, "%s%s%scpu == %" PRIu32, now ? "(" : "", now ? now : "", now ? "), " : "", e->cpu);

	return e->cpu != UINT32_MAX && n >= 0 && (size_t)n < size ? buf : NULL;
}

void zoom__row(struct browser *b, const struct hist_entry *e)
{
	const struct list *l = browser__list(b);
	struct query q = b->state->query;
	char ids[16], pid[16], words[96], filter[EDIT_MAX];

	if (row__is_by(l, "tid"))
		query__thread(&q, e, ids, sizeof(ids), words, sizeof(words));
	else if (row__is_by(l, "command"))
		q.comms = e->comm;
	if (row__is_by(l, "pid")) {
		snprintf(pid, sizeof(pid), "%" PRIu32, e->pid);
		q.pids = pid;
	}
	if (row__is_by(l, "object"))
		q.dsos = e->loc->sym->dso->path;
	if (row__is_by(l, "cpu"))
		q.filter = query__cpu(b, e, filter, sizeof(filter));
	if (row__is_by(l, "cpu") && !q.filter) {
		browser__say(b, true, "the recording does not say on which CPU these were");
		return;
	}
	q.sort = "symbol,dso";
	browser__query(b, &q);
}
