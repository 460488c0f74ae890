/* SPDX-License-Identifier: GPL-2.0-only */
/* The report for people: fits in 100 columns, colour only underlines. */
#include <stdlib.h>
#include <string.h>

#include "output/escape.h"
#include "output/output.h"

enum { CELL_TEXT_MAX = 512, GAP = TABLE_GAP };

static const char COLOR_TITLE[] = "\033[1m", COLOR_MARK[] = "\033[31m",
		  COLOR_DIM[] = "\033[2m", COLOR_OFF[] = "\033[0m";

/* Rows and details in order; a detail is one text that spans the line. */
struct text_line {
	char *cell[TABLE_MAX_COLUMNS];	/* escaped; detail: the first alone */
	bool mark[TABLE_MAX_COLUMNS];
	bool detail;
	bool raw;			/* has its own colours, and nothing of the recording */
};

struct text_rows {
	struct text_line *line;
	size_t nr, max;
	unsigned int width[TABLE_MAX_COLUMNS];
};

static void put_colored(struct output *o, const char *color, const char *s)
{
	if (o->color)
		fputs(color, o->f);
	fputs(s, o->f);
	if (o->color)
		fputs(COLOR_OFF, o->f);
}

/* "# a · b · c", continued on a second line where it would be too long. */
static void text_head(struct output *o, const struct head_item *item, size_t n)
{
	const char *sep = o->utf8 ? " \302\267 " : " | ";
	unsigned int at = 0, line = 0, w;
	bool first = true;
	char *text;
	size_t i;

	for (i = 0; i < n; i++) {
		text = item[i].text ? escape__text(item[i].text, o->utf8) : NULL;
		if (!text)
			continue;
		w = text__columns(text);
		if (!at || item[i].line != line) {
			at = fprintf(o->f, "%s# ", at ? "\n" : "") - !!at;
			first = true;
		} else if (at + 3 + w > o->width) {
			at = fprintf(o->f, "\n#   ") - 1;
			first = true;
		}
		fprintf(o->f, "%s%s", first ? "" : sep, text);
		free(text);
		at += w + (first ? 0 : 3);
		first = false;
		line = item[i].line;
	}
	if (at)
		fputc('\n', o->f);
}

static void text_table_begin(struct output *o, const struct table *t)
{
	unsigned int i;

	o->table = t;
	o->rows = calloc(1, sizeof(*o->rows));
	for (i = 0; o->rows && i < t->nr_columns; i++)
		o->rows->width[i] = text__columns(t->column[i]->title);
}

static struct text_line *rows__add(struct text_rows *r)
{
	size_t max = r->max ? r->max * 2 : 64;
	struct text_line *line;

	if (r->nr == r->max) {
		line = realloc(r->line, max * sizeof(*line));
		if (!line)
			return NULL;
		r->line = line;
		r->max = max;
	}
	memset(&r->line[r->nr], 0, sizeof(*r->line));
	return &r->line[r->nr++];
}

static void text_row(struct output *o, const struct cell *cells)
{
	struct text_line *line = o->rows ? rows__add(o->rows) : NULL;
	char buf[CELL_TEXT_MAX];
	unsigned int i, w;

	for (i = 0; line && i < o->table->nr_columns; i++) {
		line->cell[i] = escape__text(cell__format(&cells[i], buf, sizeof(buf)), o->utf8);
		line->mark[i] = cells[i].mark;
		w = line->cell[i] ? text__columns(line->cell[i]) : 0;
		if (w > o->rows->width[i])
			o->rows->width[i] = w;
	}
}

static void rows__add_detail(struct text_rows *r, char *text, bool raw)
{
	struct text_line *line = r && text ? rows__add(r) : NULL;

	if (!line) {
		free(text);
		return;
	}
	line->detail = true;
	line->raw = raw;
	line->cell[0] = text;
}

static void text_detail(struct output *o, const char *kind, const char *text,
			const struct column *column, const struct cell *cell, size_t n)
{
	(void)kind, (void)column, (void)cell, (void)n;
	if (text)
		rows__add_detail(o->rows, escape__text(text, o->utf8), false);
}

static void text_plot(struct output *o, const struct plot *p)
{
	char text[1024], *line;

	if (p->quiet || !plot__text(p, o->utf8, text, sizeof(text)))
		return;
	/* a picture: not to be broken between words */
	if (asprintf(&line, "%s%s%s", o->color ? COLOR_DIM : "", text, o->color ? COLOR_OFF : "") >= 0)
		rows__add_detail(o->rows, line, true);
}

static void text_lanes(struct output *o, const struct lane_map *m)
{
	char text[4096];
	size_t i;

	snprintf(text, sizeof(text), "      %s", m->title);
	text_detail(o, "lanes", text, NULL, NULL, 0);
	for (i = 0; i <= m->nr; i++) {
		lanes__text(m, i ? &m->row[i - 1] : NULL, o->color, text, sizeof(text));
		rows__add_detail(o->rows, strdup(text), true);
	}
}

static void put_cell(struct output *o, const struct column *c, const char *s,
		     unsigned int width, bool last)
{
	const char *dots = o->utf8 ? "\342\200\246" : "~";
	unsigned int w = text__columns(s), pad = w < width ? width - w : 0;

	if (!(c->flags & COLUMN_LEFT))
		fprintf(o->f, "%*s", (int)pad, "");
	if (w > width) {
		fwrite(s, 1, text__bytes(s, width - 1), o->f);
		fputs(dots, o->f);
	} else {
		fputs(s, o->f);
	}
	if ((c->flags & COLUMN_LEFT) && !last)
		fprintf(o->f, "%*s", (int)pad, "");
}

/*
 * A sentence, broken between words, continued under its own first letter.
 * Returns the column behind it.
 */
static unsigned int put_wrapped(struct output *o, const char *first, const char *next, const char *text)
{
	unsigned int at = fprintf(o->f, "%s", first), w;
	char *escaped = escape__text(text, o->utf8);
	const char *s = escaped ? escaped : "";
	bool start = true;
	size_t word, i;

	while (*s) {
		word = strcspn(s, " ");
		/* a number stays with its percent sign */
		if (s[word] == ' ' && s[word + 1] == '%')
			word += 1 + strcspn(s + word + 1, " ");
		for (w = i = 0; i < word; i++)
			w += (s[i] & 0xc0) != 0x80;
		if (!start && at + 1 + w > o->width) {
			at = fprintf(o->f, "\n%s", next) - 1;
			start = true;
		}
		if (!start)
			at += fprintf(o->f, " ");
		fwrite(s, 1, word, o->f);
		at += w;
		start = false;
		s += word + strspn(s + word, " ");
	}
	free(escaped);
	return at;
}

/* Longer than the line it goes on in the next, under its own beginning. */
static void put_detail(struct output *o, const struct text_line *line, const char *text)
{
	int indent = strspn(text, " ");
	char next[64];

	if (o->color && !line->raw)
		fputs(COLOR_DIM, o->f);
	if (line->raw || text__columns(text) + 2 <= o->width) {
		fputs(text, o->f);
	} else {
		snprintf(next, sizeof(next), "%*s", indent + 4, "");
		put_wrapped(o, next + 4, next, text + indent);
	}
	if (o->color && !line->raw)
		fputs(COLOR_OFF, o->f);
	fputc('\n', o->f);
}

static void put_line(struct output *o, const struct text_line *line)
{
	unsigned int i, n = o->table->nr_columns;
	bool first = true;

	fputs("  ", o->f);
	if (line->detail) {
		put_detail(o, line, line->cell[0] ? line->cell[0] : "");
		return;
	}
	for (i = 0; i < n; i++) {
		if (!column__is_text(o->table->column[i]))
			continue;
		fprintf(o->f, "%*s", first ? 0 : GAP, "");
		first = false;
		if (o->color && line->mark[i])
			fputs(COLOR_MARK, o->f);
		put_cell(o, o->table->column[i], line->cell[i] ? line->cell[i] : "", o->rows->width[i], i + 1 == n);
		if (o->color && line->mark[i])
			fputs(COLOR_OFF, o->f);
	}
	fputc('\n', o->f);
}

/* Columns from @i on that share its group. */
static unsigned int table__group_size(const struct table *t, unsigned int i)
{
	unsigned int n = 1;

	while (i + n < t->nr_columns && t->column[i + n]->group == t->column[i]->group)
		n++;
	return n;
}

/* The name of a group over its first column, or over its only one as that is set. */
static void put_groups(struct output *o)
{
	const struct table *t = o->table;
	unsigned int i, at = 0, written = 0, w, indent;
	const struct column *c, *last = NULL;
	bool any = false;

	for (i = 0; i < t->nr_columns; i++)
		any |= t->column[i]->group != NULL;
	if (!any)
		return;
	fputs("# ", o->f);
	for (i = 0; i < t->nr_columns; last = c, i++) {
		c = t->column[i];
		if (!column__is_text(c))
			continue;
		at += last ? GAP : 0;
		if (c->group && (!last || last->group != c->group)) {
			w = text__columns(c->group);
			indent = table__group_size(t, i) == 1 && !(c->flags & COLUMN_LEFT) && w < o->rows->width[i] ? o->rows->width[i] - w : 0;
			fprintf(o->f, "%*s%s", (int)(at + indent - written), "", c->group);
			written = at + indent + w;
		}
		at += o->rows->width[i];
	}
	fputc('\n', o->f);
}

static void put_titles(struct output *o)
{
	unsigned int i, n = o->table->nr_columns;
	bool first = true;

	fputs(o->color ? COLOR_TITLE : "", o->f);
	fputs("#\n", o->f);
	put_groups(o);
	fputs("# ", o->f);
	for (i = 0; i < n; i++) {
		if (!column__is_text(o->table->column[i]))
			continue;
		fprintf(o->f, "%*s", first ? 0 : GAP, "");
		first = false;
		put_cell(o, o->table->column[i], o->table->column[i]->title, o->rows->width[i], i + 1 == n);
	}
	fputs("\n#\n", o->f);
	fputs(o->color ? COLOR_OFF : "", o->f);
}

static void text_table_end(struct output *o)
{
	unsigned int k;
	size_t i;

	if (!o->rows)
		return;
	table__fit(o->table, o->rows->width, o->width - 2);	/* "# " before the titles */
	put_titles(o);
	for (i = 0; i < o->rows->nr; i++) {
		put_line(o, &o->rows->line[i]);
		for (k = 0; k < TABLE_MAX_COLUMNS; k++)
			free(o->rows->line[i].cell[k]);
	}
	free(o->rows->line);
	free(o->rows);
	o->rows = NULL;
}

static void text_findings(struct output *o, const struct finding *f, size_t n)
{
	unsigned int at;
	size_t i;

	fputc('\n', o->f);
	if (!n) {
		fputs("Findings: none that these samples prove\n", o->f);
		return;
	}
	put_colored(o, COLOR_TITLE, "Findings");
	fputc('\n', o->f);
	for (i = 0; i < n; i++) {
		at = put_wrapped(o, "  ! ", "    ", f[i].text);
		/* the command stays whole, for copying */
		fputs(at + 6 + text__columns(f[i].more) > o->width ? "\n      -> " : "   -> ", o->f);
		text__put(o->f, f[i].more);
		fputc('\n', o->f);
	}
}

static void text_note(struct output *o, const char *text)
{
	put_wrapped(o, "# ", "#   ", text);
	fputc('\n', o->f);
}

const struct output_ops output_text = {
	.name = "text", .head = text_head,
	.table_begin = text_table_begin, .row = text_row, .detail = text_detail, .plot = text_plot, .lanes = text_lanes,
	.table_end = text_table_end,
	.findings = text_findings, .note = text_note,
};
