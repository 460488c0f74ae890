/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of a shell command that is shown, to be copied and run. */
#ifndef PERF_XREGS_UTIL_SHELL_H
#define PERF_XREGS_UTIL_SHELL_H

#include "util/htab.h"

/**
 * shell__quote - @s as one word of a POSIX shell, in quotes where it needs them
 *
 * Control characters make it a $'...' [POSIX.1-2024, XCU 2.2.4; bash, zsh and
 * ksh have long had it], so that a command never holds one.
 *
 * Return: the word, in @a or @s itself; NULL: no memory.
 */
const char *shell__quote(struct arena *a, const char *s);

#endif
