/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors on their way up. Functions below the command layer return a negative
 * number and fill a struct err; only cmd_*.c prints it and only main.c exits.
 * A message names verb, object, cause and remedy, in one or two lines without
 * a final newline: "cannot open 'x.data': No such file or directory; record
 * one with 'perf-xregs record'".
 */
#ifndef PERF_XREGS_UTIL_ERR_H
#define PERF_XREGS_UTIL_ERR_H

/* Exit status of the tool. */
enum {
	XREGS_OK	= 0,
	XREGS_FAILED	= 1,
	XREGS_USAGE	= 2,
};

struct err {
	int status;		/* XREGS_FAILED or XREGS_USAGE */
	char msg[2048];
};

/** err__set - fill @e with XREGS_FAILED and a message; always returns -1 */
int err__set(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** err__usage - the same with XREGS_USAGE */
int err__usage(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
