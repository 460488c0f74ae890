/* SPDX-License-Identifier: GPL-2.0-only */
/* What registers and instruction of one sample say, before anything is counted. */
#include <string.h>

#include "machine/callchain.h"
#include "views/view.h"

/* Is a component in use? XINUSE knows best; else what was captured. */
static enum tri regs__in_use(const struct xstate_regs *r, unsigned int nr)
{
	uint64_t bit = XFEATURE_MASK(nr);

	if (r->xinuse_known && !(r->xfd & bit))
		return r->xinuse & bit ? TRI_YES : TRI_NO;
	/* in the SIMD ABI a register's coming does not say that it is in use */
	if (r->zero_is_ambiguous)
		return TRI_UNKNOWN;
	if (r->captured & bit)
		return r->xfeatures & bit ? TRI_YES : TRI_NO;
	return r->captured && !(r->supported & bit) ? TRI_NO : TRI_UNKNOWN;
}

static bool bank__nonzero(const struct xstate_bank *b)
{
	uint64_t v, any = 0;
	unsigned int i, at;

	for (i = 0; i < 16; i++) {
		const uint8_t *p = xstate_bank__reg(b, i);

		for (at = 0; p && at + sizeof(v) <= b->bytes; at += sizeof(v)) {
			memcpy(&v, p + at, sizeof(v));
			any |= v;
		}
	}
	return any;
}

/* Does an upper part of registers 0-15 hold a bit? What is not in use does not. */
static enum tri part__nonzero(const struct xstate_bank *b, enum tri in_use)
{
	if (bank__nonzero(b))
		return TRI_YES;
	return in_use == TRI_NO || ((b->value | b->init) & 0xffff) == 0xffff ? TRI_NO : TRI_UNKNOWN;
}

/* The widest part of registers 0-15 that holds a bit. */
static unsigned int regs__nonzero(const struct facts *f, const struct xstate_regs *r)
{
	const struct {
		enum xstate_bank_nr bank;
		enum tri in_use;
		unsigned int width;
	} part[] = {
		{ XSTATE_BANK_ZMM_HI, f->in_use[IN_USE_ZMM], 512 },
		{ XSTATE_BANK_YMM_HI, f->in_use[IN_USE_YMM], 256 },
		{ XSTATE_BANK_XMM, regs__in_use(r, XFEATURE_SSE), 128 },
	};
	enum tri nonzero;
	unsigned int i;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		nonzero = part__nonzero(&r->bank[part[i].bank], part[i].in_use);
		if (nonzero != TRI_NO)
			return nonzero == TRI_YES ? part[i].width : 0;
	}
	return 1;
}

static enum tri tri__or(enum tri a, enum tri b)
{
	if (a == TRI_YES || b == TRI_YES)
		return TRI_YES;
	return a == TRI_NO && b == TRI_NO ? TRI_NO : TRI_UNKNOWN;
}

/*
 * Width by ZMM_Hi256 and YMM_Hi128, that is by registers 0-15. Hi16_ZMM is
 * kept apart: code that only uses ymm16-31 (glibc's EVEX string functions)
 * puts it in use as well, and vzeroupper does not clear it [SDM vol. 2,
 * VZEROUPPER], so that it is in use in nearly all samples of any program.
 */
static void facts__widths(struct facts *f, const struct xstate_regs *r, const struct facts_options *o)
{
	f->in_use[IN_USE_YMM] = regs__in_use(r, XFEATURE_YMM);
	f->in_use[IN_USE_ZMM] = regs__in_use(r, XFEATURE_ZMM_Hi256);
	f->in_use[IN_USE_HI16] = regs__in_use(r, XFEATURE_Hi16_ZMM);
	f->width = 0;
	if (f->in_use[IN_USE_ZMM] == TRI_YES)
		f->width = 512;
	else if (f->in_use[IN_USE_ZMM] == TRI_NO && f->in_use[IN_USE_YMM] != TRI_UNKNOWN)
		f->width = f->in_use[IN_USE_YMM] == TRI_YES ? 256 : 128;
	f->nonzero = o->want_nonzero ? regs__nonzero(f, r) : 0;
	f->upper_in_use = tri__or(f->in_use[IN_USE_YMM], f->in_use[IN_USE_ZMM]);
	f->upper_nonzero = TRI_UNKNOWN;
	if (f->insn->encoding == INSN_LEGACY_SSE || f->insn->scalar)
		f->upper_nonzero = tri__or(part__nonzero(&r->bank[XSTATE_BANK_YMM_HI], f->in_use[IN_USE_YMM]),
					   part__nonzero(&r->bank[XSTATE_BANK_ZMM_HI], f->in_use[IN_USE_ZMM]));
}

/* ---- lanes ---------------------------------------------------------------- */

static uint64_t low_bits(unsigned int n)
{
	return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

/*
 * Lanes that the predicate lets through: what a masked-off lane holds is not
 * read [SDM vol. 1, 15.6.1]. A pair of halves of complex f16 shares one bit.
 */
static bool insn__active_lanes(const struct insn *insn, const struct xstate_regs *r,
			       unsigned int nr_lanes, uint64_t *active)
{
	const struct insn_operand *op;
	struct xstate_value v;
	unsigned int i, k, each;
	uint64_t mask = 0;

	*active = low_bits(nr_lanes);
	for (i = 0; i < insn->nr_operands && !insn->operand[i].is_mask; i++)
		;
	if (i == insn->nr_operands)
		return true;
	op = &insn->operand[i];
	if (xstate_regs__get(r, op->reg, &v) <= 0 || v.known < sizeof(mask) || !op->lanes)
		return false;
	memcpy(&mask, v.bytes, sizeof(mask));
	each = nr_lanes > op->lanes ? nr_lanes / op->lanes : 1;
	for (k = 0; k < nr_lanes; k++)
		if (!(mask >> k / each & 1))
			*active &= ~(UINT64_C(1) << k);
	return true;
}

static void fp_lanes__count(struct fp_lanes *l, unsigned int size)
{
	unsigned int i;

	memset(&l->counts, 0, sizeof(l->counts));
	if (l->active == low_bits(l->nr_lanes)) {
		xstate_lanes__classify(l->bytes, size, l->type, &l->counts);
		return;
	}
	for (i = 0; i < l->nr_lanes; i++)
		if (l->active >> i & 1)
			l->counts.lane[xstate_lane__class(l->type, xstate_lane__bits(l->bytes, l->type, i))]++;
}

int lanes__read(struct fp_lanes *l, const struct xstate_regs *r, const struct insn_read *read,
		enum xstate_type type)
{
	unsigned int size = read->op->bytes;
	struct xstate_value v;

	if (size > sizeof(l->bytes))
		return -1;
	if (xstate_regs__get(r, read->op->reg, &v) < 0 || v.known < size || !v.bytes)
		return 0;
	l->read = read;
	l->type = type;
	l->nr_lanes = size / xstate_type__size(type);
	if (!l->nr_lanes || !insn__active_lanes(read->insn, r, l->nr_lanes, &l->active))
		return 0;
	memcpy(l->bytes, v.bytes, size);
	fp_lanes__count(l, l->nr_lanes * xstate_type__size(type));
	return 1;
}

static void facts__read(struct facts *f, const struct xstate_regs *r,
			const struct insn_read *read, enum xstate_type type)
{
	int ret;

	if (f->nr_fp == FACTS_MAX_REGS)
		return;
	ret = lanes__read(&f->fp[f->nr_fp], r, read, type);
	f->nr_fp += ret > 0;
	f->fp_unknown |= ret == 0;
}

/* With --type all vector registers that are read count. */
static void facts__lanes(struct facts *f, const struct xstate_regs *r, const struct facts_options *o)
{
	unsigned int i;

	f->nr_fp = 0;
	f->fp_unknown = false;
	for (i = 0; i < f->nr_reads; i++)
		if (f->reads[i].computes != o->type_given)
			facts__read(f, r, &f->reads[i], o->type_given ? o->type : f->reads[i].op->type);
}

void facts__regs(struct facts *f, const struct xstate_regs *r, const struct facts_options *o)
{
	f->regs = r;
	f->opt = o;
	facts__widths(f, r, o);
	f->mxcsr_known = r->mxcsr_state != XSTATE_UNKNOWN;
	f->mxcsr = r->mxcsr;
	facts__lanes(f, r, o);
}

/* ---- all operands ---------------------------------------------------------- */

/* A register stands twice in the list where its first reader computes nothing. */
static bool facts__computed_elsewhere(const struct facts *f, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < f->nr_reads; k++)
		if (f->reads[k].computes && f->reads[k].op->reg.index == f->reads[i].op->reg.index)
			return true;
	return false;
}

/* Untyped ones go by 32 bits, or by bytes where they are narrower. */
static enum xstate_type operand__lane_type(const struct insn_operand *op)
{
	if (op->typed)
		return op->type;
	return op->bytes % 4 ? XSTATE_U8 : XSTATE_U32;
}

static bool insn__has_mask(const struct insn *insn)
{
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++)
		if (insn->operand[i].is_mask)
			return true;
	return false;
}

/*
 * What a merging mask reads of a destination that is not a source as well: the
 * lanes that are off [SDM vol. 1, 15.6.1]. Of integer ones it is not known
 * whether they are a source (vpternlogd) or not: all lanes are taken.
 */
static void lanes__merged(struct fp_lanes *l)
{
	const struct insn_operand *op = l->read->op;

	if (!(op->access & INSN_WRITE) || op->computes || !insn__has_mask(l->read->insn))
		return;
	l->active = (op->typed && xstate_type__is_fp(op->type) ? ~l->active : ~UINT64_C(0)) & low_bits(l->nr_lanes);
	fp_lanes__count(l, l->nr_lanes * xstate_type__size(l->type));
}

int facts__operand(const struct facts *f, unsigned int i, struct fp_lanes *l)
{
	const struct insn_read *read = &f->reads[i];
	int ret;

	if (f->opt->type_given)
		return read->computes ? -1 : lanes__read(l, f->regs, read, f->opt->type);
	if (!read->computes && facts__computed_elsewhere(f, i))
		return -1;
	ret = lanes__read(l, f->regs, read, operand__lane_type(read->op));
	if (ret > 0)
		lanes__merged(l);
	return ret;
}

const struct callchain *facts__chain(const struct facts *f)
{
	struct facts_chain *l = f->chain;

	if (!l || !attr__has_chains(f->s->attr))
		return NULL;
	if (!l->made)
		machine__callchain(l->machine, f->s, l->c);
	l->made = true;
	return l->c;
}

void facts__each_operand(const struct facts *f, struct hist *h, void *acc,
			 void (*count)(struct hist *h, void *acc, const struct fp_lanes *l))
{
	bool known = false, unknown = false;
	struct seen *seen = acc;
	struct fp_lanes l;
	unsigned int i;
	int ret;

	for (i = 0; i < f->nr_reads; i++) {
		ret = facts__operand(f, i, &l);
		known |= ret > 0;
		unknown |= ret == 0;
		if (ret > 0)
			count(h, acc, &l);
	}
	seen->samples += known;
	seen->unknown += unknown;
}

uint64_t entry__rank_seen(const struct hist_entry *e)
{
	const struct seen *seen = e->acc;

	return seen->samples || seen->unknown ? e->weight + 1 : 0;
}
