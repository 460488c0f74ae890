/* SPDX-License-Identifier: GPL-2.0-only */
/* What the writer writes, the reader reads: attrs, facts, records, registers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "perfdata/perfdata.h"

static const struct xstate_component ymm_component = { .size = 256, .offset = 576 };
static const struct xstate_component opmask_component = { .size = 64, .offset = 1088 };

static uint64_t ids[] = { 7 };

static struct perfdata_attr make_attr(void)
{
	return (struct perfdata_attr){
		.attr = {
			.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK,
			.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
				       PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD |
				       PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW | PERF_SAMPLE_REGS_USER,
			.sample_regs_user = (1 << 7) | (1 << 8),	/* SP, IP */
			.sample_id_all = 1, .mmap = 1, .comm = 1, .task = 1,
			.mmap2 = 1, .comm_exec = 1,
		},
		.name = "task-clock", .ids = ids, .nr_ids = 1,
	};
}

static void fill_info(struct perfdata_info *info)
{
	struct err e;

	memset(info, 0, sizeof(*info));
	assert_int_equal(perfdata_info__host(info, &e), 0);
	xstate_layout__init(&info->layout);
	assert_int_equal(xstate_layout__add(&info->layout, XFEATURE_YMM, &ymm_component), 0);
	assert_int_equal(xstate_layout__add(&info->layout, XFEATURE_OPMASK, &opmask_component), 0);
	info->has_layout = true;
	assert_int_equal(perfdata_info__set(info, PERFDATA_META_BACKEND, "sigtrap"), 0);
	assert_int_equal(perfdata_info__set(info, PERFDATA_META_REQUESTED, "ymm0-15 mxcsr"), 0);
}

/* A RAW payload: ymm0-15 with a pattern that is never 0. */
static size_t fill_raw(const struct xstate_layout *l, uint8_t *raw, size_t size)
{
	static uint8_t sse[256], ymm[256];
	struct xstate_build b = {
		.layout = l, .value = 6, .bytes = { [1] = sse, [2] = ymm }, .mxcsr = 0x9fc0,
	};
	struct xstate_block head = {
		.context = XSTATE_CTX_USER_SAVED, .requested = 0x26, .captured = 0x26,
		.xinuse = 7, .mxcsr = 0x9fc0,
	};
	size_t written, i;

	for (i = 0; i < 256; i++) {
		sse[i] = i + 1 ? i + 1 : 1;
		ymm[i] = 255 - i ? 255 - i : 1;
	}
	assert_int_equal(xstate_raw__write_header(raw, size, 1), 0);
	assert_int_equal(xstate_build__block(&b, &head, raw + 8, size - 8, &written), 0);
	return 8 + written;
}

static void put(struct perfdata_writer *w, const void *record, size_t size)
{
	struct err e;

	assert_true(size > 0);
	if (perfdata_writer__record(w, record, size, &e))
		fail_msg("%s", e.msg);
}

static void write_file(const char *path, const struct perfdata_attr *a, unsigned int samples, int level)
{
	static const uint8_t build_id[20] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
	uint64_t chain[2] = { PERF_CONTEXT_USER, 0x401000 }, gprs[2] = { 0x7ffe0000, 0x401000 };
	struct sample id = { .id = 7, .pid = 42, .tid = 43, .time = 1000, .cpu = 1 };
	struct sample s = {
		.id = 7, .ip = 0x401000, .pid = 42, .tid = 43, .cpu = 1, .period = 250000,
		.cpumode = PERF_RECORD_MISC_USER, .callchain = (void *)chain, .nr_callchain = 2,
		.has_regs_user = true,
		.regs_user = { .abi = 2, .mask = (1 << 7) | (1 << 8), .gprs = (void *)gprs },
	};
	struct perfdata_mmap m = {
		.pid = 42, .tid = 43, .addr = 0x400000, .len = 0x2000, .pgoff = 0, .prot = 5, .flags = 2,
		.exec = true, .build_id_size = 20, .filename = "/usr/bin/true",
	};
	struct perfdata_comm c = { .pid = 42, .tid = 43, .exec = true, .comm = "true" };
	struct perfdata_task t = { .pid = 42, .ppid = 41, .tid = 43, .ptid = 41 };
	struct perfdata_lost lost = { .lost = 3 };
	struct perfdata_info info;
	struct perfdata_writer *w;
	uint8_t raw[1024], buf[4096];
	struct err e;
	unsigned int i;

	fill_info(&info);
	memcpy(m.build_id, build_id, 20);
	s.raw_size = fill_raw(&info.layout, raw, sizeof(raw));
	s.raw = raw;
	if (perfdata_writer__open(path, a, 1, &info, &w, &e))
		fail_msg("%s", e.msg);
	if (level && perfdata_writer__compress(w, level, &e))
		fail_msg("%s", e.msg);
	put(w, buf, perfdata_build__comm(buf, sizeof(buf), a, &c, &id));
	put(w, buf, perfdata_build__mmap2(buf, sizeof(buf), a, &m, PERF_RECORD_MISC_USER, &id));
	for (i = 0; i < samples; i++) {
		s.time = 2000 + i;
		put(w, buf, perfdata_build__sample(buf, sizeof(buf), a, &s));
	}
	id.time = 2000 + i;
	put(w, buf, perfdata_build__lost(buf, sizeof(buf), a, &lost, &id));
	put(w, buf, perfdata_build__task(buf, sizeof(buf), a, PERF_RECORD_EXIT, &t, &id));
	assert_int_equal(perfdata_writer__build_id(w, "/usr/bin/true", build_id, 20, &e), 0);
	assert_int_equal(perfdata_info__set(&info, PERFDATA_META_LOST, "%d", 3), 0);
	info.cmdline = calloc(3, sizeof(char *));
	info.cmdline[0] = strdup("perf-xregs");
	info.cmdline[1] = strdup("record");
	if (perfdata_writer__close(w, &info, &e))
		fail_msg("%s", e.msg);
	perfdata_info__free(&info);
}

static char *temp_path(void)
{
	static char path[] = "/tmp/xregs-test-XXXXXX";
	int fd;

	strcpy(path, "/tmp/xregs-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return path;
}

static struct perfdata_reader *open_file(const char *path)
{
	struct perfdata_reader *r;
	struct err e;

	if (perfdata_reader__open(path, &r, &e))
		fail_msg("%s", e.msg);
	return r;
}

static void check_sample(struct perfdata_reader *r, const struct perfdata_record *rec, uint64_t time)
{
	const struct perfdata_info *info = perfdata_reader__info(r);
	const struct sample *s = &rec->sample;
	struct xstate_regs regs;
	struct xstate_value v;
	uint64_t gpr;

	assert_int_equal(rec->kind, PERFDATA_SAMPLE);
	assert_true(s->time == time && s->ip == 0x401000 && s->period == 250000);
	assert_true(s->pid == 42 && s->tid == 43 && s->cpu == 1 && s->id == 7);
	assert_true(s->nr_callchain == 2 && s->cpumode == PERF_RECORD_MISC_USER);
	assert_int_equal(xstate_simd__gpr(&s->regs_user, 8, &gpr), 0);
	assert_true(gpr == 0x401000);
	assert_int_equal(sample__regs(s, &info->layout, &regs, NULL), 0);
	assert_true(regs.mxcsr == 0x9fc0 && regs.xinuse == 7);
	assert_int_equal(xstate_regs__get(&regs, (struct xstate_reg){ XSTATE_CLASS_YMM, 1 }, &v), XSTATE_VALUE);
	assert_true(v.bytes[0] == 17 && v.bytes[16] == 239);
	assert_int_equal(xstate_regs__get(&regs, (struct xstate_reg){ XSTATE_CLASS_OPMASK, 1 }, &v), XSTATE_INIT);
	assert_int_equal(xstate_regs__get(&regs, (struct xstate_reg){ XSTATE_CLASS_PKRU, 0 }, &v), XSTATE_UNKNOWN);
}

static void check_records(struct perfdata_reader *r, unsigned int samples)
{
	struct perfdata_record rec;
	struct err e;
	unsigned int i;

	assert_int_equal(perfdata_reader__next(r, &rec, &e), 1);
	assert_int_equal(rec.kind, PERFDATA_COMM);
	assert_true(rec.comm.exec && rec.comm.pid == 42 && !strcmp(rec.comm.comm, "true") && rec.time == 1000);
	assert_int_equal(perfdata_reader__next(r, &rec, &e), 1);
	assert_int_equal(rec.kind, PERFDATA_MMAP);
	assert_true(rec.mmap.exec && rec.mmap.build_id_size == 20 && rec.mmap.build_id[19] == 20);
	assert_true(rec.mmap.addr == 0x400000 && rec.mmap.len == 0x2000 && rec.mmap.prot == 5);
	assert_string_equal(rec.mmap.filename, "/usr/bin/true");
	for (i = 0; i < samples; i++) {
		assert_int_equal(perfdata_reader__next(r, &rec, &e), 1);
		check_sample(r, &rec, 2000 + i);
	}
	assert_int_equal(perfdata_reader__next(r, &rec, &e), 1);
	assert_true(rec.kind == PERFDATA_LOST && rec.lost.lost == 3);
	assert_int_equal(perfdata_reader__next(r, &rec, &e), 1);
	assert_true(rec.kind == PERFDATA_EXIT && rec.task.ptid == 41 && rec.task.tid == 43);
	assert_int_equal(perfdata_reader__next(r, &rec, &e), 0);
}

static void check_info(struct perfdata_reader *r)
{
	const struct perfdata_info *info = perfdata_reader__info(r);
	const struct perfdata_attr *a;
	unsigned int nr;
	size_t size;

	a = perfdata_reader__attrs(r, &nr);
	assert_int_equal(nr, 1);
	assert_string_equal(a->name, "task-clock");
	assert_true(a->nr_ids == 1 && a->ids[0] == 7);
	assert_true(info->has_layout && info->layout.xfeatures == 0x27);
	assert_int_equal(info->layout.comp[XFEATURE_OPMASK].offset, 1088);
	assert_string_equal(info->meta[PERFDATA_META_BACKEND], "sigtrap");
	assert_string_equal(info->meta[PERFDATA_META_LOST], "3");
	assert_null(info->meta[PERFDATA_META_KERNEL]);
	assert_string_equal(info->arch, "x86_64");
	assert_string_equal(info->cmdline[1], "record");
	assert_null(info->cmdline[2]);
	assert_true(info->first_time == 2000 && info->nrcpus_online > 0 && info->total_mem_kb > 0);
	assert_non_null(perfdata_reader__build_id(r, "/usr/bin/true", &size));
	assert_int_equal(size, 20);
	assert_null(perfdata_reader__build_id(r, "/usr/bin/false", &size));
}

static void round_trip(void **state)
{
	struct perfdata_attr a = make_attr();
	const struct perfdata_stats *st;
	struct perfdata_reader *r;
	char *path = temp_path();
	struct stat sb;

	(void)state;
	write_file(path, &a, 3000, 0);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	r = open_file(path);
	check_info(r);
	check_records(r, 3000);
	st = perfdata_reader__stats(r);
	assert_true(st->samples == 3000 && st->lost == 3 && st->lost_records == 1);
	assert_true(!st->bad_records && !st->truncated && !st->unfinished && !st->unordered);
	perfdata_reader__close(r);
	unlink(path);
}

/* The same records, compressed: all comes back, and it takes less room. */
/* Names, in the order of their times, of one of several files. */
static void check_names(const char *path, const char *const *names, unsigned int nr)
{
	static const char file[] = "/usr/bin/true";
	struct perfdata_reader *r = open_file(path);
	struct perfdata_record rec;
	struct err e;
	unsigned int i;
	size_t size;

	for (i = 0; i < nr; i++) {
		assert_int_equal(perfdata_reader__next(r, &rec, &e), 1);
		assert_true(rec.kind == PERFDATA_COMM && !strcmp(rec.comm.comm, names[i]));
	}
	assert_int_equal(perfdata_reader__next(r, &rec, &e), 0);
	assert_non_null(perfdata_reader__build_id(r, file, &size));
	assert_false(perfdata_reader__stats(r)->unfinished);
	assert_string_equal(perfdata_reader__info(r)->meta[PERFDATA_META_BACKEND], "sigtrap");
	perfdata_reader__close(r);
}

static void one_file_after_another(void **state)
{
	static const uint8_t id[20] = { 1 };
	static const char *const names[] = { "a", "b", "c" };
	struct sample time = { .id = 7, .pid = 1, .tid = 1, .time = 1000 };
	struct perfdata_attr a = make_attr();
	struct perfdata_info info;
	struct perfdata_writer *w;
	char *path = temp_path(), first[64];
	uint8_t rec[256];
	struct err e;
	unsigned int i;
	int level;

	(void)state;
	fill_info(&info);
	snprintf(first, sizeof(first), "%s.1", path);
	for (level = 0; level < 2; level++) {
		assert_int_equal(perfdata_writer__open(path, &a, 1, &info, &w, &e), 0);
		assert_int_equal(level ? perfdata_writer__compress(w, level, &e) : 0, 0);
		assert_int_equal(perfdata_writer__build_id(w, "/usr/bin/true", id, sizeof(id), &e), 0);
		for (i = 0; i < 3; i++) {
			struct perfdata_comm c = { .pid = 1, .tid = 1, .comm = names[i] };

			if (i == 2)
				assert_int_equal(perfdata_writer__next_file(w, first, &info, &info, &e), 0);
			/* earlier than what the file before had: only this file's order counts */
			time.time = i == 2 ? 10 : 1000 + i;
			put(w, rec, perfdata_build__comm(rec, sizeof(rec), &a, &c, &time));
		}
		assert_int_equal(perfdata_writer__close(w, &info, &e), 0);
		check_names(first, names, 2);
		check_names(path, names + 2, 1);
		unlink(first);
	}
	/* a name that cannot be had: the error says it, and closing is all that is left */
	assert_int_equal(perfdata_writer__open(path, &a, 1, &info, &w, &e), 0);
	assert_int_equal(perfdata_writer__next_file(w, "/nonexistent/x", &info, &info, &e), -1);
	assert_non_null(strstr(e.msg, "/nonexistent/x"));
	assert_int_equal(perfdata_writer__close(w, &info, &e), -1);
	perfdata_info__free(&info);
	unlink(path);
}

static void compressed_round_trip(void **state)
{
	static const int levels[] = { 1, 3, 19 };
	struct perfdata_attr a = make_attr();
	struct perfdata_reader *r;
	char *path = temp_path();
	struct stat sb;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		write_file(path, &a, 3000, levels[i]);
		assert_int_equal(stat(path, &sb), 0);
		assert_true(sb.st_size < 3000 * 688 / 4);
		r = open_file(path);
		check_info(r);
		check_records(r, 3000);
		assert_true(perfdata_reader__stats(r)->decompressed > 3000 * 680);
		assert_false(perfdata_reader__stats(r)->truncated);
		perfdata_reader__close(r);
		unlink(path);
	}
	assert_int_equal(perfdata_writer__compress(NULL, 0, &e), -1);
	assert_int_equal(e.status, XREGS_USAGE);
	assert_int_equal(perfdata_writer__compress(NULL, 23, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(compressed_round_trip),
		cmocka_unit_test(one_file_after_another),
	};

	return cmocka_run_group_tests_name("perfdata writer", tests, NULL, NULL);
}
