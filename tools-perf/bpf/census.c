/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xstate/xstate.h>

#include "bpf/census.h"
#include "bpf/support.h"
#include "census.skel.h"
#include "util/idset.h"

enum {
	STALE_NS = 50000000,		/* a CPU without a switch for so long is visited */
	VISITS_NS = 250000000,		/* for all of them, where every CPU is busy */
	READ_BYTES = 64 << 10,
};

struct census {
	struct census_bpf *skel;
	struct census_cpu *before;	/* counts at the look before */
	struct census_cpu *per_cpu;	/* read buffer */
	unsigned int nr_cpus;		/* possible ones */
	struct idset untouched;		/* isolated and nohz_full CPUs */
	uint64_t looked;		/* CLOCK_MONOTONIC of the look before */
};

static uint64_t clock__ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ---- open --------------------------------------------------------------------- */

/* A list of the form "1-3,7"; false: empty, or not there. */
static bool cpus__list(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	bool some;

	if (!f)
		return false;
	some = fgets(buf, size, f) && buf[0] >= '0' && buf[0] <= '9';
	fclose(f);
	if (some)
		buf[strcspn(buf, "\n")] = '\0';
	return some;
}

static void census__leave_alone(struct census *c)
{
	char isolated[2000], nohz[2000], list[4096];
	bool has[] = {
		cpus__list("/sys/devices/system/cpu/isolated", isolated, sizeof(isolated)),
		cpus__list("/sys/devices/system/cpu/nohz_full", nohz, sizeof(nohz)),
	};
	struct err ignored;

	snprintf(list, sizeof(list), "%s%s%s", has[0] ? isolated : "", has[0] && has[1] ? "," : "", has[1] ? nohz : "");
	if (list[0])
		idset__parse(&c->untouched, "isolated", list, &ignored);
}

static int census__load(struct census *c, struct err *e)
{
	bpf_support__quiet();
	c->skel = census_bpf__open();
	if (!c->skel || census_bpf__load(c->skel) || census_bpf__attach(c->skel))
		return bpf_support__explain(errno, "take a census", e);
	return 0;
}

int census__open(struct census **out, struct err *e)
{
	struct census *c = calloc(1, sizeof(*c));
	int nr = libbpf_num_possible_cpus();

	if (c && nr > 0) {
		c->nr_cpus = nr;
		c->before = calloc(nr, sizeof(*c->before));
		c->per_cpu = calloc(nr, sizeof(*c->per_cpu));
	}
	if (!c || !c->before || !c->per_cpu) {
		census__close(c);
		return err__set(e, "cannot take a census: out of memory");
	}
	census__leave_alone(c);
	if (census__load(c, e)) {
		census__close(c);
		return -1;
	}
	*out = c;
	return 0;
}

void census__close(struct census *c)
{
	if (!c)
		return;
	census_bpf__destroy(c->skel);
	idset__free(&c->untouched);
	free(c->before);
	free(c->per_cpu);
	free(c);
}

int census__probe(struct err *e)
{
	struct census *c;

	if (census__open(&c, e))
		return -1;
	census__close(c);
	return 0;
}

/* ---- CPUs ------------------------------------------------------------------------ */

static int census__read_cpus(struct census *c, struct err *e)
{
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.cpus), &zero, c->per_cpu))
		return err__set(e, "cannot take a census: reading the counts of the CPUs: %s", strerror(errno));
	return 0;
}

/* Run there: the scheduler takes away what does. Offline CPUs refuse. */
static void cpu__visit(unsigned int cpu, cpu_set_t *set, size_t size)
{
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	sched_setaffinity(0, size, set);
}

static bool cpu__is_stale(const struct census *c, unsigned int cpu, uint64_t now)
{
	const struct census_cpu *p = &c->per_cpu[cpu];

	if (idset__has(&c->untouched, cpu))
		return false;
	return !p->since || (p->is_busy && now > p->since && now - p->since > STALE_NS);
}

static void census__visit(struct census *c)
{
	cpu_set_t *set = CPU_ALLOC(c->nr_cpus), *mine = CPU_ALLOC(c->nr_cpus);
	size_t size = CPU_ALLOC_SIZE(c->nr_cpus);
	uint64_t start = clock__ns(CLOCK_MONOTONIC);
	unsigned int cpu;

	if (set && mine && !sched_getaffinity(0, size, mine)) {
		for (cpu = 0; cpu < c->nr_cpus && clock__ns(CLOCK_MONOTONIC) - start < VISITS_NS; cpu++)
			if (cpu__is_stale(c, cpu, start))
				cpu__visit(cpu, set, size);
		sched_setaffinity(0, size, mine);
	}
	CPU_FREE(set);
	CPU_FREE(mine);
}

/* The task at hand has not been counted yet: it is by the next switch. */
static void cpu__add_slice(struct census_cpu *c, uint64_t now)
{
	int k;

	if (!c->since || !c->is_busy || now <= c->since)
		return;
	c->busy += now - c->since;
	for (k = 0; k < CENSUS_KINDS; k++)
		if (c->kinds >> k & 1)
			c->kind_busy[k] += now - c->since;
}

/* All that stands before "since" are counts, of 64 bits. */
static struct census_cpu cpu__minus(const struct census_cpu *now, const struct census_cpu *before)
{
	enum { NR = offsetof(struct census_cpu, since) / sizeof(uint64_t) };
	struct census_cpu c = *now;
	uint64_t a[NR], b[NR];
	int i;

	memcpy(a, now, sizeof(a));
	memcpy(b, before, sizeof(b));
	for (i = 0; i < NR; i++)
		a[i] -= b[i];
	memcpy(&c, a, sizeof(a));
	return c;
}

static void census__cpu_counts(struct census *c, struct census_look *l, uint64_t now)
{
	struct idset online;
	struct err ignored;
	unsigned int cpu;
	char list[4096];
	bool known = cpus__list("/sys/devices/system/cpu/online", list, sizeof(list)) &&
		     !idset__parse(&online, "online", list, &ignored);

	for (cpu = 0; cpu < c->nr_cpus; cpu++) {
		cpu__add_slice(&c->per_cpu[cpu], now);
		l->cpu[cpu] = cpu__minus(&c->per_cpu[cpu], &c->before[cpu]);
		l->cpu[cpu].online = !known || idset__has(&online, cpu);
		c->before[cpu] = c->per_cpu[cpu];
	}
	if (known)
		idset__free(&online);
}

/* ---- tasks ------------------------------------------------------------------------- */

static int look__room(struct census_look *l, size_t more, struct err *e)
{
	struct census_task *t;
	size_t room = l->room ? l->room : 256;

	while (room < l->nr + more)
		room *= 2;
	if (room == l->room)
		return 0;
	t = realloc(l->task, room * sizeof(*t));
	if (!t)
		return err__set(e, "cannot take a census: out of memory");
	l->task = t;
	l->room = room;
	return 0;
}

/* The kernel hands out whole records only [Documentation/bpf/bpf_iterators.rst]. */
static int census__read_tasks(struct census *c, struct census_look *l, struct err *e)
{
	static char buf[READ_BYTES];
	int fd = bpf_iter_create(bpf_link__fd(c->skel->links.census_tasks));
	ssize_t n = -1;

	l->nr = 0;
	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
		size_t nr = n / sizeof(*l->task);

		if (look__room(l, nr, e)) {
			close(fd);
			return -1;
		}
		memcpy(l->task + l->nr, buf, nr * sizeof(*l->task));
		l->nr += nr;
	}
	if (n < 0)
		err__set(e, "cannot take a census: reading the list of tasks: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

int census__look(struct census *c, struct census_look *l, struct err *e)
{
	uint64_t now;

	if (!l->cpu)
		l->cpu = calloc(c->nr_cpus, sizeof(*l->cpu));
	if (!l->cpu)
		return err__set(e, "cannot take a census: out of memory");
	l->nr_cpus = c->nr_cpus;
	if (census__read_cpus(c, e))
		return -1;
	census__visit(c);
	now = clock__ns(CLOCK_MONOTONIC);
	l->time = clock__ns(CLOCK_REALTIME);
	l->elapsed = c->looked ? now - c->looked : 0;
	c->looked = now;
	if (census__read_tasks(c, l, e) || census__read_cpus(c, e))
		return -1;
	census__cpu_counts(c, l, clock__ns(CLOCK_MONOTONIC));
	return 0;
}

void census_look__free(struct census_look *l)
{
	free(l->task);
	free(l->cpu);
	*l = (struct census_look){ 0 };
}

/* ---- what it says -------------------------------------------------------------------- */

const char *census_task__unknown(const struct census_task *t)
{
	if (t->flags & CENSUS_KERNEL)
		return "kernel thread";
	if (t->flags & CENSUS_RUNNING && !(t->flags & CENSUS_SEEN))
		return "running since before the census";
	if (!t->image.size)
		return "not readable";
	return t->image.size < XSTATE_EXTENDED_OFFSET ? "saved without XSAVE" : NULL;
}

/*
 * A component that IA32_XFD disables was never used by an ordinary task: the
 * first use traps and enables it for good [Documentation/arch/x86/xstate.rst]. A
 * guest sets XFD as it likes, and what it had then is not saved.
 */
enum census_state census_task__state(const struct census_task *t, unsigned int nr)
{
	const struct census_image *im = &t->image;
	uint64_t bit = XFEATURE_MASK(nr);

	if (census_task__unknown(t))
		return CENSUS_UNKNOWN;
	if (im->xfeatures & bit)
		return CENSUS_IN_USE;
	return im->guest && im->xfd & bit ? CENSUS_UNKNOWN : CENSUS_INIT;
}

enum census_state census_task__any(const struct census_task *t, uint64_t mask)
{
	enum census_state all = CENSUS_INIT, s;
	unsigned int nr;

	for (nr = 0; nr < XFEATURE_MAX; nr++) {
		if (!(mask >> nr & 1))
			continue;
		s = census_task__state(t, nr);
		if (s == CENSUS_IN_USE)
			return s;
		if (s == CENSUS_UNKNOWN)
			all = s;
	}
	return all;
}

/*
 * XSAVES takes an MXCSR other than 0x1f80 for SSE state in use, and leaves the
 * field alone when there is none [SDM vol. 1, 13.11]; XSAVE and XSAVEOPT, which
 * write the standard format, always write it with SSE or AVX state [13.7, 13.9].
 */
bool census_task__mxcsr(const struct census_task *t, uint32_t *mxcsr)
{
	const struct census_image *im = &t->image;
	bool written = !(im->xcomp_bv & XCOMP_BV_COMPACTED_FORMAT) ||
		       im->xfeatures & XFEATURE_MASK(XFEATURE_SSE);

	if (census_task__unknown(t))
		return false;
	*mxcsr = written ? im->mxcsr : MXCSR_INIT;
	return true;
}
