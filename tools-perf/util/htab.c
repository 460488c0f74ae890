/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "util/htab.h"

enum {
	HTAB_FIRST	= 64,
	ARENA_CHUNK	= 64 * 1024,
	ARENA_ALIGN	= 16,
	CACHE_LINE	= 64,
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	char data[] __attribute__((aligned(ARENA_ALIGN)));
};

void *htab__find(const struct htab *t, uint64_t hash, htab_equal equal,
		 const void *key)
{
	size_t i, mask = t->size - 1;

	if (!t->size)
		return NULL;
	for (i = hash & mask; t->slot[i].item; i = (i + 1) & mask)
		if (t->slot[i].hash == hash && equal(t->slot[i].item, key))
			return t->slot[i].item;
	return NULL;
}

static void htab__put(struct htab *t, uint64_t hash, void *item)
{
	size_t i, mask = t->size - 1;

	for (i = hash & mask; t->slot[i].item; i = (i + 1) & mask)
		;
	t->slot[i] = (struct htab_slot){ .hash = hash, .item = item };
}

static int htab__grow(struct htab *t)
{
	struct htab bigger = { .size = t->size ? t->size * 2 : HTAB_FIRST, .used = t->used };
	size_t i;

	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -1;
	for (i = 0; i < t->size; i++)
		if (t->slot[i].item)
			htab__put(&bigger, t->slot[i].hash, t->slot[i].item);
	free(t->slot);
	*t = bigger;
	return 0;
}

int htab__add(struct htab *t, uint64_t hash, void *item)
{
	if (t->used * 3 >= t->size * 2 && htab__grow(t))
		return -1;
	htab__put(t, hash, item);
	t->used++;
	return 0;
}

void htab__free(struct htab *t)
{
	free(t->slot);
	memset(t, 0, sizeof(*t));
}

uint64_t hash_bytes(uint64_t h, const void *data, size_t size)
{
	const char *p = data;
	uint64_t v;

	for (; size >= sizeof(v); p += sizeof(v), size -= sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		h = hash_u64(h, v);
	}
	v = size;
	memcpy(&v, p, size);
	return hash_u64(hash_u64(h, v), size);
}

static int arena__grow(struct arena *a, size_t size)
{
	size_t room = size > ARENA_CHUNK ? size : ARENA_CHUNK;
	struct arena_chunk *c = calloc(1, sizeof(*c) + room);

	if (!c)
		return -1;
	c->size = room;
	c->next = a->chunk;
	a->chunk = c;
	a->used = 0;
	return 0;
}

void *arena__alloc(struct arena *a, size_t size)
{
	void *p;

	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if ((!a->chunk || a->chunk->size - a->used < size) && arena__grow(a, size))
		return NULL;
	p = a->chunk->data + a->used;
	a->used += size;
	return p;
}

void *arena__alloc_line(struct arena *a, size_t size)
{
	char *p = arena__alloc(a, size + CACHE_LINE - ARENA_ALIGN);

	return p ? p + (-(uintptr_t)p & (CACHE_LINE - 1)) : NULL;
}

char *arena__copy(struct arena *a, const void *data, size_t size)
{
	char *p = arena__alloc(a, size + 1);

	if (p)
		memcpy(p, data, size);
	return p;
}

void arena__free(struct arena *a)
{
	struct arena_chunk *c, *next;

	for (c = a->chunk; c; c = next) {
		next = c->next;
		free(c);
	}
	memset(a, 0, sizeof(*a));
}
