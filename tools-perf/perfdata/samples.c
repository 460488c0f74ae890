/* SPDX-License-Identifier: GPL-2.0-only */
/* From any carrier of registers to the register view. */
#include "perfdata/perfdata.h"

/* Bits of attr.sample_xstate. */
enum { XSTATE_ASKED_USER = 1, XSTATE_ASKED_INTR = 2 };

struct views {
	struct xstate_regs *user, *intr;
	bool has_user, has_intr;
};

static void views__reset(struct views *v)
{
	xstate_regs__init(v->user);
	if (v->intr)
		xstate_regs__init(v->intr);
	v->has_user = v->has_intr = false;
}

static void views__set_intr(struct views *v, const struct xstate_block *b)
{
	if (v->intr)
		xstate_regs__from_block(v->intr, b);
	v->has_intr = true;
}

static void views__set_user(struct views *v, const struct xstate_block *b)
{
	xstate_regs__from_block(v->user, b);
	v->has_user = true;
}

/*
 * The kernel group: the user block first, then the interrupted one, each only
 * if the attr asks for it.
 */
static int group__regs(const struct sample *s, const struct xstate_layout *l, struct views *v)
{
	const uint8_t *p = s->xstate;
	size_t left = s->xstate_size;
	struct xstate_block b;
	uint32_t bit;
	int r;

	for (bit = XSTATE_ASKED_USER; bit <= XSTATE_ASKED_INTR; bit <<= 1) {
		if (!(s->attr->xstate & bit))
			continue;
		r = xstate_block__read(&b, l, p, left, NULL);
		if (r)
			return r;
		if (bit == XSTATE_ASKED_USER)
			views__set_user(v, &b);
		else
			views__set_intr(v, &b);
		p += b.size;
		left -= b.size;
	}
	return 0;
}

/* A payload of ours: each block's context says what it is. */
static int raw__regs(struct xstate_raw *raw, struct views *v)
{
	struct xstate_block b;
	int r;

	while ((r = xstate_raw__next(raw, &b, NULL)) > 0) {
		if (b.context == XSTATE_CTX_KERNEL_LIVE || v->has_user)
			views__set_intr(v, &b);
		else
			views__set_user(v, &b);
	}
	return r;
}

static void simd__regs(const struct sample *s, struct views *v)
{
	if (s->has_regs_user) {
		xstate_regs__from_simd(v->user, &s->regs_user);
		v->has_user = v->user->captured;
	}
	if (!s->has_regs_intr)
		return;
	if (v->intr)
		xstate_regs__from_simd(v->intr, &s->regs_intr);
	/* what an interrupt of user code found is the user's state */
	if (!v->has_user && s->cpumode == PERF_RECORD_MISC_USER)
		xstate_regs__from_simd(v->user, &s->regs_intr);
}

int sample__regs(const struct sample *s, const struct xstate_layout *l,
		 struct xstate_regs *user, struct xstate_regs *intr)
{
	struct views v = { .user = user, .intr = intr };
	struct xstate_layout basic;
	struct xstate_raw raw;
	int r;

	if (!l || !l->xfeatures) {
		xstate_layout__init(&basic);
		l = &basic;
	}
	views__reset(&v);
	if (s->xstate_size) {
		r = group__regs(s, l, &v);
	} else if (s->raw_size && (r = xstate_raw__open(&raw, l, s->raw, s->raw_size, NULL)) != XSTATE_E_MAGIC &&
		   (r != XSTATE_E_TRUNCATED || s->raw_size >= XSTATE_RAW_HEADER_SIZE)) {
		r = r ? r : raw__regs(&raw, &v);
	} else {
		simd__regs(s, &v);
		r = 0;
	}
	if (r)
		views__reset(&v);
	return r;
}

int sample__state(const struct sample *s, const struct xstate_layout *l, bool intr,
		  struct xstate_regs *regs)
{
	struct xstate_regs user;

	return intr ? sample__regs(s, l, &user, regs) : sample__regs(s, l, regs, NULL);
}
