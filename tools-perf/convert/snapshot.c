/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "convert/snapshot.h"

/* How a bank lies in its component [xstate.h, enum xstate_bank_nr]. */
static const struct shape {
	uint8_t nr;			/* component */
	uint8_t count;			/* registers */
	uint16_t bytes;			/* of a register */
	uint16_t size;			/* of the component */
} shapes[XSTATE_BANK_NR] = {
	[XSTATE_BANK_X87]	= { XFEATURE_FP, 1, 160, 160 },
	[XSTATE_BANK_XMM]	= { XFEATURE_SSE, 16, 16, 256 },
	[XSTATE_BANK_YMM_HI]	= { XFEATURE_YMM, 16, 16, 256 },
	[XSTATE_BANK_ZMM_HI]	= { XFEATURE_ZMM_Hi256, 16, 32, 512 },
	[XSTATE_BANK_HI16]	= { XFEATURE_Hi16_ZMM, 16, 64, 1024 },
	[XSTATE_BANK_OPMASK]	= { XFEATURE_OPMASK, 8, 8, 64 },
	[XSTATE_BANK_EGPR]	= { XFEATURE_APX, 16, 8, 128 },
	[XSTATE_BANK_PKRU]	= { XFEATURE_PKRU, 1, 4, 8 },
	/* half of its component: the other one, U_CET, is no register of a view */
	[XSTATE_BANK_SSP]	= { XFEATURE_CET_USER, 1, 8, 16 },
	[XSTATE_BANK_TILECFG]	= { XFEATURE_XTILE_CFG, 1, 64, 64 },
	[XSTATE_BANK_TILE]	= { XFEATURE_XTILE_DATA, 8, 1024, 8192 },
};

void snapshot__take(struct snapshot *s, const struct xstate_regs *r)
{
	uint8_t *to = s->buf;
	unsigned int i, k;
	const uint8_t *from;

	s->regs = *r;
	for (i = 0; i < XSTATE_BANK_NR; i++) {
		struct xstate_bank *b = &s->regs.bank[i];

		for (k = 0; k < shapes[i].count; k++) {
			from = xstate_bank__reg(&r->bank[i], k);
			if (from)
				memcpy(to + k * b->bytes, from, b->bytes);
		}
		b->base = to;
		b->packed = 0;
		b->stride = b->bytes;
		to += shapes[i].count * shapes[i].bytes;
	}
}

uint8_t *snapshot__reg(struct snapshot *s, unsigned int bank, unsigned int i)
{
	const struct xstate_bank *b = &s->regs.bank[bank];

	return i < 32 && b->value >> i & 1 ? s->buf + (b->base - s->buf) + i * b->stride : NULL;
}

void regs__limit(struct xstate_regs *r, uint64_t xfeatures)
{
	unsigned int i;

	for (i = 0; i < XSTATE_BANK_NR; i++)
		if (!(xfeatures >> shapes[i].nr & 1))
			r->bank[i].value = r->bank[i].init = 0;
	r->requested &= xfeatures;
	r->captured &= xfeatures;
	r->xfeatures &= xfeatures;
}

/* Every register of a component: with a value, or in init state. */
static bool bank__whole(const struct xstate_bank *b, const struct shape *s)
{
	uint32_t all = (UINT32_C(1) << s->count) - 1;

	return (b->value == all && b->bytes == s->bytes) || (b->init == all && !b->value);
}

static void bank__copy(const struct xstate_bank *b, const struct shape *s, uint8_t *to)
{
	unsigned int i;

	for (i = 0; i < s->count; i++)
		memcpy(to + i * s->bytes, xstate_bank__reg(b, i), s->bytes);
}

static uint16_t regs__flags(const struct xstate_regs *r)
{
	return (r->flags & ~(XSTATE_BLOCK_NO_XINUSE | XSTATE_BLOCK_NO_MXCSR | XSTATE_BLOCK_ZERO_AMBIGUOUS)) |
	       (r->xinuse_known ? 0 : XSTATE_BLOCK_NO_XINUSE) |
	       (r->mxcsr_state == XSTATE_UNKNOWN ? XSTATE_BLOCK_NO_MXCSR : 0) |
	       (r->zero_is_ambiguous ? XSTATE_BLOCK_ZERO_AMBIGUOUS : 0);
}

size_t regs__block(const struct xstate_regs *r, unsigned int context,
		   uint64_t *lost, void *buf, size_t size)
{
	static uint8_t bytes[XSTATE_BANK_NR][8192];
	struct xstate_layout l;
	struct xstate_build s = { .layout = &l, .mxcsr = r->mxcsr_state == XSTATE_UNKNOWN ? 0 : r->mxcsr };
	struct xstate_block head = {
		.flags = regs__flags(r),
		.xinuse = r->xinuse_known ? r->xinuse : 0, .xfd = r->xfd, .mxcsr = s.mxcsr,
	};
	uint64_t known = 0;
	unsigned int i;
	size_t written;

	xstate_layout__sizes(&l);
	for (i = 0; i < XSTATE_BANK_NR; i++) {
		const struct xstate_bank *b = &r->bank[i];
		uint64_t bit = XFEATURE_MASK(shapes[i].nr);

		if (!b->value && !b->init)
			continue;
		known |= bit;
		if (!bank__whole(b, &shapes[i]) || (i == XSTATE_BANK_SSP && b->value))
			continue;
		head.captured |= bit;
		if (!b->value)
			continue;
		s.value |= bit;
		memset(bytes[i], 0, shapes[i].size);
		bank__copy(b, &shapes[i], bytes[i]);
		s.bytes[shapes[i].nr] = bytes[i];
	}
	*lost = (known | r->captured) & ~head.captured;
	head.captured &= ~r->xfd;
	head.requested = r->requested | head.captured;
	/* of a block without registers the context says just that */
	head.context = r->context || !head.captured ? r->context : context;
	return xstate_build__block(&s, &head, buf, size, &written) ? 0 : written;
}

static uint32_t low16(uint32_t v)
{
	return v & 0xffff;
}

uint64_t reglist__components(const struct reglist *l)
{
	const uint32_t *r = l->reg;
	uint32_t zmm = r[XSTATE_CLASS_ZMM], ymm = r[XSTATE_CLASS_YMM] | zmm, xmm = r[XSTATE_CLASS_XMM] | ymm;
	const struct { unsigned int nr; bool all; } rows[] = {
		{ XFEATURE_SSE, low16(xmm) == 0xffff },
		{ XFEATURE_YMM, low16(ymm) == 0xffff },
		{ XFEATURE_ZMM_Hi256, low16(zmm) == 0xffff },
		{ XFEATURE_Hi16_ZMM, zmm >> 16 == 0xffff },
		{ XFEATURE_OPMASK, r[XSTATE_CLASS_OPMASK] == 0xff },
		{ XFEATURE_APX, r[XSTATE_CLASS_EGPR] == 0xffff },
		{ XFEATURE_PKRU, r[XSTATE_CLASS_PKRU] },
		{ XFEATURE_CET_USER, r[XSTATE_CLASS_SSP] },
		{ XFEATURE_FP, r[XSTATE_CLASS_ST] == 0xff && r[XSTATE_CLASS_X87] == (1 << XSTATE_X87_NR) - 1 },
		{ XFEATURE_XTILE_CFG, r[XSTATE_CLASS_TILECFG] },
		{ XFEATURE_XTILE_DATA, r[XSTATE_CLASS_TMM] == 0xff },
	};
	uint64_t mask = 0;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		mask |= rows[i].all ? XFEATURE_MASK(rows[i].nr) : 0;
	return mask;
}
