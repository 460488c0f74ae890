/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "browser/columns.h"

enum { BAR_MIN = 6, BAR_MAX = 16, NAME_MIN = 16 };

/* The share of the samples, and what says which row it is. */
static bool column__stays(const struct doc *d, unsigned int i)
{
	return d->table.column[i]->flags & COLUMN_KEY || (int)i == doc__weight(d);
}

static unsigned int columns__total(const struct doc *d, const unsigned int *width, bool stays_only)
{
	const struct table *t = &d->table;
	unsigned int i, total = 0;

	for (i = 0; i < t->nr_columns; i++)
		if (column__is_text(t->column[i]) && (!stays_only || column__stays(d, i)))
			total += width[i] + TABLE_GAP;
	return total ? total - TABLE_GAP : 0;
}

/* Which columns there are room for: those that stay, then from @skip on. */
static void columns__choose(struct columns *c, const struct doc *d, const unsigned int *width, unsigned int room, unsigned int skip)
{
	const struct table *t = &d->table;
	unsigned int i, total = columns__total(d, width, true);

	c->left = c->right = 0;
	memset(c->width, 0, sizeof(c->width));
	for (i = 0; i < t->nr_columns; i++) {
		if (!column__is_text(t->column[i]))
			continue;
		if (column__stays(d, i)) {
			c->width[i] = width[i];
		} else if (c->left < skip) {
			c->left++;
		} else if (c->right || total + TABLE_GAP + width[i] > room) {
			c->right++;
		} else {
			c->width[i] = width[i];
			total += TABLE_GAP + width[i];
		}
	}
}

/* Of a name something must be left to know it by: rather a column less. */
static void names__keep(const struct doc *d, unsigned int *width)
{
	unsigned int i, least;

	for (i = 0; i < d->table.nr_columns; i++) {
		least = d->width[i] < NAME_MIN ? d->width[i] : NAME_MIN;
		if (d->table.column[i]->flags & COLUMN_FLEX && width[i] < least)
			width[i] = least;
	}
}

void columns__place(struct columns *c, const struct doc *d, unsigned int room, unsigned int skip)
{
	const struct table *t = &d->table;
	unsigned int width[TABLE_MAX_COLUMNS], i, at = 0, total;

	memcpy(width, d->width, sizeof(width));
	table__fit(t, width, room);
	names__keep(d, width);
	total = columns__total(d, width, false);
	c->bar = total + TABLE_GAP + BAR_MIN <= room ? room - total - TABLE_GAP : 0;
	c->bar = c->bar > BAR_MAX ? BAR_MAX : c->bar;
	/* never further than to where the rest fits */
	for (; skip; skip--) {
		columns__choose(c, d, width, room, skip - 1);
		if (c->right)
			break;
	}
	columns__choose(c, d, width, room, skip);
	for (i = 0; i < t->nr_columns; i++) {
		if (!c->width[i])
			continue;
		c->at[i] = at;
		at += c->width[i] + TABLE_GAP;
		if (c->bar && (int)i == doc__weight(d)) {
			c->bar_at = at;
			at += c->bar + TABLE_GAP;
		}
	}
}
