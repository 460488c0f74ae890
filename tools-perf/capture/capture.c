/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/shm.h"
#include "perfdata/format.h"

enum {
	RECORD_MAX	= 65536,
	RECORD_REST	= 4096,		/* of a record beside registers and stack */
};

static const struct capture_ops *const backends[] = {
	&capture_sigtrap, &capture_timer, &capture_ptrace,
};

uint64_t capture__now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ---- the backend ----------------------------------------------------------------- */

/* The option that names what runs already. */
static const char *options__running(const struct capture_options *o)
{
	return o->user ? "-u" : o->pids ? "-p" : o->tids ? "-t" : NULL;
}

/* "kernel", or "kernel:" and the form; NULL when it is another backend. */
static const char *backend__kernel(const char *name)
{
	if (strncmp(name, "kernel", 6) || (name[6] && name[6] != ':'))
		return NULL;
	return name[6] ? name + 7 : "";
}

/* Asked for by name, or by an option that no other backend has. */
static int backend__kernel_only(struct session *s, const char *option, const char *form,
				struct err *e)
{
	struct err why;

	if (!form && strcmp(s->opt->backend, "auto"))
		return err__usage(e, "cannot record with %s by %s: only backend kernel can; leave out --backend",
				  option, s->opt->backend);
	if (!kernel__fit(s, form && *form ? form : NULL, &why))
		return 0;
	if (!option || why.status == XREGS_USAGE)
		*e = why;
	else if (!strcmp(option, "--intr-regs"))
		err__usage(e, "cannot record with %s: only the kernel could, and: %.1500s", option, why.msg);
	else
		err__usage(e, "cannot record with %s: only the kernel could (-p, -t and -u go without), and: %.1500s",
			   option, why.msg);
	return -1;
}

/* What is wrong with the events is so for every backend. */
static int backend__event(const struct session *s, const struct err *why, struct err *e)
{
	if (!s->opt->events.nr || why->status != XREGS_USAGE)
		return 0;
	*e = *why;
	return -1;
}

/* -u for the kernel: the processes that the user has now, as perf record does. */
static int options__user_pids(struct session *s, struct err *e)
{
	uid_t uid;

	if (user__parse(s->opt->user, &uid, e))
		return -1;
	s->user_pids = user__processes(uid);
	if (!s->user_pids)
		return err__set(e, "cannot record with -u '%s': the user has no processes", s->opt->user);
	s->with_pids = *s->opt;
	s->with_pids.pids = s->user_pids;
	return 0;
}

static int running__by_kernel(struct session *s, const char *form, struct err *e)
{
	const struct capture_options *asked = s->opt;

	if (asked->user && options__user_pids(s, e))
		return -1;
	if (asked->user)
		s->opt = &s->with_pids;
	if (!kernel__fit(s, form, e))
		return 0;
	s->opt = asked;
	return -1;
}

/* What runs already: by the kernel where that can, else by ptrace. */
static int backend__running(struct session *s, const char *option, struct err *e)
{
	const char *name = s->opt->backend;
	bool automatic = !strcmp(name, "auto");
	struct err why;

	if (!automatic && strcmp(name, capture_ptrace.name))
		return err__usage(e, "cannot record with %s by %s: only backends kernel and ptrace can; leave out --backend",
				  option, name);
	if (automatic && !running__by_kernel(s, NULL, &why))
		return 0;
	if (automatic && backend__event(s, &why, e))
		return -1;
	s->ops = &capture_ptrace;
	if (capture_ptrace.probe(&why))
		return err__set(e, "cannot record with %s: %.1800s", option, why.msg);
	snprintf(s->why, sizeof(s->why), "%s%s", automatic ? "what runs already, and no registers from the kernel itself" :
		 "asked for by --backend=ptrace", ptrace__has_event() ? "" :
		 "; perf_event_open is refused, so threads are looked at in the tick and a stop may meet a system call");
	return 0;
}

static int backend__forced(struct session *s, const char *program, enum program_kind kind,
			   struct err *e)
{
	const char *name = s->opt->backend;
	struct err why;
	size_t i;

	for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
		if (!strcmp(backends[i]->name, name))
			s->ops = backends[i];
	if (!s->ops)
		return err__usage(e, "cannot record by backend '%s': not known; known are auto, sigtrap, timer, ptrace, kernel", name);
	if (s->ops != &capture_ptrace && kind != PROGRAM_DYNAMIC && kind != PROGRAM_UNREADABLE)
		return err__usage(e, "cannot record '%s' by %s: it %s; use --backend=ptrace", program,
				  name, program__why(kind));
	if (s->ops->probe(&why))
		return err__set(e, "cannot record by %s: %.1500s", name, why.msg);
	snprintf(s->why, sizeof(s->why), "asked for by --backend=%s", name);
	return 0;
}

static int backend__agent(struct session *s, struct err *e)
{
	struct err why, timer;

	s->ops = &capture_sigtrap;
	if (!capture_sigtrap.probe(&why)) {
		snprintf(s->why, sizeof(s->why), "%s, no registers from the kernel itself",
			 event__has_pmu() ? "it needs no privilege" : "no hardware PMU here");
		return 0;
	}
	s->ops = &capture_timer;
	if (!capture_timer.probe(&timer)) {
		snprintf(s->why, sizeof(s->why), "%.480s", why.msg);
		return 0;
	}
	s->ops = &capture_ptrace;
	if (capture_ptrace.probe(e))
		return err__set(e, "cannot record: sigtrap: %.600s; timer: %.600s", why.msg, timer.msg);
	snprintf(s->why, sizeof(s->why), "%.480s", timer.msg);
	return 0;
}

static int backend__choose(struct session *s, struct err *e)
{
	const char *program = s->opt->argv[0], *form = backend__kernel(s->opt->backend);
	const char *option = kernel__wanted(s->opt), *running = options__running(s->opt);
	enum program_kind kind;
	char path[PATH_MAX];
	struct err why;

	if (program && program__inspect(program, path, &kind, e))
		return -1;
	if (session__events(s, program ? path : NULL, e))
		return -1;
	if (running && !option)
		return form ? running__by_kernel(s, *form ? form : NULL, e) : backend__running(s, running, e);
	if (option || form)
		return backend__kernel_only(s, option, form, e);
	if (!strcmp(s->opt->backend, "auto")) {
		if (!kernel__fit(s, NULL, &why))
			return 0;
		if (backend__event(s, &why, e))
			return -1;
	}
	if (kind == PROGRAM_OTHER_ARCH)
		return err__set(e, "cannot record '%s': it is not an x86-64 program (file '%s' tells what it is)",
				program, path);
	if (strcmp(s->opt->backend, "auto"))
		return backend__forced(s, program, kind, e);
	if (kind == PROGRAM_DYNAMIC || kind == PROGRAM_UNREADABLE)
		return backend__agent(s, e);
	s->ops = &capture_ptrace;
	if (capture_ptrace.probe(&why))
		return err__set(e, "cannot record '%s': it %s, and ptrace, which could: %.1000s", program,
				program__why(kind), why.msg);
	snprintf(s->why, sizeof(s->why), "%.200s %s", program, program__why(kind));
	return 0;
}

/* ---- what is recorded ---------------------------------------------------------------- */

size_t session__block_size(const struct session *s)
{
	const struct xstate_layout *l = &s->info.layout;
	size_t size = XSTATE_RAW_HEADER_SIZE + XSTATE_BLOCK_HEADER_SIZE;
	unsigned int nr;

	for (nr = 0; nr < XFEATURE_MAX; nr++)
		if (s->xfeatures & XFEATURE_MASK(nr))
			size += (l->comp[nr].size + 7) & ~7u;
	return size;
}

/*
 * A record has 64 KiB for everything: two blocks of registers, the kernel's
 * part of a call chain and what is small. perf_sample_ustack_size() reckons
 * only with what precedes the stack, and the registers stand behind it.
 */
static void session__stack(struct session *s)
{
	size_t room = RECORD_MAX - RECORD_REST - 2 * session__block_size(s);

	if (s->opt->callgraph == CALLGRAPH_DWARF)
		s->stack_size = s->opt->stack_size < room ? s->opt->stack_size : room & ~(size_t)7;
}

static int session__registers(struct session *s, struct err *e)
{
	struct xstate_layout *l = &s->info.layout;

	machine__layout(l);
	s->info.has_layout = true;
	if (reglist__parse(&s->regs, s->opt->regs, l->xfeatures, e))
		return -1;
	s->xfeatures = s->regs.xfeatures & l->xfeatures;
	session__stack(s);
	return 0;
}

static int session__delivered(const struct session *s, struct err *e)
{
	if (s->regs.xfeatures && !s->xfeatures)
		return err__usage(e, "cannot sample '%s': this CPU or kernel has none of these registers; --sample-regs=? lists what can be had",
				  s->opt->regs);
	return 0;
}

static int session__event(struct session *s, struct err *e)
{
	if (s->ops->prepare)
		return s->ops->prepare(s, e);
	return session__agent_attrs(s, e);
}

static int session__info(struct session *s, struct err *e)
{
	struct perfdata_info *info = &s->info;
	char list[512], names[1024], target[512];

	if (perfdata_info__host(info, e))
		return -1;
	reglist__format(&s->regs, ' ', list, sizeof(list));
	if (recorded__cmdline(info, s->opt) ||
	    (recorded__target(s->opt, target, sizeof(target)) && perfdata_info__set(info, PERFDATA_META_TARGET, "%s", target)) ||
	    perfdata_info__set(info, PERFDATA_META_BACKEND, "%s", s->ops->name) ||
	    perfdata_info__set(info, PERFDATA_META_BACKEND_WHY, "%s", s->why) ||
	    perfdata_info__set(info, PERFDATA_META_EVENT, "%s", session__event_names(s, names, sizeof(names))) ||
	    perfdata_info__set(info, PERFDATA_META_RATE, "%s", s->rate) ||
	    perfdata_info__set(info, PERFDATA_META_REQUESTED, "%s", list) ||
	    perfdata_info__set(info, PERFDATA_META_REQ_XFEATURES, "0x%llx",
			       (unsigned long long)s->regs.xfeatures))
		return err__set(e, "out of memory");
	return 0;
}

/* What it takes to read the fields of tracepoints; the writer refers to it until it is closed. */
static int session__tracing(struct session *s, struct err *e)
{
	size_t size;

	if (events__tracing_data(&s->events, events__machine(), &s->tracing, &size, e))
		return -1;
	return s->tracing ? perfdata_writer__section(s->writer, PERFDATA_FEAT_TRACING_DATA, s->tracing, size, e) : 0;
}

int capture__open(struct session *s, const struct capture_options *o, struct err *e)
{
	*s = (struct session){ .opt = o };
	target__prepare(&s->target);
	s->tasks = tasks__new();
	if (!s->tasks)
		return err__set(e, "out of memory");
	if (hitfilter__open(s, e) || session__registers(s, e) || backend__choose(s, e) || session__event(s, e) ||
	    session__delivered(s, e) || session__info(s, e) || (s->ops->open && s->ops->open(s, e)) ||
	    perfdata_writer__open(o->output, s->attrs, s->nr_attrs, &s->info, &s->writer, e))
		return -1;
	if (session__tracing(s, e))
		return -1;
	if (o->compress && perfdata_writer__compress(s->writer, o->compress, e))
		return -1;
	if (files__open(s, e))
		return -1;
	return s->ops->start ? s->ops->start(s, e) : 0;
}

/* ---- while it runs ---------------------------------------------------------------------- */

int session__sample(struct session *s, struct sample *out, struct err *e)
{
	static uint8_t rec[RECORD_MAX];
	size_t size;

	if (!out->attr)
		out->attr = &s->attrs[0];
	out->id = out->attr->nr_ids ? out->attr->ids[0] : 0;
	if (tasks__thread(s->tasks, out->tid) &&
	    synth__thread(s, out->pid, out->tid, out->time, e))
		return -1;
	if (out->cpumode != PERF_RECORD_MISC_KERNEL && synth__ip(s, out->pid, out->ip, out->time, e))
		return -1;
	size = perfdata_build__sample(rec, sizeof(rec), out->attr, out);
	if (!size) {
		s->counts.lost++;
		return 0;
	}
	s->counts.samples++;
	s->counts.weight += out->period;
	s->per_event[out->attr - s->attrs]++;
	return timeline__add(&s->timeline, out->time, rec, size, e);
}

/*
 * A full disk ends the sampling, not the target: what was written so far is a
 * valid file, the target runs on unsampled.
 */
void session__flush(struct session *s, uint64_t before)
{
	if (s->failed)
		return;
	/* into the kernel at once: what is written survives our own death */
	if (timeline__flush(&s->timeline, before, hitfilter__chooser(s), files__record, s, &s->write_err) ||
	    files__round(s, &s->write_err) || perfdata_writer__flush(s->writer, &s->write_err)) {
		s->failed = true;
		if (s->opt->stopped)
			s->opt->stopped(&s->write_err);
	}
	if (s->opt->progress)
		s->opt->progress(s);
}

uint64_t session__lost(const struct session *s)
{
	return s->counts.lost + (s->ops->lost ? s->ops->lost(s) : 0);
}

/* Samples are those that the file has. */
static void session__count_written(struct session *s)
{
	uint64_t written = files__samples(s);

	if (!s->failed || written > s->counts.samples)
		return;
	s->counts.unwritten = s->counts.samples - written;
	s->counts.samples = written;
}

static int session__meta(struct session *s)
{
	struct perfdata_info *info = &s->info;
	const struct capture_counts *c = &s->counts;
	char why[1024];

	/* files that follow each other: a count of all is none of one */
	if (s->files)
		return 0;
	if (c->expected && perfdata_info__set(info, PERFDATA_META_EXPECTED, "%llu",
					      (unsigned long long)c->expected))
		return -1;
	if (tasks__unsampled(s->tasks, why, sizeof(why)) &&
	    perfdata_info__set(info, PERFDATA_META_UNSAMPLED, "%s", why))
		return -1;
	if (s->filter && (perfdata_info__set(info, PERFDATA_META_FILTER, "%s", s->opt->filter) ||
			  perfdata_info__set(info, PERFDATA_META_FILTERED, "%llu", (unsigned long long)c->filtered)))
		return -1;
	return perfdata_info__set(info, PERFDATA_META_LOST, "%llu", (unsigned long long)(c->lost + (s->full ? 0 : c->unwritten))) ||
	       perfdata_info__set(info, PERFDATA_META_KERNEL, "%llu", (unsigned long long)c->kernel) ||
	       perfdata_info__set(info, PERFDATA_META_BLOCKED, "%llu", (unsigned long long)c->blocked) ||
	       perfdata_info__set(info, PERFDATA_META_THREADS, "%llu",
				  (unsigned long long)c->threads) ? -1 : 0;
}

int capture__run(struct session *s, struct err *e)
{
	struct err close_err;
	int ret;

	files__catch_signal(s);
	if (s->opt->argv[0] && target__go(&s->target, s->opt->argv[0], e))
		return -1;
	ret = s->ops->run(s, e);
	s->counts.threads = hitfilter__threads(s);
	s->counts.filtered = hitfilter__dropped(s, &s->counts.filtered_by_kernel);
	session__count_written(s);
	if (session__meta(s) && !ret)
		ret = err__set(e, "out of memory");
	if (files__finish(s, &close_err) && !ret && !s->failed) {
		*e = close_err;
		ret = -1;
	}
	if (s->failed && !s->full && !ret) {
		*e = s->write_err;
		ret = -1;
	}
	return ret;
}

void capture__close(struct session *s)
{
	struct err ignored;

	if (s->ops)
		s->ops->stop(s);
	sideband__close(s);
	target__close(&s->target);
	if (s->writer)
		perfdata_writer__close(s->writer, &s->info, &ignored);
	synth__free(s);
	hitfilter__close(s);
	timeline__free(&s->timeline);
	files__close(s);
	tasks__free(s->tasks);
	perfdata_info__free(&s->info);
	session__free_attrs(s);
	free(s->tracing);
	free(s->user_pids);
}
