/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xregs-dlfilter.so: for stock perf script, which samples are shown, and their
 * registers below each. It sees raw data alone: files whose registers travel
 * otherwise go through "perf xregs convert --to perf" first. Blocks need the
 * sizes of components, which the architecture fixes; nothing of this machine
 * is asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"
#include "machine/internal.h"
#include "output/regview.h"
#include "plugin/dlfilter_abi.h"

#define PUBLIC __attribute__((visibility("default")))

PUBLIC struct perf_dlfilter_fns perf_dlfilter_fns;

struct plugin {
	const char *expression, *list, *type;	/* of --dlarg */
	bool quiet;

	struct filter *filter;
	struct regview view;
	struct regtypes types;
	bool infer;
	struct obuf text;			/* of the sample before: perf prints it first */
	struct xstate_layout sizes;

	/* of the sample at hand */
	void *ctx;
	struct sample sample;
	struct perfdata_attr attr;
	struct xstate_regs regs;
	const struct perf_dlfilter_al *al;
	uint64_t samples, without, malformed;
};

/* ---- arguments ----------------------------------------------------------------------- */

static const char description[] = "filter by vector registers and print them below each sample";
static const char long_description[] =
"Arguments, each behind a --dlarg:\n"
"  filter=EXPR   show the samples for which EXPR is true, see perf-xregs(1), FILTERS\n"
"  regs=LIST     print these registers: ymm0-3,k1,mxcsr (default: all vector registers)\n"
"  type=TYPE     type of the lanes; auto (default) takes the sampled instruction's\n"
"  quiet         filter only\n";

PUBLIC const char *filter_description(const char **more)
{
	if (more)
		*more = long_description;
	return description;
}

static int plugin__argument(struct plugin *p, const char *arg)
{
	const struct { const char *key; const char **to; } keys[] = {
		{ "filter=", &p->expression }, { "regs=", &p->list }, { "type=", &p->type },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strncmp(arg, keys[i].key, strlen(keys[i].key))) {
			*keys[i].to = arg + strlen(keys[i].key);
			return 0;
		}
	p->quiet |= !strcmp(arg, "quiet");
	return strcmp(arg, "quiet") ? -1 : 0;
}

static int plugin__arguments(struct plugin *p, void *ctx, struct err *e)
{
	int n = 0, i;
	char **arg = perf_dlfilter_fns.args(ctx, &n);

	for (i = 0; i < n; i++)
		if (plugin__argument(p, arg[i]))
			return err__usage(e, "cannot filter with --dlarg '%s': there are filter=EXPR, regs=LIST, type=TYPE and quiet", arg[i]);
	return 0;
}

static int plugin__types(struct plugin *p, struct err *e)
{
	enum xstate_type type;

	regtypes__init(&p->types, NULL);
	p->infer = !p->type || !strcmp(p->type, "auto");
	if (p->infer || !strcmp(p->type, "none"))
		return 0;
	if (xstate_type__parse(p->type, strlen(p->type), &type))
		return err__usage(e, "cannot filter with type=%s: no such type", p->type);
	regtypes__init(&p->types, &type);
	return 0;
}

static int plugin__prepare(struct plugin *p, void *ctx, struct err *e)
{
	struct reglist list;

	if (plugin__arguments(p, ctx, e) || plugin__types(p, e) ||
	    reglist__parse(&list, p->list ? p->list : "zmm,opmask,mxcsr", ~UINT64_C(0), e) ||
	    (p->expression && filter__compile(&p->filter, p->expression, e)))
		return -1;
	xstate_layout__sizes(&p->sizes);
	p->view.each = p->list;
	return regview__init(&p->view, &list) || obuf__open(&p->text, -1) ? err__set(e, "out of memory") : 0;
}

static void plugin__free(struct plugin *p)
{
	filter__free(p->filter);
	regview__free(&p->view);
	free(p->text.buf);
	free(p);
}

PUBLIC int start(void **data, void *ctx)
{
	struct plugin *p = calloc(1, sizeof(*p));
	struct err e;

	*data = NULL;		/* perf calls stop() also when start() failed */
	if (!p)
		return -1;
	if (!plugin__prepare(p, ctx, &e)) {
		*data = p;
		return 0;
	}
	fprintf(stderr, "xregs-dlfilter: %s\n", e.msg);
	plugin__free(p);
	return -1;
}

/* ---- samples ------------------------------------------------------------------------- */

#define HAS(s, member)	((s)->size >= offsetof(__typeof__(*(s)), member) + sizeof((s)->member))

/* The text waits until perf has printed the sample that it belongs to. */
static void plugin__print(struct plugin *p)
{
	fwrite(p->text.buf, 1, p->text.at - p->text.buf, stdout);
	p->text.at = p->text.buf;
}

static void plugin__sample(struct plugin *p, const struct perf_dlfilter_sample *s, void *ctx)
{
	const struct perf_event_attr *attr = perf_dlfilter_fns.attr ? perf_dlfilter_fns.attr(ctx) : NULL;

	p->ctx = ctx;
	p->al = NULL;
	if (attr)
		memcpy(&p->attr.attr, attr, sizeof(p->attr.attr) < attr->size ? sizeof(p->attr.attr) : attr->size);
	p->attr.name[0] = '\0';
	if (HAS(s, event) && s->event)
		snprintf(p->attr.name, sizeof(p->attr.name), "%s", s->event);
	p->sample = (struct sample){
		.type = p->attr.attr.sample_type, .ip = s->ip, .pid = s->pid, .tid = s->tid, .time = s->time,
		.addr = s->addr, .id = s->id, .period = s->period, .cpu = s->cpu, .cpumode = s->cpumode,
		.raw = HAS(s, raw_data) ? s->raw_data : NULL, .raw_size = HAS(s, raw_data) && s->raw_data ? s->raw_size : 0,
		.attr = &p->attr,
	};
	p->samples++;
	if (sample__regs(&p->sample, &p->sizes, &p->regs, NULL))
		p->malformed++;
	else
		p->without += !p->regs.captured && p->regs.mxcsr_state == XSTATE_UNKNOWN;
}

static const struct perf_dlfilter_al *plugin__al(struct plugin *p)
{
	if (!p->al)
		p->al = perf_dlfilter_fns.resolve_ip(p->ctx);
	return p->al;
}

static const struct xstate_regs *get_regs(void *ctx)
{
	return &((struct plugin *)ctx)->regs;
}

static const char *get_comm(void *ctx)
{
	const struct perf_dlfilter_al *al = plugin__al(ctx);

	return al && HAS(al, comm) ? al->comm : NULL;
}

static const char *get_sym(void *ctx)
{
	const struct perf_dlfilter_al *al = plugin__al(ctx);

	return al ? al->sym : NULL;
}

static const char *get_dso(void *ctx)
{
	const struct perf_dlfilter_al *al = plugin__al(ctx);

	return al ? al->dso : NULL;
}

static const struct filter_ops ops = { get_regs, get_comm, get_sym, get_dso };

static void plugin__text(struct plugin *p)
{
	struct insn insn = { 0 };
	uint32_t length = 0;
	const uint8_t *bytes = p->infer && plugin__al(p) ? perf_dlfilter_fns.insn(p->ctx, &length) : NULL;

	if (bytes && length) {
		insn__decode(&insn, bytes, length, p->sample.ip);
		if (insn.known)
			regtypes__learn(&p->types, &insn);
	}
	if (!regview__text(&p->view, &p->text, &p->regs, &p->types))
		obuf__text(&p->text, "    registers  ?  the sample carries none\n");
	if (p->infer)
		regtypes__forget(&p->types);
}

/* Return: 1 to leave the sample out, 0 to show it. */
PUBLIC int filter_event(void *data, const struct perf_dlfilter_sample *sample, void *ctx)
{
	struct plugin *p = data;
	const struct filter_source source = { .sample = &p->sample, .ops = &ops, .ctx = p };

	plugin__print(p);
	plugin__sample(p, sample, ctx);
	if (p->filter && !filter__pass(p->filter, &source))
		return 1;
	if (!p->quiet)
		plugin__text(p);
	return 0;
}

PUBLIC int stop(void *data, void *ctx)
{
	struct plugin *p = data;
	char text[512];

	(void)ctx;
	if (!p)
		return 0;
	plugin__print(p);
	if (p->malformed)
		fprintf(stderr, "xregs-dlfilter: registers of %llu samples could not be decoded\n", (unsigned long long)p->malformed);
	if (p->without)
		fprintf(stderr, "xregs-dlfilter: %llu of %llu samples carry no registers as raw data; 'perf xregs convert --to perf' puts them there\n",
			(unsigned long long)p->without, (unsigned long long)p->samples);
	if (p->filter) {
		filter__summary(p->filter, text, sizeof(text));
		fprintf(stderr, "xregs-dlfilter: %s\n", text);
	}
	plugin__free(p);
	return 0;
}
