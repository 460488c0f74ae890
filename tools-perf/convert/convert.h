/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a recording to another format: a table of writers. The command feeds
 * each record and sample; what --strip, --redact and --regs take away is gone
 * before a writer sees it.
 */
#ifndef PERF_XREGS_CONVERT_H
#define PERF_XREGS_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convert/redact.h"
#include "filter/records.h"
#include "machine/callchain.h"
#include "machine/machine.h"
#include "output/obuf.h"
#include "perfdata/perfdata.h"
#include "util/err.h"
#include "util/reglist.h"

enum convert_root { ROOT_WIDTH, ROOT_MASK, ROOT_NONE };

/* What goes missing on the way, said at the end. */
struct convert_counts {
	uint64_t samples;
	uint64_t without;		/* samples without any register */
	uint64_t malformed;		/* samples whose registers could not be decoded */
	uint64_t raw_kept;		/* registers left out for another's raw data */
	uint64_t partial;		/* samples with components that came in part */
	uint64_t stacks;		/* copies of the user's stack left out */
	uint64_t too_large;		/* samples that lost their stack copy to the size of a record */
	uint64_t other_records;		/* records that the format has no place for */
	uint64_t sections[4];		/* feature sections left out, a bit each */
};

struct convert {
	/* as asked for */
	const char *output;		/* "-": standard output */
	bool strip, typed;
	enum convert_root root;
	enum xstate_type type;		/* --type, when typed */
	struct redact *redact;		/* NULL: values as they are */
	bool limited;			/* --regs was given */
	uint64_t keep;			/* components that it has whole */
	struct reglist regs;		/* columns */

	/* of the input */
	struct perfdata_reader *reader;
	const struct record_filter *filter;
	struct machine *machine;
	struct xstate_layout layout;	/* of the file, or sizes alone */

	struct convert_counts counts;
	struct obuf out;		/* of text writers */
	void *priv;			/* the writer's */
};

/* One sample, with what is left of its registers. */
struct convert_sample {
	const struct sample *s;
	const char *comm;
	const struct location *loc;
	const struct xstate_regs *user, *intr;
	bool as_recorded;		/* nothing was taken away or replaced */
	const char *malformed;
};

struct converter {
	const char *name, *help;
	bool text;			/* writes to convert.out; else to convert.output itself */
	bool registers;			/* its output holds register values */
	int (*open)(struct convert *c, struct err *e);
	/* any record that is no sample; may be NULL */
	int (*record)(struct convert *c, const struct perfdata_record *rec, struct err *e);
	int (*sample)(struct convert *c, const struct convert_sample *x, struct err *e);
	/* the end; with @failed only what open() got is given back */
	int (*close)(struct convert *c, bool failed, struct err *e);
};

extern const struct converter convert_perf, convert_ndjson, convert_csv,
	convert_folded, convert_firefox, convert_pprof;

/* ---- stacks (stack.c) ------------------------------------------------------------------ */

enum { STACK_MAX = CHAIN_MAX + 1 };

struct stack {
	const struct location *frame[STACK_MAX];	/* innermost first */
	bool kernel[STACK_MAX];
	unsigned int nr;
};

/**
 * stack__of - the frames of a sample: its call chain, or its ip alone
 * Where the chain is known not to be whole, its outermost frame is [unknown].
 */
void stack__of(struct stack *st, struct convert *c, const struct convert_sample *x);

/** convert__root - the root frame that --root asks for, or NULL */
const char *convert__root(struct convert *c, const struct convert_sample *x);

#endif
