/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the columns of a document are on a line of a given width. */
#ifndef PERF_XREGS_BROWSER_COLUMNS_H
#define PERF_XREGS_BROWSER_COLUMNS_H

#include "browser/doc.h"

struct columns {
	unsigned int at[TABLE_MAX_COLUMNS], width[TABLE_MAX_COLUMNS];	/* width 0: out of sight */
	unsigned int bar_at, bar;	/* beside the overhead; 0: no room for one */
	unsigned int left, right;	/* columns out of sight, of those that are not keys */
};

/**
 * columns__place - lay out columns
 * @room: columns of the screen
 * @skip: that many columns behind the keys are left out; fewer where all of
 *	the rest fits: @c->left
 *
 * Overhead and keys are always there, names cut where they must be.
 */
void columns__place(struct columns *c, const struct doc *d, unsigned int room, unsigned int skip);

#endif
