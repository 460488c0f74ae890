/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Room for signal frames. A frame holds the whole XSAVE image (3 KiB with
 * AVX-512, 11 KiB with AMX), and the kernel kills a thread whose stack is too
 * small for it. Every thread gets an alternate stack of ours, unless the
 * target sets one that is large enough; a smaller one of the target is
 * replaced, and the target is shown what it believes to have.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "agent.h"

enum {
	HANDLER_ROOM	= 4096,		/* what our handler needs beside the frame */
	TARGET_ROOM	= 64 * 1024,	/* for handlers of the target's that land here */
	KERNEL_MINSIGSTKSZ = 2048,	/* below: ENOMEM, as sigaltstack(2) has it */
};

struct thread_start {
	void *(*start)(void *);
	void *arg;
	bool trap_blocked;
};

static int (*real_pthread_create)(pthread_t *, const pthread_attr_t *,
				  void *(*)(void *), void *);
static int (*real_sigaltstack)(const stack_t *, stack_t *);

void stack__init(void)
{
	unsigned long min = getauxval(AT_MINSIGSTKSZ);

	if (real_pthread_create)
		return;
	/* Kernels before 5.14 don't tell: the largest frame without AMX. */
	xr_agent.frame_size = min ? min : 4096;
	real_sigaltstack = dlsym(RTLD_NEXT, "sigaltstack");
	real_pthread_create = dlsym(RTLD_NEXT, "pthread_create");
}

static size_t stack__size(void)
{
	return (TARGET_ROOM + 2 * xr_agent.frame_size + HANDLER_ROOM + 4095) & ~4095ul;
}

/* Pages are given by the kernel only when touched: large costs nothing. */
static void *stack__new(void)
{
	void *p = mmap(NULL, stack__size(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int stack__install(struct thread *t)
{
	stack_t ss = { .ss_size = stack__size() };

	if (!t->stack)
		t->stack = stack__new();
	ss.ss_sp = t->stack;
	return t->stack ? real_sigaltstack(&ss, NULL) : -1;
}

void stack__start_main(void)
{
	struct thread *t = shm__thread();
	stack_t now;

	stack__init();
	if (!t || real_sigaltstack(NULL, &now))
		return;
	t->target_stack = (stack_t){ .ss_flags = SS_DISABLE };
	t->stack_shown = !(now.ss_flags & SS_DISABLE);
	if (!t->stack_shown)
		stack__install(t);
}

/* The target's stack is too small for our frame: remember it, use ours. */
static int stack__replace(struct thread *t, const stack_t *ss)
{
	if (ss->ss_size < KERNEL_MINSIGSTKSZ) {
		errno = ENOMEM;
		return -1;
	}
	if (stack__install(t))
		return -1;
	t->target_stack = *ss;
	t->stack_shown = false;
	return 0;
}

static int stack__set(struct thread *t, const stack_t *ss)
{
	if (ss->ss_flags & SS_DISABLE) {
		if (stack__install(t))
			return -1;
		t->target_stack = (stack_t){ .ss_flags = SS_DISABLE };
		t->stack_shown = false;
		return 0;
	}
	if (ss->ss_size < xr_agent.frame_size + HANDLER_ROOM)
		return stack__replace(t, ss);
	if (real_sigaltstack(ss, NULL))
		return -1;
	t->stack_shown = true;
	return 0;
}

XR_EXPORT int sigaltstack(const stack_t *ss, stack_t *old)
{
	struct thread *t = xr_agent.on ? shm__thread() : NULL;
	stack_t now;

	stack__init();
	if (!t)
		return real_sigaltstack(ss, old);
	if (real_sigaltstack(NULL, &now))
		return -1;
	if (!t->stack_shown) {
		int on = now.ss_flags & SS_ONSTACK;

		now = t->target_stack;
		if (!(now.ss_flags & SS_DISABLE))
			now.ss_flags |= on;
	}
	if (ss && stack__set(t, ss))
		return -1;
	if (old)
		*old = now;
	return 0;
}

/* Also runs for pthread_exit() and cancellation. */
static void thread__end(void *arg)
{
	stack_t off = { .ss_flags = SS_DISABLE };
	int slot = shm__slot();
	struct thread *t = slot < 0 ? NULL : &xr_agent.threads[slot];
	sigset_t trap;

	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	mask__real(SIG_BLOCK, &trap, NULL);
	if (t) {
		event__stop_thread(t);
		if (!t->stack_shown)
			real_sigaltstack(&off, NULL);
		if (t->stack && t->stack != arg)
			munmap(t->stack, stack__size());
		t->stack = NULL;
	}
	munmap(arg, stack__size());
	shm__release(slot);
}

static void *thread__main(void *arg)
{
	struct thread_start ts = *(struct thread_start *)arg;
	struct thread *t = shm__thread();
	void *ret;

	if (t) {
		t->stack = arg;
		t->trap_blocked = ts.trap_blocked;
		t->target_stack = (stack_t){ .ss_flags = SS_DISABLE };
		stack__install(t);
	}
	event__start_thread();
	pthread_cleanup_push(thread__end, arg);
	ret = ts.start(ts.arg);
	pthread_cleanup_pop(1);
	return ret;
}

XR_EXPORT int pthread_create(pthread_t *id, const pthread_attr_t *attr,
			     void *(*start)(void *), void *arg)
{
	struct thread_start *ts = NULL;
	struct thread *t;
	int ret;

	stack__init();
	if (xr_agent.on)
		ts = stack__new();
	if (!ts)
		return real_pthread_create(id, attr, start, arg);
	t = shm__thread();
	*ts = (struct thread_start){
		.start = start, .arg = arg, .trap_blocked = t && t->trap_blocked,
	};
	ret = real_pthread_create(id, attr, thread__main, ts);
	if (ret)
		munmap(ts, stack__size());
	return ret;
}
