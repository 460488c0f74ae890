/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SIGTRAP belongs to the agent and to the target. The kernel knows our handler
 * only; what the target sets is kept here and answered from here, and every
 * SIGTRAP that is not from our event goes where the target wants it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "agent.h"

enum {
	XR_TRAP_PERF	= 6,		/* TRAP_PERF */
	XR_PERF_ASYNC	= 1,		/* TRAP_PERF_FLAG_ASYNC */
};

typedef void (*handler_fn)(int);

/* Exported by the C library, declared by no header. */
int __sigaction(int sig, const struct sigaction *act, struct sigaction *old);
handler_fn bsd_signal(int sig, handler_fn fn);

static int (*real_sigaction)(int, const struct sigaction *, struct sigaction *);
static handler_fn (*real_signal)(int, handler_fn);
static handler_fn (*real_sysv_signal)(int, handler_fn);
static handler_fn (*real_sigset)(int, handler_fn);
static int (*real_siginterrupt)(int, int);

static struct sigaction target;		/* the target's action for SIGTRAP */
static uint64_t masks_with_trap;	/* signals whose sa_mask had SIGTRAP in it */

static int raw_procmask(int how, const uint64_t *set, uint64_t *old)
{
	return xr_syscall(SYS_rt_sigprocmask, how, (long)set, (long)old, sizeof(*set), 0);
}

int trap__real_action(int sig, const struct sigaction *act, struct sigaction *old)
{
	return real_sigaction(sig, act, old);
}

bool trap__ignored(void)
{
	return target.sa_handler == SIG_IGN;
}

/*
 * The default action: a core dump. The signal is queued anew with its siginfo
 * and taken when this handler returns, so that the core shows the place where
 * it came from.
 */
static void trap__die(const struct xr_siginfo *si, ucontext_t *uc)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	real_sigaction(SIGTRAP, &dfl, NULL);
	xr_syscall(SYS_rt_tgsigqueueinfo, xr_agent.pid, xr_gettid(), SIGTRAP, (long)si, 0);
	sigdelset(&uc->uc_sigmask, SIGTRAP);
}

/* The target's handler, with the mask and flags that it asked for. */
static void trap__call(struct xr_siginfo *si, ucontext_t *uc)
{
	struct sigaction act = target;
	uint64_t mask, add;

	if (act.sa_flags & SA_RESETHAND)
		target.sa_handler = SIG_DFL;
	memcpy(&mask, &uc->uc_sigmask, sizeof(mask));
	memcpy(&add, &act.sa_mask, sizeof(add));
	mask |= add;
	if (!(act.sa_flags & SA_NODEFER))
		mask |= UINT64_C(1) << (SIGTRAP - 1);
	raw_procmask(SIG_SETMASK, &mask, NULL);
	if (act.sa_flags & SA_SIGINFO)
		act.sa_sigaction(SIGTRAP, (siginfo_t *)si, uc);
	else
		act.sa_handler(SIGTRAP);
}

static void trap__forward(struct xr_siginfo *si, ucontext_t *uc)
{
	/* SI_USER, SI_QUEUE, SI_TKILL ... are 0 and below: someone sent it. */
	bool forced = si->code > 0;
	struct thread *t = shm__thread();

	if (t && t->trap_blocked) {
		if (forced) {
			trap__die(si, uc);	/* force_sig() of a blocked signal */
			return;
		}
		t->held_info = *si;
		t->held = true;
		return;
	}
	if (target.sa_handler == SIG_IGN && !forced)
		return;
	if (target.sa_handler == SIG_DFL || target.sa_handler == SIG_IGN)
		trap__die(si, uc);
	else
		trap__call(si, uc);
}

void trap__deliver_held(struct thread *t)
{
	t->held = false;
	xr_syscall(SYS_rt_tgsigqueueinfo, xr_agent.pid, xr_gettid(), SIGTRAP,
		   (long)&t->held_info, 0);
}

static void trap__perf(const struct xr_siginfo *si, const ucontext_t *uc)
{
	int slot;

	if (!(si->perf.flags & XR_PERF_ASYNC)) {
		sample__take(uc, si->perf.data - xr_agent.shm->cookie, 1);
		return;
	}
	/* Late: these are not the registers of the hit. */
	slot = shm__slot();
	if (slot < 0)
		return;
	xr_agent.shm->slots[slot].blocked++;
	xr_agent.threads[slot].since = shm__now();
}

/* No recorder any more: nobody empties the ring. */
static bool recorder__gone(int slot)
{
	const struct xr_shm *shm = xr_agent.shm;
	uint64_t lost = shm->slots[slot].lost;

	return shm->stopped ||
	       (lost && !(lost % 256) &&
		xr_syscall(SYS_kill, shm->recorder, 0, 0, 0, 0) == -ESRCH);
}

/*
 * A CPU timer expires in the tick, in user mode or in the kernel; its signal
 * comes on the way back (CONFIG_POSIX_CPU_TIMERS_TASK_WORK), so behind a
 * system call it shows the registers of the call's return, where SYSCALL has
 * left RIP in RCX and RFLAGS in R11 [SDM vol. 2, SYSCALL].
 */
static void trap__timer(const struct xr_siginfo *si, const ucontext_t *uc)
{
	const greg_t *r = uc->uc_mcontext.gregs;
	int slot = shm__slot();

	if (slot < 0 || recorder__gone(slot)) {
		if (slot >= 0)
			event__stop_thread(&xr_agent.threads[slot]);
		return;
	}
	if (r[REG_RCX] == r[REG_RIP])
		xr_agent.shm->slots[slot].kernel++;
	else
		sample__take(uc, 0, 1 + si->timer.overrun);
}

static void trap__handler(int sig, siginfo_t *info, void *ucontext)
{
	struct xr_siginfo *si = (struct xr_siginfo *)info;

	(void)sig;
	if (si->code == XR_TRAP_PERF && si->perf.data - xr_agent.shm->cookie < xr_agent.shm->nr_events)
		trap__perf(si, ucontext);
	else if (si->code == SI_TIMER && si->timer.value == xr_agent.shm->cookie)
		trap__timer(si, ucontext);
	else
		trap__forward(si, ucontext);
}

static void trap__resolve(void)
{
	if (real_sigaction)
		return;
	real_signal = dlsym(RTLD_NEXT, "signal");
	real_sysv_signal = dlsym(RTLD_NEXT, "__sysv_signal");
	real_sigset = dlsym(RTLD_NEXT, "sigset");
	real_siginterrupt = dlsym(RTLD_NEXT, "siginterrupt");
	real_sigaction = dlsym(RTLD_NEXT, "sigaction");
}

void trap__init(void)
{
	struct sigaction sa = {
		.sa_sigaction = trap__handler,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART,
	};

	trap__resolve();
	/* Nothing of the target's may interrupt a half-written record. */
	sigfillset(&sa.sa_mask);
	real_sigaction(SIGTRAP, &sa, &target);
}

int trap__target_action(const struct sigaction *act, struct sigaction *old)
{
	struct sigaction prev = target;

	if (act)
		target = *act;
	if (old)
		*old = prev;
	return 0;
}

/*
 * A handler on an alternate stack of the target's size leaves no room there
 * for our frame: SIGTRAP stays blocked while it runs. All others are sampled.
 */
static int action__set(int sig, const struct sigaction *act, struct sigaction *old)
{
	uint64_t bit = sig > 0 && sig <= 64 ? UINT64_C(1) << (sig - 1) : 0;
	bool had = __atomic_load_n(&masks_with_trap, __ATOMIC_RELAXED) & bit;
	struct sigaction copy;
	int ret;

	if (act) {
		copy = *act;
		if (act->sa_flags & SA_ONSTACK)
			sigaddset(&copy.sa_mask, SIGTRAP);
		else
			sigdelset(&copy.sa_mask, SIGTRAP);
	}
	ret = real_sigaction(sig, act ? &copy : NULL, old);
	if (ret)
		return ret;
	if (old && (had || (old->sa_flags & SA_ONSTACK))) {
		if (had)
			sigaddset(&old->sa_mask, SIGTRAP);
		else
			sigdelset(&old->sa_mask, SIGTRAP);
	}
	if (act && sigismember(&act->sa_mask, SIGTRAP))
		__atomic_fetch_or(&masks_with_trap, bit, __ATOMIC_RELAXED);
	else if (act)
		__atomic_fetch_and(&masks_with_trap, ~bit, __ATOMIC_RELAXED);
	return ret;
}

XR_EXPORT int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	trap__resolve();
	if (!xr_agent.on)
		return real_sigaction(sig, act, old);
	return sig == SIGTRAP ? trap__target_action(act, old) : action__set(sig, act, old);
}

XR_EXPORT int __sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	return sigaction(sig, act, old);
}

static handler_fn target__handler(handler_fn fn, int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags }, old;

	trap__target_action(&sa, &old);
	return old.sa_handler;
}

XR_EXPORT handler_fn signal(int sig, handler_fn fn)
{
	trap__resolve();
	if (!xr_agent.on || sig != SIGTRAP)
		return real_signal(sig, fn);
	return target__handler(fn, SA_RESTART);
}

XR_EXPORT handler_fn bsd_signal(int sig, handler_fn fn)
{
	return signal(sig, fn);
}

XR_EXPORT handler_fn ssignal(int sig, handler_fn fn)
{
	return signal(sig, fn);
}

XR_EXPORT handler_fn __sysv_signal(int sig, handler_fn fn)
{
	trap__resolve();
	if (!xr_agent.on || sig != SIGTRAP)
		return real_sysv_signal(sig, fn);
	return target__handler(fn, SA_RESETHAND | SA_NODEFER);
}

XR_EXPORT handler_fn sysv_signal(int sig, handler_fn fn)
{
	return __sysv_signal(sig, fn);
}

/* sigset(3): a disposition of SIG_HOLD (2) blocks, any other one unblocks. */
XR_EXPORT handler_fn sigset(int sig, handler_fn fn)
{
	const handler_fn hold = (handler_fn)2;
	sigset_t trap, before;
	handler_fn old;

	trap__resolve();
	if (!xr_agent.on || sig != SIGTRAP)
		return real_sigset(sig, fn);
	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	sigprocmask(fn == hold ? SIG_BLOCK : SIG_UNBLOCK, &trap, &before);
	old = fn == hold ? target.sa_handler : target__handler(fn, 0);
	return sigismember(&before, SIGTRAP) ? hold : old;
}

XR_EXPORT int sigignore(int sig)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	return sigaction(sig, &sa, NULL);
}

XR_EXPORT int siginterrupt(int sig, int flag)
{
	trap__resolve();
	if (!xr_agent.on || sig != SIGTRAP)
		return real_siginterrupt(sig, flag);
	if (flag)
		target.sa_flags &= ~SA_RESTART;
	else
		target.sa_flags |= SA_RESTART;
	return 0;
}
