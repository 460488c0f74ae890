/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How full are the masks? Of each opmask the instruction that it predicates
 * next, in the words of Intel SDE's -mask_profile. A mask's lanes are those
 * that this instruction has; what a mask holds above them does not count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/mask.h"

enum { MAX_INSNS = 8 };

static void mask__add_popcount(struct hist *h, struct mask_acc *a, unsigned int lanes, unsigned int on)
{
	unsigned int size = __builtin_ctz(lanes);

	if (size >= NR_MASK_SIZES || lanes != 1u << size)
		return;
	if (!a->popcount[size])
		a->popcount[size] = hist__alloc(h, (lanes + 1) * sizeof(uint64_t));
	if (a->popcount[size])
		a->popcount[size][on]++;
}

static void mask__use(struct hist *h, struct mask_acc *a, const struct insn_read *use, uint64_t k)
{
	const unsigned int lanes = use->op->lanes;
	const uint64_t seen = lanes >= 64 ? k : k & ((UINT64_C(1) << lanes) - 1);
	const unsigned int on = __builtin_popcountll(seen);
	const enum xstate_mask_class c = xstate_mask__class(k, lanes);
	struct hist_pair *p = hist__pair(h, &a->insns, use->op, use->loc);

	a->uses++;
	a->class[c]++;
	a->scalarish += c == XSTATE_MASK_ONE_HOT && seen == 1;
	a->on += on;
	a->lanes += lanes;
	mask__add_popcount(h, a, lanes, on);
	if (!p)
		return;
	p->count[PAIR_USES]++;
	p->count[PAIR_CLASS + c]++;
	p->count[PAIR_ON] += on;
	p->count[PAIR_LANES] += lanes;
}

static void mask__add(struct hist *h, void *acc, const struct facts *f)
{
	const struct insn_read *use;
	struct mask_acc *a = acc;
	unsigned int i, n = machine__masks(h->machine, f->loc, &use);
	const uint64_t on = a->on, lanes = a->lanes;
	bool known = false, unknown = false;
	struct xstate_value v;
	uint64_t k;

	for (i = 0; i < n; i++) {
		if (!use[i].op->lanes || xstate_regs__get(f->regs, use[i].op->reg, &v) <= 0 || v.known < sizeof(k)) {
			unknown = true;
			continue;
		}
		memcpy(&k, v.bytes, sizeof(k));
		mask__use(h, a, &use[i], k);
		known = true;
	}
	a->seen.samples += known;
	a->sparse += (a->on - on) * 2 < a->lanes - lanes;
	a->seen.unknown += unknown;
}

static const char of_masks[] = "masks";

static const struct column columns[] = {
	{ "samples",	  "Samples", CELL_COUNT, COLUMN_DATA },
	{ "masks",	  "Masks", CELL_COUNT },
	{ "all_ones",	  "all_ones", CELL_SHARE, COLUMN_PART, of_masks },
	{ "partial",	  "partial", CELL_SHARE, COLUMN_PART, of_masks },
	{ "one_hot",	  "one_hot", CELL_SHARE, COLUMN_PART, of_masks },
	{ "all_zeros",	  "all_zeros", CELL_SHARE, COLUMN_PART, of_masks },
	{ "scalarish",	  "scalarish", CELL_SHARE, COLUMN_DATA, of_masks },
	{ "utilisation",  "Lanes on", CELL_SHARE },
	{ "unknown",	  "Unknown", CELL_SHARE },
};

static void mask__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	static const enum xstate_mask_class order[] = {
		XSTATE_MASK_ALL_ONES, XSTATE_MASK_PARTIAL, XSTATE_MASK_ONE_HOT, XSTATE_MASK_ALL_ZEROS,
	};
	const struct mask_acc *a = e->acc;
	unsigned int i;

	(void)h;
	*c++ = (struct cell){ .kind = CELL_COUNT, .count = a->seen.samples };
	*c++ = (struct cell){ .kind = a->uses ? CELL_COUNT : CELL_NONE, .count = a->uses };
	for (i = 0; i < NR_MASK_CLASSES; i++)
		*c++ = cell__share(a->class[order[i]], a->uses);
	*c++ = cell__share(a->scalarish, a->uses);
	*c = cell__share(a->on, a->lanes);
	c->mark = proves(a->sparse, a->seen.samples, FLOOR_SPARSE);
	c++;
	*c = cell__share(a->seen.unknown, e->samples);
}

/* ---- below a row --------------------------------------------------------------- */

static void mask__plot(const struct mask_acc *a, unsigned int size, struct output *o)
{
	char title[48], lanes[8];
	const struct plot plot = {
		.kind = "popcount", .title = title, .series_key = "mask_lanes", .series = lanes, .series_is_number = true,
		.low_key = "lanes_on", .count_key = "masks", .prefix = "", .suffix = "",
		.step = 1, .whole = true, .bin = a->popcount[size], .nr = (1u << size) + 1,
	};

	snprintf(lanes, sizeof(lanes), "%u", 1u << size);
	snprintf(title, sizeof(title), "lanes on, of %s", lanes);
	o->ops->plot(o, &plot);
}

/*
 * What happens to a lane that is off: kept, or made zero [SDM vol. 1, 15.6.1].
 * Compares into a mask register always make it zero.
 */
static const char *insn__masking(const struct insn *insn)
{
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++)
		if (insn->operand[i].reg.class == XSTATE_CLASS_OPMASK && !insn->operand[i].is_mask &&
		    insn->operand[i].access & INSN_WRITE)
			return "zero";
	return insn->zeroing ? "zero" : "merge";
}

void mask__detail(const struct hist *h, const struct hist_pair *p, uint64_t all, bool shown,
		  struct output *o)
{
	static const struct column columns[] = {
		{ "offset", "Offset", CELL_HEX }, { "instruction", "Instruction", CELL_TEXT },
		{ "register", "Mask", CELL_TEXT }, { "masking", "Masking", CELL_TEXT },
		{ "mask_lanes", "Lanes", CELL_COUNT }, { "masks", "Uses", CELL_COUNT },
		{ "share_of_masks", "Share", CELL_SHARE }, { "all_ones", "all_ones", CELL_SHARE },
		{ "partial", "partial", CELL_SHARE }, { "one_hot", "one_hot", CELL_SHARE },
		{ "all_zeros", "all_zeros", CELL_SHARE }, { "utilisation", "Lanes on", CELL_SHARE },
	};
	const struct insn_operand *op = p->thing;
	const struct insn *insn = machine__insn(h->machine, p->loc);
	const uint64_t *class = p->count + PAIR_CLASS, uses = p->count[PAIR_USES];
	char text[512], share[24], on[24], name[12];
	const struct cell c[] = {
		{ .kind = CELL_HEX, .count = p->loc->addr - p->loc->sym->start },
		{ .kind = CELL_TEXT, .text = insn->text },
		{ .kind = CELL_TEXT, .text = xstate_reg__name(op->reg, name) },
		{ .kind = CELL_TEXT, .text = insn__masking(insn) },
		{ .kind = CELL_COUNT, .count = op->lanes }, { .kind = CELL_COUNT, .count = uses },
		cell__share(uses, all), cell__share(class[XSTATE_MASK_ALL_ONES], uses),
		cell__share(class[XSTATE_MASK_PARTIAL], uses), cell__share(class[XSTATE_MASK_ONE_HOT], uses),
		cell__share(class[XSTATE_MASK_ALL_ZEROS], uses), cell__share(p->count[PAIR_ON], p->count[PAIR_LANES]),
	};

	snprintf(text, sizeof(text), "          %7s  +0x%-4llx %-38.46s %s-masked, %s of %u on",
		 cell__format(&c[6], share, sizeof(share)), (unsigned long long)c[0].count, insn->text, c[3].text,
		 p->count[PAIR_ON] ? cell__format(&c[11], on, sizeof(on)) : "none", op->lanes);
	o->ops->detail(o, "instruction", shown ? text : NULL, columns, c, sizeof(c) / sizeof(c[0]));
}

static void mask__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	const struct mask_acc *a = e->acc;
	const struct hist_pair **list;
	unsigned int size;
	size_t i, n;

	for (size = 0; size < NR_MASK_SIZES; size++)
		if (a->popcount[size])
			mask__plot(a, size, o);
	list = hist_pair__sorted(a->insns, PAIR_USES, &n);
	for (i = 0; i < n; i++)
		mask__detail(h, list[i], a->uses, i < MAX_INSNS, o);
	free(list);
}

const struct view view_mask = {
	.name = "mask", .help = "how full the masks of predicated instructions are: all_ones, one_hot, lanes on",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct mask_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = mask__add, .cells = mask__cells, .rank = entry__rank_seen, .details = mask__details,
	.left_out = "samples of code with predicated instructions",
};
