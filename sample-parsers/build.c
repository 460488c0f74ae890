// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * build.c - the encoder: a machine state to an image or a block
 */
#include "cursor.h"

/* A component's bytes; the state that only MXCSR keeps in use has none. */
static void build__put(const struct xstate_build *s, struct writer *w,
		       unsigned int nr)
{
	size_t n = s->layout->comp[nr].size;

	if (has_bit(s->value, nr))
		writer__bytes(w, s->bytes[nr], n);
	else
		writer__fill(w, 0, n);
}

/* MXCSR and MXCSR_MASK have a place in component 0 and are not part of it. */
static void build__put_mxcsr(const struct xstate_build *s, struct writer *w,
			     size_t start, uint32_t mxcsr)
{
	size_t back = w->pos;

	writer__seek(w, start + XSTATE_MXCSR_OFFSET);
	writer__u32(w, mxcsr);
	writer__u32(w, s->mxcsr_mask);
	writer__seek(w, back);
}

/* What the save puts into XSTATE_BV [SDM 13.7, 13.10]. */
static uint64_t build__xstate_bv(const struct xstate_build *s,
				 uint64_t xfeatures)
{
	uint64_t bv = s->value;

	if (xfeatures & XCOMP_BV_COMPACTED_FORMAT && s->mxcsr != MXCSR_INIT)
		bv |= XFEATURE_MASK(XFEATURE_SSE);
	return bv & xfeatures & ~XCOMP_BV_COMPACTED_FORMAT;
}

static int build__put_components(const struct xstate_build *s, struct writer *w,
				 uint64_t left, uint64_t xcomp_bv)
{
	size_t offset;

	while (left) {
		unsigned int nr = next_bit(&left);
		int err = xstate_layout__offset(s->layout, nr, xcomp_bv, &offset);

		if (err)
			return err;
		writer__seek(w, offset);
		build__put(s, w, nr);
	}
	return w->err;
}

int xstate_build__image(const struct xstate_build *s, uint64_t xfeatures,
			uint8_t fill, void *buf, size_t size, size_t *written)
{
	const uint64_t sse = XFEATURE_MASK(XFEATURE_SSE);
	uint64_t bv = build__xstate_bv(s, xfeatures);
	uint64_t xcomp_bv = xfeatures & XCOMP_BV_COMPACTED_FORMAT ? xfeatures : 0;
	/* As image.c reads it. */
	uint64_t with_mxcsr = xcomp_bv ? bv & sse :
		xfeatures & (sse | XFEATURE_MASK(XFEATURE_YMM));
	struct writer w = writer__init(buf, size);
	size_t total;
	int err = xstate_layout__image_size(s->layout, xfeatures, &total);

	if (err)
		return err;
	writer__fill(&w, fill, total);
	writer__seek(&w, XSTATE_LEGACY_SIZE);
	writer__u64(&w, bv);
	writer__u64(&w, xcomp_bv);
	writer__fill(&w, 0, XSTATE_HEADER_SIZE - 16);
	err = build__put_components(s, &w, bv, xcomp_bv);
	if (err)
		return err;
	if (with_mxcsr)
		build__put_mxcsr(s, &w, 0, s->mxcsr);
	if (!w.err)
		*written = total;
	return w.err;
}

int xstate_build__block(const struct xstate_build *s,
			const struct xstate_block *head, void *buf, size_t size,
			size_t *written)
{
	struct xstate_block h = *head;
	struct writer w = writer__init(buf, size);
	uint64_t left;

	h.xfeatures = h.captured & s->value;
	left = h.xfeatures;
	if (left & ~s->layout->xfeatures)
		return XSTATE_E_LAYOUT;
	if (h.captured & (~h.requested | h.xfd) ||
	    (h.context == XSTATE_CTX_NONE && h.captured))
		return XSTATE_E_FEATURES;
	h.size = XSTATE_BLOCK_HEADER_SIZE;
	for (; left; )
		h.size += pad8(s->layout->comp[next_bit(&left)].size);
	xstate_block__put_header(&w, &h);
	for (left = h.xfeatures; left; ) {
		unsigned int nr = next_bit(&left);

		build__put(s, &w, nr);
		writer__fill(&w, 0, pad8(s->layout->comp[nr].size) -
				    s->layout->comp[nr].size);
	}
	if (!w.err && has_bit(h.xfeatures, XFEATURE_FP))
		build__put_mxcsr(s, &w, XSTATE_BLOCK_HEADER_SIZE, h.mxcsr);
	if (!w.err)
		*written = w.pos;
	return w.err;
}
