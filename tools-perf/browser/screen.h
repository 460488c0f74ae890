/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal, by ncurses. This and nothing else in this folder knows of it. */
#ifndef PERF_XREGS_BROWSER_SCREEN_H
#define PERF_XREGS_BROWSER_SCREEN_H

#include <stdbool.h>

#include "util/err.h"

enum { HEAT_LEVELS = 7, LANE_LEVELS = 12 };

/* What a text is. Colours only underline it: without them all is said as well. */
enum style {
	STYLE_PLAIN,
	STYLE_BAR, STYLE_BAR_MARK,	/* the first line */
	STYLE_TAB, STYLE_TAB_ON,
	STYLE_HEADER,			/* titles of columns */
	STYLE_DIM,			/* of less weight: details, "-", hints */
	STYLE_STRONG,
	STYLE_MARK,			/* "!": look here */
	STYLE_KEY,			/* a key to press */
	STYLE_ERROR,
	STYLE_SOURCE,			/* a line of a program's source */
	STYLE_BOX,			/* of a menu */
	STYLE_HEAT,			/* share of the samples, cold to hot */
	STYLE_LANE = STYLE_HEAT + HEAT_LEVELS,	/* share of a lane, a background */
	STYLE_NR = STYLE_LANE + LANE_LEVELS,
	STYLE_SELECTED = 0x100,		/* with any of them: the line under the cursor */
};

/* Keys beyond the characters; characters are code points. */
enum key {
	K_NOTHING = -1,		/* a signal, or no key yet */
	K_GONE = -2,			/* the terminal is */
	K_CTRL_C = 3, K_TAB = 9, K_CTRL_L = 12, K_ENTER = 13, K_ESC = 27,
	K_FIRST = 0x200000,		/* above the last code point */
	K_UP = K_FIRST, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PAGE_UP, K_PAGE_DOWN,
	K_BACK_TAB, K_ERASE, K_DELETE, K_RESIZED, K_F1,
};

/**
 * screen__open - take the terminal
 *
 * It is given back by screen__close(), and by signals that end the process.
 * Return: 0, or -1 with @e.
 */
int screen__open(bool color, struct err *e);
void screen__close(void);

void screen__size(unsigned int *lines, unsigned int *columns);
/** screen__utf8 - the locale has more signs than ASCII */
bool screen__utf8(void);

/** screen__clear - begin a picture; screen__show() it */
void screen__clear(void);
void screen__show(void);
/** screen__repaint - show all of it anew: the terminal was written to by somebody else */
void screen__repaint(void);

/** screen__put - a label, cut with a marker where it is wider than @columns; returns columns used */
unsigned int screen__put(unsigned int line, unsigned int column, unsigned int columns, unsigned int style, const char *s);
/** screen__fill - @columns blanks */
void screen__fill(unsigned int line, unsigned int column, unsigned int columns, unsigned int style);
/** screen__bar - a bar, @share of @columns long */
void screen__bar(unsigned int line, unsigned int column, unsigned int columns, unsigned int style, double share);
/** screen__box - a frame, empty inside */
void screen__box(unsigned int line, unsigned int column, unsigned int lines, unsigned int columns);
/** screen__cursor - show the cursor here when the picture is shown */
void screen__cursor(unsigned int line, unsigned int column);

/** screen__key - wait for a key; @wait false: only look whether there is one */
int screen__key(bool wait);
/** style__heat - for a share of the samples; style__lane - for that of a lane */
enum style style__heat(double share);
enum style style__lane(double share);

#endif
