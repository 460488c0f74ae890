/* SPDX-License-Identifier: GPL-2.0-only */
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "output/escape.h"
#include "output/output.h"

void output__open(struct output *o, const struct output_ops *ops, FILE *f, bool color)
{
	*o = (struct output){
		.ops = ops, .f = f, .color = color, .width = 100,
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
}

/*
 * Something that was seen never rounds to nothing, and less than everything
 * never to everything.
 */
static void format_share(double share, char *buf, size_t size)
{
	double percent = share * 100;

	if (share <= 0)
		snprintf(buf, size, "-");
	else if (percent < 0.05)
		snprintf(buf, size, "<0.1 %%");
	else if (share >= 1)
		snprintf(buf, size, "100 %%");
	else if (percent >= 99.95)
		snprintf(buf, size, ">99.9 %%");
	else
		snprintf(buf, size, "%.1f %%", percent);
}

/* Beside another value: whole percent, for room. */
static void format_whole(double share, char *buf, size_t size)
{
	if (share > 0 && share < 0.01)
		snprintf(buf, size, "<1 %%");
	else if (share < 1 && share > 0.99)
		snprintf(buf, size, ">99 %%");
	else
		snprintf(buf, size, "%.0f %%", share * 100);
}

char *cell__format(const struct cell *c, char *buf, size_t size)
{
	char share[16];

	switch (c->kind) {
	case CELL_UNKNOWN:
		snprintf(buf, size, "?");
		break;
	case CELL_NONE:
		snprintf(buf, size, "-");
		break;
	case CELL_TEXT:
		snprintf(buf, size, "%s", c->text);
		break;
	case CELL_COUNT:
		snprintf(buf, size, "%llu", (unsigned long long)c->count);
		break;
	case CELL_SHARE:
		format_share(c->share, buf, size);
		break;
	case CELL_COUNT_SHARE:
		format_whole(c->share, share, sizeof(share));
		snprintf(buf, size, "%llu %5s", (unsigned long long)c->count, share);
		break;
	case CELL_TEXT_SHARE:
		format_whole(c->share, share, sizeof(share));
		snprintf(buf, size, c->share < 1 ? "%s %s" : "%s", c->text, share);
		break;
	case CELL_SECONDS:
		snprintf(buf, size, "%.3f s", c->share);
		break;
	case CELL_NUMBER:
		snprintf(buf, size, "%.3g", c->share);
		break;
	case CELL_HEX:
		snprintf(buf, size, "%#llx", (unsigned long long)c->count);
		break;
	}
	if (c->mark)
		strncat(buf, " !", size - strlen(buf) - 1);
	return buf;
}

void text__put(FILE *f, const char *s)
{
	char c[ESCAPE_MAX];

	while (*s)
		fwrite(c, 1, escape__char(c, &s) - c, f);
}

void text__put_lines(FILE *f, const char *s)
{
	char c[ESCAPE_MAX];

	while (*s) {
		if (*s == '\n')
			fputc(*s++, f);
		else
			fwrite(c, 1, escape__char(c, &s) - c, f);
	}
	fputc('\n', f);
}

unsigned int text__columns(const char *s)
{
	unsigned int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

size_t text__bytes(const char *s, unsigned int columns)
{
	size_t i;

	for (i = 0; s[i]; i++)
		if ((s[i] & 0xc0) != 0x80 && !columns--)
			break;
	return i;
}
