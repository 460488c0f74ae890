/* SPDX-License-Identifier: GPL-2.0-only */
/* The instructions of a function, their share of its samples, and what each reads. */
#ifndef PERF_XREGS_FUNCTION_H
#define PERF_XREGS_FUNCTION_H

#include "views/pass.h"

/* What has to be counted for it: upper state by address; operands and masks by symbol. */
struct function_hists {
	struct hist *at, *reads, *masks;
};

/**
 * function_hists__add - let a pass count what functions need
 * @h: what is set already is in @p; NULL: added
 * Return: 0, or -1 with @e as pass__add_view().
 */
int function_hists__add(struct function_hists *h, struct pass *p, struct err *e);

/**
 * function__check - can the instructions of a function be shown?
 * @entry: of one of its samples
 * Return: 0, or -1 with @e: no known end, or no binary to read.
 */
int function__check(struct machine *m, const struct hist_entry *entry, struct err *e);

/**
 * function__print - a table of the instructions
 * @entry: a row of @h->reads
 */
void function__print(const struct function_hists *h, const struct hist_entry *entry, struct output *o);

/** hist__of_symbol - the first entry of a symbol, or NULL */
const struct hist_entry *hist__of_symbol(const struct hist *h, const struct symbol *sym);

#endif
