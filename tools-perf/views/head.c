/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/head.h"
#include "views/view.h"

enum { COMMAND_MAX = 60, MAX_PROBLEMS = 5 };

void tally__add(struct tally *t, const struct sample *s, const struct xstate_regs *r, uint64_t requested)
{
	uint64_t want = requested ? requested : r->requested;

	t->samples++;
	t->kernel += s->cpumode == PERF_RECORD_MISC_KERNEL;
	t->user += s->cpumode == PERF_RECORD_MISC_USER;
	t->ambiguous += r->zero_is_ambiguous && r->captured;
	if (!r->captured)
		t->none++;
	else if (want & ~r->captured)
		t->part++;
	else
		t->full++;
}

uint64_t info__requested(const struct perfdata_info *info)
{
	const char *s = info->meta[PERFDATA_META_REQ_XFEATURES];

	return s ? strtoull(s, NULL, 0) : 0;
}

/* ---- items --------------------------------------------------------------------- */

static const char *head__format(struct head *h, const char *fmt, va_list ap)
{
	char text[4096];

	vsnprintf(text, sizeof(text), fmt, ap);
	return arena__copy(&h->arena, text, strlen(text));
}

static void head__add(struct head *h, const struct head_item *item)
{
	if (h->nr < sizeof(h->item) / sizeof(h->item[0]))
		h->item[h->nr++] = *item;
}

/* For people alone: what programs want of it comes as facts of their own. */
static void head__text(struct head *h, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void head__text(struct head *h, unsigned int line, const char *fmt, ...)
{
	struct head_item item = { .line = line };
	va_list ap;

	va_start(ap, fmt);
	item.text = head__format(h, fmt, ap);
	va_end(ap);
	head__add(h, &item);
}

static void head__string(struct head *h, const char *key, const char *value)
{
	if (value)
		head__add(h, &(struct head_item){ .key = key, .value = value });
}

static void head__number(struct head *h, const char *key, double number)
{
	head__add(h, &(struct head_item){ .key = key, .number = number });
}

/* ---- what was recorded ------------------------------------------------------------ */

/* Of what ran already the target, and the command that it was watched for. */
static void head__recorded(struct head *h)
{
	const char *target = h->info->meta[PERFDATA_META_TARGET];
	char text[4096];
	const char *s = perfdata_info__command(h->info, text, sizeof(text));
	const char *dots = s && text__columns(s) > COMMAND_MAX ? "..." : "";
	int bytes = s ? text__bytes(s, COMMAND_MAX) : 0;

	head__string(h, "target", target);
	s = s ? arena__copy(&h->arena, s, strlen(s)) : NULL;
	head__string(h, target ? "while" : "command", s);
	if (target && s)
		head__text(h, 1, "%s, while %.*s%s ran", target, bytes, s, dots);
	else if (target || s)
		head__text(h, 1, "%.*s%s", target ? (int)strlen(target) : bytes, target ? target : s, dots);
}

static const char *head__event(const struct head *h)
{
	if (h->info->meta[PERFDATA_META_EVENT])
		return h->info->meta[PERFDATA_META_EVENT];
	return h->nr_attrs && h->attrs[0].name[0] ? h->attrs[0].name : NULL;
}

static const char *head__rate(struct head *h)
{
	const struct perf_event_attr *a = h->nr_attrs ? &h->attrs[0].attr : NULL;
	char text[64];

	if (h->info->meta[PERFDATA_META_RATE])
		return h->info->meta[PERFDATA_META_RATE];
	if (!a || !a->sample_period)
		return NULL;
	if (a->freq)
		snprintf(text, sizeof(text), "%" PRIu64 " Hz", (uint64_t)a->sample_freq);
	else
		snprintf(text, sizeof(text), "period %" PRIu64, (uint64_t)a->sample_period);
	return arena__copy(&h->arena, text, strlen(text));
}

/* How many samples each of several events has, and how to see them apart. */
static void head__events(struct head *h)
{
	char text[400];
	unsigned int i;
	int n = 0;

	if (h->nr_attrs < 2 || !h->tally->per_event)
		return;
	for (i = 0; i < h->tally->nr_events && (size_t)n < sizeof(text); i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s %" PRIu64, i ? ", " : "",
			      h->attrs[i].name, h->tally->per_event[i]);
	head__text(h, 1, "%u events, whose samples count alike: %s", h->nr_attrs, text);
	head__text(h, 1, "one of them: --filter 'event == %s'", h->attrs[0].name);
}

static void head__recording(struct head *h, uint64_t lost)
{
	const char *event = head__event(h), *rate = head__rate(h);
	const char *backend = h->info->meta[PERFDATA_META_BACKEND];
	uint64_t xfeatures = h->info->has_layout ? h->info->layout.xfeatures : 0;
	char mask[24];

	head__recorded(h);
	head__string(h, "event", event);
	head__string(h, "rate", rate);
	head__string(h, "backend", backend);
	head__string(h, "backend_why", h->info->meta[PERFDATA_META_BACKEND_WHY]);
	head__string(h, "cpu", h->info->cpudesc);
	head__number(h, "samples", h->tally->samples);
	head__number(h, "lost", lost);
	head__text(h, 1, "%s at %s by %s", event ? event : "unnamed event", rate ? rate : "unknown rate",
		   backend ? backend : "perf record");
	snprintf(mask, sizeof(mask), ", XSAVE 0x%" PRIx64, xfeatures);
	head__text(h, 1, "%s%s", h->info->cpudesc ? h->info->cpudesc : "unknown CPU", xfeatures ? mask : "");
	head__text(h, 1, "%" PRIu64 " samples, %" PRIu64 " lost", h->tally->samples, lost);
	head__events(h);
}

/* ---- how much is known --------------------------------------------------------------- */

static const char *head__share(struct head *h, uint64_t part, uint64_t whole)
{
	struct cell c = cell__share(part, whole);
	char buf[24];
	const char *s;

	if (c.kind == CELL_NONE)
		return "0 %";
	cell__format(&c, buf, sizeof(buf));
	s = arena__copy(&h->arena, buf, strlen(buf));
	return s ? s : "?";
}

static void head__delivered(struct head *h)
{
	const struct tally *t = h->tally;
	const char *requested = h->info->meta[PERFDATA_META_REQUESTED];

	head__string(h, "requested", requested);
	head__number(h, "delivered", t->full);
	head__number(h, "delivered_in_part", t->part);
	head__number(h, "unknown", t->none);
	head__number(h, "malformed", t->malformed);
	if (t->samples && t->none == t->samples && !t->malformed) {
		if (requested)
			head__text(h, 2, "registers asked for: %s", requested);
		head__text(h, 2, "no vector registers in this file%s", requested ? "" : ": perf xregs record takes them");
		return;
	}
	head__text(h, 2, "registers asked for: %s", requested ? requested : "not said in the file");
	head__text(h, 2, "delivered in %s of samples", head__share(h, t->full, t->samples));
	if (t->part)
		head__text(h, 2, "in part in %s", head__share(h, t->part, t->samples));
	if (t->none)
		head__text(h, 2, "unknown in %s", head__share(h, t->none, t->samples));
	if (t->ambiguous)
		head__text(h, 3, "this file's register ABI does not tell init and missing from zero");
	if (t->malformed)
		head__text(h, 3, "%" PRIu64 " samples with malformed registers count as unknown, the first at offset %" PRIu64 ": %s",
			   t->malformed, t->first_malformed_offset, xstate_strerror(t->first_malformed));
}

static void head__insns(struct head *h)
{
	const struct tally *t = h->tally;

	head__number(h, "user", t->user);
	head__number(h, "instruction_known", t->insn_known);
	head__number(h, "reads_floating_point", t->reads_fp);
	if (!t->user)
		return;
	head__text(h, 2, "instruction known in %s", head__share(h, t->insn_known, t->user));
	if (h->type)
		head__text(h, 2, "registers that are read taken as %s (--type)", h->type);
	else
		head__text(h, 2, "code reads floating point in %s", head__share(h, t->reads_fp, t->user));
	head__string(h, "lane_type", h->type);
}

/* Which samples the rest is about, and which of them could not be decided. */
static void head__filter(struct head *h)
{
	const struct filter *f = h->records->filter;
	const struct filter_stats *st;
	char text[512];

	if (!f)
		return;
	st = filter__stats(f);
	head__string(h, "filter", filter__text(f));
	head__number(h, "filter_samples", st->samples);
	head__number(h, "filter_passed", st->passed);
	head__number(h, "filter_unknown", st->unknown);
	filter__summary(f, text, sizeof(text));
	head__text(h, 3, "filter %s: %s", filter__text(f), text);
}

/* ---- what is missing ------------------------------------------------------------------- */

static uint64_t meta__number(const struct perfdata_info *info, enum perfdata_meta_key k)
{
	uint64_t count;

	return perfdata_meta__count(info->meta[k], &count) ? count : 0;
}

static void head__missing(struct head *h)
{
	const struct perfdata_info *i = h->info;
	uint64_t kernel = meta__number(i, PERFDATA_META_KERNEL), blocked = meta__number(i, PERFDATA_META_BLOCKED);
	uint64_t expected = meta__number(i, PERFDATA_META_EXPECTED), filtered = meta__number(i, PERFDATA_META_FILTERED);

	if (i->meta[PERFDATA_META_BACKEND_WHY])
		head__text(h, 3, "why %s: %s", i->meta[PERFDATA_META_BACKEND] ? i->meta[PERFDATA_META_BACKEND] : "so",
			   i->meta[PERFDATA_META_BACKEND_WHY]);
	if (i->meta[PERFDATA_META_KERNEL]) {
		head__number(h, "kernel_hits", kernel);
		head__text(h, 4, "%" PRIu64 " hits in the kernel without registers", kernel);
	} else if (h->tally->kernel) {
		head__number(h, "kernel_hits", h->tally->kernel);
	}
	if (h->tally->kernel)
		head__text(h, 4, "%" PRIu64 " samples in the kernel", h->tally->kernel);
	if (i->meta[PERFDATA_META_BLOCKED]) {
		head__number(h, "blocked", blocked);
		if (blocked)
			head__text(h, 4, "%" PRIu64 " hits while the program blocked the signal", blocked);
	}
	if (expected) {
		head__number(h, "expected", expected);
		head__text(h, 4, "%" PRIu64 " samples expected by the event's count", expected);
	}
	if (i->meta[PERFDATA_META_FILTER]) {
		head__string(h, "record_filter", i->meta[PERFDATA_META_FILTER]);
		head__number(h, "filtered_hits", filtered);
		head__text(h, 4, "recorded with --filter '%s', which left out %" PRIu64 " hits", i->meta[PERFDATA_META_FILTER], filtered);
	}
	if (i->meta[PERFDATA_META_UNSAMPLED]) {
		head__string(h, "unsampled", i->meta[PERFDATA_META_UNSAMPLED]);
		head__text(h, 4, "not sampled: %s", i->meta[PERFDATA_META_UNSAMPLED]);
	}
}

static void head__damage(struct head *h)
{
	const struct perfdata_stats *s = h->stats;
	char text[400];

	if (record_filter__say(h->records, text, sizeof(text))) {
		head__number(h, "unknown_trace_fields", h->records->no_format);
		head__text(h, 5, "%s", text);
	}
	if (s->throttled) {
		head__number(h, "throttled", s->throttled);
		head__text(h, 4, "%" PRIu64 " times throttled", s->throttled);
	}
	if (s->aux_bytes) {
		head__number(h, "aux_bytes", s->aux_bytes);
		head__text(h, 4, "%" PRIu64 " bytes of AUX trace data left aside: they hold no registers", s->aux_bytes);
	}
	if (s->unknown) {
		head__number(h, "unknown_records", s->unknown);
		head__text(h, 4, "%" PRIu64 " records are of a type that is not known here, the first of type %u", s->unknown, s->unknown_type);
	}
	if (s->deferred_chains) {
		head__number(h, "deferred_call_chains", s->deferred_chains);
		head__text(h, 4, "%" PRIu64 " call chains of user code were recorded after their samples and are left out", s->deferred_chains);
	}
	if (s->unfinished) {
		head__number(h, "unfinished", 1);
		head__text(h, 5, "the recorder was killed before it completed the file");
	}
	if (s->truncated) {
		head__number(h, "truncated_offset", s->truncated_offset);
		head__text(h, 5, "the file is cut off at offset %" PRIu64 ", %" PRIu64 " bytes are missing; what is before it is here",
			   s->truncated_offset, s->bytes_missing);
	}
	if (s->bad_records) {
		head__number(h, "damaged_records", s->bad_records);
		head__text(h, 5, "%" PRIu64 " damaged records left out, the first at offset %" PRIu64, s->bad_records, s->first_bad_offset);
	}
	if (s->unordered) {
		head__number(h, "unordered", s->unordered);
		head__text(h, 5, "%" PRIu64 " records came later than their time says", s->unordered);
	}
}

void head__print(struct head *h, struct output *o)
{
	uint64_t lost = meta__number(h->info, PERFDATA_META_LOST);

	/* rings that the recorder drains and the kernel's: the file may say both */
	if (h->stats->lost > lost)
		lost = h->stats->lost;
	head__recording(h, lost);
	head__delivered(h);
	head__insns(h);
	head__filter(h);
	head__missing(h);
	head__damage(h);
	o->ops->head(o, h->item, h->nr);
	arena__free(&h->arena);
}

/* Objects with the same trouble share a note: "a (12 samples), b (3 samples): cause". */
static void foot__problem(const struct machine_problem *p, unsigned int n, unsigned int i, struct output *o)
{
	char text[2048];
	unsigned int k, named = 0;
	uint64_t rest = 0;
	size_t at = 0;

	for (k = i; k < n; k++) {
		if (strcmp(p[k].why, p[i].why))
			continue;
		if (named++ >= MAX_PROBLEMS || at > sizeof(text) / 2)
			rest += p[k].samples;
		else
			at += snprintf(text + at, sizeof(text) - at, "%s%.400s (%" PRIu64 " samples)", at ? ", " : "",
				       p[k].dso->path, p[k].samples);
	}
	if (rest)
		at += snprintf(text + at, sizeof(text) - at, " and others (%" PRIu64 " samples)", rest);
	snprintf(text + at, sizeof(text) - at, ": %s", p[i].why);
	o->ops->note(o, text);
}

static bool problem__said(const struct machine_problem *p, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < i; k++)
		if (!strcmp(p[k].why, p[i].why))
			return true;
	return false;
}

void foot__print(struct machine *m, const struct tally *t, struct output *o)
{
	const struct machine_problem *p;
	unsigned int i, n = machine__problems(m, &p);
	char text[256];

	for (i = 0; i < n; i++)
		if (!problem__said(p, i))
			foot__problem(p, n, i, o);
	if (t->filtered) {
		snprintf(text, sizeof(text), "%" PRIu64 " of %" PRIu64 " samples are not shown: the options leave them out",
			 t->filtered, t->samples);
		o->ops->note(o, text);
	}
}
