/* SPDX-License-Identifier: GPL-2.0-only */
/* What an image in memory says of a task: in use, init or unknown. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>
#include <xstate/xstate.h>

#include "bpf/census.h"

enum { SSE = 1 << 1, YMM = 1 << 2, ZMM = 1 << 6, TILES = 1 << 18 };

static const struct census_task saved = {
	.image = { .xfeatures = SSE | YMM, .xcomp_bv = UINT64_C(1) << 63, .supported = 0xe7, .mxcsr = 0x9fc0, .size = 2696 },
};

static void three_states(void **state)
{
	struct census_task t = saved;

	(void)state;
	assert_int_equal(census_task__state(&t, XFEATURE_YMM), CENSUS_IN_USE);
	assert_int_equal(census_task__state(&t, XFEATURE_ZMM_Hi256), CENSUS_INIT);
	assert_int_equal(census_task__any(&t, YMM | ZMM), CENSUS_IN_USE);
	assert_int_equal(census_task__any(&t, ZMM), CENSUS_INIT);
	assert_null(census_task__unknown(&t));
}

/* What nobody knows is not init. */
static void unknown(void **state)
{
	static const struct { uint32_t flags, size; } rows[] = {
		{ CENSUS_KERNEL, 2696 }, { CENSUS_RUNNING, 2696 }, { 0, 0 }, { 0, 512 },
	};
	struct census_task t;
	uint32_t mxcsr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = saved;
		t.flags = rows[i].flags;
		t.image.size = rows[i].size;
		assert_non_null(census_task__unknown(&t));
		assert_int_equal(census_task__state(&t, XFEATURE_YMM), CENSUS_UNKNOWN);
		assert_int_equal(census_task__any(&t, YMM | ZMM), CENSUS_UNKNOWN);
		assert_false(census_task__mxcsr(&t, &mxcsr));
	}
	t = saved;
	t.flags = CENSUS_RUNNING | CENSUS_SEEN;
	assert_null(census_task__unknown(&t));
}

/* A guest may disable by XFD what it had in use; a task of the host may not. */
static void disabled_by_xfd(void **state)
{
	struct census_task t = saved;

	(void)state;
	t.image.xfd = TILES;
	assert_int_equal(census_task__state(&t, XFEATURE_XTILE_DATA), CENSUS_INIT);
	t.image.guest = 1;
	assert_int_equal(census_task__state(&t, XFEATURE_XTILE_DATA), CENSUS_UNKNOWN);
	assert_int_equal(census_task__any(&t, TILES | YMM), CENSUS_IN_USE);
	assert_int_equal(census_task__any(&t, TILES | ZMM), CENSUS_UNKNOWN);
	t.image.xfeatures |= TILES;
	assert_int_equal(census_task__state(&t, XFEATURE_XTILE_DATA), CENSUS_IN_USE);
}

/* In compacted format the field is stale while SSE is in its init state. */
static void mxcsr(void **state)
{
	struct census_task t = saved;
	uint32_t v;

	(void)state;
	assert_true(census_task__mxcsr(&t, &v));
	assert_int_equal(v, 0x9fc0);
	t.image.xfeatures = YMM;
	assert_true(census_task__mxcsr(&t, &v));
	assert_int_equal(v, 0x1f80);
	t.image.xcomp_bv = 0;
	assert_true(census_task__mxcsr(&t, &v));
	assert_int_equal(v, 0x9fc0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_states), cmocka_unit_test(unknown),
		cmocka_unit_test(disabled_by_xfd), cmocka_unit_test(mxcsr),
	};

	return cmocka_run_group_tests_name("census", tests, NULL, NULL);
}
