/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NDJSON: one object a line, told apart by "type": "head", "row", a detail's
 * kind, "finding", "note". Shares are fractions of 1. What is unknown is
 * absent; what was looked for and not seen is 0.
 */
#include <math.h>
#include <string.h>

#include "output/escape.h"
#include "output/output.h"

void json__string(FILE *f, const char *s)
{
	char c[ESCAPE_MAX];

	fputc('"', f);
	while (*s)
		fwrite(c, 1, json__char(c, &s) - c, f);
	fputc('"', f);
}

static void json_number(FILE *f, double v)
{
	if (v == floor(v) && fabs(v) < 1e15)
		fprintf(f, "%.0f", v);
	else
		fprintf(f, "%.9g", v);
}

static void json_member(FILE *f, const char *key, const char *suffix)
{
	fprintf(f, ",\"%s%s\":", key, suffix);
}

static void json_none(FILE *f, const struct column *col, const struct cell *c)
{
	bool text = col->kind == CELL_TEXT || col->kind == CELL_TEXT_SHARE;

	json_member(f, col->key, "");
	if (text)
		json__string(f, c->text ? c->text : "");
	else
		fputc('0', f);
}

static void json_cell(FILE *f, const struct column *col, const struct cell *c)
{
	switch (c->kind) {
	case CELL_UNKNOWN:
		return;
	case CELL_NONE:
		json_none(f, col, c);
		return;
	case CELL_TEXT:
	case CELL_TEXT_SHARE:
		json_member(f, col->key, "");
		json__string(f, c->text);
		break;
	case CELL_COUNT:
	case CELL_COUNT_SHARE:
	case CELL_HEX:
		json_member(f, col->key, "");
		fprintf(f, "%llu", (unsigned long long)c->count);
		break;
	case CELL_SHARE:
	case CELL_SECONDS:
	case CELL_NUMBER:
		json_member(f, col->key, "");
		json_number(f, c->share);
		break;
	}
	if (c->kind == CELL_TEXT_SHARE || c->kind == CELL_COUNT_SHARE) {
		json_member(f, col->key, "_share");
		json_number(f, c->share);
	}
}

static void json_head(struct output *o, const struct head_item *item, size_t n)
{
	size_t i;

	fputs("{\"type\":\"head\"", o->f);
	for (i = 0; i < n; i++) {
		if (!item[i].key)
			continue;
		json_member(o->f, item[i].key, "");
		if (item[i].value)
			json__string(o->f, item[i].value);
		else
			json_number(o->f, item[i].number);
	}
	fputs("}\n", o->f);
}

static void json_table_begin(struct output *o, const struct table *t)
{
	o->table = t;
}

static void json_row(struct output *o, const struct cell *cells)
{
	unsigned int i;

	fprintf(o->f, "{\"type\":\"row\",\"view\":\"%s\"", o->table->view);
	for (i = 0; i < o->table->nr_columns; i++)
		json_cell(o->f, o->table->column[i], &cells[i]);
	fputs("}\n", o->f);
}

/* Belongs to the row before it. */
static void json_detail(struct output *o, const char *kind, const char *text,
			const struct column *column, const struct cell *cell, size_t n)
{
	size_t i;

	(void)text;
	if (!n)
		return;
	fprintf(o->f, "{\"type\":\"%s\",\"view\":\"%s\"", kind, o->table->view);
	for (i = 0; i < n; i++)
		json_cell(o->f, &column[i], &cell[i]);
	fputs("}\n", o->f);
}

static void json_plot(struct output *o, const struct plot *p)
{
	unsigned int i;

	for (i = 0; i < p->nr; i++) {
		if (!p->bin[i])
			continue;
		fprintf(o->f, "{\"type\":\"%s\",\"view\":\"%s\"", p->kind, o->table->view);
		if (p->series) {
			json_member(o->f, p->series_key, "");
			if (p->series_is_number)
				fputs(p->series, o->f);
			else
				json__string(o->f, p->series);
		}
		json_member(o->f, p->low_key, "");
		json_number(o->f, p->low + i * p->step);
		if (p->high_key) {
			json_member(o->f, p->high_key, "");
			json_number(o->f, plot__high(p, i));
		}
		json_member(o->f, p->count_key, "");
		fprintf(o->f, "%llu}\n", (unsigned long long)p->bin[i]);
	}
}

/* A lane that no sample read is null. */
static void json_lanes(struct output *o, const struct lane_map *m)
{
	const struct lane_map_row *r;
	unsigned int i;

	for (r = m->row; r < m->row + m->nr; r++) {
		fprintf(o->f, "{\"type\":\"lanes\",\"view\":\"%s\",\"register\":\"%s\",\"lane_type\":\"%s\",\"samples\":%llu,\"nonzero\":[",
			o->table->view, r->reg, r->type, (unsigned long long)r->samples);
		for (i = 0; i < r->nr_lanes; i++) {
			fputs(i ? "," : "", o->f);
			if (r->share[i] < 0)
				fputs("null", o->f);
			else
				json_number(o->f, r->share[i]);
		}
		fputs("]}\n", o->f);
	}
}

static void json_table_end(struct output *o)
{
	(void)o;
}

static void json_findings(struct output *o, const struct finding *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		fprintf(o->f, "{\"type\":\"finding\",\"kind\":\"%s\",\"text\":", f[i].kind);
		json__string(o->f, f[i].text);
		fputs(",\"more\":", o->f);
		json__string(o->f, f[i].more);
		fputs("}\n", o->f);
	}
}

static void json_note(struct output *o, const char *text)
{
	fputs("{\"type\":\"note\",\"text\":", o->f);
	json__string(o->f, text);
	fputs("}\n", o->f);
}

const struct output_ops output_json = {
	.name = "json", .head = json_head,
	.table_begin = json_table_begin, .row = json_row, .detail = json_detail, .plot = json_plot, .lanes = json_lanes,
	.table_end = json_table_end,
	.findings = json_findings, .note = json_note,
};
