/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where samples come from: one ops table a backend.
 *
 *	capture.c	choose the backend, run a session
 *	event.c		rates and attrs of the events (events/ has their names)
 *	attrs.c		the session's events as they stand in the file
 *	program.c	what kind of program the target is
 *	target.c	start the target, its signals and its end
 *	agent_host.c	backends sigtrap and timer: the agent's rings
 *	ptrace/		backend ptrace; its files are told of in ptrace.h
 *	kernel/		backend kernel: per-CPU rings of a patched kernel
 *	  kform.c	  its forms, by trying: our group, SIMD ABI, XMM by PEBS
 *	  ktarget.c	  what it records: processes, threads, CPUs
 *	ring.c		the ring of an event, for the kernel's records
 *	khits.c		hits that the kernel tells of, joined with the agents' registers
 *	stepped.c	uprobes whose instruction has run when the signal comes
 *	sideband.c	MMAP2, COMM, FORK, EXIT from the kernel
 *	synth.c		the same from /proc, where the kernel refuses
 *	foreign.c	files of processes with another root
 *	procfs.c	what /proc tells of a thread
 *	files/		records in time order, rotation, snapshots
 *	hitfilter.c	record --filter
 *	probe.c		what works on this machine, by trying
 */
#ifndef PERF_XREGS_CAPTURE_H
#define PERF_XREGS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "events/events.h"
#include "perfdata/ids.h"
#include "perfdata/perfdata.h"
#include "util/err.h"
#include "util/reglist.h"

struct capture_ops;
struct session;

/* How call chains come into the file. */
enum callgraph {
	CALLGRAPH_NONE,
	CALLGRAPH_FP,			/* walked at the sample, by frame pointers */
	CALLGRAPH_DWARF,		/* a copy of the stack, unwound at the report */
};

/* How many files, how large. */
struct output_options {
	bool switch_signal;		/* the next file begins at SIGUSR2 */
	uint64_t switch_size, switch_ns; /* ... at this size, after this time; 0: not */
	unsigned int max_files;		/* to keep of them, 0: all */
	uint64_t max_size;		/* of a file, where sampling ends; 0: none */
	uint64_t snapshot_ns;		/* keep that much in memory, write at SIGUSR2 and at the end */
};

enum output_option {
	OUTPUT_SWITCH, OUTPUT_MAX_FILES, OUTPUT_MAX_SIZE, OUTPUT_SNAPSHOT, OUTPUT_OPTIONS,
};

/**
 * output_options__set - one of them, from the text of its argument
 * @arg: NULL: none was given
 * Return: 0, or -1 with a usage error.
 */
int output_options__set(struct output_options *o, enum output_option which, const char *arg, struct err *e);
/** output_options__check - do they go together? -1 with a usage error */
int output_options__check(const struct output_options *o, struct err *e);

struct capture_options {
	struct event_list events;	/* none: the default */
	uint64_t freq;			/* Hz; 0: period */
	uint64_t period;		/* of the event; 0: freq */
	enum callgraph callgraph;
	uint32_t stack_size;		/* to copy, with CALLGRAPH_DWARF */
	const char *regs;		/* --sample-regs */
	const char *output;
	int compress;			/* zstd level, 0: none */
	const char *filter;		/* --filter, NULL: every hit */
	const char *backend;		/* "auto" or a name */
	const char *pids, *tids;	/* what runs already: lists, NULL: none */
	const char *user;		/* all processes of a user: name or number */
	/* backend kernel alone: */
	const char *intr_regs;		/* --intr-regs, NULL: user state only */
	const char *cpus;		/* a list, NULL: none */
	bool all_cpus;
	uint64_t mmap_pages;		/* of each ring, 0: by what is allowed */
	char **argv;			/* the target, NULL-terminated; may be empty */
	char **line;			/* the command line before it */
	size_t nr_line;
	struct output_options out;
	/* told at once when nothing more is written: e->status is XREGS_OK at --max-size */
	void (*stopped)(const struct err *e);
	void (*switched)(const char *name, uint64_t samples);	/* a file is complete */
	void (*progress)(const struct session *s);	/* told at each look at the rings */
};

/* ---- recorded.c ------------------------------------------------------------- */

/** recorded__cmdline - the whole command line, as perf record keeps it; -1: no memory */
int recorded__cmdline(struct perfdata_info *info, const struct capture_options *o);
/** recorded__target - "process 17 (sh)": what runs already; false: the command alone */
bool recorded__target(const struct capture_options *o, char *buf, size_t size);

/* ---- event.c ---------------------------------------------------------------- */

/** event__default - the one of this machine: cycles with a PMU, else a clock */
const char *event__default(bool system_wide);
/** events__default - put it into an empty list; -1 with @e */
int events__default(struct event_list *l, bool system_wide, struct err *e);
/**
 * event__rate - its own rate, where it has one; each hit of an event that is one
 * @freq, @period: those of the recording, one of them 0
 */
void event__rate(const struct event *ev, uint64_t *freq, uint64_t *period);
/**
 * event__period - period that a rate asks for
 * Hardware events get a fixed period too: the nominal frequency of the CPU
 * over the rate, since a signal does not say which period it ended.
 */
int event__period(const struct event *ev, const struct capture_options *o,
		  uint64_t *period, struct err *e);
/** event__has_pmu - does this machine count cycles? */
bool event__has_pmu(void);
/** event__attr - what the agent opens in the target */
void event__attr(const struct event *ev, uint64_t period, struct perf_event_attr *a);
/** event__try - can this process open it, of itself? -1 with the reason and remedy */
int event__try(const struct event *ev, struct err *e);
/** event__refused - what an errno says of an event that needs privilege; always -1 */
int event__refused(const struct event *ev, int error, struct err *e);
/** event__open - perf_event_open(2); -errno on error */
int event__open(const struct perf_event_attr *a, pid_t pid, int cpu);
/** event__paranoid - kernel.perf_event_paranoid, or 2 when it cannot be read */
int event__paranoid(void);

/* ---- program.c ---------------------------------------------------------------- */

enum program_kind {
	PROGRAM_DYNAMIC,		/* glibc, x86-64: the agent can be loaded */
	PROGRAM_STATIC,
	PROGRAM_GO,
	PROGRAM_FOREIGN,		/* another C library */
	PROGRAM_SETUID,
	PROGRAM_OTHER_ARCH,
	PROGRAM_UNREADABLE,
};

/**
 * program__inspect - find a program as execvp() does and look at its ELF headers
 * @path: written: PATH_MAX bytes, the ELF file (a script's interpreter)
 * Return: 0, or -1 with @e when there is no such program.
 */
int program__inspect(const char *name, char *path, enum program_kind *kind,
		     struct err *e);
/** program__why - why the agent cannot be loaded: "is statically linked" */
const char *program__why(enum program_kind kind);
/** program__build_id - of an ELF file; 0 when it has none */
size_t program__build_id(const char *path, uint8_t id[20]);

/* ---- ktarget.c ---------------------------------------------------------------------- */

/** user__parse - a name or number; -1 with a usage error for -u */
int user__parse(const char *text, uid_t *uid, struct err *e);
/** user__has - is the process of the user? By its effective one, as perf record -u */
bool user__has(uid_t uid, pid_t pid);
/** user__processes - "4711,4712": all but this one; NULL: none. To be freed. */
char *user__processes(uid_t uid);

/* ---- target.c ------------------------------------------------------------------- */

enum { NR_DISPOSITIONS = 4 };

struct target {
	pid_t pid;
	int go_fd, exec_fd;		/* -1 when done */
	int signal_fd;
	bool done;
	int status;			/* of waitpid() */
	uint64_t cpu, system;		/* ns, with the children it waited for */
	int signals;			/* how many were handed on */
	void (*inherited[NR_DISPOSITIONS])(int);
	struct rlimit files;		/* open files: what was inherited; all 0: unchanged */
};

/** target__prepare - an empty target; the recorder's own signal actions */
void target__prepare(struct target *t);

/**
 * target__spawn - fork the target and hold it before exec
 * @env: @nr pairs of name and value, set in the target alone
 */
int target__spawn(struct target *t, char **argv, const char *const (*env)[2],
		  unsigned int nr, struct err *e);
/** target__raise_files - as many open files as may be, here and not in the target */
void target__raise_files(struct target *t);
/** target__catch - signal_fd alone: nothing is started */
int target__catch(struct target *t, struct err *e);
/** target__asked_to_end - did signal_fd bring more than SIGCHLD? */
bool target__asked_to_end(struct target *t);
/** target__go - let it exec. -1 when exec fails: missing, no permission ... */
int target__go(struct target *t, const char *name, struct err *e);
/**
 * target__signals - handle what signal_fd brings: hand on SIGINT and SIGTERM
 * @reap: also waitpid() for the target (not under ptrace)
 */
void target__signals(struct target *t, bool reap);
/** target__exit_status - as the shell has it: 128 + signal */
int target__exit_status(const struct target *t);
void target__close(struct target *t);

/* ---- timeline.c ---------------------------------------------------------------------- */

struct timeline_entry {
	uint64_t time, seq;
	size_t offset;
	uint32_t size;
};

struct timeline {
	uint8_t *data;
	size_t len, room;
	struct timeline_entry *entries;
	size_t nr, nr_room;
	uint64_t seq, last;		/* time of the last record written */
};

int timeline__add(struct timeline *t, uint64_t time, const void *rec, size_t size,
	       struct err *e);
/* Is a record, header included, to be written? */
typedef bool timeline__wants_fn(void *ctx, const uint8_t *rec, size_t size);
typedef int timeline__write_fn(void *ctx, uint64_t time, const uint8_t *rec, size_t size, struct err *e);

/**
 * timeline__flush - write what is older than @before, in time order
 * @wants: asked of each record in that order; NULL: all are written
 * @write: takes it
 */
int timeline__flush(struct timeline *t, uint64_t before, timeline__wants_fn *wants,
		    timeline__write_fn *write, void *ctx, struct err *e);
void timeline__free(struct timeline *t);

/* ---- the session -------------------------------------------------------------------- */

struct capture_counts {
	uint64_t samples, lost, blocked, kernel, errors, threads;
	uint64_t unwritten;		/* came, but the file could not take them */
	uint64_t no_slot;		/* more threads than slots */
	uint64_t lost_records;		/* side-band records lost by the kernel */
	uint64_t throttled;		/* times that the kernel paused the event */
	uint64_t weight;		/* sum of the samples' periods */
	uint64_t expected;		/* samples that the CPU time asks for, 0: not known */
	uint64_t filtered;		/* hits that --filter left out */
	uint64_t filtered_by_kernel;	/* of these, without a sample or a signal */
};

struct hitfilter;
struct sideband;
struct khits;
struct files;
struct synth;
struct tasks;

struct session {
	const struct capture_options *opt;
	struct capture_options with_pids;	/* of -u, for backend kernel */
	char *user_pids;
	const struct capture_ops *ops;
	struct event_list events;	/* what is recorded; names belong to the options */
	const struct event *event;	/* the first of them */
	char why[512];			/* why this backend */
	char rate[64];			/* "1000 Hz", "period 1000000" */
	uint64_t period;		/* that samples come at, ns or events */
	uint64_t interval;		/* that is programmed: shorter where ticks bound it */
	struct reglist regs;
	uint64_t xfeatures;		/* components requested and deliverable */
	uint32_t stack_size;		/* of the copy: what a record has room for; 0: none */
	struct perfdata_attr *attrs;	/* of the file, one an event */
	unsigned int nr_attrs;
	struct perfdata_attr attr;	/* the first one: of records that no event asked for */
	struct ids ids;			/* of the attrs, where there are several */
	uint64_t *periods;		/* of each event, as the agent programs it */
	uint64_t *per_event;		/* samples */
	struct perfdata_info info;
	struct perfdata_writer *writer;
	char *tracing;			/* formats of tracepoints, NULL: none */
	struct timeline timeline;
	struct files *files;		/* NULL: one file */
	struct sideband *sideband;	/* NULL: refused */
	struct khits *khits;		/* NULL: no event needs them */
	struct synth *synth;
	struct tasks *tasks;
	struct hitfilter *filter;	/* NULL: every hit is wanted */
	struct target target;
	struct capture_counts counts;
	bool failed;			/* writing failed: no more samples */
	bool full;			/* ... because --max-size is reached */
	struct err write_err;
	void *priv;			/* the backend's own */
};

struct capture_ops {
	const char *name;
	/** probe - 0 when it works here, else -1 with the reason and remedy;
	 * NULL: kernel__fit() looks at what is asked, too */
	int (*probe)(struct err *e);
	/** prepare - event, rate and attr; NULL: those that the agents can do */
	int (*prepare)(struct session *s, struct err *e);
	/** open - the target, held before its exec, and the events, whose ids stand
	 * in the file's head; what is refused leaves no file. NULL: nothing */
	int (*open)(struct session *s, struct err *e);
	/** start - what queues records already. NULL: nothing */
	int (*start)(struct session *s, struct err *e);
	int (*run)(struct session *s, struct err *e);
	void (*stop)(struct session *s);
	/** lost - samples lost so far that the counts don't have yet; may be NULL */
	uint64_t (*lost)(const struct session *s);
};

extern const struct capture_ops capture_kernel, capture_sigtrap, capture_timer, capture_ptrace;

/**
 * kernel__wanted - do the options ask for what backend kernel alone can do?
 * Return: the option, NULL when there is none.
 */
const char *kernel__wanted(const struct capture_options *o);
/**
 * kernel__fit - take backend kernel for a session whose registers are parsed
 * @only: name of a form ("group", "simd", "pebs"), NULL: the best
 * Return: 0, or -1 with the reason in @e, and nothing taken.
 */
int kernel__fit(struct session *s, const char *only, struct err *e);
/**
 * kernel__registers - components that it delivers here
 * @form: "pebs"; NULL: the best of the others
 * @why: written: how it delivers them, or why not
 */
uint64_t kernel__registers(const char *form, char *why, size_t size);

/** capture__open - choose the backend, create the file, start the target */
int capture__open(struct session *s, const struct capture_options *o, struct err *e);
/** capture__run - until the target ends; the file is complete afterwards */
int capture__run(struct session *s, struct err *e);
void capture__close(struct session *s);

/** session__block_size - a sample's block of all registers that are asked for */
size_t session__block_size(const struct session *s);
/* ---- attrs.c: the session's events ---------------------------------------------------- */

/** session__events - take the options' events, or the default one
 * @program: ELF file that is started, NULL: none */
int session__events(struct session *s, const char *program, struct err *e);
/** session__agent_attrs - rates and attrs for the agents and ptrace */
int session__agent_attrs(struct session *s, struct err *e);
/** session__alloc_attrs - room for one attr an event */
int session__alloc_attrs(struct session *s, struct err *e);
void session__free_attrs(struct session *s);
/** session__add_id - samples with this id are of event @i */
int session__add_id(struct session *s, unsigned int i, uint64_t id, struct err *e);
/** session__event_of - the index of the event of a sample, from the record's body */
unsigned int session__event_of(const struct session *s, const uint8_t *body, size_t size);
/** session__say_rate - fill in s->rate */
void session__say_rate(struct session *s);
/** stepped__check - fill in ev->stepped of a uprobe
 * Return: 0, or -1 with @e when its instruction changes what the signal shows. */
int stepped__check(struct event *ev, struct err *e);
/** session__has_hits - is one of the events a place or an incident? */
bool session__has_hits(const struct session *s);
/** session__is_told - does the kernel write a record of each hit, too? (khits.c) */
bool session__is_told(const struct session *s, unsigned int i);
/** session__event_names - "task-clock, sched:sched_switch" */
const char *session__event_names(const struct session *s, char *buf, size_t size);

/** session__sample - queue one sample; the fields of @s are the caller's; attr NULL: the first event's */
int session__sample(struct session *ses, struct sample *s, struct err *e);
/** session__flush - write what is older than @before; may set @s->failed */
void session__flush(struct session *s, uint64_t before);
uint64_t capture__now(void);
/** session__lost - samples lost so far */
uint64_t session__lost(const struct session *s);

/* ---- files.c: one file after another ------------------------------------------------------ */

/** files__open - what rotation and snapshots need; nothing for one file */
int files__open(struct session *s, struct err *e);
/** files__catch_signal - SIGUSR2 is ours from here on; the target is forked already */
void files__catch_signal(const struct session *s);
/** files__record - a record of session @ctx, in time order */
int files__record(void *ctx, uint64_t time, const uint8_t *rec, size_t size, struct err *e);
/** files__round - begin the next file where time or a signal says so */
int files__round(struct session *s, struct err *e);
/** files__finish - complete the last file; s->writer is gone whatever it returns */
int files__finish(struct session *s, struct err *e);
/** files__count - files that are complete and were not removed; 1 without rotation */
unsigned int files__count(const struct session *s);
/** files__samples - in all files, also in those that are removed */
uint64_t files__samples(const struct session *s);
void files__close(struct session *s);

/* ---- hitfilter.c ------------------------------------------------------------------------ */

/*
 * All of these do nothing without --filter.
 */

/** hitfilter__open - parse it. -1 with a usage error: its syntax, or a term
 * that cannot be decided at the hit */
int hitfilter__open(struct session *s, struct err *e);
/** hitfilter__attach - let the kernel decide about an event, where it does */
void hitfilter__attach(struct session *s, int event);
/** hitfilter__expect_signals - make ready for hitfilter__relieve() */
void hitfilter__expect_signals(struct session *s);
/**
 * hitfilter__relieve - let the kernel hold back signals of an event that has
 * hit already; what it does not hold back, the recorder leaves out
 */
void hitfilter__relieve(struct session *s, int event);
/** hitfilter__chooser - for timeline__flush(), with the session */
timeline__wants_fn *hitfilter__chooser(const struct session *s);
/** hitfilter__threads - threads of which samples were written */
uint64_t hitfilter__threads(const struct session *s);
/** hitfilter__dropped - hits left out; @by_kernel: how many of them there */
uint64_t hitfilter__dropped(const struct session *s, uint64_t *by_kernel);
/** hitfilter__why_not_kernel - NULL: it does filter, or nobody does */
const char *hitfilter__why_not_kernel(const struct session *s);
void hitfilter__close(struct session *s);

/* ---- attach.c, ptclock.c: running processes by ptrace ------------------------------------ */

/** attach__probe - 0 with what can be attached to in @e's message, else -1 with the reason */
int attach__probe(struct err *e);
/** ptrace__has_event - does the kernel stop threads when they are due? Else they are asked */
bool ptrace__has_event(void);

/* ---- tasks.c: processes and threads of the session ------------------------------------ */

struct tasks *tasks__new(void);
void tasks__free(struct tasks *t);
/** tasks__process - a process was forked at @time */
void tasks__process(struct tasks *t, uint32_t pid, uint64_t time);
/** tasks__exec - it started a program at @time: sampled only if that says so */
void tasks__exec(struct tasks *t, uint32_t pid, uint64_t time);
void tasks__exit(struct tasks *t, uint32_t pid, uint64_t time);
/** tasks__sampled - from @time on it is sampled (@why NULL) or cannot be
 * @why: a static string that completes "1 process: ..." */
void tasks__sampled(struct tasks *t, uint32_t pid, uint64_t time, const char *why);
/** tasks__thread - a thread gave a sample. Return: true the first time */
bool tasks__thread(struct tasks *t, uint32_t tid);
uint64_t tasks__threads(const struct tasks *t);
/**
 * tasks__unsampled - processes that could not be sampled, by reason
 * @buf: "2: statically linked; 1: Go", "" for none
 * Return: how many.
 */
uint64_t tasks__unsampled(const struct tasks *t, char *buf, size_t size);

/* ---- ring.c ---------------------------------------------------------------------------- */

struct perf_ring {
	struct perf_event_mmap_page *page;	/* NULL: not mapped */
	const uint8_t *data;
	size_t size;				/* of the data, a power of two */
};

/** perf_ring__map - map the ring of event @fd with @pages of data; 0 or -errno */
int perf_ring__map(struct perf_ring *r, int fd, size_t pages);
void perf_ring__unmap(struct perf_ring *r);

typedef int perf_ring__fn(void *ctx, const uint8_t *rec, size_t size, struct err *e);

/**
 * perf_ring__drain - hand on each record that is there, header included, and free it
 * Return: 0, what @fn returned if not 0, or -1 with @e for a record that
 * cannot be one.
 */
int perf_ring__drain(struct perf_ring *r, perf_ring__fn *fn, void *ctx, struct err *e);

/* ---- sideband.c ------------------------------------------------------------------------- */

/** sideband__open - dummy events of @pid and its children on every CPU.
 * Return: 0, or a negative errno where the kernel refuses. */
int sideband__open(struct session *s, pid_t pid);
/**
 * sideband__new - none yet; sideband__follow() adds a thread that runs and what
 * it will start. Give it to a session when /proc has told of what was before.
 */
struct sideband *sideband__new(const struct session *s);
/** sideband__follow - 0, or a negative errno where the kernel refuses */
int sideband__follow(struct sideband *b, pid_t tid);
void sideband__free(struct sideband *b);
/** sideband__drain - queue what has come */
int sideband__drain(struct session *s, struct err *e);
void sideband__close(struct session *s);

/* ---- synth.c ------------------------------------------------------------------------------- */

/*
 * All of these do nothing where the kernel's side-band events are there. Times
 * are those of what is told, moved up to the last record written.
 */

/** synth__process - FORK and COMM of a process; its maps come on demand
 * @ppid: 0: not known */
int synth__process(struct session *s, uint32_t pid, uint32_t ppid, uint64_t time,
		   struct err *e);
/** synth__thread - FORK and COMM of a thread that gave its first sample */
int synth__thread(struct session *s, uint32_t pid, uint32_t tid, uint64_t time,
		  struct err *e);
/** synth__maps - MMAP2 records from the text of /proc/PID/maps */
int synth__maps(struct session *s, uint32_t pid, uint64_t time, const char *text,
		size_t len, struct err *e);
/** synth__ip - read the maps again when @ip lies in none that is known */
int synth__ip(struct session *s, uint32_t pid, uint64_t ip, uint64_t time,
	      struct err *e);
int synth__exit(struct session *s, uint32_t pid, uint32_t tid, uint64_t time,
		struct err *e);
void synth__free(struct session *s);

/* ---- foreign.c ------------------------------------------------------------------------------ */

/**
 * foreign__keep - keep a file that is mapped by a process with another root
 * For the report, in the cache of build-ids; does nothing for one that has the
 * same file under this name, and for files without a build-id.
 */
void foreign__keep(uint32_t pid, const char *path);
/** process__build_id - of a file as the process sees it; 0 when it has none */
size_t process__build_id(uint32_t pid, const char *path, uint8_t id[20]);

/* ---- probe.c --------------------------------------------------------------------------------- */

/** machine__layout - components, sizes and offsets of this CPU (CPUID 0xD) */
void machine__layout(struct xstate_layout *l);
/** machine__layout_add - add a supervisor component, which XCR0 does not show */
void machine__layout_add(struct xstate_layout *l, enum xfeature nr);
/** machine__xcr0 - what the kernel has enabled */
uint64_t machine__xcr0(void);
/** machine__has - does the CPU have this component, enabled or not? (CPUID) */
bool machine__has(enum xfeature nr);
bool machine__is_virtual(void);
/** probe__frame_xfeatures - components in a signal frame of this process */
uint64_t probe__frame_xfeatures(void);
/** probe__ptrace_xfeatures - components that NT_X86_XSTATE shows */
uint64_t probe__ptrace_xfeatures(void);
/** stack__probe - can the stack be copied? -1 with the reason and remedy */
int stack__probe(struct err *e);
/** timer__hz - how often a second the kernel looks at CPU timers: CONFIG_HZ */
uint64_t timer__hz(void);
/** agent__path - the agent's file, beside the program or in libexec */
int agent__path(char *path, size_t size, struct err *e);

#endif
