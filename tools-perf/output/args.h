/* SPDX-License-Identifier: GPL-2.0-only */
/* The arguments of a function that a sample found at its first instruction. */
#ifndef PERF_XREGS_OUTPUT_ARGS_H
#define PERF_XREGS_OUTPUT_ARGS_H

#include "machine/args.h"
#include "output/obuf.h"
#include "perfdata/perfdata.h"

/** args__text - "a=0.5, v={1, 2}, n=3"; what is unknown or on the stack is ? */
void args__text(struct obuf *o, const struct args *a, const struct sample *s, const struct xstate_regs *r);
/** args__json - [{"name":"a","reg":"xmm0","type":"f64","values":[0.5]},...] */
void args__json(struct obuf *o, const struct args *a, const struct sample *s, const struct xstate_regs *r);

#endif
