// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * regs.c - the register view: value, init or unknown, each of them
 */
#include "cursor.h"

enum {
	X87_ST_OFFSET	= 32,	/* ST0-7, 16 bytes apart [SDM 10.5.1] */
	X87_ST_STRIDE	= 16,
	SSP_OFFSET	= 8,	/* IA32_PL3_SSP behind IA32_U_CET [13.5.9] */
	/* PERF_REG_X86_* of the SIMD ABI, and where XMM halves began before. */
	PERF_REG_R16	= 24,
	PERF_REG_SSP	= 40,
	PERF_REG_XMM0	= 32,
};

/* How a component's bytes become a bank. */
struct piece {
	uint8_t nr;		/* component */
	uint8_t count;		/* registers */
	uint16_t offset;	/* of the first, in the component */
	uint16_t stride;
	uint16_t bytes;		/* of a register */
};

static const struct piece pieces[XSTATE_BANK_NR] = {
	[XSTATE_BANK_X87]	= { XFEATURE_FP, 1, 0, 160, 160 },
	[XSTATE_BANK_XMM]	= { XFEATURE_SSE, 16, 0, 16, 16 },
	[XSTATE_BANK_YMM_HI]	= { XFEATURE_YMM, 16, 0, 16, 16 },
	[XSTATE_BANK_ZMM_HI]	= { XFEATURE_ZMM_Hi256, 16, 0, 32, 32 },
	[XSTATE_BANK_HI16]	= { XFEATURE_Hi16_ZMM, 16, 0, 64, 64 },
	[XSTATE_BANK_OPMASK]	= { XFEATURE_OPMASK, 8, 0, 8, 8 },
	[XSTATE_BANK_EGPR]	= { XFEATURE_APX, 16, 0, 8, 8 },
	[XSTATE_BANK_PKRU]	= { XFEATURE_PKRU, 1, 0, 8, 4 },
	[XSTATE_BANK_SSP]	= { XFEATURE_CET_USER, 1, SSP_OFFSET, 8, 8 },
	[XSTATE_BANK_TILECFG]	= { XFEATURE_XTILE_CFG, 1, 0, 64, 64 },
	[XSTATE_BANK_TILE]	= { XFEATURE_XTILE_DATA, 8, 0, 1024, 1024 },
};

void xstate_regs__init(struct xstate_regs *r)
{
	*r = (struct xstate_regs){ .supported = ~XCOMP_BV_COMPACTED_FORMAT };
}

/* A bank from its component's bytes; NULL where that is in init state. */
static void bank__set(struct xstate_bank *b, const struct piece *p,
		      const uint8_t *bytes)
{
	uint32_t all = (1u << p->count) - 1;

	*b = (struct xstate_bank){
		.base	= bytes ? bytes + p->offset : NULL,
		.stride	= p->stride,
		.bytes	= p->bytes,
		.value	= bytes ? all : 0,
		.init	= bytes ? 0 : all,
	};
}

void xstate_regs__from_block(struct xstate_regs *r, const struct xstate_block *b)
{
	int none = b->context == XSTATE_CTX_NONE;
	int no_mxcsr = none || b->flags & XSTATE_BLOCK_NO_MXCSR;
	unsigned int i;

	*r = (struct xstate_regs){
		.requested	= b->requested,
		.captured	= b->captured,
		.xfeatures	= b->xfeatures,
		.supported	= b->layout->xfeatures,
		.xinuse		= b->xinuse,
		.xfd		= b->xfd,
		.mxcsr		= b->mxcsr,
		.mxcsr_state	= no_mxcsr ? XSTATE_UNKNOWN : XSTATE_VALUE,
		.xinuse_known	= !none && !(b->flags & XSTATE_BLOCK_NO_XINUSE),
		.zero_is_ambiguous = b->flags & XSTATE_BLOCK_ZERO_AMBIGUOUS ? 1 : 0,
		.context	= b->context,
		.flags		= b->flags,
	};
	for (i = 0; i < XSTATE_BANK_NR; i++)
		if (has_bit(b->captured, pieces[i].nr))
			bank__set(&r->bank[i], &pieces[i],
				  xstate_block__component(b, pieces[i].nr));
}

void xstate_regs__from_image(struct xstate_regs *r, const struct xstate_image *img)
{
	unsigned int i;

	*r = (struct xstate_regs){
		.requested	= img->examined,
		.captured	= img->examined,
		.xfeatures	= img->xstate_bv,
		.supported	= img->layout->xfeatures,
		.xfd		= img->xfd,
		.mxcsr		= img->mxcsr,
		.mxcsr_state	= img->mxcsr_known ? XSTATE_VALUE : XSTATE_UNKNOWN,
		.context	= XSTATE_CTX_USER_SAVED,
	};
	for (i = 0; i < XSTATE_BANK_NR; i++)
		if (has_bit(img->examined, pieces[i].nr))
			bank__set(&r->bank[i], &pieces[i],
				  xstate_image__component(img, pieces[i].nr));
}

/* A bank from @nr of the vectors of a SIMD group, @offset bytes into each. */
static void bank__from_vectors(struct xstate_bank *b,
			       const struct xstate_simd *s, unsigned int first,
			       unsigned int offset, unsigned int bytes)
{
	uint32_t stride = 8 * s->vector_qwords;
	uint64_t nr = s->nr_vectors;

	if (nr <= first || stride <= offset)
		return;
	nr = nr - first < 16 ? nr - first : 16;
	*b = (struct xstate_bank){
		.base	= s->vectors + (size_t)first * stride + offset,
		.stride	= stride,
		.bytes	= bytes < stride - offset ? bytes : stride - offset,
		.value	= (1u << nr) - 1,
	};
}

/* A bank from the qwords of the general mask that have a bit in @field. */
static void bank__from_mask(struct xstate_bank *b, const struct xstate_simd *s,
			    unsigned int first, unsigned int count,
			    unsigned int qwords)
{
	uint64_t field = (s->mask >> first) & ((XFEATURE_MASK(count * qwords)) - 1);
	uint64_t before = s->mask & (XFEATURE_MASK(first) - 1);
	const uint64_t whole = XFEATURE_MASK(qwords) - 1;
	unsigned int i;

	b->base = s->gprs + 8 * popcount64(before);
	b->packed = field;
	b->stride = 8 * qwords;
	b->bytes = 8 * qwords;
	/* A half XMM is not a register; nothing asks the kernel for one. */
	for (i = 0; i < count; i++)
		if ((field >> (i * qwords) & whole) == whole)
			b->value |= 1u << i;
}

/* Components of which every register came. */
static uint64_t regs__complete(const struct xstate_regs *r)
{
	uint64_t mask = 0;
	unsigned int i;

	for (i = 0; i < XSTATE_BANK_NR; i++)
		if (r->bank[i].value == (1u << pieces[i].count) - 1 &&
		    r->bank[i].bytes == pieces[i].bytes)
			mask |= XFEATURE_MASK(pieces[i].nr);
	return mask;
}

void xstate_regs__from_simd(struct xstate_regs *r, const struct xstate_simd *s)
{
	struct xstate_bank *bank = r->bank;

	xstate_regs__init(r);
	r->zero_is_ambiguous = 1;
	if (s->abi == PERF_REGS_ABI_NONE)
		return;
	if (s->simd_enabled) {
		bank__from_vectors(&bank[XSTATE_BANK_XMM], s, 0, 0, 16);
		bank__from_vectors(&bank[XSTATE_BANK_YMM_HI], s, 0, 16, 16);
		bank__from_vectors(&bank[XSTATE_BANK_ZMM_HI], s, 0, 32, 32);
		bank__from_vectors(&bank[XSTATE_BANK_HI16], s, 16, 0, 64);
		bank__from_mask(&bank[XSTATE_BANK_EGPR], s, PERF_REG_R16, 16, 1);
		bank__from_mask(&bank[XSTATE_BANK_SSP], s, PERF_REG_SSP, 1, 1);
	} else {
		bank__from_mask(&bank[XSTATE_BANK_XMM], s, PERF_REG_XMM0, 16, 2);
	}
	if (s->nr_pred)
		bank[XSTATE_BANK_OPMASK] = (struct xstate_bank){
			.base	= s->preds,
			.stride	= 8,
			.bytes	= 8,
			.value	= (1u << s->nr_pred) - 1,
		};
	r->captured = regs__complete(r);
	r->requested = r->captured;
	r->xfeatures = r->captured;
}

const uint8_t *xstate_bank__reg(const struct xstate_bank *b, unsigned int i)
{
	if (i >= 32 || !has_bit(b->value, i))
		return NULL;
	if (b->packed) {
		uint64_t below = XFEATURE_MASK(i * b->stride / 8) - 1;

		return b->base + 8 * popcount64(b->packed & below);
	}
	return b->base + (size_t)i * b->stride;
}

static enum xstate_state bank__state(const struct xstate_bank *b, unsigned int i)
{
	if (has_bit(b->value, i))
		return XSTATE_VALUE;
	return has_bit(b->init, i) ? XSTATE_INIT : XSTATE_UNKNOWN;
}

/* TMM is the largest; every init state but FCW's and MXCSR's is 0 [13.6]. */
static const uint8_t zeros[1024];

static void value__set(struct xstate_value *v, enum xstate_state state,
		       const uint8_t *bytes, uint32_t size)
{
	v->state = state;
	v->size = size;
	v->known = state == XSTATE_UNKNOWN ? 0 : size;
	v->bytes = state == XSTATE_VALUE ? bytes :
		   state == XSTATE_INIT ? zeros : NULL;
}

/* One part of a vector register. */
struct part {
	uint8_t bank;
	uint8_t first;		/* register that is number 0 of the bank */
	uint8_t end;		/* byte of the register behind the part */
};

static const struct part low_parts[] = {
	{ XSTATE_BANK_XMM, 0, 16 },
	{ XSTATE_BANK_YMM_HI, 0, 32 },
	{ XSTATE_BANK_ZMM_HI, 0, 64 },
};
static const struct part high_parts[] = {
	{ XSTATE_BANK_HI16, 16, 64 },
};

/*
 * Append a part's bytes from @start to @end, as far as they are known.
 * Return: the state of what is wanted of it.
 */
static enum xstate_state value__append(struct xstate_value *v,
				       const struct xstate_bank *b,
				       unsigned int i, unsigned int start,
				       unsigned int end)
{
	unsigned int wanted = end - start;
	unsigned int n = b->bytes < wanted ? b->bytes : wanted;
	enum xstate_state state = bank__state(b, i);

	if (state == XSTATE_UNKNOWN)
		return state;
	if (v->known == start) {
		__builtin_memcpy(v->buf + start, state == XSTATE_VALUE ?
				 xstate_bank__reg(b, i) : zeros, n);
		v->known += n;
	}
	return n == wanted ? state : XSTATE_UNKNOWN;
}

/* Unknown if one of them is, else a value if one of them is. */
static enum xstate_state both(enum xstate_state a, enum xstate_state b)
{
	if (a == XSTATE_UNKNOWN || b == XSTATE_UNKNOWN)
		return XSTATE_UNKNOWN;
	return a == XSTATE_VALUE || b == XSTATE_VALUE ? XSTATE_VALUE : XSTATE_INIT;
}

/*
 * The usual case, without asking at each part: all of them are values. XMM
 * banks are packed in groups alone that have no part above.
 */
static int regs__join(const struct xstate_regs *r, unsigned int i,
		      unsigned int size, struct xstate_value *v)
{
	const struct xstate_bank *x = &r->bank[XSTATE_BANK_XMM];
	const struct xstate_bank *y = &r->bank[XSTATE_BANK_YMM_HI];
	const struct xstate_bank *z = &r->bank[XSTATE_BANK_ZMM_HI];
	uint32_t all = x->value & y->value & (size == 64 ? z->value : UINT32_MAX);

	if (!has_bit(all, i))
		return 0;
	__builtin_memcpy(v->buf, x->base + i * x->stride, 16);
	__builtin_memcpy(v->buf + 16, y->base + i * y->stride, 16);
	if (size == 64)
		__builtin_memcpy(v->buf + 32, z->base + i * z->stride, 32);
	value__set(v, XSTATE_VALUE, v->buf, size);
	return 1;
}

static void regs__get_vector(const struct xstate_regs *r, struct xstate_reg reg,
			     unsigned int size, struct xstate_value *v)
{
	const struct part *p = reg.index < 16 ? low_parts : high_parts;
	unsigned int i = reg.index - p->first, start = 0;
	const struct xstate_bank *b = &r->bank[p->bank];
	enum xstate_state all = XSTATE_INIT;

	if (p->end >= size && b->bytes >= size) {
		value__set(v, bank__state(b, i), xstate_bank__reg(b, i), size);
		return;
	}
	if (reg.index < 16 && regs__join(r, i, size, v))
		return;
	v->size = size;
	v->known = 0;
	for (; start < size; start = p++->end) {
		unsigned int end = p->end < size ? p->end : size;

		all = both(all, value__append(v, &r->bank[p->bank], i, start, end));
	}
	v->state = all;
	v->bytes = v->known ? v->buf : NULL;
}

/* Registers of a bank of which the low @bytes are known. */
static uint32_t bank__known(const struct xstate_bank *b, unsigned int bytes)
{
	return b->bytes >= bytes ? b->value | b->init : 0;
}

/*
 * The low @bytes of each register of @regs, all of them known. Registers of a
 * block stand next to each other: those are taken in one go.
 */
static void bank__classify(const struct xstate_bank *b, uint32_t regs,
			   unsigned int bytes, enum xstate_type t,
			   struct xstate_counts *add)
{
	uint32_t value = regs & b->value;
	uint64_t left = value;

	add->lane[XSTATE_FP_ZERO] += popcount64(regs & ~value) *
				     (bytes / xstate_type__size(t));
	/* From 0 on without a gap, packed or not. */
	if (left && b->stride == bytes && !(value & (value + 1))) {
		xstate_lanes__classify(b->base, popcount64(value) * bytes, t, add);
		return;
	}
	while (left)
		xstate_lanes__classify(xstate_bank__reg(b, next_bit(&left)),
				       bytes, t, add);
}

/* The registers of a half - 0-15 or 16-31 - as bits 0-15. */
static uint32_t half__classify(const struct xstate_regs *r, const struct part *p,
			       uint32_t regs, unsigned int size,
			       enum xstate_type t, struct xstate_counts *add)
{
	const struct part *q = p;
	unsigned int start;

	for (start = 0; start < size; start = q++->end)
		regs &= bank__known(&r->bank[q->bank],
				    (q->end < size ? q->end : size) - start);
	for (start = 0; start < size; start = p++->end)
		bank__classify(&r->bank[p->bank], regs,
			       (p->end < size ? p->end : size) - start, t, add);
	return regs;
}

uint32_t xstate_regs__classify(const struct xstate_regs *r, enum xstate_class c,
			       uint32_t regs, enum xstate_type t,
			       struct xstate_counts *add)
{
	unsigned int size = xstate_reg__size((struct xstate_reg){ c, 0 });

	if (c > XSTATE_CLASS_ZMM || !xstate_type__size(t))
		return 0;
	return half__classify(r, low_parts, regs & 0xffff, size, t, add) |
	       half__classify(r, high_parts, regs >> 16, size, t, add) << 16;
}

static void regs__get_mxcsr(const struct xstate_regs *r, struct xstate_value *v)
{
	__builtin_memcpy(v->buf, &r->mxcsr, sizeof(r->mxcsr));
	value__set(v, r->mxcsr_state, v->buf, sizeof(r->mxcsr));
}

/* Fields of the FXSAVE image [SDM vol. 1, table 10-2]; FTW is abridged. */
static const struct {
	uint8_t offset;
} x87_fields[XSTATE_X87_NR] = {
	[XSTATE_X87_FCW] = { 0 },  [XSTATE_X87_FSW] = { 2 },
	[XSTATE_X87_FTW] = { 4 },  [XSTATE_X87_FOP] = { 6 },
	[XSTATE_X87_FIP] = { 8 },  [XSTATE_X87_FDP] = { 16 },
};
static const uint8_t fcw_init[] = { 0x7f, 0x03 };

static void regs__get_x87(const struct xstate_regs *r, struct xstate_reg reg,
			  struct xstate_value *v)
{
	const struct xstate_bank *b = &r->bank[XSTATE_BANK_X87];
	const uint8_t *base = xstate_bank__reg(b, 0);
	unsigned int offset = reg.class == XSTATE_CLASS_ST ?
		X87_ST_OFFSET + X87_ST_STRIDE * reg.index :
		x87_fields[reg.index].offset;

	value__set(v, bank__state(b, 0), base ? base + offset : NULL,
		   xstate_reg__size(reg));
	if (v->state == XSTATE_INIT && reg.class == XSTATE_CLASS_X87 &&
	    reg.index == XSTATE_X87_FCW)
		v->bytes = fcw_init;
}

/* Classes of which a register is one register of one bank. */
static const uint8_t plain_bank[XSTATE_CLASS_NR] = {
	[XSTATE_CLASS_OPMASK]	= XSTATE_BANK_OPMASK,
	[XSTATE_CLASS_EGPR]	= XSTATE_BANK_EGPR,
	[XSTATE_CLASS_PKRU]	= XSTATE_BANK_PKRU,
	[XSTATE_CLASS_SSP]	= XSTATE_BANK_SSP,
	[XSTATE_CLASS_TILECFG]	= XSTATE_BANK_TILECFG,
	[XSTATE_CLASS_TMM]	= XSTATE_BANK_TILE,
};

int xstate_regs__get(const struct xstate_regs *r, struct xstate_reg reg,
		     struct xstate_value *v)
{
	const struct xstate_bank *b;
	unsigned int size = xstate_reg__size(reg);

	if (!size)
		return XSTATE_E_RANGE;
	switch (reg.class) {
	case XSTATE_CLASS_XMM:
	case XSTATE_CLASS_YMM:
	case XSTATE_CLASS_ZMM:
		regs__get_vector(r, reg, size, v);
		break;
	case XSTATE_CLASS_MXCSR:
		regs__get_mxcsr(r, v);
		break;
	case XSTATE_CLASS_ST:
	case XSTATE_CLASS_X87:
		regs__get_x87(r, reg, v);
		break;
	default:
		b = &r->bank[plain_bank[reg.class]];
		value__set(v, bank__state(b, reg.index),
			   xstate_bank__reg(b, reg.index), size);
	}
	return v->state;
}

int xstate_regs__state(const struct xstate_regs *r, struct xstate_reg reg)
{
	struct xstate_value v;

	return xstate_regs__get(r, reg, &v);
}

enum xstate_state xstate_regs__component_state(const struct xstate_regs *r,
					       unsigned int nr)
{
	if (!has_bit(r->captured, nr))
		return XSTATE_UNKNOWN;
	return has_bit(r->xfeatures, nr) ? XSTATE_VALUE : XSTATE_INIT;
}

/* Components that make a vector wider than the one before. */
static const uint64_t wide512 = XFEATURE_MASK(XFEATURE_ZMM_Hi256) |
				XFEATURE_MASK(XFEATURE_Hi16_ZMM);
static const uint64_t wide256 = XFEATURE_MASK(XFEATURE_YMM);

unsigned int xstate_regs__width_in_use(const struct xstate_regs *r)
{
	uint64_t known, used;

	/* In the SIMD ABI a register's coming does not say that it is in use. */
	if (r->zero_is_ambiguous && !r->xinuse_known)
		return 0;
	known = r->xinuse_known ? ~UINT64_C(0) : r->captured | ~r->supported;
	used = r->xinuse_known ? r->xinuse : r->xfeatures;
	if (used & wide512)
		return 512;
	if (~known & (wide512 | wide256))
		return 0;
	if (used & wide256)
		return 256;
	return r->captured || r->xinuse_known ? 128 : 0;
}

/* All bytes [start, end) of every register of a bank, or'ed. */
static uint64_t bank__any(const struct xstate_bank *b, unsigned int start,
			  unsigned int end)
{
	uint64_t left = b->value, any = 0;
	unsigned int at;

	while (left) {
		const uint8_t *p = xstate_bank__reg(b, next_bit(&left));

		for (at = start; at < end && at < b->bytes; at += 8)
			any |= le64(p + at);
	}
	return any;
}

/* May the part hold what did not come? Not if the CPU says it is init. */
static int part__open(const struct xstate_regs *r, enum xstate_bank_nr bank,
		      unsigned int end)
{
	const struct xstate_bank *b = &r->bank[bank];
	uint32_t known = b->bytes >= end ? b->value | b->init : b->init;
	unsigned int nr = pieces[bank].nr;

	if (known == (1u << pieces[bank].count) - 1)
		return 0;
	if (!has_bit(r->supported, nr))
		return 0;
	return !r->xinuse_known || has_bit(r->xinuse, nr);
}

unsigned int xstate_regs__width_nonzero(const struct xstate_regs *r)
{
	/* Widest first: what of which bank is non-zero gives which width. */
	static const struct {
		uint16_t width;
		uint8_t bank, start, end;
	} step[] = {
		{ 512, XSTATE_BANK_ZMM_HI, 0, 32 },
		{ 512, XSTATE_BANK_HI16, 32, 64 },
		{ 256, XSTATE_BANK_YMM_HI, 0, 16 },
		{ 256, XSTATE_BANK_HI16, 16, 32 },
		{ 128, XSTATE_BANK_XMM, 0, 16 },
		{ 128, XSTATE_BANK_HI16, 0, 16 },
	};
	unsigned int i, unknown = 0;

	for (i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		if (unknown > step[i].width)
			return 0;
		if (bank__any(&r->bank[step[i].bank], step[i].start, step[i].end))
			return step[i].width;
		if (!unknown && part__open(r, step[i].bank, step[i].end))
			unknown = step[i].width;
	}
	return unknown ? 0 : 1;
}
