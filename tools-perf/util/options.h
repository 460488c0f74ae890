/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of a command: one table for getopt, for --help and for errors. */
#ifndef PERF_XREGS_UTIL_OPTIONS_H
#define PERF_XREGS_UTIL_OPTIONS_H

#include <stdio.h>

#include "util/err.h"

enum { OPTION_LONG = 256 };		/* ids from here on have no letter */

struct cmd_option {
	const char *name;
	int id;				/* a letter, or OPTION_LONG and above */
	const char *arg, *help;		/* arg NULL: takes none */
};

struct cmd_options {
	const char *verb;
	const struct cmd_option *table;
	unsigned int nr;
	int (*set)(void *ctx, int id, const char *arg, struct err *e);
};

/**
 * cmd_options__parse - set @ctx from a command line
 *
 * Return: the index of the first operand, or -1 with @e (usage): unknown
 * option, missing argument, or what set() finds wrong.
 */
int cmd_options__parse(const struct cmd_options *o, int argc, char **argv, void *ctx, struct err *e);

/** cmd_options__help - a line for each option */
void cmd_options__help(const struct cmd_options *o, FILE *f);

#endif
