/* SPDX-License-Identifier: GPL-2.0-only */
/* A line of text that is being typed: UTF-8, with a cursor. Knows of no terminal. */
#ifndef PERF_XREGS_BROWSER_EDIT_H
#define PERF_XREGS_BROWSER_EDIT_H

#include <stdbool.h>
#include <stddef.h>

enum { EDIT_MAX = 4096 };

struct edit {
	char text[EDIT_MAX];
	size_t len, at;			/* bytes; at is before the cursor */
};

enum edit_op {
	EDIT_LEFT, EDIT_RIGHT, EDIT_HOME, EDIT_END,
	EDIT_BACKSPACE, EDIT_DELETE,
	EDIT_KILL,			/* to the end */
	EDIT_KILL_LINE,			/* to the start */
	EDIT_KILL_WORD,			/* the word before the cursor */
};

/** edit__set - this text, with the cursor behind it */
void edit__set(struct edit *e, const char *text);
/** edit__insert - one character in UTF-8; false: full, or no character */
bool edit__insert(struct edit *e, const char *c, size_t bytes);
void edit__do(struct edit *e, enum edit_op op);

/**
 * edit__window - the first byte to show, so that the cursor is in sight
 * @columns: of the window, at least 2
 * @cursor: written: its column in the window
 */
size_t edit__window(const struct edit *e, unsigned int columns, unsigned int *cursor);

#endif
