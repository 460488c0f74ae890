/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"

/* A process that lived shorter has not run code of its own: vfork() and exec
 * of a name that is not there. */
static const uint64_t short_life = 20000000;

struct task {
	uint32_t id;			/* 0: free */
	bool process, thread;
	uint64_t forked, execd, exited;
	uint64_t said;			/* when it was last said to be sampled or not */
	const char *why;		/* NULL: sampled */
};

struct tasks {
	struct task *slot;
	size_t nr, room;		/* room is a power of two */
	uint64_t threads;
};

struct tasks *tasks__new(void)
{
	struct tasks *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->room = 256;
	t->slot = calloc(t->room, sizeof(*t->slot));
	if (!t->slot) {
		free(t);
		return NULL;
	}
	return t;
}

void tasks__free(struct tasks *t)
{
	if (!t)
		return;
	free(t->slot);
	free(t);
}

static struct task *tasks__place(const struct tasks *t, uint32_t id)
{
	size_t i = (id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (t->room - 1);

	while (t->slot[i].id && t->slot[i].id != id)
		i = (i + 1) & (t->room - 1);
	return &t->slot[i];
}

static void tasks__grow(struct tasks *t)
{
	struct tasks bigger = { .room = t->room * 2 };
	size_t i;

	bigger.slot = calloc(bigger.room, sizeof(*bigger.slot));
	if (!bigger.slot)
		return;			/* slower, until it is full */
	for (i = 0; i < t->room; i++)
		if (t->slot[i].id)
			*tasks__place(&bigger, t->slot[i].id) = t->slot[i];
	free(t->slot);
	t->slot = bigger.slot;
	t->room = bigger.room;
}

/* The entry of @id, made if need be; NULL when there is no memory for more. */
static struct task *tasks__get(struct tasks *t, uint32_t id)
{
	struct task *k;

	if (t->nr * 4 >= t->room * 3)
		tasks__grow(t);
	if (t->nr + 1 >= t->room)
		return NULL;
	k = tasks__place(t, id);
	if (!k->id) {
		k->id = id;
		t->nr++;
	}
	return k;
}

void tasks__process(struct tasks *t, uint32_t pid, uint64_t time)
{
	struct task *k = tasks__get(t, pid);

	if (!k)
		return;
	k->process = true;
	k->forked = time;
}

void tasks__exec(struct tasks *t, uint32_t pid, uint64_t time)
{
	struct task *k = tasks__get(t, pid);

	if (!k)
		return;
	k->process = true;
	k->execd = time;
}

void tasks__exit(struct tasks *t, uint32_t pid, uint64_t time)
{
	struct task *k = tasks__get(t, pid);

	if (k)
		k->exited = time;
}

void tasks__sampled(struct tasks *t, uint32_t pid, uint64_t time, const char *why)
{
	struct task *k = tasks__get(t, pid);

	if (!k || time < k->said)
		return;
	k->process = true;
	k->said = time;
	k->why = why;
}

bool tasks__thread(struct tasks *t, uint32_t tid)
{
	struct task *k = tasks__get(t, tid);

	if (!k || k->thread)
		return false;
	k->thread = true;
	t->threads++;
	return true;
}

uint64_t tasks__threads(const struct tasks *t)
{
	return t->threads;
}

/* NULL: it was sampled, or there was nothing to sample. */
static const char *task__why(const struct task *k)
{
	if (!k->process)
		return NULL;
	if (k->execd > k->said)
		return k->why ? k->why : "the agent was not loaded (environment cleared, another pid namespace, or no dynamic glibc program)";
	if (k->said)
		return k->why;
	if (k->exited && k->exited - k->forked < short_life)
		return NULL;
	return "forked by a system call of its own";
}

uint64_t tasks__unsampled(const struct tasks *t, char *buf, size_t size)
{
	struct { const char *why; uint64_t n; } group[16] = { 0 };
	uint64_t total = 0;
	size_t i, g, len = 0;

	for (i = 0; i < t->room; i++) {
		const char *why = t->slot[i].id ? task__why(&t->slot[i]) : NULL;

		if (!why)
			continue;
		total++;
		for (g = 0; g < 15 && group[g].why && strcmp(group[g].why, why); g++)
			;
		group[g].why = why;
		group[g].n++;
	}
	buf[0] = '\0';
	for (g = 0; g < 16 && group[g].why && len < size; g++)
		len += snprintf(buf + len, size - len, "%s%llu: %s", g ? "; " : "",
				(unsigned long long)group[g].n, group[g].why);
	return total;
}
