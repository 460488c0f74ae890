/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A document as a list that one moves in: which of its lines there are, in
 * what order, which is selected and which are in sight. Knows of no terminal.
 */
#ifndef PERF_XREGS_BROWSER_LIST_H
#define PERF_XREGS_BROWSER_LIST_H

#include "browser/doc.h"

enum { LIST_FILTER_MAX = 128 };

/* A row, or a line that belongs to it. */
struct list_line {
	uint32_t row;
	const struct doc_line *detail;	/* NULL: the row itself */
};

struct list {
	const struct doc *doc;
	uint32_t *order;		/* rows that are here, as sorted */
	size_t nr_order;
	bool *open;			/* by row of doc: its details are shown */
	struct list_line *line;
	size_t nr, max;
	size_t selected, top;		/* of lines */
	unsigned int height;		/* lines in sight */
	unsigned int skip;		/* columns behind the keys that are out of sight */
	char filter[LIST_FILTER_MAX];	/* only rows whose keys contain it */
	int sort;			/* column; -1: as the view has it */
	bool ascending;
};

/**
 * list__init - all rows of a document, the first selected
 * @open_first: show the details of the first row
 * Return: 0, or -1: no memory. list__free() it whatever this returns.
 */
int list__init(struct list *l, const struct doc *d, bool open_first);
void list__free(struct list *l);

void list__set_height(struct list *l, unsigned int height);
/** list__move - select the line @by further down, or up: the first or last at the most */
void list__move(struct list *l, long by);
/** list__select - the line of a row, or where @offset is given that of its detail */
void list__select(struct list *l, uint32_t row, const uint64_t *offset);

/** list__current - the selected line, NULL in an empty list */
const struct list_line *list__current(const struct list *l);
/** list__row - the row that a line is or belongs to */
const struct doc_row *list__row(const struct list *l, const struct list_line *line);

/** list__has_details - does a row have lines that can be hidden? */
bool list__has_details(const struct list *l, uint32_t row);
/** list__open - show or hide the details of the selected line's row; -1: no memory */
int list__open(struct list *l, bool open);
/** list__open_all - of all rows */
int list__open_all(struct list *l, bool open);

/** list__set_filter - leave only rows with @text in a key column; "": all */
int list__set_filter(struct list *l, const char *text);
/** list__sort - by a column, biggest first; once more: the other way round */
int list__sort(struct list *l, int column);

/**
 * list__find - select the next line that contains @text, from the selected on
 * @by: 1 onwards, -1 back, 0 onwards and the selected line counts
 * Return: found. Goes around at the ends.
 */
bool list__find(struct list *l, const char *text, int by);

/** list__biggest - the row with the biggest value of a column, the first of them */
uint32_t list__biggest(const struct list *l, int column);

#endif
