/* SPDX-License-Identifier: GPL-2.0-only */
/* Is there a terminal to draw on, and is it given back whatever happens? */
#ifndef PERF_XREGS_BROWSER_TERMINAL_H
#define PERF_XREGS_BROWSER_TERMINAL_H

#include <stdbool.h>

#include "util/err.h"

/**
 * terminal__usable - can it be drawn on? Remembers how it is now
 *
 * Return: 0, or -1 with @e (usage): standard input or output is no terminal,
 * TERM is not set, not known, or that of one whose cursor cannot be moved.
 */
int terminal__usable(struct err *e);

/**
 * terminal__guard - catch the signals that end a process, and ^C
 *
 * Behind terminal__usable(), before ncurses changes anything: it leaves these
 * signals alone then. All give the terminal back as it was before the process
 * ends by them as it would have, but ^C, which is only remembered.
 */
void terminal__guard(void);
void terminal__release(void);

/** terminal__interrupted - was there a ^C since the last call? */
bool terminal__interrupted(void);
/** terminal__was_interrupted - the same, and it stays to be asked for */
bool terminal__was_interrupted(void);

#endif
