// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole file. Whatever the bytes are, reading ends, touches nothing outside
 * of a record, hands on no more than the bytes can hold, counts what comes out
 * of order, and a sample that is taken survives being encoded again.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/mman.h>
#include <unistd.h>

#include "perfdata/format.h"
#include "replay.h"

static void touch_group(bool has, const struct xstate_simd *r)
{
	if (!has || !r->abi)
		return;
	touch(r->gprs, 8 * __builtin_popcountll(r->mask));
	touch(r->vectors, 8 * r->nr_vectors * r->vector_qwords);
	touch(r->preds, 8 * r->nr_pred * r->pred_qwords);
}

static void touch_sample(const struct sample *s)
{
	touch(s->callchain, s->nr_callchain * 8);
	touch(s->raw, s->raw_size);
	touch(s->read, s->nr_read * 8);
	touch(s->branches, s->nr_branches * 24);
	touch(s->branch_counters, s->branch_counters ? s->nr_branches * 8 : 0);
	touch(s->user_stack, s->user_stack_alloc);
	CHECK(s->user_stack_size <= s->user_stack_alloc);
	touch(s->aux, s->aux_size);
	touch(s->xstate, s->xstate_size);
	touch_group(s->has_regs_user, &s->regs_user);
	touch_group(s->has_regs_intr, &s->regs_intr);
}

static void check_again(const struct sample *s)
{
	static uint8_t buf[2 * PERFDATA_RECORD_MAX];
	struct out o = out__of(buf, sizeof(buf));
	struct sample again;

	sample__encode(&o, s->attr, s);
	CHECK(!o.full);
	CHECK(sample__decode(&again, s->attr, buf, o.len));
	CHECK(again.ip == s->ip && again.time == s->time && again.id == s->id);
	CHECK(again.nr_callchain == s->nr_callchain && again.raw_size >= s->raw_size);
	CHECK(again.xstate_size == s->xstate_size && again.aux_size == s->aux_size);
	CHECK(!s->raw_size || !memcmp(again.raw, s->raw, s->raw_size));
}

static void check_sample(const struct sample *s, const struct perfdata_info *info)
{
	struct xstate_regs user, intr;
	struct xstate_value v;
	unsigned int i;

	touch_sample(s);
	check_again(s);
	if (sample__regs(s, info->has_layout ? &info->layout : NULL, &user, &intr)) {
		CHECK(!user.captured && user.mxcsr_state == XSTATE_UNKNOWN);
		return;
	}
	for (i = 0; i < 32; i++) {
		if (xstate_regs__get(&user, (struct xstate_reg){ XSTATE_CLASS_ZMM, i }, &v) >= 0)
			touch(v.bytes, v.known);
		if (xstate_regs__get(&intr, (struct xstate_reg){ XSTATE_CLASS_TMM, i % 8 }, &v) >= 0)
			touch(v.bytes, v.known);
	}
}

static void check_record(const struct perfdata_record *rec, const struct perfdata_info *info)
{
	if (rec->kind == PERFDATA_SAMPLE)
		check_sample(&rec->sample, info);
	if (rec->kind == PERFDATA_MMAP) {
		touch(rec->mmap.filename, strlen(rec->mmap.filename) + 1);
		CHECK(rec->mmap.build_id_size <= sizeof(rec->mmap.build_id));
	}
	if (rec->kind == PERFDATA_COMM)
		touch(rec->comm.comm, strlen(rec->comm.comm) + 1);
}

static void check_sections(struct perfdata_reader *r)
{
	struct perfdata_section s;
	struct err e;
	size_t i;

	for (i = 0; perfdata_reader__section(r, i, &s, &e) > 0; i++) {
		CHECK(s.nr < PERFDATA_FEAT_BITS);
		if (s.stays)
			touch(s.data, s.size);
	}
}

/* What was said of the next sample holds, unless damaged ones came between. */
static int next_record(struct perfdata_reader *r, struct perfdata_record *rec)
{
	uint64_t bad = perfdata_reader__stats(r)->bad_records;
	struct upcoming u;
	bool known = perfdata_reader__upcoming(r, &u);
	struct err e;
	int ret = perfdata_reader__next(r, rec, &e);

	if (known && ret > 0 && perfdata_reader__stats(r)->bad_records == bad)
		CHECK(rec->kind == PERFDATA_SAMPLE && rec->sample.ip == u.ip && rec->sample.pid == u.pid &&
		      rec->cpumode == u.cpumode);
	return ret;
}

static void read_all(struct perfdata_reader *r, size_t size)
{
	const struct perfdata_stats *st = perfdata_reader__stats(r);
	uint64_t records = 0, last = 0, unordered = 0;
	struct perfdata_record rec;

	check_sections(r);
	while (next_record(r, &rec) > 0) {
		records++;
		CHECK(rec.offset < size);
		if (rec.time && rec.time != UINT64_MAX) {
			unordered += rec.time < last;
			last = rec.time;
		}
		check_record(&rec, perfdata_reader__info(r));
	}
	CHECK(st->records == records && st->unordered == unordered);
	CHECK(records + st->bad_records <= (size + st->decompressed) / 8 + 1);
	CHECK(!st->bad_records || st->first_bad_offset < size);
	CHECK(!st->truncated || st->truncated_offset <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct perfdata_reader *r;
	char path[64];
	struct err e;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!perfdata_reader__open(path, &r, &e)) {
		read_all(r, size);
		perfdata_reader__close(r);
	} else {
		CHECK(strstr(e.msg, path) || strstr(e.msg, "out of memory"));
	}
	close(fd);
	return 0;
}
