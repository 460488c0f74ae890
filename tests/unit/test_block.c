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
static uint8_t buf[FIXTURE_SIZE], image[FIXTURE_SIZE];

static const struct xstate_block head = {
	.context = XSTATE_CTX_USER_LIVE, .flags = XSTATE_BLOCK_NMI,
	.requested = 0x2e7, .captured = 0xe7, .xinuse = 0x27, .mxcsr = 0x1fa0,
};

static size_t build(const struct xstate_block *h)
{
	size_t n = 0;

	assert_int_equal(xstate_build__block(&m.build, h, buf, sizeof(buf), &n), 0);
	return n;
}

static void put64(size_t at, uint64_t v)
{
	memcpy(buf + at, &v, sizeof(v));
}

/* Byte for byte what the format's table says (XSTATE_BLOCK_HEADER_SIZE). */
static void test_bytes(void **state)
{
	static const uint8_t want[56] = {
		0x38 + 0x40, 0x01, 0, 0,  1, 0,  4, 0,
		0xe7, 2, 0, 0, 0, 0, 0, 0,	/* requested */
		0xe7, 0, 0, 0, 0, 0, 0, 0,	/* captured */
		0x22, 0, 0, 0, 0, 0, 0, 0,	/* xfeatures */
		0x27, 0, 0, 0, 0, 0, 0, 0,	/* xinuse */
		0, 0, 0, 0, 0, 0, 0, 0,		/* xfd */
		0xa0, 0x1f, 0, 0,  0, 0, 0, 0,
	};

	(void)state;
	machine__fill(&m, "amd-zen4", 0x22, 1);
	assert_int_equal(build(&head), 56 + 256 + 64);
	assert_memory_equal(buf, want, sizeof(want));
	assert_memory_equal(buf + 56, m.bytes[XFEATURE_SSE], 256);
	assert_memory_equal(buf + 56 + 256, m.bytes[XFEATURE_OPMASK], 64);
}

static void test_read(void **state)
{
	struct xstate_block b;
	size_t n;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x22, 1);
	n = build(&head);
	assert_int_equal(xstate_block__read(&b, &m.layout, buf, n, NULL), 0);
	assert_int_equal(b.size, n);
	assert_int_equal(b.requested, 0x2e7);
	assert_int_equal(b.xfeatures, 0x22);
	assert_int_equal(b.mxcsr, 0x1fa0);
	assert_ptr_equal(xstate_block__component(&b, XFEATURE_SSE), buf + 56);
	assert_ptr_equal(xstate_block__component(&b, XFEATURE_OPMASK), buf + 56 + 256);
	assert_null(xstate_block__component(&b, XFEATURE_YMM));
	assert_null(xstate_block__component(&b, 64));
	assert_null(xstate_block__component(&b, 1000));
}

static void test_truncation(void **state)
{
	struct xstate_block b;
	size_t n, cut, where;

	(void)state;
	machine__fill(&m, "intel-sapphire-rapids", ~UINT64_C(0), 2);
	n = build(&head);
	for (cut = 0; cut < n; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);

		memcpy(copy, buf, cut);
		assert_int_equal(xstate_block__read(&b, &m.layout, copy, cut, &where), XSTATE_E_TRUNCATED);
		assert_true(where <= cut);
		free(copy);
	}
}

static void test_errors(void **state)
{
	static const struct {
		size_t at;
		uint64_t v;
		int err;
		size_t where;
	} bad[] = {
		{ 0, UINT64_C(0x0004000100000000) + 375, XSTATE_E_SIZE, 0 },
		{ 0, UINT64_C(0x0004000100000000) + 48, XSTATE_E_SIZE, 0 },
		{ 0, UINT64_C(0x0004000100000000) + 384, XSTATE_E_SIZE, 0 },
		{ 0, UINT64_C(0x0004000400000000) + 376, XSTATE_E_RANGE, 4 },
		{ 0, UINT64_C(0x0040000100000000) + 376, XSTATE_E_RANGE, 6 },
		{ 8, 0x07, XSTATE_E_FEATURES, 16 },	/* requested less */
		{ 16, 0x02, XSTATE_E_FEATURES, 24 },	/* captured less */
		{ 40, 0x04, XSTATE_E_FEATURES, 16 },	/* captured in XFD */
		{ 48, UINT64_C(1) << 32, XSTATE_E_RESERVED, 52 },
		{ 0, 376, XSTATE_E_FEATURES, 16 },	/* context none */
	};
	struct xstate_block b, before;
	size_t i, n, where;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x22, 1);
	memset(&b, 0x5a, sizeof(b));
	before = b;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = build(&head);
		put64(bad[i].at, bad[i].v);
		assert_int_equal(xstate_block__read(&b, &m.layout, buf, n + 64, &where), bad[i].err);
		assert_int_equal(where, bad[i].where);
	}
	n = build(&head);
	put64(8, 0x1e7);	/* PT: requested, captured, with data */
	put64(16, 0x1e7);
	put64(24, 0x122);
	assert_int_equal(xstate_block__read(&b, &m.layout, buf, n, &where), XSTATE_E_LAYOUT);
	assert_int_equal(where, 24);
	assert_memory_equal(&b, &before, sizeof(b));
}

/* From a standard and from a compacted image comes the same block. */
static void test_from_image(void **state)
{
	const uint64_t c = XCOMP_BV_COMPACTED_FORMAT;
	static uint8_t other[FIXTURE_SIZE];
	struct xstate_image img;
	struct xstate_block b;
	size_t n, len, len2;

	(void)state;
	machine__fill(&m, "intel-apx", ~UINT64_C(0x44), 3);
	assert_int_equal(xstate_build__image(&m.build, 0xe02e7, 0xee, image, sizeof(image), &n), 0);
	assert_int_equal(xstate_image__open(&img, &m.layout, image, n, 0xe02e7, 0, NULL), 0);
	assert_int_equal(xstate_block__from_image(&img, 0x800e7, 2, 8, 0, buf, sizeof(buf), &len), 0);
	assert_int_equal(xstate_build__image(&m.build, c | 0xe02e7, 0x11, image, sizeof(image), &n), 0);
	assert_int_equal(xstate_image__open(&img, &m.layout, image, n, 0, 0, NULL), 0);
	assert_int_equal(xstate_block__from_image(&img, 0x800e7, 2, 8, 0, other, sizeof(other), &len2), 0);
	assert_int_equal(len, len2);
	assert_memory_equal(buf, other, len);
	assert_int_equal(xstate_block__read(&b, &m.layout, buf, len, NULL), 0);
	assert_int_equal(b.captured, 0x800e7);
	assert_int_equal(b.xfeatures, 0x800a3);
	assert_int_equal(b.context, XSTATE_CTX_USER_SAVED);
	for (n = 0; n < len; n++)
		assert_int_equal(xstate_block__from_image(&img, 0x800e7, 2, 8, 0, other, n, &len2), XSTATE_E_NOSPACE);
	assert_int_equal(xstate_block__from_image(&img, 0x800e7, 4, 8, 0, other, sizeof(other), &len2), XSTATE_E_RANGE);
	assert_int_equal(xstate_block__from_image(&img, 0x800e7, 1, 64, 0, other, sizeof(other), &len2), XSTATE_E_RANGE);
	assert_int_equal(xstate_block__from_image(&img, 0x800e7, 0, 0, 0, other, sizeof(other), &len2), XSTATE_E_FEATURES);
}

/*
 * MXCSR and its mask lie within x87's bytes. Where the save left SSE out they
 * are what stood there before, and must not get into the block.
 */
static void test_stale_mxcsr(void **state)
{
	const uint64_t c = XCOMP_BV_COMPACTED_FORMAT;
	static const uint8_t want[8] = { 0x80, 0x1f };
	struct xstate_image img;
	size_t n, len;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x1, 4);
	m.build.mxcsr = MXCSR_INIT;
	assert_int_equal(xstate_build__image(&m.build, c | 0x7, 0xee, image, sizeof(image), &n), 0);
	memset(image + 24, 0xee, 8);
	assert_int_equal(xstate_image__open(&img, &m.layout, image, n, 0, 0, NULL), 0);
	assert_int_equal(xstate_block__from_image(&img, 0x7, 1, 8, 0, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 56 + 160);
	assert_memory_equal(buf + 56 + 24, want, 8);
	assert_memory_equal(buf + 56, m.bytes[0], 24);
	assert_memory_equal(buf + 56 + 32, m.bytes[0] + 32, 128);
}

static void test_no_mxcsr(void **state)
{
	struct xstate_image img;
	size_t n, len = 5;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x20, 4);
	assert_int_equal(xstate_build__image(&m.build, 0x20, 0xee, image, sizeof(image), &n), 0);
	assert_int_equal(xstate_image__open(&img, &m.layout, image, n, 0x20, 0, NULL), 0);
	assert_int_equal(xstate_block__from_image(&img, 0x20, 1, 8, 0, buf, sizeof(buf), &len), XSTATE_E_FEATURES);
	assert_int_equal(len, 5);
}

static size_t build_raw(unsigned int nr_blocks)
{
	size_t at = XSTATE_RAW_HEADER_SIZE, n;
	unsigned int i;

	assert_int_equal(xstate_raw__write_header(buf, sizeof(buf), nr_blocks), 0);
	for (i = 0; i < nr_blocks; i++, at += n)
		assert_int_equal(xstate_build__block(&m.build, &head, buf + at, sizeof(buf) - at, &n), 0);
	return at;
}

static void test_raw(void **state)
{
	struct xstate_raw raw;
	struct xstate_block b;
	size_t n, pad, where;
	unsigned int nr;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x22, 1);
	for (nr = 0; nr < 3; nr++) {
		unsigned int i;

		n = build_raw(nr);
		assert_int_equal(n, 8 + nr * 376);
		for (pad = 0; pad < 9; pad++) {
			assert_int_equal(xstate_raw__open(&raw, &m.layout, buf, n + pad, NULL), 0);
			for (i = 0; i < nr; i++)
				assert_int_equal(xstate_raw__next(&raw, &b, NULL), 1);
			assert_int_equal(xstate_raw__next(&raw, &b, &where), pad < 8 ? 0 : XSTATE_E_SIZE);
			if (pad == 8)
				assert_int_equal(where, n);
			/* The end stays the end. */
			if (pad < 8)
				assert_int_equal(xstate_raw__next(&raw, &b, NULL), 0);
		}
	}
}

static void test_raw_errors(void **state)
{
	struct xstate_raw raw;
	struct xstate_block b;
	size_t n, cut, where;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x22, 1);
	n = build_raw(2);
	for (cut = 0; cut < 8; cut++)
		assert_int_equal(xstate_raw__open(&raw, &m.layout, buf, cut, &where), XSTATE_E_TRUNCATED);
	assert_int_equal(xstate_raw__open(&raw, &m.layout, buf, n - 1, &where), 0);
	assert_int_equal(xstate_raw__next(&raw, &b, &where), 1);
	assert_int_equal(xstate_raw__next(&raw, &b, &where), XSTATE_E_TRUNCATED);
	assert_int_equal(where, n - 1);
	buf[8 + 376 + 52] = 1;
	assert_int_equal(xstate_raw__open(&raw, &m.layout, buf, n, &where), 0);
	assert_int_equal(xstate_raw__next(&raw, &b, &where), 1);
	assert_int_equal(xstate_raw__next(&raw, &b, &where), XSTATE_E_RESERVED);
	assert_int_equal(where, 8 + 376 + 52);
	buf[4] = 2;
	assert_int_equal(xstate_raw__open(&raw, &m.layout, buf, n, &where), XSTATE_E_VERSION);
	buf[0] = 'Y';
	assert_int_equal(xstate_raw__open(&raw, &m.layout, buf, n, &where), XSTATE_E_MAGIC);
	assert_int_equal(xstate_raw__write_header(buf, 7, 1), XSTATE_E_NOSPACE);
	assert_int_equal(xstate_raw__write_header(buf, 8, 65536), XSTATE_E_RANGE);
}

static void test_build_errors(void **state)
{
	struct xstate_block h = head;
	size_t n = 9, len = 0;

	(void)state;
	machine__fill(&m, "amd-zen4", 0x22, 1);
	h.captured = 0x400;
	assert_int_equal(xstate_build__block(&m.build, &h, buf, sizeof(buf), &n), XSTATE_E_FEATURES);
	h = head;
	h.xfd = 0x2;
	assert_int_equal(xstate_build__block(&m.build, &h, buf, sizeof(buf), &n), XSTATE_E_FEATURES);
	h = head;
	h.context = XSTATE_CTX_NONE;
	assert_int_equal(xstate_build__block(&m.build, &h, buf, sizeof(buf), &n), XSTATE_E_FEATURES);
	m.build.value |= 0x100;
	h = head;
	h.requested = h.captured = 0x100;
	assert_int_equal(xstate_build__block(&m.build, &h, buf, sizeof(buf), &n), XSTATE_E_LAYOUT);
	for (; len < 376; len++)
		assert_int_equal(xstate_build__block(&m.build, &head, buf, len, &n), XSTATE_E_NOSPACE);
	assert_int_equal(n, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_from_image),
		cmocka_unit_test(test_stale_mxcsr),
		cmocka_unit_test(test_no_mxcsr),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_raw_errors),
		cmocka_unit_test(test_build_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
