/* SPDX-License-Identifier: GPL-2.0-only */
/* What lies on the table: help, findings, the recording, a function. */
#include <stdio.h>
#include <string.h>

#include "browser/internal.h"

/* ---- sentences ------------------------------------------------------------------------ */

enum { KEYS_INDENT = 16, VIEWS_INDENT = 16, FACT_INDENT = 2, FINDING_INDENT = 4 };

static void text__heading(struct text *t, const char *s)
{
	if (t->nr)
		text__add(t, NULL, 0, 0, "", STYLE_PLAIN, -1);
	text__add(t, NULL, 0, 0, s, STYLE_STRONG, -1);
}

static void build__help(struct text *t, const struct state *s)
{
	static const char *const signs[][2] = {
		{ "-", "known, and nothing seen" },
		{ "?", "unknown: never counted as 0; a percentage is a share of what was known" },
		{ "!", "look here: there are enough samples to be sure of it (F says what of)" },
	};
	const struct binding *k;
	unsigned int i;

	text__heading(t, "Keys");
	for (i = 0; (k = binding__list(i)); i++)
		if (k->help)
			text__add(t, k->keys, STYLE_KEY, KEYS_INDENT, k->help, STYLE_PLAIN, -1);
	text__heading(t, "Views");
	for (i = 0; i < s->nr_views; i++)
		text__add(t, s->view[i].hist->view->name, STYLE_KEY, VIEWS_INDENT, s->view[i].hist->view->help, STYLE_PLAIN, -1);
	text__heading(t, "Signs");
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		text__add(t, signs[i][0], STYLE_KEY, KEYS_INDENT, signs[i][1], STYLE_PLAIN, -1);
	text__heading(t, "More");
	text__add(t, NULL, 0, FACT_INDENT, "man perf-xregs explains the views, the filter's grammar and when a finding is one.", STYLE_PLAIN, -1);
}

static void build__info(struct text *t, const struct state *s)
{
	const struct doc *d = &s->about;
	unsigned int line = 0;
	size_t i;

	for (i = 0; i < d->nr_facts; i++) {
		if (!d->fact[i].text)
			continue;
		if (d->fact[i].line != line)
			text__heading(t, line ? "" : "The recording");
		line = d->fact[i].line;
		text__add(t, NULL, 0, FACT_INDENT, d->fact[i].text, STYLE_PLAIN, -1);
	}
	if (*s->trouble.msg) {
		text__heading(t, "Trouble");
		text__add(t, "!", STYLE_MARK, FACT_INDENT, s->trouble.msg, STYLE_PLAIN, -1);
	}
	if (d->nr_titles)
		text__heading(t, "Notes");
	for (i = 0; i < d->nr_titles; i++)
		text__add(t, NULL, 0, FACT_INDENT, d->title[i] ? d->title[i] : "", STYLE_PLAIN, -1);
}

static void build__findings(struct text *t, const struct state *s)
{
	const struct doc *d = &s->about;
	size_t i;

	text__heading(t, "Findings");
	if (!d->nr_findings)
		text__add(t, NULL, 0, FACT_INDENT, "none that these samples prove", STYLE_PLAIN, -1);
	for (i = 0; i < d->nr_findings; i++) {
		text__add(t, NULL, 0, 0, "", STYLE_PLAIN, -1);
		text__add(t, "  !", STYLE_MARK, FINDING_INDENT, d->finding[i].text, STYLE_PLAIN, i);
		text__add(t, NULL, 0, FINDING_INDENT, d->finding[i].more, STYLE_DIM, i);
	}
}

void page__build_text(struct browser *b, unsigned int columns)
{
	text__begin(&b->text, columns);
	switch (b->text_page) {
	case TEXT_HELP:		build__help(&b->text, b->state);	break;
	case TEXT_INFO:		build__info(&b->text, b->state);	break;
	case TEXT_FINDINGS:	build__findings(&b->text, b->state);	break;
	}
	if (b->text.no_memory)
		browser__say(b, true, "out of memory: some of the text is missing");
}

void page__open_text(struct browser *b, enum text_page p)
{
	if (b->page != IN_TEXT)
		b->under = b->page;
	b->page = IN_TEXT;
	b->text_page = p;
	b->text.top = 0;
	b->text.item = 0;
}

/* ---- functions -------------------------------------------------------------------------- */

static void page__leave_function(struct browser *b)
{
	list__free(&b->instructions);
	doc__free(&b->function);
	b->entry = NULL;
}

void page__open_function(struct browser *b, const struct hist_entry *entry, const uint64_t *offset)
{
	struct err e = { 0 };
	struct doc d;
	uint32_t row;
	int column;

	if (state__function(b->state, entry, &d, &e)) {
		browser__say(b, true, "%s", e.msg);
		return;
	}
	page__leave_function(b);
	b->function = d;
	if (list__init(&b->instructions, &b->function, false)) {
		page__leave_function(b);
		browser__say(b, true, "out of memory for the instructions");
		return;
	}
	b->entry = entry;
	b->page = IN_FUNCTION;
	*b->search = '\0';
	row = list__biggest(&b->instructions, doc__weight(&b->function));
	column = doc__column(&b->function, "offset");
	for (size_t i = 0; offset && column >= 0 && i < b->function.nr_rows; i++)
		if (b->function.row[i].cell[column].order == (double)*offset)
			row = i;
	browser__draw(b);		/* so that the list knows its height */
	list__select(&b->instructions, row, NULL);
}

void page__close(struct browser *b)
{
	if (b->page == IN_TEXT) {
		b->page = b->under;
		return;
	}
	b->page = IN_TABLE;
	page__leave_function(b);
}

/* ---- views --------------------------------------------------------------------------------- */

void page__set_view(struct browser *b, unsigned int view)
{
	struct err e;

	if (view >= b->state->nr_views)
		return;
	if (!state__view(b->state, view, &e)) {
		browser__say(b, true, "%s", e.msg);
		return;
	}
	while (b->page != IN_TABLE)
		page__close(b);
	b->view = view;
}

/* The row of a symbol, in its view and open. */
static void page__show_symbol(struct browser *b, const char *symbol)
{
	struct list *l = browser__list(b);
	int column = l ? doc__column(l->doc, "symbol") : -1;
	size_t i;

	for (i = 0; column >= 0 && i < l->doc->nr_rows; i++) {
		if (!l->doc->row[i].cell[column].text || strcmp(l->doc->row[i].cell[column].text, symbol))
			continue;
		list__set_filter(l, "");
		list__select(l, i, NULL);
		list__open(l, true);
		return;
	}
}

void page__enter_finding(struct browser *b)
{
	const struct doc *d = &b->state->about;
	const struct doc_finding *f = (size_t)b->text.item < d->nr_findings ? &d->finding[b->text.item] : NULL;
	int view = f && f->view ? state__find_view(b->state, f->view, strlen(f->view)) : -1;

	if (view < 0)
		return;
	page__set_view(b, view);
	if (f->symbol)
		page__show_symbol(b, f->symbol);
}
