// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

/* A group as the kernel would write it, qword by qword. */
static uint64_t group[700];
static size_t nr;

static void put(uint64_t v)
{
	group[nr++] = v;
}

static void put_simd(uint64_t abi, unsigned int gprs, uint64_t nr_vectors,
		     uint64_t qwords, uint64_t nr_pred, uint64_t pred_qwords)
{
	uint64_t i;

	nr = 0;
	put(abi);
	for (i = 0; i < gprs; i++)
		put(0x1000 + i);
	put(nr_vectors);
	put(qwords);
	put(nr_pred);
	put(pred_qwords);
	for (i = 0; i < nr_vectors * qwords; i++)
		put(0xf00000000 + (i / qwords << 8) + i % qwords);
	for (i = 0; i < nr_pred * pred_qwords; i++)
		put(0xaa00 + i);
}

static const uint64_t mask = 0x1ff0fff | UINT64_C(0xffff) << 24 | UINT64_C(1) << 40;

static unsigned int popcount(uint64_t v)
{
	unsigned int n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}

static uint64_t qword(const struct xstate_regs *r, const char *name, unsigned int i)
{
	struct xstate_reg reg;
	struct xstate_value v;
	uint64_t q;

	assert_int_equal(xstate_reg__parse(name, strlen(name), &reg), 0);
	assert_int_equal(xstate_regs__get(r, reg, &v), XSTATE_VALUE);
	assert_true(v.known == v.size && v.size >= 8 * (i + 1));
	memcpy(&q, v.bytes + 8 * i, 8);
	return q;
}

static int state_of(const struct xstate_regs *r, const char *name, unsigned int *known)
{
	struct xstate_reg reg;
	struct xstate_value v;

	assert_int_equal(xstate_reg__parse(name, strlen(name), &reg), 0);
	xstate_regs__get(r, reg, &v);
	*known = v.known;
	return v.state;
}

static void check_classify(const struct xstate_regs *r)
{
	struct xstate_counts got, want;
	unsigned int c, t;

	for (c = XSTATE_CLASS_XMM; c <= XSTATE_CLASS_ZMM; c++)
		for (t = 0; t < XSTATE_TYPE_NR; t++) {
			memset(&got, 0, sizeof(got));
			memset(&want, 0, sizeof(want));
			assert_int_equal(xstate_regs__classify(r, c, 0xfff7ffef, t, &got),
					 regs__classify_each(r, c, 0xfff7ffef, t, &want));
			assert_memory_equal(&got, &want, sizeof(got));
		}
}

static void test_zmm(void **state)
{
	struct xstate_simd s;
	struct xstate_regs r;
	uint64_t v;
	unsigned int known;

	(void)state;
	put_simd(6, popcount(mask), 32, 8, 8, 1);
	assert_int_equal(xstate_simd__read(&s, mask, 1, group, 8 * nr + 64, NULL), 0);
	assert_int_equal(s.size, 8 * nr);
	assert_int_equal(xstate_simd__gpr(&s, 0, &v), 0);
	assert_int_equal(v, 0x1000);
	/* DS-GS (12-15) are not in the mask: bit 16 is the 13th that came. */
	assert_int_equal(xstate_simd__gpr(&s, 16, &v), 0);
	assert_int_equal(v, 0x1000 + 12);
	assert_int_equal(xstate_simd__gpr(&s, 12, &v), XSTATE_E_RANGE);
	assert_int_equal(xstate_simd__gpr(&s, 64, &v), XSTATE_E_RANGE);
	xstate_regs__from_simd(&r, &s);
	check_classify(&r);
	assert_true(r.zero_is_ambiguous);
	assert_int_equal(qword(&r, "zmm0", 0), 0xf00000000);
	assert_int_equal(qword(&r, "zmm15", 7), 0xf00000f07);
	assert_int_equal(qword(&r, "ymm15", 3), 0xf00000f03);
	assert_int_equal(qword(&r, "xmm31", 1), 0xf00001f01);
	assert_int_equal(qword(&r, "zmm31", 7), 0xf00001f07);
	assert_int_equal(qword(&r, "k7", 0), 0xaa07);
	/* Bits 24-39 are R16-R31, bit 40 is SSP. */
	assert_int_equal(qword(&r, "r16", 0), 0x1000 + popcount(mask & 0xffffff));
	assert_int_equal(qword(&r, "r31", 0), 0x1000 + popcount(mask & 0x7fffffffff));
	assert_int_equal(qword(&r, "ssp", 0), 0x1000 + popcount(mask) - 1);
	assert_int_equal(state_of(&r, "mxcsr", &known), XSTATE_UNKNOWN);
	assert_int_equal(r.captured, 0x808e6);
	/* What came does not say what is in use. */
	assert_int_equal(xstate_regs__width_in_use(&r), 0);
	assert_int_equal(xstate_regs__width_nonzero(&r), 512);
}

static void test_ymm(void **state)
{
	struct xstate_simd s;
	struct xstate_regs r;
	unsigned int known;

	(void)state;
	put_simd(6, 0, 16, 4, 0, 0);
	assert_int_equal(xstate_simd__read(&s, 0, 1, group, 8 * nr, NULL), 0);
	xstate_regs__from_simd(&r, &s);
	check_classify(&r);
	assert_int_equal(qword(&r, "ymm15", 3), 0xf00000f03);
	assert_int_equal(state_of(&r, "zmm15", &known), XSTATE_UNKNOWN);
	assert_int_equal(known, 32);
	assert_int_equal(state_of(&r, "ymm16", &known), XSTATE_UNKNOWN);
	assert_int_equal(known, 0);
	assert_int_equal(r.captured, 0x6);
	/* Bits above may be set and did not come. */
	assert_int_equal(xstate_regs__width_nonzero(&r), 0);
}

/* 32 registers of which only the low part came. */
static void test_short_hi16(void **state)
{
	struct xstate_simd s;
	struct xstate_regs r;
	unsigned int known;

	(void)state;
	put_simd(6, 0, 32, 2, 0, 0);
	assert_int_equal(xstate_simd__read(&s, 0, 1, group, 8 * nr, NULL), 0);
	xstate_regs__from_simd(&r, &s);
	check_classify(&r);
	assert_int_equal(qword(&r, "xmm31", 1), 0xf00001f01);
	assert_int_equal(state_of(&r, "zmm31", &known), XSTATE_UNKNOWN);
	assert_int_equal(known, 16);
	assert_int_equal(r.captured, 0x2);
	put_simd(6, 0, 20, 8, 3, 1);
	assert_int_equal(xstate_simd__read(&s, 0, 1, group, 8 * nr, NULL), 0);
	xstate_regs__from_simd(&r, &s);
	check_classify(&r);
	assert_int_equal(qword(&r, "zmm19", 7), 0xf00001307);
	assert_int_equal(qword(&r, "k2", 0), 0xaa02);
	assert_int_equal(state_of(&r, "zmm20", &known), XSTATE_UNKNOWN);
	assert_int_equal(state_of(&r, "k3", &known), XSTATE_UNKNOWN);
	assert_int_equal(r.captured, 0x46);
}

/* sample_regs_intr before the SIMD ABI: any halves of XMM0-15, packed. */
static void test_legacy_xmm(void **state)
{
	const uint64_t xmm0 = UINT64_C(3) << 32, xmm3 = UINT64_C(3) << 38;
	const uint64_t half5 = UINT64_C(1) << 42, xmm15 = UINT64_C(3) << 62;
	const uint64_t m = 0x101 | xmm0 | xmm3 | half5 | xmm15;
	struct xstate_simd s;
	struct xstate_regs r;
	unsigned int i, known;
	uint64_t v;

	(void)state;
	nr = 0;
	put(2);
	for (i = 0; i < popcount(m); i++)
		put(0x2000 + i);
	assert_int_equal(xstate_simd__read(&s, m, 0, group, 8 * nr, NULL), 0);
	assert_int_equal(s.size, 8 * nr);
	assert_int_equal(xstate_simd__gpr(&s, 8, &v), 0);
	assert_int_equal(v, 0x2001);
	assert_int_equal(xstate_simd__gpr(&s, 32, &v), XSTATE_E_RANGE);
	xstate_regs__from_simd(&r, &s);
	check_classify(&r);
	assert_int_equal(qword(&r, "xmm0", 0), 0x2002);
	assert_int_equal(qword(&r, "xmm3", 1), 0x2005);
	assert_int_equal(qword(&r, "xmm15", 0), 0x2007);
	assert_int_equal(qword(&r, "xmm15", 1), 0x2008);
	assert_int_equal(state_of(&r, "xmm1", &known), XSTATE_UNKNOWN);
	assert_int_equal(state_of(&r, "xmm5", &known), XSTATE_UNKNOWN);
	assert_int_equal(state_of(&r, "ymm3", &known), XSTATE_UNKNOWN);
	assert_int_equal(known, 16);
	assert_int_equal(r.captured, 0);
}

static void test_none(void **state)
{
	const uint64_t none = 0;
	struct xstate_simd s;
	struct xstate_regs r;
	uint64_t v;

	(void)state;
	assert_int_equal(xstate_simd__read(&s, mask, 1, &none, 8, NULL), 0);
	assert_int_equal(s.size, 8);
	assert_int_equal(xstate_simd__gpr(&s, 0, &v), XSTATE_E_RANGE);
	xstate_regs__from_simd(&r, &s);
	check_classify(&r);
	assert_int_equal(r.captured, 0);
	assert_int_equal(xstate_regs__width_nonzero(&r), 0);
}

static void test_errors(void **state)
{
	static const struct {
		uint64_t abi, nv, vq, np, pq;
		int err;
	} bad[] = {
		{ 3, 16, 4, 0, 0, XSTATE_E_ABI },
		{ 4, 16, 4, 0, 0, XSTATE_E_ABI },	/* the flag alone */
		{ 7, 16, 4, 0, 0, XSTATE_E_ABI },
		{ 8, 16, 4, 0, 0, XSTATE_E_ABI },
		/* The u16 counts of the posted versions, read as one u64. */
		{ 6, 0x0001000800040010, 1, 0, 0, XSTATE_E_RANGE },
		{ 6, 33, 8, 0, 0, XSTATE_E_RANGE },
		{ 6, 16, 3, 0, 0, XSTATE_E_RANGE },
		{ 6, 16, 0, 0, 0, XSTATE_E_RANGE },
		{ 6, 0, 9, 0, 0, XSTATE_E_RANGE },
		{ 6, 16, 16, 0, 0, XSTATE_E_RANGE },
		{ 6, 16, 4, 9, 1, XSTATE_E_RANGE },
		{ 6, 16, 4, 8, 2, XSTATE_E_RANGE },
		{ 6, 16, 4, 8, 0, XSTATE_E_RANGE },
		{ 6, 0, 0, UINT64_MAX, 1, XSTATE_E_RANGE },
	};
	struct xstate_simd s, before;
	size_t i, where;

	(void)state;
	memset(&s, 0x5a, sizeof(s));
	before = s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(group, 0, sizeof(group));
		group[0] = bad[i].abi;
		group[1] = bad[i].nv;
		group[2] = bad[i].vq;
		group[3] = bad[i].np;
		group[4] = bad[i].pq;
		assert_int_equal(xstate_simd__read(&s, 0, 1, group, sizeof(group), &where), bad[i].err);
		assert_int_equal(where, bad[i].err == XSTATE_E_ABI ? 0 : 8);
	}
	put_simd(6, 0, 16, 4, 0, 0);
	assert_int_equal(xstate_simd__read(&s, 0, 0, group, 8 * nr, &where), XSTATE_E_FEATURES);
	assert_memory_equal(&s, &before, sizeof(s));
}

static void test_truncation(void **state)
{
	struct xstate_simd s;
	size_t n, where;

	(void)state;
	put_simd(6, popcount(mask), 16, 4, 8, 1);
	for (n = 0; n < 8 * nr; n++) {
		uint8_t *copy = malloc(n ? n : 1);

		memcpy(copy, group, n);
		assert_int_equal(xstate_simd__read(&s, mask, 1, copy, n, &where), XSTATE_E_TRUNCATED);
		assert_true(where <= n);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zmm),
		cmocka_unit_test(test_ymm),
		cmocka_unit_test(test_short_hi16),
		cmocka_unit_test(test_legacy_xmm),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
