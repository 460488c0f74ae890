// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

static enum xstate_fp_class class_by_name(const char *name)
{
	unsigned int c;

	for (c = 0; c < XSTATE_FP_NR; c++)
		if (!strcmp(name, xstate_fp_class__name(c)))
			return c;
	fail_msg("no class %s", name);
	return 0;
}

static void check_line(const char *type, uint64_t bits, const char *class,
		       const char *value, const char *exponent)
{
	enum xstate_type t;
	double d;
	int exp = 4711;

	assert_int_equal(xstate_type__parse(type, strlen(type), &t), 0);
	assert_int_equal(xstate_lane__class(t, bits), class_by_name(class));
	d = xstate_lane__double(t, bits);
	if (!strcmp(value, "nan")) {
		assert_true(isnan(d));
	} else {
		assert_true(d == strtod(value, NULL));
		assert_int_equal(signbit(d) != 0, value[0] == '-');
	}
	if (!strcmp(exponent, "-")) {
		assert_int_equal(xstate_lane__exponent(t, bits, &exp), XSTATE_E_RANGE);
		assert_int_equal(exp, 4711);
	} else {
		assert_int_equal(xstate_lane__exponent(t, bits, &exp), 0);
		assert_int_equal(exp, atoi(exponent));
	}
}

/* What Python's struct and math say of the same bits (make-lanes.py). */
static void test_table(void **state)
{
	const char *top = getenv("XREGS_TOP");
	char type[8], class[16], value[64], exponent[16], path[512];
	unsigned long long bits;
	unsigned int n = 0;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/data/lanes.txt", top ? top : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	for (; fscanf(f, "%7s %llx %15s %63s %15s", type, &bits, class, value,
		      exponent) == 5; n++)
		check_line(type, bits, class, value, exponent);
	assert_true(feof(f));
	assert_true(n > 2000);
	fclose(f);
}

/* What the compiler's own conversions say, all of them. */
static void test_all_halves(void **state)
{
	uint32_t bits;

	(void)state;
	for (bits = 0; bits < 0x10000; bits++) {
		uint16_t b = bits;
		uint32_t w = bits << 16;
		_Float16 h;
		float f;
		double d;

		memcpy(&h, &b, sizeof(h));
		d = xstate_lane__double(XSTATE_F16, bits);
		assert_true(isnan((double)h) ? isnan(d) : d == (double)h);
		assert_int_equal(signbit(d) != 0, bits >> 15);
		memcpy(&f, &w, sizeof(f));
		d = xstate_lane__double(XSTATE_BF16, bits);
		assert_true(isnan(f) ? isnan(d) : d == (double)f);
		assert_int_equal(signbit(d) != 0, bits >> 15);
		/* bf16 is f32 without its lower half, and so are its classes. */
		assert_int_equal(xstate_lane__class(XSTATE_BF16, bits),
				 xstate_lane__class(XSTATE_F32, w));
	}
}

static enum xstate_fp_class by_libm(int fpclass, int quiet)
{
	switch (fpclass) {
	case FP_ZERO:
		return XSTATE_FP_ZERO;
	case FP_SUBNORMAL:
		return XSTATE_FP_SUBNORMAL;
	case FP_INFINITE:
		return XSTATE_FP_INF;
	case FP_NAN:
		return quiet ? XSTATE_FP_QNAN : XSTATE_FP_SNAN;
	default:
		return XSTATE_FP_NORMAL;
	}
}

static void test_against_libm(void **state)
{
	uint64_t seed = 1;
	unsigned int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		uint64_t b64 = fixture__random(&seed);
		uint32_t b32;
		double d;
		float f;

		if (i % 3 == 0)		/* the exponents at both ends */
			b64 |= UINT64_C(0x7ff) << 52;
		else if (i % 3 == 1)
			b64 &= ~(UINT64_C(0x7ff) << 52);
		b32 = b64 >> 32;
		if (i % 3 == 0)
			b32 |= 0xff << 23;
		memcpy(&d, &b64, sizeof(d));
		memcpy(&f, &b32, sizeof(f));
		assert_int_equal(xstate_lane__class(XSTATE_F64, b64),
				 by_libm(fpclassify(d), b64 >> 51 & 1));
		assert_int_equal(xstate_lane__class(XSTATE_F32, b32),
				 by_libm(fpclassify(f), b32 >> 22 & 1));
		if (!isnan(d))
			assert_true(xstate_lane__double(XSTATE_F64, b64) == d);
		if (!isnan(f))
			assert_true(xstate_lane__double(XSTATE_F32, b32) == (double)f);
	}
}

static void test_bits(void **state)
{
	const uint8_t b[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

	(void)state;
	assert_int_equal(xstate_lane__bits(b, XSTATE_I8, 15), 16);
	assert_int_equal(xstate_lane__bits(b, XSTATE_BF16, 1), 0x0403);
	assert_int_equal(xstate_lane__bits(b, XSTATE_F32, 2), 0x0c0b0a09);
	assert_true(xstate_lane__bits(b, XSTATE_U64, 1) == UINT64_C(0x100f0e0d0c0b0a09));
	/* What is no type reads nothing. */
	assert_int_equal(xstate_lane__bits(NULL, XSTATE_TYPE_NR, 1), 0);
	assert_int_equal(xstate_lane__class(XSTATE_TYPE_NR, 0), XSTATE_FP_ZERO);
	assert_int_equal(xstate_lane__class(1000, 1), XSTATE_FP_NORMAL);
}

/* Lanes of every class: random bytes alone hardly make a zero or an infinity. */
static void fill(uint8_t *p, size_t size, uint64_t *seed)
{
	static const uint64_t special[] = {
		0, 0, 1, 0x8000000000000000, 0x7ff0000000000000,
		0x7ff8000000000000, 0x7ff0000000000001, 0x000fffffffffffff,
		0x0010000000000000, 0x00000000ffffffff, 0xffffffff00000000,
		0x7f8000007f800001, 0x7fc00000ff800000, 0x007fffff80000001,
		0x7c007e007c010001, 0x7f807fc07f810000, 0x00ff00ff00ff00ff,
		0x7fefffffffffffff, 0x7f7fffff00800000, 0x7bff040003ff8000,
		0x7ff7ffffffffffff, 0x7fbfffff7fbfffff, 0x7dff7dff7fbf7fbf,
	};
	size_t i;

	for (i = 0; i + 8 <= size; i += 8) {
		uint64_t r = fixture__random(seed);

		if (r % 2)
			r = special[(r >> 8) % (sizeof(special) / sizeof(special[0]))];
		memcpy(p + i, &r, 8);
	}
}

/* Many lanes at once say what each says for itself, at any length and place. */
static void test_classify(void **state)
{
	static uint8_t buf[1200];
	struct xstate_counts got, want;
	uint64_t seed = 2;
	unsigned int t;
	size_t n, i, at;

	(void)state;
	fill(buf, sizeof(buf), &seed);
	for (t = 0; t < XSTATE_TYPE_NR; t++)
		for (n = 0; n <= 560; n += xstate_type__size(t)) {
			at = n % 17;
			memset(&got, 0, sizeof(got));
			memset(&want, 0, sizeof(want));
			for (i = 0; i < n / xstate_type__size(t); i++)
				want.lane[xstate_lane__class(t, xstate_lane__bits(buf + at, t, i))]++;
			xstate_lanes__classify(buf + at, n, t, &got);
			assert_memory_equal(&got, &want, sizeof(got));
		}
}

static void test_classify_adds(void **state)
{
	struct xstate_counts c = { .lane = { [XSTATE_FP_ZERO] = 5, [XSTATE_FP_INF] = 1 } };
	const float f[5] = { 1, 0, INFINITY, -0.0f, 1e-40f };

	(void)state;
	xstate_lanes__classify((const uint8_t *)f, sizeof(f), XSTATE_F32, &c);
	assert_int_equal(c.lane[XSTATE_FP_ZERO], 7);
	assert_int_equal(c.lane[XSTATE_FP_SUBNORMAL], 1);
	assert_int_equal(c.lane[XSTATE_FP_NORMAL], 1);
	assert_int_equal(c.lane[XSTATE_FP_INF], 2);
	xstate_lanes__classify((const uint8_t *)f, sizeof(f), XSTATE_TYPE_NR, &c);
	assert_int_equal(c.lane[XSTATE_FP_ZERO], 7);
}

static void test_masks(void **state)
{
	(void)state;
	assert_int_equal(xstate_mask__class(0, 16), XSTATE_MASK_ALL_ZEROS);
	assert_int_equal(xstate_mask__class(0xffff, 16), XSTATE_MASK_ALL_ONES);
	assert_int_equal(xstate_mask__class(0x7fff, 16), XSTATE_MASK_PARTIAL);
	assert_int_equal(xstate_mask__class(0x4000, 16), XSTATE_MASK_ONE_HOT);
	/* Bits above the lanes do not count. */
	assert_int_equal(xstate_mask__class(0xff0000, 16), XSTATE_MASK_ALL_ZEROS);
	assert_int_equal(xstate_mask__class(UINT64_MAX, 64), XSTATE_MASK_ALL_ONES);
	assert_int_equal(xstate_mask__class(UINT64_C(1) << 63, 64), XSTATE_MASK_ONE_HOT);
	/* With one lane all ones says more than one hot. */
	assert_int_equal(xstate_mask__class(1, 1), XSTATE_MASK_ALL_ONES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_all_halves),
		cmocka_unit_test(test_against_libm),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_classify),
		cmocka_unit_test(test_classify_adds),
		cmocka_unit_test(test_masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
