/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter of a recording: what can be decided at the hit, before registers
 * are read or symbols known.
 */
#ifndef PERF_XREGS_FILTER_PROGRAM_H
#define PERF_XREGS_FILTER_PROGRAM_H

#include "bpf/hit_program.h"
#include "filter/filter.h"

/**
 * filter__check_hits - can all of an expression be decided at the hit?
 *
 * Return: 0, or -1 with a usage error that points at the first term that
 * cannot, and says why and where it can.
 */
int filter__check_hits(const struct filter *f, struct err *e);

/**
 * filter__program - an expression of filter__check_hits() as the kernel runs it
 * @p: written
 *
 * Return: false when it does not fit: more than HIT_OPS_MAX terms and groups,
 * more than HIT_PATTERNS_MAX names with different patterns.
 */
bool filter__program(const struct filter *f, struct hit_program *p);

#endif
