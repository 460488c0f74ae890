/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backend kernel. One event for each CPU and, where threads are recorded, each
 * thread; all events of a CPU share one ring, into which the kernel also writes
 * maps, names, forks and exits. The records go into the file as they are.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "capture/kernel/kernel.h"

enum {
	PAGES_MOST	= 1024,		/* 4 MiB a CPU, where that may be locked */
	PAGES_LEAST	= 8,
	ROUND_MS	= 100,
	WAKEUP_BYTES	= 65536,	/* some 20 samples with AVX-512 */
	EPOLL_SIGNALS	= -1,		/* in epoll's data: not an event */
};

struct cpu_events {
	int cpu;
	struct perf_ring ring;
	int *fd;			/* nr of them; the first one's is the ring */
	size_t nr;
};

struct kernel_capture {
	struct kernel_request request;
	struct kernel_choice *choices;	/* one an event */
	struct idlist pids, tids, cpus;	/* threads to open, CPUs to open them on */
	struct cpu_events *per_cpu;
	size_t nr_cpus, live;		/* live: events whose threads still run */
	size_t pages;
	int epoll;
	uint64_t round;			/* when the last look began */
	bool stopped;
};

/* ---- choosing ----------------------------------------------------------------------- */

const char *kernel__wanted(const struct capture_options *o)
{
	if (o->all_cpus)
		return "-a";
	if (o->cpus)
		return "-C";
	return o->intr_regs ? "--intr-regs" : NULL;
}

static bool options__system_wide(const struct capture_options *o)
{
	return (o->all_cpus || o->cpus) && !o->pids && !o->tids;
}

static int request__registers(struct kernel_request *r, const struct session *s, struct err *e)
{
	uint64_t has = s->info.layout.xfeatures | XFEATURE_MASK(XFEATURE_CET_USER);
	struct reglist intr = { .xfeatures = 0 };

	if (s->opt->intr_regs && reglist__parse(&intr, s->opt->intr_regs, s->info.layout.xfeatures, e))
		return -1;
	r->intr = s->opt->intr_regs;
	r->xfeatures = (s->regs.xfeatures | intr.xfeatures) & has;
	return 0;
}

static int request__form(struct kernel_request *r, const char *only, struct err *e)
{
	int i;

	r->only = -1;
	for (i = 0; only && i < KERNEL_FORMS; i++)
		if (!strcmp(kernel_form_names[i], only))
			r->only = i;
	if (only && r->only < 0)
		return err__usage(e, "cannot record by kernel:%s: not known; known are kernel:group, kernel:simd, kernel:pebs", only);
	return 0;
}

static int request__cpus(struct kernel_capture *k, const struct capture_options *o, struct err *e)
{
	int cpu, nr = sysconf(_SC_NPROCESSORS_CONF);

	if (o->cpus) {
		if (idlist__parse(&k->cpus, o->cpus, "-C", true, e))
			return -1;
	} else {
		for (cpu = 0; cpu < nr; cpu++)
			if (idlist__add(&k->cpus, cpu, e))
				return -1;
	}
	k->request.cpu = k->cpus.id[0];
	return 0;
}

static int request__tasks(struct kernel_capture *k, const struct capture_options *o, struct err *e)
{
	if (o->pids && idlist__parse(&k->pids, o->pids, "-p", false, e))
		return -1;
	return o->tids ? idlist__parse(&k->tids, o->tids, "-t", false, e) : 0;
}

static int request__make(struct kernel_capture *k, const struct session *s, const char *only,
			 struct err *e)
{
	const struct capture_options *o = s->opt;
	struct kernel_request *r = &k->request;

	r->several = s->events.nr > 1;
	r->callchain = o->callgraph != CALLGRAPH_NONE;
	r->stack = s->stack_size;
	r->system_wide = options__system_wide(o);
	r->inherit = !r->system_wide && !o->tids;
	r->on_exec = o->argv[0] && !r->system_wide && !o->pids && !o->tids;
	r->last_resort = kernel__wanted(o) || !strcmp(o->backend, "kernel");
	return request__form(r, only, e) || request__registers(r, s, e) || request__cpus(k, o, e) || request__tasks(k, o, e) ? -1 : 0;
}

static void kernel__free(struct kernel_capture *k)
{
	idlist__free(&k->pids);
	idlist__free(&k->tids);
	idlist__free(&k->cpus);
	free(k->per_cpu);
	free(k->choices);
	free(k);
}

/* Fixed before the program starts, or not at all. */
static int event__has_place(const struct event *ev, struct err *e)
{
	if (ev->kind == EVENT_BREAKPOINT && ev->moves)
		return err__set(e, "cannot record event '%s' by kernel: '%s' can be loaded anywhere (PIE), so there is no address yet; use uprobe:FILE:SYMBOL, or --backend=sigtrap",
				ev->name, ev->object);
	return 0;
}

/* The first event decides on the form, the others take it or are refused. */
static int kernel__choose_all(struct kernel_capture *k, const struct session *s, struct err *e)
{
	struct kernel_request *r = &k->request;
	size_t i;

	for (i = 0; i < s->events.nr; i++) {
		r->event = s->events.ev[i];
		r->freq = s->opt->freq;
		r->period = s->opt->period;
		event__rate(&r->event, &r->freq, &r->period);
		if (event__has_place(&r->event, e) || kernel__choose(r, kernel_open, NULL, &k->choices[i], e))
			return -1;
		r->only = k->choices[0].form;
		r->xfeatures = k->choices[0].xfeatures;
		r->follower = true;
	}
	return 0;
}

int kernel__fit(struct session *s, const char *only, struct err *e)
{
	struct kernel_capture *k = calloc(1, sizeof(*k));

	if (!k)
		return err__set(e, "out of memory");
	k->epoll = -1;
	k->choices = calloc(s->events.nr, sizeof(*k->choices));
	if (!k->choices || request__make(k, s, only, e) || kernel__choose_all(k, s, e)) {
		if (!k->choices)
			err__set(e, "out of memory");
		kernel__free(k);
		return -1;
	}
	s->priv = k;
	s->ops = &capture_kernel;
	snprintf(s->why, sizeof(s->why), "%s", k->choices[0].why);
	return 0;
}

/* Everything that the CPU has, of the default event. */
static struct kernel_request request__default(int only)
{
	struct kernel_request r = {
		.freq = 1000, .xfeatures = machine__xcr0(), .only = only,
	};
	struct event_list events = { .ev = NULL };
	struct err ignored;

	if (machine__has(XFEATURE_CET_USER))
		r.xfeatures |= XFEATURE_MASK(XFEATURE_CET_USER);
	if (!events__default(&events, false, &ignored))
		r.event = events.ev[0];
	events__free(&events);
	return r;
}

uint64_t kernel__registers(const char *form, char *why, size_t size)
{
	const struct kernel_request r = request__default(form ? KERNEL_PEBS : -1);
	struct kernel_choice c;
	struct err e;

	if (kernel__choose(&r, kernel_open, NULL, &c, &e)) {
		snprintf(why, size, "%s", e.msg);
		return 0;
	}
	snprintf(why, size, "%s", c.why);
	return c.xfeatures;
}

/* ---- before it starts ------------------------------------------------------------------ */

static int kernel__prepare(struct session *s, struct err *e)
{
	struct kernel_capture *k = s->priv;
	unsigned int i;

	if (session__alloc_attrs(s, e))
		return -1;
	for (i = 0; i < s->nr_attrs; i++) {
		s->attrs[i] = k->choices[i].attr;
		s->periods[i] = s->attrs[i].attr.freq ? 1000000000 / s->attrs[i].attr.sample_freq :
							s->attrs[i].attr.sample_period;
	}
	s->attr = s->attrs[0];
	s->xfeatures = k->choices[0].xfeatures;
	if (s->xfeatures & XFEATURE_MASK(XFEATURE_CET_USER))
		machine__layout_add(&s->info.layout, XFEATURE_CET_USER);
	s->period = s->interval = s->periods[0];
	session__say_rate(s);
	return 0;
}

/* What is recorded: -1 stands for all, on a CPU. */
static int kernel__threads(struct session *s, struct kernel_capture *k, struct err *e)
{
	const struct capture_options *o = s->opt;

	if (k->request.system_wide)
		return idlist__add(&k->tids, -1, e);
	if (o->pids && idlist__threads(&k->tids, &k->pids, e))
		return -1;
	return o->pids || o->tids ? 0 : idlist__add(&k->tids, s->target.pid, e);
}

static int ring__refused(int error, struct err *e)
{
	if (error == -EPERM)
		return err__set(e, "cannot record: no ring buffer may be locked in memory: kernel.perf_event_mlock_kb and ulimit -l are used up; raise one of them, choose fewer CPUs by -C or a smaller --mmap-pages");
	return err__set(e, "cannot record: mapping a ring buffer: %s; a smaller --mmap-pages may help", strerror(-error));
}

/* As large as may be locked, unless a size was asked for. */
static int cpu__ring(struct kernel_capture *k, struct cpu_events *c, struct err *e)
{
	int ret;

	for (;;) {
		ret = perf_ring__map(&c->ring, c->fd[0], k->pages);
		if (!ret)
			return 0;
		if ((ret != -EPERM && ret != -ENOMEM) || k->pages <= PAGES_LEAST)
			return ring__refused(ret, e);
		k->pages /= 2;
	}
}

static int kernel__watch(struct kernel_capture *k, int fd, uint32_t events, int cpu, struct err *e)
{
	struct epoll_event ev = { .events = events, .data.u64 = (uint64_t)(uint32_t)fd << 32 | (uint32_t)cpu };

	if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &ev))
		return err__set(e, "cannot record: waiting for events: %s", strerror(errno));
	return 0;
}

static int cpu__add(struct session *s, struct kernel_capture *k, struct cpu_events *c, int fd, struct err *e)
{
	size_t i = c->nr++;
	int ret;

	c->fd[i] = fd;
	if (!i && cpu__ring(k, c, e))
		return -1;
	ret = i ? ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, c->fd[0]) : 0;
	if (ret)
		return err__set(e, "cannot record: sharing a ring buffer: %s", strerror(errno));
	hitfilter__attach(s, fd);
	k->live++;
	/* the first one wakes for its ring; the others tell when their thread is gone */
	return kernel__watch(k, fd, i ? 0 : EPOLLIN, c->cpu, e);
}

/* perf_event_open() of event @i for a thread on a CPU; a descriptor, or -errno. */
static int event__open_at(struct session *s, struct kernel_capture *k, unsigned int i, int tid, int cpu)
{
	struct perfdata_attr a = s->attrs[i];

	a.attr.wakeup_watermark = k->pages * sysconf(_SC_PAGESIZE) / 4;
	if (a.attr.wakeup_watermark > WAKEUP_BYTES)
		a.attr.wakeup_watermark = WAKEUP_BYTES;
	event__point(&s->events.ev[i], &a.attr);
	return kernel_attr__open(&a, kernel_open, NULL, tid, cpu);
}

/* Samples of several events are told apart by the ids that the kernel gave them. */
static int event__note_id(struct session *s, unsigned int i, int fd, struct err *e)
{
	uint64_t id;

	if (s->nr_attrs == 1)
		return 0;
	if (ioctl(fd, PERF_EVENT_IOC_ID, &id))
		return err__set(e, "cannot record: the id of an event: %s", strerror(errno));
	return session__add_id(s, i, id, e);
}

/* Return: 0, also for a thread that is gone; -ENODEV: CPU @c is offline; -1 with @e. */
static int cpu__open(struct session *s, struct kernel_capture *k, struct cpu_events *c, unsigned int i,
		     int tid, struct err *e)
{
	int fd = event__open_at(s, k, i, tid, c->cpu);

	if (fd == -ENODEV && !s->opt->cpus)
		return fd;
	if (fd == -ESRCH && s->opt->pids)
		return 0;
	if (fd == -ENODEV || (fd == -EINVAL && s->opt->cpus))
		return err__usage(e, "cannot record on CPU %d: it is offline or not there", c->cpu);
	if (fd == -ESRCH)
		return err__set(e, "cannot record thread %d: there is none with this number", tid);
	if (fd < 0) {
		k->request.event = s->events.ev[i];
		return kernel__refusal(fd, &k->request, e);
	}
	return cpu__add(s, k, c, fd, e) ? -1 : event__note_id(s, i, fd, e);
}

static int kernel__open_cpu(struct session *s, struct kernel_capture *k, int cpu, struct err *e)
{
	struct cpu_events *c = &k->per_cpu[k->nr_cpus];
	size_t i;
	int ret;

	*c = (struct cpu_events){ .cpu = cpu, .fd = calloc(k->tids.nr * s->nr_attrs, sizeof(int)) };
	k->nr_cpus++;
	if (!c->fd)
		return err__set(e, "out of memory");
	for (i = 0; i < k->tids.nr * s->nr_attrs; i++) {
		ret = cpu__open(s, k, c, i % s->nr_attrs, k->tids.id[i / s->nr_attrs], e);
		if (ret == -ENODEV)
			break;
		if (ret)
			return -1;
	}
	return 0;
}

static int kernel__open_all(struct session *s, struct kernel_capture *k, struct err *e)
{
	size_t i;

	k->per_cpu = calloc(k->cpus.nr, sizeof(*k->per_cpu));
	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!k->per_cpu || k->epoll < 0)
		return err__set(e, "cannot record: %s", strerror(errno));
	k->pages = s->opt->mmap_pages ? s->opt->mmap_pages : PAGES_MOST;
	target__raise_files(&s->target);
	for (i = 0; i < k->cpus.nr; i++)
		if (kernel__open_cpu(s, k, k->cpus.id[i], e))
			return -1;
	if (!k->live)
		return err__set(e, "cannot record: the process is gone");
	return 0;
}

static void kernel__ioctl(struct kernel_capture *k, unsigned long request)
{
	size_t c, i;

	for (c = 0; c < k->nr_cpus; c++)
		for (i = 0; i < k->per_cpu[c].nr; i++)
			ioctl(k->per_cpu[c].fd[i], request, 0);
}

/* Without a command there is nobody to hand signals on to: they end the recording. */
static int signals__take(struct session *s, struct err *e)
{
	static const int end[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(end) / sizeof(end[0]); i++)
		sigaddset(&set, end[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->target.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->target.signal_fd < 0 ? err__set(e, "cannot record: signalfd: %s", strerror(errno)) : 0;
}

static int kernel__open(struct session *s, struct err *e)
{
	struct kernel_capture *k = s->priv;

	if (s->opt->argv[0] ? target__spawn(&s->target, s->opt->argv, NULL, 0, e) : signals__take(s, e))
		return -1;
	if (kernel__threads(s, k, e) || kernel__open_all(s, k, e))
		return -1;
	s->attr = s->attrs[0];
	return 0;
}

static int kernel__start(struct session *s, struct err *e)
{
	struct kernel_capture *k = s->priv;
	uint64_t before;

	if (kernel__watch(k, s->target.signal_fd, EPOLLIN, EPOLL_SIGNALS, e) || ktarget__kernel_map(s, e))
		return -1;
	/* The events tell of what happens from here on, /proc of what was before. */
	before = capture__now();
	if (!k->request.on_exec)
		kernel__ioctl(k, PERF_EVENT_IOC_ENABLE);
	if (k->request.system_wide || s->opt->pids)
		return ktarget__synthesize(s, s->opt->pids ? &k->pids : NULL, before, e);
	return s->opt->tids ? ktarget__synthesize(s, &k->tids, before, e) : 0;
}

/* ---- records ------------------------------------------------------------------------------- */

/* No registers: the hit was in a kernel thread, or the thread was on its way out. */
static bool sample__is_bare(const struct session *s, const struct sample *out)
{
	struct xstate_block b;

	if (!s->attr.xstate)
		return !out->has_regs_user || !out->regs_user.abi;
	return xstate_block__read(&b, &s->info.layout, out->xstate, out->xstate_size, NULL) ||
	       b.context == XSTATE_CTX_NONE;
}

static void record__note_sample(struct session *s, const uint8_t *body, size_t size)
{
	uint32_t i = session__event_of(s, body, size);
	struct sample out;

	if (!sample__decode(&out, &s->attrs[i], body, size)) {
		s->counts.errors++;
		return;
	}
	s->counts.samples++;
	s->counts.weight += out.type & PERF_SAMPLE_PERIOD ? out.period : s->periods[i];
	s->per_event[i]++;
	tasks__thread(s->tasks, out.tid);
	if (s->attr.xstate || s->attr.simd_enabled)
		s->counts.kernel += sample__is_bare(s, &out);
}

/* Behind the header, LOST has u64 id, lost; LOST_SAMPLES u64 lost. */
static void record__note_lost(struct session *s, uint32_t type, const uint8_t *body, size_t size)
{
	size_t at = type == PERF_RECORD_LOST ? 8 : 0;
	uint64_t lost;

	if (size < at + sizeof(lost))
		return;
	memcpy(&lost, body + at, sizeof(lost));
	s->counts.lost += lost;
}

static int kernel__record(void *ctx, const uint8_t *rec, size_t size, struct err *e)
{
	struct session *s = ctx;
	struct perf_event_header h;
	const uint8_t *body = rec + sizeof(h);
	uint64_t time = s->timeline.last;

	if (s->failed)
		return 0;
	memcpy(&h, rec, sizeof(h));
	size -= sizeof(h);
	if (h.type == PERF_RECORD_SAMPLE)
		record__note_sample(s, body, size);
	else if (h.type == PERF_RECORD_LOST || h.type == PERF_RECORD_LOST_SAMPLES)
		record__note_lost(s, h.type, body, size);
	else if (h.type == PERF_RECORD_THROTTLE)
		s->counts.throttled++;
	sample__peek_time(&s->attr, h.type, body, size, &time);
	return timeline__add(&s->timeline, time, rec, h.size, e);
}

/*
 * One look at every ring. A record is in its ring when the interrupt that made
 * it returns, so what is older than the start of the look before this one has
 * come by now.
 */
static int kernel__round(struct session *s, struct kernel_capture *k, struct err *e)
{
	uint64_t now = capture__now(), before = k->round;
	size_t i;

	for (i = 0; i < k->nr_cpus; i++)
		if (k->per_cpu[i].ring.page &&
		    perf_ring__drain(&k->per_cpu[i].ring, kernel__record, s, e))
			return -1;
	k->round = now;
	session__flush(s, before);
	return 0;
}

/*
 * The kernel writes LOST when the next record fits. What was lost after the
 * last one is only in each event's own count, which includes all the others.
 */
static int kernel__lost(struct session *s, struct kernel_capture *k, struct err *e)
{
	struct { uint64_t count, lost; } read_back;
	struct sample id = { .pid = UINT32_MAX, .tid = UINT32_MAX, .time = s->timeline.last };
	struct perfdata_lost rest;
	uint64_t lost = 0;
	uint8_t rec[128];
	size_t c, i, n;

	for (c = 0; s->attr.attr.read_format && c < k->nr_cpus; c++)
		for (i = 0; i < k->per_cpu[c].nr; i++)
			if (read(k->per_cpu[c].fd[i], &read_back, sizeof(read_back)) == sizeof(read_back))
				lost += read_back.lost;
	if (lost <= s->counts.lost)
		return 0;
	rest.lost = lost - s->counts.lost;
	s->counts.lost = lost;
	n = perfdata_build__lost(rec, sizeof(rec), &s->attr, &rest, &id);
	return timeline__add(&s->timeline, id.time, rec, n, e);
}

/* ---- while it runs ----------------------------------------------------------------------------- */

static void kernel__stop_sampling(struct kernel_capture *k)
{
	if (!k->stopped)
		kernel__ioctl(k, PERF_EVENT_IOC_DISABLE);
	k->stopped = true;
}

static void kernel__wait(struct kernel_capture *k)
{
	struct epoll_event ev[64];
	int i, n = epoll_wait(k->epoll, ev, 64, ROUND_MS);

	for (i = 0; i < n; i++) {
		if (!(ev[i].events & (EPOLLHUP | EPOLLERR)))
			continue;
		/* its thread and all that inherited the event are gone */
		epoll_ctl(k->epoll, EPOLL_CTL_DEL, (int)(ev[i].data.u64 >> 32), NULL);
		k->live--;
	}
}

static void signals__read(struct session *s, bool command)
{
	struct signalfd_siginfo si;

	if (command) {
		target__signals(&s->target, true);
		return;
	}
	while (read(s->target.signal_fd, &si, sizeof(si)) == sizeof(si))
		s->target.done = true;
}

static int kernel__run(struct session *s, struct err *e)
{
	struct kernel_capture *k = s->priv;
	bool command = s->opt->argv[0];
	int ret = 0;

	while (!s->target.done) {
		kernel__wait(k);
		signals__read(s, command);
		if (!ret)
			ret = kernel__round(s, k, e);
		if (ret || s->failed)
			kernel__stop_sampling(k);
		if (!command && (!k->live || k->stopped))
			s->target.done = true;
	}
	kernel__stop_sampling(k);
	if (!ret)
		ret = kernel__round(s, k, e);
	if (!ret)
		ret = kernel__lost(s, k, e);
	session__flush(s, UINT64_MAX);
	return ret;
}

static void kernel__stop(struct session *s)
{
	struct kernel_capture *k = s->priv;
	size_t c, i;

	if (!k)
		return;
	for (c = 0; c < k->nr_cpus; c++) {
		perf_ring__unmap(&k->per_cpu[c].ring);
		for (i = 0; i < k->per_cpu[c].nr; i++)
			close(k->per_cpu[c].fd[i]);
		free(k->per_cpu[c].fd);
	}
	if (k->epoll >= 0)
		close(k->epoll);
	kernel__free(k);
	s->priv = NULL;
}

const struct capture_ops capture_kernel = {
	.name = "kernel",
	.prepare = kernel__prepare,
	.open = kernel__open,
	.start = kernel__start,
	.run = kernel__run,
	.stop = kernel__stop,
};
