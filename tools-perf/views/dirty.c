/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who leaves the upper halves dirty? Samples at which the instruction is
 * legacy SSE, or scalar, while state beyond 128 bits is in use. Whether a bit
 * is set there is said beside: on some parts XINUSE[2] stays 1 after
 * vzeroupper [SDM vol. 1, 13.6], and then the halves are zero.
 */
#include <stdio.h>
#include <stdlib.h>

#include "views/calltree.h"

static void dirty_acc__caller(struct hist *h, struct dirty_acc *a, const struct facts *f)
{
	const char *why;
	const struct symbol *sym = calltree__first_caller(h->machine, f, &why);
	struct hist_pair *p = NULL;

	if (sym)
		p = hist__pair(h, &a->callers, sym, NULL);
	else if (why)
		p = hist__pair(h, &a->unknown_callers, why, NULL);
	if (p)
		p->count[0]++;
}

static void dirty_acc__legacy(struct hist *h, struct dirty_acc *a, const struct facts *f)
{
	a->legacy++;
	if (f->upper_in_use != TRI_UNKNOWN) {
		a->legacy_known++;
		a->legacy_in_use += f->upper_in_use == TRI_YES;
	}
	if (f->upper_nonzero != TRI_UNKNOWN) {
		a->legacy_nonzero_known++;
		a->legacy_nonzero += f->upper_nonzero == TRI_YES;
	}
	if (f->upper_in_use == TRI_YES)
		dirty_acc__caller(h, a, f);
}

static void dirty_acc__scalar(struct dirty_acc *a, const struct facts *f)
{
	a->scalar++;
	if (f->upper_in_use != TRI_UNKNOWN) {
		a->scalar_known++;
		a->scalar_in_use += f->upper_in_use == TRI_YES;
	}
	if (f->upper_nonzero != TRI_UNKNOWN) {
		a->scalar_nonzero_known++;
		a->scalar_nonzero += f->upper_nonzero == TRI_YES;
	}
}

void dirty_acc__add(struct hist *h, struct dirty_acc *a, const struct facts *f)
{
	if (!f->insn->known)
		a->insn_unknown++;
	else if (f->insn->encoding == INSN_LEGACY_SSE)
		dirty_acc__legacy(h, a, f);
	else if (f->insn->scalar)
		dirty_acc__scalar(a, f);
}

static void dirty__add(struct hist *h, void *acc, const struct facts *f)
{
	dirty_acc__add(h, acc, f);
}

static uint64_t dirty__rank(const struct hist_entry *e)
{
	const struct dirty_acc *a = e->acc;
	uint64_t legacy = a->legacy_in_use + (a->legacy - a->legacy_known);
	uint64_t scalar = a->scalar_in_use + (a->scalar - a->scalar_known);

	return legacy << 32 | (scalar & UINT32_MAX);
}

static const char legacy[] = "legacy SSE, upper state", scalar[] = "scalar AVX, upper state";

static const struct column columns[] = {
	{ "legacy_sse",	    "Samples", CELL_COUNT, 0, legacy },
	{ "legacy_in_use",  "in use", CELL_SHARE, 0, legacy },
	{ "legacy_nonzero", "non-zero", CELL_SHARE, 0, legacy },
	{ "scalar_avx",	    "Samples", CELL_COUNT, 0, scalar },
	{ "scalar_in_use",  "in use", CELL_SHARE, 0, scalar },
	{ "scalar_nonzero", "non-zero", CELL_SHARE, 0, scalar },
};

/* Without such a sample there is nothing whose share could be unknown. */
static struct cell cell__share_of(uint64_t part, uint64_t known, uint64_t all)
{
	return all ? cell__share(part, known) : (struct cell){ .kind = CELL_NONE };
}

static struct cell cell__count(uint64_t n)
{
	return (struct cell){ .kind = n ? CELL_COUNT : CELL_NONE, .count = n };
}

static void dirty__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct dirty_acc *a = e->acc;

	(void)h;
	*c++ = cell__count(a->legacy);
	*c = cell__share_of(a->legacy_in_use, a->legacy_known, a->legacy);
	c->mark = proves(a->legacy_nonzero, a->legacy_nonzero_known, FLOOR_DIRTY);
	c++;
	*c++ = cell__share_of(a->legacy_nonzero, a->legacy_nonzero_known, a->legacy);
	*c++ = cell__count(a->scalar);
	*c++ = cell__share_of(a->scalar_in_use, a->scalar_known, a->scalar);
	*c++ = cell__share_of(a->scalar_nonzero, a->scalar_nonzero_known, a->scalar);
}

static void dirty__caller_detail(struct output *o, const char *name, const char *why, uint64_t n, uint64_t all)
{
	static const struct column columns[] = {
		{ "caller", "Caller", CELL_TEXT }, { "why", "Why unknown", CELL_TEXT },
		{ "samples", "Samples", CELL_COUNT }, { "share", "Share", CELL_SHARE },
	};
	struct cell cells[] = {
		{ .kind = name ? CELL_TEXT : CELL_UNKNOWN, .text = name },
		{ .kind = why ? CELL_TEXT : CELL_NONE, .text = why },
		{ .kind = CELL_COUNT, .count = n }, cell__share(n, all),
	};
	char text[512], share[24];

	snprintf(text, sizeof(text), "          %7s  of these %s%.300s", cell__format(&cells[3], share, sizeof(share)),
		 name ? "are called by " : "have an unknown caller: ", name ? name : why);
	o->ops->detail(o, "caller", text, columns, cells, 4);
}

enum { MAX_CALLERS = 8 };

static void dirty__known_callers(const struct dirty_acc *a, struct output *o)
{
	const struct hist_pair **list;
	uint64_t rest = 0;
	char text[64];
	size_t i, n;

	list = hist_pair__sorted(a->callers, 0, &n);
	for (i = 0; i < n; i++)
		if (i < MAX_CALLERS)
			dirty__caller_detail(o, ((const struct symbol *)list[i]->thing)->name, NULL, list[i]->count[0], a->legacy_in_use);
		else
			rest += list[i]->count[0];
	if (rest) {
		snprintf(text, sizeof(text), "%zu others", n - MAX_CALLERS);
		dirty__caller_detail(o, text, NULL, rest, a->legacy_in_use);
	}
	free(list);
}

static void dirty__unknown_callers(const struct dirty_acc *a, struct output *o)
{
	const struct hist_pair **list;
	size_t i, n;

	list = hist_pair__sorted(a->unknown_callers, 0, &n);
	for (i = 0; i < n; i++)
		dirty__caller_detail(o, NULL, list[i]->thing, list[i]->count[0], a->legacy_in_use);
	free(list);
}

/* Nothing when recorded without -g. */
static void dirty__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	const struct dirty_acc *a = e->acc;

	(void)h;
	dirty__known_callers(a, o);
	dirty__unknown_callers(a, o);
}

const struct view view_dirty = {
	.name = "dirty", .help = "who leaves the upper halves dirty: legacy SSE and scalar code while they are in use",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct dirty_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = dirty__add, .cells = dirty__cells, .rank = dirty__rank, .details = dirty__details,
	.left_out = "samples of legacy SSE or scalar code while upper state is in use",
};
