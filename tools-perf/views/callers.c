/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who calls what: of each function the share of samples in it and in what it
 * called (perf report's Children), that in itself alone, and its callers.
 */
#include "machine/callchain.h"
#include "views/calltree.h"

struct callers_acc {
	uint64_t self, self_samples;	/* by weight, and how many */
	uint64_t partial;		/* samples whose chain is known not to be whole */
};

static void callers__add(struct hist *h, void *acc, const struct facts *f)
{
	const struct callchain *c = facts__chain(f);
	struct callers_acc *a = acc;

	(void)h;
	if (!f->depth) {
		a->self += f->weight;
		a->self_samples++;
	}
	a->partial += c && chain_end__why(c->end);
}

static const struct column columns[] = {
	{ "self",	  "Self", CELL_SHARE },
	{ "self_samples", "Samples", CELL_COUNT, COLUMN_DATA },
	{ "partial",	  "Chain not whole", CELL_SHARE },
};

static void callers__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct callers_acc *a = e->acc;

	*c++ = cell__share(a->self, h->weight);
	*c++ = (struct cell){ .kind = a->self_samples ? CELL_COUNT : CELL_NONE, .count = a->self_samples };
	*c++ = cell__share(a->partial, e->samples);
}

const struct view view_callers = {
	.name = "callers", .help = "who calls what: share of a function with all that it called, and its callers (record -g)",
	.sort = "symbol,dso", .inclusive = true,
	.acc_size = sizeof(struct callers_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = callers__add, .cells = callers__cells,
};
