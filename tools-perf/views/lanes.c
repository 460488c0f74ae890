/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which lanes carry data? Of each register that the code reads, by lane, the
 * share of samples in which it is not zero. Lanes that a mask turns off, and
 * those above a scalar's, are not read and do not count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/view.h"

/* A register as one kind of instruction reads it. */
struct lane_reg {
	struct xstate_reg reg;
	uint8_t type, nr_lanes;
	bool typed;
	uint64_t samples;
	uint64_t *nonzero, *known;	/* by lane */
	struct lane_reg *next;
};

struct lanes_acc {
	struct seen seen;
	uint64_t lanes, nonzero;
	struct lane_reg *regs;
};

static struct lane_reg *lanes__reg(struct hist *h, struct lanes_acc *a, const struct fp_lanes *l)
{
	const struct insn_operand *op = l->read->op;
	struct lane_reg *r;

	for (r = a->regs; r; r = r->next)
		if (r->reg.class == op->reg.class && r->reg.index == op->reg.index && r->type == l->type &&
		    r->nr_lanes == l->nr_lanes && r->typed == op->typed)
			return r;
	r = hist__alloc(h, sizeof(*r));
	if (!r)
		return NULL;
	*r = (struct lane_reg){ .reg = op->reg, .type = l->type, .nr_lanes = l->nr_lanes, .typed = op->typed };
	r->nonzero = hist__alloc(h, 2 * l->nr_lanes * sizeof(uint64_t));
	if (!r->nonzero)
		return NULL;
	r->known = r->nonzero + l->nr_lanes;
	r->next = a->regs;
	a->regs = r;
	return r;
}

static void lanes__count(struct hist *h, void *acc, const struct fp_lanes *l)
{
	struct lanes_acc *a = acc;
	struct lane_reg *r = lanes__reg(h, a, l);
	unsigned int i;
	bool nonzero;

	if (!r)
		return;
	r->samples++;
	for (i = 0; i < l->nr_lanes; i++) {
		if (!(l->active >> i & 1))
			continue;
		nonzero = xstate_lane__bits(l->bytes, l->type, i);
		r->known[i]++;
		r->nonzero[i] += nonzero;
		a->lanes++;
		a->nonzero += nonzero;
	}
}

static void lanes__add(struct hist *h, void *acc, const struct facts *f)
{
	facts__each_operand(f, h, acc, lanes__count);
}

static const struct column columns[] = {
	{ "samples",   "Samples", CELL_COUNT },
	{ "registers", "Registers", CELL_COUNT },
	{ "nonzero",   "Lanes not zero", CELL_SHARE },
	{ "unknown",   "Unknown", CELL_SHARE },
};

static void lanes__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct lanes_acc *a = e->acc;
	const struct lane_reg *r;
	uint64_t n = 0;

	(void)h;
	for (r = a->regs; r; r = r->next)
		n++;
	*c++ = (struct cell){ .kind = CELL_COUNT, .count = a->seen.samples };
	*c++ = (struct cell){ .kind = n ? CELL_COUNT : CELL_NONE, .count = n };
	*c++ = cell__share(a->nonzero, a->lanes);
	*c++ = cell__share(a->seen.unknown, e->samples);
}

/* ---- the maps --------------------------------------------------------------------- */

/* Of lanes [from, to): was any read often enough, was any not zero? */
static bool reg__all_zero(const struct lane_reg *r, unsigned int from, unsigned int to)
{
	bool known = false;

	for (; from < to; from++) {
		known |= r->known[from] >= FLOOR_SAMPLES;
		if (r->nonzero[from])
			return false;
	}
	return known;
}

static const char *reg__note(const struct lane_reg *r)
{
	if (reg__all_zero(r, 0, r->nr_lanes))
		return "always zero";
	if (r->nr_lanes >= 2 && reg__all_zero(r, r->nr_lanes / 2, r->nr_lanes))
		return "upper half zero";
	return NULL;
}

static int lane_reg__compare(const void *x, const void *y)
{
	const struct lane_reg *a = *(struct lane_reg *const *)x, *b = *(struct lane_reg *const *)y;
	int d = (int)b->typed - (int)a->typed;

	if (!d)
		d = (int)a->type - (int)b->type;
	if (!d)
		d = (int)a->reg.index - (int)b->reg.index;
	if (!d)
		d = (int)a->reg.class - (int)b->reg.class;
	return d ? d : (int)a->nr_lanes - (int)b->nr_lanes;
}

static const char *reg__type_name(const struct lane_reg *r)
{
	return r->typed ? xstate_type__name(r->type) : "untyped";
}

/* Lanes of one type, @n registers. */
static void lanes__map(struct lane_reg *const *regs, size_t n, struct output *o)
{
	struct lane_map_row *rows = calloc(n, sizeof(*rows));
	char title[96], (*names)[12] = calloc(n, sizeof(*names));
	struct lane_map map = { .title = title, .row = rows, .nr = n };
	unsigned int k;
	size_t i;

	snprintf(title, sizeof(title), "%s lanes%s: in how many %% of the samples each is not zero",
		 reg__type_name(regs[0]), regs[0]->typed ? "" : regs[0]->type == XSTATE_U8 ? " of 8 bits" : " of 32 bits");
	for (i = 0; rows && names && i < n; i++) {
		rows[i] = (struct lane_map_row){
			.reg = xstate_reg__name(regs[i]->reg, names[i]), .type = reg__type_name(regs[i]),
			.samples = regs[i]->samples, .note = reg__note(regs[i]), .nr_lanes = regs[i]->nr_lanes,
		};
		for (k = 0; k < regs[i]->nr_lanes; k++)
			rows[i].share[k] = regs[i]->known[k] ? (double)regs[i]->nonzero[k] / regs[i]->known[k] : -1;
	}
	if (rows && names)
		o->ops->lanes(o, &map);
	free(rows);
	free(names);
}

static void lanes__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	const struct lanes_acc *a = e->acc;
	struct lane_reg **list, *r;
	size_t n = 0, i, first;

	(void)h;
	for (r = a->regs; r; r = r->next)
		n++;
	list = n ? calloc(n, sizeof(*list)) : NULL;
	if (!list)
		return;
	for (i = 0, r = a->regs; r; r = r->next)
		list[i++] = r;
	qsort(list, n, sizeof(*list), lane_reg__compare);
	for (first = 0; first < n; first = i) {
		for (i = first; i < n && list[i]->type == list[first]->type && list[i]->typed == list[first]->typed; i++)
			;
		lanes__map(list + first, i - first, o);
	}
	free(list);
}

const struct view view_lanes = {
	.name = "lanes", .help = "which lanes carry data: register by lane, the share that is not zero",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct lanes_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = lanes__add, .cells = lanes__cells, .rank = entry__rank_seen, .details = lanes__details,
	.left_out = "samples of code that reads vector registers",
};
