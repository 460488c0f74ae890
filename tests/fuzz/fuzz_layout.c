// SPDX-License-Identifier: GPL-2.0-only
/*
 * u8 kind (0 record, 1 core note, 2 CPUID leaves), then the bytes.
 * A layout that is taken can be written, read back and used without surprise;
 * one that is refused has left the old one alone.
 */
#include <xstate/xstate.h>

#include "replay.h"

static void check_offsets(const struct xstate_layout *l, uint64_t xcomp_bv)
{
	size_t total, offset;
	unsigned int nr;
	int err = xstate_layout__image_size(l, xcomp_bv, &total);

	CHECK(err == 0 || err == XSTATE_E_LAYOUT || err == XSTATE_E_FEATURES);
	for (nr = 0; nr < 70; nr++) {
		if (nr < 63 && !(xcomp_bv >> nr & 1))
			continue;
		if (xstate_layout__offset(l, nr, xcomp_bv, &offset))
			continue;
		CHECK(nr < XFEATURE_MAX && l->xfeatures >> nr & 1);
		CHECK(nr < 2 || offset >= XSTATE_EXTENDED_OFFSET);
		if (!err)
			CHECK(offset + l->comp[nr].size <= total);
	}
}

static void check_round_trip(const struct xstate_layout *l)
{
	struct xstate_layout back;
	uint8_t buf[8 + 16 * XFEATURE_MAX];
	size_t n, where;

	CHECK(xstate_layout__write(l, buf, sizeof(buf), &n) == 0);
	CHECK(xstate_layout__read(&back, buf, n, &where) == 0);
	CHECK(!memcmp(&back, l, sizeof(back)));
}

static int read_leaves(struct xstate_layout *l, const uint8_t *p, size_t size)
{
	struct xstate_cpuid_leaf leaf[64];
	size_t n = size / sizeof(leaf[0]);

	if (n > 64)
		n = 64;
	memcpy(leaf, p, n * sizeof(leaf[0]));
	return xstate_layout__from_cpuid(l, leaf, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xstate_layout l, before;
	size_t where = 0;
	uint8_t *p;
	int err;

	if (size < 1)
		return 0;
	xstate_layout__init(&l);
	before = l;
	p = exact_copy(data + 1, size - 1);
	if (data[0] % 3 == 0)
		err = xstate_layout__read(&l, p, size - 1, &where);
	else if (data[0] % 3 == 1)
		err = xstate_layout__from_note(&l, p, size - 1);
	else
		err = read_leaves(&l, p, size - 1);
	free(p);
	CHECK(where < size);
	CHECK(err <= 0);
	if (err) {
		CHECK(!memcmp(&l, &before, sizeof(l)));
		return 0;
	}
	check_round_trip(&l);
	check_offsets(&l, l.xfeatures);
	check_offsets(&l, l.xfeatures | XCOMP_BV_COMPACTED_FORMAT);
	check_offsets(&l, ~UINT64_C(0));
	return 0;
}
