/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf.data on disk [tools/perf/Documentation/perf.data-file-format.txt,
 * tools/perf/util/header.c, include/uapi/linux/perf_event.h].
 *
 * Reader and writer share the types of this header. Decoding never consults
 * the machine it runs on: all comes from the file.
 */
#ifndef PERF_XREGS_PERFDATA_H
#define PERF_XREGS_PERFDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/perf_event.h>

#include <xstate/xstate.h>

#include "util/err.h"

enum {
	/* sample_type bit of our kernel group, last in the record */
	PERFDATA_SAMPLE_XSTATE	= 1 << 25,
	/* our feature section; perf skips feature bits that it does not know */
	PERFDATA_FEAT_XREGS	= 200,
	PERFDATA_ATTR_VER7	= 128,	/* what perf 6.1 still opens */
};

/* Fields behind the 128 bytes that <linux/perf_event.h> may lack. */
struct perfdata_attr {
	struct perf_event_attr attr;
	uint64_t config3, config4;
	uint16_t simd_enabled;			/* sample_simd_regs_enabled */
	uint16_t simd_pred_qwords, simd_vec_qwords;
	uint32_t simd_pred_intr, simd_pred_user;
	uint64_t simd_vec_intr, simd_vec_user;
	uint64_t xfeatures;			/* sample_xfeatures */
	uint32_t xstate;			/* sample_xstate: 1 user, 2 intr */
	char name[128];				/* event name, "" if not in the file */
	uint64_t *ids;
	unsigned int nr_ids;
};

enum { PERFDATA_ATTR_KERNEL_MAX = 192 };

/**
 * perfdata_attr__to_kernel - the attr as perf_event_open(2) takes it
 * @bytes: written: as many as hold what is set: 128, with the SIMD ABI 176,
 *	with our group 192
 *
 * Return: how many.
 */
size_t perfdata_attr__to_kernel(const struct perfdata_attr *a,
				uint8_t bytes[PERFDATA_ATTR_KERNEL_MAX]);

/* How the recording was made: key and value, in our feature section. */
enum perfdata_meta_key {
	PERFDATA_META_BACKEND,		/* "sigtrap", "timer", "ptrace", "kernel" */
	PERFDATA_META_BACKEND_WHY,	/* why that one: one sentence */
	PERFDATA_META_EVENT,		/* "task-clock" */
	PERFDATA_META_RATE,		/* "1000 Hz" or "period 1000000" */
	PERFDATA_META_REQUESTED,	/* the --sample-regs list, normalised */
	PERFDATA_META_REQ_XFEATURES,	/* the same as a component mask, 0x... */
	PERFDATA_META_EXPECTED,		/* samples that the event's count asks for */
	PERFDATA_META_LOST,		/* lost in full rings */
	PERFDATA_META_KERNEL,		/* hits without registers: in the kernel */
	PERFDATA_META_BLOCKED,		/* hits while the signal was blocked */
	PERFDATA_META_UNSAMPLED,	/* tasks that could not be sampled, "N: why" */
	PERFDATA_META_THREADS,		/* threads that gave samples */
	PERFDATA_META_FILTER,		/* record --filter, as given */
	PERFDATA_META_FILTERED,		/* hits that it left out */
	PERFDATA_META_TARGET,		/* "process 17 (sh)": what ran already; none: the command */
	PERFDATA_META_NR,
};

/** perfdata_meta__name - the key as it stands in the file: "backend", ... */
const char *perfdata_meta__name(enum perfdata_meta_key k);
/** perfdata_meta__is_count - its value is a number of things, in decimal */
bool perfdata_meta__is_count(enum perfdata_meta_key k);
/** perfdata_meta__count - @value as a number; false: NULL, or no number */
bool perfdata_meta__count(const char *value, uint64_t *count);

struct perfdata_info {
	char *hostname, *osrelease, *version, *arch, *cpudesc, *cpuid;
	uint32_t nrcpus_online, nrcpus_available;
	uint64_t total_mem_kb;
	char **cmdline;				/* NULL-terminated, or NULL */
	char *meta[PERFDATA_META_NR];		/* NULL: not in the file */
	bool has_layout;
	struct xstate_layout layout;
	uint64_t first_time, last_time;		/* SAMPLE_TIME feature, 0 if none */
	uint64_t build_ids;			/* entries of the BUILD_ID feature */
};

/* ---- samples -------------------------------------------------------------- */

/* A sample, decoded by its attr. Pointers go into the record's bytes. */
struct sample {
	uint64_t type;			/* sample_type of its event */
	uint64_t id, ip, time, addr, stream_id, period;
	uint32_t pid, tid, cpu;
	uint8_t cpumode;		/* PERF_RECORD_MISC_CPUMODE_MASK bits */
	bool exact_ip;
	const uint8_t *callchain;	/* nr_callchain u64 (unaligned) */
	uint64_t nr_callchain;
	const uint8_t *raw;
	uint32_t raw_size;
	const uint8_t *read;		/* nr_read u64 of the event's read_format */
	uint64_t nr_read;
	const uint8_t *branches;	/* nr_branches struct perf_branch_entry */
	const uint8_t *branch_counters;	/* nr_branches u64, or NULL */
	uint64_t nr_branches, branch_hw_idx;
	const uint8_t *user_stack;
	uint64_t user_stack_size;	/* dynamic size: bytes that are valid */
	uint64_t user_stack_alloc;	/* bytes in the record, >= user_stack_size */
	const uint8_t *aux;
	uint64_t aux_size;
	uint64_t weight;		/* of _WEIGHT or _WEIGHT_STRUCT */
	uint64_t data_src, transaction, phys_addr, cgroup;
	uint64_t data_page_size, code_page_size;
	bool has_regs_user, has_regs_intr;
	struct xstate_simd regs_user, regs_intr;
	const uint8_t *xstate;		/* our kernel group */
	uint64_t xstate_size;
	const struct perfdata_attr *attr;
};

/**
 * sample__regs - the register view of a sample, whatever carried it
 * @user: written: user state (kernel group, RAW block, SIMD ABI, legacy XMM)
 * @intr: if not NULL: written: interrupted state; all unknown if there is none
 *
 * Return: 0, or a negative XSTATE_E_* when the carrier is malformed (counted
 * by the caller; the view is then all unknown).
 */
int sample__regs(const struct sample *s, const struct xstate_layout *l,
		 struct xstate_regs *user, struct xstate_regs *intr);

/** sample__state - one of the two views: interrupted state (@intr) or user state */
int sample__state(const struct sample *s, const struct xstate_layout *l, bool intr,
		  struct xstate_regs *regs);
/** sample__decode - a PERF_RECORD_SAMPLE body; false when it is malformed */
bool sample__decode(struct sample *s, const struct perfdata_attr *a,
		    const void *body, size_t size);
/** sample__peek_time - the time of any kernel record; false when it has none */
bool sample__peek_time(const struct perfdata_attr *a, uint32_t type,
		       const void *body, size_t size, uint64_t *time);

/**
 * sample__set_time - give a kernel record another time
 * @body: of the record, behind its header
 * Return: false when it has none.
 */
bool sample__set_time(const struct perfdata_attr *a, uint32_t type, void *body,
		      size_t size, uint64_t time);

/* ---- reader ---------------------------------------------------------------- */

enum perfdata_kind {
	PERFDATA_SAMPLE, PERFDATA_MMAP, PERFDATA_COMM, PERFDATA_FORK,
	PERFDATA_EXIT, PERFDATA_LOST, PERFDATA_THROTTLE, PERFDATA_OTHER,
	PERFDATA_TOOL,			/* of perf record itself: of use to a copy only */
};

struct perfdata_mmap {
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	uint32_t prot, flags;
	bool exec;			/* executable mapping (not MISC_MMAP_DATA) */
	uint8_t build_id_size;		/* 0: none; else maj/min/ino are void */
	uint8_t build_id[20];
	uint32_t maj, min;
	uint64_t ino, ino_generation;
	const char *filename;
};

struct perfdata_comm { uint32_t pid, tid; bool exec; const char *comm; };
struct perfdata_task { uint32_t pid, ppid, tid, ptid; };
struct perfdata_lost { uint64_t lost; };

/* One record in time order. Valid until the next call. */
struct perfdata_record {
	enum perfdata_kind kind;
	uint32_t type;			/* PERF_RECORD_* */
	uint16_t misc;
	uint64_t offset;		/* of its header in the file */
	uint64_t time;			/* 0 when the record has none */
	uint8_t cpumode;
	const uint8_t *body;		/* behind the header: what a copy needs */
	size_t body_size;
	union {
		struct sample sample;
		struct perfdata_mmap mmap;
		struct perfdata_comm comm;
		struct perfdata_task task;
		struct perfdata_lost lost;
	};
};

/* What reading met, said in the head of every report. */
struct perfdata_stats {
	uint64_t records, samples, lost, lost_records, throttled;
	uint64_t skipped;		/* of perf itself, of use with AUX data or to nobody */
	uint64_t unknown;		/* of a type that no perf had so far */
	uint32_t unknown_type;		/* ... the first of them */
	uint64_t bad_records;		/* malformed, skipped by their size */
	uint64_t first_bad_offset;
	bool truncated;			/* file ends inside a record */
	uint64_t truncated_offset;
	uint64_t bytes_missing;		/* of the data section, when truncated */
	bool unfinished;		/* header never completed: recorder was killed */
	uint64_t unordered;		/* delivered after a later one */
	uint64_t decompressed;		/* bytes that came out of zstd */
	uint64_t aux_bytes;		/* AUX trace data, skipped */
	uint64_t deferred_chains;	/* user frames that came after their samples: left out */
};

struct perfdata_reader;

/**
 * perfdata_reader__open - open a recording
 * @path: a file, a directory of perf record --threads, or "-" for a pipe on
 *	standard input
 * @r: written on success
 *
 * Pipe mode is known by its header, in files too; its attrs and features are
 * read ahead. Memory does not grow with the file: 512 KiB are read at a time,
 * and at most 48 MiB of records wait to be sorted.
 *
 * Return: 0, or -1 with @e: cannot open, empty, foreign (not PERFILE2), other
 * byte order or architecture, damaged header or layout, an attr of a kernel
 * patch that was never merged.
 */
int perfdata_reader__open(const char *path, struct perfdata_reader **r,
			  struct err *e);

/**
 * perfdata_reader__next - the next record, ordered by time
 *
 * Records without a time come at once. What is malformed is left out and
 * counted; truncation is the end of the data, and said in the counts.
 *
 * Return: 1 with @rec written, 0 at the end, -1 with @e (the file cannot be
 * read, memory, an architecture that a pipe names late).
 */
int perfdata_reader__next(struct perfdata_reader *r,
			  struct perfdata_record *rec, struct err *e);

/* Where the next sample hit. */
struct upcoming {
	uint64_t ip;
	uint32_t pid;
	uint8_t cpumode;
};

/**
 * perfdata_reader__upcoming - look ahead, to have at hand what it will need
 * Return: false where that is not known before it is read.
 */
bool perfdata_reader__upcoming(const struct perfdata_reader *r, struct upcoming *u);

const struct perfdata_info *perfdata_reader__info(const struct perfdata_reader *r);
const struct perfdata_stats *perfdata_reader__stats(const struct perfdata_reader *r);
const struct perfdata_attr *perfdata_reader__attrs(const struct perfdata_reader *r,
						   unsigned int *nr);
/**
 * perfdata_reader__build_id - BUILD_ID feature entry for a file name, or NULL;
 * valid until the next record is read
 */
const uint8_t *perfdata_reader__build_id(const struct perfdata_reader *r,
					 const char *filename, size_t *size);
/* A feature section that is not read here, but that a copy of the file may keep. */
struct perfdata_section {
	unsigned int nr;		/* bit of the header */
	bool stays;			/* true of a copy as well, whose records may be others */
	uint64_t offset, size;		/* in the file; of a stream's, the size alone */
	uint8_t *data;			/* NULL until asked for */
};

/**
 * perfdata_reader__section - the sections of the file, one after the other
 * @i: 0, 1, ...
 * @s: written; with data where it stays, which is the reader's
 *
 * Return: 1, 0 behind the last, -1 with @e (cannot be read, above 64 MiB).
 */
int perfdata_reader__section(struct perfdata_reader *r, size_t i,
			     struct perfdata_section *s, struct err *e);
/** perfdata_reader__size - bytes of the file, and how many were read so far */
uint64_t perfdata_reader__size(const struct perfdata_reader *r, uint64_t *done);
void perfdata_reader__close(struct perfdata_reader *r);

/* ---- writer ---------------------------------------------------------------- */

/*
 * Layout of a file that we write: header, attrs, ids, our section (also
 * before the data, so that a killed recorder leaves the layout), data,
 * feature table, features. Mode 0600, O_CREAT|O_TRUNC after an old file was
 * renamed to FILE.old, as perf does. Records are passed in time order.
 */
struct perfdata_writer;

/**
 * perfdata_writer__open - create a file
 * @attrs: @nr events; attr.size is written as the smallest that perf needs for
 *	them (128, 136, 144 or 176), the rest goes into our section
 * @info: layout, meta and host facts known at the start
 */
int perfdata_writer__open(const char *path, const struct perfdata_attr *attrs,
			  unsigned int nr, const struct perfdata_info *info,
			  struct perfdata_writer **w, struct err *e);

/**
 * perfdata_writer__compress - from now on, write records compressed (zstd)
 * @level: 1 (fast) to 22
 *
 * Return: 0, or -1 with @e (usage error for another level).
 */
int perfdata_writer__compress(struct perfdata_writer *w, int level, struct err *e);

/** perfdata_writer__record - append one complete record (header included) */
int perfdata_writer__record(struct perfdata_writer *w, const void *record,
			    size_t size, struct err *e);

/**
 * perfdata_writer__samples - samples in the records taken over so far
 *
 * When the file could take no more (an error of record or flush says so) it
 * counts what the file has, to its end: close completes it with that.
 */
uint64_t perfdata_writer__samples(const struct perfdata_writer *w);

/**
 * perfdata_writer__flush - hand everything to the kernel, so that it survives
 * the death of this process
 */
int perfdata_writer__flush(struct perfdata_writer *w, struct err *e);

/** perfdata_writer__build_id - remember an entry for the BUILD_ID feature */
int perfdata_writer__build_id(struct perfdata_writer *w, const char *filename,
			      const uint8_t *id, size_t size, struct err *e);

/**
 * perfdata_writer__section - a feature section of another file, as it is there
 * @data: stays the caller's, and must stay until the writer is closed
 */
int perfdata_writer__section(struct perfdata_writer *w, unsigned int nr,
			     const void *data, size_t size, struct err *e);

/**
 * perfdata_writer__close - write features, complete the header, close
 * @info: as at open, with what is only known at the end (counts)
 * Frees @w in any case.
 */
int perfdata_writer__close(struct perfdata_writer *w,
			   const struct perfdata_info *info, struct err *e);

/**
 * perfdata_writer__next_file - complete the file, and go on in a new one
 * @keep: name that the complete file gets; the new one has that of open()
 * @info: as at close
 * @next: of the new file, as at open
 *
 * Events, compression and build-ids are those of the file before; records of
 * what lives on are the caller's to write. Return: 0, or -1 with @e; then there
 * is no file any more, and @w is good for perfdata_writer__close() alone.
 */
int perfdata_writer__next_file(struct perfdata_writer *w, const char *keep,
			       const struct perfdata_info *info,
			       const struct perfdata_info *next, struct err *e);

/** perfdata_writer__size - bytes written so far */
uint64_t perfdata_writer__size(const struct perfdata_writer *w);

/* Fill host facts (hostname, osrelease, arch, cpudesc, cpuid, cpus, memory). */
int perfdata_info__host(struct perfdata_info *info, struct err *e);
void perfdata_info__free(struct perfdata_info *info);
/** perfdata_info__command - the program that was started, and its arguments, in @buf; NULL: none */
const char *perfdata_info__command(const struct perfdata_info *info, char *buf, size_t size);
/** perfdata_info__recorded - what was recorded: that, or "process 17 (sh), while sleep 1 ran"; NULL: not said */
const char *perfdata_info__recorded(const struct perfdata_info *info, char *buf, size_t size);

/** perfdata_info__set - replace meta[@k] by a copy of the formatted text */
int perfdata_info__set(struct perfdata_info *info, enum perfdata_meta_key k,
		       const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- records, built -------------------------------------------------------- */

/*
 * Encoders of whole records into @buf (header, body and, with sample_id_all,
 * the trailer that @attr's sample_type asks for). Return the size, or 0 when
 * @size is too small or exceeds 64 KiB.
 */
size_t perfdata_build__sample(void *buf, size_t size,
			      const struct perfdata_attr *attr,
			      const struct sample *s);
size_t perfdata_build__mmap2(void *buf, size_t size,
			     const struct perfdata_attr *attr,
			     const struct perfdata_mmap *m, uint8_t cpumode,
			     const struct sample *id);
size_t perfdata_build__comm(void *buf, size_t size,
			    const struct perfdata_attr *attr,
			    const struct perfdata_comm *c,
			    const struct sample *id);
size_t perfdata_build__task(void *buf, size_t size,
			    const struct perfdata_attr *attr, uint32_t type,
			    const struct perfdata_task *t,
			    const struct sample *id);
size_t perfdata_build__lost(void *buf, size_t size,
			    const struct perfdata_attr *attr,
			    const struct perfdata_lost *l,
			    const struct sample *id);

#endif
