/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the arguments of a function are when it is entered: the parameters of
 * its DWARF, by the classification of the System V ABI, AMD64 supplement, 3.2.3.
 */
#ifndef PERF_XREGS_MACHINE_ARGS_H
#define PERF_XREGS_MACHINE_ARGS_H

#include "machine/machine.h"

enum arg_place {
	ARG_NOWHERE,			/* on the stack, or of a type that is not followed */
	ARG_GPR,			/* reg: PERF_REG_X86_* */
	ARG_VECTOR,			/* reg: number of the vector register */
};

/* Eight bytes of an argument, or a whole vector. */
struct arg_part {
	uint8_t place;			/* enum arg_place */
	uint8_t reg;
	uint8_t type;			/* enum xstate_type of its lanes */
	uint8_t lanes;
	bool hex;			/* an address */
};

struct arg {
	const char *name;		/* "?" for a nameless one */
	uint8_t nr_parts;		/* 0: an empty struct; more than 1: written in braces */
	struct arg_part part[2];
};

enum { ARGS_MOST = 16 };

struct args {
	uint8_t nr;
	bool more;			/* than ARGS_MOST */
	struct arg arg[ARGS_MOST];
};

/**
 * machine__args - of the function that begins at a place
 * Return: NULL when none begins there, when there is no DWARF for it, or when
 * the compiler made a clone with parameters of its own (.isra, .constprop).
 */
const struct args *machine__args(struct machine *m, const struct location *l);

#endif
