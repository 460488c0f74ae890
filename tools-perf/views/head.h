/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands above and below every report: what was recorded, how, how much
 * of it is known, what was lost.
 */
#ifndef PERF_XREGS_HEAD_H
#define PERF_XREGS_HEAD_H

#include "filter/records.h"
#include "machine/machine.h"
#include "output/output.h"
#include "perfdata/perfdata.h"
#include "util/htab.h"

struct tally {
	uint64_t *per_event;		/* samples of each of nr_events */
	unsigned int nr_events;
	uint64_t samples;
	uint64_t full, part, none;	/* of the registers that were asked for */
	uint64_t malformed;		/* register data that cannot be decoded */
	int first_malformed;		/* XSTATE_E_* of the first */
	uint64_t first_malformed_offset;
	uint64_t kernel;		/* hits in the kernel */
	uint64_t user, insn_known;	/* hits in user code; with a decoded instruction */
	uint64_t reads_fp;		/* which reads floating point */
	uint64_t ambiguous;		/* zero may be init or missing */
	uint64_t filtered;		/* not shown for --comms and its like */
};

struct head {
	const struct perfdata_info *info;
	const struct perfdata_stats *stats;
	const struct perfdata_attr *attrs;
	unsigned int nr_attrs;
	const struct tally *tally;
	const char *type;		/* --type, or NULL */
	const struct record_filter *records; /* --filter and the formats of tracepoints */
	struct arena arena;
	struct head_item item[48];
	size_t nr;
};

/** tally__add - count how much of a sample's registers was delivered */
void tally__add(struct tally *t, const struct sample *s, const struct xstate_regs *r,
		uint64_t requested);

/** info__requested - components that the recording asked for, 0 if not said */
uint64_t info__requested(const struct perfdata_info *info);

/** head__print - @h's input fields are set, the rest is zero */
void head__print(struct head *h, struct output *o);
/** foot__print - objects without symbols, and what was left out */
void foot__print(struct machine *m, const struct tally *t, struct output *o);

#endif
