/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One self-contained page: no reference to anything outside of it. What comes
 * from a recording is only ever written by put_text(), and the policy in the
 * page's head lets no script run but the one that has this page's nonce
 * [W3C Content Security Policy Level 3]. Readable without the script, too.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "output/escape.h"
#include "output/output.h"
#include "output/page.h"

struct html_page {
	char nonce[33];
	bool section;			/* one is open */
	bool more;			/* the last row has a row of details, which is open */
	char kind[24];			/* of the details whose table is open */
	const struct table *table;
};

enum { MAX_PARTS = 5, CELL_MAX = 1024 };

/* Text of a recording: controls as on a screen, markup as references. */
static void put_text(FILE *f, const char *s)
{
	char c[ESCAPE_MAX];

	while (*s) {
		if (strchr("&<>\"'`", *s))
			fprintf(f, "&#%d;", *s++);
		else
			fwrite(c, 1, escape__char(c, &s) - c, f);
	}
}

static int page__make_nonce(struct html_page *p)
{
	unsigned char bytes[16];
	unsigned int i;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -1;
	for (i = 0; i < sizeof(bytes); i++)
		sprintf(p->nonce + 2 * i, "%02x", bytes[i]);
	return 0;
}

int html__begin(struct output *o, const char *title)
{
	o->page = calloc(1, sizeof(*o->page));
	if (!o->page || page__make_nonce(o->page)) {
		free(o->page);
		o->page = NULL;
		return -1;
	}
	fprintf(o->f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
		"script-src 'nonce-%s'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
		o->page->nonce);
	put_text(o->f, title);
	fprintf(o->f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header class=\"bar\">\n"
		"<nav id=\"views\" aria-label=\"Views\"></nav>\n<span id=\"hits\" class=\"hits\" role=\"status\"></span>\n"
		"<input type=\"search\" id=\"search\" placeholder=\"Search rows ( / )\" aria-label=\"Search rows\" autocomplete=\"off\">\n"
		"</header>\n<h1>", page_css);
	put_text(o->f, title);
	fputs("</h1>\n", o->f);
	return 0;
}

static void page__close_details(struct output *o)
{
	if (*o->page->kind)
		fputs("</table>\n", o->f);
	*o->page->kind = '\0';
}

/* The row at hand, its details with it. */
static void page__close_item(struct output *o)
{
	page__close_details(o);
	if (o->page->more)
		fputs("</td></tr>\n", o->f);
	o->page->more = false;
}

static void page__close_section(struct output *o)
{
	if (o->page->section)
		fputs("</section>\n", o->f);
	o->page->section = false;
}

void html__end(struct output *o)
{
	page__close_section(o);
	fprintf(o->f, "<script nonce=\"%s\">\n%s</script>\n</body>\n</html>\n", o->page->nonce, page_js);
	free(o->page);
	o->page = NULL;
}

static void html_head(struct output *o, const struct head_item *item, size_t n)
{
	unsigned int line = 0;
	bool open = false;
	size_t i;

	fputs("<ul class=\"facts\">\n", o->f);
	for (i = 0; i < n; i++) {
		if (!item[i].text)
			continue;
		if (!open || item[i].line != line)
			fprintf(o->f, "%s<li>", open ? "</li>\n" : "");
		open = true;
		line = item[i].line;
		fputs("<span>", o->f);
		put_text(o->f, item[i].text);
		fputs("</span>", o->f);
	}
	fprintf(o->f, "%s</ul>\n", open ? "</li>\n" : "");
}

/* ---- tables ------------------------------------------------------------------------ */

static unsigned int table__parts(const struct table *t, unsigned int *part)
{
	unsigned int i, n = 0;

	for (i = 0; i < t->nr_columns; i++)
		if ((t->column[i]->flags & COLUMN_PART) && n < MAX_PARTS)
			part[n++] = i;
	return n;
}

static void put_legend(struct output *o, const struct table *t)
{
	unsigned int part[MAX_PARTS], i, n = table__parts(t, part);

	if (!n)
		return;
	fputs("<div class=\"legend\">", o->f);
	for (i = 0; i < n; i++)
		fprintf(o->f, "<span><i class=\"q%u\"></i>%s</span>", i, t->column[part[i]]->title);
	fputs("</div>\n", o->f);
}

/* A line above the titles, where columns share a group's name. */
static void put_groups(struct output *o, const struct table *t)
{
	unsigned int part[MAX_PARTS], i, k, n;
	bool any = false;

	for (i = 0; i < t->nr_columns; i++)
		any |= t->column[i]->group != NULL;
	if (!any)
		return;
	fputs("<tr class=\"groups\">", o->f);
	for (i = 0; i < t->nr_columns; i = k) {
		for (k = i, n = 0; k < t->nr_columns && t->column[k]->group == t->column[i]->group; k++)
			n += column__is_text(t->column[k]);
		if (n)
			fprintf(o->f, "<th colspan=\"%u\">%s</th>", n, t->column[i]->group ? t->column[i]->group : "");
	}
	fprintf(o->f, "%s</tr>\n", table__parts(t, part) ? "<th></th>" : "");
}

static void html_table_begin(struct output *o, const struct table *t)
{
	unsigned int part[MAX_PARTS], i;
	const struct column *c;

	page__close_section(o);
	o->page->section = true;
	o->table = t;
	fprintf(o->f, "<section id=\"%s\" aria-labelledby=\"h-%s\">\n<h2 id=\"h-%s\">%s</h2>\n<p class=\"help\">%s</p>\n",
		t->view, t->view, t->view, t->view, t->help);
	put_legend(o, t);
	fputs("<div class=\"scroll\">\n<table>\n<thead>", o->f);
	put_groups(o, t);
	fputs("<tr>", o->f);
	for (i = 0; i < t->nr_columns; i++) {
		c = t->column[i];
		if (!column__is_text(c))
			continue;
		fprintf(o->f, "<th scope=\"col\"%s data-key=\"%s\">%s</th>", c->flags & COLUMN_LEFT ? " class=\"left\"" : "", c->key, c->title);
	}
	if (table__parts(t, part))
		fputs("<th scope=\"col\" class=\"left\">Parts</th>", o->f);
	fputs("</tr></thead>\n", o->f);
}

/* What the cell sorts by; also what a test compares with JSON. */
static void put_sort_value(FILE *f, const struct cell *c)
{
	switch (c->kind) {
	case CELL_UNKNOWN:
		return;
	case CELL_NONE:
		fputs(" data-n data-v=\"0\"", f);
		return;
	case CELL_TEXT:
	case CELL_TEXT_SHARE:
		fputs(" data-v=\"", f);
		put_text(f, c->text);
		fputc('"', f);
		return;
	case CELL_COUNT:
	case CELL_HEX:
	case CELL_COUNT_SHARE:
		fprintf(f, " data-n data-v=\"%llu\"", (unsigned long long)c->count);
		return;
	case CELL_SHARE:
	case CELL_SECONDS:
	case CELL_NUMBER:
		fprintf(f, " data-n data-v=\"%.9g\"", c->share);
		return;
	}
}

static void put_cell(FILE *f, const struct column *col, const struct cell *c)
{
	static const char *const kinds[] = {
		[CELL_UNKNOWN] = " unknown", [CELL_NONE] = " none", [CELL_SHARE] = " share", [CELL_NUMBER] = "",
	};
	const char *kind = c->kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[c->kind] ? kinds[c->kind] : "";
	char text[CELL_MAX];

	fprintf(f, "<td class=\"%s%s%s\"", col->flags & COLUMN_LEFT || col->kind == CELL_TEXT ? "left" : "num", kind,
		c->mark ? " mark" : "");
	if (c->kind == CELL_SHARE)
		fprintf(f, " style=\"--s:%.2f\"", c->share * 100);
	put_sort_value(f, c);
	fputc('>', f);
	cell__format(c, text, sizeof(text));
	if (c->kind != CELL_TEXT && c->kind != CELL_TEXT_SHARE) {
		put_text(f, text);
	} else {
		fputs("<bdi title=\"", f);
		put_text(f, text);
		fputs("\">", f);
		put_text(f, text);
		fputs("</bdi>", f);
	}
	fputs("</td>", f);
}

static void put_parts(struct output *o, const struct cell *cells)
{
	unsigned int part[MAX_PARTS], i, n = table__parts(o->table, part);
	const struct cell *c;
	char text[64];

	if (!n)
		return;
	fputs("<td class=\"left\"><span class=\"stack\" aria-hidden=\"true\">", o->f);
	for (i = 0; i < n; i++) {
		c = &cells[part[i]];
		if (c->kind != CELL_SHARE)
			continue;
		fprintf(o->f, "<i class=\"q%u\" style=\"width:%.2f%%\" title=\"%s ", i, c->share * 100, o->table->column[part[i]]->title);
		put_text(o->f, cell__format(c, text, sizeof(text)));
		fputs("\"></i>", o->f);
	}
	fputs("</span></td>", o->f);
}

/* The name of a row for those who do not see it: its keys. */
static void put_name(struct output *o, const struct cell *cells)
{
	char text[CELL_MAX];
	bool first = true;
	unsigned int i;

	for (i = 0; i < o->table->nr_columns; i++) {
		if (!(o->table->column[i]->flags & COLUMN_KEY))
			continue;
		fputs(first ? "" : " ", o->f);
		put_text(o->f, cell__format(&cells[i], text, sizeof(text)));
		first = false;
	}
}

static void html_row(struct output *o, const struct cell *cells)
{
	unsigned int i;

	page__close_item(o);
	fputs("<tbody class=\"item\" data-name=\"", o->f);
	put_name(o, cells);
	fputs("\"><tr class=\"row\">", o->f);
	for (i = 0; i < o->table->nr_columns; i++)
		if (column__is_text(o->table->column[i]))
			put_cell(o->f, o->table->column[i], &cells[i]);
	put_parts(o, cells);
	fputs("</tr>\n", o->f);
}

static void html_table_end(struct output *o)
{
	page__close_item(o);
	fputs("</table>\n</div>\n", o->f);
}

/* ---- below a row --------------------------------------------------------------------- */

static void page__open_more(struct output *o)
{
	unsigned int part[MAX_PARTS], i, n = table__parts(o->table, part) > 0;

	if (o->page->more)
		return;
	o->page->more = true;
	for (i = 0; i < o->table->nr_columns; i++)
		n += column__is_text(o->table->column[i]);
	fprintf(o->f, "<tr class=\"more\"><td colspan=\"%u\">", n);
}

/* Neighbours of one kind form a table. */
static void html_detail(struct output *o, const char *kind, const char *text,
			const struct column *column, const struct cell *cell, size_t n)
{
	size_t i;

	(void)text;
	if (!n)
		return;
	page__open_more(o);
	if (strcmp(o->page->kind, kind)) {
		page__close_details(o);
		snprintf(o->page->kind, sizeof(o->page->kind), "%s", kind);
		fprintf(o->f, "<table class=\"detail\" data-kind=\"%s\"><tr>", kind);
		for (i = 0; i < n; i++)
			fprintf(o->f, "<th scope=\"col\"%s>%s</th>", column[i].kind == CELL_TEXT ? " class=\"left\"" : "", column[i].title);
		fputs("</tr>\n", o->f);
	}
	fputs("<tr>", o->f);
	for (i = 0; i < n; i++)
		put_cell(o->f, &column[i], &cell[i]);
	fputs("</tr>\n", o->f);
}

/* "2^-16", and what follows it */
static void put_edge(FILE *f, const struct plot *p, double v, const char *after)
{
	fprintf(f, "%s%g%s%s", p->prefix, v, p->suffix, after);
}

static void put_bar(FILE *f, const struct plot *p, unsigned int i, uint64_t max)
{
	fprintf(f, "<i%s style=\"height:%.1f%%\" title=\"", p->bin[i] ? " class=\"some\"" : "", 100.0 * p->bin[i] / max);
	put_edge(f, p, p->low + i * p->step, " &#8230; ");
	put_edge(f, p, plot__high(p, i), "");
	fprintf(f, ": %llu %s\"></i>", (unsigned long long)p->bin[i], p->count_key);
}

static void html_plot(struct output *o, const struct plot *p)
{
	unsigned int i, first = 0, last = 0;
	uint64_t max;

	if (!plot__range(p, &first, &last, &max))
		return;
	page__open_more(o);
	page__close_details(o);
	fprintf(o->f, "<figure style=\"--n:%u\"><figcaption>%s, up to %llu %s</figcaption><div class=\"bars\" role=\"img\" aria-label=\"%s from ",
		last - first + 1, p->title, (unsigned long long)max, p->count_key, p->title);
	put_edge(o->f, p, p->low + first * p->step, " to ");
	put_edge(o->f, p, plot__high(p, last), "\">");
	for (i = first; i <= last; i++)
		put_bar(o->f, p, i, max);
	fputs("</div><div class=\"axis\"><span>", o->f);
	put_edge(o->f, p, p->low + first * p->step, "</span><span>");
	put_edge(o->f, p, plot__high(p, last), "</span></div></figure>\n");
}

enum { LANES_WIDE = 16 };

static void put_lane(struct output *o, double share, unsigned int lane)
{
	if (share < 0)
		fprintf(o->f, "<td class=\"none\" title=\"lane %u was not read\">&#183;</td>", lane);
	else
		fprintf(o->f, "<td%s style=\"--s:%.1f\" title=\"lane %u: %.1f %%\">%.0f</td>", share >= 0.6 ? " class=\"high\"" : "",
			share * 100, lane, share * 100, share > 0 && share < 0.005 ? 1 : share < 1 && share >= 0.995 ? 99 : share * 100);
}

static void put_lane_row(struct output *o, const struct lane_map_row *r, unsigned int max)
{
	unsigned int i;

	fprintf(o->f, "<tr><th scope=\"row\" class=\"left\">%s</th>", r->reg);
	for (i = 0; i < r->nr_lanes; i++)
		put_lane(o, r->share[i], i);
	if (i < max)
		fprintf(o->f, "<td class=\"remark\" colspan=\"%u\"></td>", max - i);
	fprintf(o->f, "<td class=\"remark\">%s</td></tr>\n", r->note ? r->note : "");
}

static void html_lanes(struct output *o, const struct lane_map *m)
{
	unsigned int i, max = 0;
	size_t k;

	page__open_more(o);
	page__close_details(o);
	for (k = 0; k < m->nr; k++)
		max = m->row[k].nr_lanes > max ? m->row[k].nr_lanes : max;
	fprintf(o->f, "<figure><figcaption>%s</figcaption><table class=\"heat%s\">\n<tr><th scope=\"col\" class=\"left\">lane</th>", m->title,
		max > LANES_WIDE ? " narrow" : "");
	for (i = 0; i < max; i++)
		fprintf(o->f, "<th scope=\"col\">%u</th>", i);
	fputs("</tr>\n", o->f);
	for (k = 0; k < m->nr; k++)
		put_lane_row(o, &m->row[k], max);
	fputs("</table></figure>\n", o->f);
}

static void html_findings(struct output *o, const struct finding *f, size_t n)
{
	size_t i;

	page__close_section(o);
	fputs("<section id=\"findings\" aria-labelledby=\"h-findings\">\n<h2 id=\"h-findings\">findings</h2>\n", o->f);
	if (!n)
		fputs("<p class=\"note\">None that these samples prove.</p>\n", o->f);
	fputs("<ul class=\"findings\">\n", o->f);
	for (i = 0; i < n; i++) {
		fprintf(o->f, "<li data-kind=\"%s\">", f[i].kind);
		put_text(o->f, f[i].text);
		fputs("<code>", o->f);
		put_text(o->f, f[i].more);
		fputs("</code></li>\n", o->f);
	}
	fputs("</ul>\n</section>\n", o->f);
}

static void html_note(struct output *o, const char *text)
{
	fputs("<p class=\"note\">", o->f);
	put_text(o->f, text);
	fputs("</p>\n", o->f);
}

const struct output_ops output_html = {
	.name = "html", .head = html_head,
	.table_begin = html_table_begin, .row = html_row, .detail = html_detail, .plot = html_plot, .lanes = html_lanes,
	.table_end = html_table_end, .findings = html_findings, .note = html_note,
};
