// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

static struct machine m;
static uint8_t buf[FIXTURE_SIZE];
static struct xstate_block block;

/* The view of a block with these components captured, and these with a value. */
static void view(struct xstate_regs *r, const char *layout, uint64_t captured,
		 uint64_t value, uint64_t xinuse)
{
	const struct xstate_block head = {
		.context = XSTATE_CTX_USER_LIVE, .requested = ~UINT64_C(0),
		.flags = xinuse == UINT64_MAX ? XSTATE_BLOCK_NO_XINUSE : 0,
		.captured = captured, .xinuse = xinuse, .mxcsr = 0x9fc0,
	};
	size_t n;

	machine__fill(&m, layout, value, 1);
	assert_int_equal(xstate_build__block(&m.build, &head, buf, sizeof(buf), &n), 0);
	assert_int_equal(xstate_block__read(&block, &m.layout, buf, n, NULL), 0);
	xstate_regs__from_block(r, &block);
}

static const uint64_t no_xinuse = UINT64_MAX;

static int get(const struct xstate_regs *r, const char *name, struct xstate_value *v)
{
	struct xstate_reg reg;
	int s;

	assert_int_equal(xstate_reg__parse(name, strlen(name), &reg), 0);
	s = xstate_regs__get(r, reg, v);
	assert_int_equal(xstate_regs__state(r, reg), s);
	assert_int_equal(v->size, xstate_reg__size(reg));
	assert_int_equal(v->state, s);
	return s;
}

/* ZMM is put together from three components, ZMM16 comes whole. */
static void test_assembly(void **state)
{
	struct xstate_regs r;
	struct xstate_value v;
	unsigned int i;
	char name[12];

	(void)state;
	view(&r, "amd-zen4", 0x2e7, 0x2e7, no_xinuse);
	for (i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "zmm%u", i);
		assert_int_equal(get(&r, name, &v), XSTATE_VALUE);
		assert_int_equal(v.known, 64);
		assert_memory_equal(v.bytes, m.bytes[XFEATURE_SSE] + 16 * i, 16);
		assert_memory_equal(v.bytes + 16, m.bytes[XFEATURE_YMM] + 16 * i, 16);
		assert_memory_equal(v.bytes + 32, m.bytes[XFEATURE_ZMM_Hi256] + 32 * i, 32);
		snprintf(name, sizeof(name), "ymm%u", i);
		assert_int_equal(get(&r, name, &v), XSTATE_VALUE);
		assert_memory_equal(v.bytes, m.bytes[XFEATURE_SSE] + 16 * i, 16);
		assert_memory_equal(v.bytes + 16, m.bytes[XFEATURE_YMM] + 16 * i, 16);
		snprintf(name, sizeof(name), "zmm%u", 16 + i);
		assert_int_equal(get(&r, name, &v), XSTATE_VALUE);
		assert_memory_equal(v.bytes, m.bytes[XFEATURE_Hi16_ZMM] + 64 * i, 64);
		snprintf(name, sizeof(name), "xmm%u", 16 + i);
		assert_int_equal(get(&r, name, &v), XSTATE_VALUE);
		assert_memory_equal(v.bytes, m.bytes[XFEATURE_Hi16_ZMM] + 64 * i, 16);
	}
}

static void test_single(void **state)
{
	struct xstate_regs r;
	struct xstate_value v;

	(void)state;
	view(&r, "intel-apx", 0xe0ae7, 0xe0ae7, no_xinuse);
	get(&r, "k5", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_OPMASK] + 40, 8);
	get(&r, "r16", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_APX], 8);
	get(&r, "r31", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_APX] + 120, 8);
	get(&r, "pkru", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_PKRU], 4);
	get(&r, "ssp", &v);	/* behind U_CET */
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_CET_USER] + 8, 8);
	get(&r, "tilecfg", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_XTILE_CFG], 64);
	get(&r, "tmm7", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_XTILE_DATA] + 7168, 1024);
	get(&r, "st7", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_FP] + 32 + 112, 10);
	get(&r, "fcw", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_FP], 2);
	get(&r, "fsw", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_FP] + 2, 2);
	get(&r, "ftw", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_FP] + 4, 1);
	get(&r, "fop", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_FP] + 6, 2);
	get(&r, "fip", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_FP] + 8, 8);
	get(&r, "fdp", &v);
	assert_memory_equal(v.bytes, m.bytes[XFEATURE_FP] + 16, 8);
	get(&r, "mxcsr", &v);
	assert_memory_equal(v.bytes, "\xc0\x9f\0\0", 4);
}

static int is_zero(const struct xstate_value *v)
{
	unsigned int i;

	for (i = 0; i < v->size; i++)
		if (v->bytes[i])
			return 0;
	return v->known == v->size;
}

/* Init is known: its bytes are those of the init state [SDM 13.6]. */
static void test_init(void **state)
{
	static const char *const zero[] = {
		"xmm0", "ymm15", "zmm0", "zmm31", "k3", "r20", "pkru", "ssp",
		"tilecfg", "tmm0", "st0", "fsw", "ftw", "fop", "fip", "fdp",
	};
	struct xstate_regs r;
	struct xstate_value v;
	size_t i;

	(void)state;
	view(&r, "intel-apx", 0xe0ae7, 0, no_xinuse);
	for (i = 0; i < sizeof(zero) / sizeof(zero[0]); i++) {
		assert_int_equal(get(&r, zero[i], &v), XSTATE_INIT);
		assert_true(is_zero(&v));
	}
	assert_int_equal(get(&r, "fcw", &v), XSTATE_INIT);
	assert_memory_equal(v.bytes, "\x7f\x03", 2);
}

static void test_unknown(void **state)
{
	struct xstate_regs r;
	struct xstate_value v;
	unsigned int c, i;

	(void)state;
	xstate_regs__init(&r);
	for (c = 0; c < XSTATE_CLASS_NR; c++)
		for (i = 0; i < xstate_class__count(c); i++) {
			struct xstate_reg reg = { c, i };

			assert_int_equal(xstate_regs__get(&r, reg, &v), XSTATE_UNKNOWN);
			assert_int_equal(v.known, 0);
			assert_null(v.bytes);
		}
	assert_int_equal(xstate_regs__width_in_use(&r), 0);
	assert_int_equal(xstate_regs__width_nonzero(&r), 0);
	assert_int_equal(xstate_regs__get(&r, (struct xstate_reg){ XSTATE_CLASS_ZMM, 32 }, &v), XSTATE_E_RANGE);
	assert_int_equal(xstate_regs__get(&r, (struct xstate_reg){ XSTATE_CLASS_NR, 0 }, &v), XSTATE_E_RANGE);
	assert_int_equal(xstate_regs__state(&r, (struct xstate_reg){ 255, 255 }), XSTATE_E_RANGE);
}

/* All combinations of three pieces in three states. */
static void test_mixed(void **state)
{
	static const uint64_t bit[3] = { 0x2, 0x4, 0x40 };
	static const unsigned int end[4] = { 0, 16, 32, 64 };
	struct xstate_regs r;
	struct xstate_value v;
	unsigned int combo, i;

	(void)state;
	for (combo = 0; combo < 27; combo++) {
		unsigned int s[3] = { combo % 3, combo / 3 % 3, combo / 9 };
		unsigned int want = XSTATE_INIT, known = 0;
		uint64_t captured = 0, value = 0;

		for (i = 0; i < 3; i++) {
			captured |= s[i] != XSTATE_UNKNOWN ? bit[i] : 0;
			value |= s[i] == XSTATE_VALUE ? bit[i] : 0;
			if (s[i] == XSTATE_UNKNOWN || want == XSTATE_UNKNOWN)
				want = XSTATE_UNKNOWN;
			else if (s[i] == XSTATE_VALUE)
				want = XSTATE_VALUE;
			if (s[i] != XSTATE_UNKNOWN && known == end[i])
				known = end[i + 1];
		}
		view(&r, "amd-zen4", captured, value, no_xinuse);
		assert_int_equal(get(&r, "zmm3", &v), want);
		assert_int_equal(v.known, known);
		assert_true(known ? v.bytes != NULL : v.bytes == NULL);
		for (i = 0; i < 3 && end[i + 1] <= known; i++)
			assert_true((v.bytes[end[i]] != 0) == (s[i] == XSTATE_VALUE));
	}
}

static void test_component_state(void **state)
{
	struct xstate_regs r;

	(void)state;
	view(&r, "amd-zen4", 0x6, 0x2, no_xinuse);
	assert_int_equal(xstate_regs__component_state(&r, XFEATURE_SSE), XSTATE_VALUE);
	assert_int_equal(xstate_regs__component_state(&r, XFEATURE_YMM), XSTATE_INIT);
	assert_int_equal(xstate_regs__component_state(&r, XFEATURE_OPMASK), XSTATE_UNKNOWN);
	assert_int_equal(xstate_regs__component_state(&r, 64), XSTATE_UNKNOWN);
}

static void test_context_none(void **state)
{
	const struct xstate_block head = {
		.context = XSTATE_CTX_NONE, .requested = 0xe7, .xinuse = 0x7,
	};
	struct xstate_regs r;
	struct xstate_value v;
	size_t n;

	(void)state;
	machine__fill(&m, "amd-zen4", 0xe7, 1);
	assert_int_equal(xstate_build__block(&m.build, &head, buf, sizeof(buf), &n), 0);
	assert_int_equal(n, 56);
	assert_int_equal(xstate_block__read(&block, &m.layout, buf, n, NULL), 0);
	xstate_regs__from_block(&r, &block);
	assert_int_equal(get(&r, "mxcsr", &v), XSTATE_UNKNOWN);
	assert_null(v.bytes);
	assert_false(r.xinuse_known);
	assert_int_equal(xstate_regs__width_in_use(&r), 0);
	assert_int_equal(r.requested, 0xe7);
}

static void test_width_in_use(void **state)
{
	static const struct {
		const char *layout;
		uint64_t captured, value, xinuse;
		unsigned int width;
	} want[] = {
		/* XINUSE covers what was not requested. */
		{ "amd-zen4", 0x2, 0x2, 0x7, 256 },
		{ "amd-zen4", 0x2, 0x2, 0x3, 128 },
		{ "amd-zen4", 0x0, 0x0, 0x83, 512 },
		{ "amd-zen4", 0x2, 0x2, 0x43, 512 },
		{ "amd-zen4", 0x2, 0x2, 0x23, 128 },	/* opmask is no vector */
		{ "amd-zen4", 0x0, 0x0, 0x0, 128 },
		/* Without it what was captured must do. */
		{ "amd-zen4", 0xe7, 0xe7, UINT64_MAX, 512 },
		{ "amd-zen4", 0xe7, 0x27, UINT64_MAX, 256 },
		{ "amd-zen4", 0xe7, 0x23, UINT64_MAX, 128 },
		{ "amd-zen4", 0xe7, 0x00, UINT64_MAX, 128 },
		{ "amd-zen4", 0x44, 0x40, UINT64_MAX, 512 },	/* Hi16 cannot change it */
		{ "amd-zen4", 0x47, 0x07, UINT64_MAX, 0 },	/* Hi16 might be in use */
		{ "amd-zen4", 0x07, 0x07, UINT64_MAX, 0 },
		{ "amd-zen4", 0xc3, 0x03, UINT64_MAX, 0 },	/* YMM might be */
		{ "amd-zen4", 0x00, 0x00, UINT64_MAX, 0 },
		/* Where the CPU has no AVX-512, nothing wider can be in use. */
		{ "intel-haswell", 0x07, 0x07, UINT64_MAX, 256 },
		{ "intel-haswell", 0x07, 0x03, UINT64_MAX, 128 },
		{ "intel-haswell", 0x03, 0x03, UINT64_MAX, 0 },
	};
	struct xstate_regs r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		view(&r, want[i].layout, want[i].captured, want[i].value, want[i].xinuse);
		if (xstate_regs__width_in_use(&r) != want[i].width)
			fail_msg("case %zu: %u", i, xstate_regs__width_in_use(&r));
	}
}

static void test_width_nonzero(void **state)
{
	static const struct {
		const char *layout;
		uint64_t captured, value, xinuse;
		unsigned int width;
	} want[] = {
		{ "amd-zen4", 0xe7, 0xe7, UINT64_MAX, 512 },
		{ "amd-zen4", 0xe7, 0x80, UINT64_MAX, 512 },
		{ "amd-zen4", 0xe7, 0x07, UINT64_MAX, 256 },
		{ "amd-zen4", 0xe7, 0x03, UINT64_MAX, 128 },
		{ "amd-zen4", 0xe7, 0x21, UINT64_MAX, 1 },
		{ "amd-zen4", 0x07, 0x07, UINT64_MAX, 0 },
		/* Not captured, but XINUSE says that it is init. */
		{ "amd-zen4", 0x07, 0x07, 0x07, 256 },
		{ "amd-zen4", 0x07, 0x07, 0x87, 0 },
		{ "amd-zen4", 0x03, 0x03, 0x03, 128 },
		{ "amd-zen4", 0x00, 0x00, 0x00, 1 },
		{ "amd-zen4", 0x00, 0x00, 0x02, 0 },
		/* A wider part that came decides, whatever did not come below. */
		{ "amd-zen4", 0x40, 0x40, UINT64_MAX, 512 },
		{ "amd-zen4", 0x80, 0x80, UINT64_MAX, 512 },
		{ "amd-zen4", 0x04, 0x04, 0x06, 256 },
		{ "intel-haswell", 0x07, 0x07, UINT64_MAX, 256 },
		{ "intel-haswell", 0x02, 0x02, UINT64_MAX, 0 },
	};
	struct xstate_regs r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		view(&r, want[i].layout, want[i].captured, want[i].value, want[i].xinuse);
		if (xstate_regs__width_nonzero(&r) != want[i].width)
			fail_msg("case %zu: %u", i, xstate_regs__width_nonzero(&r));
	}
}

/* In use and zero: what vzeroupper leaves on some parts. One bit is enough. */
static void test_dirty_but_zero(void **state)
{
	struct xstate_regs r;
	uint8_t *hi16;

	(void)state;
	view(&r, "amd-zen4", 0xe7, 0xe7, 0xe7);
	memset(buf + 56, 0, block.size - 56);
	assert_int_equal(xstate_regs__width_in_use(&r), 512);
	assert_int_equal(xstate_regs__width_nonzero(&r), 1);
	hi16 = buf + block.size - 1024;
	hi16[15] = 1;		/* zmm16, bits 127:120 */
	assert_int_equal(xstate_regs__width_nonzero(&r), 128);
	hi16[64 + 31] = 1;	/* zmm17, bits 255:248 */
	assert_int_equal(xstate_regs__width_nonzero(&r), 256);
	hi16[15 * 64 + 63] = 0x80;	/* zmm31, bit 511 */
	assert_int_equal(xstate_regs__width_nonzero(&r), 512);
}

static void test_bank_reg(void **state)
{
	struct xstate_regs r;

	(void)state;
	view(&r, "amd-zen4", 0xe7, 0x27, no_xinuse);
	assert_ptr_equal(xstate_bank__reg(&r.bank[XSTATE_BANK_XMM], 3),
			 xstate_block__component(&block, XFEATURE_SSE) + 48);
	assert_null(xstate_bank__reg(&r.bank[XSTATE_BANK_XMM], 16));
	assert_null(xstate_bank__reg(&r.bank[XSTATE_BANK_XMM], 99));
	assert_null(xstate_bank__reg(&r.bank[XSTATE_BANK_ZMM_HI], 3));	/* init */
	assert_null(xstate_bank__reg(&r.bank[XSTATE_BANK_PKRU], 0));	/* unknown */
}

/* All at once is each by itself: init is zero, unknown is not counted. */
static void test_classify(void **state)
{
	struct xstate_regs r;
	struct xstate_counts got, want;
	uint64_t seed = 1;
	unsigned int i, c;

	(void)state;
	for (i = 0; i < 300; i++) {
		uint64_t x = fixture__random(&seed);
		enum xstate_type t = x % XSTATE_TYPE_NR;
		uint32_t regs = i % 3 ? x >> 8 : UINT32_MAX;

		view(&r, fixture_layouts[i % FIXTURE_LAYOUTS], x >> 40 | (i % 2 ? 0xff : 0), x >> 50, no_xinuse);
		for (c = XSTATE_CLASS_XMM; c <= XSTATE_CLASS_ZMM; c++) {
			memset(&got, 0, sizeof(got));
			memset(&want, 0, sizeof(want));
			assert_int_equal(xstate_regs__classify(&r, c, regs, t, &got),
					 regs__classify_each(&r, c, regs, t, &want));
			assert_memory_equal(&got, &want, sizeof(got));
		}
	}
	assert_int_equal(xstate_regs__classify(&r, XSTATE_CLASS_OPMASK, 1, XSTATE_U64, &got), 0);
	assert_int_equal(xstate_regs__classify(&r, XSTATE_CLASS_XMM, 1, XSTATE_TYPE_NR, &got), 0);
	assert_memory_equal(&got, &want, sizeof(got));
}

/* What a converter could not know does not become a value. */
static void test_converted(void **state)
{
	struct xstate_block head = {
		.context = XSTATE_CTX_USER_LIVE, .requested = 6, .captured = 6,
		.flags = XSTATE_BLOCK_NO_XINUSE | XSTATE_BLOCK_NO_MXCSR | XSTATE_BLOCK_ZERO_AMBIGUOUS,
	};
	struct xstate_layout sizes;
	struct xstate_image img;
	struct xstate_regs r;
	struct xstate_value v;
	size_t n;

	(void)state;
	machine__fill(&m, "amd-zen4", 6, 1);
	assert_int_equal(xstate_build__block(&m.build, &head, buf, sizeof(buf), &n), 0);
	/* read without the machine's layout: a block needs sizes alone */
	xstate_layout__sizes(&sizes);
	assert_int_equal(xstate_block__read(&block, &sizes, buf, n, NULL), 0);
	xstate_regs__from_block(&r, &block);
	assert_int_equal(get(&r, "mxcsr", &v), XSTATE_UNKNOWN);
	assert_int_equal(get(&r, "ymm3", &v), XSTATE_VALUE);
	assert_memory_equal(v.bytes + 16, m.bytes[XFEATURE_YMM] + 48, 16);
	assert_int_equal(r.zero_is_ambiguous, 1);
	assert_int_equal(r.xinuse_known, 0);
	/* and places of the standard format are not made up */
	assert_int_equal(xstate_build__image(&m.build, 6, 0xa5, buf, sizeof(buf), &n), 0);
	assert_int_equal(xstate_image__open(&img, &sizes, buf, n, 6, 0, NULL), XSTATE_E_FEATURES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_assembly),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_component_state),
		cmocka_unit_test(test_context_none),
		cmocka_unit_test(test_width_in_use),
		cmocka_unit_test(test_width_nonzero),
		cmocka_unit_test(test_dirty_but_zero),
		cmocka_unit_test(test_bank_reg),
		cmocka_unit_test(test_classify),
		cmocka_unit_test(test_converted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
