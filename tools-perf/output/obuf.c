/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "output/escape.h"
#include "output/obuf.h"

int obuf__open(struct obuf *o, int fd)
{
	*o = (struct obuf){ .fd = fd, .buf = malloc(OBUF_SIZE) };
	o->at = o->buf;
	o->end = o->buf ? o->buf + OBUF_SIZE : NULL;
	return o->buf ? 0 : -1;
}

void obuf__flush(struct obuf *o)
{
	char *p = o->buf;
	ssize_t n;

	while (p < o->at && !o->error) {
		n = write(o->fd, p, o->at - p);
		if (n > 0)
			p += n;
		else if (errno != EINTR)
			o->error = errno;
	}
	o->at = o->buf;
}

int obuf__close(struct obuf *o, const char *what, struct err *e)
{
	obuf__flush(o);
	free(o->buf);
	o->buf = o->at = o->end = NULL;
	if (o->error)
		return err__set(e, "cannot write %s: %s", what, strerror(o->error));
	return 0;
}

void obuf__bytes(struct obuf *o, const char *s, size_t n)
{
	size_t part;

	for (; n; n -= part, s += part) {
		part = n < OBUF_ROOM_MAX ? n : OBUF_ROOM_MAX;
		memcpy(obuf__room(o, part), s, part);
		o->at += part;
	}
}

void obuf__name(struct obuf *o, const char *s)
{
	size_t n;

	while (*s) {
		/* what most names are of */
		for (n = 0; s[n] > ' ' && s[n] < 0x7f; n++)
			;
		obuf__bytes(o, s, n);
		s += n;
		if (*s)
			o->at = escape__char(obuf__room(o, ESCAPE_MAX), &s);
	}
}

void obuf__json_string(struct obuf *o, const char *s)
{
	obuf__char(o, '"');
	while (*s)
		o->at = json__char(obuf__room(o, ESCAPE_MAX), &s);
	obuf__char(o, '"');
}

void obuf__csv_string(struct obuf *o, const char *s)
{
	char c[ESCAPE_MAX];

	obuf__char(o, '"');
	while (*s) {
		if (*s == '"')
			obuf__char(o, '"');
		obuf__bytes(o, c, escape__char(c, &s) - c);
	}
	obuf__char(o, '"');
}

void obuf__printf(struct obuf *o, const char *fmt, ...)
{
	char *to = obuf__room(o, OBUF_ROOM_MAX);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(to, OBUF_ROOM_MAX, fmt, ap);
	va_end(ap);
	if (n > 0)
		o->at = to + (n < OBUF_ROOM_MAX ? n : OBUF_ROOM_MAX - 1);
}
