/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings about threads: who runs with another MXCSR. */
#include <stdlib.h>
#include <string.h>

#include "views/findings.h"

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

/* Did @a have it before @b, or by a library of its own? */
static bool entry__comes_before(const struct hist_entry *a, const struct hist_entry *b)
{
	const struct mxcsr_acc *x = a->acc, *y = b->acc;

	if (!x->set.mapped != !y->set.mapped)
		return x->set.mapped;
	return x->first_seen < y->first_seen;
}

/* Those that had it first are named: the others may have it from them. */
static void control__name(struct control *c, const struct hist_entry *e)
{
	unsigned int i = c->threads < MAX_NAMED ? c->threads : MAX_NAMED;

	for (; i > 0 && entry__comes_before(e, c->thread[i - 1]); i--)
		if (i < MAX_NAMED)
			c->thread[i] = c->thread[i - 1];
	if (i < MAX_NAMED)
		c->thread[i] = e;
}

static void control__collect(struct control *c, struct hist_entry **list, size_t n)
{
	uint32_t v;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!entry__control(list[i], &v) || v != c->value)
			continue;
		c->samples += list[i]->samples;
		control__name(c, list[i]);
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

/* thread 4242 "worker" (after it loaded libx.so) */
static const char *thread__text(struct maker *m, const struct hist_entry *e)
{
	char after[200];

	if (*onset__after(&((const struct mxcsr_acc *)e->acc)->set, after, sizeof(after)))
		return maker__printf(m, "thread %u \"%s\" (%s)", e->tid, e->comm, after + 1);
	return maker__printf(m, "thread %u \"%s\"", e->tid, e->comm);
}

static const char *control__who(struct maker *m, const struct control *c, size_t threads)
{
	const char *text = "in";
	uint64_t i;

	if (threads == 1)
		return maker__printf(m, "in %s", thread__text(m, c->thread[0]));
	if (c->threads == threads)
		return maker__printf(m, "in all %zu threads%s", threads, m->all ? "" : " shown");
	if (c->threads > MAX_NAMED)
		return maker__printf(m, "in %llu of %zu threads", (unsigned long long)c->threads, threads);
	for (i = 0; i < c->threads; i++)
		text = maker__printf(m, "%s%s %s", text, i ? "," : "", thread__text(m, c->thread[i]));
	return maker__printf(m, "%s%s", text, m->all ? " only" : "");
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
			maker__printf(m, ", in %s of its samples, first after %.3fs", maker__percent(m, c->samples, known), first->first_seen);
	maker__add(m, "mxcsr",
		   maker__printf(m, "MXCSR is not the default (%s) %s%s", mxcsr__text(c->value, text),
				 control__who(m, c, threads), since),
		   &view_mxcsr, NULL);
}

/* Where a thread's first invalid operation lies is where its NaNs may come from. */
static void maker__invalid(struct maker *m, struct hist_entry **list, size_t n)
{
	const struct onset *on, *first = NULL;
	const struct hist_entry *e = NULL;
	char text[512];
	size_t i;

	for (i = 0; i < n; i++) {
		on = &((const struct mxcsr_acc *)list[i]->acc)->raised[0];
		if (on->at_since && (!first || on->since < first->since)) {
			first = on;
			e = list[i];
		}
	}
	if (first)
		maker__add(m, "invalid",
			   maker__printf(m, "the first %s (%s) of thread %u \"%s\" is %s", raised_flags[0].meaning, raised_flags[0].name,
					 e->tid, e->comm, onset__text(first, m->pass->machine, text, sizeof(text))),
			   &view_mxcsr, NULL);
}

static bool findings__have(const struct findings *f, const char *kind)
{
	size_t i;

	for (i = 0; i < f->nr; i++)
		if (!strcmp(f->list[i].kind, kind))
			return true;
	return false;
}

void maker__threads(struct maker *m)
{
	struct hist_entry **list;
	size_t i, n, threads;
	uint32_t value;

	list = hist__sorted(pass__hist(m->pass, &view_mxcsr), &n);
	threads = threads__count(list, n);
	for (i = 0; i < n; i++) {
		struct control c = { 0 };

		if (!entry__control(list[i], &value) || control__done(list, i, value))
			continue;
		c.value = value;
		control__collect(&c, list, n);
		maker__control(m, &c, list, n, threads);
	}
	if (findings__have(m->f, "nan"))
		maker__invalid(m, list, n);
	free(list);
}
