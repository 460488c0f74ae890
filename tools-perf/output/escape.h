/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text of a recording (names of threads, files and symbols, arguments) made
 * harmless. It may hold any byte: a newline would forge a line, ESC and the C1
 * controls [ECMA-48 5.3] would command the terminal.
 */
#ifndef PERF_XREGS_OUTPUT_ESCAPE_H
#define PERF_XREGS_OUTPUT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { ESCAPE_MAX = 8 };		/* bytes that escape__char() and json__char() write at most */

/**
 * utf8__length - bytes of the UTF-8 character at @s [RFC 3629, section 4], 0 if
 * there is none: overlong forms, surrogates and what is beyond U+10FFFF are none
 */
size_t utf8__length(const char *s);

/**
 * escape__char - the character at *@s for a screen, a line, a field
 *
 * Controls become \n \t \r or, as bytes that are no UTF-8, \xNN. Moves @s on;
 * returns the end of what was written to @to, without a NUL.
 */
char *escape__char(char *to, const char **s);
/**
 * escape__text - a copy of @s with escape__char(), to be freed; NULL: no memory
 * @utf8: who reads it has more signs than ASCII; else those are bytes as \xNN, too
 */
char *escape__text(const char *s, bool utf8);

/** json__char - the same for a JSON string; bytes that are no UTF-8 become U+FFFD */
char *json__char(char *to, const char **s);

#endif
