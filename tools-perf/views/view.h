/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views: what a report counts. Each is a table entry with an accumulator that
 * is kept for every key (symbol, thread, ...) of a histogram; memory grows
 * with keys, never with samples. All histograms are filled in one pass.
 *
 * Every count distinguishes what was known from what was not: a share is
 * always one of what was known.
 */
#ifndef PERF_XREGS_VIEW_H
#define PERF_XREGS_VIEW_H

#include "machine/machine.h"
#include "output/output.h"
#include "util/htab.h"

/* Known to be so, known not to be so, or unknown. */
enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

/* Lanes of a register that the code at the IP reads, see machine__reads(); in facts those of numbers. */
struct fp_lanes {
	const struct insn_read *read;
	enum xstate_type type;
	struct xstate_counts counts;
	unsigned int nr_lanes;
	uint64_t active;		/* lanes that a mask lets through */
	uint8_t bytes[64];
};

enum { FACTS_MAX_REGS = 32 };

/* A thread as its samples and maps before the one at hand show it. */
struct trail {
	uint32_t pid, tid;
	const struct location *loc;	/* of its latest sample; NULL: this is the first */
	double seconds;			/* ... */
	bool mxcsr_known;
	uint32_t mxcsr;
	const char *mapped;		/* the first file that it mapped to be executed since then */
	unsigned int nr_mapped;
};

/* What views want to know of a sample, worked out once. */
struct facts {
	const struct sample *s;
	const struct xstate_regs *regs;	/* set by facts__regs(), as opt is */
	const struct facts_options *opt;
	const struct location *loc;
	const struct insn *insn;
	const struct insn_read *reads;
	unsigned int nr_reads;
	struct facts_chain *chain;	/* see facts__chain(); NULL: none */
	unsigned int depth;		/* frame of the chain that loc is: 0, the sampled one */
	const char *comm;
	const struct trail *trail;	/* before this sample; NULL: no memory */
	uint64_t weight;		/* period, or 1 */
	double seconds;			/* since the first sample */
	enum tri in_use[3];		/* state of YMM_Hi128, ZMM_Hi256, Hi16_ZMM */
	unsigned int width;		/* widest of 0-15 in use: 128 256 512; 0: unknown */
	unsigned int nonzero;		/* widest non-zero part: 1 (none) 128 256 512; 0: unknown */
	enum tri upper_in_use;		/* of registers 0-15, beyond 128 bits */
	enum tri upper_nonzero;		/* only of legacy SSE and scalar instructions */
	bool mxcsr_known;
	uint32_t mxcsr;
	bool fp_unknown;		/* it reads such lanes, but not all are known */
	unsigned int nr_fp;
	struct fp_lanes fp[FACTS_MAX_REGS];
};

struct callchain;

/* The call chain of a sample, made when somebody asks for it. */
struct facts_chain {
	struct machine *machine;
	bool made;
	struct callchain *c;
};

/** facts__chain - the call chain; NULL: there is none */
const struct callchain *facts__chain(const struct facts *f);

enum facts_in_use { IN_USE_YMM, IN_USE_ZMM, IN_USE_HI16 };

struct facts_options {
	bool want_nonzero;		/* facts.nonzero is wanted */
	bool type_given;		/* --type */
	enum xstate_type type;
};

/** facts__regs - fill in what follows from registers and instruction */
void facts__regs(struct facts *f, const struct xstate_regs *r,
		 const struct facts_options *o);

/**
 * lanes__read - the lanes of a register that an instruction reads
 * @l: written where they are known
 * Return: 1; 0: unknown; -1: no vector register.
 */
int lanes__read(struct fp_lanes *l, const struct xstate_regs *r, const struct insn_read *read,
		enum xstate_type type);

/**
 * facts__operand - lanes of the @i'th of f->reads, whatever their type
 * @l: written where they are known
 *
 * Each register once: as the first instruction reads it that computes with it,
 * else the first at all. Where the instruction does not divide it into lanes,
 * they are of 32 bits: l->read->op->typed tells.
 *
 * Return: as lanes__read(); -1 also where another entry is to be taken.
 */
int facts__operand(const struct facts *f, unsigned int i, struct fp_lanes *l);

/* ---- histograms ----------------------------------------------------------- */

enum { HIST_MAX_KEYS = 6, HIST_KEY_WORDS = 2 * HIST_MAX_KEYS + 1 };

/* What each sample asks for is first, in one cache line for keys of a few words. */
struct hist_entry {
	uint64_t samples, weight;
	uint64_t serial;		/* of the last sample that counted here */
	void *acc;			/* the view's */
	uint64_t key[HIST_KEY_WORDS];
	struct call_node *callers;	/* NULL: not wanted, or no chains */
	const struct location *loc;	/* of the first sample */
	const char *comm, *file;
	uint32_t pid, tid, cpu;
	int line;
};

struct hist;

struct view {
	const char *name;
	const char *help;
	const char *sort;		/* keys when --sort is not given */
	size_t acc_size;
	const struct column *columns;
	unsigned int nr_columns;
	/* a sample counts once for each row that a frame of its chain falls into */
	bool inclusive;
	/* One more key: NULL if none */
	uint64_t (*key)(const struct facts *f);
	void (*add)(struct hist *h, void *acc, const struct facts *f);
	void (*cells)(struct hist *h, const struct hist_entry *e, struct cell *c);
	/* Order, biggest first; 0: not shown. NULL: by weight */
	uint64_t (*rank)(const struct hist_entry *e);
	/* Rows below an entry; NULL if none */
	void (*details)(struct hist *h, const struct hist_entry *e, struct output *o);
	const char *left_out;		/* why entries of rank 0 are not shown */
};

extern const struct view view_summary, view_width, view_dirty, view_mxcsr, view_fp,
			 view_mask, view_lanes, view_operands, view_values, view_cpu, view_callers;

/** view__find - a view by its name, or NULL */
const struct view *view__find(const char *name);
/** view__list - the @i'th view, or NULL */
const struct view *view__list(unsigned int i);

struct sort_key;

struct hist {
	const struct view *view;
	struct machine *machine;
	const struct sort_key *key[HIST_MAX_KEYS];
	unsigned int nr_keys;
	unsigned int key_words;		/* that are compared: one of the view's, two for each key */
	struct htab table;
	struct hist_entry *last;	/* of the sample before */
	struct arena arena;
	uint64_t samples, weight;
	double seconds;			/* of the latest sample */
	struct htab pairs;		/* counts by (entry, something) */
	struct hist_pair *common, *tasks; /* of the view, over all entries: by symbol, by thread */
	bool show_values;		/* contents of registers may be shown */
	bool want_callers;		/* trees of callers below the rows */
	bool no_memory;
};

/**
 * hist__init - an empty histogram
 * @sort: comma-separated keys, NULL for the view's own
 *
 * Return: 0, or -1 with @e (usage): no such key, too many.
 */
int hist__init(struct hist *h, const struct view *v, struct machine *m,
	       const char *sort, struct err *e);
void hist__free(struct hist *h);
void hist__add(struct hist *h, const struct facts *f);
/** hist__skip - count a sample only in what shares are of: a filter hides it */
void hist__skip(struct hist *h, const struct facts *f);

/** hist__sorted - the entries by rank; @n written; the caller frees */
struct hist_entry **hist__sorted(const struct hist *h, size_t *n);

/* Counts by accumulator and some thing: a caller, an instruction. */
struct hist_pair {
	const void *list, *thing;
	const struct location *loc;	/* of the first sample */
	uint64_t count[1 + XSTATE_FP_NR];
	void *data;			/* the view's, hist__pair_data() */
	struct hist_pair *next;		/* of the same list */
};

/** hist__pair - the pair of @list and @thing, made when missing; NULL: no memory */
struct hist_pair *hist__pair(struct hist *h, struct hist_pair **list,
			     const void *thing, const struct location *loc);
/** hist__pair_data - @size zeroed bytes for the view, made when missing; NULL: no memory */
void *hist__pair_data(struct hist *h, struct hist_pair *p, size_t size);
/** hist__alloc - zeroed bytes that live as long as @h; NULL: no memory, noted in @h */
void *hist__alloc(struct hist *h, size_t size);
/** hist_pair__max - the one with the biggest count[@i], NULL if all are 0 */
const struct hist_pair *hist_pair__max(const struct hist_pair *list, unsigned int i);
/** hist_pair__sorted - the list as an array by count[@i], biggest first */
const struct hist_pair **hist_pair__sorted(const struct hist_pair *list, unsigned int i, size_t *n);

struct hist_print {
	double percent_limit;		/* of the weight; 0: all */
};

/** hist__print - the table of a histogram, with details */
void hist__print(struct hist *h, const struct hist_print *p, struct output *o);

/** entry__symbol_name - "step_stencil", or "[unknown]" */
const char *entry__symbol_name(const struct hist_entry *e);

/*
 * What accumulators of views that look at registers begin with: in how many
 * samples those that are read were known, and in how many one was not.
 */
struct seen {
	uint64_t samples, unknown;
};

/**
 * facts__each_operand - facts__operand() for all that are read
 * @count: called with @acc, which begins with a struct seen, for each that is known
 */
void facts__each_operand(const struct facts *f, struct hist *h, void *acc,
			 void (*count)(struct hist *h, void *acc, const struct fp_lanes *l));
/** entry__rank_seen - view.rank where the accumulator begins with a struct seen */
uint64_t entry__rank_seen(const struct hist_entry *e);

/* ---- accumulators that several views share ---------------------------------- */

struct width_acc {
	uint64_t known, width[3];	/* 128, 256, 512 */
	uint64_t nonzero_known, nonzero[4];	/* none, 128, 256, 512 */
	uint64_t hi16_known, hi16;
};

struct dirty_acc {
	uint64_t insn_unknown;
	uint64_t legacy, legacy_known, legacy_in_use, legacy_nonzero_known, legacy_nonzero;
	uint64_t scalar, scalar_known, scalar_in_use, scalar_nonzero_known, scalar_nonzero;
	struct hist_pair *callers;	/* count[0]: legacy samples in use, by calling symbol */
	struct hist_pair *unknown_callers; /* ... by why the chain does not have the caller */
};

/* When something of a thread began: between these two samples. */
struct onset {
	double before, since;		/* seconds: without it, with it */
	const struct location *at_before, *at_since; /* NULL: not seen to begin */
	const char *mapped;		/* a file that it mapped in between, or NULL */
	unsigned int nr_mapped;
};

/** onset__text - "between 0.512 s, in f (a.c:31), and 0.514 s, in g (a.c:44), after it loaded x.so" */
char *onset__text(const struct onset *o, struct machine *m, char *buf, size_t size);
/** onset__after - " after it loaded x.so", "" */
char *onset__after(const struct onset *o, char *buf, size_t size);

/* Sticky flags whose first time is worth knowing: what a correct program does not raise. */
enum { NR_RAISED = 3 };
extern const struct raised_flag {
	uint32_t bit;
	const char *name, *meaning;
} raised_flags[NR_RAISED];

struct mxcsr_acc {
	uint64_t known, unknown;
	uint32_t control;		/* of the latest: all but the sticky flags */
	uint64_t sticky[6];		/* samples with each flag set */
	uint64_t odd;			/* samples whose control is not the default */
	uint32_t odd_control;		/* that of the first of them */
	bool mixed;			/* there are others than that */
	double first_seen;
	struct onset set, raised[NR_RAISED];
};

struct fp_acc {
	uint64_t all;			/* samples */
	uint64_t samples, unknown;	/* with lanes read; with such that are unknown */
	uint64_t lane_total, lane[XSTATE_FP_NR];
	uint64_t with[XSTATE_FP_NR];	/* samples with at least one such lane */
	uint32_t types;			/* bit by enum xstate_type */
	uint64_t insn_unknown;
};

void width_acc__add(struct width_acc *a, const struct facts *f);
void dirty_acc__add(struct hist *h, struct dirty_acc *a, const struct facts *f);
void mxcsr_acc__add(struct mxcsr_acc *a, const struct facts *f);
void fp_acc__add(struct fp_acc *a, const struct facts *f);

/** fp_acc__cell - the share of lanes of a class */
void fp_acc__cell(const struct fp_acc *a, enum xstate_fp_class first,
		  enum xstate_fp_class last, struct cell *c);
/** types__text - "f32 f64"; returns @buf */
char *types__text(uint32_t types, char *buf, size_t size);

enum { MXCSR_TEXT_MAX = 96 };
/** mxcsr__text - control bits that are not the default: "FTZ DAZ", "" if none */
char *mxcsr__text(uint32_t mxcsr, char *buf);

/** cell__share - @part of @whole; unknown when @whole is 0 */
struct cell cell__share(uint64_t part, uint64_t whole);

/** wilson_lower - lower bound of a share at 95 % (z = 1.96) [Wilson 1927] */
double wilson_lower(double part, double whole);

/**
 * proves - enough samples to state that a share is above a floor
 * @part: samples that show it, of @whole samples that could
 *
 * At least 20 samples could show it, at least 5 do, and the lower bound of
 * the share at 95 % is not below @floor.
 */
bool proves(uint64_t part, uint64_t whole, double floor);

enum { FLOOR_SAMPLES = 20 };	/* fewer say nothing */
static const double CPU_P = 0.001;	/* of all comparisons of CPUs together */

/* Floors of what is marked and found; of a symbol below 0.5 % nothing is found. */
static const double FLOOR_SUBNORMAL = 0.01, FLOOR_NAN = 0.001, FLOOR_INF = 0.001, FLOOR_ZERO = 0.5, FLOOR_HOT = 0.05,
		    FLOOR_SPARSE = 0.5, FLOOR_OVERHEAD = 0.005, FLOOR_DIRTY = 0.05, FLOOR_MXCSR = 0.01, FLOOR_512 = 0.01;

/* ---- the summary ----------------------------------------------------------------- */

struct summary_acc {
	struct width_acc width;
	struct dirty_acc dirty;
	struct mxcsr_acc mxcsr;
	struct fp_acc fp;
	struct hist_pair *where;	/* lanes, then by class, of each operand */
};


#endif
