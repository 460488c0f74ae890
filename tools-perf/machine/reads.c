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
	NR_MASKS	= 8,
};

/* A way that the code may take, and what was written on it. */
struct way {
	int64_t delta;			/* from the location to the next instruction */
	unsigned int steps;
	uint32_t vectors, masks;	/* bitmaps of registers written */
	struct code *last;		/* right before it, NULL: jumped to */
};

struct walk {
	struct machine *m;
	const struct location *from;
	struct way way[MAX_WAYS];
	unsigned int nr_ways, next_way;
	uint32_t any, computes;		/* registers whose first reader is known */
	uint32_t stored;		/* ... and is a store */
	struct insn_read store[NR_VECTORS];
	struct insn_read read[MAX_READS + NR_MASKS];
	unsigned int nr_reads;
	uint32_t masks;			/* whose first use as predicate is known */
	struct insn_read mask[NR_MASKS];
	unsigned int nr_masks;
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

static void walk__add(struct walk *k, uint32_t *seen, const struct insn_read *read)
{
	uint32_t bit = 1u << read->op->reg.index;

	if (*seen & bit || k->nr_reads == MAX_READS)
		return;
	*seen |= bit;
	k->read[k->nr_reads++] = *read;
}

/* Each opmask once: for the first instruction that it predicates. */
static void walk__masks(struct walk *k, const struct way *w, const struct insn *insn)
{
	const struct insn_operand *op;
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++) {
		op = &insn->operand[i];
		if (!op->is_mask || op->reg.index >= NR_MASKS || (w->masks | k->masks) >> op->reg.index & 1)
			continue;
		k->masks |= 1u << op->reg.index;
		k->mask[k->nr_masks++] = (struct insn_read){
			.op = op, .insn = insn, .loc = machine__beside(k->m, k->from, w->delta),
		};
	}
}

/* Only moves to memory have a typed source and no register that they write. */
static bool insn__is_store(const struct insn *insn)
{
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++)
		if (insn->operand[i].access & INSN_WRITE || insn->operand[i].computes)
			return false;
	return true;
}

static void walk__note_store(struct walk *k, const struct insn_read *read)
{
	unsigned int i = read->op->reg.index;

	if (k->any >> i & 1 || !read->op->typed || !xstate_type__is_fp(read->op->type) || !insn__is_store(read->insn))
		return;
	k->stored |= 1u << i;
	k->store[i] = *read;
	k->store[i].computes = true;
}

static void walk__reads(struct walk *k, const struct way *w, const struct insn *insn)
{
	struct insn_read read = { .insn = insn };
	unsigned int i;

	if (!insn__mask_stands(insn, w))
		return;
	for (i = 0; i < insn->nr_operands; i++) {
		read.op = &insn->operand[i];
		if (!operand__is_vector(read.op) || !(read.op->access & INSN_READ) || w->vectors >> read.op->reg.index & 1)
			continue;
		read.loc = machine__beside(k->m, k->from, w->delta);
		read.computes = false;
		walk__note_store(k, &read);
		walk__add(k, &k->any, &read);
		read.computes = true;
		if (read.op->computes)
			walk__add(k, &k->computes, &read);
	}
}

/* A number of the stored type comes to be where the stored one was. */
static void walk__results(struct walk *k, const struct way *w, const struct insn *insn)
{
	const struct insn_operand *op;
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++) {
		op = &insn->operand[i];
		if (op->result && operand__is_vector(op) && k->stored >> op->reg.index & 1 &&
		    !(w->vectors >> op->reg.index & 1) && k->store[op->reg.index].op->type == op->type)
			walk__add(k, &k->computes, &k->store[op->reg.index]);
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
	k->way[k->nr_ways].last = NULL;
	k->way[k->nr_ways++].delta = delta;
}

/* Behind the instruction before, mostly, which remembers it for the next walk. */
static struct code *walk__code(struct walk *k, const struct way *w)
{
	struct code *c;

	if (w->last && w->last->next)
		return w->last->next;
	c = machine__code(k->m, location__code(k->from)->obj, k->from->addr + w->delta);
	if (w->last)
		w->last->next = c;
	return c;
}

/* One instruction; false when the way ends there. */
static bool walk__step(struct walk *k, struct way *w)
{
	struct code *c = walk__code(k, w);
	const struct insn *insn = c ? code__insn(k->m, c) : NULL;

	if (!insn || !insn->known || c->sym != k->from->sym)
		return false;
	walk__reads(k, w, insn);
	walk__masks(k, w, insn);
	walk__results(k, w, insn);
	way__writes(w, insn);
	if (insn->clears_upper)
		return false;
	if (insn->flow == INSN_BRANCH)
		walk__fork(k, w, insn->target - k->from->addr);
	w->last = insn->flow == INSN_JUMP ? NULL : c;
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

const struct read_list *location__reads(struct machine *m, const struct location *l)
{
	static const struct read_list none;
	struct walk k = { .m = m, .from = l, .nr_ways = 1 };
	struct code *c = location__code(l);
	struct read_list *list;
	unsigned int nr;

	if (c->reads)
		return c->reads;
	walk__run(&k);
	memcpy(k.read + k.nr_reads, k.mask, k.nr_masks * sizeof(k.mask[0]));
	nr = k.nr_reads + k.nr_masks;
	list = nr ? arena__alloc(&m->arena, sizeof(*list) + nr * sizeof(k.read[0])) : NULL;
	if (list) {
		list->nr = k.nr_reads;
		list->nr_masks = k.nr_masks;
		memcpy(list->read, k.read, nr * sizeof(k.read[0]));
	}
	c->reads = list ? list : &none;
	return c->reads;
}
