/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "browser/doc.h"
#include "browser/label.h"

enum { TEXT_MAX = 4096 };

/*
 * Room for one more in an array of doc; NULL: no memory. @array is where its
 * pointer lies, of whatever type that is: so it is copied, not cast.
 */
static void *doc__grow(struct doc *d, void *array, size_t *nr, size_t *max, size_t size)
{
	size_t more = *max ? *max * 2 : 32;
	char *p;

	memcpy(&p, array, sizeof(p));
	if (*nr == *max) {
		p = realloc(p, more * size);
		if (!p) {
			d->no_memory = true;
			return NULL;
		}
		memcpy(array, &p, sizeof(p));
		*max = more;
	}
	return memset(p + (*nr)++ * size, 0, size);
}

#define DOC_GROW(d, what) doc__grow(d, &(d)->what, &(d)->nr_##what##s, &(d)->max_##what##s, sizeof(*(d)->what))

static const char *doc__label(struct doc *d, const char *s)
{
	const char *label = s ? label__make(&d->arena, s) : NULL;

	d->no_memory |= s && !label;
	return label;
}

static void doc__head(struct output *o, const struct head_item *item, size_t n)
{
	struct doc *d = (struct doc *)o;
	struct doc_fact *f;
	size_t i;

	for (i = 0; i < n; i++) {
		f = DOC_GROW(d, fact);
		if (f)
			*f = (struct doc_fact){ item[i].line, item[i].value ? NULL : item[i].key, doc__label(d, item[i].text), item[i].number };
	}
}

static void doc__table_begin(struct output *o, const struct table *t)
{
	struct doc *d = (struct doc *)o;
	unsigned int i;

	d->table = *t;
	for (i = 0; i < t->nr_columns; i++)
		d->width[i] = label__columns(t->column[i]->title);
}

/* ---- rows ----------------------------------------------------------------------- */

static double cell__order(const struct cell *c)
{
	switch (c->kind) {
	case CELL_UNKNOWN:
		return -1;
	case CELL_COUNT:
	case CELL_HEX:
		return c->count;
	case CELL_COUNT_SHARE:
		return c->count + c->share;
	case CELL_SHARE:
	case CELL_TEXT_SHARE:
	case CELL_SECONDS:
	case CELL_NUMBER:
		return c->share;
	case CELL_NONE:
	case CELL_TEXT:
		break;
	}
	return 0;
}

static void doc__row(struct output *o, const struct cell *cells)
{
	struct doc *d = (struct doc *)o;
	struct doc_cell *copy = arena__alloc(&d->arena, d->table.nr_columns * sizeof(*copy));
	struct doc_row *row = DOC_GROW(d, row);
	char text[TEXT_MAX];
	unsigned int i, w;

	d->no_memory |= !copy;
	for (i = 0; copy && i < d->table.nr_columns; i++) {
		copy[i] = (struct doc_cell){ .kind = cells[i].kind, .mark = cells[i].mark, .order = cell__order(&cells[i]) };
		copy[i].text = doc__label(d, cell__format(&cells[i], text, sizeof(text)));
		w = copy[i].text ? label__columns(copy[i].text) : 0;
		d->width[i] = w > d->width[i] ? w : d->width[i];
	}
	if (row)
		*row = (struct doc_row){ .cell = copy, .item = o->item, .first_line = d->nr_lines - d->nr_before, .nr_lines = d->nr_before };
	if (row && !copy)
		d->nr_rows--;
	o->item = NULL;
	d->nr_before = 0;
}

/* ---- lines ------------------------------------------------------------------------ */

static struct doc_line *doc__line(struct doc *d, const char *text)
{
	const char *label = doc__label(d, text);
	struct doc_line *line = label ? DOC_GROW(d, line) : NULL;

	if (line)
		line->text = label;
	return line;
}

/* To the last row, or to the one that is still to come. */
static void doc__attach(struct doc *d, bool before)
{
	if (before)
		d->nr_before++;
	else if (d->nr_rows)
		d->row[d->nr_rows - 1].nr_lines++;
}

/* What text leaves to programs, in their words: "ymm2  f32  Samples 40  Zero 3.1 %". */
static void cells__words(const struct column *column, const struct cell *cell, size_t n, char *text, size_t size)
{
	char value[TEXT_MAX];
	size_t i, at = snprintf(text, size, "          ");

	for (i = 0; i < n && at < size; i++) {
		if (cell[i].kind == CELL_NONE || !strcmp(column[i].key, "offset") || !strcmp(column[i].key, "instruction"))
			continue;
		cell__format(&cell[i], value, sizeof(value));
		at += snprintf(text + at, size - at, "%s%s%s", cell[i].kind == CELL_TEXT ? "" : column[i].title,
			       cell[i].kind == CELL_TEXT ? "" : " ", value);
		if (at < size)
			at += snprintf(text + at, size - at, "  ");
	}
}

static const struct cell *cells__find(const struct column *column, const struct cell *cell, size_t n, const char *key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(column[i].key, key))
			return &cell[i];
	return NULL;
}

/* The instruction, above the first of its operands that stand without text. */
static void doc__instruction(struct doc *d, const struct cell *offset, const struct cell *insn)
{
	const struct doc_line *last = d->nr_lines ? &d->line[d->nr_lines - 1] : NULL;
	struct doc_line *line;
	char text[TEXT_MAX];

	if (!strcmp(d->table.view, "annotate") || (last && last->has_offset && last->offset == offset->count && d->row[d->nr_rows - 1].nr_lines))
		return;
	snprintf(text, sizeof(text), "          +0x%-4llx %.96s", (unsigned long long)offset->count, insn ? insn->text : "");
	line = doc__line(d, text);
	if (!line)
		return;
	line->has_offset = true;
	line->offset = offset->count;
	doc__attach(d, false);
}

static void doc__detail(struct output *o, const char *kind, const char *text,
			const struct column *column, const struct cell *cell, size_t n)
{
	const struct cell *offset = cells__find(column, cell, n, "offset");
	struct doc *d = (struct doc *)o;
	const bool before = !strcmp(kind, "source") || !d->nr_rows;
	struct doc_line *line;
	char words[TEXT_MAX];

	/* "3 more ...": they are here, of what text leaves out those that say at which instruction */
	if (!strcmp(kind, "more") || (!text && !offset))
		return;
	if (!text) {
		doc__instruction(d, offset, cells__find(column, cell, n, "instruction"));
		cells__words(column, cell, n, words, sizeof(words));
		text = words;
	}
	line = doc__line(d, text);
	if (!line)
		return;
	line->before = before;
	line->source = !strcmp(kind, "source");
	line->map = !strcmp(kind, "lanes");
	line->has_offset = offset != NULL;
	line->offset = offset ? offset->count : 0;
	doc__attach(d, before);
}

static void doc__plot(struct output *o, const struct plot *p)
{
	char text[TEXT_MAX];

	if (!p->quiet && plot__text(p, o->utf8, text, sizeof(text)))
		doc__detail(o, p->kind, text, NULL, NULL, 0);
}

/* ---- lane maps ---------------------------------------------------------------------- */

static void line__shade(struct doc *d, struct doc_line *line, const struct lane_map *m, const struct lane_map_row *row)
{
	struct doc_span *span = arena__alloc(&d->arena, row->nr_lanes * sizeof(*span));
	unsigned int i, width;

	if (!span)
		return;
	for (i = 0; i < row->nr_lanes; i++) {
		if (row->share[i] <= 0)
			continue;
		span[line->nr_spans].column = lanes__column(m, i, &width);
		span[line->nr_spans].columns = width;
		span[line->nr_spans++].share = row->share[i];
	}
	line->span = span;
}

static void doc__lanes(struct output *o, const struct lane_map *m)
{
	struct doc *d = (struct doc *)o;
	char text[TEXT_MAX];
	size_t i, n;

	snprintf(text, sizeof(text), "      %s", m->title);
	doc__detail(o, "lanes", text, NULL, NULL, 0);
	for (i = 0; i <= m->nr; i++) {
		lanes__text(m, i ? &m->row[i - 1] : NULL, false, text, sizeof(text));
		n = d->nr_lines;
		doc__detail(o, "lanes", text, NULL, NULL, 0);
		if (i && d->nr_lines > n)
			line__shade(d, &d->line[n], m, &m->row[i - 1]);
	}
}

/* ---- the rest ------------------------------------------------------------------------ */

static void doc__table_end(struct output *o)
{
	(void)o;
}

static void doc__findings(struct output *o, const struct finding *f, size_t n)
{
	struct doc *d = (struct doc *)o;
	struct doc_finding *copy;
	size_t i;

	for (i = 0; i < n; i++) {
		copy = DOC_GROW(d, finding);
		if (copy)
			*copy = (struct doc_finding){
				doc__label(d, f[i].text), doc__label(d, f[i].more), doc__label(d, f[i].view), doc__label(d, f[i].symbol),
			};
	}
}

static void doc__note(struct output *o, const char *text)
{
	struct doc *d = (struct doc *)o;
	const char **note = d->table.nr_columns ? DOC_GROW(d, note) : DOC_GROW(d, title);

	if (note)
		*note = doc__label(d, text);
}

static const struct output_ops doc_ops = {
	.name = "browser", .head = doc__head,
	.table_begin = doc__table_begin, .row = doc__row, .detail = doc__detail, .plot = doc__plot, .lanes = doc__lanes,
	.table_end = doc__table_end,
	.findings = doc__findings, .note = doc__note,
};

void doc__init(struct doc *d)
{
	*d = (struct doc){ 0 };
	output__open(&d->out, &doc_ops, NULL, false);
}

void doc__free(struct doc *d)
{
	free(d->row);
	free(d->line);
	free(d->fact);
	free(d->finding);
	free(d->title);
	free(d->note);
	arena__free(&d->arena);
	*d = (struct doc){ 0 };
}

double doc__fact(const struct doc *d, const char *key)
{
	size_t i;

	for (i = 0; i < d->nr_facts; i++)
		if (d->fact[i].key && !strcmp(d->fact[i].key, key))
			return d->fact[i].number;
	return -1;
}

int doc__column(const struct doc *d, const char *key)
{
	unsigned int i;

	for (i = 0; i < d->table.nr_columns; i++)
		if (!strcmp(d->table.column[i]->key, key))
			return i;
	return -1;
}

int doc__weight(const struct doc *d)
{
	int column = doc__column(d, "overhead");

	return column < 0 ? doc__column(d, "children") : column;
}
