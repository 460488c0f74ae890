/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own records of maps, names, forks and exits: dummy events on
 * every CPU, inherited by what the target starts, enabled by its exec or, where
 * it runs already, at once. Their
 * sample_type has the id fields of the file's one event, so that the records
 * go into the file as they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "capture/khits.h"

enum {
	RING_PAGES	= 32,		/* 128 KiB; perf_event_mlock_kb allows 512 */
	ID_FIELDS	= PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
	TRAILER_SIZE	= 24,		/* u32 pid, tid; u64 time; u32 cpu, res */
	RECORD_MAX	= 65536,
};

struct cpu_ring {
	int fd, cpu;			/* fd: the event whose ring it is */
	struct perf_ring ring;
};

struct sideband {
	bool data;			/* of data as well, where perf looks for an unwind table */
	bool several;			/* events in the file: records end with an id */
	int *fd;			/* all events */
	size_t nr_fds;
	unsigned int nr;
	struct cpu_ring cpu[];
};

static void sideband__attr(const struct sideband *b, struct perf_event_attr *a, bool on_exec)
{
	*a = (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE,
		.size = PERFDATA_ATTR_VER7,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = ID_FIELDS | (b->several ? PERF_SAMPLE_IDENTIFIER : 0),
		.sample_period = 1,
		.disabled = on_exec, .enable_on_exec = on_exec, .inherit = 1,
		.exclude_kernel = 1, .exclude_hv = 1,
		.mmap = 1, .mmap2 = 1, .mmap_data = b->data, .build_id = 1,
		.comm = 1, .comm_exec = 1, .task = 1,
		.sample_id_all = 1,
		.use_clockid = 1, .clockid = CLOCK_MONOTONIC,
	};
}

static int sideband__keep(struct sideband *b, int fd)
{
	int *list = realloc(b->fd, (b->nr_fds + 1) * sizeof(*list));

	if (!list) {
		close(fd);
		return -ENOMEM;
	}
	b->fd = list;
	list[b->nr_fds++] = fd;
	return fd;
}

static int sideband__event(struct sideband *b, pid_t tid, int cpu, bool on_exec)
{
	struct perf_event_attr a;
	int fd;

	sideband__attr(b, &a, on_exec);
	fd = event__open(&a, tid, cpu);
	if (fd == -EINVAL) {		/* before Linux 5.12 */
		a.build_id = 0;
		fd = event__open(&a, tid, cpu);
	}
	return fd < 0 ? fd : sideband__keep(b, fd);
}

/* The events of a CPU share its ring, which the first one brings. */
static int cpu__open(struct sideband *b, struct cpu_ring *r, pid_t tid, bool on_exec)
{
	int fd = sideband__event(b, tid, r->cpu, on_exec);

	if (fd < 0)
		return fd;
	if (r->ring.page)
		return ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, r->fd) ? -errno : 0;
	r->fd = fd;
	return perf_ring__map(&r->ring, fd, RING_PAGES);
}

static int sideband__thread(struct sideband *b, pid_t tid, bool on_exec)
{
	unsigned int i = 0;
	int ret;

	while (i < b->nr) {
		ret = cpu__open(b, &b->cpu[i], tid, on_exec);
		if (ret == -ENODEV && !b->cpu[i].ring.page)
			b->cpu[i] = b->cpu[--b->nr];	/* this CPU is offline */
		else if (ret && ret != -ENODEV)
			return ret;
		else
			i++;
	}
	return 0;
}

struct sideband *sideband__new(const struct session *s)
{
	long cpu, nr = sysconf(_SC_NPROCESSORS_CONF);
	struct sideband *b = calloc(1, sizeof(*b) + nr * sizeof(b->cpu[0]));

	if (!b)
		return NULL;
	b->data = s->stack_size;
	b->several = s->nr_attrs > 1;
	for (cpu = 0; cpu < nr; cpu++)
		b->cpu[cpu].cpu = cpu;
	b->nr = nr;
	return b;
}

int sideband__follow(struct sideband *b, pid_t tid)
{
	int ret = sideband__thread(b, tid, false);

	return ret == -ESRCH ? 0 : ret;
}

int sideband__open(struct session *s, pid_t pid)
{
	struct sideband *b = sideband__new(s);
	int ret = b ? sideband__thread(b, pid, true) : -ENOMEM;

	if (ret)
		sideband__free(b);
	else
		s->sideband = b;
	return ret;
}

void sideband__free(struct sideband *b)
{
	size_t i;

	for (i = 0; b && i < b->nr; i++)
		perf_ring__unmap(&b->cpu[i].ring);
	for (i = 0; b && i < b->nr_fds; i++)
		close(b->fd[i]);
	if (b)
		free(b->fd);
	free(b);
}

void sideband__close(struct session *s)
{
	sideband__free(s->sideband);
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

/* pid, tid, addr, len, pgoff; 24 bytes of inode or build-id; prot, flags; name */
static void sideband__mapped(const uint8_t *body, size_t size)
{
	enum { PROT = 56, NAME = 64 };

	if (size > NAME && memchr(body + NAME, '\0', size - NAME) && get32(body + PROT) & PROT_EXEC)
		foreign__keep(get32(body), (const char *)body + NAME);
}

/* What the session itself wants to know of a record. */
static void sideband__note(struct session *s, const struct perf_event_header *h,
			   const uint8_t *body, size_t size, uint64_t time)
{
	switch (h->type) {
	case PERF_RECORD_MMAP2:
		sideband__mapped(body, size);
		break;
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

static size_t trailer__size(const struct session *s)
{
	return TRAILER_SIZE + (s->nr_attrs > 1 ? sizeof(uint64_t) : 0);
}

/* With several events the record ends with an id. 0 is the first event's [perf_evlist__event2evsel()]. */
static int sideband__add(struct session *s, uint64_t time, const uint8_t *rec, size_t size, struct err *e)
{
	static uint8_t copy[RECORD_MAX];

	if (s->nr_attrs == 1 || size > sizeof(copy))
		return timeline__add(&s->timeline, time, rec, size, e);
	memcpy(copy, rec, size);
	memset(copy + size - sizeof(uint64_t), 0, sizeof(uint64_t));
	return timeline__add(&s->timeline, time, copy, size, e);
}

static int sideband__record(void *ctx, const uint8_t *rec, size_t size, struct err *e)
{
	struct perf_event_header h;
	struct session *s = ctx;
	uint64_t time;

	memcpy(&h, rec, sizeof(h));
	if (h.type == PERF_RECORD_SAMPLE)
		return khits__told(s, &h, rec + sizeof(h), size - sizeof(h), e);
	if (h.type == PERF_RECORD_THROTTLE || h.type == PERF_RECORD_UNTHROTTLE) {
		if (size >= sizeof(h) + sizeof(time))
			khits__throttled(s, get64(rec + sizeof(h)));
		return 0;
	}
	if (size < sizeof(h) + trailer__size(s))
		return 0;
	time = get64(rec + size - trailer__size(s) + 8);
	sideband__note(s, &h, rec + sizeof(h), size - sizeof(h), time);
	return sideband__add(s, time, rec, size, e);
}

int sideband__drain(struct session *s, struct err *e)
{
	unsigned int i;

	for (i = 0; s->sideband && i < s->sideband->nr; i++)
		if (perf_ring__drain(&s->sideband->cpu[i].ring, sideband__record, s, e))
			return -1;
	return 0;
}

unsigned int sideband__cpus(const struct session *s)
{
	return s->sideband ? s->sideband->nr : 0;
}

int sideband__ring(const struct session *s, unsigned int i, int *cpu)
{
	*cpu = s->sideband->cpu[i].cpu;
	return s->sideband->cpu[i].fd;
}
