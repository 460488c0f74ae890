/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel types, as far as the BPF programs of this folder read them. Offsets
 * are put in when a program is loaded, from the BTF of the running kernel
 * (CO-RE): order and gaps here mean nothing, names and types do. What is behind
 * "___" in a name is ours and is not compared.
 */
#ifndef PERF_XREGS_BPF_KERNEL_TYPES_H
#define PERF_XREGS_BPF_KERNEL_TYPES_H

#include <stdbool.h>

#include <linux/bpf.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* ---- saved registers [arch/x86/include/asm/fpu/types.h] ----------------------- */

struct fxregs_state {
	__u32 mxcsr;
};

struct xstate_header {
	__u64 xfeatures;		/* XSTATE_BV */
	__u64 xcomp_bv;
};

struct xregs_state {
	struct fxregs_state i387;
	struct xstate_header header;
};

union fpregs_state {
	struct xregs_state xsave;
};

/* Since 5.16. */
struct fpstate {
	unsigned int size;
	__u64 xfeatures;		/* components that it has room for */
	__u64 xfd;
	unsigned int is_guest : 1;
	union fpregs_state regs;
};

struct fpu {
	unsigned long avx512_timestamp;	/* jiffies */
	struct fpstate *fpstate;
};

/* ---- tasks ---------------------------------------------------------------------- */

struct kuid {
	__u32 val;
};

typedef struct kuid kuid_t;

struct cred {
	kuid_t uid;
};

struct sched_entity {
	__u64 sum_exec_runtime;		/* ns */
};

struct thread_info {
	__u32 cpu;			/* since 5.16 */
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	int on_cpu;
	struct sched_entity se;
	int pid, tgid;
	__u64 start_time;
	unsigned long nvcsw, nivcsw;
	const struct cred *cred;
	char comm[16];
};

/* Up to 6.15 struct fpu is part of the task, from 6.16 on it lies behind it. */
struct thread_struct___embedded {
	struct fpu fpu;
};

struct task_struct___embedded {
	struct thread_struct___embedded thread;
};

/* ---- contexts of programs ---------------------------------------------------------- */

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

/* [include/linux/sched.h] */
enum {
	PF_EXITING	= 0x4,
	PF_USER_WORKER	= 0x4000,	/* io_uring and vhost workers; since 6.4 */
	PF_IO_WORKER	= 0x10,
	PF_KTHREAD	= 0x200000,
};

#endif
