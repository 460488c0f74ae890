/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "output/numfmt.h"
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
	char *to;

	for (; *s; s++) {
		to = obuf__room(o, 4);
		if ((unsigned char)*s >= ' ' && *s != 0x7f) {
			*to++ = *s;
		} else {
			memcpy(to, "\\x", 2);
			to = numfmt__hex(to + 2, (unsigned char)*s, 2);
		}
		o->at = to;
	}
}

/*
 * Bytes of the UTF-8 character at @s [RFC 3629, section 4], 0 if it is none:
 * overlong forms, surrogates and what is beyond U+10FFFF are none.
 */
static size_t utf8_length(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : low;
	high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : high;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return n;
}

static char *json_char(char *to, const unsigned char *s, size_t n)
{
	if (!n) {
		memcpy(to, "\\ufffd", 6);
		return to + 6;
	}
	if (*s == '"' || *s == '\\')
		*to++ = '\\';
	if (*s < ' ' || *s == 0x7f) {
		memcpy(to, "\\u00", 4);
		return numfmt__hex(to + 4, *s, 2);
	}
	memcpy(to, s, n);
	return to + n;
}

void obuf__json_string(struct obuf *o, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	obuf__char(o, '"');
	for (; *s; s += n ? n : 1) {
		n = utf8_length(s);
		o->at = json_char(obuf__room(o, 8), s, n);
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
