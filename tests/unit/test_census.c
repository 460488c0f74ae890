/* SPDX-License-Identifier: GPL-2.0-only */
/* What an image in memory says of a task: in use, init or unknown. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xstate/xstate.h>

#include "bpf/census_table.h"

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

/* ---- the table ------------------------------------------------------------------ */

enum { CFG = 1 << 17, MASKS = 1 << 5, HI16 = 1 << 7, MACHINE = 0x602e7 };

/* A machine with AMX, on which of five tasks one is a kernel's and one unknown. */
static struct census_task tasks[] = {
	{ .pid = 10, .tid = 10, .comm = "plain", .avx512_age = UINT64_MAX },
	{ .pid = 11, .tid = 11, .comm = "tiles", .avx512_age = 0, .cpu = 1, .switches = { 4, { 1, 1, 2, 4 } } },
	{ .pid = 12, .tid = 12, .comm = "runs", .avx512_age = UINT64_MAX, .flags = CENSUS_RUNNING },
	{ .pid = 2, .tid = 2, .comm = "kthreadd", .avx512_age = UINT64_MAX, .flags = CENSUS_KERNEL },
	{ .pid = 13, .tid = 14, .comm = "str\033len", .avx512_age = 7, .runtime = 500000000 },
};

static struct census_cpu cpus[] = {
	{ .online = 1, .since = 1, .busy = 500000000, .kind_busy = { 0, 250000000 }, .exited = 3, .exited_kind = { 1, 1, 1, 0 } },
	{ .online = 0 },
};

static const struct census_look look = {
	.task = tasks, .nr = 5, .cpu = cpus, .nr_cpus = 2, .elapsed = 1000000000, .time = 1500000000,
};

static void tasks__make(void)
{
	static const uint64_t xfeatures[] = { SSE, SSE | YMM | CFG | TILES | ZMM | MASKS, 0, 0, SSE | HI16 };
	size_t i;

	for (i = 0; i < 5; i++) {
		tasks[i].image = saved.image;
		tasks[i].image.xfeatures = xfeatures[i];
		tasks[i].image.supported = MACHINE;
		tasks[i].image.mxcsr = i ? 0x1f80 : 0xffc0;
	}
}

static char *print(const struct output_ops *ops, const struct census_choice *c)
{
	char *text = NULL;
	struct output o;
	struct err e;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	tasks__make();
	output__open(&o, ops, f, false);
	assert_int_equal(census__print(&o, &look, c, &e), 0);
	fclose(f);
	return text;
}

static void has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no %s in:\n%s", what, text);
}

/* The line of a task; the first of JSON's members are its numbers. */
static const char *row(const char *json, unsigned int tid)
{
	static char line[2048];
	char key[32];
	const char *p = json;

	snprintf(key, sizeof(key), "\"tid\":%u,", tid);
	for (; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
		if (strstr(line, key))
			return line;
	}
	return NULL;
}

static void json(void **state)
{
	const struct census_choice all = { .all = true, .cpus = true };
	char *text = print(&output_json, &all);

	(void)state;
	has(text, "\"time\":\"1.500000000\"");
	has(text, "\"tasks\":4,\"kernel_threads\":1,\"running\":1,\"unknown\":1,\"unknown_running\":1,");
	has(text, "\"in_use_512\":1,\"in_use_avx512\":2,\"in_use_amx\":1,\"mxcsr_changed\":1,\"ftz_or_daz\":1,\"exited\":3,\"exited_512\":1");
	has(row(text, 10), "\"ymm_hi128\":\"init\",\"zmm_hi256\":\"init\"");
	has(row(text, 10), "\"mxcsr\":\"FTZ DAZ zero\",\"avx512_last_seconds\":\"never\"");
	has(row(text, 11), "\"amx\":\"yes\",\"tiledata\":\"yes\"");
	has(row(text, 11), "\"switches\":4,\"switches_upper\":0.25,\"switches_512\":0.25,\"switches_avx512\":0.5,");
	has(row(text, 12), "\"state\":\"unknown\"");
	assert_null(strstr(row(text, 12), "zmm_hi256"));
	assert_null(strstr(row(text, 12), "mxcsr"));
	assert_null(row(text, 2));
	has(text, "\"view\":\"cpus\",\"cpu\":0,\"busy_share\":0.5,\"switches\":0,\"busy_upper\":0,\"busy_512\":0.5,");
	assert_null(strstr(text, "\"cpu\":1,\"busy_share\""));
	free(text);
}

static void text(void **state)
{
	struct census_choice few = { .comm = "[!t]*" };
	char *t = print(&output_text, &few);

	(void)state;
	has(t, "3 tasks with user registers, 3 listed");
	has(t, "1 unknown: running since before the census");
	has(t, "runs");
	assert_null(strstr(t, "tiles"));
	assert_null(strchr(t, '\033'));
	has(t, "1 of 2 tasks have AVX-512 state in use: 0 of these the upper halves of zmm0-15, 1 only");
	free(t);
	few.comm = "t*";
	t = print(&output_text, &few);
	has(t, "1 task has AMX state in use");
	has(t, "CPUs that ran tasks with 512-bit state in use, and for how much of their busy time: 0 (50 %)");
	free(t);
}

/* Who is first, by each order. */
static void orders(void **state)
{
	static const struct { const char *sort; unsigned int first; } rows[] = {
		{ "width", 11 }, { "cpu", 14 }, { "last", 11 }, { "switches", 11 }, { "comm", 10 }, { "tid", 10 },
	};
	struct census_choice c = { .all = true };
	char *t, key[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		c.sort = census_sort__find(rows[i].sort);
		assert_non_null(c.sort);
		t = print(&output_json, &c);
		snprintf(key, sizeof(key), "\"tid\":%u,", rows[i].first);
		if (!strstr(t, key) || strstr(t, key) > strstr(t, "\n{\"type\":\"row\"") + 100)
			fail_msg("by %s %u is not the first:\n%s", rows[i].sort, rows[i].first, t);
		free(t);
	}
	assert_null(census_sort__find("wide"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_states), cmocka_unit_test(unknown),
		cmocka_unit_test(disabled_by_xfd), cmocka_unit_test(mxcsr),
		cmocka_unit_test(json), cmocka_unit_test(text), cmocka_unit_test(orders),
	};

	return cmocka_run_group_tests_name("census", tests, NULL, NULL);
}
