/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hits of tracepoints, for backend sigtrap. The kernel writes a
 * record of each one (when, where, its fields); the signal comes
 * when the thread returns to user mode, with its registers. Kernel code leaves
 * a thread's user registers alone [kernel/fpu/core.c: kernel_fpu_begin() saves
 * them first], so those at the return are those at the hit: all but RAX, RCX
 * and R11 of a system call, and what sigreturn or exec replace on purpose.
 *
 * An event has one signal pending at most [kernel/events/core.c:
 * __perf_event_overflow()], so a signal belongs to all hits of its event and
 * thread since the signal before: they happened on one way through the kernel.
 * Where a signal gave no record, struct xr_sample says since when that holds.
 * A hit without a signal goes into the file without registers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "capture/khits.h"
#include "perfdata/ids.h"

enum { PATIENCE_NS = 1000000000 };	/* a thread may sleep in the kernel */

static const uint64_t TOLD_TYPE = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
				  PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_RAW;

/* What the kernel told, or a signal: @regs is a copy of its struct xr_sample. */
struct hit {
	uint64_t time;
	uint32_t tid, event;
	struct sample told;
	uint64_t until;			/* a later signal is not its own */
	uint8_t *raw;
	struct xr_sample *regs;		/* NULL: told by the kernel */
};

struct khits {
	struct ids ids;
	struct perfdata_attr *attrs;	/* of what the kernel tells, one an event */
	int *fd;
	size_t nr_fds;
	struct hit *hit;
	size_t nr, room;
};

/* ---- events -------------------------------------------------------------------------- */

static void told__attr(const struct session *s, unsigned int i, struct perf_event_attr *a)
{
	const struct event *ev = &s->events.ev[i];

	*a = (struct perf_event_attr){
		.size = PERFDATA_ATTR_VER7,
		.sample_type = TOLD_TYPE,
		.sample_period = 1,
		.disabled = 1, .enable_on_exec = 1, .inherit = 1,
		.use_clockid = 1, .clockid = CLOCK_MONOTONIC,
	};
	event__fill(ev, a);
	a->exclude_kernel = !event__in_kernel(ev);
	a->exclude_user = a->exclude_guest = 0;
}

static int told__open(struct session *s, unsigned int i, pid_t pid, int cpu, int ring_fd, struct err *e)
{
	struct khits *h = s->khits;
	uint64_t id;
	int fd = event__open(&h->attrs[i].attr, pid, cpu);

	if (fd < 0)
		return event__refused(&s->events.ev[i], fd, e);
	h->fd[h->nr_fds++] = fd;
	if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring_fd) || ioctl(fd, PERF_EVENT_IOC_ID, &id))
		return err__set(e, "cannot record event '%s': its ring buffer: %s", s->events.ev[i].name, strerror(errno));
	return ids__add(&h->ids, id, i) ? err__set(e, "out of memory") : 0;
}

static int khits__alloc(struct session *s, unsigned int cpus, struct err *e)
{
	struct khits *h = calloc(1, sizeof(*h));

	s->khits = h;
	if (!h)
		return err__set(e, "out of memory");
	h->attrs = calloc(s->nr_attrs, sizeof(*h->attrs));
	h->fd = calloc((size_t)s->nr_attrs * cpus, sizeof(*h->fd));
	return h->attrs && h->fd ? 0 : err__set(e, "out of memory");
}

int khits__open(struct session *s, pid_t pid, struct err *e)
{
	unsigned int i, c, cpus = sideband__cpus(s);
	int cpu, ring_fd;

	for (i = 0; i < s->nr_attrs && !session__is_told(s, i); i++)
		;
	if (i == s->nr_attrs)
		return 0;
	if (!cpus)
		return err__set(e, "cannot record event '%s': the kernel gives no ring buffer for it (kernel.perf_event_mlock_kb, ulimit -l, kernel.perf_event_paranoid)",
				s->events.ev[i].name);
	if (khits__alloc(s, cpus, e))
		return -1;
	for (i = 0; i < s->nr_attrs; i++) {
		if (!session__is_told(s, i))
			continue;
		told__attr(s, i, &s->khits->attrs[i].attr);
		for (c = 0; c < cpus; c++) {
			ring_fd = sideband__ring(s, c, &cpu);
			if (told__open(s, i, pid, cpu, ring_fd, e))
				return -1;
		}
	}
	return 0;
}

void khits__close(struct session *s)
{
	struct khits *h = s->khits;
	size_t i;

	if (!h)
		return;
	for (i = 0; i < h->nr_fds; i++)
		close(h->fd[i]);
	for (i = 0; i < h->nr; i++) {
		free(h->hit[i].raw);
		free(h->hit[i].regs);
	}
	ids__free(&h->ids);
	free(h->hit);
	free(h->attrs);
	free(h->fd);
	free(h);
	s->khits = NULL;
}

/* ---- what comes in -------------------------------------------------------------------- */

static struct hit *khits__add(struct khits *h, struct err *e)
{
	size_t room = h->room ? h->room * 2 : 64;
	struct hit *bigger;

	if (h->nr == h->room) {
		bigger = realloc(h->hit, room * sizeof(*bigger));
		if (!bigger) {
			err__set(e, "out of memory after %zu hits", h->nr);
			return NULL;
		}
		h->hit = bigger;
		h->room = room;
	}
	h->hit[h->nr] = (struct hit){ .until = UINT64_MAX };
	return &h->hit[h->nr++];
}

static void *bytes__copy(const void *from, size_t size)
{
	void *to = malloc(size ? size : 1);

	if (to && size)
		memcpy(to, from, size);
	return to;
}

int khits__told(struct session *s, const struct perf_event_header *hdr, const uint8_t *body, size_t size,
	       struct err *e)
{
	struct khits *h = s->khits;
	struct sample told;
	struct hit *hit;
	uint32_t i;
	uint64_t id;

	if (!h || size < sizeof(id))
		return 0;
	memcpy(&id, body, sizeof(id));
	if (!ids__find(&h->ids, id, &i) || !sample__decode(&told, &h->attrs[i], body, size)) {
		s->counts.errors++;
		return 0;
	}
	hit = khits__add(h, e);
	if (!hit)
		return -1;
	hit->time = told.time;
	hit->tid = told.tid;
	hit->event = i;
	hit->told = told;
	hit->told.cpumode = hdr->misc & PERF_RECORD_MISC_CPUMODE_MASK;
	hit->raw = bytes__copy(told.raw, told.raw_size);
	return hit->raw ? 0 : err__set(e, "out of memory");
}

/*
 * The kernel paused an event that hits too often: what signals say from here on
 * is not of the hits before.
 */
void khits__throttled(struct session *s, uint64_t time)
{
	size_t i;

	s->counts.throttled++;
	for (i = 0; s->khits && i < s->khits->nr; i++)
		if (s->khits->hit[i].time <= time && s->khits->hit[i].until > time)
			s->khits->hit[i].until = time;
}

int khits__registers(struct session *s, const struct xr_sample *x, struct err *e)
{
	struct hit *hit = khits__add(s->khits, e);

	if (!hit)
		return -1;
	hit->time = x->time;
	hit->tid = x->tid;
	hit->event = x->event;
	hit->regs = bytes__copy(x, x->rec.size);
	return hit->regs ? 0 : err__set(e, "out of memory");
}

/* ---- what goes out ---------------------------------------------------------------------- */

/* By event and thread, then in time. */
static int hit__compare(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->time < y->time ? -1 : x->time > y->time;
}

/* Register state "unknown": RAW's header and a block's, with nothing in them. */
static size_t raw__nothing(const struct session *s, uint8_t *raw, size_t room)
{
	const struct xstate_block head = {
		.requested = s->xfeatures, .context = XSTATE_CTX_NONE, .flags = XSTATE_BLOCK_NO_XINUSE,
	};
	const struct xstate_build none = { .layout = &s->info.layout };
	size_t size = 0;

	if (xstate_raw__write_header(raw, room, 1) ||
	    xstate_build__block(&none, &head, raw + XSTATE_RAW_HEADER_SIZE, room - XSTATE_RAW_HEADER_SIZE, &size))
		return 0;
	return XSTATE_RAW_HEADER_SIZE + size;
}

/* What a signal brought, or nothing. */
static void hit__registers(const struct session *s, const struct xr_sample *x, struct sample *out)
{
	static const uint64_t no_chain;
	static uint8_t nothing[XSTATE_RAW_HEADER_SIZE + XSTATE_BLOCK_HEADER_SIZE];

	*out = (struct sample){ .callchain = (const uint8_t *)&no_chain, .has_regs_user = true };
	if (x)
		host__decode(x, out);
	if (out->raw_size)
		return;
	out->raw = nothing;
	out->raw_size = raw__nothing(s, nothing, sizeof(nothing));
}

/* The fields of a tracepoint take RAW: the block goes into a group of its own. */
static void hit__fields(const struct hit *hit, struct sample *out)
{
	out->xstate = out->raw + XSTATE_RAW_HEADER_SIZE;
	out->xstate_size = out->raw_size - XSTATE_RAW_HEADER_SIZE;
	out->raw = hit->raw;
	out->raw_size = hit->told.raw_size;
}

static int hit__write(struct session *s, const struct hit *hit, const struct xr_sample *x, struct err *e)
{
	struct sample out;

	hit__registers(s, x, &out);
	hit__fields(hit, &out);
	out.attr = &s->attrs[hit->event];
	out.ip = hit->told.ip;
	out.time = hit->told.time;
	out.pid = hit->told.pid;
	out.tid = hit->told.tid;
	out.cpu = hit->told.cpu;
	out.cpumode = hit->told.cpumode;
	out.period = s->periods[hit->event];
	s->counts.kernel += !x;
	return session__sample(s, &out, e);
}

/*
 * @h->hit[from .. to) are of one event and thread: hits, then the signal at @to.
 * With a period above 1 the signal is of the last hit alone.
 */
static int khits__match(struct session *s, size_t from, size_t to, struct err *e)
{
	struct khits *h = s->khits;
	const struct xr_sample *x = h->hit[to].regs;
	size_t i;

	for (i = from; i < to; i++) {
		struct hit *hit = &h->hit[i];
		bool own = hit->time > x->since && h->hit[to].time < hit->until;

		if (s->periods[hit->event] > 1 && (i + 1 < to || !own))
			continue;
		if (hit__write(s, hit, own ? x : NULL, e))
			return -1;
	}
	return 0;
}

static void hit__free(struct hit *hit)
{
	free(hit->raw);
	free(hit->regs);
}

/* The hits behind the last signal of a thread wait for the next one, for a while. */
static int khits__wait(struct session *s, size_t from, size_t to, uint64_t give_up, size_t *kept, struct err *e)
{
	struct khits *h = s->khits;
	size_t i;
	int ret = 0;

	for (i = from; i < to; i++) {
		if (h->hit[i].time >= give_up) {
			h->hit[(*kept)++] = h->hit[i];
			continue;
		}
		if (!ret && s->periods[h->hit[i].event] == 1)
			ret = hit__write(s, &h->hit[i], NULL, e);
		hit__free(&h->hit[i]);
	}
	return ret;
}

static bool hit__same(const struct hit *a, const struct hit *b)
{
	return a->event == b->event && a->tid == b->tid;
}

int khits__settle(struct session *s, uint64_t now, bool last, struct err *e)
{
	uint64_t give_up = last ? UINT64_MAX : now - PATIENCE_NS;
	struct khits *h = s->khits;
	size_t i, from, kept = 0;
	int ret = 0;

	if (!h || !h->nr)
		return 0;
	qsort(h->hit, h->nr, sizeof(*h->hit), hit__compare);
	for (from = i = 0; i <= h->nr; i++) {
		if (i == h->nr || !hit__same(&h->hit[from], &h->hit[i])) {
			ret = khits__wait(s, from, i, ret ? 0 : give_up, &kept, e) || ret;
			from = i;
		}
		if (i == h->nr || !h->hit[i].regs)
			continue;
		if (!ret)
			ret = khits__match(s, from, i, e);
		for (; from <= i; from++)
			hit__free(&h->hit[from]);
	}
	h->nr = kept;
	return ret ? -1 : 0;
}

uint64_t khits__oldest(const struct session *s)
{
	uint64_t oldest = UINT64_MAX;
	size_t i;

	for (i = 0; s->khits && i < s->khits->nr; i++)
		if (s->khits->hit[i].time < oldest)
			oldest = s->khits->hit[i].time;
	return oldest;
}
