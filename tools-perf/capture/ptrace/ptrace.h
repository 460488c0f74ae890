/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of backend ptrace share.
 *
 *	ptrace.c	the tracer's thread, stops and what is done about them
 *	tracee.c	the threads that are traced
 *	ptclock.c	when a thread is due
 *	pthit.c		a stopped thread's registers
 *	attach.c	running processes: which, and why not
 */
#ifndef PERF_XREGS_CAPTURE_PTRACE_H
#define PERF_XREGS_CAPTURE_PTRACE_H

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/user.h>

#include "capture/capture.h"
#include "capture/kernel/kernel.h"
#include "capture/shm.h"

enum {
	XSTATE_ROOM	= 64 * 1024,
	XCR0_OFFSET	= 464,		/* XSTATE_FX_SW_OFFSET: the kernel's mask */
	TRACEE_BUCKETS	= 1024,
};

/* How it is found out that a thread has used a period of CPU time. */
enum clock_kind {
	CLOCK_NONE,
	CLOCK_SIGNAL,			/* the kernel stops it: see ptclock.c */
	CLOCK_COUNTER,			/* a counting event is read */
	CLOCK_SCHEDSTAT,		/* /proc is read: as old as the last tick */
};

struct tracee {
	struct tracee *next;		/* of its bucket */
	pid_t tid, pid;
	enum clock_kind kind;
	int clock, stat;		/* descriptors, -1: none */
	int sig;			/* of CLOCK_SIGNAL */
	bool running, interrupted;
	/* CPU time in ns since it is traced, but for base: what it had before */
	uint64_t base;
	uint64_t cpu;			/* when it was looked at last */
	uint64_t sampled;		/* at the last sample */
	uint64_t reviewed;		/* at the last review */
};

struct tracer {
	struct session *s;
	pthread_t thread;
	sem_t started;
	bool has_thread, attached;	/* attached: to what ran before */
	int ret;			/* of the thread: 0, -1 with err */
	struct err err;
	struct tracee *bucket[TRACEE_BUCKETS];
	size_t nr;
	size_t asked;			/* threads whose clock must be asked */
	uint64_t cpu;			/* ns of all threads that ended */
	uint64_t flushed, reviewed, looked;
	long options;			/* PTRACE_O_* of what is seized */
	uid_t uid;			/* -u, of the processes to look for */
	struct idlist refused;		/* processes of the user that cannot be traced */
	/* of the thread that is stopped now */
	struct user_regs_struct regs;
	uint8_t xstate[XSTATE_ROOM];
	size_t xstate_len;
	uint8_t raw[XSTATE_ROOM];
	uint8_t stack[XR_MAX_STACK];	/* a stretch at a time, or the copy */
	uint64_t chain[XR_MAX_CHAIN];
};

/* ---- tracee.c ------------------------------------------------------------------- */

struct tracee *tracer__find(struct tracer *t, pid_t tid);
/** tracer__add - also when it is there already; NULL: out of memory */
struct tracee *tracer__add(struct tracer *t, pid_t tid);
/** tracer__remove - its CPU time is kept in @t->cpu */
void tracer__remove(struct tracer *t, struct tracee *k);
/** tracer__rename - exec gave it the process's number */
void tracer__rename(struct tracer *t, struct tracee *k, pid_t tid);
/** tracer__each - call @fn for each thread, which must not remove it */
void tracer__each(struct tracer *t, void (*fn)(struct tracee *k, void *ctx), void *ctx);
void tracer__free_tracees(struct tracer *t);

/* ---- ptclock.c --------------------------------------------------------------------- */

/** tracee_clock__open - the best that is allowed; @period in ns */
void tracee_clock__open(struct tracee *k, uint64_t period);
void tracee_clock__close(struct tracee *k);
/** tracee_clock__read - CPU time of the thread since it is traced, ns */
uint64_t tracee_clock__read(struct tracee *k);
/** tracee_clock__exec - as open, in a program that exec has just started.
 * Return: the CPU time that the thread had before */
uint64_t tracee_clock__exec(struct tracee *k, uint64_t period);
/** tracee_clock__review - choose again: it may block other signals by now */
void tracee_clock__review(struct tracee *k);
/** tracee_clock__disarm - send no more signals */
void tracee_clock__disarm(struct tracee *k);
/** tracee_clock__is_signal - did its clock send this signal? */
bool tracee_clock__is_signal(const struct tracee *k, int sig);
/** tracee_clock__is_due - a clock that must be asked: has a period passed, and does it run? */
bool tracee_clock__is_due(struct tracee *k, uint64_t period);

/* ---- pthit.c ------------------------------------------------------------------------- */

enum hit {
	HIT_NONE,			/* nothing to sample: gone, or 32-bit code */
	HIT_SYSCALL,			/* in a system call, not in user code */
	HIT_USER,			/* t->regs, t->xstate, t->chain are its own */
};

/** hit__read - what a stopped thread's registers hold, before it goes on */
enum hit hit__read(struct tracer *t, struct tracee *k, struct sample *out);
/** hit__emit - make a sample of it; the thread may run again */
int hit__emit(struct tracer *t, struct sample *out, uint64_t period, struct err *e);
/**
 * hit__restart - let a system call that the stop has ended begin anew
 * Most do so by themselves; see pthit.c for the others.
 */
void hit__restart(struct tracer *t, struct tracee *k);

/* ---- attach.c --------------------------------------------------------------------------- */

/** attach__start - seize what -p, -t or -u name */
int attach__start(struct tracer *t, struct err *e);
/** attach__look - seize processes of -u that came since */
int attach__look(struct tracer *t, struct err *e);

#endif
