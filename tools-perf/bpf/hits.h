/* SPDX-License-Identifier: GPL-2.0-only */
/* A filter that the kernel runs when an event hits. */
#ifndef PERF_XREGS_BPF_HITS_H
#define PERF_XREGS_BPF_HITS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/hit_program.h"
#include "util/err.h"

struct hits;

/**
 * hits__open - load a program
 * Return: 0, or -1 with the reason and the remedy: no BPF, no privilege, or
 * process numbers that the kernel counts otherwise (in a PID namespace).
 */
int hits__open(struct hits **h, const struct hit_program *p, struct err *e);
/** hits__attach - to an event of perf_event_open(2), and those that inherit it; 0 or -errno */
int hits__attach(struct hits *h, int event);
/** hits__dropped - hits that it did not let pass */
uint64_t hits__dropped(const struct hits *h);
void hits__close(struct hits *h);

/** hits__probe - is there a kernel that filters? 0, or -1 with why not */
int hits__probe(struct err *e);

#endif
