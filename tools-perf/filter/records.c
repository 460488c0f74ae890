/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>

#include "filter/records.h"

static const struct xstate_regs *record_filter__regs(void *ctx)
{
	struct record_filter *rf = ctx;

	if (!rf->regs) {
		rf->malformed += sample__state(rf->sample, rf->layout, rf->intr, &rf->own) != 0;
		rf->regs = &rf->own;
	}
	return rf->regs;
}

static const char *record_filter__comm(void *ctx)
{
	struct record_filter *rf = ctx;

	return machine__comm(rf->machine, rf->sample->pid, rf->sample->tid);
}

/* Not counted: what lacks symbols is told of the samples that are shown. */
static const struct symbol *record_filter__symbol(struct record_filter *rf)
{
	const struct sample *s = rf->sample;

	return machine__caller(rf->machine, s->pid, s->ip, s->cpumode)->sym;
}

static const char *record_filter__sym(void *ctx)
{
	return record_filter__symbol(ctx)->name;
}

static const char *record_filter__dso(void *ctx)
{
	return record_filter__symbol(ctx)->dso->path;
}

static bool record_filter__field(void *ctx, const char *event, const char *name, struct trace_value *v)
{
	struct record_filter *rf = ctx;

	return trace__field(rf->trace, rf->sample, event, name, v);
}

int record_filter__open(struct record_filter *rf, const char *text, struct err *e)
{
	*rf = (struct record_filter){ .filter = NULL };
	return text ? filter__compile(&rf->filter, text, e) : 0;
}

int record_filter__formats(struct record_filter *rf, struct perfdata_reader *r, struct err *e)
{
	return trace__open(r, &rf->trace, e);
}

bool record_filter__pass(struct record_filter *rf, const struct sample *s,
			 const struct xstate_regs *regs)
{
	static const struct filter_ops ops = {
		record_filter__regs, record_filter__comm,
		record_filter__sym, record_filter__dso, record_filter__field,
	};
	const struct filter_source src = { .sample = s, .ops = &ops, .ctx = rf };

	rf->no_format += trace__unknown(rf->trace, s);
	if (!rf->filter)
		return true;
	rf->sample = s;
	rf->regs = regs;
	return filter__pass(rf->filter, &src);
}

bool record_filter__say(const struct record_filter *rf, char *text, size_t size)
{
	if (rf->no_format)
		snprintf(text, size, "fields of %" PRIu64 " samples of tracepoints are unknown: %s", rf->no_format, trace__why(rf->trace));
	return rf->no_format;
}

void record_filter__close(struct record_filter *rf)
{
	filter__free(rf->filter);
	trace__free(rf->trace);
	rf->trace = NULL;
	rf->filter = NULL;
}
