/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies of records, by time; those of one time in the order of the file. */
#ifndef PERF_XREGS_PERFDATA_QUEUE_H
#define PERF_XREGS_PERFDATA_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queued {
	uint64_t time, seq;
	uint64_t offset;		/* in the file */
	uint8_t *bytes;
};

struct queue {
	struct queued *heap;
	size_t nr, room;
	uint64_t seq, bytes;
};

int queue__push(struct queue *q, uint64_t time, uint64_t offset,
		const void *record, size_t size);
/** queue__pop - the earliest; its bytes are the caller's to free */
bool queue__pop(struct queue *q, struct queued *out);
void queue__free(struct queue *q);

#endif
