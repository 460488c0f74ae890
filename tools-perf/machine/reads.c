/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which code reads what the vector registers hold at a location: a walk ahead
 * over the control flow until each register is read or written, done once for
 * each location.
 */
#include <string.h>

#include "machine/internal.h"

enum {
	MAX_STEPS	= 32,		/* instructions on a way */
	MAX_WAYS	= 4,
	MAX_READS	= 32,
	NR_VECTORS	= 32,
};

/* A way that the code may take, and what was written on it. */
struct way {
	int64_t delta;			/* from the location to the next instruction */
	unsigned int steps;
	uint32_t vectors, masks;	/* bitmaps of registers written */
};

struct walk {
	struct machine *m;
	const struct location *from;
	struct way way[MAX_WAYS];
	unsigned int nr_ways, next_way;
	uint32_t any, computes;		/* registers whose first reader is known */
	struct insn_read read[MAX_READS];
	unsigned int nr_reads;
};

static bool operand__is_vector(const struct insn_operand *op)
{
	return op->reg.class <= XSTATE_CLASS_ZMM && op->reg.index < NR_VECTORS;
}

/* A predicate that is written on the way is not that of the sample. */
static bool insn__mask_stands(const struct insn *insn, const struct way *w)
{
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++)
		if (insn->operand[i].is_mask && w->masks >> insn->operand[i].reg.index & 1)
			return false;
	return true;
}

static void walk__add(struct walk *k, const struct way *w, const struct insn_operand *op,
		      const struct insn *insn, bool computes)
{
	uint32_t *seen = computes ? &k->computes : &k->any, bit = 1u << op->reg.index;

	if (*seen & bit || k->nr_reads == MAX_READS)
		return;
	*seen |= bit;
	k->read[k->nr_reads++] = (struct insn_read){
		.op = op, .insn = insn, .computes = computes, .loc = machine__beside(k->m, k->from, w->delta),
	};
}

static void walk__reads(struct walk *k, const struct way *w, const struct insn *insn)
{
	const struct insn_operand *op;
	unsigned int i;

	if (!insn__mask_stands(insn, w))
		return;
	for (i = 0; i < insn->nr_operands; i++) {
		op = &insn->operand[i];
		if (!operand__is_vector(op) || !(op->access & INSN_READ) || w->vectors >> op->reg.index & 1)
			continue;
		walk__add(k, w, op, insn, false);
		if (op->computes)
			walk__add(k, w, op, insn, true);
	}
}

static void way__writes(struct way *w, const struct insn *insn)
{
	const struct insn_operand *op;
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++) {
		op = &insn->operand[i];
		if (!(op->access & INSN_WRITE))
			continue;
		if (operand__is_vector(op))
			w->vectors |= 1u << op->reg.index;
		else if (op->reg.class == XSTATE_CLASS_OPMASK)
			w->masks |= 1u << op->reg.index;
	}
}

static void walk__fork(struct walk *k, const struct way *w, int64_t delta)
{
	if (k->nr_ways == MAX_WAYS)
		return;
	k->way[k->nr_ways] = *w;
	k->way[k->nr_ways++].delta = delta;
}

/* One instruction; false when the way ends there. */
static bool walk__step(struct walk *k, struct way *w)
{
	struct code *c = machine__code(k->m, location__code(k->from)->obj, k->from->addr + w->delta);
	const struct insn *insn = c ? code__insn(k->m, c) : NULL;

	if (!insn || !insn->known || c->sym != k->from->sym)
		return false;
	walk__reads(k, w, insn);
	way__writes(w, insn);
	if (insn->clears_upper)
		return false;
	if (insn->flow == INSN_BRANCH)
		walk__fork(k, w, insn->target - k->from->addr);
	if (insn->flow == INSN_JUMP)
		w->delta = insn->target - k->from->addr;
	else
		w->delta += insn->length;
	return insn->flow != INSN_LEAVES;
}

static void walk__run(struct walk *k)
{
	struct way w;

	while (k->next_way < k->nr_ways) {
		w = k->way[k->next_way++];
		while (w.steps++ < MAX_STEPS && walk__step(k, &w))
			;
	}
}

unsigned int machine__reads(struct machine *m, const struct location *l, const struct insn_read **list)
{
	struct walk k = { .m = m, .from = l, .nr_ways = 1 };
	struct code *c = location__code(l);
	struct insn_read *reads;

	if (!c->reads_tried) {
		c->reads_tried = true;
		walk__run(&k);
		reads = k.nr_reads ? arena__alloc(&m->arena, k.nr_reads * sizeof(*reads)) : NULL;
		if (reads) {
			memcpy(reads, k.read, k.nr_reads * sizeof(*reads));
			c->reads = reads;
			c->nr_reads = k.nr_reads;
		}
	}
	*list = c->reads;
	return c->nr_reads;
}
