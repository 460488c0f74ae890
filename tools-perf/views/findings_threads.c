/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings about threads: who runs with another MXCSR. */
#include <stdlib.h>

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
	for (i = 0; i < c->threads; i++)
		text = maker__printf(m, "%s%s thread %u \"%s\"", text, i ? "," : "", c->thread[i]->tid, c->thread[i]->comm);
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
	free(list);
}
