// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * block.c - the canonical block, and PERF_SAMPLE_RAW payloads made of it
 */
#include "cursor.h"

enum {
	BLOCK_FLAGS = XSTATE_BLOCK_KERNEL_FPU | XSTATE_BLOCK_GUEST_FPU |
		      XSTATE_BLOCK_NMI | XSTATE_BLOCK_NO_XINUSE |
		      XSTATE_BLOCK_NO_MXCSR | XSTATE_BLOCK_ZERO_AMBIGUOUS,
	/* Offsets of header fields, for what fail_at() says. */
	AT_SIZE = 0, AT_CONTEXT = 4, AT_FLAGS = 6, AT_CAPTURED = 16,
	AT_XFEATURES = 24, AT_RESERVED = 52,
};

static int block__check_masks(const struct xstate_block *b, size_t *where)
{
	if (b->context > XSTATE_CTX_KERNEL_LIVE)
		return fail_at(where, AT_CONTEXT, XSTATE_E_RANGE);
	if (b->flags & ~BLOCK_FLAGS)
		return fail_at(where, AT_FLAGS, XSTATE_E_RANGE);
	if (b->captured & (~b->requested | b->xfd))
		return fail_at(where, AT_CAPTURED, XSTATE_E_FEATURES);
	if (b->context == XSTATE_CTX_NONE && b->captured)
		return fail_at(where, AT_CAPTURED, XSTATE_E_FEATURES);
	if (b->xfeatures & ~b->captured)
		return fail_at(where, AT_XFEATURES, XSTATE_E_FEATURES);
	return 0;
}

/* What header and components add up to. */
static int block__total(const struct xstate_layout *l, uint64_t xfeatures,
			size_t *total)
{
	size_t size = XSTATE_BLOCK_HEADER_SIZE;

	if (xfeatures & ~l->xfeatures)
		return XSTATE_E_LAYOUT;
	while (xfeatures)
		size += pad8(l->comp[next_bit(&xfeatures)].size);
	*total = size;
	return 0;
}

static int block__check_size(const struct xstate_block *b, size_t avail,
			     size_t *where)
{
	size_t total;

	if (b->size < XSTATE_BLOCK_HEADER_SIZE || b->size % 8)
		return fail_at(where, AT_SIZE, XSTATE_E_SIZE);
	if (block__total(b->layout, b->xfeatures, &total))
		return fail_at(where, AT_XFEATURES, XSTATE_E_LAYOUT);
	if (b->size != total)
		return fail_at(where, AT_SIZE, XSTATE_E_SIZE);
	if (b->size > avail)
		return fail_at(where, avail, XSTATE_E_TRUNCATED);
	return 0;
}

int xstate_block__read(struct xstate_block *b, const struct xstate_layout *l,
		       const void *data, size_t size, size_t *where)
{
	struct cursor c = cursor__init(data, size);
	struct xstate_block new = { .layout = l };
	uint32_t reserved;
	int err;

	new.size = cursor__u32(&c);
	new.context = cursor__u16(&c);
	new.flags = cursor__u16(&c);
	new.requested = cursor__u64(&c);
	new.captured = cursor__u64(&c);
	new.xfeatures = cursor__u64(&c);
	new.xinuse = cursor__u64(&c);
	new.xfd = cursor__u64(&c);
	new.mxcsr = cursor__u32(&c);
	reserved = cursor__u32(&c);
	if (c.err)
		return fail_at(where, c.pos, c.err);
	if (reserved)
		return fail_at(where, AT_RESERVED, XSTATE_E_RESERVED);
	err = block__check_masks(&new, where);
	if (!err)
		err = block__check_size(&new, c.size, where);
	if (err)
		return err;
	new.data = cursor__bytes(&c, new.size - XSTATE_BLOCK_HEADER_SIZE);
	*b = new;
	return 0;
}

const uint8_t *xstate_block__component(const struct xstate_block *b,
				       unsigned int nr)
{
	const uint8_t *p = b->data;
	uint64_t before;

	if (!has_bit(b->xfeatures, nr))
		return NULL;
	before = b->xfeatures & (XFEATURE_MASK(nr) - 1);
	while (before)
		p += pad8(b->layout->comp[next_bit(&before)].size);
	return p;
}

int xstate_raw__open(struct xstate_raw *raw, const struct xstate_layout *l,
		     const void *data, size_t size, size_t *where)
{
	struct cursor c = cursor__init(data, size);
	uint32_t magic = cursor__u32(&c);
	uint16_t version = cursor__u16(&c), nr_blocks = cursor__u16(&c);

	if (c.err)
		return fail_at(where, c.pos, c.err);
	if (magic != XSTATE_RAW_MAGIC)
		return fail_at(where, 0, XSTATE_E_MAGIC);
	if (version != XSTATE_RAW_VERSION)
		return fail_at(where, 4, XSTATE_E_VERSION);
	*raw = (struct xstate_raw){
		.nr_blocks	= nr_blocks,
		.data		= data,
		.size		= size,
		.offset		= c.pos,
		.layout		= l,
	};
	return 0;
}

int xstate_raw__next(struct xstate_raw *raw, struct xstate_block *b,
		     size_t *where)
{
	struct cursor c = cursor__init(raw->data, raw->size);
	size_t left = raw->size - raw->offset;
	int err;

	if (raw->next == raw->nr_blocks) {
		/* perf pads raw data to 8 with its u32 size: below 8 bytes. */
		if (left >= 8)
			return fail_at(where, raw->offset, XSTATE_E_SIZE);
		return 0;
	}
	cursor__seek(&c, raw->offset);
	err = xstate_block__read(b, raw->layout, cursor__bytes(&c, left), left,
				 where);
	if (err) {
		if (where)
			*where += raw->offset;
		return err;
	}
	raw->offset += b->size;
	raw->next++;
	return 1;
}

int xstate_raw__write_header(void *buf, size_t size, unsigned int nr_blocks)
{
	struct writer w = writer__init(buf, size);

	if (nr_blocks > UINT16_MAX)
		return XSTATE_E_RANGE;
	writer__u32(&w, XSTATE_RAW_MAGIC);
	writer__u16(&w, XSTATE_RAW_VERSION);
	writer__u16(&w, nr_blocks);
	return w.err;
}

void xstate_block__put_header(struct writer *w, const struct xstate_block *b)
{
	writer__u32(w, b->size);
	writer__u16(w, b->context);
	writer__u16(w, b->flags);
	writer__u64(w, b->requested);
	writer__u64(w, b->captured);
	writer__u64(w, b->xfeatures);
	writer__u64(w, b->xinuse);
	writer__u64(w, b->xfd);
	writer__u32(w, b->mxcsr);
	writer__u32(w, 0);
}

/*
 * Component 0 holds MXCSR and MXCSR_MASK at 24..31, which belong to SSE: a
 * save that left SSE out left what stood there before [SDM 13.10].
 */
static void block__put_x87(struct writer *w, const struct xstate_image *img,
			   const uint8_t *bytes)
{
	const uint8_t *mask = bytes + XSTATE_MXCSR_OFFSET + 4;
	int stale = img->xcomp_bv && !has_bit(img->xstate_bv, XFEATURE_SSE);

	writer__bytes(w, bytes, XSTATE_MXCSR_OFFSET);
	writer__u32(w, img->mxcsr);
	writer__u32(w, stale ? 0 : le32(mask));
	writer__bytes(w, mask + 4, XSTATE_X87_SIZE - XSTATE_MXCSR_OFFSET - 8);
}

int xstate_block__from_image(const struct xstate_image *img, uint64_t requested,
			     unsigned int context, unsigned int flags,
			     uint64_t xinuse, void *buf, size_t size,
			     size_t *written)
{
	uint64_t captured = requested & img->examined;
	struct xstate_block head = {
		.context	= context,
		.flags		= flags,
		.requested	= requested,
		.captured	= captured,
		.xfeatures	= captured & img->xstate_bv,
		.xinuse		= xinuse,
		.xfd		= img->xfd,
		.mxcsr		= img->mxcsr,
	};
	struct writer w = writer__init(buf, size);
	uint64_t left = head.xfeatures;
	size_t total;
	int err;

	/* A block always says MXCSR; there is no way to say that it does not. */
	if (!img->mxcsr_known)
		return XSTATE_E_FEATURES;
	err = block__total(img->layout, head.xfeatures, &total);
	if (err)
		return err;
	head.size = total;
	err = block__check_masks(&head, NULL);
	if (err)
		return err;
	xstate_block__put_header(&w, &head);
	while (left) {
		unsigned int nr = next_bit(&left);
		const uint8_t *bytes = xstate_image__component(img, nr);
		size_t n = img->layout->comp[nr].size;

		if (nr == XFEATURE_FP)
			block__put_x87(&w, img, bytes);
		else
			writer__bytes(&w, bytes, n);
		writer__fill(&w, 0, pad8(n) - n);
	}
	if (!w.err)
		*written = w.pos;
	return w.err;
}
