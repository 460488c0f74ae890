/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf.data with registers as PERF_SAMPLE_RAW payload, which every reader of
 * perf.data knows how to carry along: the SIMD ABI needs an attr that perf up
 * to 7.3 refuses, and our kernel group a sample_type bit that it skips.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/convert.h"

enum {
	RECORD_MAX	= 65535,
	/* sample_regs_*: AX to R15 before bits that mean different things */
	GPR_MASK	= 0xffffff,
	GPR_NR		= 24,
	/* PERF_REG_X86_IP, FLAGS, CS, SS, DS, ES, FS, GS: no contents */
	GPR_CONTROL	= 0xff00,
};
static const uint64_t XMM_MASK = UINT64_C(0xffffffff) << 32;

struct to_perf {
	struct perfdata_writer *writer;
	struct perfdata_attr *attrs;		/* as written */
	const struct perfdata_attr *in;
	unsigned int nr;
	struct perfdata_info info;		/* the reader's, but for the meta of ours */
	char *why;
	uint8_t raw[RECORD_MAX], record[RECORD_MAX + 1];
	uint64_t chain[2 * CHAIN_MAX];		/* with a mark before each, at the most */
};

/* ---- attrs --------------------------------------------------------------------------- */

/*
 * Single XMM registers of the older ABI stay in their group, which perf reads:
 * a block knows whole components.
 */
static bool mask__stays(const struct convert *c, const struct perfdata_attr *a, uint64_t mask)
{
	uint64_t xmm = mask & XMM_MASK;

	return !c->strip && !c->redact && !c->limited && !a->simd_enabled && xmm && xmm != XMM_MASK;
}

static uint64_t mask__written(const struct convert *c, const struct perfdata_attr *a, uint64_t mask)
{
	if (c->strip)
		return 0;
	return mask__stays(c, a, mask) ? mask : mask & GPR_MASK;
}

static bool drops__stack(const struct convert *c)
{
	return c->strip || c->redact;
}

static void attr__group(struct perf_event_attr *a, uint64_t bit, uint64_t mask)
{
	if (!mask)
		a->sample_type &= ~bit;
}

static void attr__convert(const struct convert *c, const struct perfdata_attr *in, struct perfdata_attr *a)
{
	*a = *in;
	a->simd_enabled = a->simd_pred_qwords = a->simd_vec_qwords = 0;
	a->simd_pred_intr = a->simd_pred_user = 0;
	a->simd_vec_intr = a->simd_vec_user = 0;
	a->xfeatures = 0;
	a->xstate = 0;
	a->attr.sample_regs_user = mask__written(c, in, in->attr.sample_regs_user);
	a->attr.sample_regs_intr = mask__written(c, in, in->attr.sample_regs_intr);
	attr__group(&a->attr, PERF_SAMPLE_REGS_USER, a->attr.sample_regs_user);
	attr__group(&a->attr, PERF_SAMPLE_REGS_INTR, a->attr.sample_regs_intr);
	a->attr.sample_type &= ~(uint64_t)PERFDATA_SAMPLE_XSTATE;
	if (!c->strip)
		a->attr.sample_type |= PERF_SAMPLE_RAW;
	/* the stack holds what registers were spilled to; the chain that it gives stays */
	if (drops__stack(c) && a->attr.sample_type & PERF_SAMPLE_STACK_USER) {
		a->attr.sample_type &= ~(uint64_t)PERF_SAMPLE_STACK_USER;
		a->attr.sample_type |= PERF_SAMPLE_CALLCHAIN;
		a->attr.sample_stack_user = 0;
		a->attr.exclude_callchain_user = 0;
	}
}

static int to_perf__info(struct convert *c, struct to_perf *p)
{
	const char *old;

	p->info = *perfdata_reader__info(c->reader);
	p->info.layout = c->layout;
	p->info.has_layout = true;
	if (!c->strip && !c->redact)
		return 0;
	old = p->info.meta[PERFDATA_META_BACKEND_WHY];
	if (asprintf(&p->why, "%s%s%s", old ? old : "", old ? "; " : "",
		     c->strip ? "registers stripped by perf-xregs convert --strip" :
				"register values replaced by keyed hashes: perf-xregs convert --redact") < 0)
		return -1;
	p->info.meta[PERFDATA_META_BACKEND_WHY] = p->why;
	return 0;
}

/*
 * What stock perf needs beside the records: the formats of tracepoints, the
 * machine's topology. --strip and --redact take nothing from it: it was known
 * before the first sample.
 */
static int to_perf__sections(struct convert *c, struct to_perf *p, struct err *e)
{
	struct perfdata_section s;
	size_t i;
	int r;

	for (i = 0; (r = perfdata_reader__section(c->reader, i, &s, e)) > 0; i++) {
		if (!s.stays)
			c->counts.sections[s.nr / 64] |= UINT64_C(1) << s.nr % 64;
		else if (perfdata_writer__section(p->writer, s.nr, s.data, s.size, e))
			return -1;
	}
	return r;
}

static int to_perf__open(struct convert *c, struct err *e)
{
	struct to_perf *p = calloc(1, sizeof(*p));
	unsigned int i;

	c->priv = p;
	if (!p)
		return err__set(e, "out of memory");
	p->in = perfdata_reader__attrs(c->reader, &p->nr);
	p->attrs = calloc(p->nr + 1, sizeof(*p->attrs));
	if (!p->attrs || to_perf__info(c, p))
		return err__set(e, "out of memory");
	for (i = 0; i < p->nr; i++)
		attr__convert(c, &p->in[i], &p->attrs[i]);
	if (perfdata_writer__open(c->output, p->attrs, p->nr, &p->info, &p->writer, e))
		return -1;
	return to_perf__sections(c, p, e);
}

/* ---- records ------------------------------------------------------------------------- */

static int to_perf__build_id(struct convert *c, struct to_perf *p, const char *name, struct err *e)
{
	size_t size;
	const uint8_t *id = perfdata_reader__build_id(c->reader, name, &size);

	return id ? perfdata_writer__build_id(p->writer, name, id, size, e) : 0;
}

/* Their layout does not depend on what changes in the attrs: bytes for bytes. */
static int to_perf__record(struct convert *c, const struct perfdata_record *rec, struct err *e)
{
	struct to_perf *p = c->priv;
	struct perf_event_header h = { .type = rec->type, .misc = rec->misc, .size = sizeof(h) + rec->body_size };

	if (rec->body_size > RECORD_MAX - sizeof(h) || rec->body_size % 8) {
		c->counts.other_records++;
		return 0;
	}
	if (rec->kind == PERFDATA_MMAP &&
	    (to_perf__build_id(c, p, rec->mmap.filename, e) ||
	     (rec->cpumode == PERF_RECORD_MISC_KERNEL && to_perf__build_id(c, p, "[kernel.kallsyms]", e))))
		return -1;
	memcpy(p->record, &h, sizeof(h));
	memcpy(p->record + sizeof(h), rec->body, rec->body_size);
	return perfdata_writer__record(p->writer, p->record, h.size, e);
}

/* ---- samples ------------------------------------------------------------------------- */

static bool raw__is_ours(const struct sample *s)
{
	struct xstate_layout l;
	struct xstate_raw raw;

	if (!s->raw_size || s->xstate_size)
		return false;
	xstate_layout__init(&l);
	return xstate_raw__open(&raw, &l, s->raw, s->raw_size, NULL) != XSTATE_E_MAGIC &&
	       s->raw_size >= XSTATE_RAW_HEADER_SIZE;
}

/* Another's payload: a tracepoint's fields, say. */
static bool raw__is_foreign(const struct sample *s)
{
	return s->type & PERF_SAMPLE_RAW && s->raw_size >= XSTATE_RAW_HEADER_SIZE && !raw__is_ours(s);
}

static bool regs__empty(const struct xstate_regs *r)
{
	unsigned int i;

	for (i = 0; i < XSTATE_BANK_NR; i++)
		if (r->bank[i].value || r->bank[i].init)
			return false;
	return r->mxcsr_state == XSTATE_UNKNOWN && !r->captured && r->context == XSTATE_CTX_NONE && !r->requested;
}

static bool to_perf__put_block(struct convert *c, struct to_perf *p, const struct xstate_regs *r,
			       unsigned int context, size_t *size, bool *partial)
{
	uint64_t lost;
	size_t n;

	if (regs__empty(r))
		return false;
	n = regs__block(r, context, &lost, p->raw + *size, sizeof(p->raw) - *size);
	*size += n;
	*partial |= lost & ~(c->limited ? ~c->keep : 0);
	return n;
}

/* The user's block first; an interrupted one behind it says so by its context. */
static void to_perf__build_raw(struct convert *c, struct to_perf *p, const struct convert_sample *x, struct sample *s)
{
	bool in_kernel = s->cpumode == PERF_RECORD_MISC_KERNEL, partial = false;
	size_t size = XSTATE_RAW_HEADER_SIZE;
	unsigned int n;

	n = to_perf__put_block(c, p, x->user, in_kernel ? XSTATE_CTX_USER_SAVED : XSTATE_CTX_USER_LIVE, &size, &partial);
	if (x->intr && in_kernel)
		n += to_perf__put_block(c, p, x->intr, XSTATE_CTX_KERNEL_LIVE, &size, &partial);
	c->counts.partial += partial;
	s->raw = p->raw;
	s->raw_size = n ? size : 0;
	xstate_raw__write_header(p->raw, sizeof(p->raw), n);
}

/* The kernel group's blocks are the payload's, with its head before them. */
static void to_perf__wrap_group(struct to_perf *p, const struct convert_sample *x, struct sample *s)
{
	unsigned int blocks = __builtin_popcount(x->s->attr->xstate & 3);

	xstate_raw__write_header(p->raw, sizeof(p->raw), blocks);
	if (s->xstate_size > sizeof(p->raw) - XSTATE_RAW_HEADER_SIZE)
		return;
	memcpy(p->raw + XSTATE_RAW_HEADER_SIZE, s->xstate, s->xstate_size);
	s->raw = p->raw;
	s->raw_size = XSTATE_RAW_HEADER_SIZE + s->xstate_size;
}

static void to_perf__raw(struct convert *c, const struct convert_sample *x, struct sample *s)
{
	struct to_perf *p = c->priv;
	const struct perfdata_attr *a = x->s->attr;

	if (raw__is_foreign(x->s)) {
		c->counts.raw_kept += !regs__empty(x->user) && !c->strip;
		return;
	}
	if (c->strip) {
		s->raw_size = 0;
		return;
	}
	if (x->as_recorded && (raw__is_ours(x->s) || x->malformed))
		return;
	if (x->as_recorded && s->xstate_size) {
		to_perf__wrap_group(p, x, s);
		return;
	}
	s->raw_size = 0;
	if (mask__stays(c, a, a->attr.sample_regs_user) || mask__stays(c, a, a->attr.sample_regs_intr))
		return;
	to_perf__build_raw(c, p, x, s);
}

/* The registers of a group that stay in it, packed anew. */
static void to_perf__gprs(struct convert *c, struct xstate_simd *r, uint64_t mask, uint64_t to[64])
{
	unsigned int i, n = 0;

	for (i = 0; i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		to[n] = 0;
		if (!r->abi || i >= GPR_NR || xstate_simd__gpr(r, i, &to[n]))
			memcpy(&to[n], r->gprs + 8 * __builtin_popcountll(r->mask & ((UINT64_C(1) << i) - 1)), r->abi ? 8 : 0);
		if (c->redact && !(GPR_CONTROL >> i & 1))
			to[n] = redact__u64(c->redact, to[n]);
		n++;
	}
	r->abi &= ~(uint64_t)PERF_REGS_ABI_SIMD;
	r->mask = mask;
	r->gprs = (const uint8_t *)to;
}

/*
 * A list as the kernel makes it: a mark where the context changes, addresses
 * behind the calls. Unwinding gives those of the calls.
 */
static void to_perf__chain(struct convert *c, struct to_perf *p, struct sample *s)
{
	uint8_t mode = PERF_RECORD_MISC_CPUMODE_UNKNOWN;
	const struct chain_frame *f;
	struct callchain chain;
	unsigned int i, n = 0;
	bool first;

	machine__callchain(c->machine, s, &chain);
	for (i = 0; i < chain.nr; i++) {
		f = &chain.frame[i];
		first = f->cpumode != mode;
		if (first)
			p->chain[n++] = f->cpumode == PERF_RECORD_MISC_KERNEL ? PERF_CONTEXT_KERNEL : PERF_CONTEXT_USER;
		mode = f->cpumode;
		p->chain[n++] = first ? f->ip : f->call + 1;
	}
	s->callchain = (const uint8_t *)p->chain;
	s->nr_callchain = n;
}

static const struct perfdata_attr *to_perf__attr(const struct to_perf *p, const struct sample *s)
{
	return &p->attrs[s->attr - p->in];
}

static int to_perf__sample(struct convert *c, const struct convert_sample *x, struct err *e)
{
	struct to_perf *p = c->priv;
	const struct perfdata_attr *a = to_perf__attr(p, x->s);
	uint64_t user[64], intr[64];
	struct sample s = *x->s;
	size_t size;

	if (drops__stack(c) && s.type & PERF_SAMPLE_STACK_USER) {
		c->counts.stacks += !!s.user_stack_size;
		to_perf__chain(c, p, &s);
	}
	to_perf__raw(c, x, &s);
	to_perf__gprs(c, &s.regs_user, a->attr.sample_regs_user, user);
	to_perf__gprs(c, &s.regs_intr, a->attr.sample_regs_intr, intr);
	s.attr = a;
	s.type = a->attr.sample_type;
	size = perfdata_build__sample(p->record, sizeof(p->record), a, &s);
	if (!size && s.user_stack_alloc) {
		s.user_stack_alloc = s.user_stack_size = 0;
		c->counts.too_large++;
		size = perfdata_build__sample(p->record, sizeof(p->record), a, &s);
	}
	if (!size)
		return err__set(e, "cannot convert: a sample with its registers exceeds the %d bytes of a record; fewer --regs help", RECORD_MAX);
	return perfdata_writer__record(p->writer, p->record, size, e);
}

static int to_perf__close(struct convert *c, bool failed, struct err *e)
{
	struct to_perf *p = c->priv;
	struct err late;
	int r = 0;

	if (!p)
		return 0;
	if (p->writer)
		r = perfdata_writer__close(p->writer, &p->info, failed ? &late : e);
	free(p->attrs);
	free(p->why);
	free(p);
	return r;
}

const struct converter convert_perf = {
	.name = "perf", .help = "perf.data with the registers as raw data, for stock perf", .registers = true,
	.open = to_perf__open, .record = to_perf__record, .sample = to_perf__sample, .close = to_perf__close,
};
