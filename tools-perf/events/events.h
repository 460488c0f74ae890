/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a recording samples on: -e as perf record has it, parsed once and used
 * by every backend.
 *
 *	parse.c		the list, modifiers
 *	names.c		software, hardware, cache and raw events
 *	sysfs.c		pmu/term=value,.../ by the files below event_source/devices
 *	pfm.c		libpfm4's names
 *	probe.c		breakpoints and uprobes
 *	elfsym.c	a symbol of an ELF file
 *	tracepoint.c	tracefs
 *	tracing.c	its formats, for the file
 *	classes.c	what of it this machine has
 */
#ifndef PERF_XREGS_EVENTS_EVENTS_H
#define PERF_XREGS_EVENTS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/perf_event.h>

#include "util/err.h"

enum event_kind {
	EVENT_SOFTWARE,
	EVENT_HARDWARE,			/* generic ones: cycles, instructions ... */
	EVENT_CACHE,
	EVENT_RAW,
	EVENT_PMU,			/* pmu/.../ */
	EVENT_PFM,
	EVENT_BREAKPOINT,
	EVENT_TRACEPOINT,
	EVENT_UPROBE,
	EVENT_KINDS,
};

enum { EVENT_NAME_MAX = 128 };

struct event {
	char name[EVENT_NAME_MAX];	/* as it was asked for, or name= of a PMU's terms */
	enum event_kind kind;
	uint32_t type;			/* as in perf_event_attr, and so are the configs */
	uint64_t config, config1, config2, config3;
	uint64_t period, freq;		/* of its own; both 0: those of the recording */
	bool clock;			/* its period is in ns of CPU time */
	bool user, kernel, hv;		/* modifiers u, k, h; none: user and kernel */
	bool host, guest;		/* modifiers H and G; none: the host */
	bool pinned, exclusive, no_idle;	/* modifiers D, e and I */
	uint8_t precise;		/* modifiers p, pp, ppp; P: as the PMU can */
	uint32_t bp_type;		/* HW_BREAKPOINT_*; address in config1, length in config2 */
	bool retprobe;			/* uretprobe: at the return */
	uint8_t stepped;		/* uprobe: length of the instruction there, 0: not known */
	char *object;			/* ELF file of a probe; NULL: the recorded program */
	char *symbol;			/* of a probe, as in main+4; NULL: an address of the process */
	uint64_t address;		/* of a probe, as in @object's headers */
	bool moves;			/* @object is loaded anywhere: its base has to be added */
};

struct event_list {
	struct event *ev;
	size_t nr;
};

/* Where the kernel tells of its events. */
struct event_source {
	const char *sysfs;		/* "/sys" */
	const char *tracefs;		/* NULL: not mounted */
};

/** events__machine - this machine's */
const struct event_source *events__machine(void);

/**
 * events__parse - add the events of @text, separated by commas, to @l
 * @l: zero at first; events__free() it, also on error
 *
 * Return: 0, or -1 with an error: not known (and what is near), a term or
 * modifier that does not exist, no such symbol, file or tracepoint.
 */
int events__parse(struct event_list *l, const char *text, const struct event_source *src,
		  struct err *e);
/** events__add - a new event at the end, all zero but its name; NULL with @e */
struct event *events__add(struct event_list *l, const char *name, struct err *e);
void events__free(struct event_list *l);

/** event__fill - type, configs, breakpoint, modifiers: what an attr says of the event
 * The other fields of @a are left alone. config3 has no place in it. */
void event__fill(const struct event *ev, struct perf_event_attr *a);
/** event__point - add what is only valid in this process: the path of a uprobe */
void event__point(const struct event *ev, struct perf_event_attr *a);
/** event__is_hit - a place or an incident, of which each one is a sample unless
 * a period says otherwise */
bool event__is_hit(const struct event *ev);
/** event__in_kernel - does it only happen in kernel mode, whatever its modifiers? */
bool event__in_kernel(const struct event *ev);

/**
 * events__resolve - give breakpoints on a symbol of the recorded program their place
 * @program: path of its ELF file, NULL: none is started
 */
int events__resolve(struct event_list *l, const char *program, struct err *e);

/**
 * events__tracing_data - what a file needs for the fields of its tracepoints
 * @data: written: free() it; NULL when there are none
 */
int events__tracing_data(const struct event_list *l, const struct event_source *src, char **data,
			 size_t *size, struct err *e);

/* ---- for --event=? and check -------------------------------------------------------- */

typedef void event_class_fn(void *ctx, const char *name, const char *help, const char *missing);

/**
 * events__classes - each class of events: how it is spelled, what there is
 * @fn: @missing is NULL, or why it is not here
 */
void events__classes(const struct event_source *src, event_class_fn *fn, void *ctx);
/* Each says whether such events can be opened here: 0, or -1 with the reason in @e. */
int pmu__probe(struct err *e);
int pfm__probe(struct err *e);
int breakpoint__probe(struct err *e);
int uprobe__probe(struct err *e);
int tracepoint__probe(struct err *e);

/** events__pfm_model - libpfm4's name of the CPU's PMU; NULL when it knows none here */
const char *events__pfm_model(void);

#endif
