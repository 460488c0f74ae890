/* SPDX-License-Identifier: GPL-2.0-only */
/* What instructions read: counts by operand, kept for a symbol. */
#ifndef PERF_XREGS_OPERANDS_H
#define PERF_XREGS_OPERANDS_H

#include "views/contents.h"

/* hist_pair.count: lanes, then by class. This is hist_pair.data. */
struct operand_data {
	uint64_t samples, unknown;	/* in which its lanes are known; are not */
	bool fp;			/* lanes are floating point */
	bool computes;			/* read as numbers, struct insn_read */
	const char *type;		/* "f32", "untyped" */
	uint64_t with[XSTATE_FP_NR];	/* samples with at least one such lane */
	struct sketch *sketch;		/* with show_values */
};

struct operands_acc {
	struct seen seen;
	struct hist_pair *list;		/* thing: struct insn_operand; loc: the reader's */
};

void operands_acc__add(struct hist *h, struct operands_acc *a, const struct facts *f);

/** operand__classes - "zero 3.1 %, subnormal 29.0 %": what is not normal; "normal" */
char *operand__classes(const struct hist_pair *p, char *buf, size_t size);
/** operand__is_plain - nothing in it is zero, subnormal, infinite or NaN */
bool operand__is_plain(const struct hist_pair *p);
/** operand__mark - its subnormals, infinities or NaNs are proven, see proves() */
bool operand__mark(const struct hist_pair *p);
/** operand__detail - one operand below the last row; @text for people or NULL */
void operand__detail(const struct hist *h, const struct hist_pair *p, const char *text, struct output *o);

#endif
