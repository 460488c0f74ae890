/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that may not grow: whatever the limit, all samples that the writer says
 * it has are read back from a file that is complete, and no other.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "perfdata/perfdata.h"

enum { PAYLOAD = 500, SAMPLES = 400 };

struct outcome {
	uint64_t samples;
	uint64_t size;
	bool failed, closed;
};

static const struct perfdata_attr attr = {
	.attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK, .sample_id_all = 1,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
	},
	.name = "task-clock",
};

static char path[] = "/tmp/xregs-full-XXXXXX";

static void set_limit(rlim_t bytes)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

/* Contents that zstd cannot make smaller, the same in each run. */
static size_t fill_sample(uint8_t *record, size_t size, uint64_t nr)
{
	uint8_t raw[PAYLOAD];
	struct sample s = { .ip = 0x401000 + nr, .pid = 1, .tid = 1, .time = 1000 + nr, .raw = raw, .raw_size = sizeof(raw) };
	uint64_t x = nr * 2654435761u + 1;
	size_t i;

	for (i = 0; i < sizeof(raw); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		raw[i] = x >> 32;
	}
	return perfdata_build__sample(record, size, &attr, &s);
}

static void put_samples(struct perfdata_writer *w, unsigned int flush_each, struct outcome *o)
{
	uint8_t record[2048];
	struct err e;
	unsigned int i;

	for (i = 0; i < SAMPLES && !o->failed; i++) {
		o->failed = perfdata_writer__record(w, record, fill_sample(record, sizeof(record), i), &e) ||
			    (i % flush_each == flush_each - 1 && perfdata_writer__flush(w, &e));
	}
	o->failed = o->failed || perfdata_writer__flush(w, &e);
	if (o->failed)
		assert_non_null(strstr(e.msg, "cannot write to"));
	/* it stays so */
	if (o->failed)
		assert_int_equal(perfdata_writer__record(w, record, fill_sample(record, sizeof(record), i), &e), -1);
}

static struct outcome write_limited(rlim_t limit, int level, unsigned int flush_each)
{
	struct perfdata_info info = { 0 };
	struct outcome o = { 0 };
	struct perfdata_writer *w;
	struct stat st;
	struct err e;

	assert_int_equal(perfdata_info__set(&info, PERFDATA_META_BACKEND, "kernel"), 0);
	assert_int_equal(unlink(path), 0);
	set_limit(limit);
	assert_int_equal(perfdata_writer__open(path, &attr, 1, &info, &w, &e), 0);
	if (level)
		assert_int_equal(perfdata_writer__compress(w, level, &e), 0);
	put_samples(w, flush_each, &o);
	o.samples = perfdata_writer__samples(w);
	assert_int_equal(perfdata_info__set(&info, PERFDATA_META_LOST, "%d", 17), 0);
	o.closed = !perfdata_writer__close(w, &info, &e);
	set_limit(RLIM_INFINITY);
	perfdata_info__free(&info);
	assert_int_equal(stat(path, &st), 0);
	o.size = st.st_size;
	return o;
}

/* The file has @o's samples in their order, and nothing to complain of. */
static void check_file(const struct outcome *o)
{
	const struct perfdata_stats *st;
	struct perfdata_record rec;
	struct perfdata_reader *r;
	uint8_t record[2048];
	uint64_t n = 0;
	struct err e;

	if (perfdata_reader__open(path, &r, &e))
		fail_msg("%s", e.msg);
	while (perfdata_reader__next(r, &rec, &e) > 0) {
		if (rec.kind != PERFDATA_SAMPLE)
			continue;
		fill_sample(record, sizeof(record), n);
		assert_int_equal(rec.sample.ip, 0x401000 + n);
		assert_memory_equal(rec.body, record + 8, rec.body_size);
		n++;
	}
	st = perfdata_reader__stats(r);
	assert_int_equal(n, o->samples);
	assert_false(st->unfinished || st->truncated || st->bad_records);
	if (o->closed) {
		assert_string_equal(perfdata_reader__info(r)->meta[PERFDATA_META_LOST], "17");
		assert_int_equal(perfdata_reader__info(r)->last_time, n ? 999 + n : 0);
	}
	perfdata_reader__close(r);
}

static void check_limits(rlim_t from, rlim_t to, rlim_t step, int level, unsigned int flush_each)
{
	struct outcome o;
	rlim_t limit;

	for (limit = from; limit < to; limit += step) {
		o = write_limited(limit, level, flush_each);
		assert_true(o.size <= limit);
		assert_true(o.failed && o.samples < SAMPLES);
		check_file(&o);
		/* with all that fits, but for the room of the features */
		if (limit > 140000) {
			assert_true(o.closed);
			assert_true(o.size + 140000 > limit);
		}
	}
}

static void limits_at_every_place(void **state)
{
	(void)state;
	check_limits(150000, 150000 + 600, 7, 0, 10);
	check_limits(1000, 20000, 997, 0, 1);
	check_limits(60000, 215000, 7919, 0, 1000);
}

static void limits_of_compressed_files(void **state)
{
	(void)state;
	check_limits(150000, 150000 + 1200, 101, 1, 10);
	check_limits(2000, 200000, 19997, 1, 50);
}

static void without_a_limit(void **state)
{
	struct outcome o;

	(void)state;
	o = write_limited(RLIM_INFINITY, 0, 10);
	assert_true(o.closed && !o.failed && o.samples == SAMPLES);
	check_file(&o);
	/* all samples fit, the features do not: only those are missing */
	o = write_limited(o.size - 100, 0, 10);
	assert_true(!o.closed && !o.failed && o.samples == SAMPLES);
	check_file(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit),
		cmocka_unit_test(limits_at_every_place),
		cmocka_unit_test(limits_of_compressed_files),
	};
	int fd = mkstemp(path), r;

	if (fd < 0)
		return 1;
	close(fd);
	/* the signal would end the test; write() then says EFBIG */
	signal(SIGXFSZ, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	r = cmocka_run_group_tests_name("perfdata_full", tests, NULL, NULL);
	unlink(path);
	return r;
}
