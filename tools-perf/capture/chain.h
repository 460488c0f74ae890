/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Call chains by frame pointers: [rbp] is the caller's rbp, [rbp + 8] the
 * return address [System V ABI, AMD64 supplement, 3.2.2]. The stack is read a
 * stretch at a time by a function that fails where a load would fault.
 */
#ifndef PERF_XREGS_CAPTURE_CHAIN_H
#define PERF_XREGS_CAPTURE_CHAIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Return: how many of @size bytes at @addr could be read into @to. */
typedef size_t (*chain_read_fn)(void *to, uint64_t addr, size_t size, void *arg);

struct chain_reader {
	chain_read_fn read;
	void *arg;
	uint8_t *buf;			/* one stretch of stack */
	size_t size;
	unsigned int reads;		/* stretches to read at the most */
};

/* Return: entries written to @chain, PERF_CONTEXT_USER and @ip among them. */
static inline unsigned int chain__walk(uint64_t *chain, unsigned int max, uint64_t ip,
				       uint64_t fp, struct chain_reader *r)
{
	uint64_t base = 0, frame[2];
	size_t len = 0;
	unsigned int n = 0;

	chain[n++] = -512;		/* PERF_CONTEXT_USER */
	chain[n++] = ip;
	while (n < max && !(fp & 7)) {
		if (fp < base || fp - base + sizeof(frame) > len) {
			if (!r->reads--)
				break;
			base = fp;
			len = r->read(r->buf, base, r->size, r->arg);
			if (len < sizeof(frame))
				break;
		}
		memcpy(frame, r->buf + (fp - base), sizeof(frame));
		if (!frame[1])
			break;
		chain[n++] = frame[1];
		if (frame[0] <= fp)
			break;
		fp = frame[0];
	}
	return n;
}

#endif
