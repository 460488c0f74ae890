/* SPDX-License-Identifier: GPL-2.0-only */
/* Times as people write them. */
#ifndef PERF_XREGS_UTIL_TIME_H
#define PERF_XREGS_UTIL_TIME_H

#include <stddef.h>
#include <stdint.h>

/**
 * time__parse - "12.345678" and "12" (seconds), "12.5s" "3ms" "5us" "7ns"
 * @ns: written on success; exact: a double holds no nanoseconds of a long uptime
 *
 * Return: NULL, or what is wrong, to follow the text: "is no time: ...".
 */
const char *time__parse(uint64_t *ns, const char *s, size_t len);

#endif
