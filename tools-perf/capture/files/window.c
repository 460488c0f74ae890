/* SPDX-License-Identifier: GPL-2.0-only */
/* A queue of records in blocks: what was popped is freed a block at a time. */
#include <stdlib.h>
#include <string.h>

#include "capture/files/files.h"

enum { BLOCK_BYTES = 1 << 20 };

struct block {
	struct block *next;
	size_t first, len;		/* of the data: what was popped, what is there */
	uint8_t data[BLOCK_BYTES];
};

/* Before each record. */
struct entry {
	uint64_t time;
	uint64_t size;
};

struct window {
	uint64_t ns, newest;
	size_t max, bytes;
	struct block *first, *last;
};

struct window *window__new(uint64_t ns, size_t bytes)
{
	struct window *w = calloc(1, sizeof(*w));

	if (w) {
		w->ns = ns;
		w->max = bytes;
	}
	return w;
}

void window__free(struct window *w)
{
	struct block *b;

	while (w && (b = w->first)) {
		w->first = b->next;
		free(b);
	}
	free(w);
}

static struct block *window__block(struct window *w, size_t size)
{
	struct block *b = w->last;

	if (b && b->len + size <= BLOCK_BYTES)
		return b;
	b = malloc(sizeof(*b));
	if (!b)
		return NULL;
	b->next = NULL;
	b->first = b->len = 0;
	if (w->last)
		w->last->next = b;
	else
		w->first = b;
	w->last = b;
	return b;
}

int window__add(struct window *w, uint64_t time, const uint8_t *rec, size_t size)
{
	const struct entry e = { .time = time, .size = size };
	struct block *b = window__block(w, sizeof(e) + size);

	if (!b)
		return -1;
	memcpy(b->data + b->len, &e, sizeof(e));
	memcpy(b->data + b->len + sizeof(e), rec, size);
	b->len += sizeof(e) + size;
	w->bytes += sizeof(e) + size;
	if (time > w->newest)
		w->newest = time;
	return 0;
}

/* Blocks that were popped to their end, but for the last. */
static void window__free_popped(struct window *w)
{
	struct block *b;

	while ((b = w->first) && b->first == b->len && b->next) {
		w->first = b->next;
		free(b);
	}
}

const uint8_t *window__pop(struct window *w, size_t *size, uint64_t *time)
{
	struct entry e;
	struct block *b;
	uint8_t *rec;

	window__free_popped(w);
	b = w->first;
	if (!b || b->first == b->len)
		return NULL;
	memcpy(&e, b->data + b->first, sizeof(e));
	if (w->bytes <= w->max && (e.time > w->newest || w->newest - e.time <= w->ns))
		return NULL;
	rec = b->data + b->first + sizeof(e);
	b->first += sizeof(e) + e.size;
	w->bytes -= sizeof(e) + e.size;
	*size = e.size;
	*time = e.time;
	return rec;
}

int window__each(const struct window *w,
		 int (*fn)(void *ctx, const uint8_t *rec, size_t size, struct err *e),
		 void *ctx, struct err *e)
{
	const struct block *b;
	struct entry x;
	size_t at;
	int ret = 0;

	for (b = w->first; b; b = b->next)
		for (at = b->first; at < b->len && !ret; at += sizeof(x) + x.size) {
			memcpy(&x, b->data + at, sizeof(x));
			ret = fn(ctx, b->data + at + sizeof(x), x.size, e);
		}
	return ret;
}
