/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of numbers as users list them: "3", "1,5", "0-3,8". */
#ifndef PERF_XREGS_UTIL_IDSET_H
#define PERF_XREGS_UTIL_IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct idset {
	struct { uint32_t first, last; } *range;
	size_t nr;
};

/**
 * idset__parse - the set that a list names
 * @option: for the message: "--pid"
 * @text: list, or NULL for an empty set
 *
 * Return: 0, or -1 with a usage error.
 */
int idset__parse(struct idset *s, const char *option, const char *text, struct err *e);
bool idset__has(const struct idset *s, uint32_t id);
void idset__free(struct idset *s);

#endif
