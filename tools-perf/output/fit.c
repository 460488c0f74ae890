/* SPDX-License-Identifier: GPL-2.0-only */
/* How wide the columns of a table are where people read it. */
#include "output/output.h"

bool column__is_text(const struct column *c)
{
	return !(c->flags & COLUMN_DATA);
}

static unsigned int table__first_flex(const struct table *t)
{
	unsigned int i = 0;

	while (i < t->nr_columns && !(t->column[i]->flags & COLUMN_FLEX))
		i++;
	return i;
}

struct floors {
	unsigned int name, rest;	/* of the first flexible column: it says what the row is */
};

/* Flexible columns, the last first, give what the line has too much. */
static unsigned int table__squeeze(const struct table *t, unsigned int *width, struct floors floors, unsigned int excess)
{
	unsigned int i, give, floor, name = table__first_flex(t);

	for (i = t->nr_columns; i-- > 0 && excess;) {
		floor = i == name ? floors.name : floors.rest;
		if (!(t->column[i]->flags & COLUMN_FLEX) || width[i] <= floor)
			continue;
		give = width[i] - floor < excess ? width[i] - floor : excess;
		width[i] -= give;
		excess -= give;
	}
	return excess;
}

void table__fit(const struct table *t, unsigned int *width, unsigned int room)
{
	static const struct floors floors[] = { { 24, 24 }, { 24, 8 }, { 12, 8 }, { 8, 8 } };
	unsigned int total = 0, i;

	for (i = 0; i < t->nr_columns; i++)
		if (column__is_text(t->column[i]))
			total += width[i] + (total ? TABLE_GAP : 0);
	for (i = 0; i < sizeof(floors) / sizeof(floors[0]) && total > room; i++)
		total = room + table__squeeze(t, width, floors[i], total - room);
}
