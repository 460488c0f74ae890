// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

static size_t offset_of(const struct xstate_layout *l, unsigned int nr,
			uint64_t xcomp_bv)
{
	size_t offset = 0;

	assert_int_equal(xstate_layout__offset(l, nr, xcomp_bv, &offset), 0);
	return offset;
}

/* The numbers that everybody who hardcoded them got wrong somewhere. */
static void test_standard(void **state)
{
	static const struct {
		const char *name;
		unsigned int nr;
		size_t offset, size_of_all;
	} want[] = {
		{ "intel-skylake-x", XFEATURE_OPMASK, 1088, 2696 },
		{ "intel-skylake-x", XFEATURE_ZMM_Hi256, 1152, 2696 },
		{ "intel-skylake-x", XFEATURE_Hi16_ZMM, 1664, 2696 },
		{ "intel-skylake-x", XFEATURE_PKRU, 2688, 2696 },
		{ "intel-sapphire-rapids", XFEATURE_XTILE_DATA, 2816, 11008 },
		{ "intel-haswell", XFEATURE_YMM, 576, 832 },
		{ "amd-zen4", XFEATURE_OPMASK, 832, 2440 },
		{ "amd-zen4", XFEATURE_Hi16_ZMM, 1408, 2440 },
		{ "qemu-tcg", XFEATURE_PKRU, 2688, 2696 },
		{ "intel-apx", XFEATURE_APX, 960, 11008 },
	};
	struct xstate_layout l;
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		uint64_t user;

		fixture__layout(&l, want[i].name);
		user = l.xfeatures & ~XFEATURE_MASK(XFEATURE_CET_USER) &
		       ~XFEATURE_MASK(XFEATURE_CET_KERNEL);
		assert_int_equal(offset_of(&l, want[i].nr, 0), want[i].offset);
		assert_int_equal(xstate_layout__image_size(&l, user, &size), 0);
		assert_int_equal(size, want[i].size_of_all);
	}
}

/* Compacted: by number, without holes, 64-byte aligned where it says so. */
static void test_compacted(void **state)
{
	const uint64_t c = XCOMP_BV_COMPACTED_FORMAT;
	struct xstate_layout l;
	size_t size;

	(void)state;
	fixture__layout(&l, "intel-apx");
	assert_int_equal(offset_of(&l, XFEATURE_SSE, c | 7), 160);
	assert_int_equal(offset_of(&l, XFEATURE_YMM, c | 7), 576);
	assert_int_equal(offset_of(&l, XFEATURE_OPMASK, c | 0xe7), 832);
	assert_int_equal(offset_of(&l, XFEATURE_OPMASK, c | 0xe3), 576);
	assert_int_equal(offset_of(&l, XFEATURE_PKRU, c | 0x2e7), 2432);
	/* 2440 is not on a 64-byte boundary, TILECFG is: 2496. */
	assert_int_equal(offset_of(&l, XFEATURE_XTILE_CFG, c | 0x602e7), 2496);
	assert_int_equal(offset_of(&l, XFEATURE_XTILE_DATA, c | 0x602e7), 2560);
	assert_int_equal(offset_of(&l, XFEATURE_APX, c | 0xe02e7), 10752);
	/* Supervisor state has a place here. */
	assert_int_equal(offset_of(&l, XFEATURE_CET_USER, c | 0xae7), 2440);
	assert_int_equal(xstate_layout__image_size(&l, c | 0xe02e7, &size), 0);
	assert_int_equal(size, 10880);
	assert_int_equal(xstate_layout__image_size(&l, c | 3, &size), 0);
	assert_int_equal(size, 576);
}

static void test_offset_errors(void **state)
{
	const uint64_t c = XCOMP_BV_COMPACTED_FORMAT;
	struct xstate_layout l;
	size_t offset = 77;

	(void)state;
	fixture__layout(&l, "amd-zen4");
	assert_int_equal(xstate_layout__offset(&l, XFEATURE_APX, 0, &offset), XSTATE_E_LAYOUT);
	assert_int_equal(xstate_layout__offset(&l, 63, c | 3, &offset), XSTATE_E_LAYOUT);
	assert_int_equal(xstate_layout__offset(&l, 1000, 0, &offset), XSTATE_E_LAYOUT);
	/* Component 8 lies before 9 and nobody knows how large it is. */
	assert_int_equal(xstate_layout__offset(&l, XFEATURE_PKRU, c | 0x303, &offset), XSTATE_E_LAYOUT);
	assert_int_equal(xstate_layout__offset(&l, XFEATURE_YMM, c | 3, &offset), XSTATE_E_FEATURES);
	assert_int_equal(xstate_layout__offset(&l, XFEATURE_FP, c | 2, &offset), XSTATE_E_FEATURES);
	assert_int_equal(xstate_layout__offset(&l, XFEATURE_CET_USER, 0, &offset), XSTATE_E_FEATURES);
	assert_int_equal(xstate_layout__image_size(&l, 0x103, &offset), XSTATE_E_LAYOUT);
	assert_int_equal(xstate_layout__image_size(&l, c | 0x103, &offset), XSTATE_E_LAYOUT);
	assert_int_equal(xstate_layout__image_size(&l, 0x803, &offset), XSTATE_E_FEATURES);
	assert_int_equal(offset, 77);
}

static void test_add_errors(void **state)
{
	static const struct {
		unsigned int nr;
		struct xstate_component c;
		int err;
	} bad[] = {
		{ 0, { 160, 0, 0 }, XSTATE_E_RANGE },
		{ 1, { 256, 160, 0 }, XSTATE_E_RANGE },
		{ 63, { 8, 4096, 0 }, XSTATE_E_RANGE },
		{ 8, { 0, 4096, 0 }, XSTATE_E_RANGE },
		{ 8, { 8, 512, 0 }, XSTATE_E_RANGE },
		{ 8, { 8, 4096, 8 }, XSTATE_E_RANGE },
		{ 8, { UINT32_MAX, 4096, 0 }, XSTATE_E_RANGE },
		{ 8, { 8, UINT32_MAX - 4, 0 }, XSTATE_E_RANGE },
		{ XFEATURE_OPMASK, { 32, 4096, 0 }, XSTATE_E_RANGE },
		{ XFEATURE_YMM, { 256, 576, 0 }, XSTATE_E_OVERLAP },
		{ XFEATURE_OPMASK, { 64, 800, 0 }, XSTATE_E_OVERLAP },
		{ XFEATURE_APX, { 128, 700, 0 }, XSTATE_E_OVERLAP },
	};
	struct xstate_layout l, before;
	size_t i;

	(void)state;
	fixture__layout(&l, "intel-haswell");
	before = l;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(xstate_layout__add(&l, bad[i].nr, &bad[i].c), bad[i].err);
	assert_memory_equal(&l, &before, sizeof(l));
}

/* MPX and APX want the same bytes: no such machine, and no such layout. */
static void test_mpx_and_apx(void **state)
{
	const struct xstate_component apx = { 128, 960, 0 };
	struct xstate_layout l;

	(void)state;
	fixture__layout(&l, "intel-skylake-x");
	assert_int_equal(xstate_layout__add(&l, XFEATURE_APX, &apx), XSTATE_E_OVERLAP);
}

static void test_cpuid(void **state)
{
	const struct xstate_cpuid_leaf leaf[] = {
		{ 9, 8, 2688, 0 }, { 2, 256, 576, 0 }, { 3, 0, 0, 0 },
		{ 18, 8192, 2816, 6 }, { 11, 16, 0, 1 },
	}, bad = { 2, 255, 576, 0 };
	struct xstate_layout l, before;

	(void)state;
	assert_int_equal(xstate_layout__from_cpuid(&l, leaf, 5), 0);
	assert_int_equal(l.xfeatures, 0x40a07);
	assert_int_equal(l.comp[18].flags, XSTATE_COMP_ALIGN64 | XSTATE_COMP_XFD);
	assert_int_equal(l.comp[11].flags, XSTATE_COMP_SUPERVISOR);
	before = l;
	assert_int_equal(xstate_layout__from_cpuid(&l, &bad, 1), XSTATE_E_RANGE);
	assert_memory_equal(&l, &before, sizeof(l));
}

static void test_note(void **state)
{
	/* struct x86_xfeat_component, as a core of a Zen 4 holds it. */
	const uint32_t desc[][4] = {
		{ 2, 256, 576, 0 }, { 5, 64, 832, 0 }, { 6, 512, 896, 0 },
		{ 7, 1024, 1408, 0 }, { 9, 8, 2432, 0 },
	};
	struct xstate_layout l;
	size_t n;

	(void)state;
	assert_int_equal(xstate_layout__from_note(&l, desc, sizeof(desc)), 0);
	assert_int_equal(l.xfeatures, 0x2e7);
	assert_int_equal(l.comp[7].offset, 1408);
	for (n = 0; n < sizeof(desc); n++)
		assert_int_equal(xstate_layout__from_note(&l, desc, n),
				 n % 16 ? XSTATE_E_TRUNCATED : 0);
}

static void test_record(void **state)
{
	struct xstate_layout l, back;
	uint8_t buf[1024];
	size_t i, n, len, where;

	(void)state;
	for (i = 0; i < FIXTURE_LAYOUTS; i++) {
		fixture__layout(&l, fixture_layouts[i]);
		assert_int_equal(xstate_layout__write(&l, buf, sizeof(buf), &len), 0);
		assert_int_equal(xstate_layout__read(&back, buf, len, &where), 0);
		assert_memory_equal(&back, &l, sizeof(l));
		/* What comes behind belongs to somebody else. */
		assert_int_equal(xstate_layout__read(&back, buf, len + 5, NULL), 0);
		for (n = 0; n < len; n++) {
			assert_int_equal(xstate_layout__read(&back, buf, n, &where), XSTATE_E_TRUNCATED);
			assert_true(where <= n);
			assert_int_equal(xstate_layout__write(&l, buf, n, &where), XSTATE_E_NOSPACE);
			xstate_layout__write(&l, buf, sizeof(buf), &len);
		}
	}
}

static void test_record_errors(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
		int err;
		size_t where;
	} bad[] = {
		{ 0, 'Y', XSTATE_E_MAGIC, 0 },
		{ 4, 2, XSTATE_E_VERSION, 4 },
		{ 8, 9, XSTATE_E_RANGE, 8 },		/* 9 of size 160 */
		{ 12, 161, XSTATE_E_RANGE, 8 },		/* x87 of 161 bytes */
		{ 24, 0, XSTATE_E_RANGE, 24 },		/* x87 twice */
		{ 40, 1, XSTATE_E_RANGE, 40 },		/* SSE twice */
		{ 51, 1, XSTATE_E_RANGE, 40 },		/* offset above 16 MiB */
		{ 52, 16, XSTATE_E_RANGE, 40 },		/* unknown flag */
		{ 6, 1, XSTATE_E_LAYOUT, 6 },		/* no SSE */
	};
	struct xstate_layout l, back;
	uint8_t buf[1024];
	size_t i, len, where;

	(void)state;
	fixture__layout(&l, "intel-haswell");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(xstate_layout__write(&l, buf, sizeof(buf), &len), 0);
		buf[bad[i].at] = bad[i].byte;
		assert_int_equal(xstate_layout__read(&back, buf, len, &where), bad[i].err);
		assert_int_equal(where, bad[i].where);
	}
}

/* The same entry twice, to the letter. */
static void test_record_twice(void **state)
{
	struct xstate_layout l, back;
	uint8_t buf[1024];
	size_t len, where, nr;

	(void)state;
	fixture__layout(&l, "intel-haswell");
	for (nr = 0; nr < 2; nr++) {
		assert_int_equal(xstate_layout__write(&l, buf, sizeof(buf), &len), 0);
		memcpy(buf + 24 + 16 * nr, buf + 8 + 16 * nr, 16);
		assert_int_equal(xstate_layout__read(&back, buf, len, &where), XSTATE_E_RANGE);
		assert_int_equal(where, 24 + 16 * nr);
	}
}

static void test_native(void **state)
{
	struct xstate_layout l;
	uint64_t xcr0;
	size_t size;

	(void)state;
	if (native__layout(&l, &xcr0)) {
		print_message("this CPU or kernel has no XSAVE\n");
		skip();
	}
	assert_int_equal(xcr0 & ~l.xfeatures, 0);
	assert_int_equal(xstate_layout__image_size(&l, xcr0, &size), 0);
	assert_true(size >= 576);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standard),
		cmocka_unit_test(test_compacted),
		cmocka_unit_test(test_offset_errors),
		cmocka_unit_test(test_add_errors),
		cmocka_unit_test(test_mpx_and_apx),
		cmocka_unit_test(test_cpuid),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_record_errors),
		cmocka_unit_test(test_record_twice),
		cmocka_unit_test(test_native),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
