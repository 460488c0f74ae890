/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where are zeros, subnormals, infinities, NaNs? Lanes of the registers that
 * the code at the sample reads as floating point numbers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/view.h"

enum { MAX_OPERANDS = 8, MAX_BINS = 40, NR_FP_TYPES = 4 };

/* Exponents in bins of equal width; the range is that of the type. */
static const struct bins {
	enum xstate_type type;
	int low, step, nr;
} bins[NR_FP_TYPES] = {
	{ XSTATE_F16,	-24,   1,  40 },
	{ XSTATE_BF16,	-136,  8,  33 },
	{ XSTATE_F32,	-152,  8,  35 },
	{ XSTATE_F64,	-1088, 64, 33 },
};

struct fp_view_acc {
	struct fp_acc fp;
	uint64_t *bin[NR_FP_TYPES];	/* MAX_BINS each, made when needed */
	struct hist_pair *operands;	/* lanes, then by class, of each */
};

void fp_acc__add(struct fp_acc *a, const struct facts *f)
{
	bool with[XSTATE_FP_NR] = { false };
	unsigned int i, c;

	a->all++;
	a->insn_unknown += !f->insn->known;
	a->unknown += f->fp_unknown;
	if (!f->nr_fp)
		return;
	a->samples++;
	for (i = 0; i < f->nr_fp; i++) {
		a->types |= 1u << f->fp[i].type;
		for (c = 0; c < XSTATE_FP_NR; c++) {
			a->lane[c] += f->fp[i].counts.lane[c];
			a->lane_total += f->fp[i].counts.lane[c];
			with[c] |= f->fp[i].counts.lane[c];
		}
	}
	for (c = 0; c < XSTATE_FP_NR; c++)
		a->with[c] += with[c];
}

void fp_acc__cell(const struct fp_acc *a, enum xstate_fp_class first,
		  enum xstate_fp_class last, struct cell *c)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = first; i <= last; i++)
		n += a->lane[i];
	*c = cell__share(n, a->lane_total);
	if (!a->lane_total && !a->unknown && a->insn_unknown < a->all)
		c->kind = CELL_NONE;
}

char *types__text(uint32_t types, char *buf, size_t size)
{
	unsigned int t;
	size_t n = 0;

	*buf = '\0';
	for (t = 0; t < XSTATE_TYPE_NR; t++)
		if (types >> t & 1 && n < size)
			n += snprintf(buf + n, size - n, "%s%s", n ? " " : "", xstate_type__name(t));
	return buf;
}

static const struct bins *bins__of(enum xstate_type t, unsigned int *nr)
{
	for (*nr = 0; *nr < NR_FP_TYPES; ++*nr)
		if (bins[*nr].type == t)
			return &bins[*nr];
	return NULL;
}

static void fp__add_exponents(struct hist *h, struct fp_view_acc *a, const struct fp_lanes *l)
{
	unsigned int i, nr;
	const struct bins *b = bins__of(l->type, &nr);
	int exp;

	if (!b)
		return;
	if (!a->bin[nr])
		a->bin[nr] = arena__alloc(&h->arena, MAX_BINS * sizeof(uint64_t));
	if (!a->bin[nr]) {
		h->no_memory = true;
		return;
	}
	for (i = 0; i < l->nr_lanes; i++)
		if ((l->active >> i & 1) && !xstate_lane__exponent(l->type, xstate_lane__bits(l->bytes, l->type, i), &exp))
			a->bin[nr][(exp - b->low) / b->step]++;
}

static void fp__add(struct hist *h, void *acc, const struct facts *f)
{
	struct fp_view_acc *a = acc;
	struct hist_pair *p;
	unsigned int i, c;

	fp_acc__add(&a->fp, f);
	for (i = 0; i < f->nr_fp; i++) {
		fp__add_exponents(h, a, &f->fp[i]);
		p = hist__pair(h, &a->operands, f->fp[i].read->op, f->fp[i].read->loc);
		for (c = 0; p && c < XSTATE_FP_NR; c++) {
			p->count[0] += f->fp[i].counts.lane[c];
			p->count[1 + c] += f->fp[i].counts.lane[c];
		}
	}
}

static const struct column columns[] = {
	{ "lane_type",	"Type", CELL_TEXT, COLUMN_LEFT },
	{ "samples",	"Samples", CELL_COUNT, COLUMN_DATA },
	{ "zero",	"Zero", CELL_SHARE, COLUMN_PART },
	{ "subnormal",	"Subnormal", CELL_SHARE, COLUMN_PART },
	{ "normal",	"Normal", CELL_SHARE, COLUMN_PART },
	{ "infinite",	"Inf", CELL_SHARE, COLUMN_PART },
	{ "qnan",	"QNaN", CELL_SHARE, COLUMN_DATA },
	{ "snan",	"SNaN", CELL_SHARE, COLUMN_DATA },
	{ "nan",	"NaN", CELL_SHARE, COLUMN_PART },
	{ "unknown",	"Unknown", CELL_SHARE },
};

static void fp__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	static const enum xstate_fp_class order[] = {
		XSTATE_FP_ZERO, XSTATE_FP_SUBNORMAL, XSTATE_FP_NORMAL, XSTATE_FP_INF, XSTATE_FP_QNAN, XSTATE_FP_SNAN,
	};
	const struct fp_view_acc *a = e->acc;
	char *text = arena__alloc(&h->arena, 64);
	unsigned int i;

	if (text && a->fp.types)
		*c = (struct cell){ .kind = CELL_TEXT, .text = types__text(a->fp.types, text, 64) };
	c++;
	*c++ = (struct cell){ .kind = a->fp.samples ? CELL_COUNT : CELL_NONE, .count = a->fp.samples };
	for (i = 0; i < XSTATE_FP_NR; i++)
		fp_acc__cell(&a->fp, order[i], order[i], &c[i]);
	c[1].mark = proves(a->fp.with[XSTATE_FP_SUBNORMAL], a->fp.samples, FLOOR_SUBNORMAL);
	c += XSTATE_FP_NR;
	fp_acc__cell(&a->fp, XSTATE_FP_QNAN, XSTATE_FP_SNAN, c);
	c->mark = proves(a->fp.with[XSTATE_FP_QNAN] + a->fp.with[XSTATE_FP_SNAN], a->fp.samples, FLOOR_NAN);
	c++;
	*c = cell__share(a->fp.unknown, e->samples);
}

/* ---- below a row ------------------------------------------------------------------- */

static void fp__exponents(const struct bins *b, const uint64_t *bin, struct output *o)
{
	char title[32];
	const struct plot plot = {
		.kind = "exponents", .title = title, .series_key = "lane_type", .series = xstate_type__name(b->type),
		.low_key = "exponent_low", .high_key = "exponent_high", .count_key = "lanes",
		.prefix = "2^", .suffix = "", .low = b->low, .step = b->step, .whole = true, .bin = bin, .nr = b->nr,
	};

	snprintf(title, sizeof(title), "%s exponents", plot.series);
	o->ops->plot(o, &plot);
}

/* An operand and what of it is not normal: shares are of this operand alone. */
static void fp__operand_text(const struct insn *insn, const struct cell *c, char *text, size_t size)
{
	static const char *const words[] = { "zero", "subnormal", "inf", "nan" };
	char share[24];
	unsigned int i;
	size_t n;

	n = snprintf(text, size, "          %7s  +0x%-4llx %-36.44s %s", cell__format(&c[4], share, sizeof(share)),
		     (unsigned long long)c[0].count, insn->text, c[2].text);
	for (i = 0; i < sizeof(words) / sizeof(words[0]) && n < size; i++)
		if (c[5 + i].kind == CELL_SHARE)
			n += snprintf(text + n, size - n, " %s %s", words[i], cell__format(&c[5 + i], share, sizeof(share)));
}

static void fp__operand_detail(const struct hist *h, const struct hist_pair *p, uint64_t all, struct output *o)
{
	static const struct column columns[] = {
		{ "offset", "Offset", CELL_HEX }, { "instruction", "Instruction", CELL_TEXT },
		{ "register", "Register", CELL_TEXT }, { "lanes", "Lanes", CELL_COUNT },
		{ "share_of_lanes", "Share", CELL_SHARE }, { "zero", "Zero", CELL_SHARE },
		{ "subnormal", "Subnormal", CELL_SHARE }, { "infinite", "Inf", CELL_SHARE }, { "nan", "NaN", CELL_SHARE },
	};
	const struct insn *insn = machine__insn(h->machine, p->loc);
	uint64_t nan = p->count[1 + XSTATE_FP_QNAN] + p->count[1 + XSTATE_FP_SNAN];
	char text[512], name[12];
	const struct cell c[] = {
		{ .kind = CELL_HEX, .count = p->loc->addr - p->loc->sym->start },
		{ .kind = CELL_TEXT, .text = insn->text },
		{ .kind = CELL_TEXT, .text = xstate_reg__name(((const struct insn_operand *)p->thing)->reg, name) },
		{ .kind = CELL_COUNT, .count = p->count[0] },
		cell__share(p->count[0], all),
		cell__share(p->count[1 + XSTATE_FP_ZERO], p->count[0]),
		cell__share(p->count[1 + XSTATE_FP_SUBNORMAL], p->count[0]),
		cell__share(p->count[1 + XSTATE_FP_INF], p->count[0]), cell__share(nan, p->count[0]),
	};

	fp__operand_text(insn, c, text, sizeof(text));
	o->ops->detail(o, "instruction", text, columns, c, sizeof(c) / sizeof(c[0]));
}

static void fp__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	const struct fp_view_acc *a = e->acc;
	const struct hist_pair **list;
	unsigned int t;
	size_t i, n;

	for (t = 0; t < NR_FP_TYPES; t++) {
		if (a->bin[t])
			fp__exponents(&bins[t], a->bin[t], o);
	}
	list = hist_pair__sorted(a->operands, 0, &n);
	for (i = 0; i < n && i < MAX_OPERANDS; i++)
		fp__operand_detail(h, list[i], a->fp.lane_total, o);
	free(list);
}

static uint64_t fp__rank(const struct hist_entry *e)
{
	const struct fp_view_acc *a = e->acc;

	return a->fp.samples || a->fp.unknown ? e->weight + 1 : 0;
}

const struct view view_fp = {
	.name = "fp", .help = "where zeros, subnormals, infinities and NaNs are: lanes read as floating point",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct fp_view_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = fp__add, .cells = fp__cells, .rank = fp__rank, .details = fp__details,
	.left_out = "samples of code that reads floating point",
};
