/* SPDX-License-Identifier: GPL-2.0-only */
/* What the census' BPF programs and their reader share. */
#ifndef PERF_XREGS_BPF_CENSUS_DATA_H
#define PERF_XREGS_BPF_CENSUS_DATA_H

#include <linux/types.h>

/* Kinds of state that switches are counted by. */
enum census_kind {
	CENSUS_UPPER,			/* YMM_Hi128 or ZMM_Hi256 */
	CENSUS_ZMM,			/* ZMM_Hi256: 512 bits wide */
	CENSUS_AVX512,			/* opmask, ZMM_Hi256 or Hi16_ZMM */
	CENSUS_AMX,
	CENSUS_KINDS,
};

/* The head of an XSAVE image in memory. */
struct census_image {
	__u64 xfeatures;		/* XSTATE_BV */
	__u64 xcomp_bv;
	__u64 supported;		/* components that there is room for */
	__u64 xfd;
	__u32 mxcsr;			/* as in memory, also where it is stale */
	__u32 size;			/* bytes; 0: could not be read */
	__u32 guest;			/* a virtual CPU's registers */
	__u32 reserved;
};

/* Of a task, or of a CPU. */
struct census_switches {
	__u64 total;			/* switches to it, on it */
	__u64 kind[CENSUS_KINDS];	/* those that loaded such state */
};

enum census_flags {
	CENSUS_RUNNING	= 1,		/* on a CPU when it was looked at */
	CENSUS_SEEN	= 2,		/* running, and seen to start at that */
	CENSUS_KERNEL	= 4,		/* kernel thread or worker: no user registers */
	CENSUS_EXITING	= 8,
};

struct census_task {
	__u32 pid, tid, uid, cpu;
	__u32 flags;			/* CENSUS_* */
	__u32 reserved;
	char comm[16];
	struct census_image image;
	__u64 image_age;		/* ns; 0 unless it is running */
	__u64 avx512_age;		/* jiffies; UINT64_MAX: never */
	__u64 start_time;
	__u64 runtime;			/* ns on a CPU since the last look */
	struct census_switches switches; /* since the last look */
};

struct census_cpu {
	struct census_switches switches;
	__u64 busy;			/* ns in tasks other than idle */
	__u64 kind_busy[CENSUS_KINDS];	/* ns in tasks that came with such state */
	__u64 exited;			/* threads with user registers that are gone */
	__u64 exited_kind[CENSUS_KINDS]; /* of these, seen with such state */
	/* the task at hand: */
	__u64 since;			/* ns */
	__u32 kinds;			/* 1 << enum census_kind */
	__u32 is_busy;
	__u32 online;			/* filled in by the reader */
	__u32 reserved;
};

#endif
