/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "browser/label.h"
#include "browser/list.h"

/* ---- lines ------------------------------------------------------------------------ */

static int list__add(struct list *l, uint32_t row, const struct doc_line *detail)
{
	size_t max = l->max ? l->max * 2 : 64;
	struct list_line *line;

	if (l->nr == l->max) {
		line = realloc(l->line, max * sizeof(*line));
		if (!line)
			return -1;
		l->line = line;
		l->max = max;
	}
	l->line[l->nr++] = (struct list_line){ row, detail };
	return 0;
}

static int list__add_row(struct list *l, uint32_t r)
{
	const struct doc_row *row = &l->doc->row[r];
	const struct doc_line *line = &l->doc->line[row->first_line];
	bool self = false;
	size_t i;

	for (i = 0; i <= row->nr_lines; i++) {
		if (!self && (i == row->nr_lines || !line[i].before)) {
			self = true;
			if (list__add(l, r, NULL))
				return -1;
		}
		if (i < row->nr_lines && (line[i].before || l->open[r]) && list__add(l, r, &line[i]))
			return -1;
	}
	return 0;
}

/* The selected line in sight, and no more empty lines than there must be. */
static void list__scroll(struct list *l)
{
	size_t last = l->nr > l->height ? l->nr - l->height : 0;

	if (l->selected >= l->nr)
		l->selected = l->nr ? l->nr - 1 : 0;
	if (l->top > l->selected)
		l->top = l->selected;
	if (l->height && l->selected >= l->top + l->height)
		l->top = l->selected - l->height + 1;
	if (l->top > last)
		l->top = last;
}

/* Anew, with the same line selected, or its row where the line is hidden now. */
static int list__rebuild(struct list *l)
{
	struct list_line was = l->selected < l->nr ? l->line[l->selected] : (struct list_line){ UINT32_MAX, NULL };
	size_t i, below = l->selected - l->top;

	l->nr = 0;
	for (i = 0; i < l->nr_order; i++)
		if (list__add_row(l, l->order[i]))
			return -1;
	for (i = 0, l->selected = 0; i < l->nr; i++) {
		if (l->line[i].row != was.row)
			continue;
		if (!l->line[i].detail || l->line[i].detail == was.detail)
			l->selected = i;
		if (l->line[i].detail == was.detail)
			break;
	}
	l->top = l->selected > below ? l->selected - below : 0;
	list__scroll(l);
	return 0;
}

/* ---- which rows, in what order ------------------------------------------------------- */

static bool row__matches(const struct doc *d, const struct doc_row *row, const char *text)
{
	unsigned int i;

	for (i = 0; i < d->table.nr_columns; i++)
		if (d->table.column[i]->flags & COLUMN_KEY && row->cell[i].text && label__has(row->cell[i].text, text))
			return true;
	return false;
}

/* Rows are numbered as the view has them: so equal ones keep its order. */
static int rows__compare(const void *x, const void *y, void *ctx)
{
	const struct list *l = ctx;
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	const struct doc_cell *p, *q;
	int d = 0;

	if (l->sort >= 0) {
		p = &l->doc->row[a].cell[l->sort];
		q = &l->doc->row[b].cell[l->sort];
		/* what is unknown is last either way */
		if ((p->order < 0) != (q->order < 0))
			return p->order < 0 ? 1 : -1;
		d = (p->order < q->order) - (p->order > q->order);
		if (!d && (p->kind == CELL_TEXT || q->kind == CELL_TEXT) && p->text && q->text)
			d = strcmp(p->text, q->text);
		d = l->ascending ? -d : d;
	}
	return d ? d : (a > b) - (a < b);
}

static int list__collect(struct list *l)
{
	size_t i;

	l->nr_order = 0;
	for (i = 0; i < l->doc->nr_rows; i++)
		if (!*l->filter || row__matches(l->doc, &l->doc->row[i], l->filter))
			l->order[l->nr_order++] = i;
	if (l->nr_order)
		qsort_r(l->order, l->nr_order, sizeof(*l->order), rows__compare, l);
	return list__rebuild(l);
}

int list__init(struct list *l, const struct doc *d, bool open_first)
{
	*l = (struct list){ .doc = d, .sort = -1 };
	l->order = calloc(d->nr_rows + 1, sizeof(*l->order));
	l->open = calloc(d->nr_rows + 1, sizeof(*l->open));
	if (!l->order || !l->open)
		return -1;
	l->open[0] = open_first;
	return list__collect(l);
}

void list__free(struct list *l)
{
	free(l->order);
	free(l->open);
	free(l->line);
	*l = (struct list){ 0 };
}

int list__set_filter(struct list *l, const char *text)
{
	size_t n = label__bytes(text, LIST_FILTER_MAX - 1);

	n = n < LIST_FILTER_MAX ? n : LIST_FILTER_MAX - 1;
	memcpy(l->filter, text, n);
	l->filter[n] = '\0';
	return list__collect(l);
}

int list__sort(struct list *l, int column)
{
	l->ascending = l->sort == column && column >= 0 ? !l->ascending : false;
	l->sort = column;
	return list__collect(l);
}

/* ---- moving --------------------------------------------------------------------------- */

void list__set_height(struct list *l, unsigned int height)
{
	l->height = height;
	list__scroll(l);
}

void list__move(struct list *l, long by)
{
	if (by < 0 && (size_t)-by > l->selected)
		l->selected = 0;
	else
		l->selected += by;
	list__scroll(l);
}

void list__select(struct list *l, uint32_t row, const uint64_t *offset)
{
	size_t i;

	for (i = 0; i < l->nr; i++) {
		if (l->line[i].row != row)
			continue;
		if (!l->line[i].detail)
			l->selected = i;
		else if (offset && l->line[i].detail->has_offset && l->line[i].detail->offset == *offset)
			break;
	}
	if (i < l->nr)
		l->selected = i;
	/* with what is around it */
	l->top = l->selected > l->height / 2 ? l->selected - l->height / 2 : 0;
	list__scroll(l);
}

const struct list_line *list__current(const struct list *l)
{
	return l->selected < l->nr ? &l->line[l->selected] : NULL;
}

const struct doc_row *list__row(const struct list *l, const struct list_line *line)
{
	return &l->doc->row[line->row];
}

/* ---- details --------------------------------------------------------------------------- */

bool list__has_details(const struct list *l, uint32_t r)
{
	const struct doc_row *row = &l->doc->row[r];

	return row->nr_lines && !l->doc->line[row->first_line + row->nr_lines - 1].before;
}

int list__open(struct list *l, bool open)
{
	const struct list_line *line = list__current(l);

	if (!line)
		return 0;
	l->open[line->row] = open;
	return list__rebuild(l);
}

int list__open_all(struct list *l, bool open)
{
	memset(l->open, open, l->doc->nr_rows);
	return list__rebuild(l);
}

/* ---- looking for ------------------------------------------------------------------------- */

static bool line__has(const struct list *l, const struct list_line *line, const char *text)
{
	const struct doc_row *row = list__row(l, line);
	unsigned int i;

	if (line->detail)
		return label__has(line->detail->text, text);
	for (i = 0; i < l->doc->table.nr_columns; i++)
		if (column__is_text(l->doc->table.column[i]) && row->cell[i].text && label__has(row->cell[i].text, text))
			return true;
	return false;
}

bool list__find(struct list *l, const char *text, int by)
{
	size_t i, at = l->selected, step = by < 0 ? l->nr - 1 : 1;

	for (i = 0; i < l->nr; i++) {
		if (by || i)
			at = (at + step) % l->nr;
		if (line__has(l, &l->line[at], text)) {
			l->selected = at;
			list__scroll(l);
			return true;
		}
	}
	return false;
}

uint32_t list__biggest(const struct list *l, int column)
{
	uint32_t i, best = 0;

	for (i = 1; column >= 0 && i < l->doc->nr_rows; i++)
		if (l->doc->row[i].cell[column].order > l->doc->row[best].cell[column].order)
			best = i;
	return best;
}
