/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "views/trail.h"

struct trail_key {
	uint32_t pid, tid;
};

static bool trail__equal(const void *item, const void *key)
{
	const struct trail *t = item;
	const struct trail_key *k = key;

	return t->tid == k->tid && t->pid == k->pid;
}

static struct trail *trails__get(struct trails *t, uint32_t pid, uint32_t tid)
{
	const struct trail_key key = { pid, tid };
	uint64_t hash = hash_u64(9, (uint64_t)pid << 32 | tid);
	struct trail *trail = t->last;

	/* samples come in runs of a thread */
	if (trail && trail__equal(trail, &key))
		return trail;
	trail = htab__find(&t->table, hash, trail__equal, &key);
	if (!trail) {
		trail = arena__alloc(&t->arena, sizeof(*trail));
		if (!trail || htab__add(&t->table, hash, trail)) {
			t->no_memory = true;
			return NULL;
		}
		trail->pid = pid;
		trail->tid = tid;
	}
	t->last = trail;
	return trail;
}

void trails__mapped(struct trails *t, const struct perfdata_mmap *m)
{
	const char *slash = strrchr(m->filename, '/');
	struct trail *trail;

	/* no file: "//anon", "[vdso]" */
	if (!m->exec || m->filename[0] != '/' || m->filename[1] == '/')
		return;
	trail = trails__get(t, m->pid, m->tid);
	if (trail && !trail->nr_mapped++)
		trail->mapped = arena__copy(&t->arena, slash + 1, strlen(slash + 1));
}

struct trail *trails__find(struct trails *t, const struct sample *s)
{
	return trails__get(t, s->pid, s->tid);
}

void trail__sampled(struct trail *t, const struct facts *f)
{
	t->loc = f->loc;
	t->seconds = f->seconds;
	t->mxcsr_known = f->mxcsr_known;
	t->mxcsr = f->mxcsr;
	t->mapped = NULL;
	t->nr_mapped = 0;
}

void trails__free(struct trails *t)
{
	htab__free(&t->table);
	arena__free(&t->arena);
}
