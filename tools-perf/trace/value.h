/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_XREGS_TRACE_VALUE_H
#define PERF_XREGS_TRACE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* A field of a tracepoint. */
struct trace_value {
	const char *string;		/* NULL: it is a number */
	bool is_signed;
	uint64_t number;		/* a signed one in two's complement */
};

#endif
