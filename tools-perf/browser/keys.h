/* SPDX-License-Identifier: GPL-2.0-only */
/* What each key does, where, and what the help says of it: one table. */
#ifndef PERF_XREGS_BROWSER_KEYS_H
#define PERF_XREGS_BROWSER_KEYS_H

enum action {
	ACTION_NONE,
	ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_HOME, ACTION_END,
	ACTION_ENTER, ACTION_BACK, ACTION_DETAILS, ACTION_OPEN_ALL, ACTION_CLOSE_ALL,
	ACTION_NEXT_VIEW, ACTION_PREVIOUS_VIEW, ACTION_VIEWS, ACTION_VIEW_NUMBER,
	ACTION_SEARCH, ACTION_NEXT, ACTION_PREVIOUS,
	ACTION_FILTER, ACTION_SORT, ACTION_THREAD, ACTION_DSO,
	ACTION_COLUMNS_LEFT, ACTION_COLUMNS_RIGHT, ACTION_HOTTEST,
	ACTION_FINDINGS, ACTION_INFO, ACTION_HELP, ACTION_WRITE, ACTION_REDRAW,
	ACTION_QUIT, ACTION_EXIT,
	ACTION_NR,
};

/* Pages that a key works on. */
enum keys_where { IN_TABLE = 1, IN_FUNCTION = 2, IN_TEXT = 4, IN_ALL = 7 };

enum { BINDING_KEYS = 4 };

struct binding {
	enum action action;
	unsigned int where;
	int key[BINDING_KEYS];		/* 0: no more */
	const char *keys, *help;	/* help NULL: said with the one before */
};

/** binding__list - the @i'th binding, or NULL */
const struct binding *binding__list(unsigned int i);
/** keys__action - what a key does on a page */
enum action keys__action(int key, enum keys_where where);

#endif
