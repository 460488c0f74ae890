/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "perfdata/queue.h"
#include "perfdata/bytes.h"

static bool queued__before(const struct queued *a, const struct queued *b)
{
	return a->time != b->time ? a->time < b->time : a->seq < b->seq;
}

static int queue__grow(struct queue *q)
{
	size_t room = q->room ? 2 * q->room : 1024;
	struct queued *heap;

	if (q->nr < q->room)
		return 0;
	heap = realloc(q->heap, room * sizeof(*heap));
	if (!heap)
		return -1;
	q->heap = heap;
	q->room = room;
	return 0;
}

int queue__push(struct queue *q, uint64_t time, uint64_t offset,
		const void *record, size_t size)
{
	struct queued new = { .time = time, .seq = q->seq++, .offset = offset };
	size_t i, up;

	new.bytes = malloc(size);
	if (!new.bytes || queue__grow(q)) {
		free(new.bytes);
		return -1;
	}
	memcpy(new.bytes, record, size);
	q->bytes += size;
	for (i = q->nr++; i; i = up) {
		up = (i - 1) / 2;
		if (!queued__before(&new, &q->heap[up]))
			break;
		q->heap[i] = q->heap[up];
	}
	q->heap[i] = new;
	return 0;
}

bool queue__pop(struct queue *q, struct queued *out)
{
	struct queued last;
	uint16_t size;
	size_t i, down;

	if (!q->nr)
		return false;
	*out = q->heap[0];
	/* struct perf_event_header: u32 type, u16 misc, u16 size */
	memcpy(&size, out->bytes + 6, 2);
	q->bytes -= size;
	last = q->heap[--q->nr];
	for (i = 0; 2 * i + 1 < q->nr; i = down) {
		down = 2 * i + 1;
		if (down + 1 < q->nr && queued__before(&q->heap[down + 1], &q->heap[down]))
			down++;
		if (!queued__before(&q->heap[down], &last))
			break;
		q->heap[i] = q->heap[down];
	}
	q->heap[i] = last;
	return true;
}

void queue__free(struct queue *q)
{
	size_t i;

	for (i = 0; i < q->nr; i++)
		free(q->heap[i].bytes);
	free(q->heap);
	memset(q, 0, sizeof(*q));
}
