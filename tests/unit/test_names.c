// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <xstate/xstate.h>

static void test_components(void **state)
{
	(void)state;
	assert_string_equal(xfeature__name(XFEATURE_FP), "x87");
	assert_string_equal(xfeature__name(XFEATURE_OPMASK), "opmask");
	assert_string_equal(xfeature__name(XFEATURE_ZMM_Hi256), "ZMM_Hi256");
	assert_string_equal(xfeature__name(XFEATURE_Hi16_ZMM), "Hi16_ZMM");
	assert_string_equal(xfeature__name(XFEATURE_APX), "APX");
	assert_null(xfeature__name(20));
	assert_null(xfeature__name(UINT32_MAX));
}

/* Every register has a name, which is its own and leads back to it. */
static void test_round_trip(void **state)
{
	unsigned int c, i, n = 0;
	char name[12];

	(void)state;
	for (c = 0; c < XSTATE_CLASS_NR; c++)
		for (i = 0; i < xstate_class__count(c); i++, n++) {
			struct xstate_reg reg = { c, i }, back = { 255, 255 };

			assert_ptr_equal(xstate_reg__name(reg, name), name);
			assert_int_equal(xstate_reg__parse(name, strlen(name), &back), 0);
			assert_int_equal(back.class, c);
			assert_int_equal(back.index, i);
			assert_true(xstate_reg__size(reg) > 0);
		}
	assert_int_equal(n, 3 * 32 + 8 + 16 + 3 + 8 + 6 + 1 + 8);
}

static void test_beyond(void **state)
{
	char name[12];
	unsigned int c;

	(void)state;
	for (c = 0; c <= XSTATE_CLASS_NR; c++) {
		struct xstate_reg reg = { c, xstate_class__count(c) };

		assert_null(xstate_reg__name(reg, name));
		assert_int_equal(xstate_reg__size(reg), 0);
		assert_int_equal(xstate_reg__xfeatures(reg), 0);
	}
}

static void test_bad_names(void **state)
{
	static const char *const bad[] = {
		"", "x", "xmm", "xmm32", "xmm-1", "xmm01", "xmm001", "xmm3x",
		" xmm3", "XMM3", "ymm", "zmm99", "k8", "k", "k-", "r15", "r32",
		"r", "r8", "st8", "st", "tmm8", "mxcs", "mxcsrr", "mxcsr0",
		"fcw0", "ssp1", "pkru0", "xmm4294967296", "rip", "eax",
	};
	struct xstate_reg reg = { 200, 200 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(xstate_reg__parse(bad[i], strlen(bad[i]), &reg), XSTATE_E_NAME);
	assert_int_equal(reg.class, 200);
	/* The length counts, not a final 0. */
	assert_int_equal(xstate_reg__parse("xmm31", 4, &reg), 0);
	assert_int_equal(reg.index, 3);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *name;
		unsigned int size;
		uint64_t xfeatures;
	} want[] = {
		{ "xmm0", 16, 0x2 }, { "xmm16", 16, 0x80 }, { "ymm15", 32, 0x6 },
		{ "ymm31", 32, 0x80 }, { "zmm0", 64, 0x46 }, { "zmm20", 64, 0x80 },
		{ "k7", 8, 0x20 }, { "r16", 8, 0x80000 }, { "mxcsr", 4, 0 },
		{ "pkru", 4, 0x200 }, { "ssp", 8, 0x800 }, { "st7", 10, 0x1 },
		{ "fcw", 2, 1 }, { "fsw", 2, 1 }, { "ftw", 1, 1 }, { "fop", 2, 1 },
		{ "fip", 8, 1 }, { "fdp", 8, 1 }, { "tilecfg", 64, 0x20000 },
		{ "tmm7", 1024, 0x40000 },
	};
	struct xstate_reg reg;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(xstate_reg__parse(want[i].name, strlen(want[i].name), &reg), 0);
		assert_int_equal(xstate_reg__size(reg), want[i].size);
		assert_int_equal(xstate_reg__xfeatures(reg), want[i].xfeatures);
	}
}

static void test_types(void **state)
{
	enum xstate_type t;
	unsigned int i;

	(void)state;
	for (i = 0; i < XSTATE_TYPE_NR; i++) {
		const char *name = xstate_type__name(i);

		assert_int_equal(xstate_type__parse(name, strlen(name), &t), 0);
		assert_int_equal(t, i);
	}
	assert_int_equal(xstate_type__size(XSTATE_BF16), 2);
	assert_int_equal(xstate_type__size(XSTATE_F64), 8);
	assert_true(xstate_type__is_fp(XSTATE_F16));
	assert_false(xstate_type__is_fp(XSTATE_U64));
	assert_int_equal(xstate_type__parse("f128", 4, &t), XSTATE_E_NAME);
	assert_int_equal(xstate_type__parse("f", 1, &t), XSTATE_E_NAME);
	assert_null(xstate_type__name(XSTATE_TYPE_NR));
	assert_int_equal(xstate_type__size(XSTATE_TYPE_NR), 0);
	assert_null(xstate_fp_class__name(XSTATE_FP_NR));
}

static void test_errors(void **state)
{
	(void)state;
	assert_string_equal(xstate_strerror(0), "success");
#define XSTATE_ERROR_TEST(name, nr, text)				\
	assert_int_equal(XSTATE_E_##name, -(nr));			\
	assert_string_equal(xstate_strerror(XSTATE_E_##name), text);	\
	assert_int_not_equal(text[strlen(text) - 1], '.');
	XSTATE_ERRORS(XSTATE_ERROR_TEST)
	assert_string_equal(xstate_strerror(-1000), "unknown error code");
	assert_string_equal(xstate_strerror(1), "unknown error code");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_components),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
