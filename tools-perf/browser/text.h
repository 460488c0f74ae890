/* SPDX-License-Identifier: GPL-2.0-only */
/* Sentences on a page: wrapped, scrolled, perhaps with items to choose from. */
#ifndef PERF_XREGS_BROWSER_TEXT_H
#define PERF_XREGS_BROWSER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "util/htab.h"

struct text_line {
	const char *left, *text;	/* left: before the text, or NULL */
	unsigned int style, left_style, indent;
	int item;			/* -1: part of none */
};

struct text {
	struct text_line *line;
	size_t nr, max, top;
	unsigned int columns, height;
	int item, nr_items;		/* selected */
	struct arena arena;
	bool no_memory;
};

/** text__begin - an empty page of @columns; keeps what is selected and where it was scrolled to */
void text__begin(struct text *t, unsigned int columns);
/**
 * text__add - a paragraph
 * @left: label that stands before its first line, within @indent; or NULL
 * @item: what it belongs to, counted from 0; -1: none
 */
void text__add(struct text *t, const char *left, unsigned int left_style, unsigned int indent,
	       const char *s, unsigned int style, int item);
void text__free(struct text *t);

void text__set_height(struct text *t, unsigned int height);
/** text__move - the item @by further on; where there are none, lines */
void text__move(struct text *t, long by);

#endif
