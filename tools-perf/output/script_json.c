/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NDJSON: one object a line, described in perf-xregs(1), "SCRIPT JSON".
 * Unknown values are absent, registers in init state say so. Quantities are
 * numbers with all their digits, addresses and bits hexadecimal strings.
 */
#include <stdio.h>

#include "machine/callchain.h"
#include "output/args.h"
#include "output/numfmt.h"
#include "output/script.h"

/* Each member begins with a comma: the first one of an object is its "kind". */
static void member__name(struct script_output *out, const char *key)
{
	char *to = put_text(obuf__room(out->o, 64), ",\"");

	obuf__set(out->o, put_text(put_text(to, key), "\":"));
}

static void member__string(struct script_output *out, const char *key, const char *value)
{
	if (!value)
		return;
	member__name(out, key);
	obuf__json_string(out->o, value);
}

static void member__number(struct script_output *out, const char *key, uint64_t v)
{
	member__name(out, key);
	obuf__set(out->o, numfmt__u64(obuf__room(out->o, 32), v));
}

/* A task that is past its exit has the number -1. */
static void member__task(struct script_output *out, const char *key, uint32_t id)
{
	member__name(out, key);
	obuf__set(out->o, numfmt__i64(obuf__room(out->o, 32), (int32_t)id));
}

/* An address or bits: a reader that makes doubles of numbers would lose some. */
static void member__hex(struct script_output *out, const char *key, uint64_t v)
{
	char *to;

	member__name(out, key);
	to = numfmt__hex(put_text(obuf__room(out->o, 32), "\"0x"), v, 1);
	obuf__set(out->o, put_text(to, "\""));
}

/* Seconds with all nine digits, as a string: a double would round them. */
static void member__time(struct script_output *out, uint64_t ns)
{
	char *to;

	member__name(out, "time");
	to = numfmt__u64(put_text(obuf__room(out->o, 64), "\""), ns / 1000000000);
	*to++ = '.';
	to = numfmt__u64_width(to, ns % 1000000000, 9, '0');
	obuf__set(out->o, put_text(to, "\""));
}

static void print_location(struct script_output *out, const struct location *l, uint64_t ip)
{
	bool known = l && l->sym->end > l->sym->start;

	if (out->fields & SCRIPT_IP)
		member__hex(out, "ip", ip);
	if ((out->fields & SCRIPT_SYM) && known)
		member__string(out, "sym", l->sym->name);
	if ((out->fields & SCRIPT_SYMOFF) && known)
		member__number(out, "symoff", l->addr - l->sym->start);
	if ((out->fields & SCRIPT_DSO) && l && l->sym->dso)
		member__string(out, "dso", l->sym->dso->path);
}

static void print_callchain(struct script_output *out, const struct sample *s)
{
	const struct location *l;
	struct callchain c;
	const char *why;
	unsigned int i;

	machine__callchain(out->m, s, &c);
	member__name(out, "callchain");
	obuf__char(out->o, '[');
	for (i = 0; i < c.nr; i++) {
		obuf__text(out->o, i ? ",{\"ip\":\"0x" : "{\"ip\":\"0x");
		obuf__set(out->o, put_text(numfmt__hex(obuf__room(out->o, 32), c.frame[i].ip, 1), "\""));
		l = machine__caller(out->m, s->pid, c.frame[i].ip, c.frame[i].cpumode);
		if (l->sym->end > l->sym->start)
			member__string(out, "sym", l->sym->name);
		obuf__char(out->o, '}');
	}
	obuf__char(out->o, ']');
	why = chain_end__why(c.end);
	if (why)
		member__string(out, "callchain_end", why);
}

static const char *const contexts[] = {
	[XSTATE_CTX_USER_LIVE]	 = "user-live",
	[XSTATE_CTX_USER_SAVED]	 = "user-saved",
	[XSTATE_CTX_KERNEL_LIVE] = "kernel-live",
};

static void print_registers(struct script_output *out, const struct script_sample *x)
{
	const struct xstate_regs *r = x->regs;

	if (x->malformed) {
		member__string(out, "malformed", x->malformed);
		return;
	}
	if (r->context != XSTATE_CTX_NONE && r->context < sizeof(contexts) / sizeof(contexts[0]))
		member__string(out, "context", contexts[r->context]);
	if (r->xinuse_known)
		member__hex(out, "xinuse", r->xinuse);
	if (r->xfd)
		member__hex(out, "xfd", r->xfd);
	if (r->zero_is_ambiguous)
		obuf__text(out->o, ",\"zero_is_ambiguous\":true");
	member__name(out, "regs");
	obuf__char(out->o, '{');
	regview__json(out->view, out->o, r, x->types);
	obuf__char(out->o, '}');
}

static void print_source(struct script_output *out, const struct script_sample *x)
{
	const char *file;
	int line;

	if ((out->fields & SCRIPT_INSN) && x->insn && x->insn->known)
		member__string(out, "insn", x->insn->text);
	if (!(out->fields & SCRIPT_SRCLINE) || !machine__srcline(out->m, x->loc, &file, &line))
		return;
	member__string(out, "file", file);
	member__number(out, "line", line);
}

static void print_task(struct script_output *out, const struct script_sample *x)
{
	const struct sample *s = x->s;

	if (out->fields & SCRIPT_COMM)
		member__string(out, "comm", x->comm);
	if ((out->fields & SCRIPT_PID) && (s->type & PERF_SAMPLE_TID))
		member__task(out, "pid", s->pid);
	if ((out->fields & SCRIPT_TID) && (s->type & PERF_SAMPLE_TID))
		member__task(out, "tid", s->tid);
	if ((out->fields & SCRIPT_CPU) && (s->type & PERF_SAMPLE_CPU))
		member__number(out, "cpu", s->cpu);
	if ((out->fields & SCRIPT_TIME) && (s->type & PERF_SAMPLE_TIME))
		member__time(out, s->time);
	if (out->fields & SCRIPT_EVENT)
		member__string(out, "event", s->attr->name);
	if ((out->fields & SCRIPT_PERIOD) && (s->type & PERF_SAMPLE_PERIOD))
		member__number(out, "period", s->period);
}

static void member__value(struct script_output *out, const char *name, const struct trace_value *v)
{
	if (v->string) {
		member__string(out, name, v->string);
	} else if (v->is_signed) {
		member__name(out, name);
		obuf__set(out->o, numfmt__i64(obuf__room(out->o, 32), (int64_t)v->number));
	} else {
		member__number(out, name, v->number);
	}
}

static void print_trace(struct script_output *out, const struct sample *s)
{
	struct trace_value v;
	const char *name;
	unsigned int i;

	if (trace__unknown(out->trace, s)) {
		member__name(out, "trace");
		obuf__text(out->o, "null");
		return;
	}
	if (!trace__field_at(out->trace, s, 0, &name, &v))
		return;
	member__name(out, "trace");
	/* each member begins with a comma */
	obuf__text(out->o, "{\"tracepoint\":");
	obuf__json_string(out->o, s->attr->name);
	for (i = 0; trace__field_at(out->trace, s, i, &name, &v); i++)
		member__value(out, name, &v);
	obuf__char(out->o, '}');
}

void script_json__sample(struct script_output *out, const struct script_sample *x)
{
	obuf__text(out->o, "{\"kind\":\"sample\"");
	print_task(out, x);
	print_location(out, x->loc, x->s->ip);
	print_source(out, x);
	if (x->args) {
		member__name(out, "args");
		args__json(out->o, x->args, x->s, x->regs);
	}
	if (out->fields & SCRIPT_TRACE)
		print_trace(out, x->s);
	if (out->fields & SCRIPT_CALLCHAIN)
		print_callchain(out, x->s);
	if (out->fields & SCRIPT_REGS)
		print_registers(out, x);
	obuf__text(out->o, "}\n");
}

/* A fact of the recording, by its key with '_' for '-', as in report --json. */
static void member__meta(struct script_output *out, enum perfdata_meta_key k, const char *value)
{
	const char *name = perfdata_meta__name(k);
	uint64_t count;
	char key[32];
	size_t i;

	for (i = 0; name[i] && i < sizeof(key) - 1; i++)
		key[i] = name[i] == '-' ? '_' : name[i];
	key[i] = '\0';
	if (!perfdata_meta__is_count(k))
		member__string(out, key, value);
	else if (perfdata_meta__count(value, &count))
		member__number(out, key, count);
}

void script_json__head(struct script_output *out, const struct perfdata_reader *r)
{
	const struct perfdata_info *info = perfdata_reader__info(r);
	unsigned int i, nr;
	const struct perfdata_attr *a = perfdata_reader__attrs(r, &nr);

	obuf__text(out->o, "{\"kind\":\"head\",\"schema\":2");
	member__string(out, "hostname", info->hostname);
	member__string(out, "osrelease", info->osrelease);
	member__string(out, "cpu", info->cpudesc);
	member__string(out, "cpuid", info->cpuid);
	for (i = 0; i < PERFDATA_META_NR; i++)
		member__meta(out, i, info->meta[i]);
	member__name(out, "events");
	for (i = 0; i < nr; i++) {
		obuf__char(out->o, i ? ',' : '[');
		obuf__json_string(out->o, a[i].name);
	}
	obuf__text(out->o, "]}\n");
}

static void json__filter(struct script_output *out, const struct filter *filter)
{
	const struct filter_stats *st = filter__stats(filter);

	member__string(out, "filter", filter__text(filter));
	member__number(out, "filter_samples", st->samples);
	member__number(out, "filter_passed", st->passed);
	member__number(out, "filter_unknown", st->unknown);
}

void script_json__end(struct script_output *out, const struct perfdata_reader *r,
		      uint64_t printed, uint64_t malformed,
		      const struct record_filter *filter)
{
	const struct perfdata_stats *st = perfdata_reader__stats(r);

	obuf__text(out->o, "{\"kind\":\"end\"");
	member__number(out, "samples", printed);
	member__number(out, "lost", st->lost);
	member__number(out, "malformed_registers", malformed);
	member__number(out, "bad_records", st->bad_records);
	if (filter->no_format)
		member__number(out, "unknown_trace_fields", filter->no_format);
	if (filter->filter)
		json__filter(out, filter->filter);
	if (st->truncated)
		member__number(out, "truncated_at", st->truncated_offset);
	if (st->unfinished)
		obuf__text(out->o, ",\"unfinished\":true");
	obuf__text(out->o, "}\n");
}
