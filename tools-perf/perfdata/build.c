/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole records, built. */
#include <string.h>

#include "perfdata/format.h"

enum {
	MISC_MMAP_DATA		= 1 << 13,
	MISC_COMM_EXEC		= 1 << 13,
	MISC_MMAP_BUILD_ID	= 1 << 14,
	HEADER_SIZE		= sizeof(struct perf_event_header),
};

static struct out record__begin(void *buf, size_t size)
{
	struct out o = out__of(buf, size < PERFDATA_RECORD_MAX ? size : PERFDATA_RECORD_MAX);

	out__zero(&o, HEADER_SIZE);
	return o;
}

static size_t record__end(struct out *o, uint32_t type, uint16_t misc)
{
	struct perf_event_header h = { .type = type, .misc = misc, .size = o->len };

	if (o->full)
		return 0;
	memcpy(o->buf, &h, sizeof(h));
	return o->len;
}

/* Strings are NUL-terminated and padded to 8. */
static void record__string(struct out *o, const char *s)
{
	out__bytes(o, s, strlen(s) + 1);
	out__align(o, 8);
}

size_t perfdata_build__sample(void *buf, size_t size,
			      const struct perfdata_attr *attr,
			      const struct sample *s)
{
	struct out o = record__begin(buf, size);

	sample__encode(&o, attr, s);
	return record__end(&o, PERF_RECORD_SAMPLE,
			   s->cpumode | (s->exact_ip ? PERF_RECORD_MISC_EXACT_IP : 0));
}

static void mmap2__put_file(struct out *o, const struct perfdata_mmap *m)
{
	if (m->build_id_size) {
		out__bytes(o, (uint8_t[]){ m->build_id_size, 0, 0, 0 }, 4);
		out__bytes(o, m->build_id, sizeof(m->build_id));
		return;
	}
	out__u32(o, m->maj);
	out__u32(o, m->min);
	out__u64(o, m->ino);
	out__u64(o, m->ino_generation);
}

size_t perfdata_build__mmap2(void *buf, size_t size,
			     const struct perfdata_attr *attr,
			     const struct perfdata_mmap *m, uint8_t cpumode,
			     const struct sample *id)
{
	struct out o = record__begin(buf, size);

	out__u32(&o, m->pid);
	out__u32(&o, m->tid);
	out__u64(&o, m->addr);
	out__u64(&o, m->len);
	out__u64(&o, m->pgoff);
	mmap2__put_file(&o, m);
	out__u32(&o, m->prot);
	out__u32(&o, m->flags);
	record__string(&o, m->filename);
	sample__encode_id(&o, attr, id);
	return record__end(&o, PERF_RECORD_MMAP2,
			   cpumode | (m->exec ? 0 : MISC_MMAP_DATA) |
			   (m->build_id_size ? MISC_MMAP_BUILD_ID : 0));
}

size_t perfdata_build__comm(void *buf, size_t size,
			    const struct perfdata_attr *attr,
			    const struct perfdata_comm *c,
			    const struct sample *id)
{
	struct out o = record__begin(buf, size);

	out__u32(&o, c->pid);
	out__u32(&o, c->tid);
	record__string(&o, c->comm);
	sample__encode_id(&o, attr, id);
	return record__end(&o, PERF_RECORD_COMM,
			   PERF_RECORD_MISC_USER | (c->exec ? MISC_COMM_EXEC : 0));
}

size_t perfdata_build__task(void *buf, size_t size,
			    const struct perfdata_attr *attr, uint32_t type,
			    const struct perfdata_task *t,
			    const struct sample *id)
{
	struct out o = record__begin(buf, size);

	out__u32(&o, t->pid);
	out__u32(&o, t->ppid);
	out__u32(&o, t->tid);
	out__u32(&o, t->ptid);
	out__u64(&o, id->time);
	sample__encode_id(&o, attr, id);
	return record__end(&o, type, PERF_RECORD_MISC_USER);
}

size_t perfdata_build__lost(void *buf, size_t size,
			    const struct perfdata_attr *attr,
			    const struct perfdata_lost *l,
			    const struct sample *id)
{
	struct out o = record__begin(buf, size);

	out__u64(&o, id->id);
	out__u64(&o, l->lost);
	sample__encode_id(&o, attr, id);
	return record__end(&o, PERF_RECORD_LOST, PERF_RECORD_MISC_USER);
}
