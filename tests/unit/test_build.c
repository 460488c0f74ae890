// SPDX-License-Identifier: GPL-2.0-only
/*
 * The encoder, and what must hold of every image and block whatever is in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

enum { ROUNDS = 60 };

static const uint64_t compacted = XCOMP_BV_COMPACTED_FORMAT;
static struct machine m;
static uint8_t buf[FIXTURE_SIZE], buf2[FIXTURE_SIZE];
static char why[128];

static uint64_t user_features(void)
{
	uint64_t mask = m.layout.xfeatures;
	unsigned int nr;

	for (nr = 0; nr < XFEATURE_MAX; nr++)
		if (m.layout.comp[nr].flags & XSTATE_COMP_SUPERVISOR)
			mask &= ~XFEATURE_MASK(nr);
	return mask;
}

/* A machine of round @i: layouts in turn, components in use at random. */
static uint64_t next_machine(unsigned int i)
{
	uint64_t seed = i, value = fixture__random(&seed);

	/* With SSE in use both formats carry the same MXCSR. */
	machine__fill(&m, fixture_layouts[i % FIXTURE_LAYOUTS], value | 2, i);
	return user_features();
}

static void open_image(struct xstate_regs *r, struct xstate_image *img,
		       const uint8_t *p, size_t n, uint64_t examined)
{
	assert_int_equal(xstate_image__open(img, &m.layout, p, n, examined, 0, NULL), 0);
	xstate_regs__from_image(r, img);
}

static void same(const struct xstate_regs *a, const struct xstate_regs *b)
{
	if (regs__differ(a, b, why, sizeof(why)))
		fail_msg("%s", why);
}

/* Where a register's bytes come from, written down once more. */
static const struct {
	uint8_t class, nr;
	unsigned int first, count, offset, stride, at, size;
} sources[] = {
	{ XSTATE_CLASS_ZMM, 1, 0, 16, 0, 16, 0, 16 },
	{ XSTATE_CLASS_ZMM, 2, 0, 16, 0, 16, 16, 16 },
	{ XSTATE_CLASS_ZMM, 6, 0, 16, 0, 32, 32, 32 },
	{ XSTATE_CLASS_ZMM, 7, 16, 16, 0, 64, 0, 64 },
	{ XSTATE_CLASS_OPMASK, 5, 0, 8, 0, 8, 0, 8 },
	{ XSTATE_CLASS_EGPR, 19, 0, 16, 0, 8, 0, 8 },
	{ XSTATE_CLASS_PKRU, 9, 0, 1, 0, 4, 0, 4 },
	{ XSTATE_CLASS_ST, 0, 0, 8, 32, 16, 0, 10 },
	{ XSTATE_CLASS_TILECFG, 17, 0, 1, 0, 64, 0, 64 },
	{ XSTATE_CLASS_TMM, 18, 0, 8, 0, 1024, 0, 1024 },
};

static void check_registers(const struct xstate_regs *r, uint64_t examined)
{
	static const uint8_t zeros[1024];
	struct xstate_value v;
	unsigned int s, i;

	for (s = 0; s < sizeof(sources) / sizeof(sources[0]); s++) {
		uint8_t nr = sources[s].nr;

		if (!(examined >> nr & 1))
			continue;
		for (i = 0; i < sources[s].count; i++) {
			const uint8_t *want = m.bytes[nr] + sources[s].offset + i * sources[s].stride;

			if (!(m.build.value >> nr & 1))
				want = zeros;
			xstate_regs__get(r, (struct xstate_reg){ sources[s].class, sources[s].first + i }, &v);
			if (v.known < sources[s].at + sources[s].size)
				continue;	/* a piece before it is unknown */
			assert_memory_equal(v.bytes + sources[s].at, want, sources[s].size);
		}
	}
}

/* In, out, and what comes out is what went in: images of both formats. */
static void test_round_trip(void **state)
{
	struct xstate_image a, b;
	struct xstate_regs ra, rb;
	unsigned int i;
	size_t n;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		uint64_t user = next_machine(i), seed = i + 1000;
		uint64_t rfbm = user & (fixture__random(&seed) | 2);

		assert_int_equal(xstate_build__image(&m.build, rfbm, 0xee, buf, sizeof(buf), &n), 0);
		open_image(&ra, &a, buf, n, rfbm);
		check_registers(&ra, rfbm);
		assert_int_equal(xstate_build__image(&m.build, rfbm | compacted, 0x77, buf2, sizeof(buf2), &n), 0);
		open_image(&rb, &b, buf2, n, 0);
		same(&ra, &rb);
		assert_int_equal(ra.mxcsr, m.build.mxcsr);
		assert_int_equal(rb.mxcsr, m.build.mxcsr);
	}
}

/* Through a block, made from the image or by the encoder itself. */
static void test_block_round_trip(void **state)
{
	struct xstate_image img;
	struct xstate_block b, b2;
	struct xstate_regs ri, rb, rb2;
	unsigned int i;
	size_t n, len;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		uint64_t user = next_machine(i);

		assert_int_equal(xstate_build__image(&m.build, user | compacted, 0xee, buf2, sizeof(buf2), &n), 0);
		open_image(&ri, &img, buf2, n, 0);
		assert_int_equal(xstate_block__from_image(&img, user, 1, 0, 0x55, buf, sizeof(buf), &len), 0);
		assert_int_equal(xstate_block__read(&b, &m.layout, buf, len, NULL), 0);
		assert_int_equal(b.xinuse, 0x55);
		xstate_regs__from_block(&rb, &b);
		same(&ri, &rb);
		assert_int_equal(xstate_build__block(&m.build, &b, buf2, sizeof(buf2), &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(buf, buf2, n);
		assert_int_equal(xstate_block__read(&b2, &m.layout, buf2, n, NULL), 0);
		xstate_regs__from_block(&rb2, &b2);
		same(&rb, &rb2);
	}
}

/* Marks the bytes of an image that say something. */
static void mark(uint8_t *used, const struct xstate_image *img)
{
	unsigned int nr;

	memset(used, 0, FIXTURE_SIZE);
	memset(used + 512, 1, 64);
	memset(used + XSTATE_MXCSR_OFFSET, 1, 4);
	for (nr = 0; nr < XFEATURE_MAX; nr++) {
		const uint8_t *p = xstate_image__component(img, nr);

		if (p)
			memset(used + (p - img->data), 1, m.layout.comp[nr].size);
	}
}

/* All other bytes - holes, padding, components in init state - are noise. */
static void test_poison(void **state)
{
	static uint8_t used[FIXTURE_SIZE];
	struct xstate_image a, b;
	struct xstate_regs ra, rb;
	unsigned int i;
	size_t n, k;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		uint64_t user = next_machine(i), seed = i;
		uint64_t format = i % 2 ? compacted : 0;

		assert_int_equal(xstate_build__image(&m.build, user | format, 0, buf, sizeof(buf), &n), 0);
		open_image(&ra, &a, buf, n, user);
		mark(used, &a);
		memcpy(buf2, buf, n);
		for (k = 0; k < n; k++)
			if (!used[k])
				buf2[k] = fixture__random(&seed);
		open_image(&rb, &b, buf2, n, user);
		same(&ra, &rb);
		assert_int_equal(ra.mxcsr, rb.mxcsr);
		assert_int_equal(xstate_regs__width_nonzero(&ra), xstate_regs__width_nonzero(&rb));
	}
}

/* Cut anywhere, an image is refused or says the same. */
static void test_truncation(void **state)
{
	struct xstate_image a, b;
	struct xstate_regs ra, rb;
	unsigned int i, agreed = 0, refused = 0;
	size_t n, cut;

	(void)state;
	for (i = 0; i < 12; i++) {
		uint64_t user = next_machine(i);
		uint64_t format = i % 2 ? compacted : 0;

		assert_int_equal(xstate_build__image(&m.build, user | format, 0xee, buf, sizeof(buf), &n), 0);
		open_image(&ra, &a, buf, n, user);
		for (cut = 0; cut < n; cut += cut < 3000 ? 1 : 61) {
			if (xstate_image__open(&b, &m.layout, buf, cut, user, 0, NULL)) {
				refused++;
				continue;
			}
			agreed++;
			xstate_regs__from_image(&rb, &b);
			same(&ra, &rb);
		}
	}
	assert_true(refused > 1000 && agreed > 100);
}

/* Less room than needed: an error, and not a byte behind it is touched. */
static void test_no_space(void **state)
{
	size_t n, len, written = 3;

	(void)state;
	next_machine(3);
	assert_int_equal(xstate_build__image(&m.build, 0xe7, 0xee, buf, sizeof(buf), &len), 0);
	for (n = 0; n < len; n += 7) {
		uint8_t *small = malloc(n ? n : 1);

		assert_int_equal(xstate_build__image(&m.build, 0xe7, 0xee, small, n, &written), XSTATE_E_NOSPACE);
		free(small);
	}
	assert_int_equal(written, 3);
	assert_int_equal(xstate_build__image(&m.build, 0x1e7, 0xee, buf, sizeof(buf), &written), XSTATE_E_LAYOUT);
	assert_int_equal(xstate_build__image(&m.build, 0x8e7, 0xee, buf, sizeof(buf), &written), XSTATE_E_FEATURES);
	assert_int_equal(xstate_build__image(&m.build, compacted | 0x8e7, 0xee, buf, sizeof(buf), &written), 0);
}

/* MXCSR off its init state keeps SSE in XSTATE_BV of XSAVEC, not of XSAVE. */
static void test_mxcsr_in_use(void **state)
{
	struct xstate_image img;
	struct xstate_regs r;
	size_t n;

	(void)state;
	machine__fill(&m, "amd-zen4", 0, 1);
	assert_int_equal(xstate_build__image(&m.build, 0x7 | compacted, 0xee, buf, sizeof(buf), &n), 0);
	open_image(&r, &img, buf, n, 0);
	assert_int_equal(img.xstate_bv, 0x2);
	assert_int_equal(xstate_regs__width_nonzero(&r), 0);	/* AVX-512: not examined */
	assert_int_equal(xstate_build__image(&m.build, 0x7, 0xee, buf, sizeof(buf), &n), 0);
	open_image(&r, &img, buf, n, 0x7);
	assert_int_equal(img.xstate_bv, 0);
	assert_int_equal(img.mxcsr, m.build.mxcsr);
}

/* What the save does not write keeps its old bytes, MXCSR among them. */
static void test_left_alone(void **state)
{
	static const struct {
		uint64_t rfbm, value;
		int written;
	} want[] = {
		{ 0x1, 0x1, 0 }, { 0x3, 0x0, 1 }, { 0x4, 0x0, 1 }, { 0x20, 0x20, 0 },
		{ 0x7 | XCOMP_BV_COMPACTED_FORMAT, 0x5, 0 },
		{ 0x7 | XCOMP_BV_COMPACTED_FORMAT, 0x2, 1 },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		machine__fill(&m, "amd-zen4", want[i].value, 1);
		m.build.mxcsr = MXCSR_INIT;
		memset(m.bytes[0], 0xee, 160);	/* nor does x87 bring any */
		assert_int_equal(xstate_build__image(&m.build, want[i].rfbm, 0xee, buf, sizeof(buf), &n), 0);
		assert_memory_equal(buf + 24, want[i].written ? "\x80\x1f\0\0" : "\xee\xee\xee\xee", 4);
		assert_int_equal(buf[416], 0xee);
		assert_int_equal(buf[511], 0xee);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_block_round_trip),
		cmocka_unit_test(test_poison),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_no_space),
		cmocka_unit_test(test_mxcsr_in_use),
		cmocka_unit_test(test_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
