/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's records other than samples [include/uapi/linux/perf_event.h]. */
#include <string.h>

#include "perfdata/format.h"

enum {
	MISC_MMAP_DATA		= 1 << 13,
	MISC_COMM_EXEC		= 1 << 13,
	MISC_MMAP_BUILD_ID	= 1 << 14,
	RECORD_LOST_SAMPLES	= 13,
};

static void mmap__get_head(struct span *d, struct perfdata_mmap *m)
{
	m->pid = span__u32(d);
	m->tid = span__u32(d);
	m->addr = span__u64(d);
	m->len = span__u64(d);
	m->pgoff = span__u64(d);
}

static bool mmap__get(struct span *d, struct perfdata_record *rec)
{
	struct perfdata_mmap *m = &rec->mmap;

	mmap__get_head(d, m);
	m->exec = !(rec->misc & MISC_MMAP_DATA);
	m->filename = span__string(d);
	return !d->bad;
}

static void mmap2__get_build_id(struct span *d, struct perfdata_mmap *m)
{
	const uint8_t *p = span__take(d, 24);

	if (!p)
		return;
	m->build_id_size = p[0];
	memcpy(m->build_id, p + 4, PERFDATA_BUILD_ID_MAX);
	if (m->build_id_size > PERFDATA_BUILD_ID_MAX)
		d->bad = true;
}

static void mmap2__get_inode(struct span *d, struct perfdata_mmap *m)
{
	m->maj = span__u32(d);
	m->min = span__u32(d);
	m->ino = span__u64(d);
	m->ino_generation = span__u64(d);
}

static bool mmap2__get(struct span *d, struct perfdata_record *rec)
{
	struct perfdata_mmap *m = &rec->mmap;

	mmap__get_head(d, m);
	if (rec->misc & MISC_MMAP_BUILD_ID)
		mmap2__get_build_id(d, m);
	else
		mmap2__get_inode(d, m);
	m->prot = span__u32(d);
	m->flags = span__u32(d);
	m->exec = !(rec->misc & MISC_MMAP_DATA);
	m->filename = span__string(d);
	return !d->bad;
}

static bool comm__get(struct span *d, struct perfdata_record *rec)
{
	rec->comm.pid = span__u32(d);
	rec->comm.tid = span__u32(d);
	rec->comm.exec = rec->misc & MISC_COMM_EXEC;
	rec->comm.comm = span__string(d);
	return !d->bad;
}

static bool task__get(struct span *d, struct perfdata_record *rec)
{
	uint64_t time;

	rec->task.pid = span__u32(d);
	rec->task.ppid = span__u32(d);
	rec->task.tid = span__u32(d);
	rec->task.ptid = span__u32(d);
	time = span__u64(d);
	if (!rec->time)
		rec->time = time;
	return !d->bad;
}

static bool lost__get(struct span *d, struct perfdata_record *rec)
{
	span__u64(d);		/* id of the event */
	rec->lost.lost = span__u64(d);
	return !d->bad;
}

static bool lost_samples__get(struct span *d, struct perfdata_record *rec)
{
	rec->lost.lost = span__u64(d);
	return !d->bad;
}

static bool throttle__get(struct span *d, struct perfdata_record *rec)
{
	(void)rec;
	span__take(d, 24);
	return !d->bad;
}

static const struct record_kind {
	enum perfdata_kind kind;
	bool (*get)(struct span *d, struct perfdata_record *rec);
} record_kinds[] = {
	[PERF_RECORD_MMAP]	= { PERFDATA_MMAP, mmap__get },
	[PERF_RECORD_LOST]	= { PERFDATA_LOST, lost__get },
	[PERF_RECORD_COMM]	= { PERFDATA_COMM, comm__get },
	[PERF_RECORD_EXIT]	= { PERFDATA_EXIT, task__get },
	[PERF_RECORD_THROTTLE]	= { PERFDATA_THROTTLE, throttle__get },
	[PERF_RECORD_FORK]	= { PERFDATA_FORK, task__get },
	[PERF_RECORD_MMAP2]	= { PERFDATA_MMAP, mmap2__get },
	[RECORD_LOST_SAMPLES]	= { PERFDATA_LOST, lost_samples__get },
};

static const struct record_kind *record_kind__find(uint32_t type)
{
	if (type >= sizeof(record_kinds) / sizeof(record_kinds[0]) || !record_kinds[type].get)
		return NULL;
	return &record_kinds[type];
}

static bool sample_record__decode(struct perfdata_record *rec,
				  const struct perfdata_attr *a,
				  const void *body, size_t size)
{
	rec->kind = PERFDATA_SAMPLE;
	if (!sample__decode(&rec->sample, a, body, size))
		return false;
	rec->time = rec->sample.time;
	rec->sample.cpumode = rec->cpumode;
	rec->sample.exact_ip = rec->misc & PERF_RECORD_MISC_EXACT_IP;
	return true;
}

bool perfdata_record__decode(struct perfdata_record *rec,
			     const struct perfdata_attr *a, const void *body,
			     size_t size)
{
	const struct record_kind *k = record_kind__find(rec->type);
	struct sample id;
	struct span d;

	rec->cpumode = rec->misc & PERF_RECORD_MISC_CPUMODE_MASK;
	rec->time = 0;
	if (rec->type == PERF_RECORD_SAMPLE)
		return sample_record__decode(rec, a, body, size);
	if (rec->type >= PERFDATA_USER_TYPE_START) {
		rec->kind = PERFDATA_TOOL;	/* no sample_id, so no time */
		return true;
	}
	rec->kind = k ? k->kind : PERFDATA_OTHER;
	if (!sample__decode_id(&id, a, body, size))
		return false;
	rec->time = id.time;
	if (!k)
		return true;
	memset(&rec->sample, 0, sizeof(rec->sample));
	d = span__of(body, size - sample__id_size(a));
	return k->get(&d, rec);
}
