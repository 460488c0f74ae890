// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

static struct machine m;
static uint8_t buf[FIXTURE_SIZE];

static uint64_t user_features(const struct xstate_layout *l)
{
	uint64_t mask = 0;
	unsigned int nr;

	for (nr = 0; nr < XFEATURE_MAX; nr++)
		if (l->xfeatures >> nr & 1 &&
		    !(l->comp[nr].flags & XSTATE_COMP_SUPERVISOR))
			mask |= XFEATURE_MASK(nr);
	return mask;
}

static size_t build(uint64_t xfeatures, uint8_t fill)
{
	size_t n = 0;

	assert_int_equal(xstate_build__image(&m.build, xfeatures, fill, buf, sizeof(buf), &n), 0);
	return n;
}

static void put64(size_t at, uint64_t v)
{
	memcpy(buf + at, &v, sizeof(v));
}

static void put32(size_t at, uint32_t v)
{
	memcpy(buf + at, &v, sizeof(v));
}

/* Each component is where the layout says, and no other bytes are shown. */
static void test_components(void **state)
{
	struct xstate_image img;
	unsigned int i, nr;

	(void)state;
	for (i = 0; i < FIXTURE_LAYOUTS; i++) {
		uint64_t user;
		size_t n;

		machine__fill(&m, fixture_layouts[i], ~UINT64_C(0), i);
		user = user_features(&m.layout);
		n = build(user, 0xee);
		assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, user, 0, NULL), 0);
		assert_int_equal(img.xstate_bv, user);
		assert_int_equal(img.mxcsr, m.build.mxcsr);
		for (nr = 0; nr < XFEATURE_MAX; nr++) {
			const uint8_t *p = xstate_image__component(&img, nr);

			if (!(user >> nr & 1)) {
				assert_null(p);
				continue;
			}
			assert_ptr_equal(p, buf + m.layout.comp[nr].offset);
			if (nr != XFEATURE_FP)
				assert_memory_equal(p, m.bytes[nr], m.layout.comp[nr].size);
		}
	}
}

/* An image ends where it wants behind the last component that is in use. */
static void test_truncation(void **state)
{
	const uint64_t c = XCOMP_BV_COMPACTED_FORMAT;
	uint64_t formats[2] = { 0, c };
	struct xstate_image img;
	unsigned int f;
	size_t n, len, where;

	(void)state;
	for (f = 0; f < 2; f++) {
		machine__fill(&m, "amd-zen4", 0x27, 5);	/* opmask is the last */
		len = build(0xe7 | formats[f], 0xee);
		for (n = 0; n <= len; n++) {
			/* A block of its own: ASan sees any byte beyond. */
			uint8_t *copy = malloc(n ? n : 1);
			int err;

			memcpy(copy, buf, n);
			err = xstate_image__open(&img, &m.layout, copy, n, 0xe7, 0, &where);
			assert_int_equal(err, n < 896 ? XSTATE_E_TRUNCATED : 0);
			if (err)
				assert_int_equal(where, n);
			free(copy);
		}
	}
}

static void test_header_errors(void **state)
{
	struct xstate_image img;
	size_t n, at, where;

	(void)state;
	machine__fill(&m, "intel-skylake-x", 0x7, 6);
	n = build(0x2ff, 0xee);
	for (at = 528; at < 576; at++) {
		buf[at] = 1;
		assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, 0x2ff, 0, &where), XSTATE_E_RESERVED);
		assert_int_equal(where, at & ~7);
		buf[at] = 0;
	}
	put64(520, 0x7);	/* components, and yet not compacted */
	assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, 0x2ff, 0, &where), XSTATE_E_FEATURES);
	assert_int_equal(where, 520);
	put64(520, XCOMP_BV_COMPACTED_FORMAT | 0x3);	/* YMM is not part of it */
	assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, 0x2ff, 0, &where), XSTATE_E_FEATURES);
	assert_int_equal(where, 512);
	put64(520, 0);
	put64(512, XCOMP_BV_COMPACTED_FORMAT | 0x7);
	assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, 0x2ff, 0, &where), XSTATE_E_FEATURES);
	put64(512, 0x107);	/* PT, of which the layout knows nothing */
	assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, 0x3ff, 0, &where), XSTATE_E_LAYOUT);
	/* XSAVE leaves bits outside RFBM as they were: no error, and unknown. */
	assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, 0x2ff, 0, &where), 0);
	assert_int_equal(img.xstate_bv, 0x7);
	put64(512, 0x807);	/* supervisor state in standard format */
	m.layout.xfeatures |= 0x800;
	m.layout.comp[11] = (struct xstate_component){ 16, 0, XSTATE_COMP_SUPERVISOR };
	assert_int_equal(xstate_image__open(&img, &m.layout, buf, n, 0x8ff, 0, &where), XSTATE_E_FEATURES);
}

/* With XFD armed a component says nothing, whatever XSTATE_BV says [13.14]. */
static void test_xfd(void **state)
{
	const uint64_t amx = XFEATURE_MASK(XFEATURE_XTILE_DATA);
	struct xstate_image img;
	struct xstate_regs r;
	uint64_t value;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		value = i ? ~UINT64_C(0) : ~amx;
		machine__fill(&m, "intel-sapphire-rapids", value, 7);
		assert_int_equal(xstate_image__open(&img, &m.layout, buf, build(0x602e7, 0xee), 0x602e7, amx, NULL), 0);
		assert_null(xstate_image__component(&img, XFEATURE_XTILE_DATA));
		xstate_regs__from_image(&r, &img);
		assert_int_equal(xstate_regs__component_state(&r, XFEATURE_XTILE_DATA), XSTATE_UNKNOWN);
		assert_int_equal(xstate_regs__component_state(&r, XFEATURE_XTILE_CFG), XSTATE_VALUE);
		assert_int_equal(xstate_regs__state(&r, (struct xstate_reg){ XSTATE_CLASS_TMM, 3 }), XSTATE_UNKNOWN);
		/* Without XFD it is a value, or init. */
		assert_int_equal(xstate_image__open(&img, &m.layout, buf, sizeof(buf), 0x602e7, 0, NULL), 0);
		xstate_regs__from_image(&r, &img);
		assert_int_equal(xstate_regs__component_state(&r, XFEATURE_XTILE_DATA), i ? XSTATE_VALUE : XSTATE_INIT);
	}
}

/* What says MXCSR: RFBM in standard format, XSTATE_BV[1] in compacted. */
static void test_mxcsr(void **state)
{
	const uint64_t c = XCOMP_BV_COMPACTED_FORMAT;
	static const struct {
		uint64_t rfbm, value;
		uint32_t mxcsr;
		int known;
	} want[] = {
		{ 0x7, 0x7, 0x9fe0, 1 },
		{ 0x3, 0x0, 0x9fe0, 1 },
		{ 0x4, 0x0, 0x9fe0, 1 },	/* AVX carries it as well [13.7] */
		{ 0x1, 0x1, 0, 0 },
		{ 0x21, 0x21, 0, 0 },
		{ c | 0x7, 0x7, 0x9fe0, 1 },
		{ c | 0x7, 0x4, 0x9fe0, 1 },	/* MXCSR alone keeps SSE in use */
		{ c | 0x7, 0x4, MXCSR_INIT, 1 },
		{ c | 0x5, 0x5, 0, 0 },
	};
	struct xstate_image img;
	struct xstate_regs r;
	struct xstate_value v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		machine__fill(&m, "amd-zen4", want[i].value, 8);
		m.build.mxcsr = want[i].mxcsr ? want[i].mxcsr : 0x9fe0;
		assert_int_equal(xstate_image__open(&img, &m.layout, buf, build(want[i].rfbm, 0xee), want[i].rfbm, 0, NULL), 0);
		assert_int_equal(img.mxcsr_known, want[i].known);
		assert_int_equal(img.mxcsr, want[i].mxcsr);
		xstate_regs__from_image(&r, &img);
		xstate_regs__get(&r, (struct xstate_reg){ XSTATE_CLASS_MXCSR, 0 }, &v);
		assert_int_equal(v.state, want[i].known ? XSTATE_VALUE : XSTATE_UNKNOWN);
		assert_int_equal(v.known, want[i].known ? 4 : 0);
	}
}

static size_t build_sigframe(void)
{
	size_t n = build(0xe7, 0xee);

	put32(464, 0x46505853);		/* FP_XSTATE_MAGIC1 */
	put32(468, n + 4);		/* extended_size */
	put64(472, 0xe7);		/* xfeatures */
	put32(480, n);			/* xstate_size */
	put32(n, 0x46505845);		/* FP_XSTATE_MAGIC2 */
	return n;
}

static void test_sigframe(void **state)
{
	struct xstate_image img;
	size_t n, cut, where;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x27, 9);
	n = build_sigframe();
	assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, n + 4, 0, NULL), 0);
	assert_int_equal(img.examined, 0xe7);
	assert_int_equal(img.xstate_bv, 0x27);
	/* More than the frame does no harm, less does. */
	assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, sizeof(buf), 0, NULL), 0);
	for (cut = 0; cut < n + 4; cut++) {
		assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, cut, 0, &where), XSTATE_E_TRUNCATED);
		assert_int_equal(where, cut);
	}
	put32(n, 0);
	assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, n + 4, 0, &where), XSTATE_E_MAGIC);
	assert_int_equal(where, n);
	build_sigframe();
	put32(480, 575);
	assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, n + 4, 0, &where), XSTATE_E_SIZE);
	put32(480, n + 1);	/* beyond extended_size */
	assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, n + 4, 0, &where), XSTATE_E_SIZE);
	assert_int_equal(where, 468);
	put32(468, 3);
	assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, n + 4, 0, &where), XSTATE_E_SIZE);
}

/* Without FP_XSTATE_MAGIC1 there is no header, and no more than x87 and SSE. */
static void test_fxsave_frame(void **state)
{
	struct xstate_image img;
	struct xstate_regs r;

	(void)state;
	machine__fill(&m, "intel-haswell", 0x7, 10);
	build(0x7, 0xee);
	memset(buf + 464, 0, 48);
	memset(buf + 512, 0xff, 64);	/* not a header: whatever follows on the stack */
	assert_int_equal(xstate_image__open_sigframe(&img, &m.layout, buf, 512, 0, NULL), 0);
	assert_int_equal(img.mxcsr, m.build.mxcsr);
	xstate_regs__from_image(&r, &img);
	assert_int_equal(xstate_regs__state(&r, (struct xstate_reg){ XSTATE_CLASS_XMM, 7 }), XSTATE_VALUE);
	assert_int_equal(xstate_regs__state(&r, (struct xstate_reg){ XSTATE_CLASS_ST, 7 }), XSTATE_VALUE);
	assert_int_equal(xstate_regs__state(&r, (struct xstate_reg){ XSTATE_CLASS_YMM, 7 }), XSTATE_UNKNOWN);
	assert_int_equal(xstate_regs__width_in_use(&r), 0);
}

/* On error the caller's image is as it was. */
static void test_untouched(void **state)
{
	struct xstate_image img, before;

	(void)state;
	memset(&img, 0x5a, sizeof(img));
	before = img;
	machine__fill(&m, "intel-haswell", 0x7, 11);
	build(0x7, 0xee);
	assert_int_not_equal(xstate_image__open(&img, &m.layout, buf, 700, 0x7, 0, NULL), 0);
	assert_int_not_equal(xstate_image__open(&img, &m.layout, NULL, 700, 0x7, 0, NULL), 0);
	assert_int_not_equal(xstate_image__open_sigframe(&img, &m.layout, buf, 400, 0, NULL), 0);
	assert_memory_equal(&img, &before, sizeof(img));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_components),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_header_errors),
		cmocka_unit_test(test_xfd),
		cmocka_unit_test(test_mxcsr),
		cmocka_unit_test(test_sigframe),
		cmocka_unit_test(test_fxsave_frame),
		cmocka_unit_test(test_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
