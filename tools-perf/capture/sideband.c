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
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "capture/capture.h"

enum {
	RING_PAGES	= 32,		/* 128 KiB; perf_event_mlock_kb allows 512 */
	PAGE		= 4096,
	RECORD_MAX	= 65536,
	ID_FIELDS	= PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
	TRAILER_SIZE	= 24,		/* u32 pid, tid; u64 time; u32 cpu, res */
};

struct cpu_ring {
	int fd;
	struct perf_event_mmap_page *page;
};

struct sideband {
	unsigned int nr;
	struct cpu_ring ring[];
};

static void sideband__attr(struct perf_event_attr *a)
{
	*a = (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE,
		.size = PERFDATA_ATTR_VER7,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = ID_FIELDS,
		.sample_period = 1,
		.disabled = 1, .enable_on_exec = 1, .inherit = 1,
		.exclude_kernel = 1, .exclude_hv = 1,
		.mmap = 1, .mmap2 = 1, .build_id = 1,
		.comm = 1, .comm_exec = 1, .task = 1,
		.sample_id_all = 1,
		.use_clockid = 1, .clockid = CLOCK_MONOTONIC,
	};
}

static int ring__open(struct cpu_ring *r, pid_t pid, int cpu)
{
	struct perf_event_attr a;

	sideband__attr(&a);
	r->fd = event__open(&a, pid, cpu);
	if (r->fd == -EINVAL) {		/* before Linux 5.12 */
		a.build_id = 0;
		r->fd = event__open(&a, pid, cpu);
	}
	if (r->fd < 0)
		return r->fd;
	r->page = mmap(NULL, (RING_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED, r->fd, 0);
	if (r->page != MAP_FAILED)
		return 0;
	r->page = NULL;
	return -errno;
}

int sideband__open(struct session *s, pid_t pid)
{
	long cpu, nr = sysconf(_SC_NPROCESSORS_CONF);
	struct sideband *b = calloc(1, sizeof(*b) + nr * sizeof(b->ring[0]));
	int ret;

	if (!b)
		return -ENOMEM;
	s->sideband = b;
	for (cpu = 0; cpu < nr; cpu++) {
		ret = ring__open(&b->ring[b->nr], pid, cpu);
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
		if (b->ring[i].page)
			munmap(b->ring[i].page, (RING_PAGES + 1) * PAGE);
		if (b->ring[i].fd >= 0)
			close(b->ring[i].fd);
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

static int sideband__record(struct session *s, const uint8_t *rec, struct err *e)
{
	struct perf_event_header h;
	uint64_t time;

	memcpy(&h, rec, sizeof(h));
	if (h.size < sizeof(h) + TRAILER_SIZE)
		return 0;
	time = get64(rec + h.size - TRAILER_SIZE + 8);
	sideband__note(s, &h, rec + sizeof(h), time);
	return timeline__add(&s->timeline, time, rec, h.size, e);
}

static void ring__copy(const uint8_t *data, uint64_t at, uint8_t *to, size_t size)
{
	size_t mask = RING_PAGES * PAGE - 1, first = RING_PAGES * PAGE - (at & mask);

	if (first > size)
		first = size;
	memcpy(to, data + (at & mask), first);
	memcpy(to + first, data, size - first);
}

static int ring__drain(struct session *s, struct cpu_ring *r, struct err *e)
{
	static uint8_t rec[RECORD_MAX];
	const uint8_t *data = (const uint8_t *)r->page + PAGE;
	uint64_t head = __atomic_load_n(&r->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = r->page->data_tail;
	struct perf_event_header h;
	int ret = 0;

	while (tail < head && !ret) {
		ring__copy(data, tail, (uint8_t *)&h, sizeof(h));
		if (h.size < sizeof(h))
			return err__set(e, "cannot read the kernel's side-band events: a record of %u bytes", h.size);
		ring__copy(data, tail, rec, h.size);
		ret = sideband__record(s, rec, e);
		tail += h.size;
	}
	__atomic_store_n(&r->page->data_tail, tail, __ATOMIC_RELEASE);
	return ret;
}

int sideband__drain(struct session *s, struct err *e)
{
	unsigned int i;

	for (i = 0; s->sideband && i < s->sideband->nr; i++)
		if (ring__drain(s, &s->sideband->ring[i], e))
			return -1;
	return 0;
}
