/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter over the samples of a recording: names come from a machine,
 * registers from the sample, each when a term asks. This and nothing else in
 * this folder knows of machine/.
 */
#ifndef PERF_XREGS_FILTER_RECORDS_H
#define PERF_XREGS_FILTER_RECORDS_H

#include "filter/filter.h"
#include "machine/machine.h"
#include "trace/trace.h"

struct record_filter {
	struct filter *filter;		/* NULL: every sample passes */
	struct machine *machine;
	const struct xstate_layout *layout; /* of the file, or NULL */
	struct trace *trace;		/* formats of tracepoints, NULL: none */
	bool intr;			/* look at the interrupted state, not at the user's */

	/* of the sample at hand */
	const struct sample *sample;
	const struct xstate_regs *regs;
	struct xstate_regs own;		/* decoded here, unless the caller had them */

	uint64_t no_format;		/* samples of tracepoints whose fields are unknown */
	uint64_t malformed;		/* samples whose registers could not be decoded here */
};

/**
 * record_filter__open - make ready
 * @text: the expression, or NULL: every sample passes
 *
 * @rf's machine and layout may be set later, before the first sample.
 * Return: 0, or -1 with an error of filter__compile().
 */
int record_filter__open(struct record_filter *rf, const char *text, struct err *e);

/**
 * record_filter__formats - read the formats of tracepoints, where the file has some
 *
 * record_filter__close() frees them. What is damaged is left out.
 * Return: 0, or -1 with @e: the file cannot be read, no memory.
 */
int record_filter__formats(struct record_filter *rf, struct perfdata_reader *r, struct err *e);

/**
 * record_filter__pass - is this sample one to look at?
 * @regs: its registers if they are decoded already, else NULL
 */
bool record_filter__pass(struct record_filter *rf, const struct sample *s,
			 const struct xstate_regs *regs);

/** record_filter__say - how many samples' fields are unknown and why; false: none */
bool record_filter__say(const struct record_filter *rf, char *text, size_t size);

void record_filter__close(struct record_filter *rf);

#endif
