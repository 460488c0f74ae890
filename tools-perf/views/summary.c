/* SPDX-License-Identifier: GPL-2.0-only */
/* The first screen: what each symbol does, one column a question. */
#include <stdio.h>

#include "views/view.h"

/* Which operand of which instruction: all lanes, and those that may be trouble. */
static void summary__trace(struct hist *h, struct summary_acc *a, const struct facts *f)
{
	const struct fp_lanes *l;
	struct hist_pair *where;
	unsigned int i, c;

	for (i = 0; i < f->nr_fp; i++) {
		l = &f->fp[i];
		where = hist__pair(h, &a->where, l->read->op, l->read->loc);
		for (c = 0; where && c < XSTATE_FP_NR; c++) {
			where->count[0] += l->counts.lane[c];
			where->count[1 + c] += l->counts.lane[c];
		}
	}
}

static void summary__add(struct hist *h, void *acc, const struct facts *f)
{
	struct summary_acc *a = acc;

	width_acc__add(&a->width, f);
	dirty_acc__add(h, &a->dirty, f);
	mxcsr_acc__add(&a->mxcsr, f);
	fp_acc__add(&a->fp, f);
	summary__trace(h, a, f);
}

static const struct column columns[] = {
	{ "width",	 "in use", CELL_COUNT_SHARE, 0, "Width" },
	{ "upper_dirty", "dirty", CELL_SHARE, 0, "Upper" },
	{ "zero",	 "Zero", CELL_SHARE },
	{ "subnormal",	 "Subnormal", CELL_SHARE },
	{ "nan",	 "NaN", CELL_SHARE },
	{ "mxcsr",	 "MXCSR", CELL_TEXT_SHARE, COLUMN_LEFT },
};

/* The widest state that at least this share of the samples has in use. */
static const double WIDTH_FLOOR = 0.05;

static struct cell width__cell(const struct width_acc *a)
{
	unsigned int i;

	if (!a->known)
		return (struct cell){ .kind = CELL_UNKNOWN };
	for (i = 2; i > 0 && a->width[i] < WIDTH_FLOOR * a->known; i--)
		;
	return (struct cell){ .kind = CELL_COUNT_SHARE, .count = 128u << i, .share = (double)a->width[i] / a->known };
}

/* Of the samples at legacy SSE instructions; none of them is nothing seen. */
static struct cell dirty__cell(const struct dirty_acc *a, uint64_t samples)
{
	struct cell c = cell__share(a->legacy_in_use, a->legacy_known);

	if (!a->legacy && a->insn_unknown < samples)
		c.kind = CELL_NONE;
	c.mark = proves(a->legacy_nonzero, a->legacy_nonzero_known, FLOOR_DIRTY);
	return c;
}

static struct cell mxcsr__cell(struct hist *h, const struct mxcsr_acc *a)
{
	char *text;

	if (!a->known)
		return (struct cell){ .kind = CELL_UNKNOWN };
	if (!a->odd)
		return (struct cell){ .kind = CELL_NONE };
	text = arena__alloc(&h->arena, MXCSR_TEXT_MAX);
	if (!text)
		return (struct cell){ .kind = CELL_UNKNOWN };
	return (struct cell){
		.kind = CELL_TEXT_SHARE, .text = a->mixed ? "several" : mxcsr__text(a->odd_control, text),
		.share = (double)a->odd / a->known, .mark = proves(a->odd, a->known, FLOOR_MXCSR),
	};
}

static void summary__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct summary_acc *a = e->acc;

	c[0] = width__cell(&a->width);
	c[1] = dirty__cell(&a->dirty, e->samples);
	fp_acc__cell(&a->fp, XSTATE_FP_ZERO, XSTATE_FP_ZERO, &c[2]);
	fp_acc__cell(&a->fp, XSTATE_FP_SUBNORMAL, XSTATE_FP_SUBNORMAL, &c[3]);
	c[3].mark = proves(a->fp.with[XSTATE_FP_SUBNORMAL], a->fp.samples, FLOOR_SUBNORMAL);
	fp_acc__cell(&a->fp, XSTATE_FP_QNAN, XSTATE_FP_SNAN, &c[4]);
	c[4].mark = proves(a->fp.with[XSTATE_FP_QNAN] + a->fp.with[XSTATE_FP_SNAN], a->fp.samples, FLOOR_NAN);
	c[5] = mxcsr__cell(h, &a->mxcsr);
}

const struct view view_summary = {
	.name = "summary", .help = "one screen: width, dirty upper halves, classes of lanes, MXCSR, findings",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct summary_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = summary__add, .cells = summary__cells,
};
