/* SPDX-License-Identifier: GPL-2.0-only */
/* One sample after another, as text or NDJSON. */
#ifndef PERF_XREGS_OUTPUT_SCRIPT_H
#define PERF_XREGS_OUTPUT_SCRIPT_H

#include "filter/records.h"
#include "machine/args.h"
#include "output/regview.h"
#include "trace/trace.h"

enum script_field {
	SCRIPT_COMM	= 1 << 0,
	SCRIPT_PID	= 1 << 1,
	SCRIPT_TID	= 1 << 2,
	SCRIPT_CPU	= 1 << 3,
	SCRIPT_TIME	= 1 << 4,
	SCRIPT_EVENT	= 1 << 5,
	SCRIPT_PERIOD	= 1 << 6,
	SCRIPT_IP	= 1 << 7,
	SCRIPT_SYM	= 1 << 8,
	SCRIPT_SYMOFF	= 1 << 9,
	SCRIPT_DSO	= 1 << 10,
	SCRIPT_INSN	= 1 << 11,
	SCRIPT_SRCLINE	= 1 << 12,
	SCRIPT_CALLCHAIN = 1 << 13,
	SCRIPT_REGS	= 1 << 14,
	SCRIPT_TRACE	= 1 << 15,	/* fields of a tracepoint */
	SCRIPT_ARGS	= 1 << 16,	/* of a function at its first instruction */
};

/* All that is said of one sample. */
struct script_sample {
	const struct sample *s;
	const char *comm;		/* this and the next two: NULL when no field needs them */
	const struct location *loc;
	const struct insn *insn;
	const struct args *args;	/* NULL: not at the begin of a function, or not known */
	const struct xstate_regs *regs;
	const struct regtypes *types;
	const char *malformed;		/* why the registers could not be decoded */
};

struct script_output {
	struct obuf *o;
	struct machine *m;
	const struct regview *view;
	struct trace *trace;		/* NULL: no tracepoints */
	uint32_t fields;		/* enum script_field */
};

void script_text__head(struct script_output *out, const struct perfdata_reader *r);
void script_text__sample(struct script_output *out, const struct script_sample *x);
void script_json__head(struct script_output *out, const struct perfdata_reader *r);
void script_json__sample(struct script_output *out, const struct script_sample *x);
void script_json__end(struct script_output *out, const struct perfdata_reader *r,
		      uint64_t printed, uint64_t malformed,
		      const struct record_filter *filter);

#endif
