// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * layout.c - where each state component lies
 *
 * XSAVE has two formats. In the standard one a component stands where
 * CPUID.(EAX=0DH,ECX=i).EBX says, and that differs between machines; in the
 * compacted one those of XCOMP_BV follow each other in the order of their
 * numbers, on a 64-byte boundary where ECX[1] says so [SDM 13.4.3].
 */
#include "cursor.h"

enum {
	LAYOUT_MAGIC		= 0x4c545358,	/* "XSTL" */
	LAYOUT_VERSION		= 1,
	LAYOUT_HEADER_SIZE	= 8,
	LAYOUT_ENTRY_SIZE	= 16,
	/* Far above any state (AMX: 11 KiB), far below any overflow. */
	LAYOUT_MAX		= 1 << 20,
	LAYOUT_FLAGS		= XSTATE_COMP_SUPERVISOR | XSTATE_COMP_ALIGN64 |
				  XSTATE_COMP_XFD,
};

static const struct xstate_component legacy[] = {
	[XFEATURE_FP]	= { .size = XSTATE_X87_SIZE, .offset = 0 },
	[XFEATURE_SSE]	= { .size = 256, .offset = XSTATE_SSE_OFFSET },
};

/*
 * The architecture fixes the size of what registers are read from [SDM 13.5];
 * tests/data/layouts has no machine that says otherwise. A layout with another
 * size is broken, and decoding by it would run past the component.
 */
static const uint32_t register_size[XFEATURE_MAX] = {
	[XFEATURE_YMM]		= 256,
	[XFEATURE_OPMASK]	= 64,
	[XFEATURE_ZMM_Hi256]	= 512,
	[XFEATURE_Hi16_ZMM]	= 1024,
	[XFEATURE_PKRU]		= 8,
	[XFEATURE_CET_USER]	= 16,
	[XFEATURE_XTILE_CFG]	= 64,
	[XFEATURE_XTILE_DATA]	= 8192,
	[XFEATURE_APX]		= 128,
};

void xstate_layout__init(struct xstate_layout *l)
{
	__builtin_memset(l, 0, sizeof(*l));
	l->xfeatures = XFEATURE_MASK_FPSSE;
	__builtin_memcpy(l->comp, legacy, sizeof(legacy));
}

void xstate_layout__sizes(struct xstate_layout *l)
{
	unsigned int nr;

	xstate_layout__init(l);
	for (nr = 2; nr < XFEATURE_MAX; nr++) {
		if (!register_size[nr])
			continue;
		l->comp[nr] = (struct xstate_component){
			.size	= register_size[nr],
			.flags	= XSTATE_COMP_SUPERVISOR,
		};
		l->xfeatures |= XFEATURE_MASK(nr);
	}
}

static int is_user(const struct xstate_component *c)
{
	return !(c->flags & XSTATE_COMP_SUPERVISOR);
}

static int component__check(unsigned int nr, const struct xstate_component *c)
{
	if (nr < 2 || nr >= XFEATURE_MAX || c->flags & ~LAYOUT_FLAGS)
		return XSTATE_E_RANGE;
	if (!c->size || c->size > LAYOUT_MAX || c->offset > LAYOUT_MAX)
		return XSTATE_E_RANGE;
	if (is_user(c) && c->offset < XSTATE_EXTENDED_OFFSET)
		return XSTATE_E_RANGE;
	if (register_size[nr] && register_size[nr] != c->size)
		return XSTATE_E_RANGE;
	return 0;
}

static int overlaps(const struct xstate_component *a,
		    const struct xstate_component *b)
{
	return is_user(a) && is_user(b) && a->offset < b->offset + b->size &&
	       b->offset < a->offset + a->size;
}

int xstate_layout__add(struct xstate_layout *l, unsigned int nr,
		       const struct xstate_component *c)
{
	uint64_t others = l->xfeatures & ~XFEATURE_MASK_FPSSE;
	int err = component__check(nr, c);

	if (err)
		return err;
	if (has_bit(l->xfeatures, nr))
		return XSTATE_E_OVERLAP;
	while (others)
		if (overlaps(c, &l->comp[next_bit(&others)]))
			return XSTATE_E_OVERLAP;
	l->comp[nr] = *c;
	l->xfeatures |= XFEATURE_MASK(nr);
	return 0;
}

int xstate_layout__from_cpuid(struct xstate_layout *l,
			      const struct xstate_cpuid_leaf *leaves, size_t n)
{
	struct xstate_layout new;
	size_t i;
	int err;

	xstate_layout__init(&new);
	for (i = 0; i < n; i++) {
		const struct xstate_component c = {
			.size	= leaves[i].eax,
			.offset	= leaves[i].ebx,
			.flags	= leaves[i].ecx & LAYOUT_FLAGS,
		};

		if (!c.size)
			continue;
		err = xstate_layout__add(&new, leaves[i].nr, &c);
		if (err)
			return err;
	}
	*l = new;
	return 0;
}

int xstate_layout__from_note(struct xstate_layout *l, const void *desc,
			     size_t size)
{
	struct cursor c = cursor__init(desc, size);
	struct xstate_layout new;
	int err;

	xstate_layout__init(&new);
	while (c.pos < c.size) {
		struct xstate_component comp;
		uint32_t nr = cursor__u32(&c);

		comp.size = cursor__u32(&c);
		comp.offset = cursor__u32(&c);
		/* The kernel's xstate_flags[] is ECX as CPUID gave it. */
		comp.flags = cursor__u32(&c) & LAYOUT_FLAGS;
		err = c.err ? c.err : xstate_layout__add(&new, nr, &comp);
		if (err)
			return err;
	}
	*l = new;
	return 0;
}

/* Components 0 and 1 stand in the record, at the place all machines have. */
static int layout__add_recorded(struct xstate_layout *l, uint32_t nr,
				const struct xstate_component *c)
{
	if (nr > XFEATURE_SSE)
		return xstate_layout__add(l, nr, c);
	if (c->size != legacy[nr].size || c->offset != legacy[nr].offset ||
	    c->flags)
		return XSTATE_E_RANGE;
	l->xfeatures |= XFEATURE_MASK(nr);
	return 0;
}

static int layout__read_entry(struct xstate_layout *l, struct cursor *c,
			      uint64_t *last)
{
	struct xstate_component comp;
	uint32_t nr = cursor__u32(c);

	comp.size = cursor__u32(c);
	comp.offset = cursor__u32(c);
	comp.flags = cursor__u32(c);
	if (c->err)
		return c->err;
	if (*last && nr < *last)
		return XSTATE_E_RANGE;
	*last = (uint64_t)nr + 1;
	return layout__add_recorded(l, nr, &comp);
}

int xstate_layout__read(struct xstate_layout *l, const void *data, size_t size,
			size_t *where)
{
	struct cursor c = cursor__init(data, size);
	uint32_t magic = cursor__u32(&c);
	uint16_t version = cursor__u16(&c), count = cursor__u16(&c);
	struct xstate_layout new;
	uint64_t last = 0;

	if (c.err)
		return fail_at(where, c.pos, c.err);
	if (magic != LAYOUT_MAGIC)
		return fail_at(where, 0, XSTATE_E_MAGIC);
	if (version != LAYOUT_VERSION)
		return fail_at(where, 4, XSTATE_E_VERSION);
	xstate_layout__init(&new);
	new.xfeatures = 0;
	while (count--) {
		size_t start = c.pos;
		int err = layout__read_entry(&new, &c, &last);

		if (err)
			return fail_at(where, start, err);
	}
	if (~new.xfeatures & XFEATURE_MASK_FPSSE)
		return fail_at(where, 6, XSTATE_E_LAYOUT);
	*l = new;
	return 0;
}

int xstate_layout__write(const struct xstate_layout *l, void *buf, size_t size,
			 size_t *written)
{
	struct writer w = writer__init(buf, size);
	uint64_t left = l->xfeatures;

	writer__u32(&w, LAYOUT_MAGIC);
	writer__u16(&w, LAYOUT_VERSION);
	writer__u16(&w, popcount64(left));
	while (left) {
		unsigned int nr = next_bit(&left);

		writer__u32(&w, nr);
		writer__u32(&w, l->comp[nr].size);
		writer__u32(&w, l->comp[nr].offset);
		writer__u32(&w, l->comp[nr].flags);
	}
	if (!w.err)
		*written = w.pos;
	return w.err;
}

/*
 * Walk the compacted extended region up to component @nr; with @nr at
 * XFEATURE_MAX to its end [SDM 13.4.3].
 */
static int layout__compacted(const struct xstate_layout *l, unsigned int nr,
			     uint64_t xcomp_bv, size_t *offset)
{
	uint64_t left = xcomp_bv & ~XCOMP_BV_COMPACTED_FORMAT &
			~XFEATURE_MASK_FPSSE;
	size_t pos = XSTATE_EXTENDED_OFFSET;

	while (left) {
		unsigned int i = next_bit(&left);

		if (i > nr)
			break;
		if (!has_bit(l->xfeatures, i))
			return XSTATE_E_LAYOUT;
		if (l->comp[i].flags & XSTATE_COMP_ALIGN64)
			pos = (pos + 63) & ~(size_t)63;
		if (i == nr)
			break;
		pos += l->comp[i].size;
	}
	*offset = pos;
	return 0;
}

int xstate_layout__offset(const struct xstate_layout *l, unsigned int nr,
			  uint64_t xcomp_bv, size_t *offset)
{
	int compacted = xcomp_bv & XCOMP_BV_COMPACTED_FORMAT ? 1 : 0;

	if (nr >= XFEATURE_MAX || !has_bit(l->xfeatures, nr))
		return XSTATE_E_LAYOUT;
	if (compacted && !has_bit(xcomp_bv, nr))
		return XSTATE_E_FEATURES;
	if (compacted && nr > XFEATURE_SSE)
		return layout__compacted(l, nr, xcomp_bv, offset);
	if (!is_user(&l->comp[nr]))
		return XSTATE_E_FEATURES;
	*offset = l->comp[nr].offset;
	return 0;
}

int xstate_layout__image_size(const struct xstate_layout *l, uint64_t xfeatures,
			      size_t *size)
{
	uint64_t left = xfeatures & ~XFEATURE_MASK_FPSSE;
	size_t end = XSTATE_EXTENDED_OFFSET, offset;
	int err;

	if (xfeatures & XCOMP_BV_COMPACTED_FORMAT)
		return layout__compacted(l, XFEATURE_MAX, xfeatures, size);
	while (left) {
		unsigned int nr = next_bit(&left);

		err = xstate_layout__offset(l, nr, 0, &offset);
		if (err)
			return err;
		if (offset + l->comp[nr].size > end)
			end = offset + l->comp[nr].size;
	}
	*size = end;
	return 0;
}
