/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "browser/label.h"
#include "browser/text.h"

void text__begin(struct text *t, unsigned int columns)
{
	arena__free(&t->arena);
	t->arena = (struct arena){ 0 };
	t->nr = 0;
	t->nr_items = 0;
	t->columns = columns;
	t->no_memory = false;
}

static struct text_line *text__line(struct text *t)
{
	size_t max = t->max ? t->max * 2 : 64;
	struct text_line *line;

	if (t->nr == t->max) {
		line = realloc(t->line, max * sizeof(*line));
		if (!line) {
			t->no_memory = true;
			return NULL;
		}
		t->line = line;
		t->max = max;
	}
	return &t->line[t->nr++];
}

void text__add(struct text *t, const char *left, unsigned int left_style, unsigned int indent,
	       const char *s, unsigned int style, int item)
{
	unsigned int room = t->columns > indent + 8 ? t->columns - indent : 8;
	const char *label = label__make(&t->arena, s);
	struct text_line *line;
	size_t bytes, skip;

	t->no_memory |= !label;
	do {
		line = label ? text__line(t) : NULL;
		if (!line)
			return;
		bytes = label__wrap(label, room, &skip);
		*line = (struct text_line){ left, arena__copy(&t->arena, label, bytes), style, left_style, indent, item };
		t->no_memory |= !line->text;
		t->nr -= !line->text;
		left = NULL;
		label += skip;
	} while (*label);
	t->nr_items = item >= t->nr_items ? item + 1 : t->nr_items;
}

void text__free(struct text *t)
{
	free(t->line);
	arena__free(&t->arena);
	*t = (struct text){ 0 };
}

/* All lines of the selected item in sight, if they fit. */
static void text__scroll(struct text *t)
{
	size_t last = t->nr > t->height ? t->nr - t->height : 0, i;

	for (i = t->nr; t->nr_items && i-- > 0;)
		if (t->line[i].item == t->item && t->height && i >= t->top + t->height)
			t->top = i - t->height + 1;
	for (i = t->nr; t->nr_items && i-- > 0;)
		if (t->line[i].item == t->item && i < t->top)
			t->top = i;
	if (t->nr_items && !t->item)
		t->top = 0;
	if (t->top > last)
		t->top = last;
}

void text__set_height(struct text *t, unsigned int height)
{
	t->height = height;
	text__scroll(t);
}

void text__move(struct text *t, long by)
{
	long to = t->nr_items ? t->item + by : (long)t->top + by;
	const long last = t->nr_items ? t->nr_items - 1 : (long)t->nr;

	to = to < 0 ? 0 : to > last ? last : to;
	if (t->nr_items)
		t->item = to;
	else
		t->top = to;
	text__scroll(t);
}
