// SPDX-License-Identifier: GPL-2.0-only
/*
 * u8 layout, u8 kind (0 block, 1 PERF_SAMPLE_RAW payload), then the bytes.
 * A block that is taken is one that the encoder would write for its registers.
 */
#include "fixture.h"
#include "replay.h"

static struct xstate_layout layouts[FIXTURE_LAYOUTS];

static void load_layouts(void)
{
	unsigned int i;

	for (i = 0; !layouts[FIXTURE_LAYOUTS - 1].xfeatures && i < FIXTURE_LAYOUTS; i++)
		fixture__layout(&layouts[i], fixture_layouts[i]);
}

static void check_lanes(const struct xstate_regs *r)
{
	struct xstate_counts c = { { 0 } };
	struct xstate_value v;
	unsigned int t, i;
	uint64_t sum = 0;

	for (t = 0; t < XSTATE_TYPE_NR; t++) {
		xstate_regs__get(r, (struct xstate_reg){ XSTATE_CLASS_ZMM, t }, &v);
		if (!v.known)
			continue;
		memset(&c, 0, sizeof(c));
		xstate_lanes__classify(v.bytes, v.known, t, &c);
		for (sum = 0, i = 0; i < XSTATE_FP_NR; i++)
			sum += c.lane[i];
		CHECK(sum == v.known / xstate_type__size(t));
	}
}

static void check_block(const struct xstate_block *b, const uint8_t *end)
{
	static uint8_t buf[FIXTURE_SIZE];
	struct xstate_build s = { .layout = b->layout, .value = b->xfeatures };
	struct xstate_block again;
	struct xstate_regs r, r2;
	unsigned int nr;
	char why[128];
	size_t n;

	for (nr = 0; nr < XFEATURE_MAX; nr++) {
		const uint8_t *p = xstate_block__component(b, nr);

		CHECK((p != NULL) == (b->xfeatures >> nr & 1));
		CHECK(!p || (p >= b->data && p + b->layout->comp[nr].size <= end));
		s.bytes[nr] = p;
	}
	CHECK(!(b->captured & b->xfd) && !(b->xfeatures & ~b->captured));
	CHECK(xstate_build__block(&s, b, buf, sizeof(buf), &n) == 0);
	CHECK(n == b->size);
	CHECK(xstate_block__read(&again, b->layout, buf, n, NULL) == 0);
	xstate_regs__from_block(&r, b);
	xstate_regs__from_block(&r2, &again);
	CHECK(!regs__differ(&r, &r2, why, sizeof(why)));
	CHECK(xstate_regs__width_in_use(&r) == xstate_regs__width_in_use(&r2));
	CHECK(xstate_regs__width_nonzero(&r) == xstate_regs__width_nonzero(&r2));
	check_lanes(&r);
}

static void check_raw(const struct xstate_layout *l, const uint8_t *p, size_t size)
{
	struct xstate_raw raw;
	struct xstate_block b;
	size_t where = 0;
	unsigned int n = 0;
	int err = xstate_raw__open(&raw, l, p, size, &where);

	while (!err && (err = xstate_raw__next(&raw, &b, &where)) == 1) {
		n++;
		check_block(&b, p + size);
		err = 0;
		if (raw.offset == size && n == raw.nr_blocks)
			break;
	}
	CHECK(where <= size && err <= 0);
	CHECK(n <= size / XSTATE_BLOCK_HEADER_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct xstate_layout *l;
	struct xstate_block b;
	size_t where = 0;
	uint8_t *p;
	int err;

	if (size < 2)
		return 0;
	load_layouts();
	l = &layouts[data[0] % FIXTURE_LAYOUTS];
	p = exact_copy(data + 2, size - 2);
	if (data[1] % 2) {
		check_raw(l, p, size - 2);
	} else {
		err = xstate_block__read(&b, l, p, size - 2, &where);
		CHECK(where <= size - 2 && err <= 0);
		if (!err)
			check_block(&b, p + size - 2);
	}
	free(p);
	return 0;
}
