/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of one sample, as text or JSON: the raw bits, and lanes of the
 * type that the instruction at the sample or the user gives them.
 */
#ifndef PERF_XREGS_OUTPUT_REGVIEW_H
#define PERF_XREGS_OUTPUT_REGVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include <xstate/xstate.h>

#include "machine/machine.h"
#include "output/obuf.h"
#include "util/reglist.h"

/* Where a type comes from. */
enum regtype_from {
	REGTYPE_NONE,
	REGTYPE_OPTION,			/* --type */
	REGTYPE_INSN,			/* the instruction computes with these lanes */
	REGTYPE_MOVE,			/* the type only stands in its mnemonic */
	REGTYPE_AHEAD,			/* code behind it computes with these lanes */
};

struct regtype {
	uint8_t from;			/* enum regtype_from */
	uint8_t type;			/* enum xstate_type */
	uint16_t bytes;			/* low bytes of the register that it applies to */
};

/* The types of one sample: vector registers by number, lanes under opmasks. */
struct regtypes {
	struct regtype vector[32];
	uint8_t mask_lanes[8];		/* lanes that k0..k7 govern, 0: not known */
	uint32_t set;			/* vector registers with a type */
};

/** regtypes__init - no types, or @type for all vector registers */
void regtypes__init(struct regtypes *t, const enum xstate_type *type);
/** regtypes__learn - from the operands of an instruction */
void regtypes__learn(struct regtypes *t, const struct insn *insn);
/** regtypes__learn_ahead - from what the code reads next, see machine__reads() */
void regtypes__learn_ahead(struct regtypes *t, const struct insn_read *reads, unsigned int nr);
/** regtypes__forget - what these two set */
void regtypes__forget(struct regtypes *t);

/* A register to print, with what does not change from sample to sample. */
struct regcolumn {
	struct xstate_reg reg;
	uint16_t size;
	bool vector;
	uint8_t json_len, text_len;
	char text[16];			/* "    ymm3   " */
	char json[16];			/* "\"ymm3\":{" */
	char name[12];
};

struct regview {
	struct regcolumn *column;
	unsigned int nr;
	bool each;			/* text: a line for each, also for runs of zeros */
};

int regview__init(struct regview *v, const struct reglist *list);
void regview__free(struct regview *v);

/** regview__why_unknown - in words */
const char *regview__why_unknown(const struct xstate_regs *r, struct xstate_reg reg);

/**
 * regview__text - the lines of all columns; runs of registers that are all zero,
 * in init state or unknown share one
 * Return: false when nothing of the sample is known.
 */
bool regview__text(const struct regview *v, struct obuf *o,
		   const struct xstate_regs *r, const struct regtypes *t);
/** regview__json - "ymm3":{...},"k1":{...} without the braces around */
void regview__json(const struct regview *v, struct obuf *o,
		   const struct xstate_regs *r, const struct regtypes *t);

#endif
