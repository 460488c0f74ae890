// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cursor.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

static void test_reads(void **state)
{
	struct cursor c = cursor__init(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor__u16(&c), 0x0201);
	assert_int_equal(cursor__u32(&c), 0x06050403);
	assert_int_equal(c.pos, 6);
	cursor__seek(&c, 3);
	assert_true(cursor__u64(&c) == UINT64_C(0x0b0a090807060504));
	assert_int_equal(c.err, 0);
	assert_ptr_equal(cursor__bytes(&c, 0), bytes + 11);
}

/* The first failure stays, with its place; nothing is read after it. */
static void test_end(void **state)
{
	struct cursor c = cursor__init(bytes, sizeof(bytes));

	(void)state;
	cursor__seek(&c, 8);
	assert_int_equal(cursor__u32(&c), 0);
	assert_int_equal(c.err, XSTATE_E_TRUNCATED);
	assert_int_equal(c.pos, 8);
	assert_int_equal(cursor__u16(&c), 0);
	assert_null(cursor__bytes(&c, 0));
	cursor__seek(&c, 0);
	assert_int_equal(c.pos, 8);
}

static void test_huge(void **state)
{
	struct cursor c = cursor__init(bytes, sizeof(bytes));

	(void)state;
	cursor__seek(&c, 4);
	/* pos + n would wrap to something small. */
	assert_null(cursor__bytes(&c, SIZE_MAX - 2));
	assert_int_equal(c.err, XSTATE_E_TRUNCATED);
	c = cursor__init(bytes, sizeof(bytes));
	cursor__seek(&c, SIZE_MAX);
	assert_int_equal(c.err, XSTATE_E_TRUNCATED);
	c = cursor__init(NULL, 100);
	assert_null(cursor__bytes(&c, 1));
}

static void test_writer(void **state)
{
	uint8_t buf[12] = { 0 };
	struct writer w = writer__init(buf, 11);

	(void)state;
	writer__u16(&w, 0x0201);
	writer__fill(&w, 0xaa, 1);
	writer__u64(&w, 1);
	assert_int_equal(w.err, 0);
	writer__u32(&w, 0xffffffff);
	assert_int_equal(w.err, XSTATE_E_NOSPACE);
	assert_int_equal(w.pos, 11);
	writer__seek(&w, 0);
	writer__u16(&w, 0xffff);
	assert_memory_equal(buf, "\1\2\xaa\1\0\0\0\0\0\0\0\0", 12);
	w = writer__init(NULL, 100);
	writer__u16(&w, 1);
	assert_int_equal(w.err, XSTATE_E_NOSPACE);
}

static void test_bits(void **state)
{
	uint64_t bits = UINT64_C(1) << 63 | 0x12;
	unsigned int i;

	(void)state;
	assert_int_equal(popcount64(bits), 3);
	assert_int_equal(popcount64(UINT64_MAX), 64);
	assert_int_equal(popcount64(0), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(popcount64(UINT64_MAX >> i), 64 - i);
	assert_true(has_bit(bits, 63));
	assert_false(has_bit(bits, 64));
	assert_int_equal(next_bit(&bits), 1);
	assert_int_equal(next_bit(&bits), 4);
	assert_int_equal(next_bit(&bits), 63);
	assert_int_equal(bits, 0);
	assert_int_equal(pad8(0), 0);
	assert_int_equal(pad8(9), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
