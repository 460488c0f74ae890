/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "convert/convert.h"

static void stack__push(struct stack *st, const struct location *l, uint8_t cpumode)
{
	st->kernel[st->nr] = cpumode == PERF_RECORD_MISC_KERNEL;
	st->frame[st->nr++] = l;
}

void stack__of(struct stack *st, struct convert *c, const struct convert_sample *x)
{
	const struct chain_frame *f;
	struct callchain chain;
	unsigned int i;

	machine__callchain(c->machine, x->s, &chain);
	st->nr = 0;
	for (i = 0; i < chain.nr; i++) {
		f = &chain.frame[i];
		stack__push(st, !i && f->ip == x->s->ip ? x->loc : machine__frame(c->machine, x->s, f), f->cpumode);
	}
	if (!st->nr)
		stack__push(st, x->loc, x->s->cpumode);
	if (chain_end__why(chain.end))
		stack__push(st, machine__caller(c->machine, x->s->pid, 0, PERF_RECORD_MISC_CPUMODE_UNKNOWN),
			    PERF_RECORD_MISC_CPUMODE_UNKNOWN);
}

/* XINUSE knows best; else what was captured. 1, 0, or -1: not known. */
static int regs__in_use(const struct xstate_regs *r, unsigned int nr)
{
	uint64_t bit = XFEATURE_MASK(nr);

	if (r->xinuse_known && !(r->xfd & bit))
		return r->xinuse & bit ? 1 : 0;
	/* in the SIMD ABI a register's coming does not say that it is in use */
	if (r->zero_is_ambiguous)
		return -1;
	if (r->captured & bit)
		return r->xfeatures & bit ? 1 : 0;
	return r->captured && !(r->supported & bit) ? 0 : -1;
}

/*
 * Of registers 0-15, as the views do: glibc's string functions put ymm16-31 in
 * use, and vzeroupper leaves those alone [SDM vol. 2, VZEROUPPER].
 */
static const char *root__width(const struct xstate_regs *r)
{
	int zmm = regs__in_use(r, XFEATURE_ZMM_Hi256), ymm = regs__in_use(r, XFEATURE_YMM);

	if (zmm == 1)
		return "512 bits in use";
	if (zmm < 0 || ymm < 0)
		return "width unknown";
	return ymm ? "256 bits in use" : "128 bits in use";
}

static const char *const mask_names[] = {
	[XSTATE_MASK_ALL_ZEROS]	= "mask all_zeros",
	[XSTATE_MASK_ONE_HOT]	= "mask one_hot",
	[XSTATE_MASK_PARTIAL]	= "mask partial",
	[XSTATE_MASK_ALL_ONES]	= "mask all_ones",
};

/* The opmask that predicates the instruction at the sample. */
static const char *root__mask(struct convert *c, const struct convert_sample *x)
{
	const struct insn *insn = machine__insn(c->machine, x->loc);
	struct xstate_value v;
	uint64_t k = 0;
	unsigned int i;

	if (!insn->known)
		return "mask unknown";
	for (i = 0; i < insn->nr_operands; i++) {
		const struct insn_operand *o = &insn->operand[i];

		if (!o->is_mask || !o->lanes)
			continue;
		if (xstate_regs__get(x->user, o->reg, &v) == XSTATE_UNKNOWN)
			return "mask unknown";
		memcpy(&k, v.bytes, sizeof(k));
		return mask_names[xstate_mask__class(k, o->lanes)];
	}
	return "not masked";
}

const char *convert__root(struct convert *c, const struct convert_sample *x)
{
	switch (c->root) {
	case ROOT_WIDTH:
		return root__width(x->user);
	case ROOT_MASK:
		return root__mask(c, x);
	default:
		return NULL;
	}
}
