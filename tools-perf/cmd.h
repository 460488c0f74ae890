/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One verb a file: cmd_VERB.c defines cmd_VERB(). argv[0] is the verb. The
 * return value is the exit status (XREGS_OK, XREGS_FAILED, XREGS_USAGE, or for
 * record the target's own).
 */
#ifndef PERF_XREGS_CMD_H
#define PERF_XREGS_CMD_H

#include <stdio.h>

#include "output/output.h"

int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_annotate(int argc, char **argv);
int cmd_script(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_census(int argc, char **argv);

/** cmd__fail - print an error in the one form that all verbs have; its status */
static inline int cmd__fail(const char *verb, const struct err *e)
{
	fprintf(stderr, "perf-xregs %s: ", verb);
	text__put_lines(stderr, e->msg);
	return e->status;
}

#endif
