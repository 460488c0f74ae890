/* SPDX-License-Identifier: GPL-2.0-only */
/* Masks of predicated instructions, kept for a symbol. */
#ifndef PERF_XREGS_MASK_H
#define PERF_XREGS_MASK_H

#include "views/view.h"

enum { NR_MASK_CLASSES = 4, NR_MASK_SIZES = 7 };	/* 1, 2, 4 ... 64 lanes */

/* Counts of one instruction, hist_pair.count; classes begin at PAIR_CLASS. */
enum { PAIR_USES = 0, PAIR_CLASS = 1, PAIR_ON = PAIR_CLASS + NR_MASK_CLASSES, PAIR_LANES };

struct mask_acc {
	struct seen seen;
	uint64_t uses, class[NR_MASK_CLASSES];
	uint64_t scalarish;		/* one_hot ones with but the lowest lane on */
	uint64_t sparse;		/* samples with fewer than half of the lanes on */
	uint64_t on, lanes;
	uint64_t *popcount[NR_MASK_SIZES]; /* lanes + 1 each, made when needed */
	struct hist_pair *insns;	/* thing: the mask operand; loc: of its instruction */
};

/** mask__detail - one instruction below the last row; for people as well if @shown */
void mask__detail(const struct hist *h, const struct hist_pair *p, uint64_t all, bool shown,
		  struct output *o);

#endif
