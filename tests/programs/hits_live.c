/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter in the kernel, hit by hit. Every thread has two events that each
 * count the same page faults, one of them with the filter: what comes through
 * it must be what the filter lets pass of the other's. TAP.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/hits.h"
#include "capture/capture.h"
#include "filter/program.h"

enum { THREADS = 3, PAGES = 24, RING_PAGES = 64, MAX_SAMPLES = 4096 };

struct list {
	struct sample sample[MAX_SAMPLES];
	size_t nr;
};

struct worker {
	pthread_t thread;
	struct hits *hits;
	const char *comm;
	struct list all, passed;
	int error;
};

static struct perfdata_attr attr = {
	.attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS, .size = PERFDATA_ATTR_VER7,
		.sample_period = 1, .exclude_kernel = 1, .disabled = 1,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD,
	},
};

/* ---- what hits -------------------------------------------------------------- */

__attribute__((noipa, aligned(256))) static void touch_one(volatile char *p) { *p = 1; }
__attribute__((noipa, aligned(256))) static void touch_two(volatile char *p) { *p = 2; }

static int on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static void fault(void)
{
	int page = sysconf(_SC_PAGESIZE), cpus = sysconf(_SC_NPROCESSORS_CONF), i;
	char *p = mmap(NULL, (size_t)PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	madvise(p, (size_t)PAGES * page, MADV_NOHUGEPAGE);
	for (i = 0; i < PAGES; i++) {
		if (i % 4 == 0)
			on_cpu(i / 4 % cpus);
		(i % 3 ? touch_one : touch_two)(p + (size_t)i * page);
	}
	munmap(p, (size_t)PAGES * page);
}

/* ---- events ------------------------------------------------------------------- */

static int note_sample(void *ctx, const uint8_t *rec, size_t size, struct err *e)
{
	struct list *l = ctx;
	struct perf_event_header h;

	memcpy(&h, rec, sizeof(h));
	if (h.type != PERF_RECORD_SAMPLE)
		return h.type == PERF_RECORD_LOST ? err__set(e, "samples were lost") : 0;
	if (l->nr == MAX_SAMPLES || !sample__decode(&l->sample[l->nr], &attr, rec + sizeof(h), size - sizeof(h)))
		return err__set(e, "a sample cannot be read");
	l->nr++;
	return 0;
}

static int worker__record(struct worker *w)
{
	struct perf_ring ring[2];
	struct list *list[] = { &w->all, &w->passed };
	struct err e;
	int fd[2], i, ret = 0;

	for (i = 0; i < 2; i++) {
		fd[i] = event__open(&attr.attr, 0, -1);
		if (fd[i] < 0)
			return fd[i];
		ret = perf_ring__map(&ring[i], fd[i], RING_PAGES);
		if (!ret && i)
			ret = hits__attach(w->hits, fd[i]);
		if (ret)
			return ret;
	}
	fault();			/* the code itself is there now */
	prctl(PR_TASK_PERF_EVENTS_ENABLE);
	fault();
	prctl(PR_TASK_PERF_EVENTS_DISABLE);
	for (i = 0; i < 2; i++) {
		ret = perf_ring__drain(&ring[i], note_sample, list[i], &e) ? -EIO : ret;
		perf_ring__unmap(&ring[i]);
		close(fd[i]);
	}
	return ret;
}

static void *worker__run(void *arg)
{
	struct worker *w = arg;

	prctl(PR_SET_NAME, w->comm);
	w->error = worker__record(w);
	return NULL;
}

/* ---- the comparison -------------------------------------------------------------- */

static const char *worker__comm(void *ctx)
{
	return ((struct worker *)ctx)->comm;
}

/* Return: hits that the filter lets pass, or -1 when another lot came through. */
static long worker__check(struct worker *w, const struct filter *f)
{
	static const struct filter_ops ops = { .comm = worker__comm };
	struct filter_source src = { .ops = &ops, .ctx = w };
	size_t i, n = 0;

	for (i = 0; i < w->all.nr; i++) {
		src.sample = &w->all.sample[i];
		if (filter__eval(f, &src) != FILTER_TRUE)
			continue;
		if (n == w->passed.nr || w->passed.sample[n].ip != src.sample->ip ||
		    w->passed.sample[n].cpu != src.sample->cpu || w->passed.sample[n].tid != src.sample->tid)
			return -1;
		n++;
	}
	return n == w->passed.nr ? (long)n : -1;
}

static int expression__check(int nr, const char *text, bool some)
{
	static struct worker w[THREADS];
	static struct hit_program p;
	static const char *const comms[THREADS] = { "alpha", "alphabet", "beta" };
	struct filter *f;
	struct hits *h;
	struct err e;
	long passed = 0, all = 0, n, bad = 0;
	int i;

	if (filter__compile(&f, text, &e) || filter__check_hits(f, &e) || !filter__program(f, &p) || hits__open(&h, &p, &e)) {
		printf("not ok %d - %s: %s\n", nr, text, e.msg);
		return 1;
	}
	for (i = 0; i < THREADS; i++) {
		w[i] = (struct worker){ .hits = h, .comm = comms[i] };
		pthread_create(&w[i].thread, NULL, worker__run, &w[i]);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		n = w[i].error ? -1 : worker__check(&w[i], f);
		bad += n < 0;
		passed += n;
		all += w[i].all.nr;
	}
	bad += all < THREADS * PAGES || (some && (!passed || passed == all)) ||
	       hits__dropped(h) != (uint64_t)(all - passed);
	printf("%s %d - %s: %ld of %ld hits, %llu dropped\n", bad ? "not ok" : "ok", nr, text, passed, all,
	       (unsigned long long)hits__dropped(h));
	hits__close(h);
	filter__free(f);
	return bad != 0;
}

int main(void)
{
	char text[16][256];
	static const struct hit_program none = { .nr_ops = 0 };
	struct hits *h;
	struct err e;
	int i, n = 0, some, fd = event__open(&attr.attr, 0, -1), bad = 0;

	if (fd < 0 || hits__open(&h, &none, &e)) {
		printf("1..0 # SKIP %s\n", fd < 0 ? strerror(-fd) : e.msg);
		return 0;
	}
	i = hits__attach(h, fd);
	close(fd);
	hits__close(h);
	if (i) {
		printf("1..0 # SKIP events take no BPF program: %s\n", strerror(-i));
		return 0;
	}
	snprintf(text[n++], sizeof(text[0]), "comm == alpha");
	snprintf(text[n++], sizeof(text[0]), "comm == alpha*");
	snprintf(text[n++], sizeof(text[0]), "comm == *t*, comm != *bet");
	snprintf(text[n++], sizeof(text[0]), "comm == ?eta || comm == alphabet");
	snprintf(text[n++], sizeof(text[0]), "ip >= 0x%lx, ip < 0x%lx", (long)touch_one, (long)touch_one + 256);
	snprintf(text[n++], sizeof(text[0]), "!(ip >= 0x%lx, ip < 0x%lx)", (long)touch_two, (long)touch_two + 256);
	snprintf(text[n++], sizeof(text[0]), "comm == beta || (comm == alpha, ip >= 0x%lx, ip < 0x%lx)", (long)touch_two,
		 (long)touch_two + 256);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		snprintf(text[n++], sizeof(text[0]), "cpu == 0, comm != beta");
	some = n;
	snprintf(text[n++], sizeof(text[0]), "pid == %d", getpid());
	snprintf(text[n++], sizeof(text[0]), "pid != %d || tid == %d", getpid(), getpid());
	snprintf(text[n++], sizeof(text[0]), "period == 1, tid > %d", getpid());
	snprintf(text[n++], sizeof(text[0]), "period & 6");
	for (i = 0; i < n; i++)
		bad += expression__check(i + 1, text[i], i < some);
	printf("1..%d\n", n);
	return bad != 0;
}
