/* SPDX-License-Identifier: GPL-2.0-only */
/* What --redact promises: equality and classes stay, contents go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "convert/redact.h"
#include "convert/siphash.h"

static struct redact redact;

/* Vectors of the reference implementation: key 00..0f, input 00 01 02 ... */
static void test_siphash(void **state)
{
	static const struct { size_t size; uint64_t hash; } vectors[] = {
		{ 0, UINT64_C(0x726fdb47dd0e0e31) }, { 1, UINT64_C(0x74f839c593dc67fd) },
		{ 8, UINT64_C(0x93f5f5799a932462) }, { 15, UINT64_C(0xa129ca6149be45e5) },
	};
	uint64_t key[2];
	uint8_t in[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(in); i++)
		in[i] = i;
	memcpy(key, in, sizeof(key));
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(siphash24(key, in, vectors[i].size), vectors[i].hash);
}

static uint32_t random32(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *seed >> 32;
}

/* Values in which every class of every type occurs. */
static uint32_t make_dword(uint64_t *seed)
{
	static const uint32_t fields[] = {
		0, 0x80000000, 0x7f800000, 0x7ff00000, 0x7ff80000, 0x7fc00000, 0x7c007c00, 0x00010000,
		0x7f807f80, 0x0000ffff, 0x000fffff, 0x3f800000, 0x00007c01, 0x7e000200, 1, 0x00800000,
	};
	uint32_t v = fields[random32(seed) % 16];

	if (random32(seed) % 4 == 0)
		v ^= random32(seed);
	if (random32(seed) % 4 == 0)
		v ^= 1u << random32(seed) % 32;
	return v;
}

static void assert_same_classes(const uint32_t *from, const uint32_t *to, size_t n)
{
	struct xstate_counts a, b;
	unsigned int t, i;

	for (t = 0; t < XSTATE_TYPE_NR; t++) {
		for (i = 0; i < 4 * n / xstate_type__size(t); i++) {
			uint64_t x = xstate_lane__bits((const uint8_t *)from, t, i);
			uint64_t y = xstate_lane__bits((const uint8_t *)to, t, i);

			if (xstate_lane__class(t, x) != xstate_lane__class(t, y))
				fail_msg("lane %u as %s: %#llx became %#llx", i, xstate_type__name(t),
					 (unsigned long long)x, (unsigned long long)y);
		}
		memset(&a, 0, sizeof(a));
		memset(&b, 0, sizeof(b));
		xstate_lanes__classify((const uint8_t *)from, 4 * n, t, &a);
		xstate_lanes__classify((const uint8_t *)to, 4 * n, t, &b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void test_classes(void **state)
{
	enum { N = 16 };
	uint64_t seed = 1;
	uint32_t from[N], to[N];
	unsigned int round, i;

	(void)state;
	for (round = 0; round < 2000; round++) {
		for (i = 0; i < N; i++) {
			from[i] = make_dword(&seed);
			to[i] = redact__dword(&redact, from[i]);
			assert_int_equal(redact__dword(&redact, from[i]), to[i]);
		}
		assert_same_classes(from, to, N);
	}
}

static int compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Different values stay different: all of a range, dense and with specials. */
static void test_injective(void **state)
{
	enum { N = 1 << 16 };
	static uint32_t to[N];
	static const uint32_t base[] = { 0, 0x7f800000, 0x40490000 };
	unsigned int b, i;

	(void)state;
	for (b = 0; b < 3; b++) {
		for (i = 0; i < N; i++)
			to[i] = redact__dword(&redact, base[b] + i);
		qsort(to, N, sizeof(to[0]), compare_u32);
		for (i = 1; i < N; i++)
			assert_int_not_equal(to[i - 1], to[i]);
	}
}

/* Of values with free bits nearly none stands for itself. */
static void test_changes(void **state)
{
	uint64_t seed = 7;
	unsigned int i, same = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		uint32_t v = random32(&seed) | 0x01010101;

		same += redact__dword(&redact, v) == v;
	}
	assert_true(same < 20);
}

static void test_masks(void **state)
{
	static const unsigned int lanes[] = { 2, 4, 8, 16, 32, 64 };
	uint64_t seed = 3, k, to, low;
	unsigned int i, n, same = 0;

	(void)state;
	for (i = 0; i < 5000; i++) {
		k = (uint64_t)random32(&seed) << 32 | random32(&seed);
		k = i % 3 == 0 ? k & (k >> 7) & (k >> 13) : i % 3 == 1 ? k | k << 9 : k;
		to = redact__mask(&redact, k);
		same += to == k;
		for (n = 0; n < 6; n++) {
			low = lanes[n] == 64 ? ~UINT64_C(0) : (UINT64_C(1) << lanes[n]) - 1;
			assert_int_equal(__builtin_popcountll(k & low), __builtin_popcountll(to & low));
			assert_int_equal(xstate_mask__class(k, lanes[n]), xstate_mask__class(to, lanes[n]));
		}
		assert_int_equal(redact__mask(&redact, k), to);
	}
	assert_true(same < 50);
}

/* Another run has another key. */
static void test_keys(void **state)
{
	struct redact *other = malloc(sizeof(*other));
	unsigned int i, same = 0;
	struct err e;

	(void)state;
	assert_non_null(other);
	assert_int_equal(redact__open(other, &e), 0);
	for (i = 0; i < 1000; i++)
		same += redact__dword(other, 0x41234567 + i * 77) == redact__dword(&redact, 0x41234567 + i * 77);
	redact__close(other);
	for (i = 0; i < sizeof(*other); i++)
		assert_int_equal(((const uint8_t *)other)[i], 0);
	free(other);
	assert_true(same < 5);
}

static int setup(void **state)
{
	struct err e;

	(void)state;
	return redact__open(&redact, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash), cmocka_unit_test(test_classes),
		cmocka_unit_test(test_injective), cmocka_unit_test(test_changes),
		cmocka_unit_test(test_masks), cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
