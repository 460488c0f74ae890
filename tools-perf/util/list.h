/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of names on a command line. */
#ifndef PERF_XREGS_UTIL_LIST_H
#define PERF_XREGS_UTIL_LIST_H

#include <stdbool.h>

/** list__has - a comma-separated list has the name, or is it: names may hold commas */
bool list__has(const char *list, const char *name);

#endif
