/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <wchar.h>

#include "browser/label.h"
#include "output/escape.h"

/* A valid sequence of UTF-8 [RFC 3629, 3]; glibc's wchar_t is the code point. */
static wchar_t utf8__decode(const char *s, size_t bytes)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	wchar_t c = (unsigned char)*s & first[bytes];
	size_t i;

	for (i = 1; i < bytes; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/* The next sign: its bytes, and columns; 0 where it cannot be shown. */
static size_t label__next(const char *s, unsigned int *columns)
{
	size_t bytes = utf8__length(s);
	int width;

	*columns = 0;
	if (!bytes)
		return 1;
	width = wcwidth(utf8__decode(s, bytes));
	*columns = width == 1 || width == 2 ? width : 0;
	return bytes;
}

char *label__make(struct arena *a, const char *s)
{
	char *copy = arena__copy(a, s, strlen(s)), *to = copy;
	unsigned int columns;
	size_t bytes;

	if (!copy)
		return NULL;
	for (; *s; s += bytes) {
		bytes = label__next(s, &columns);
		if (columns) {
			memcpy(to, s, bytes);
			to += bytes;
		} else {
			*to++ = '?';
		}
	}
	*to = '\0';
	return copy;
}

unsigned int label__columns(const char *s)
{
	unsigned int n = 0, columns;

	for (; *s; n += columns)
		s += label__next(s, &columns);
	return n;
}

size_t label__bytes(const char *s, unsigned int room)
{
	unsigned int columns;
	size_t at = 0, bytes;

	for (; s[at]; at += bytes, room -= columns) {
		bytes = label__next(s + at, &columns);
		if (columns > room)
			break;
	}
	return at;
}

bool label__has(const char *s, const char *part)
{
	return strcasestr(s, part);
}

size_t label__wrap(const char *s, unsigned int columns, size_t *skip)
{
	size_t fits = label__bytes(s, columns), at = fits;

	/* "25.0 %" stays together */
	if (s[fits])
		while (at && (s[at] != ' ' || s[at + 1] == '%'))
			at--;
	/* a word longer than the line is broken; a line is never empty */
	at = at ? at : fits ? fits : s[0] != '\0';
	*skip = at + strspn(s + at, " ");
	return at;
}

const char *label__squeeze(const char *s, char *buf)
{
	size_t indent = strspn(s, " ");
	unsigned int blanks = 0;
	char *to = buf;

	memcpy(to, s, indent);
	for (to += indent, s += indent; *s; s++) {
		blanks = *s == ' ' ? blanks + 1 : 0;
		if (blanks <= 2)
			*to++ = *s;
	}
	*to = '\0';
	return buf;
}
