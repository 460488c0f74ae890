/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The agent: loaded into the target by LD_PRELOAD, it samples the vector
 * registers of the target's threads from signal frames.
 *
 *	agent.c		start in a new program or a forked child
 *	shm.c		slots and rings in the recorder's memory
 *	sample.c	signal frame to record
 *	event.c		what makes the signals: a perf event or a timer
 *	trap.c		SIGTRAP, shared with the target
 *	mask.c		the target's signal masks
 *	stack.c		alternate signal stacks, new threads
 *	exec.c		keeps the agent loaded over exec
 *
 * What runs in the handler makes system calls by xr_syscall() alone: no errno,
 * no TLS (raw clone() threads may have none), no locks, no allocation.
 */
#ifndef PERF_XREGS_AGENT_H
#define PERF_XREGS_AGENT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <ucontext.h>

#include "capture/shm.h"

#define XR_EXPORT __attribute__((visibility("default")))

/* siginfo_t as the kernel fills it; glibc 2.36 lacks the perf fields. */
struct xr_siginfo {
	int32_t signo, err, code, pad;
	union {
		struct {			/* TRAP_PERF */
			uint64_t addr;
			uint64_t data;
			uint32_t type, flags;
		} perf;
		struct {			/* SI_TIMER */
			int32_t tid, overrun;
			uint64_t value;
		} timer;
		uint8_t bytes[112];
	};
};
_Static_assert(sizeof(struct xr_siginfo) == 128, "siginfo_t has 128 bytes");

/* What the agent keeps for a thread; the address space's own, not shared. */
struct thread {
	uint8_t *ring;			/* mapped ring of this slot, or NULL */
	bool trap_blocked;		/* the target believes SIGTRAP blocked */
	bool held;			/* a SIGTRAP waits for its unblocking */
	bool stack_shown;		/* kernel's alternate stack is the target's */
	int timer;			/* kernel timer id + 1, 0: none */
	uint64_t since;			/* a signal at this time gave no record; 0: all did */
	void *stack;			/* our alternate stack */
	stack_t target_stack;		/* what the target believes it has */
	struct xr_siginfo held_info;
};

struct agent {
	struct xr_shm *shm;
	bool on;			/* signals are ours */
	uint32_t pid;
	uint32_t proc;			/* our entry in shm->procs */
	uint64_t started;		/* when this process's events were there */
	size_t frame_size;		/* AT_MINSIGSTKSZ: largest signal frame */
	char shm_path[64];
	char lib_path[4096];
	struct thread threads[XR_SLOTS];
};
extern struct agent xr_agent;

/* arch/x86/entry: number in rax, arguments rdi rsi rdx r10 r8 r9. */
static inline long xr_syscall(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = 0;	/* flags of process_vm_readv() */
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline uint32_t xr_gettid(void)
{
	return xr_syscall(SYS_gettid, 0, 0, 0, 0, 0);
}

/* shm.c */
int shm__map(const char *path);
/** shm__now - CLOCK_MONOTONIC in ns */
uint64_t shm__now(void);
/** shm__slot - this thread's slot, claimed at the first call; -1: none free */
int shm__slot(void);
/** shm__release - give this thread's slot back at its end */
void shm__release(int slot);
/** shm__thread - this thread's private part, or NULL */
struct thread *shm__thread(void);
/**
 * ring__reserve - room for a record of up to @size bytes
 * Return: where to write it, or NULL when the ring is full (counted).
 */
void *ring__reserve(int slot, size_t size);
/** ring__has_room - will ring__reserve() find room for @size bytes? */
bool ring__has_room(int slot, size_t size);
/** ring__commit - publish the reserved record, whose size is in its header */
void ring__commit(int slot, const struct xr_rec *rec);
uint8_t *ring__scratch(int slot);
/** proc__hello - tell the recorder about this process */
void proc__hello(uint32_t pid, enum xr_reason reason, int error);
/** shm__send_maps - this process's maps, where no event tells them */
void shm__send_maps(void);

/* sample.c */
/** sample__take - a record of the interrupted registers, for event @event */
void sample__take(const ucontext_t *uc, unsigned int event, uint64_t periods);

/* event.c */
/** event__start_process - what samples this process and its later threads */
void event__start_process(void);
/** event__start_thread - what samples this new thread (timer mode only) */
void event__start_thread(void);
void event__stop_thread(struct thread *t);

/* trap.c */
void trap__init(void);
void trap__deliver_held(struct thread *t);
bool trap__ignored(void);
/** trap__real_action - sigaction() of the C library */
int trap__real_action(int sig, const struct sigaction *act,
		      struct sigaction *old);
int trap__target_action(const struct sigaction *act, struct sigaction *old);

/* mask.c */
void mask__init(void);
int mask__real(int how, const sigset_t *set, sigset_t *old);
/** mask__start - unblock SIGTRAP; what the target inherited is remembered */
void mask__start(void);

/* stack.c */
void stack__init(void);
void stack__start_main(void);

/* exec.c */
void exec__init(void);

#endif
