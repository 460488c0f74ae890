/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which tasks of the machine have which state components in use, from the
 * registers that the kernel has saved of them (census.bpf.c says how).
 */
#ifndef PERF_XREGS_BPF_CENSUS_H
#define PERF_XREGS_BPF_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/census_data.h"
#include "util/err.h"

struct census;

/* One look at every task; shares and counts are of the time since the look before. */
struct census_look {
	struct census_task *task;
	size_t nr, room;
	struct census_cpu *cpu;		/* [nr_cpus] by number */
	unsigned int nr_cpus;
	uint64_t time;			/* ns since 1970 */
	uint64_t elapsed;		/* ns since the look before; 0: there was none */
};

/**
 * census__open - load and attach the programs; from here on switches are seen
 * Return: 0, or -1 with the reason and the remedy.
 */
int census__open(struct census **c, struct err *e);

/**
 * census__look - every task as it is now
 * @l: zeroed before the first look, used again for the next
 *
 * A CPU on which nothing was switched for a while is visited first: what runs
 * there is switched out for a moment, so that its registers are saved. CPUs
 * that are isolated or tickless on purpose (isolcpus, nohz_full) are left alone.
 */
int census__look(struct census *c, struct census_look *l, struct err *e);

void census_look__free(struct census_look *l);
void census__close(struct census *c);

/** census__probe - does a census work here? 0, or -1 with why not */
int census__probe(struct err *e);

/* ---- what a look says of a task ----------------------------------------------------- */

enum census_state {
	CENSUS_INIT,
	CENSUS_IN_USE,
	CENSUS_UNKNOWN,
};

/** census_task__state - of component @nr */
enum census_state census_task__state(const struct census_task *t, unsigned int nr);

/** census_task__any - IN_USE when one of @mask is, else UNKNOWN when one of them is */
enum census_state census_task__any(const struct census_task *t, uint64_t mask);

/** census_task__mxcsr - false: unknown */
bool census_task__mxcsr(const struct census_task *t, uint32_t *mxcsr);

/** census_task__unknown - why nothing is known of its registers; NULL: they are known */
const char *census_task__unknown(const struct census_task *t);

#endif
