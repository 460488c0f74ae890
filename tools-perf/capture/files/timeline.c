/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"

static int timeline__room(struct timeline *t, size_t size)
{
	struct timeline_entry *entries = t->entries;
	uint8_t *data = t->data;
	size_t room = t->room, nr = t->nr_room;

	while (t->len + size > room)
		room = room ? room * 2 : 1 << 16;
	while (t->nr + 1 > nr)
		nr = nr ? nr * 2 : 256;
	if (room != t->room) {
		data = realloc(t->data, room);
		if (!data)
			return -1;
		t->data = data;
		t->room = room;
	}
	if (nr != t->nr_room) {
		entries = realloc(t->entries, nr * sizeof(*entries));
		if (!entries)
			return -1;
		t->entries = entries;
		t->nr_room = nr;
	}
	return 0;
}

int timeline__add(struct timeline *t, uint64_t time, const void *rec, size_t size,
		  struct err *e)
{
	if (timeline__room(t, size))
		return err__set(e, "out of memory after %zu bytes of samples", t->len);
	t->entries[t->nr++] = (struct timeline_entry){
		.time = time, .seq = t->seq++, .offset = t->len, .size = size,
	};
	memcpy(t->data + t->len, rec, size);
	t->len += size;
	return 0;
}

static int entry__compare(const void *a, const void *b)
{
	const struct timeline_entry *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Keep the entries from @first on, their bytes moved to the front. */
static int timeline__keep(struct timeline *t, size_t first, struct err *e)
{
	struct timeline rest = { .seq = t->seq, .last = t->last };
	size_t i;

	for (i = first; i < t->nr; i++)
		if (timeline__add(&rest, t->entries[i].time, t->data + t->entries[i].offset,
				  t->entries[i].size, e)) {
			timeline__free(&rest);
			return -1;
		}
	timeline__free(t);
	*t = rest;
	return 0;
}

int timeline__flush(struct timeline *t, uint64_t before, timeline__wants_fn *wants,
		    timeline__write_fn *write, void *ctx, struct err *e)
{
	const uint8_t *rec;
	size_t i;

	if (!t->nr)
		return 0;
	qsort(t->entries, t->nr, sizeof(*t->entries), entry__compare);
	for (i = 0; i < t->nr && t->entries[i].time < before; i++) {
		rec = t->data + t->entries[i].offset;
		if ((!wants || wants(ctx, rec, t->entries[i].size)) &&
		    write(ctx, t->entries[i].time, rec, t->entries[i].size, e))
			return -1;
		t->last = t->entries[i].time;
	}
	if (i < t->nr)
		return timeline__keep(t, i, e);
	t->nr = t->len = 0;
	return 0;
}

void timeline__free(struct timeline *t)
{
	free(t->data);
	free(t->entries);
	*t = (struct timeline){ .seq = t->seq, .last = t->last };
}
