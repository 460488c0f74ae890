/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/escape.h"

size_t utf8__length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
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

/* C0, DEL and, of two bytes, C1. */
static bool is_control(const char *s)
{
	const unsigned char *c = (const unsigned char *)s;

	return c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
}

static char *put_bytes(char *to, const char *s, size_t n)
{
	memcpy(to, s, n);
	return to + n;
}

static char *put_byte(char *to, char c)
{
	static const char letters[] = { ['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r' };

	*to++ = '\\';
	if ((unsigned char)c >= sizeof(letters) || !letters[(unsigned char)c])
		return to + sprintf(to, "x%02x", (unsigned char)c);
	*to++ = letters[(unsigned char)c];
	return to;
}

char *escape__char(char *to, const char **s)
{
	size_t i, n = utf8__length(*s), bytes = n ? n : 1;

	if (n && !is_control(*s))
		to = put_bytes(to, *s, n);
	else
		for (i = 0; i < bytes; i++)
			to = put_byte(to, (*s)[i]);
	*s += bytes;
	return to;
}

char *escape__text(const char *s, bool utf8)
{
	char *copy = malloc(strlen(s) * (ESCAPE_MAX / 2) + 1), *to = copy;

	while (to && *s)
		if (utf8 || (unsigned char)*s < 0x80)
			to = escape__char(to, &s);
		else
			to = put_byte(to, *s++);
	if (to)
		*to = '\0';
	return copy;
}

char *json__char(char *to, const char **s)
{
	size_t n = utf8__length(*s);
	const char *c = *s;

	*s += n ? n : 1;
	if (!n)
		return put_bytes(to, "\\ufffd", 6);
	if (is_control(c))
		return to + sprintf(to, "\\u%04x", (unsigned char)c[n - 1]);
	if (*c == '"' || *c == '\\')
		*to++ = '\\';
	return put_bytes(to, c, n);
}
