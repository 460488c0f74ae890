/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own records of maps, names, forks and exits: dummy events on
 * every CPU, inherited by what the target starts, enabled by its exec. Their
 * sample_type has the id fields of the file's one event, so that the records
 * go into the file as they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/capture.h"

enum {
	RING_PAGES	= 32,		/* 128 KiB; perf_event_mlock_kb allows 512 */
	ID_FIELDS	= PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
	TRAILER_SIZE	= 24,		/* u32 pid, tid; u64 time; u32 cpu, res */
};

struct cpu_ring {
	int fd;
	struct perf_ring ring;
};

struct sideband {
	unsigned int nr;
	struct cpu_ring cpu[];
};

/* @data: of data as well, where perf looks for an unwind table */
static void sideband__attr(struct perf_event_attr *a, bool data)
{
	*a = (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE,
		.size = PERFDATA_ATTR_VER7,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = ID_FIELDS,
		.sample_period = 1,
		.disabled = 1, .enable_on_exec = 1, .inherit = 1,
		.exclude_kernel = 1, .exclude_hv = 1,
		.mmap = 1, .mmap2 = 1, .mmap_data = data, .build_id = 1,
		.comm = 1, .comm_exec = 1, .task = 1,
		.sample_id_all = 1,
		.use_clockid = 1, .clockid = CLOCK_MONOTONIC,
	};
}

static int cpu__open(struct cpu_ring *r, pid_t pid, int cpu, bool data)
{
	struct perf_event_attr a;

	sideband__attr(&a, data);
	r->fd = event__open(&a, pid, cpu);
	if (r->fd == -EINVAL) {		/* before Linux 5.12 */
		a.build_id = 0;
		r->fd = event__open(&a, pid, cpu);
	}
	return r->fd < 0 ? r->fd : perf_ring__map(&r->ring, r->fd, RING_PAGES);
}

int sideband__open(struct session *s, pid_t pid)
{
	long cpu, nr = sysconf(_SC_NPROCESSORS_CONF);
	struct sideband *b = calloc(1, sizeof(*b) + nr * sizeof(b->cpu[0]));
	int ret;

	if (!b)
		return -ENOMEM;
	s->sideband = b;
	for (cpu = 0; cpu < nr; cpu++) {
		ret = cpu__open(&b->cpu[b->nr], pid, cpu, s->stack_size);
		if (ret == -ENODEV)	/* this CPU is offline */
			continue;
		b->nr++;
		if (ret) {
			sideband__close(s);
			return ret;
		}
	}
	return 0;
}

void sideband__close(struct session *s)
{
	struct sideband *b = s->sideband;
	unsigned int i;

	for (i = 0; b && i < b->nr; i++) {
		perf_ring__unmap(&b->cpu[i].ring);
		if (b->cpu[i].fd >= 0)
			close(b->cpu[i].fd);
	}
	free(b);
	s->sideband = NULL;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* What the session itself wants to know of a record. */
static void sideband__note(struct session *s, const struct perf_event_header *h,
			   const uint8_t *body, uint64_t time)
{
	switch (h->type) {
	case PERF_RECORD_FORK:		/* pid, ppid, tid, ptid */
		if (get32(body) != get32(body + 4))
			tasks__process(s->tasks, get32(body), time);
		break;
	case PERF_RECORD_EXIT:
		if (get32(body) == get32(body + 8))
			tasks__exit(s->tasks, get32(body), time);
		break;
	case PERF_RECORD_COMM:
		if (h->misc & PERF_RECORD_MISC_COMM_EXEC)
			tasks__exec(s->tasks, get32(body), time);
		break;
	case PERF_RECORD_LOST:		/* id, lost */
		s->counts.lost_records += get64(body + 8);
		break;
	default:
		break;
	}
}

static int sideband__record(void *ctx, const uint8_t *rec, size_t size, struct err *e)
{
	struct perf_event_header h;
	struct session *s = ctx;
	uint64_t time;

	memcpy(&h, rec, sizeof(h));
	if (size < sizeof(h) + TRAILER_SIZE)
		return 0;
	time = get64(rec + size - TRAILER_SIZE + 8);
	sideband__note(s, &h, rec + sizeof(h), time);
	return timeline__add(&s->timeline, time, rec, size, e);
}

int sideband__drain(struct session *s, struct err *e)
{
	unsigned int i;

	for (i = 0; s->sideband && i < s->sideband->nr; i++)
		if (perf_ring__drain(&s->sideband->cpu[i].ring, sideband__record, s, e))
			return -1;
	return 0;
}
