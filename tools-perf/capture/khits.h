/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's records of hits, joined with the agents' registers. */
#ifndef PERF_XREGS_CAPTURE_KHITS_H
#define PERF_XREGS_CAPTURE_KHITS_H

#include "capture/capture.h"
#include "capture/shm.h"

/**
 * khits__open - events of @pid and its children, into the side-band's rings
 * Does nothing where session__is_told() is true for no event.
 * Return: 0, or -1 with @e: refused, and what would allow it.
 */
int khits__open(struct session *s, pid_t pid, struct err *e);
/** khits__told - a PERF_RECORD_SAMPLE of one of them */
int khits__told(struct session *s, const struct perf_event_header *hdr, const uint8_t *body, size_t size,
	       struct err *e);
/** khits__throttled - a PERF_RECORD_THROTTLE or _UNTHROTTLE at @time */
void khits__throttled(struct session *s, uint64_t time);
/** khits__registers - a record of a signal for one of their events */
int khits__registers(struct session *s, const struct xr_sample *x, struct err *e);
/** khits__settle - queue the samples that are complete
 * Everything that was in the agents' rings before the kernel's were drained must be here. */
int khits__settle(struct session *s, uint64_t now, bool last, struct err *e);
/** khits__oldest - the time before which no sample comes any more */
uint64_t khits__oldest(const struct session *s);
void khits__close(struct session *s);

/** host__decode - a record of an agent as a sample; pointers go into it */
void host__decode(const struct xr_sample *x, struct sample *out);

/** sideband__cpus - rings there are; 0: refused */
unsigned int sideband__cpus(const struct session *s);
/** sideband__ring - the event whose ring it is, of one of them */
int sideband__ring(const struct session *s, unsigned int i, int *cpu);

#endif
