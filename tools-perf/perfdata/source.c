/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "perfdata/source.h"

enum {
	/* fits the L2 cache, and any record of 64 KiB several times */
	SOURCE_BUFFER	= 512 << 10,
	INFLATE_BUFFER	= 512 << 10,
	/* what zstd's own tools accept without being told: 128 MiB of window */
	WINDOW_LOG_MAX	= 27,
};

int source__open(struct source *s, int fd, bool seekable)
{
	*s = (struct source){ .fd = fd, .seekable = seekable, .limit = UINT64_MAX };
	s->buf = malloc(SOURCE_BUFFER);
	return s->buf ? 0 : -1;
}

void source__close(struct source *s)
{
	if (s->fd > 0)
		close(s->fd);
	free(s->buf);
	s->buf = NULL;
	s->fd = -1;
}

void source__seek(struct source *s, uint64_t offset, uint64_t limit)
{
	s->start = s->end = 0;
	s->offset = offset;
	s->limit = limit;
	s->eof = false;
}

static ssize_t source__read(struct source *s, size_t room)
{
	uint64_t at = s->offset + (s->end - s->start);
	ssize_t n;

	if (at >= s->limit)
		return 0;
	if (room > s->limit - at)
		room = s->limit - at;
	do {
		n = s->seekable ? pread(s->fd, s->buf + s->end, room, at) :
				  read(s->fd, s->buf + s->end, room);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		s->error = errno;
	return n;
}

const uint8_t *source__peek(struct source *s, size_t n)
{
	ssize_t got;

	if (s->end - s->start >= n)
		return s->buf + s->start;
	memmove(s->buf, s->buf + s->start, s->end - s->start);
	s->end -= s->start;
	s->start = 0;
	while (s->end < n && !s->eof) {
		got = source__read(s, SOURCE_BUFFER - s->end);
		if (got <= 0)
			s->eof = true;
		else
			s->end += got;
	}
	return s->end >= n ? s->buf : NULL;
}

size_t source__left(struct source *s)
{
	return s->end - s->start;
}

const uint8_t *source__at_hand(const struct source *s, size_t n)
{
	return n <= s->end - s->start && s->offset + n <= s->limit ? s->buf + s->start : NULL;
}

bool source__skip(struct source *s, uint64_t n)
{
	uint64_t have;

	for (;;) {
		have = s->end - s->start;
		if (have > n)
			have = n;
		s->start += have;
		s->offset += have;
		n -= have;
		if (!n)
			return true;
		if (s->seekable && n < s->limit - s->offset) {
			source__seek(s, s->offset + n, s->limit);
			return true;
		}
		if (!source__peek(s, 1))
			return false;
	}
}

void inflate__close(struct inflate *z)
{
	ZSTD_freeDStream(z->z);
	free(z->buf);
	memset(z, 0, sizeof(*z));
}

static int inflate__open(struct inflate *z)
{
	z->z = ZSTD_createDStream();
	z->buf = malloc(INFLATE_BUFFER);
	if (!z->z || !z->buf)
		return -1;
	ZSTD_DCtx_setParameter(z->z, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	return 0;
}

int inflate__feed(struct inflate *z, const void *data, size_t size)
{
	if (!z->z && inflate__open(z))
		return -1;
	z->in = (ZSTD_inBuffer){ .src = data, .size = size };
	z->more = size > 0;
	return 0;
}

/* One step; false when nothing came out. */
static bool inflate__step(struct inflate *z, bool *bad)
{
	ZSTD_outBuffer out = { .dst = z->buf, .size = INFLATE_BUFFER, .pos = z->end };
	size_t r, before = z->in.pos;

	if (!z->more)
		return false;
	r = ZSTD_decompressStream(z->z, &out, &z->in);
	if (ZSTD_isError(r)) {
		*bad = true;
		z->more = false;
		z->start = z->end = 0;
		ZSTD_DCtx_reset(z->z, ZSTD_reset_session_only);
		return false;
	}
	z->total += out.pos - z->end;
	/* a full buffer may hide more; no progress at all means no more */
	z->more = out.pos == out.size || (z->in.pos < z->in.size && (z->in.pos > before || out.pos > z->end));
	if (out.pos == z->end && !z->more)
		return false;
	z->end = out.pos;
	return true;
}

const uint8_t *inflate__peek(struct inflate *z, size_t n, bool *bad)
{
	while (z->end - z->start < n) {
		if (!z->z || !z->more)
			return NULL;
		memmove(z->buf, z->buf + z->start, z->end - z->start);
		z->end -= z->start;
		z->start = 0;
		if (!inflate__step(z, bad))
			break;
	}
	return z->end - z->start >= n ? z->buf + z->start : NULL;
}

void inflate__skip(struct inflate *z, size_t n)
{
	z->start += n;
}
