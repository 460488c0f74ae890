/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register lists as users write them: --sample-regs, --regs.
 *
 *	LIST := ITEM { "," ITEM }
 *	ITEM := CLASS | REGISTER | RANGE
 *	CLASS := vector | xmm | ymm | zmm | opmask | egpr | mxcsr | pkru | x87 |
 *		 ssp | amx | header
 *	RANGE := "ymm0-3" | "ymm0-ymm3"
 *
 * xmm and ymm stand for registers 0-15, zmm for 0-31, as in the kernel's SIMD
 * sample ABI; xmm16-31 and ymm16-31 can be named. x87 is st0-7 and the control
 * words, amx is tilecfg and tmm0-7. vector is the widest of xmm, ymm and zmm
 * that the machine has, its opmasks, and mxcsr.
 */
#ifndef PERF_XREGS_UTIL_REGLIST_H
#define PERF_XREGS_UTIL_REGLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xstate/xstate.h>

#include "util/err.h"

struct reglist {
	uint32_t reg[XSTATE_CLASS_NR];	/* bitmap of the registers of each class */
	uint64_t xfeatures;		/* components that hold them */
	bool header;			/* XINUSE and XFD were asked for by name */
};

/* Words of more than one register, for --sample-regs=? and the man page. */
struct reglist_class {
	const char *name;
	const char *help;
};
/** reglist__classes - the table of class words; @nr written */
const struct reglist_class *reglist__classes(size_t *nr);

/**
 * reglist__parse - the registers that a list names
 * @l: written on success
 * @text: list
 * @machine: components that the machine (recording) or file (reading) has;
 *	only "vector" depends on it
 *
 * Return: 0, or -1 with a usage error: an unknown name, a number that the
 * class does not have, a range that runs backwards, an empty item.
 */
int reglist__parse(struct reglist *l, const char *text, uint64_t machine,
		   struct err *e);

/** reglist__add - add one register */
void reglist__add(struct reglist *l, struct xstate_reg reg);

/** reglist__has - is this register part of the list? */
bool reglist__has(const struct reglist *l, struct xstate_reg reg);

/**
 * reglist__next - walk the list, by class and number
 * @it: 0 at the start
 *
 * Return: true with @reg written, false at the end.
 */
bool reglist__next(const struct reglist *l, unsigned int *it,
		   struct xstate_reg *reg);

/**
 * reglist__format - the list in its normal form: "ymm0-15 mxcsr"
 * @sep: between the items: ' ' or ','
 * @buf: @size bytes, always terminated
 *
 * Return: the length, which is @size or more when the text was cut.
 */
size_t reglist__format(const struct reglist *l, char sep, char *buf,
		       size_t size);

#endif
