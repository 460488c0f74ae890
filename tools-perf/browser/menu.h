/* SPDX-License-Identifier: GPL-2.0-only */
/* A list to choose one from. */
#ifndef PERF_XREGS_BROWSER_MENU_H
#define PERF_XREGS_BROWSER_MENU_H

#include <stdbool.h>
#include <stddef.h>

#include "util/htab.h"

struct menu_item {
	const char *text;		/* a label */
	int id;				/* -1: a heading, which cannot be chosen */
};

struct menu {
	const char *title;
	struct menu_item *item;
	size_t nr, max, selected, top;
	unsigned int height;		/* lines in sight */
	struct arena arena;
	bool no_memory;
};

/** menu__add - one more line; the first that can be chosen is selected */
void menu__add(struct menu *m, int id, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** menu__select - the item with an id, if there is one */
void menu__select(struct menu *m, int id);
/** menu__move - @by items further on or back; headings are passed by */
void menu__move(struct menu *m, long by);
void menu__set_height(struct menu *m, unsigned int height);
/** menu__columns - of the widest line */
unsigned int menu__columns(const struct menu *m);
void menu__free(struct menu *m);

#endif
