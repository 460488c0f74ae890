/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a report consists of, and the writers that put it on paper: a head, a
 * table with rows and details below them, findings, notes at the foot. A
 * writer is a table of functions; views know nothing of any of them.
 */
#ifndef PERF_XREGS_OUTPUT_H
#define PERF_XREGS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/err.h"

/* A value of a table, or why there is none. */
enum cell_kind {
	CELL_UNKNOWN,			/* "?": not known; absent in JSON */
	CELL_NONE,			/* "-": known, nothing seen; 0, or its text or "" in JSON */
	CELL_TEXT,
	CELL_COUNT,			/* count */
	CELL_SHARE,			/* share, 0..1 */
	CELL_COUNT_SHARE,		/* count, and for how many it holds */
	CELL_TEXT_SHARE,		/* text, and for how many it holds */
	CELL_SECONDS,			/* share holds seconds */
	CELL_NUMBER,			/* share holds any number */
	CELL_HEX,			/* count, in hexadecimal */
};

struct cell {
	enum cell_kind kind;
	bool mark;			/* "!": look here */
	const char *text;
	uint64_t count;
	double share;
};

enum column_flags {
	COLUMN_LEFT	= 1,		/* left-aligned */
	COLUMN_FLEX	= 2,		/* gives way where the line is too long */
	COLUMN_KEY	= 4,		/* says which row it is */
	COLUMN_DATA	= 8,		/* in JSON and CSV alone */
	COLUMN_PART	= 16,		/* with the others that have it, parts of one whole */
};

struct column {
	const char *key;		/* in JSON and CSV: [a-z0-9_]+ */
	const char *title;
	enum cell_kind kind;		/* of its usual cells */
	unsigned int flags;
	const char *group;		/* stands above neighbours that share it */
};

enum { TABLE_MAX_COLUMNS = 24, TABLE_GAP = 2 };	/* blanks between columns */

struct table {
	const char *view, *help;
	const struct column *column[TABLE_MAX_COLUMNS];
	unsigned int nr_columns;
};

/* One fact of the head. Facts of one line are set side by side in text. */
struct head_item {
	unsigned int line;
	const char *key;		/* in JSON; NULL: only text */
	const char *text;		/* NULL: only JSON */
	const char *value;		/* JSON: string value; NULL: number */
	double number;
};

/* Counts over bins of equal width, below the last row. Empty bins are left out
 * of JSON; text and pages show the range from the first to the last that is not. */
struct plot {
	const char *kind;		/* in JSON */
	const char *title;		/* "f32 exponents" */
	const char *series_key, *series; /* JSON: "lane_type": "f32"; NULL: none */
	bool series_is_number;
	const char *low_key, *high_key, *count_key;
	const char *prefix, *suffix;	/* of a bin's number: "2^", " s" */
	double low, step;
	bool whole;			/* bins of integers: high is the last in the bin */
	bool full;			/* show empty bins at both ends as well */
	bool quiet;			/* nothing to look at: not in text */
	const uint64_t *bin;
	unsigned int nr;
};

/* Of registers the share of each lane's samples in which it is not zero. */
struct lane_map_row {
	const char *reg, *type;		/* "ymm3", "f32" */
	uint64_t samples;
	const char *note;		/* "upper half zero", or NULL */
	unsigned int nr_lanes;
	double share[64];		/* below 0: no such lane was read */
};

struct lane_map {
	const char *title;
	const struct lane_map_row *row;	/* of one type: lanes of equal width */
	size_t nr;
};

struct finding {
	const char *kind;		/* "subnormal", "dirty", ...: in JSON */
	const char *text;		/* the sentence */
	const char *more;		/* the command that shows more */
	const char *view, *symbol;	/* ... by this view, of this symbol or NULL */
};

struct output;

struct output_ops {
	const char *name;
	void (*head)(struct output *o, const struct head_item *item, size_t n);
	void (*table_begin)(struct output *o, const struct table *t);
	void (*row)(struct output *o, const struct cell *cells);
	/* below the last row: @text (may be NULL) for people, @n cells for programs */
	void (*detail)(struct output *o, const char *kind, const char *text,
		       const struct column *column, const struct cell *cell, size_t n);
	void (*plot)(struct output *o, const struct plot *p);
	void (*lanes)(struct output *o, const struct lane_map *m);
	void (*table_end)(struct output *o);
	void (*findings)(struct output *o, const struct finding *f, size_t n);
	void (*note)(struct output *o, const char *text);
};

struct output {
	const struct output_ops *ops;
	FILE *f;
	bool color, utf8;
	unsigned int width;		/* of a line of text */
	const struct table *table;
	const void *item;		/* what the next row is about: only who asked for it looks */
	struct text_rows *rows;		/* text: kept until widths are known */
	struct html_page *page;
};

extern const struct output_ops output_text, output_json, output_csv, output_html;

/** output__open - write to @f; @color as decided by the caller */
void output__open(struct output *o, const struct output_ops *ops, FILE *f, bool color);

/** output__check_color - WHEN of --color; -1 with @e (usage) */
int output__check_color(const char *when, struct err *e);
/** output__want_color - on standard output: always, never, auto (a terminal, no NO_COLOR) */
bool output__want_color(const char *when);

/** column__is_text - is a column for people, not for programs alone? */
bool column__is_text(const struct column *c);
/**
 * table__fit - make columns narrower where a line is too long
 * @width: of each column, its widest cell; flexible ones lose down to 8
 * @room: columns of the screen for all of them
 */
void table__fit(const struct table *t, unsigned int *width, unsigned int room);

/** cell__format - a cell as text ("12.4 %", "-", "?"); returns @buf */
char *cell__format(const struct cell *c, char *buf, size_t size);

/** plot__range - first and last bin that are not empty; false: all are */
bool plot__range(const struct plot *p, unsigned int *first, unsigned int *last, uint64_t *max);
/** plot__high - the upper end of bin @i */
double plot__high(const struct plot *p, unsigned int i);
/** plot__text - a line that draws it; false: there is nothing to draw */
bool plot__text(const struct plot *p, bool utf8, char *buf, size_t size);
/** lanes__text - one line of a lane map; @row NULL: that with the numbers of the lanes */
void lanes__text(const struct lane_map *m, const struct lane_map_row *row, bool color,
		 char *buf, size_t size);
/** lanes__column - where in such a line the figure of a lane begins; @width written */
unsigned int lanes__column(const struct lane_map *m, unsigned int lane, unsigned int *width);

/** text__put - print someone else's text, see escape__char() */
void text__put(FILE *f, const char *s);
/** text__put_lines - the same of a text that has lines, and a last newline */
void text__put_lines(FILE *f, const char *s);
/** text__bytes - bytes of @s that fill at most @columns of the screen */
size_t text__bytes(const char *s, unsigned int columns);
/** text__columns - screen columns of a UTF-8 string */
unsigned int text__columns(const char *s);
/** json__string - print @s as a JSON string */
void json__string(FILE *f, const char *s);

/**
 * html__begin - the start of a page, up to the first op of output_html
 * @title: of the page
 * Return: 0, or -1: no memory.
 */
int html__begin(struct output *o, const char *title);
void html__end(struct output *o);

struct pager;

/**
 * pager__start - send standard output through a pager, as perf does:
 * PERF_PAGER, then PAGER, then less; none when standard output is no
 * terminal or the pager is "cat" or "". NULL when none was started.
 */
struct pager *pager__start(void);
/** pager__finish - wait until the reader has closed it */
void pager__finish(struct pager *p);

#endif
