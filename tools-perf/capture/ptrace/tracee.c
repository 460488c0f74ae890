/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <unistd.h>

#include "capture/procfs.h"
#include "capture/ptrace/ptrace.h"

static struct tracee **tracee__bucket(struct tracer *t, pid_t tid)
{
	return &t->bucket[(unsigned int)tid % TRACEE_BUCKETS];
}

struct tracee *tracer__find(struct tracer *t, pid_t tid)
{
	struct tracee *k = *tracee__bucket(t, tid);

	while (k && k->tid != tid)
		k = k->next;
	return k;
}

static void tracee__link(struct tracer *t, struct tracee *k)
{
	struct tracee **b = tracee__bucket(t, k->tid);

	k->next = *b;
	*b = k;
}

static void tracee__unlink(struct tracer *t, struct tracee *k)
{
	struct tracee **b = tracee__bucket(t, k->tid);

	while (*b != k)
		b = &(*b)->next;
	*b = k->next;
}

struct tracee *tracer__add(struct tracer *t, pid_t tid)
{
	struct tracee *k = tracer__find(t, tid);
	struct task_status st;

	if (k)
		return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->tid = tid;
	k->pid = !procfs__status(tid, &st) && st.pid ? st.pid : tid;
	tracee_clock__open(k, t->s->period);
	tracee__link(t, k);
	t->nr++;
	if (k->kind == CLOCK_NONE)
		tasks__sampled(t->s->tasks, k->pid, capture__now(), "no open file left to watch all its threads with (ulimit -Hn)");
	else if (k->pid == tid)
		tasks__sampled(t->s->tasks, tid, capture__now(), NULL);
	return k;
}

void tracer__remove(struct tracer *t, struct tracee *k)
{
	t->cpu += tracee_clock__read(k);
	tracee_clock__close(k);
	tracee__unlink(t, k);
	t->nr--;
	free(k);
}

void tracer__rename(struct tracer *t, struct tracee *k, pid_t tid)
{
	tracee__unlink(t, k);
	k->tid = tid;
	tracee__link(t, k);
}

void tracer__each(struct tracer *t, void (*fn)(struct tracee *k, void *ctx), void *ctx)
{
	struct tracee *k;
	size_t i;

	for (i = 0; i < TRACEE_BUCKETS; i++)
		for (k = t->bucket[i]; k; k = k->next)
			fn(k, ctx);
}

void tracer__free_tracees(struct tracer *t)
{
	size_t i;

	for (i = 0; i < TRACEE_BUCKETS; i++)
		while (t->bucket[i])
			tracer__remove(t, t->bucket[i]);
}
