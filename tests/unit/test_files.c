/* SPDX-License-Identifier: GPL-2.0-only */
/* What recordings of many files are made of: sizes, what is alive, the window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/files/files.h"
#include "util/amount.h"

static const struct perfdata_attr attr = {
	.attr = { .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU, .sample_id_all = 1 },
};

/* ---- amounts --------------------------------------------------------------------------- */

static void amounts(void **state)
{
	static const char *const bad[] = { "", "1", "M", "0M", "-1M", "1MM", "1 M", "1m2", "0x1M", "18446744073709551615G" };
	uint64_t v;
	size_t i;

	(void)state;
	assert_true(amount__bytes("7B", &v) && v == 7);
	assert_true(amount__bytes("512K", &v) && v == 512 << 10);
	assert_true(amount__bytes("3G", &v) && v == UINT64_C(3) << 30);
	assert_true(amount__ns("2m", &v) && v == UINT64_C(120000000000));
	assert_true(amount__ns("1d", &v) && v == UINT64_C(86400000000000));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(amount__bytes(bad[i], &v) || amount__ns(bad[i], &v));
	assert_false(amount__bytes("1s", &v));
	assert_false(amount__ns("1M", &v));
}

/* ---- what is alive ------------------------------------------------------------------------ */

static void note(struct alive *a, const uint8_t *rec, size_t size)
{
	assert_true(size > 0);
	assert_int_equal(alive__note(a, rec, size), 0);
}

static void comm(struct alive *a, uint32_t pid, uint32_t tid, bool exec, const char *name)
{
	const struct perfdata_comm c = { .pid = pid, .tid = tid, .exec = exec, .comm = name };
	const struct sample id = { .pid = pid, .tid = tid, .time = 5 };
	uint8_t rec[256];

	note(a, rec, perfdata_build__comm(rec, sizeof(rec), &attr, &c, &id));
}

static void task(struct alive *a, uint32_t type, uint32_t pid, uint32_t ppid, uint32_t tid, uint32_t ptid)
{
	const struct perfdata_task t = { .pid = pid, .ppid = ppid, .tid = tid, .ptid = ptid };
	const struct sample id = { .pid = pid, .tid = tid, .time = 6 };
	uint8_t rec[256];

	note(a, rec, perfdata_build__task(rec, sizeof(rec), &attr, type, &t, &id));
}

static void map(struct alive *a, uint32_t pid, uint64_t addr, uint64_t len, const char *file)
{
	const struct perfdata_mmap m = { .pid = pid, .tid = pid, .addr = addr, .len = len, .exec = true, .filename = file };
	const struct sample id = { .pid = pid, .tid = pid, .time = 7 };
	uint8_t rec[512];

	note(a, rec, perfdata_build__mmap2(rec, sizeof(rec), &attr, &m, PERF_RECORD_MISC_USER, &id));
}

struct text {
	char buf[4096];
	size_t len;
};

/* "pid/tid name[!]" of names (! by exec), "pid addr file" of maps; the time is checked. */
static int tell(void *ctx, const uint8_t *rec, size_t size, struct err *e)
{
	struct perf_event_header h;
	uint32_t pid, tid;
	uint64_t time, addr;
	struct text *t = ctx;

	(void)e;
	memcpy(&h, rec, sizeof(h));
	assert_int_equal(h.size, size);
	assert_true(sample__peek_time(&attr, h.type, rec + sizeof(h), size - sizeof(h), &time));
	assert_int_equal(time, 99);
	memcpy(&pid, rec + 8, 4);
	memcpy(&tid, rec + 12, 4);
	memcpy(&addr, rec + 16, 8);
	if (h.type == PERF_RECORD_COMM)
		t->len += sprintf(t->buf + t->len, "%u/%u %s%s; ", pid, tid, (const char *)rec + 16, h.misc & 1 << 13 ? "!" : "");
	else
		t->len += sprintf(t->buf + t->len, "%u %#llx %s; ", pid, (unsigned long long)addr, (const char *)rec + 72);
	return 0;
}

static void expect(struct alive *a, const char *want)
{
	struct text t = { .len = 0 };
	struct err e;

	assert_int_equal(alive__replay(a, &attr, 99, tell, &t, &e), 0);
	assert_string_equal(t.buf, want);
}

static void names_and_maps(void **state)
{
	struct alive *a = alive__new();

	(void)state;
	comm(a, 10, 10, true, "sh");
	map(a, 10, 0x1000, 0x4000, "/bin/sh");
	map(a, 10, 0x2000, 0x1000, "/lib/a");
	expect(a, "10/10 sh!; 10 0x1000 /bin/sh; 10 0x2000 /lib/a; ");
	/* a thread has its creator's name, without its exec(); another may follow */
	task(a, PERF_RECORD_FORK, 10, 10, 11, 10);
	expect(a, "10/10 sh!; 10 0x1000 /bin/sh; 10 0x2000 /lib/a; 10/11 sh; ");
	comm(a, 10, 11, false, "worker");
	/* what covers a map takes its place */
	map(a, 10, 0x2000, 0x2000, "/lib/b");
	expect(a, "10/10 sh!; 10 0x1000 /bin/sh; 10/11 worker; 10 0x2000 /lib/b; ");
	/* fork(): maps and the name of the thread that forked */
	task(a, PERF_RECORD_FORK, 20, 10, 20, 11);
	comm(a, 10, 10, true, "ls");
	expect(a, "10/10 ls!; 20 0x1000 /bin/sh; 20/20 worker; 20 0x2000 /lib/b; ");
	task(a, PERF_RECORD_EXIT, 20, 10, 20, 10);
	expect(a, "10/10 ls!; ");
	alive__free(a);
}

/* A process lives as long as one of its threads; a number may be used again. */
static void ends(void **state)
{
	struct alive *a = alive__new();
	uint8_t broken[16] = { 0 };
	struct perf_event_header h = { .type = PERF_RECORD_COMM, .size = sizeof(broken) };

	(void)state;
	comm(a, 10, 10, true, "a");
	map(a, 10, 0x1000, 0x1000, "/a");
	task(a, PERF_RECORD_FORK, 10, 10, 11, 10);
	task(a, PERF_RECORD_EXIT, 10, 10, 10, 10);
	expect(a, "10 0x1000 /a; 10/11 a; ");
	task(a, PERF_RECORD_EXIT, 10, 10, 11, 10);
	expect(a, "");
	task(a, PERF_RECORD_EXIT, 77, 1, 77, 1);
	/* of a parent that nothing is known of */
	task(a, PERF_RECORD_FORK, 30, 29, 30, 29);
	expect(a, "");
	comm(a, 10 + 1024, 1034, true, "same bucket");
	comm(a, 10, 10, true, "b");
	expect(a, "1034/1034 same bucket!; 10/10 b!; ");
	/* too short, of no interest: neither is read beyond its end */
	memcpy(broken, &h, sizeof(h));
	assert_int_equal(alive__note(a, broken, sizeof(broken)), 0);
	h.type = PERF_RECORD_LOST;
	memcpy(broken, &h, sizeof(h));
	assert_int_equal(alive__note(a, broken, sizeof(broken)), 0);
	alive__free(a);
}

/* ---- the window ------------------------------------------------------------------------------- */

static int count(void *ctx, const uint8_t *rec, size_t size, struct err *e)
{
	uint64_t *n = ctx, v;

	(void)e;
	memcpy(&v, rec, sizeof(v));
	assert_int_equal(size, 64 + v % 7 * 8);
	assert_true(!n[0] || v == n[1] + 1);
	n[0]++;
	n[1] = v;
	return 0;
}

static void window_by_time(void **state)
{
	struct window *w = window__new(1000, SIZE_MAX);
	uint8_t rec[128] = { 0 };
	const uint8_t *old;
	uint64_t i, v, n[2], time, popped = 0;
	size_t size;
	struct err e;

	(void)state;
	/* several blocks of 1 MiB */
	for (i = 0; i < 50000; i++) {
		memcpy(rec, &i, sizeof(i));
		assert_int_equal(window__add(w, i, rec, 64 + i % 7 * 8), 0);
		while ((old = window__pop(w, &size, &time))) {
			memcpy(&v, old, sizeof(v));
			assert_true(v == popped && time == popped);
			popped++;
		}
	}
	assert_int_equal(popped, 50000 - 1001);
	n[0] = n[1] = 0;
	assert_int_equal(window__each(w, count, n, &e), 0);
	assert_true(n[0] == 1001 && n[1] == 49999);
	window__free(w);
}

static void window_by_bytes(void **state)
{
	struct window *w = window__new(UINT64_MAX, 100 * 80);
	uint8_t rec[64] = { 0 };
	uint64_t i, time, left = 0;
	size_t size;

	(void)state;
	for (i = 0; i < 1000; i++) {
		assert_int_equal(window__add(w, i, rec, sizeof(rec)), 0);
		left++;
		while (window__pop(w, &size, &time))
			left--;
	}
	assert_int_equal(left, 100);
	window__free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts), cmocka_unit_test(names_and_maps), cmocka_unit_test(ends),
		cmocka_unit_test(window_by_time), cmocka_unit_test(window_by_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
