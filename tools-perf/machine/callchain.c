/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "machine/callchain.h"
#include "machine/internal.h"

const char *chain_end__why(enum chain_end end)
{
	static const char *const why[CHAIN_ENDS] = {
		[CHAIN_CUT]	  = "the copy of the stack ends here; record with a larger --call-graph dwarf,SIZE",
		[CHAIN_NO_STACK]  = "the sample has no registers or no copy of the stack",
		[CHAIN_NO_OBJECT] = "no file, or another than at the recording, has the code here",
		[CHAIN_NO_TABLE]  = "no unwind table covers the code here; debug symbols (-dbgsym package) may have one",
		[CHAIN_BROKEN]	  = "the unwind table does not lead on from here",
		[CHAIN_FULL]	  = "deeper calls than are shown",
		[CHAIN_DEFERRED]  = "the user's frames were recorded later, on the way back from the kernel",
	};

	return why[end];
}

bool attr__has_chains(const struct perfdata_attr *a)
{
	uint64_t dwarf = PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;

	return a->attr.sample_type & PERF_SAMPLE_CALLCHAIN || (a->attr.sample_type & dwarf) == dwarf;
}

/*
 * PERF_CONTEXT_USER_DEFERRED of Linux 7.0: behind it is a cookie, no address,
 * that names the PERF_RECORD_CALLCHAIN_DEFERRED with the user's frames.
 */
static const uint64_t CONTEXT_USER_DEFERRED = -UINT64_C(640);

/* PERF_CONTEXT_* marks of a list [include/uapi/linux/perf_event.h]. */
static uint8_t context__cpumode(uint64_t mark)
{
	switch (mark) {
	case PERF_CONTEXT_KERNEL:
		return PERF_RECORD_MISC_KERNEL;
	case PERF_CONTEXT_HV:
		return PERF_RECORD_MISC_HYPERVISOR;
	case PERF_CONTEXT_GUEST_KERNEL:
		return PERF_RECORD_MISC_GUEST_KERNEL;
	case PERF_CONTEXT_GUEST:
	case PERF_CONTEXT_GUEST_USER:
		return PERF_RECORD_MISC_GUEST_USER;
	default:
		return PERF_RECORD_MISC_USER;
	}
}

/* A list holds addresses behind calls, but for the first of each context. */
static void callchain__list(struct callchain *c, const struct sample *s)
{
	uint8_t mode = s->cpumode;
	bool first = true;
	uint64_t i, ip;

	for (i = 0; i < s->nr_callchain && c->nr < CHAIN_MAX; i++) {
		memcpy(&ip, s->callchain + i * sizeof(ip), sizeof(ip));
		if (ip == CONTEXT_USER_DEFERRED) {
			c->end = CHAIN_DEFERRED;
			return;
		}
		if (ip >= (uint64_t)PERF_CONTEXT_MAX) {
			mode = context__cpumode(ip);
			first = true;
			continue;
		}
		c->frame[c->nr++] = (struct chain_frame){ .ip = ip, .call = first ? ip : ip - 1, .cpumode = mode };
		first = false;
	}
	c->end = i < s->nr_callchain ? CHAIN_FULL : CHAIN_RECORDED;
}

void machine__callchain(struct machine *m, const struct sample *s, struct callchain *c)
{
	const uint64_t dwarf = PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;

	c->nr = 0;
	c->unwound = false;
	c->end = CHAIN_NONE;
	if (s->type & PERF_SAMPLE_CALLCHAIN)
		callchain__list(c, s);
	/* a list with the user's frames leaves nothing to unwind */
	if ((s->type & dwarf) == dwarf && (!c->nr || c->frame[c->nr - 1].cpumode == PERF_RECORD_MISC_KERNEL))
		machine__unwind(m, s, c);
}

const struct location *machine__frame(struct machine *m, const struct sample *s,
				      const struct chain_frame *f)
{
	return machine__caller(m, s->pid, f->call, f->cpumode);
}
