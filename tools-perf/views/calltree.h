/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who called: the chains of a row's samples as a tree, its root at the row,
 * callers merged by symbol. Grows with distinct chains, not with samples.
 */
#ifndef PERF_XREGS_CALLTREE_H
#define PERF_XREGS_CALLTREE_H

#include "views/view.h"

struct call_node {
	const struct symbol *sym;	/* NULL: not known, see why */
	const char *why;
	uint64_t samples;		/* that go on to this caller */
	struct call_node *callers, *next;
};

/**
 * calltree__add - count the callers of a sample's function
 * @root: of the row; made when missing
 *
 * Those behind frame f->depth of its chain. What is known to be missing is a
 * node without a symbol: where a chain by frame pointers does not have the
 * first caller for certain, and where a chain breaks off.
 */
void calltree__add(struct hist *h, struct call_node **root, const struct facts *f);

/** calltree__print - the tree as details of a row; nothing without chains */
void calltree__print(const struct call_node *root, struct output *o);

/** calltree__first_caller - who called the sampled function; NULL with @why where not known */
const struct symbol *calltree__first_caller(struct machine *m, const struct facts *f, const char **why);

#endif
