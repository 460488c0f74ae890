/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is looked at: the recording under one filter, sort and zoom. One pass
 * counts for all views and functions; what a view says is made when it is
 * first shown. Another question is another state, which leads back to this one.
 */
#ifndef PERF_XREGS_BROWSER_STATE_H
#define PERF_XREGS_BROWSER_STATE_H

#include "browser/browser.h"
#include "browser/list.h"
#include "views/function.h"

enum { STATE_MAX_VIEWS = 16, STATE_MAX_DEPTH = 16 };

/* NULL: as the options say. What it is zoomed into stands in place of their lists. */
struct query {
	const char *filter, *sort, *comms, *dsos, *pids, *tids;
	const char *thread;		/* in words: "worker 101"; NULL: all */
};

struct state_view {
	struct hist *hist;
	struct doc doc;
	struct list list;
	bool made;
};

/* How far the pass is; anything but 0 ends it. */
typedef int state_tick(void *ctx, uint64_t done, uint64_t size);

struct state {
	struct state *before;		/* NULL: the first */
	unsigned int depth;
	const struct browser_options *options;
	struct query query;
	struct pass_options pass_options;
	struct pass pass;
	struct state_view view[STATE_MAX_VIEWS];
	unsigned int nr_views;
	const struct hist *threads;	/* whatever rows are by */
	struct function_hists functions;
	struct doc about;		/* head, findings, notes at the foot */
	struct arena arena;
	state_tick *tick;
	void *tick_ctx;
	bool ended;			/* by tick */
	struct err trouble;		/* what else there was to read: msg is "" if nothing */
};

/**
 * state__new - open the recording for a query
 * @q: is copied; NULL: as the options say
 * @s: written on success; state__free() it
 * Return: 0, or -1 with @e: as pass__open(), too many states.
 */
int state__new(const struct browser_options *o, const struct query *q, struct state *before,
	       struct state **s, struct err *e);
/** state__free - and not the one before */
void state__free(struct state *s);

/**
 * state__read - the pass
 * Return: 0, s->trouble said if it ended early; -1 with @e: nothing to show,
 * or @tick ended it.
 */
int state__read(struct state *s, state_tick *tick, void *ctx, struct err *e);

/** state__view - the @i'th view as a list, made at the first call; NULL with @e: no memory */
struct state_view *state__view(struct state *s, unsigned int i, struct err *e);

/** state__find_view - the number of a view by its name, -1: not here */
int state__find_view(const struct state *s, const char *name, size_t len);

/** state__function - the instructions of an entry's function in @d; -1 with @e as function__check() */
int state__function(struct state *s, const struct hist_entry *entry, struct doc *d, struct err *e);

/** state__write_view - a view as text for a file, as --stdio prints it */
void state__write_view(struct state *s, unsigned int i, struct output *o);
/** state__write_function - the same of a function */
void state__write_function(struct state *s, const struct hist_entry *entry, struct output *o);

/** state__short_head - samples, lost, delivered, unknown: in one line */
void state__short_head(const struct state *s, char *buf, size_t size);

#endif
