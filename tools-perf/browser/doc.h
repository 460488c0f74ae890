/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a report says, kept for looking at: a writer as those of text and HTML
 * are, whose paper is memory. Text in it is labels.
 */
#ifndef PERF_XREGS_BROWSER_DOC_H
#define PERF_XREGS_BROWSER_DOC_H

#include "output/output.h"
#include "util/htab.h"

struct doc_cell {
	const char *text;
	double order;			/* below 0: unknown; text: 0 */
	enum cell_kind kind;
	bool mark;
};

/* A stretch of a line whose background says how much it is. */
struct doc_span {
	uint16_t column, columns;
	float share;
};

/* Below a row; or before it, and always there: source lines, who called. */
struct doc_line {
	const char *text;
	const struct doc_span *span;
	unsigned int nr_spans;
	bool before, source;
	bool map;			/* of lanes: its columns have a meaning */
	bool has_offset;		/* it is about the instruction at */
	uint64_t offset;		/* this offset of the row's function */
};

struct doc_row {
	const struct doc_cell *cell;	/* one for each column of the table */
	const void *item;		/* output.item: what it is about */
	size_t first_line, nr_lines;
};

struct doc_fact {
	unsigned int line;
	const char *key, *text;		/* either may be NULL */
	double number;
};

struct doc_finding {
	const char *text, *more, *view, *symbol;	/* symbol may be NULL */
};

struct doc {
	struct output out;		/* first: to be written to */
	struct table table;
	unsigned int width[TABLE_MAX_COLUMNS];	/* of the widest cell or title */
	struct doc_row *row;
	struct doc_line *line;
	struct doc_fact *fact;
	struct doc_finding *finding;
	const char **title;		/* notes before the table */
	const char **note;		/* ... and behind it */
	size_t nr_rows, max_rows, nr_lines, max_lines, nr_facts, max_facts, nr_findings, max_findings;
	size_t nr_titles, max_titles, nr_notes, max_notes;
	size_t nr_before;		/* of the last lines, those of the row to come */
	struct arena arena;
	bool no_memory;			/* something is missing */
};

/** doc__init - an empty document; write to @d->out, doc__free() it */
void doc__init(struct doc *d);
void doc__free(struct doc *d);

/** doc__fact - a number of the head by its key in JSON; -1 if it does not say */
double doc__fact(const struct doc *d, const char *key);

/** doc__column - the column with a key, -1 if there is none */
int doc__column(const struct doc *d, const char *key);

/** doc__weight - the column with the share of the samples; -1: none */
int doc__weight(const struct doc *d);

#endif
