/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_XREGS_OUTPUT_MXCSR_H
#define PERF_XREGS_OUTPUT_MXCSR_H

#include <stddef.h>
#include <stdint.h>

enum { MXCSR_TEXT_MAX = 160 };

/**
 * mxcsr__describe - MXCSR in words [SDM vol. 1, 10.2.3]: "FTZ DAZ, round to
 * nearest, all exceptions masked, raised IE PE"
 * @buf: MXCSR_TEXT_MAX bytes
 * Return: @buf.
 */
char *mxcsr__describe(uint32_t mxcsr, char *buf);
/** mxcsr__rounding - "nearest", "down", "up", "zero" */
const char *mxcsr__rounding(uint32_t mxcsr);

struct mxcsr_bit {
	uint32_t bit;
	const char *name;
};
/** mxcsr__bits - FTZ, DAZ, then the six sticky flags, then the six masks */
extern const struct mxcsr_bit mxcsr__bits[14];

#endif
