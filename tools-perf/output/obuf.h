/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Buffered output to a file descriptor. Callers ask for room, write there and
 * say where they ended; strings of others are made harmless on the way.
 */
#ifndef PERF_XREGS_OUTPUT_OBUF_H
#define PERF_XREGS_OUTPUT_OBUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/err.h"

struct obuf {
	char *buf, *at, *end;
	int fd;
	int error;			/* errno of the first write that failed */
};

enum {
	OBUF_SIZE	= 256 << 10,
	OBUF_ROOM_MAX	= 16 << 10,	/* what obuf__room() gives at most */
};

int obuf__open(struct obuf *o, int fd);
/** obuf__flush - write what is there; errors are kept for obuf__close() */
void obuf__flush(struct obuf *o);
/** obuf__close - flush and free; -1 with @e if anything could not be written */
int obuf__close(struct obuf *o, const char *what, struct err *e);

/** obuf__room - a place for @n <= OBUF_ROOM_MAX bytes */
static inline char *obuf__room(struct obuf *o, size_t n)
{
	if ((size_t)(o->end - o->at) < n)
		obuf__flush(o);
	return o->at;
}

/** obuf__set - the caller wrote up to @to */
static inline void obuf__set(struct obuf *o, char *to)
{
	o->at = to;
}

static inline void obuf__char(struct obuf *o, char c)
{
	char *to = obuf__room(o, 1);

	*to = c;
	o->at = to + 1;
}

/** obuf__bytes - @n bytes as they are */
void obuf__bytes(struct obuf *o, const char *s, size_t n);
/** obuf__text - a text of our own, as it is */
static inline void obuf__text(struct obuf *o, const char *s)
{
	obuf__bytes(o, s, strlen(s));
}
/** obuf__name - someone else's text, see escape__char() */
void obuf__name(struct obuf *o, const char *s);
/** obuf__json_string - with quotes; bytes that are no UTF-8 become U+FFFD */
void obuf__json_string(struct obuf *o, const char *s);
/** obuf__csv_string - obuf__name() as a field in quotes [RFC 4180] */
void obuf__csv_string(struct obuf *o, const char *s);
/** obuf__printf - for what is rare; cut at OBUF_ROOM_MAX */
void obuf__printf(struct obuf *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
