/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line a sample, a column a register or, with --type, a lane [RFC 4180].
 * Three states in every cell: a value, "init", or "?" for unknown.
 */
#include <stdlib.h>
#include <string.h>

#include "convert/convert.h"
#include "output/numfmt.h"

static void csv__number(struct obuf *o, bool known, uint64_t v)
{
	obuf__char(o, ',');
	if (known)
		obuf__set(o, numfmt__u64(obuf__room(o, NUMFMT_MAX), v));
	else
		obuf__char(o, '?');
}

/* Lanes of a register under --type: none where the type does not fit. */
static unsigned int csv__lanes(const struct convert *c, struct xstate_reg reg)
{
	bool lanes = reg.class <= XSTATE_CLASS_ZMM || reg.class == XSTATE_CLASS_TMM;

	return c->typed && lanes ? xstate_reg__size(reg) / xstate_type__size(c->type) : 0;
}

static int csv__open(struct convert *c, struct err *e)
{
	unsigned int it = 0, i, n;
	struct xstate_reg reg;
	char name[16];

	(void)e;
	obuf__text(&c->out, "time,comm,pid,tid,cpu,event,period,ip,sym,dso,context,xinuse");
	while (reglist__next(&c->regs, &it, &reg)) {
		xstate_reg__name(reg, name);
		n = csv__lanes(c, reg);
		for (i = 0; i < n; i++)
			obuf__printf(&c->out, ",%s.%s[%u]", name, xstate_type__name(c->type), i);
		if (!n)
			obuf__printf(&c->out, ",%s", name);
	}
	obuf__char(&c->out, '\n');
	return 0;
}

static void csv__task(struct convert *c, const struct convert_sample *x)
{
	const struct sample *s = x->s;
	struct obuf *o = &c->out;

	if (s->type & PERF_SAMPLE_TIME) {
		obuf__set(o, numfmt__u64(obuf__room(o, NUMFMT_MAX), s->time / 1000000000));
		obuf__char(o, '.');
		obuf__set(o, numfmt__u64_width(obuf__room(o, NUMFMT_MAX), s->time % 1000000000, 9, '0'));
	} else {
		obuf__char(o, '?');
	}
	obuf__char(o, ',');
	obuf__csv_string(o, x->comm);
	csv__number(o, s->type & PERF_SAMPLE_TID, s->pid);
	csv__number(o, s->type & PERF_SAMPLE_TID, s->tid);
	csv__number(o, s->type & PERF_SAMPLE_CPU, s->cpu);
	obuf__char(o, ',');
	obuf__csv_string(o, s->attr->name);
	csv__number(o, s->type & PERF_SAMPLE_PERIOD, s->period);
	obuf__printf(o, ",0x%llx,", (unsigned long long)s->ip);
	obuf__csv_string(o, x->loc->sym->name);
	obuf__char(o, ',');
	obuf__csv_string(o, x->loc->sym->dso ? x->loc->sym->dso->path : "[unknown]");
}

static void csv__head(struct convert *c, const struct xstate_regs *r)
{
	static const char *const contexts[] = {
		[XSTATE_CTX_NONE] = "?", [XSTATE_CTX_USER_LIVE] = "user-live",
		[XSTATE_CTX_USER_SAVED] = "user-saved", [XSTATE_CTX_KERNEL_LIVE] = "kernel-live",
	};

	obuf__printf(&c->out, ",%s", contexts[r->context & 3]);
	if (r->xinuse_known)
		obuf__printf(&c->out, ",0x%llx", (unsigned long long)r->xinuse);
	else
		obuf__text(&c->out, ",?");
}

static void csv__hex(struct obuf *o, const struct xstate_value *v)
{
	unsigned int i = v->size;

	obuf__text(o, "0x");
	while (i--) {
		if (i >= v->known)
			obuf__text(o, "??");
		else
			obuf__set(o, numfmt__hex(obuf__room(o, NUMFMT_MAX), v->bytes[i], 2));
	}
}

static void csv__register(struct convert *c, const struct xstate_value *v)
{
	obuf__char(&c->out, ',');
	if (v->state == XSTATE_INIT)
		obuf__text(&c->out, "init");
	else if (v->state == XSTATE_UNKNOWN && !v->known)
		obuf__char(&c->out, '?');
	else
		csv__hex(&c->out, v);
}

static void csv__lane(struct convert *c, const struct xstate_value *v, unsigned int i)
{
	unsigned int size = xstate_type__size(c->type);

	obuf__char(&c->out, ',');
	if (v->state == XSTATE_INIT)
		obuf__text(&c->out, "init");
	else if ((i + 1) * size > v->known)
		obuf__char(&c->out, '?');
	else
		obuf__set(&c->out, numfmt__lane(obuf__room(&c->out, NUMFMT_MAX), c->type,
						xstate_lane__bits(v->bytes, c->type, i)));
}

static int csv__sample(struct convert *c, const struct convert_sample *x, struct err *e)
{
	unsigned int it = 0, i, n;
	struct xstate_value v;
	struct xstate_reg reg;

	(void)e;
	csv__task(c, x);
	csv__head(c, x->user);
	while (reglist__next(&c->regs, &it, &reg)) {
		xstate_regs__get(x->user, reg, &v);
		n = csv__lanes(c, reg);
		for (i = 0; i < n; i++)
			csv__lane(c, &v, i);
		if (!n)
			csv__register(c, &v);
	}
	obuf__char(&c->out, '\n');
	return 0;
}

static int csv__close(struct convert *c, bool failed, struct err *e)
{
	(void)c, (void)failed, (void)e;
	return 0;
}

const struct converter convert_csv = {
	.name = "csv", .help = "a line a sample, a column a register (or lane, with --type)", .text = true, .registers = true,
	.open = csv__open, .sample = csv__sample, .close = csv__close,
};
