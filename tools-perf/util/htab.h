/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An open-addressing table of pointers, and memory that is freed all at once.
 * Keys lie in what the pointers point to; nothing is ever removed.
 */
#ifndef PERF_XREGS_UTIL_HTAB_H
#define PERF_XREGS_UTIL_HTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct htab_slot {
	uint64_t hash;
	void *item;			/* NULL: free */
};

struct htab {
	struct htab_slot *slot;
	size_t size, used;		/* size is 0 or a power of two */
};

typedef bool (*htab_equal)(const void *item, const void *key);

/** htab__find - the item with this hash and key, or NULL */
void *htab__find(const struct htab *t, uint64_t hash, htab_equal equal,
		 const void *key);
/** htab__add - add an item that is not in the table; -1: out of memory */
int htab__add(struct htab *t, uint64_t hash, void *item);
/** htab__free - free the table, not the items */
void htab__free(struct htab *t);

/*
 * A table of a large recording does not stay in the caches. Who knows what will
 * be looked up next says so twice: the slot is fetched, then what it points to.
 */
static inline void htab__expect(const struct htab *t, uint64_t hash)
{
	if (t->size)
		__builtin_prefetch(&t->slot[hash & (t->size - 1)]);
}

static inline void htab__expect_item(const struct htab *t, uint64_t hash)
{
	size_t i, mask = t->size - 1;

	for (i = hash & mask; t->size && t->slot[i].item; i = (i + 1) & mask)
		if (t->slot[i].hash == hash) {
			__builtin_prefetch(t->slot[i].item);
			return;
		}
}

/** hash_u64 - mix @v into @h */
static inline uint64_t hash_u64(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ (h >> 29);
}

uint64_t hash_bytes(uint64_t h, const void *data, size_t size);

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk;
	size_t used;
};

/** arena__alloc - @size zeroed bytes, aligned for anything; NULL: no memory */
void *arena__alloc(struct arena *a, size_t size);
/** arena__alloc_line - the same from the start of a cache line on: for what is looked up often */
void *arena__alloc_line(struct arena *a, size_t size);
/** arena__copy - a copy of @size bytes, followed by a NUL */
char *arena__copy(struct arena *a, const void *data, size_t size);
void arena__free(struct arena *a);

#endif
