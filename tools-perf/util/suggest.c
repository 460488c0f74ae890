/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/suggest.h"

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Insertions, deletions, changes and swaps of neighbours between two names. */
static unsigned int distance(const char *a, unsigned int na, const char *b,
			     unsigned int nb)
{
	unsigned int d[3][SUGGEST_NAME_MAX + 1], i, j, *row, *up, *up2;

	for (j = 0; j <= nb; j++)
		d[0][j] = j;
	for (i = 1; i <= na; i++) {
		row = d[i % 3];
		up = d[(i - 1) % 3];
		up2 = d[(i + 1) % 3];
		row[0] = i;
		for (j = 1; j <= nb; j++) {
			row[j] = min3(up[j] + 1, row[j - 1] + 1,
				      up[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) && up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return d[na % 3][nb];
}

/* One slip in three characters is a slip; more is another word. */
void suggest__start(struct suggest *s, const char *word, uint32_t len)
{
	*s = (struct suggest){ .word = word, .len = len };
	s->best = 1 + (len < 3 ? len / 2 : len / 3);
	if (s->best > 4)
		s->best = 4;
}

void suggest__add(struct suggest *s, const char *name)
{
	size_t len = strlen(name);
	unsigned int d;

	if (len > SUGGEST_NAME_MAX || s->len > SUGGEST_NAME_MAX)
		return;
	d = distance(s->word, s->len, name, len);
	if (d < s->best) {
		s->best = d;
		snprintf(s->name, sizeof(s->name), "%s", name);
	}
}

const char *suggest__text(const struct suggest *s, char *buf, size_t size)
{
	buf[0] = '\0';
	if (s->name[0])
		snprintf(buf, size, "; did you mean '%s'?", s->name);
	return buf;
}
