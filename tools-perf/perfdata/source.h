/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the bytes of records come from: a file or pipe through one buffer of
 * fixed size, and the zstd stream inside of it. A buffer instead of a mapping:
 * a file that shrinks while it is read ends the data, not the process.
 */
#ifndef PERF_XREGS_PERFDATA_SOURCE_H
#define PERF_XREGS_PERFDATA_SOURCE_H

#include <zstd.h>

#include "perfdata/format.h"

struct source {
	int fd;
	bool seekable;
	uint8_t *buf;
	size_t start, end;		/* unread bytes in buf */
	uint64_t offset;		/* in the file, of buf[start] */
	uint64_t limit;			/* offset at which the data ends */
	bool eof;
	int error;			/* errno of a failed read */
};

int source__open(struct source *s, int fd, bool seekable);
void source__close(struct source *s);
/** source__seek - continue at @offset; only for files */
void source__seek(struct source *s, uint64_t offset, uint64_t limit);
/** source__peek - @n <= 64 KiB bytes, not consumed, or NULL when there are fewer */
const uint8_t *source__peek(struct source *s, size_t n);
/** source__at_hand - as source__peek(), of what is in memory already */
const uint8_t *source__at_hand(const struct source *s, size_t n);
/** source__skip - consume; false when the data ends before */
bool source__skip(struct source *s, uint64_t n);
/** source__left - bytes that are left to read without going on, up to 7 or so */
size_t source__left(struct source *s);

/* A zstd stream that is cut into COMPRESSED records, and records cut by it. */
struct inflate {
	ZSTD_DStream *z;
	ZSTD_inBuffer in;
	uint8_t *buf;
	size_t start, end;
	uint64_t total;
	bool more;			/* the last call filled the buffer: ask again */
};

void inflate__close(struct inflate *z);
/** inflate__feed - a payload, which must stay until it is consumed */
int inflate__feed(struct inflate *z, const void *data, size_t size);
/**
 * inflate__peek - as source__peek(); NULL when the payload is used up
 * @bad: set when the stream is damaged (what is left of it is dropped)
 */
const uint8_t *inflate__peek(struct inflate *z, size_t n, bool *bad);
void inflate__skip(struct inflate *z, size_t n);

#endif
