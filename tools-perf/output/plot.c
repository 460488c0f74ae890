/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms and lane maps as lines of text. */
#include <stdio.h>
#include <string.h>

#include "output/output.h"

bool plot__range(const struct plot *p, unsigned int *first, unsigned int *last, uint64_t *max)
{
	unsigned int i;

	*max = 0;
	for (i = 0; i < p->nr; i++) {
		if (!p->bin[i])
			continue;
		*first = *max ? *first : i;
		*last = i;
		*max = p->bin[i] > *max ? p->bin[i] : *max;
	}
	if (p->full) {
		*first = 0;
		*last = p->nr - 1;
	}
	return *max;
}

double plot__high(const struct plot *p, unsigned int i)
{
	return p->low + (i + 1) * p->step - (p->whole ? 1 : 0);
}

static const char *level(bool utf8, uint64_t n, uint64_t max)
{
	static const char *const bars[] = { " ", "\342\226\201", "\342\226\202", "\342\226\203", "\342\226\204",
					    "\342\226\205", "\342\226\206", "\342\226\207", "\342\226\210" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };
	/* what is there is never drawn as nothing */
	unsigned int i = n ? 1 + n * 7 / max : 0;

	return utf8 ? bars[i] : ascii[i];
}

bool plot__text(const struct plot *p, bool utf8, char *buf, size_t size)
{
	unsigned int i, first = 0, last = 0;
	uint64_t max;
	size_t n;

	if (!plot__range(p, &first, &last, &max))
		return false;
	n = snprintf(buf, size, "          %s  %s%g%s |", p->title, p->prefix, p->low + first * p->step, p->suffix);
	for (i = first; i <= last && n < size; i++)
		n += snprintf(buf + n, size - n, "%s", level(utf8, p->bin[i], max));
	if (n < size)
		snprintf(buf + n, size - n, "| %s%g%s", p->prefix, plot__high(p, last), p->suffix);
	return true;
}

/* ---- lane maps ------------------------------------------------------------------ */

/* Up to this many lanes stand with their percentages, more by one figure each. */
enum { LANES_WITH_FIGURES = 16, LANES_INDENT = 6, LANES_NAME = 6, FIGURE_WIDTH = 4 };

static unsigned int lanes__max(const struct lane_map *m)
{
	unsigned int max = 0;
	size_t i;

	for (i = 0; i < m->nr; i++)
		max = m->row[i].nr_lanes > max ? m->row[i].nr_lanes : max;
	return max;
}

/* 256-colour grey ramp [ECMA-48 SGR 38;5 and 48;5]: black on light, white on dark. */
static size_t put_shade(char *buf, size_t size, double share, const char *text)
{
	unsigned int step = (unsigned int)(share * 23 + 0.5);

	return snprintf(buf, size, "\033[38;5;%um\033[48;5;%um%s\033[0m", step > 11 ? 16 : 255, 232 + step, text);
}

/* What was seen is never "0", less than all never "100". */
static void figure__percent(double share, char *buf, size_t size)
{
	unsigned int percent = (unsigned int)(share * 100 + 0.5);

	if (share > 0 && percent == 0)
		percent = 1;
	if (share < 1 && percent == 100)
		percent = 99;
	snprintf(buf, size, "%*u", FIGURE_WIDTH, percent);
}

/* Tenths: '.' none, 0 below 10 %, ... 9 from 90 % on, '#' all. */
static void figure__tenth(double share, char *buf, size_t size)
{
	snprintf(buf, size, "%c", share <= 0 ? '.' : share >= 1 ? '#' : '0' + (int)(share * 10));
}

static size_t lanes__put_share(double share, bool wide, bool color, char *buf, size_t size)
{
	char text[16];

	if (share < 0)
		return snprintf(buf, size, "%s", wide ? "   -" : "-");
	if (wide)
		figure__percent(share, text, sizeof(text));
	else
		figure__tenth(share, text, sizeof(text));
	return color ? put_shade(buf, size, share, text) : (size_t)snprintf(buf, size, "%s", text);
}

unsigned int lanes__column(const struct lane_map *m, unsigned int lane, unsigned int *width)
{
	*width = lanes__max(m) <= LANES_WITH_FIGURES ? FIGURE_WIDTH : 1;
	return LANES_INDENT + LANES_NAME + lane * *width;
}

void lanes__text(const struct lane_map *m, const struct lane_map_row *row, bool color, char *buf, size_t size)
{
	unsigned int i, max = lanes__max(m);
	const bool wide = max <= LANES_WITH_FIGURES;
	size_t n = snprintf(buf, size, "%*s%-*s", LANES_INDENT, "", LANES_NAME, row ? row->reg : "lane");

	if (!row && !wide) {
		snprintf(buf + n, size - n, "0..%u, in tenths: . none, 0 below 10 %%, ... 9 from 90 %%, # all", max - 1);
		return;
	}
	for (i = 0; i < max && n < size; i++) {
		if (!row)
			n += snprintf(buf + n, size - n, "%*u", FIGURE_WIDTH, i);
		else if (i < row->nr_lanes)
			n += lanes__put_share(row->share[i], wide, color, buf + n, size - n);
		else
			n += snprintf(buf + n, size - n, "%s", wide ? "    " : " ");
	}
	if (row && row->note && n < size)
		snprintf(buf + n, size - n, "  <- %s", row->note);
}
