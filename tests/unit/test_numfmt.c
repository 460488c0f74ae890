/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers to text, against the C library: what strtod() reads back must be the
 * same bits, and no shorter %.*g may do the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/numfmt.h"

static char text[NUMFMT_MAX + 1];

static const char *lane(enum xstate_type t, uint64_t bits)
{
	char *end = numfmt__lane(text, t, bits);

	assert_true(end - text < NUMFMT_MAX);
	*end = '\0';
	return text;
}

static uint64_t f32_bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, 4);
	return u;
}

static uint64_t f64_bits(double f)
{
	uint64_t u;

	memcpy(&u, &f, 8);
	return u;
}

static uint64_t rng_state = 0x2545f4914f6cdd1d;

static uint64_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

/* Significant digits of a text. */
static unsigned int significant(const char *s)
{
	char digits[64];
	unsigned int n = 0;

	for (; *s && *s != 'e'; s++)
		if (*s >= '0' && *s <= '9' && (n || *s != '0'))
			digits[n++] = *s;
	while (n && digits[n - 1] == '0')
		n--;
	return n;
}

static void check_f64(uint64_t bits)
{
	char shorter[512];
	unsigned int n;
	double v;

	memcpy(&v, &bits, 8);
	if (isnan(v))
		return;
	lane(XSTATE_F64, bits);
	if (f64_bits(strtod(text, NULL)) != bits)
		fail_msg("%.17g is printed as %s", v, text);
	n = significant(text);
	if (n < 2 || isinf(v))
		return;
	snprintf(shorter, sizeof(shorter), "%.*g", (int)n - 1, v);
	if (f64_bits(strtod(shorter, NULL)) == bits)
		fail_msg("%s is printed, %s is shorter", text, shorter);
}

static void check_f32(uint32_t bits)
{
	char shorter[512];
	unsigned int n;
	float v;

	memcpy(&v, &bits, 4);
	if (isnan(v))
		return;
	lane(XSTATE_F32, bits);
	if (f32_bits(strtof(text, NULL)) != bits)
		fail_msg("%.9g is printed as %s", v, text);
	n = significant(text);
	if (n < 2 || isinf(v))
		return;
	snprintf(shorter, sizeof(shorter), "%.*g", (int)n - 1, v);
	if (f32_bits(strtof(shorter, NULL)) == bits)
		fail_msg("%s is printed, %s is shorter", text, shorter);
}

static void known_values(void **state)
{
	static const struct { double v; const char *text; } rows[] = {
		{ 0, "0" }, { -0.0, "-0" }, { 1, "1" }, { 1.5, "1.5" }, { -2.25, "-2.25" },
		{ 0.1, "0.1" }, { 0.3, "0.3" }, { 1e16, "1e+16" }, { 1e15, "1000000000000000" },
		{ 123456.75, "123456.75" }, { 0.0001, "0.0001" }, { 0.00001, "1e-05" },
		{ 5e-324, "5e-324" }, { 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
		{ 9007199254740993.0, "9007199254740992" }, { 1e100, "1e+100" },
		{ 1e21, "1e+21" }, { 1e22, "1e+22" }, { 1e23, "1e+23" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(lane(XSTATE_F64, f64_bits(rows[i].v)), rows[i].text);
	assert_string_equal(lane(XSTATE_F32, f32_bits(0.1f)), "0.1");
	assert_string_equal(lane(XSTATE_F32, 0x00000b7c), "4.12e-42");
	assert_string_equal(lane(XSTATE_F32, 0x7f7fffff), "3.4028235e+38");
	assert_string_equal(lane(XSTATE_F32, 1), "1e-45");
	assert_string_equal(lane(XSTATE_F32, f32_bits(123456789.0f)), "123456790");
	assert_string_equal(lane(XSTATE_F32, f32_bits(1234567890.0f)), "1.234568e+09");
	assert_string_equal(lane(XSTATE_F32, 0x7f800000), "inf");
	assert_string_equal(lane(XSTATE_F32, 0xff800000), "-inf");
	assert_string_equal(lane(XSTATE_F32, 0x7fc00000), "nan");
	assert_string_equal(lane(XSTATE_F32, 0xffc00000), "-nan");
	assert_string_equal(lane(XSTATE_F32, 0x7f800001), "snan");
	assert_string_equal(lane(XSTATE_F16, 0x3c00), "1");
	assert_string_equal(lane(XSTATE_F16, 0x2e66), "0.1");
	assert_string_equal(lane(XSTATE_F16, 0x0001), "6e-08");
	assert_string_equal(lane(XSTATE_F16, 0x7bff), "65500");
	assert_string_equal(lane(XSTATE_BF16, 0x3f80), "1");
	assert_string_equal(lane(XSTATE_BF16, 0x3dcd), "0.1");
}

static void integers(void **state)
{
	(void)state;
	assert_string_equal(lane(XSTATE_I8, 0x80), "-128");
	assert_string_equal(lane(XSTATE_U8, 0xff), "255");
	assert_string_equal(lane(XSTATE_I16, 0xffff), "-1");
	assert_string_equal(lane(XSTATE_U16, 0xffff), "65535");
	assert_string_equal(lane(XSTATE_I32, 0x80000000), "-2147483648");
	assert_string_equal(lane(XSTATE_U32, 0xffffffff), "4294967295");
	assert_string_equal(lane(XSTATE_I64, UINT64_C(1) << 63), "-9223372036854775808");
	assert_string_equal(lane(XSTATE_U64, UINT64_MAX), "18446744073709551615");
	assert_string_equal(lane(XSTATE_U64, 0), "0");
	assert_string_equal(lane(XSTATE_U64, 1000000), "1000000");
}

static void every_length_of_integers(void **state)
{
	char want[32], *end;
	uint64_t v = 1;
	int i;

	(void)state;
	for (i = 0; i < 20; i++, v *= 10) {
		uint64_t near[] = { v - 1, v, v + 1 };
		int k;

		for (k = 0; k < 3; k++) {
			end = numfmt__u64(text, near[k]);
			*end = '\0';
			snprintf(want, sizeof(want), "%llu", (unsigned long long)near[k]);
			assert_string_equal(text, want);
			end = numfmt__hex(text, near[k], 1);
			*end = '\0';
			snprintf(want, sizeof(want), "%llx", (unsigned long long)near[k]);
			assert_string_equal(text, want);
		}
	}
}

/* Each exponent: its first, last and some values, both signs of the step. */
static void f64_at_every_exponent(void **state)
{
	uint64_t e;
	int i;

	(void)state;
	for (e = 0; e < 2047; e++) {
		check_f64(e << 52);
		check_f64(e << 52 | 1);
		check_f64((e << 52) + ((UINT64_C(1) << 52) - 1));
		for (i = 0; i < 8; i++)
			check_f64(e << 52 | rng() >> 12);
	}
}

static void f64_powers_of_ten(void **state)
{
	char s[16];
	int i;

	(void)state;
	for (i = -323; i <= 308; i++) {
		snprintf(s, sizeof(s), "1e%d", i);
		check_f64(f64_bits(strtod(s, NULL)));
		check_f64(f64_bits(strtod(s, NULL)) + 1);
	}
}

static void f64_random(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 50000; i++) {
		check_f64(rng());
		check_f64(f64_bits((double)(rng() % 1000000) / 1000));
	}
}

static void f32_random(void **state)
{
	uint32_t e;
	int i;

	(void)state;
	for (e = 0; e < 255; e++) {
		check_f32(e << 23);
		check_f32(e << 23 | 0x7fffff);
	}
	for (i = 0; i < 100000; i++) {
		check_f32(rng());
		check_f32(f32_bits((float)(rng() % 1000) * 0.37f));
	}
}

/* Apart, or the compiler warns of trigraphs. */
#define UNKNOWN "????" "????" "'" "????" "????"

/* All values of the small formats read back, by way of the exact double. */
static void f16_and_bf16_all(void **state)
{
	static const enum xstate_type types[] = { XSTATE_F16, XSTATE_BF16 };
	double v, down, up;
	uint64_t bits;
	int t;

	(void)state;
	for (t = 0; t < 2; t++) {
		for (bits = 1; bits < (t ? 0x7f7f : 0x7bff); bits++) {
			v = strtod(lane(types[t], bits), NULL);
			down = xstate_lane__double(types[t], bits - 1);
			up = xstate_lane__double(types[t], bits + 1);
			/* nearer to this value than to its neighbours */
			assert_true(fabs(v - xstate_lane__double(types[t], bits)) <= fabs(v - down));
			assert_true(fabs(v - xstate_lane__double(types[t], bits)) <= fabs(v - up));
		}
	}
}

static void register_lines(void **state)
{
	static const uint8_t bytes[16] = { 0, 0, 0xc0, 0x3f, 0x7c, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f };
	char line[256];

	(void)state;
	*numfmt__bytes(line, bytes, 16, 16) = '\0';
	assert_string_equal(line, "0x3f800000'00000000 00000b7c'3fc00000");
	*numfmt__bytes(line, bytes, 16, 8) = '\0';
	assert_string_equal(line, "0x" UNKNOWN " 00000b7c'3fc00000");
	*numfmt__bytes(line, bytes, 16, 0) = '\0';
	assert_string_equal(line, "0x" UNKNOWN " " UNKNOWN);
	*numfmt__bytes(line, bytes, 8, 8) = '\0';
	assert_string_equal(line, "0x00000b7c'3fc00000");
	*numfmt__bytes(line, bytes, 4, 4) = '\0';
	assert_string_equal(line, "0x3fc00000");
	*numfmt__bytes(line, bytes + 6, 10, 10) = '\0';
	assert_string_equal(line, "0x3f80 00000000'00000000");
	*numfmt__bytes(line, (const uint8_t *)"\x9f\xae\x0a\xf0\x99\x90\x09\x0f", 8, 8) = '\0';
	assert_string_equal(line, "0x0f099099'f00aae9f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(integers),
		cmocka_unit_test(every_length_of_integers),
		cmocka_unit_test(f64_at_every_exponent),
		cmocka_unit_test(f64_powers_of_ten),
		cmocka_unit_test(f64_random),
		cmocka_unit_test(f32_random),
		cmocka_unit_test(f16_and_bf16_all),
		cmocka_unit_test(register_lines),
	};

	return cmocka_run_group_tests_name("numbers to text", tests, NULL, NULL);
}
