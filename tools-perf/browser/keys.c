/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>

#include "browser/keys.h"
#include "browser/screen.h"

/* As in perf report, where it has such a thing. */
static const struct binding bindings[] = {
	{ ACTION_UP,		IN_ALL,	{ K_UP, 'k' },	   "Up Down k j", "a line up, down" },
	{ ACTION_DOWN,		IN_ALL,	{ K_DOWN, 'j' },	   NULL, NULL },
	{ ACTION_PAGE_UP,	IN_ALL,	{ K_PAGE_UP, 2 },	   "PgUp PgDn Space", "a page up, down" },
	{ ACTION_PAGE_DOWN,	IN_ALL,	{ K_PAGE_DOWN, ' ', 6 }, NULL, NULL },
	{ ACTION_HOME,		IN_ALL,	{ K_HOME, 'g' },	   "Home End g G", "to the first line, to the last" },
	{ ACTION_END,		IN_ALL,	{ K_END, 'G' },	   NULL, NULL },
	{ ACTION_ENTER,		IN_ALL,	{ K_ENTER, K_RIGHT, 'a' }, "Enter Right a", "the instructions of the function; of a thread, object or CPU: zoom in" },
	{ ACTION_DETAILS,	IN_ALL, { '+', '-', 'e' },	   "+ - e", "open or close what is below a row: operands, callers, plots, maps" },
	{ ACTION_OPEN_ALL,	IN_ALL,	{ 'E' },		   "E C", "open all rows, close all" },
	{ ACTION_CLOSE_ALL,	IN_ALL,	{ 'C' },		   NULL, NULL },
	{ ACTION_BACK,		IN_ALL,	{ K_LEFT, K_ESC },	   "Left Esc", "back; in a table to before the last filter, sort or zoom" },
	{ ACTION_NEXT_VIEW,	IN_ALL,	{ K_TAB },		   "Tab Shift-Tab", "the next view, the one before" },
	{ ACTION_PREVIOUS_VIEW,	IN_ALL,	{ K_BACK_TAB },	   NULL, NULL },
	{ ACTION_VIEW_NUMBER,	IN_ALL,	{ '1', '2', '3', '4' },	   "1 ... 9 0", "a view by its number" },
	{ ACTION_VIEW_NUMBER,	IN_ALL,	{ '5', '6', '7', '8' },	   NULL, NULL },
	{ ACTION_VIEW_NUMBER,	IN_ALL,	{ '9', '0' },		   NULL, NULL },
	{ ACTION_VIEWS,		IN_ALL,	{ 'v' },		   "v", "choose a view from a list" },
	{ ACTION_SEARCH,	IN_ALL,	{ '/' },		   "/", "only rows whose name contains a text; in a function look for it" },
	{ ACTION_NEXT,		IN_ALL,	{ 'n' },		   "n N", "the next line with that text, the one before" },
	{ ACTION_PREVIOUS,	IN_ALL,	{ 'N' },		   NULL, NULL },
	{ ACTION_FILTER,	IN_ALL,	{ 'f' },		   "f", "count only samples for which an expression is true, as --filter" },
	{ ACTION_SORT,		IN_ALL,	{ 's' },		   "s", "order rows by a column, or have other rows, as --sort" },
	{ ACTION_THREAD,	IN_ALL,	{ 't' },		   "t", "zoom into a thread, and out again" },
	{ ACTION_DSO,		IN_ALL,	{ 'd' },		   "d", "zoom into the object of the row, and out again" },
	{ ACTION_COLUMNS_LEFT,	IN_ALL,	{ '<' },		   "< >", "columns that are out of sight, to the left, to the right" },
	{ ACTION_COLUMNS_RIGHT,	IN_ALL,	{ '>' },		   NULL, NULL },
	{ ACTION_HOTTEST,	IN_FUNCTION, { 'H' },		   "H", "in a function: to the instruction with most samples" },
	{ ACTION_FINDINGS,	IN_ALL,	{ 'F' },		   "F", "findings: what the samples prove" },
	{ ACTION_INFO,		IN_ALL,	{ 'i' },		   "i", "about the recording: what was asked for, delivered, lost" },
	{ ACTION_WRITE,		IN_ALL,	{ 'P' },		   "P", "write what is shown as text to a file that only you can read" },
	{ ACTION_REDRAW,	IN_ALL,	{ K_CTRL_L, K_RESIZED }, "Ctrl-L", "draw the screen anew" },
	{ ACTION_HELP,		IN_ALL,	{ 'h', '?', K_F1 },	   "h ? F1", "this help" },
	{ ACTION_QUIT,		IN_ALL,	{ 'q' },		   "q", "back; from a table: leave" },
	{ ACTION_EXIT,		IN_ALL,	{ 'Q', K_CTRL_C },	   "Q Ctrl-C", "leave; while a file is read: stop, and keep what was shown" },
};

enum { NR_BINDINGS = sizeof(bindings) / sizeof(bindings[0]) };

const struct binding *binding__list(unsigned int i)
{
	return i < NR_BINDINGS ? &bindings[i] : NULL;
}

enum action keys__action(int key, enum keys_where where)
{
	unsigned int i, k;

	for (i = 0; key > 0 && i < NR_BINDINGS; i++)
		for (k = 0; k < BINDING_KEYS; k++)
			if (bindings[i].key[k] == key && bindings[i].where & where)
				return bindings[i].action;
	return ACTION_NONE;
}
