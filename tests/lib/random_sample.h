/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples for the filter's tests: fields that may be missing, registers in all
 * three states, lanes of all classes. The same seed gives the same samples.
 */
#ifndef TESTS_RANDOM_SAMPLE_H
#define TESTS_RANDOM_SAMPLE_H

#include "filter/filter.h"

struct random_sample {
	struct sample sample;
	struct perfdata_attr attr;
	struct xstate_layout layout;
	struct xstate_regs regs;
	const char *comm, *sym, *dso;	/* NULL: unknown */
	uint8_t state[16384];		/* component contents */
	uint8_t carrier[16384];		/* block or SIMD group, into which regs points */
};

/** random_sample__make - the next sample; @seed goes on */
void random_sample__make(struct random_sample *s, uint64_t *seed);
/** random_sample__source - for filter__eval() */
struct filter_source random_sample__source(struct random_sample *s);
/** random__next - 64 random bits (xorshift) */
uint64_t random__next(uint64_t *seed);

#endif
