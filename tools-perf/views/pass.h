/* SPDX-License-Identifier: GPL-2.0-only */
/* One pass over a recording that fills the histograms of any number of views. */
#ifndef PERF_XREGS_PASS_H
#define PERF_XREGS_PASS_H

#include "filter/records.h"
#include "perfdata/perfdata.h"
#include "views/head.h"
#include "views/trail.h"
#include "views/view.h"

enum { PASS_MAX_VIEWS = 24 };

/* Options of a command that reads a recording; lists are comma-separated. */
struct pass_options {
	const char *input;		/* NULL: perf.data */
	const char *comms, *dsos, *symbols, *pids, *tids, *symfs, *filter;
	const char *type;		/* --type, for the head; facts has it parsed */
	struct facts_options facts;
	bool no_demangle, show_values;
	bool callers;			/* trees of callers below the rows */
	bool intr;			/* the interrupted state, not the user's */
};

struct pass {
	const struct pass_options *opt;
	struct facts_options facts;
	struct perfdata_reader *reader;
	struct machine *machine;
	struct record_filter filter;
	struct hist hist[PASS_MAX_VIEWS];
	unsigned int nr_hists;
	struct tally tally;
	struct trails trails;
	uint64_t requested, first_time;
	bool by_period;
	/* Now and then during a pass; anything but 0 ends it. NULL: not wanted */
	int (*tick)(void *ctx, uint64_t done, uint64_t size);
	void *tick_ctx;
};

/** pass_options__type - set --type; -1 with @e (usage): no floating point type */
int pass_options__type(struct pass_options *o, const char *arg, struct err *e);

/**
 * pass__open - open the recording and compile the filter
 * @p: zeroed; pass__free() it whatever this returns
 * @opt: must outlive @p
 *
 * Return: 0, or -1 with @e.
 */
int pass__open(struct pass *p, const struct pass_options *opt, struct err *e);
/** pass__add_view - fill @p->hist[n], the next one, for a view; -1 with @e as hist__init() */
int pass__add_view(struct pass *p, const struct view *v, const char *sort, struct err *e);
/**
 * pass__read - read all samples
 *
 * Return: 0, or -1 with @e: a damaged file, no memory, no samples, ended by
 * @p->tick. What was read before is there all the same; @p->tally.samples tells.
 */
int pass__read(struct pass *p, struct err *e);
/** pass__has_chains - do its samples carry call chains, or what makes one? */
bool pass__has_chains(const struct pass *p);
/** pass__hist - the histogram of a view, NULL if it was not added */
struct hist *pass__hist(struct pass *p, const struct view *v);
/** pass__head - print the head: what was recorded, how much of it is known */
void pass__head(const struct pass *p, struct output *o);
/** pass__note_chains - below a view that asks for callers: how to get them where there are none */
void pass__note_chains(const struct pass *p, const struct hist *h, struct output *o);
void pass__free(struct pass *p);

/* Findings: sentences that the samples prove, each with the command for more. */
struct findings {
	struct finding *list;
	size_t nr, max;
	struct arena arena;
};

/** pass__add_findings - add the views that findings need, where they are not there yet */
int pass__add_findings(struct pass *p, struct err *e);
/** findings__make - look for findings; every view of pass__add_findings() is by its own keys */
void findings__make(struct findings *f, struct pass *p);
void findings__free(struct findings *f);

#endif
