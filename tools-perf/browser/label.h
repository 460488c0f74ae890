/* SPDX-License-Identifier: GPL-2.0-only */
/* Text as a terminal shows it: no control characters, and of a known width. */
#ifndef PERF_XREGS_BROWSER_LABEL_H
#define PERF_XREGS_BROWSER_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#include "util/htab.h"

/**
 * label__make - a copy that can be shown
 *
 * What this locale has no sign for, control characters and signs without a
 * width of their own come as '?': names in a recording may hold anything.
 *
 * Return: the copy, in @a; NULL: no memory.
 */
char *label__make(struct arena *a, const char *s);

/** label__columns - columns of the screen that a label fills */
unsigned int label__columns(const char *s);

/** label__bytes - bytes of a label that fill at most @columns */
size_t label__bytes(const char *s, unsigned int columns);

/** label__has - does a label contain @part, in upper or lower case? */
bool label__has(const char *s, const char *part);

/**
 * label__wrap - where a line of at most @columns ends: behind a word, if one fits
 * @skip: written: bytes to the start of the next line
 */
size_t label__wrap(const char *s, unsigned int columns, size_t *skip);

/**
 * label__squeeze - a line without the blanks that it can do without
 * @buf: at least the bytes of @s and one; behind its indent every run of blanks becomes two
 */
const char *label__squeeze(const char *s, char *buf);

#endif
