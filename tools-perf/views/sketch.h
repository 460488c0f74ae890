/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which values recur, in bounded memory: the Space-Saving algorithm [Metwally,
 * Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in
 * Data Streams, ICDT 2005]. With k counters and n values counted,
 *
 *	- every value that makes up more than n / k of them has a counter;
 *	- a counter is never below its value's true count, and above it by at
 *	  most its own err, which is at most n / k.
 */
#ifndef PERF_XREGS_SKETCH_H
#define PERF_XREGS_SKETCH_H

#include <stdint.h>

#include <xstate/xstate.h>

struct sketch_item {
	uint64_t bits;
	uint64_t count, err;		/* true count: count - err .. count */
	uint8_t type;			/* enum xstate_type; XSTATE_TYPE_NR: untyped */
};

struct sketch {
	unsigned int size, used;	/* counters; of them in use */
	uint64_t total;			/* values counted */
	struct sketch_item item[];
};

/** sketch__bytes - memory of a sketch with @size counters, zeroed by the caller */
size_t sketch__bytes(unsigned int size);
/** sketch__add - count a value @n times */
void sketch__add(struct sketch *s, uint8_t type, uint64_t bits, uint64_t n);
/** sketch__sort - items by what is certain of their count, biggest first */
void sketch__sort(struct sketch *s);
/** sketch__bound - no count is wrong by more than this */
uint64_t sketch__bound(const struct sketch *s);

#endif
