/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes and times with a unit, as options of perf record take them. */
#ifndef PERF_XREGS_UTIL_AMOUNT_H
#define PERF_XREGS_UTIL_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

/** amount__bytes - "512K": a whole number and one of B K M G; false when it is none, or 0 */
bool amount__bytes(const char *text, uint64_t *bytes);
/** amount__ns - "30s": a whole number and one of s m h d; false when it is none, or 0 */
bool amount__ns(const char *text, uint64_t *ns);

#endif
