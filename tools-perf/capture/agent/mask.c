/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target's signal masks without SIGTRAP. Many programs block all signals
 * in their worker threads (xz and libuv do); a perf event's SIGTRAP would then
 * come late, with the registers of another place. So SIGTRAP is never blocked
 * in the kernel's mask, and the target is told what it believes to have set.
 */
#include <dlfcn.h>
#include <errno.h>

#include "agent.h"

typedef int (*mask_fn)(int, const sigset_t *, sigset_t *);

static mask_fn real_sigprocmask, real_pthread_sigmask;

void mask__init(void)
{
	if (real_sigprocmask)
		return;
	real_pthread_sigmask = dlsym(RTLD_NEXT, "pthread_sigmask");
	real_sigprocmask = dlsym(RTLD_NEXT, "sigprocmask");
}

int mask__real(int how, const sigset_t *set, sigset_t *old)
{
	mask__init();
	return real_pthread_sigmask(how, set, old);
}

static bool mask__next(int how, bool now, bool has)
{
	switch (how) {
	case SIG_BLOCK:
		return now || has;
	case SIG_UNBLOCK:
		return now && !has;
	default:
		return has;
	}
}

static void mask__show(sigset_t *old, bool blocked)
{
	if (blocked)
		sigaddset(old, SIGTRAP);
	else
		sigdelset(old, SIGTRAP);
}

static int mask__change(mask_fn real, int how, const sigset_t *set, sigset_t *old)
{
	struct thread *t = shm__thread();
	bool was = t && t->trap_blocked;
	sigset_t copy;
	int ret;

	if (set) {
		copy = *set;
		if (how != SIG_UNBLOCK)
			sigdelset(&copy, SIGTRAP);
	}
	ret = real(how, set ? &copy : NULL, old);
	if (ret || !t)
		return ret;
	if (set)
		t->trap_blocked = mask__next(how, was, sigismember(set, SIGTRAP) == 1);
	if (old)
		mask__show(old, was);
	if (t->held && !t->trap_blocked)
		trap__deliver_held(t);
	return ret;
}

XR_EXPORT int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	mask__init();
	if (!xr_agent.on)
		return real_sigprocmask(how, set, old);
	return mask__change(real_sigprocmask, how, set, old);
}

XR_EXPORT int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	mask__init();
	if (!xr_agent.on)
		return real_pthread_sigmask(how, set, old);
	return mask__change(real_pthread_sigmask, how, set, old);
}

static int mask__one(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	if (sigaddset(&set, sig))
		return -1;
	return sigprocmask(how, &set, NULL);
}

XR_EXPORT int sighold(int sig)
{
	return mask__one(SIG_BLOCK, sig);
}

XR_EXPORT int sigrelse(int sig)
{
	return mask__one(SIG_UNBLOCK, sig);
}

void mask__start(void)
{
	struct thread *t = shm__thread();
	sigset_t trap, old;

	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	mask__init();
	if (!real_pthread_sigmask(SIG_UNBLOCK, &trap, &old) && t)
		t->trap_blocked = sigismember(&old, SIGTRAP) == 1;
}
