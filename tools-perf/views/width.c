/* SPDX-License-Identifier: GPL-2.0-only */
/* Which code runs wide? State in use, and what of it holds a bit. */
#include "views/view.h"

static unsigned int width__index(unsigned int width)
{
	return width == 512 ? 2 : width == 256 ? 1 : 0;
}

void width_acc__add(struct width_acc *a, const struct facts *f)
{
	if (f->width) {
		a->known++;
		a->width[width__index(f->width)]++;
	}
	if (f->nonzero) {
		a->nonzero_known++;
		a->nonzero[f->nonzero == 1 ? 0 : 1 + width__index(f->nonzero)]++;
	}
	if (f->in_use[IN_USE_HI16] != TRI_UNKNOWN) {
		a->hi16_known++;
		a->hi16 += f->in_use[IN_USE_HI16] == TRI_YES;
	}
}

static void width__add(struct hist *h, void *acc, const struct facts *f)
{
	(void)h;
	width_acc__add(acc, f);
}

static const char in_use[] = "state in use", nonzero[] = "widest non-zero";

static const struct column columns[] = {
	{ "samples",	  "Samples", CELL_COUNT, COLUMN_DATA },
	{ "in_use_128",	  "128", CELL_SHARE, COLUMN_PART, in_use },
	{ "in_use_256",	  "256", CELL_SHARE, COLUMN_PART, in_use },
	{ "in_use_512",	  "512", CELL_SHARE, COLUMN_PART, in_use },
	{ "hi16_in_use",  "16-31", CELL_SHARE, 0, in_use },
	{ "nonzero_none", "none", CELL_SHARE, COLUMN_DATA },
	{ "nonzero_128",  "128", CELL_SHARE, 0, nonzero },
	{ "nonzero_256",  "256", CELL_SHARE, 0, nonzero },
	{ "nonzero_512",  "512", CELL_SHARE, 0, nonzero },
};

static void width__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct width_acc *a = e->acc;
	unsigned int i;

	(void)h;
	*c++ = (struct cell){ .kind = CELL_COUNT, .count = e->samples };
	for (i = 0; i < 3; i++)
		*c++ = cell__share(a->width[i], a->known);
	*c++ = cell__share(a->hi16, a->hi16_known);
	for (i = 0; i < 4; i++)
		*c++ = cell__share(a->nonzero[i], a->nonzero_known);
}

const struct view view_width = {
	.name = "width", .help = "which code runs wide: widest state in use, widest non-zero part",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct width_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = width__add, .cells = width__cells,
};
