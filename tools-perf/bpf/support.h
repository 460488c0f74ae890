/* SPDX-License-Identifier: GPL-2.0-only */
/* What BPF needs of a machine, and what to do where it is missing. */
#ifndef PERF_XREGS_BPF_SUPPORT_H
#define PERF_XREGS_BPF_SUPPORT_H

#include "util/err.h"

/** bpf_support__quiet - keep libbpf's messages for bpf_support__explain() instead of printing them */
void bpf_support__quiet(void);

/**
 * bpf_support__explain - why BPF programs cannot be loaded or attached here
 * @error: errno of what failed, positive
 * @verb: what could not be done: "take a census"
 *
 * Return: -1, with @e: the reason and the remedy.
 */
int bpf_support__explain(int error, const char *verb, struct err *e);

#endif
