/* SPDX-License-Identifier: GPL-2.0-only */
/* A look at the machine as tables: tasks, and CPUs. */
#ifndef PERF_XREGS_BPF_CENSUS_TABLE_H
#define PERF_XREGS_BPF_CENSUS_TABLE_H

#include "bpf/census.h"
#include "output/output.h"
#include "util/idset.h"

struct census_sort;

struct census_choice {
	struct idset pids;		/* empty: all */
	const char *comm;		/* pattern of glob(7), or NULL */
	bool by_user;
	uint32_t uid;
	bool all;			/* tasks with nothing wide in use as well */
	bool cpus;			/* the table of CPUs as well */
	const struct census_sort *sort;	/* NULL: widest first */
};

/** census_sort__find - an order by its name; NULL */
const struct census_sort *census_sort__find(const char *name);
/** census_sort__names - "width, cpu, ..." */
const char *census_sort__names(char *buf, size_t size);

/**
 * census__print - one look
 * Return: 0, or -1 with @e: out of memory.
 */
int census__print(struct output *o, const struct census_look *l, const struct census_choice *c, struct err *e);

#endif
