/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record --filter. Where the kernel takes BPF programs, hits that are not
 * wanted make no sample of backend kernel, and no signal of backend sigtrap.
 * What the kernel does not decide, the recorder leaves out when it writes: in
 * time order, after the records that name threads, as report would.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/hits.h"
#include "capture/capture.h"
#include "filter/program.h"
#include "filter/records.h"
#include "perfdata/format.h"

struct hitfilter {
	struct record_filter records;
	struct machine *machine;	/* names of threads, once the first record comes */
	struct tasks *kept;		/* threads of which samples were kept */
	struct hits *hits;		/* NULL: the kernel was not asked, or refused */
	bool in_kernel;			/* it decides alone: every event has the program from its start */
	bool asked;
	uint64_t dropped;		/* by the recorder */
	struct err why;			/* the kernel does not */
};

int hitfilter__open(struct session *s, struct err *e)
{
	struct hitfilter *f;

	if (!s->opt->filter)
		return 0;
	f = calloc(1, sizeof(*f));
	s->filter = f;
	if (!f || !(f->kept = tasks__new()))
		return err__set(e, "out of memory");
	err__set(&f->why, "it cannot with this backend");
	return record_filter__open(&f->records, s->opt->filter, e) || filter__check_hits(f->records.filter, e) ? -1 : 0;
}

/* ---- in the kernel --------------------------------------------------------------------- */

static void hitfilter__load(struct hitfilter *f)
{
	struct hit_program *p = calloc(1, sizeof(*p));

	f->asked = true;
	if (!p)
		err__set(&f->why, "out of memory");
	else if (!filter__program(f->records.filter, p))
		err__set(&f->why, "it has more than %d terms and groups, or more than %d names", HIT_OPS_MAX, HIT_PATTERNS_MAX);
	else
		f->in_kernel = !hits__open(&f->hits, p, &f->why);
	free(p);
}

static volatile sig_atomic_t trapped;

static void trap__note(int sig)
{
	trapped = sig;
}

/* A page fault of our own, of which BPF makes no hit: does its signal come? */
static bool signals__are_held_back(void)
{
	static const struct hit_program never = { .nr_ops = 1, .op = { { .kind = HIT_RANGE, .arg = HIT_CPU, .lo = 1 } } };
	const struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS, .size = sizeof(a), .sample_period = 1,
		.exclude_kernel = 1, .sigtrap = 1, .remove_on_exec = 1, .disabled = 1,
	};
	struct sigaction note = { .sa_handler = trap__note }, before;
	size_t size = sysconf(_SC_PAGESIZE);
	volatile char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = event__open(&a, 0, -1);
	struct hits *h = NULL;
	struct err ignored;
	bool held = false;

	if (page != MAP_FAILED && fd >= 0 && !hits__open(&h, &never, &ignored) && !hits__attach(h, fd)) {
		trapped = 0;
		sigaction(SIGTRAP, &note, &before);
		ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
		*page = 1;
		ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
		sigaction(SIGTRAP, &before, NULL);
		held = !trapped && hits__dropped(h);
	}
	hits__close(h);
	if (fd >= 0)
		close(fd);
	if (page != MAP_FAILED)
		munmap((void *)page, size);
	return held;
}

void hitfilter__expect_signals(struct session *s)
{
	struct hitfilter *f = s->filter;

	if (!f)
		return;
	hitfilter__load(f);
	/* events have hit before they are attached to, and may refuse */
	f->in_kernel = false;
	if (!f->hits || signals__are_held_back())
		return;
	err__set(&f->why, "it sends the signals of hits that BPF drops; Linux 6.10 and newer do not");
	hits__close(f->hits);
	f->hits = NULL;
}

void hitfilter__relieve(struct session *s, int event)
{
	if (s->filter && s->filter->hits)
		hits__attach(s->filter->hits, event);
}

void hitfilter__attach(struct session *s, int event)
{
	struct hitfilter *f = s->filter;
	int ret;

	if (!f)
		return;
	if (!f->asked)
		hitfilter__load(f);
	if (!f->hits)
		return;
	ret = hits__attach(f->hits, event);
	if (ret && f->in_kernel) {
		err__set(&f->why, "one of the events takes no BPF program: %s", strerror(-ret));
		f->in_kernel = false;
	}
}

/* ---- in the recorder ------------------------------------------------------------------- */

static bool hitfilter__names(struct hitfilter *f, const struct perfdata_record *r, struct err *e)
{
	const struct machine_options o = { .symfs = NULL };

	if (r->kind != PERFDATA_COMM && r->kind != PERFDATA_FORK && r->kind != PERFDATA_SAMPLE)
		return true;
	if (!f->machine && machine__new(&o, &f->machine, e))
		return false;
	f->records.machine = f->machine;
	return !machine__record(f->machine, r, e);
}

/* What cannot be read is kept: whoever reads the file will say so. */
static bool hitfilter__wants(void *ctx, const uint8_t *rec, size_t size)
{
	struct session *s = ctx;
	struct hitfilter *f = s->filter;
	struct perf_event_header h;
	struct perfdata_record r = { .offset = 0 };
	struct err ignored;
	unsigned int i;

	memcpy(&h, rec, sizeof(h));
	r.type = h.type;
	r.misc = h.misc;
	i = h.type == PERF_RECORD_SAMPLE ? session__event_of(s, rec + sizeof(h), size - sizeof(h)) : 0;
	if (!perfdata_record__decode(&r, &s->attrs[i], rec + sizeof(h), size - sizeof(h)) ||
	    !hitfilter__names(f, &r, &ignored) || r.kind != PERFDATA_SAMPLE)
		return true;
	if (!f->in_kernel && !record_filter__pass(&f->records, &r.sample, NULL)) {
		f->dropped++;
		s->counts.samples--;
		return false;
	}
	tasks__thread(f->kept, r.sample.tid);
	return true;
}

timeline__wants_fn *hitfilter__chooser(const struct session *s)
{
	return s->filter ? hitfilter__wants : NULL;
}

/* ---- the end ----------------------------------------------------------------------------- */

uint64_t hitfilter__threads(const struct session *s)
{
	return s->filter ? tasks__threads(s->filter->kept) : tasks__threads(s->tasks);
}

uint64_t hitfilter__dropped(const struct session *s, uint64_t *by_kernel)
{
	const struct hitfilter *f = s->filter;

	*by_kernel = f && f->hits ? hits__dropped(f->hits) : 0;
	return f ? f->dropped + *by_kernel : 0;
}

const char *hitfilter__why_not_kernel(const struct session *s)
{
	const struct hitfilter *f = s->filter;

	return !f || f->hits ? NULL : f->why.msg;
}

void hitfilter__close(struct session *s)
{
	struct hitfilter *f = s->filter;

	if (!f)
		return;
	record_filter__close(&f->records);
	machine__free(f->machine);
	tasks__free(f->kept);
	hits__close(f->hits);
	free(f);
	s->filter = NULL;
}
