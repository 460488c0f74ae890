/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The call chain of a sample, from whatever the recording has of it: the list
 * that was walked by frame pointers, or the registers and the copy of the
 * stack, which are unwound by the tables of the binaries.
 */
#ifndef PERF_XREGS_MACHINE_CALLCHAIN_H
#define PERF_XREGS_MACHINE_CALLCHAIN_H

#include "machine/machine.h"

/* Why there is no frame behind the last one. Nothing is guessed beyond it. */
enum chain_end {
	CHAIN_NONE,			/* the recording has no chains */
	CHAIN_OUTERMOST,		/* nobody called it, says the unwind table */
	CHAIN_RECORDED,			/* a list of frame pointers: that is all of it */
	CHAIN_CUT,			/* the copy of the stack ends */
	CHAIN_NO_STACK,			/* the sample has no registers or no copy */
	CHAIN_NO_OBJECT,		/* no file for the code there, or not the recorded one */
	CHAIN_NO_TABLE,			/* no unwind table covers the code there */
	CHAIN_BROKEN,			/* the table leads to memory that the stack does not have */
	CHAIN_FULL,			/* more frames than CHAIN_MAX */
	CHAIN_DEFERRED,			/* the user's frames are in a later record */
	CHAIN_ENDS,
};

/* kernel.perf_event_max_stack may be raised; perf unwinds 127 frames of the user's. */
enum { CHAIN_MAX = 512, CHAIN_MAX_USER = 127 };

struct chain_frame {
	uint64_t ip;			/* as perf script prints it */
	uint64_t call;			/* an address inside the call: what to look up */
	uint8_t cpumode;
};

struct callchain {
	unsigned int nr;		/* 0: only what the sample's ip says */
	bool unwound;			/* the user's frames are by unwind tables */
	enum chain_end end;
	struct chain_frame frame[CHAIN_MAX];	/* the sample's own place first */
};

/**
 * machine__callchain - the frames of a sample
 * @c: written
 *
 * The first frame is the sampled one, except where the sample hit the kernel
 * and the recording has no list of the kernel's frames.
 */
void machine__callchain(struct machine *m, const struct sample *s, struct callchain *c);

/** machine__frame - where a frame is, looked up by its call */
const struct location *machine__frame(struct machine *m, const struct sample *s,
				      const struct chain_frame *f);

/** chain_end__why - why a chain ends, in words; NULL where nothing is missing or known to be */
const char *chain_end__why(enum chain_end end);

/** attr__has_chains - do samples of this event carry a chain or what makes one? */
bool attr__has_chains(const struct perfdata_attr *a);

#endif
