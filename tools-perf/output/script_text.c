/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>

#include "machine/callchain.h"
#include "output/args.h"
#include "output/numfmt.h"
#include "output/script.h"

/* seconds.microseconds, as perf script prints it */
static char *put_time(char *to, uint64_t ns)
{
	to = numfmt__u64_width(to, ns / 1000000000, 5, ' ');
	*to++ = '.';
	return numfmt__u64_width(to, ns % 1000000000 / 1000, 6, '0');
}

/* A task that is past its exit has the number -1 [kernel/events/core.c: perf_event_pid()]. */
static void print_pid(struct script_output *out, const struct sample *s)
{
	char *to = obuf__room(out->o, 64);

	*to++ = ' ';
	if (!(s->type & PERF_SAMPLE_TID)) {
		obuf__set(out->o, put_text(to, "?"));
		return;
	}
	if (out->fields & SCRIPT_PID)
		to = numfmt__i64(to, (int32_t)s->pid);
	/* one number where process and thread are the same, unless asked for both */
	if ((out->fields & SCRIPT_TID) && (!(out->fields & SCRIPT_PID) || s->tid != s->pid)) {
		if (out->fields & SCRIPT_PID)
			*to++ = '/';
		to = numfmt__i64(to, (int32_t)s->tid);
	}
	obuf__set(out->o, to);
}

static void print_cpu(struct script_output *out, const struct sample *s)
{
	char *to = put_text(obuf__room(out->o, 32), " [");

	to = s->type & PERF_SAMPLE_CPU ? numfmt__u64_width(to, s->cpu, 3, '0') : put_text(to, "?");
	obuf__set(out->o, put_text(to, "]"));
}

static void print_time(struct script_output *out, const struct sample *s)
{
	char *to = put_text(obuf__room(out->o, 64), " ");

	to = s->type & PERF_SAMPLE_TIME ? put_time(to, s->time) : put_text(to, "?");
	obuf__set(out->o, put_text(to, ":"));
}

static void print_event(struct script_output *out, const struct sample *s)
{
	char *to = obuf__room(out->o, 32);

	if (out->fields & SCRIPT_PERIOD)
		obuf__set(out->o, numfmt__u64_width(put_text(to, " "), s->period, 10, ' '));
	if (!(out->fields & SCRIPT_EVENT))
		return;
	obuf__char(out->o, ' ');
	obuf__name(out->o, s->attr->name);
	obuf__char(out->o, ':');
}

static void print_location(struct script_output *out, const struct location *l, uint64_t ip)
{
	bool known = l && l->sym->end > l->sym->start;
	char *to = obuf__room(out->o, 64);

	if (out->fields & SCRIPT_IP)
		obuf__set(out->o, numfmt__hex(put_text(to, " "), ip, 12));
	if (out->fields & SCRIPT_SYM) {
		obuf__char(out->o, ' ');
		obuf__name(out->o, l->sym->name);
		to = obuf__room(out->o, 64);
		if ((out->fields & SCRIPT_SYMOFF) && known)
			obuf__set(out->o, numfmt__hex(put_text(to, "+0x"), l->addr - l->sym->start, 1));
		else if (!known && !(out->fields & SCRIPT_IP))
			obuf__set(out->o, numfmt__hex(put_text(to, " 0x"), ip, 1));
	}
	if (!(out->fields & SCRIPT_DSO))
		return;
	obuf__text(out->o, " (");
	obuf__name(out->o, l->sym->dso ? l->sym->dso->name : "[unknown]");
	obuf__char(out->o, ')');
}

static void print_srcline(struct script_output *out, const struct location *l)
{
	const char *file;
	int line;

	if (!machine__srcline(out->m, l, &file, &line))
		return;
	obuf__char(out->o, ' ');
	obuf__name(out->o, file);
	obuf__set(out->o, numfmt__u64(put_text(obuf__room(out->o, 32), ":"), line));
}

static void print_callchain(struct script_output *out, const struct sample *s)
{
	const struct chain_frame *f;
	struct callchain c;
	const char *why;
	unsigned int i;

	machine__callchain(out->m, s, &c);
	for (i = 0; i < c.nr; i++) {
		f = &c.frame[i];
		if (!i && f->ip == s->ip)
			continue;	/* the sample itself, which has its line */
		obuf__text(out->o, "       ");
		print_location(out, machine__caller(out->m, s->pid, f->ip, f->cpumode), f->ip);
		obuf__char(out->o, '\n');
	}
	why = chain_end__why(c.end);
	if (why)
		obuf__printf(out->o, "        ?  %s\n", why);
}

static const char *why_no_registers(const struct script_sample *x)
{
	uint8_t mode = x->s->cpumode;

	if (x->malformed)
		return x->malformed;
	if (mode == PERF_RECORD_MISC_KERNEL && x->regs->context == XSTATE_CTX_NONE)
		return "the sample hit the kernel, which gave none";
	return "the sample carries none";
}

static void print_registers(struct script_output *out, const struct script_sample *x)
{
	if (x->malformed || !regview__text(out->view, out->o, x->regs, x->types))
		obuf__printf(out->o, "    registers  ?  %s\n", why_no_registers(x));
}

static void print_args(struct script_output *out, const struct script_sample *x)
{
	obuf__text(out->o, "  ");
	obuf__name(out->o, x->loc->sym->name);
	/* a demangled name has its parameters' types already */
	if (!strchr(x->loc->sym->name, '('))
		obuf__char(out->o, '(');
	else
		obuf__text(out->o, " (");
	args__text(out->o, x->args, x->s, x->regs);
	obuf__char(out->o, ')');
}

static void print_trace(struct script_output *out, const struct sample *s)
{
	const char *text = trace__text(out->trace, s);

	if (!text && !trace__unknown(out->trace, s))
		return;
	obuf__text(out->o, "  ");
	obuf__name(out->o, text ? text : "?");
}

void script_text__sample(struct script_output *out, const struct script_sample *x)
{
	if (out->fields & SCRIPT_COMM)
		obuf__name(out->o, x->comm);
	if (out->fields & (SCRIPT_PID | SCRIPT_TID))
		print_pid(out, x->s);
	if (out->fields & SCRIPT_CPU)
		print_cpu(out, x->s);
	if (out->fields & SCRIPT_TIME)
		print_time(out, x->s);
	if (out->fields & (SCRIPT_EVENT | SCRIPT_PERIOD))
		print_event(out, x->s);
	if (out->fields & (SCRIPT_IP | SCRIPT_SYM | SCRIPT_DSO))
		print_location(out, x->loc, x->s->ip);
	if (out->fields & SCRIPT_SRCLINE)
		print_srcline(out, x->loc);
	if ((out->fields & SCRIPT_INSN) && x->insn && x->insn->known) {
		obuf__text(out->o, "  ");
		obuf__text(out->o, x->insn->text);
	}
	if (x->args)
		print_args(out, x);
	if (out->fields & SCRIPT_TRACE)
		print_trace(out, x->s);
	obuf__char(out->o, '\n');
	if (out->fields & SCRIPT_CALLCHAIN)
		print_callchain(out, x->s);
	if (out->fields & SCRIPT_REGS)
		print_registers(out, x);
}

/* Only what the lines below cannot say. */
void script_text__head(struct script_output *out, const struct perfdata_reader *r)
{
	unsigned int i, nr;
	const struct perfdata_attr *a = perfdata_reader__attrs(r, &nr);

	for (i = 0; i < nr && !a[i].simd_enabled; i++)
		;
	if (i < nr)
		obuf__text(out->o, "# registers came by the kernel's SIMD sample ABI: a 0 there can also mean init state or not captured\n");
}
