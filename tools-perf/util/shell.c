/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "util/shell.h"

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* One character inside of '...'; a quote leaves them for a moment. */
static char *put_plain(char *to, char c)
{
	if (c == '\'')
		return stpcpy(to, "'\\''");
	*to++ = c;
	return to;
}

/* One character inside of $'...'; three octal digits end by themselves. */
static char *put_escaped(char *to, char c)
{
	if (is_control(c))
		return to + sprintf(to, "\\%03o", c);
	if (c == '\'' || c == '\\')
		*to++ = '\\';
	*to++ = c;
	return to;
}

const char *shell__quote(struct arena *a, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+-@%,";
	enum { MOST = 4 };		/* bytes that one becomes */
	bool control = false;
	char *word, *to;
	size_t i;

	if (*s && !s[strspn(s, plain)])
		return s;
	for (i = 0; s[i]; i++)
		control |= is_control(s[i]);
	word = arena__alloc(a, i * MOST + sizeof("$''"));
	if (!word)
		return NULL;
	to = stpcpy(word, control ? "$'" : "'");
	for (; *s; s++)
		to = control ? put_escaped(to, *s) : put_plain(to, *s);
	strcpy(to, "'");
	return word;
}
