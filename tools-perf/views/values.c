/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which values recur? Lanes of the registers that the code reads: how many are
 * zero, how often all lanes of a register are equal, and what the most
 * frequent values make up. What they are is shown with --show-values alone:
 * registers hold keys.
 */
#include "views/contents.h"

enum { SKETCH_SIZE = 64, MAX_VALUES = 10 };

struct values_acc {
	struct seen seen;
	uint64_t lanes, zero;
	uint64_t reads, equal;		/* of two lanes or more; with all of them equal */
	struct sketch *sketch;
};

static void values__count(struct hist *h, void *acc, const struct fp_lanes *l)
{
	struct values_acc *a = acc;
	unsigned int nr;
	bool equal = lanes__equal(l, &nr);

	a->lanes += nr;
	a->zero += l->counts.lane[XSTATE_FP_ZERO];
	a->reads += nr >= 2;
	a->equal += equal;
	if (!a->sketch) {
		a->sketch = hist__alloc(h, sketch__bytes(SKETCH_SIZE));
		if (!a->sketch)
			return;
		a->sketch->size = SKETCH_SIZE;
	}
	sketch__add_lanes(a->sketch, l);
}

static void values__add(struct hist *h, void *acc, const struct facts *f)
{
	facts__each_operand(f, h, acc, values__count);
}

static const struct column columns[] = {
	{ "samples",	"Samples", CELL_COUNT, COLUMN_DATA },
	{ "lanes",	"Lanes", CELL_COUNT },
	{ "zero",	"Zero", CELL_SHARE },
	{ "all_equal",	"All equal", CELL_SHARE },
	{ "top_value",	"Top value", CELL_SHARE },
	{ "top_ten",	"Top ten", CELL_SHARE },
	{ "error",	"Error", CELL_SHARE },
	{ "unknown",	"Unknown", CELL_SHARE },
};

/* What the first @n values make up for certain. */
static struct cell values__top(const struct values_acc *a, unsigned int n)
{
	uint64_t sure = 0;
	unsigned int i;

	for (i = 0; a->sketch && i < a->sketch->used && i < n; i++)
		sure += a->sketch->item[i].count - a->sketch->item[i].err;
	return cell__share(sure, a->lanes);
}

static void values__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct values_acc *a = e->acc;

	(void)h;
	if (a->sketch)
		sketch__sort(a->sketch);
	*c++ = (struct cell){ .kind = CELL_COUNT, .count = a->seen.samples };
	*c++ = (struct cell){ .kind = a->lanes ? CELL_COUNT : CELL_NONE, .count = a->lanes };
	*c++ = cell__share(a->zero, a->lanes);
	*c++ = cell__share(a->equal, a->reads);
	*c++ = values__top(a, 1);
	*c++ = values__top(a, MAX_VALUES);
	*c++ = cell__share(a->sketch ? sketch__bound(a->sketch) : 0, a->lanes);
	*c++ = cell__share(a->seen.unknown, e->samples);
}

static void values__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	const struct values_acc *a = e->acc;

	if (h->show_values && a->sketch)
		sketch__details(a->sketch, MAX_VALUES, NULL, o);
}

const struct view view_values = {
	.name = "values", .help = "which values recur: zero, all lanes equal, the most frequent (shown by --show-values)",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct values_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = values__add, .cells = values__cells, .rank = entry__rank_seen, .details = values__details,
	.left_out = "samples of code that reads vector registers",
};
