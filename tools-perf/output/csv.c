/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CSV [RFC 4180] of the table's rows, with the head and the notes in lines
 * that begin with '#'. Shares are fractions of 1, what is unknown is empty.
 * Details and findings have columns of their own and are left to JSON.
 */
#include <string.h>

#include "output/escape.h"
#include "output/output.h"

/* In quotes where it needs them; line breaks are escaped, so that a row is a line. */
static void csv_text(FILE *f, const char *s)
{
	bool quoted = s[strcspn(s, ",\"")];
	char c[ESCAPE_MAX];

	fputs(quoted ? "\"" : "", f);
	while (*s) {
		if (*s == '"')
			fputc('"', f);
		fwrite(c, 1, escape__char(c, &s) - c, f);
	}
	fputs(quoted ? "\"" : "", f);
}

static bool column__has_share(const struct column *c)
{
	return c->kind == CELL_TEXT_SHARE || c->kind == CELL_COUNT_SHARE;
}

static void csv_cell(FILE *f, const struct column *col, const struct cell *c)
{
	bool has = c->kind != CELL_UNKNOWN && c->kind != CELL_NONE;

	if (c->kind == CELL_NONE && col->kind != CELL_TEXT && col->kind != CELL_TEXT_SHARE)
		fputc('0', f);
	else if (c->text && (c->kind == CELL_TEXT || c->kind == CELL_TEXT_SHARE || c->kind == CELL_NONE))
		csv_text(f, c->text);
	else if (c->kind == CELL_SHARE || c->kind == CELL_SECONDS || c->kind == CELL_NUMBER)
		fprintf(f, "%.9g", c->share);
	else if (has)
		fprintf(f, "%llu", (unsigned long long)c->count);
	if (!column__has_share(col))
		return;
	fputc(',', f);
	if (c->kind == CELL_TEXT_SHARE || c->kind == CELL_COUNT_SHARE)
		fprintf(f, "%.9g", c->share);
}

static void csv_note(struct output *o, const char *text)
{
	fputs("# ", o->f);
	text__put(o->f, text);
	fputc('\n', o->f);
}

static void csv_head(struct output *o, const struct head_item *item, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (item[i].text)
			csv_note(o, item[i].text);
}

static void csv_table_begin(struct output *o, const struct table *t)
{
	unsigned int i;

	o->table = t;
	for (i = 0; i < t->nr_columns; i++) {
		fprintf(o->f, "%s%s", i ? "," : "", t->column[i]->key);
		if (column__has_share(t->column[i]))
			fprintf(o->f, ",%s_share", t->column[i]->key);
	}
	fputs("\r\n", o->f);
}

static void csv_row(struct output *o, const struct cell *cells)
{
	unsigned int i;

	for (i = 0; i < o->table->nr_columns; i++) {
		if (i)
			fputc(',', o->f);
		csv_cell(o->f, o->table->column[i], &cells[i]);
	}
	fputs("\r\n", o->f);
}

static void csv_detail(struct output *o, const char *kind, const char *text,
		       const struct column *column, const struct cell *cell, size_t n)
{
	(void)o, (void)kind, (void)text, (void)column, (void)cell, (void)n;
}

static void csv_plot(struct output *o, const struct plot *p)
{
	(void)o, (void)p;
}

static void csv_lanes(struct output *o, const struct lane_map *m)
{
	(void)o, (void)m;
}

static void csv_table_end(struct output *o)
{
	(void)o;
}

static void csv_findings(struct output *o, const struct finding *f, size_t n)
{
	(void)o, (void)f, (void)n;
}

const struct output_ops output_csv = {
	.name = "csv", .head = csv_head,
	.table_begin = csv_table_begin, .row = csv_row, .detail = csv_detail, .plot = csv_plot, .lanes = csv_lanes,
	.table_end = csv_table_end,
	.findings = csv_findings, .note = csv_note,
};
