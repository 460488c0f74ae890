/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a session as they stand in the file: rates, attrs, ids. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/capture.h"
#include "capture/shm.h"

/* CPU timers are looked at in the tick. */
uint64_t timer__hz(void)
{
	struct timespec res;

	clock_getres(CLOCK_MONOTONIC_COARSE, &res);
	return res.tv_nsec ? 1000000000 / res.tv_nsec : 100;
}

/* The options' list, or one of the default event that is the session's own. */
int session__events(struct session *s, const char *program, struct err *e)
{
	const struct capture_options *o = s->opt;

	s->events = o->events;
	if (!s->events.nr && events__default(&s->events, o->all_cpus || o->cpus, e))
		return -1;
	s->event = &s->events.ev[0];
	return events__resolve(&s->events, program, e);
}

/* Timers and ptrace know CPU time alone. */
static int session__clock(struct session *s, struct err *e)
{
	if (!s->opt->events.nr) {
		events__free(&s->events);
		if (events__parse(&s->events, "task-clock", events__machine(), e))
			return -1;
		s->event = &s->events.ev[0];
		return 0;
	}
	if (s->events.nr == 1 && s->event->clock)
		return 0;
	return err__usage(e, "cannot record %s by %s, which knows CPU time only; use -e task-clock or --backend=sigtrap",
			  s->events.nr > 1 ? "several events" : s->event->name, s->ops->name);
}

/* ---- rates ----------------------------------------------------------------------------- */

bool session__has_hits(const struct session *s)
{
	size_t i;

	for (i = 0; i < s->events.nr; i++)
		if (event__is_hit(&s->events.ev[i]))
			return true;
	return false;
}

/* "1000 Hz", "period 5", "every hit", and what is mixed of them. */
void session__say_rate(struct session *s)
{
	const struct capture_options *o = s->opt;
	size_t i, hits = 0;
	int n = 0;

	for (i = 0; i < s->events.nr; i++)
		hits += event__is_hit(&s->events.ev[i]);
	if (o->period)
		n = snprintf(s->rate, sizeof(s->rate), "period %llu", (unsigned long long)o->period);
	else if (hits < s->events.nr)
		n = snprintf(s->rate, sizeof(s->rate), "%llu Hz", (unsigned long long)o->freq);
	if (hits && !o->period)
		snprintf(s->rate + n, sizeof(s->rate) - n, "%severy hit", n ? ", " : "");
}

static int session__periods(struct session *s, struct err *e)
{
	size_t i;

	for (i = 0; i < s->events.nr; i++)
		if (event__period(&s->events.ev[i], s->opt, &s->periods[i], e))
			return -1;
	s->period = s->interval = s->periods[0];
	return 0;
}

static int session__rate(struct session *s, struct err *e)
{
	size_t n;

	if (session__periods(s, e))
		return -1;
	session__say_rate(s);
	if (s->ops != &capture_timer || 1e9 / s->period <= timer__hz())
		return 0;
	s->period = 1000000000 / timer__hz();
	n = strlen(s->rate);
	snprintf(s->rate + n, sizeof(s->rate) - n, " (%llu Hz at the most)", (unsigned long long)timer__hz());
	return 0;
}

/* ---- attrs ------------------------------------------------------------------------------- */

int session__alloc_attrs(struct session *s, struct err *e)
{
	s->nr_attrs = s->events.nr;
	s->attrs = calloc(s->nr_attrs, sizeof(*s->attrs));
	s->periods = calloc(s->nr_attrs, sizeof(*s->periods));
	s->per_event = calloc(s->nr_attrs, sizeof(*s->per_event));
	return s->attrs && s->periods && s->per_event ? 0 : err__set(e, "out of memory");
}

void session__free_attrs(struct session *s)
{
	unsigned int i;

	for (i = 0; s->attrs && i < s->nr_attrs; i++)
		free(s->attrs[i].ids);
	free(s->attrs);
	free(s->periods);
	free(s->per_event);
	ids__free(&s->ids);
	if (s->opt && !s->opt->events.nr)
		events__free(&s->events);
}

int session__add_id(struct session *s, unsigned int i, uint64_t id, struct err *e)
{
	struct perfdata_attr *a = &s->attrs[i];
	uint64_t *bigger = realloc(a->ids, (a->nr_ids + 1) * sizeof(*bigger));

	if (!bigger)
		return err__set(e, "out of memory");
	a->ids = bigger;
	a->ids[a->nr_ids++] = id;
	return ids__add(&s->ids, id, i) ? err__set(e, "out of memory") : 0;
}

/* PERF_SAMPLE_IDENTIFIER stands first; with one event there is none. */
unsigned int session__event_of(const struct session *s, const uint8_t *body, size_t size)
{
	uint32_t i = 0;
	uint64_t id;

	if (s->nr_attrs > 1 && size >= sizeof(id)) {
		memcpy(&id, body, sizeof(id));
		ids__find(&s->ids, id, &i);
	}
	return i;
}

/* An event whose hit the kernel tells of by itself, before the registers come (khits.c). */
bool session__is_told(const struct session *s, unsigned int i)
{
	return s->events.ev[i].kind == EVENT_TRACEPOINT;
}

static void attr__make(const struct session *s, unsigned int i, struct perf_event_attr *a)
{
	const struct event *ev = &s->events.ev[i];
	uint64_t freq = s->opt->freq, period = s->opt->period;

	*a = (struct perf_event_attr){
		.size = PERFDATA_ATTR_VER7,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			       PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD |
			       PERF_SAMPLE_REGS_USER | PERF_SAMPLE_RAW |
			       (s->opt->callgraph ? PERF_SAMPLE_CALLCHAIN : 0) |
			       (s->stack_size ? PERF_SAMPLE_STACK_USER : 0) |
			       (s->nr_attrs > 1 ? PERF_SAMPLE_IDENTIFIER : 0),
		.sample_regs_user = XR_GPR_MASK,
		/* perf unwinds the copy only where there is a chain, be it empty */
		.sample_stack_user = s->stack_size, .exclude_callchain_user = !!s->stack_size,
		.inherit = 1, .sample_id_all = 1,
		.mmap = !i, .mmap2 = !i, .mmap_data = !i && s->stack_size, .comm = !i, .comm_exec = !i, .task = !i,
		.use_clockid = 1, .clockid = CLOCK_MONOTONIC,
	};
	event__fill(ev, a);
	if (!event__in_kernel(ev))
		a->exclude_kernel = 1;
	event__rate(ev, &freq, &period);
	a->freq = !period;
	a->sample_period = period ? period : freq;	/* a union with sample_freq */
	/* a place of the process, another one each time */
	if (ev->moves)
		a->config1 = 0;
}

/* RAW has the fields of a tracepoint: the registers go where the patched kernel has them. */
static void attr__tracepoint(const struct session *s, struct perfdata_attr *p)
{
	p->attr.sample_type |= PERFDATA_SAMPLE_XSTATE;
	p->xfeatures = s->xfeatures;
	p->xstate = 1;
}

int session__agent_attrs(struct session *s, struct err *e)
{
	unsigned int i;

	if ((s->ops != &capture_sigtrap && session__clock(s, e)) || session__alloc_attrs(s, e) || session__rate(s, e))
		return -1;
	for (i = 0; i < s->nr_attrs; i++) {
		attr__make(s, i, &s->attrs[i].attr);
		s->attrs[i].config3 = s->events.ev[i].config3;
		if (s->events.ev[i].kind == EVENT_TRACEPOINT)
			attr__tracepoint(s, &s->attrs[i]);
		snprintf(s->attrs[i].name, sizeof(s->attrs[i].name), "%s", s->events.ev[i].name);
		/* any numbers will do, as long as the samples have the same */
		if (s->nr_attrs > 1 && session__add_id(s, i, i + 1, e))
			return -1;
	}
	s->attr = s->attrs[0];
	return 0;
}

const char *session__event_names(const struct session *s, char *buf, size_t size)
{
	size_t i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < s->events.nr && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", s->events.ev[i].name);
	return buf;
}
