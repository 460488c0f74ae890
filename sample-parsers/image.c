// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * image.c - an XSAVE area, validated once, then trusted
 *
 * What the bytes of a component mean hangs on three masks: what the save was
 * asked for (RFBM), what it found in use (XSTATE_BV) and what XFD hid from it.
 *	outside RFBM, or in XFD		unknown
 *	in RFBM, not in XSTATE_BV	init; the bytes are stale
 *	in both				a value
 */
#include "cursor.h"

enum {
	XSTATE_BV_OFFSET	= 512,
	XCOMP_BV_OFFSET		= 520,
	RESERVED_OFFSET		= 528,
	/* arch/x86/include/uapi/asm/sigcontext.h */
	SW_RESERVED_OFFSET	= 464,
	FP_XSTATE_MAGIC1	= 0x46505853,
	FP_XSTATE_MAGIC2	= 0x46505845,
	FP_XSTATE_MAGIC2_SIZE	= 4,
};

/*
 * XSAVE writes MXCSR when RFBM has SSE or AVX [SDM 13.7]. XSAVEC and XSAVES
 * write it with the SSE component, which counts as in use when MXCSR is not
 * 1F80H [13.10, 13.11]: not in XSTATE_BV means 1F80H, and the bytes are stale.
 */
static void image__set_mxcsr(struct xstate_image *img)
{
	const uint64_t sse = XFEATURE_MASK(XFEATURE_SSE);
	const uint64_t ymm = XFEATURE_MASK(XFEATURE_YMM);
	int compacted = img->xcomp_bv & XCOMP_BV_COMPACTED_FORMAT ? 1 : 0;

	img->mxcsr_known = img->examined & (compacted ? sse : sse | ymm) ? 1 : 0;
	if (!img->mxcsr_known)
		img->mxcsr = 0;
	else if (compacted && !(img->xstate_bv & sse))
		img->mxcsr = MXCSR_INIT;
	else
		img->mxcsr = le32(img->data + XSTATE_MXCSR_OFFSET);
}

static int image__check_header(const struct xstate_image *img, size_t *where)
{
	struct cursor c = cursor__init(img->data, img->size);
	int compacted = img->xcomp_bv & XCOMP_BV_COMPACTED_FORMAT ? 1 : 0;

	/* XRSTOR raises #GP for each of these [SDM 13.8.1, 13.8.2]. */
	if (!compacted && img->xcomp_bv)
		return fail_at(where, XCOMP_BV_OFFSET, XSTATE_E_FEATURES);
	if (img->xstate_bv & XCOMP_BV_COMPACTED_FORMAT)
		return fail_at(where, XSTATE_BV_OFFSET, XSTATE_E_FEATURES);
	if (compacted && img->xstate_bv & ~img->xcomp_bv)
		return fail_at(where, XSTATE_BV_OFFSET, XSTATE_E_FEATURES);
	cursor__seek(&c, RESERVED_OFFSET);
	while (c.pos < XSTATE_EXTENDED_OFFSET)
		if (cursor__u64(&c))
			return fail_at(where, c.pos - 8, XSTATE_E_RESERVED);
	return 0;
}

/* Every component with a value is described and lies within the data. */
static int image__check_components(const struct xstate_image *img,
				   size_t *where)
{
	uint64_t left = img->xstate_bv;
	size_t offset;

	while (left) {
		unsigned int nr = next_bit(&left);
		int err = xstate_layout__offset(img->layout, nr, img->xcomp_bv,
						&offset);

		if (err)
			return fail_at(where, XSTATE_BV_OFFSET, err);
		if (offset + img->layout->comp[nr].size > img->size)
			return fail_at(where, img->size, XSTATE_E_TRUNCATED);
	}
	return 0;
}

int xstate_image__open(struct xstate_image *img, const struct xstate_layout *l,
		       const void *data, size_t size, uint64_t examined,
		       uint64_t xfd, size_t *where)
{
	struct cursor c = cursor__init(data, size);
	struct xstate_image new = { .data = data, .size = size, .layout = l };
	int err;

	if (c.size < XSTATE_EXTENDED_OFFSET)
		return fail_at(where, c.size, XSTATE_E_TRUNCATED);
	cursor__seek(&c, XSTATE_BV_OFFSET);
	new.xstate_bv = cursor__u64(&c);
	new.xcomp_bv = cursor__u64(&c);
	new.xfd = xfd;
	err = image__check_header(&new, where);
	if (err)
		return err;
	if (new.xcomp_bv & XCOMP_BV_COMPACTED_FORMAT)
		examined = new.xcomp_bv;
	new.examined = examined & ~XCOMP_BV_COMPACTED_FORMAT & ~xfd;
	/* XSAVE leaves the bits outside RFBM as they were [13.7]. */
	new.xstate_bv &= new.examined;
	err = image__check_components(&new, where);
	if (err)
		return err;
	image__set_mxcsr(&new);
	*img = new;
	return 0;
}

/* Without FP_XSTATE_MAGIC1 the kernel saved with FXSAVE: 512 bytes, no header. */
static void image__open_fxsave(struct xstate_image *img,
			       const struct xstate_layout *l, const void *data)
{
	*img = (struct xstate_image){
		.data		= data,
		.size		= XSTATE_LEGACY_SIZE,
		.layout		= l,
		.xstate_bv	= XFEATURE_MASK_FPSSE,
		.examined	= XFEATURE_MASK_FPSSE,
	};
	image__set_mxcsr(img);
}

int xstate_image__open_sigframe(struct xstate_image *img,
				const struct xstate_layout *l, const void *data,
				size_t size, uint64_t xfd, size_t *where)
{
	struct cursor c = cursor__init(data, size);
	uint32_t magic1, extended_size, xstate_size, magic2;
	uint64_t xfeatures;

	if (c.size < XSTATE_LEGACY_SIZE)
		return fail_at(where, c.size, XSTATE_E_TRUNCATED);
	cursor__seek(&c, SW_RESERVED_OFFSET);
	magic1 = cursor__u32(&c);
	extended_size = cursor__u32(&c);
	xfeatures = cursor__u64(&c);
	xstate_size = cursor__u32(&c);
	if (magic1 != FP_XSTATE_MAGIC1) {
		image__open_fxsave(img, l, data);
		return 0;
	}
	if (xstate_size < XSTATE_EXTENDED_OFFSET ||
	    extended_size < FP_XSTATE_MAGIC2_SIZE ||
	    xstate_size > extended_size - FP_XSTATE_MAGIC2_SIZE)
		return fail_at(where, SW_RESERVED_OFFSET + 4, XSTATE_E_SIZE);
	cursor__seek(&c, xstate_size);
	magic2 = cursor__u32(&c);
	if (c.err)
		return fail_at(where, c.size, c.err);
	if (magic2 != FP_XSTATE_MAGIC2)
		return fail_at(where, xstate_size, XSTATE_E_MAGIC);
	return xstate_image__open(img, l, data, xstate_size, xfeatures, xfd,
				  where);
}

const uint8_t *xstate_image__component(const struct xstate_image *img,
				       unsigned int nr)
{
	size_t offset;

	if (!has_bit(img->xstate_bv, nr))
		return NULL;
	if (xstate_layout__offset(img->layout, nr, img->xcomp_bv, &offset))
		return NULL;
	return img->data + offset;
}
