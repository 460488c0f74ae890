/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "util/reglist.h"

static const uint64_t ALL = ~UINT64_C(0);

static void normal_form(void **state)
{
	static const struct { const char *in, *out; uint64_t machine; } rows[] = {
		{ "xmm", "xmm0-15" },
		{ "ymm", "ymm0-15" },
		{ "zmm", "zmm0-31" },
		{ "opmask,mxcsr", "k0-7 mxcsr" },
		{ "mxcsr,opmask", "k0-7 mxcsr" },
		{ "ymm0-3,k1", "ymm0-3 k1" },
		{ "ymm0-ymm3", "ymm0-3" },
		{ "ymm3-3", "ymm3" },
		{ "ymm1,ymm0,ymm3", "ymm0-1 ymm3" },
		{ "egpr", "r16-31" },
		{ "r16-17", "r16-17" },
		{ "amx", "tilecfg tmm0-7" },
		{ "x87", "st0-7 fcw fsw ftw fop fip fdp" },
		{ "pkru,ssp", "pkru ssp" },
		{ "header", "header" },
		{ "xmm31,header", "xmm31 header" },
		{ "vector", "xmm0-15 mxcsr", 3 },
		{ "vector", "ymm0-15 mxcsr", 7 },
		{ "vector", "zmm0-31 k0-7 mxcsr", 0xe7 },
		{ "vector", "ymm0-15 k0-7 mxcsr", 0x27 },
	};
	struct reglist l;
	struct err e;
	char buf[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(reglist__parse(&l, rows[i].in, rows[i].machine, &e), 0);
		assert_int_equal(reglist__format(&l, ' ', buf, sizeof(buf)), strlen(rows[i].out));
		assert_string_equal(buf, rows[i].out);
	}
}

static void parses_its_own_normal_form(void **state)
{
	static const char *const lists[] = {
		"x87,amx", "vector", "zmm4-9,xmm0,k2-3,header,egpr",
	};
	struct reglist a, b;
	struct err e;
	char buf[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		assert_int_equal(reglist__parse(&a, lists[i], 0xe7, &e), 0);
		reglist__format(&a, ',', buf, sizeof(buf));
		assert_int_equal(reglist__parse(&b, buf, 0, &e), 0);
		assert_memory_equal(a.reg, b.reg, sizeof(a.reg));
		assert_true(a.xfeatures == b.xfeatures);
		assert_int_equal(a.header, b.header);
	}
}

static void components(void **state)
{
	static const struct { const char *in; uint64_t xfeatures; } rows[] = {
		{ "xmm3", 0x2 }, { "ymm3", 0x6 }, { "zmm3", 0x46 },
		{ "zmm16", 0x80 }, { "xmm16", 0x80 }, { "k1", 0x20 },
		{ "st0", 0x1 }, { "fcw", 0x1 }, { "mxcsr", 0 }, { "pkru", 0x200 },
		{ "r16", 0x80000 }, { "tilecfg", 0x20000 }, { "tmm1", 0x40000 },
		{ "ssp", 0x800 }, { "header", 0 },
	};
	struct reglist l;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(reglist__parse(&l, rows[i].in, 0, &e), 0);
		assert_true(l.xfeatures == rows[i].xfeatures);
	}
}

static void has_and_next(void **state)
{
	struct xstate_reg reg;
	unsigned int it = 0, n = 0;
	struct reglist l;
	struct err e;

	(void)state;
	assert_int_equal(reglist__parse(&l, "ymm0-3,k1,zmm31", 0, &e), 0);
	while (reglist__next(&l, &it, &reg)) {
		assert_true(reglist__has(&l, reg));
		n++;
	}
	assert_int_equal(n, 6);
	assert_false(reglist__has(&l, (struct xstate_reg){ XSTATE_CLASS_YMM, 4 }));
	assert_false(reglist__has(&l, (struct xstate_reg){ XSTATE_CLASS_XMM, 0 }));
}

static void errors_name_the_item(void **state)
{
	static const struct { const char *in, *like; } rows[] = {
		{ "", "empty" },
		{ "ymm0,", "at character 6 is empty" },
		{ ",ymm0", "at character 1 is empty" },
		{ "ymm99", "'ymm99' at character 1 is no register" },
		{ "mxcsr,foo", "'foo' at character 7 is no register" },
		{ "ymm3-1", "backwards" },
		{ "ymm0-32", "end is no register" },
		{ "ymm0-k1", "end is no register" },
		{ "ymm0-", "end is no register" },
		{ "-", "no register" },
		{ "mxcsr-1", "end is no register" },
		{ "ymm0-99999999999999999999", "end is no register" },
		{ "YMM0", "no register" },
	};
	struct reglist l;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(reglist__parse(&l, rows[i].in, ALL, &e), -1);
		assert_int_equal(e.status, XREGS_USAGE);
		if (!strstr(e.msg, rows[i].like))
			fail_msg("'%s': no '%s' in: %s", rows[i].in, rows[i].like, e.msg);
	}
}

static void a_short_buffer_is_terminated(void **state)
{
	struct reglist l;
	struct err e;
	char buf[8];

	(void)state;
	assert_int_equal(reglist__parse(&l, "ymm,mxcsr", 0, &e), 0);
	assert_int_equal(reglist__format(&l, ' ', buf, sizeof(buf)), strlen("ymm0-15 mxcsr"));
	assert_true(strlen(buf) < sizeof(buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_form),
		cmocka_unit_test(parses_its_own_normal_form),
		cmocka_unit_test(components),
		cmocka_unit_test(has_and_next),
		cmocka_unit_test(errors_name_the_item),
		cmocka_unit_test(a_short_buffer_is_terminated),
	};

	return cmocka_run_group_tests_name("reglist", tests, NULL, NULL);
}
