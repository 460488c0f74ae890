/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When is a thread due? It is not to be asked for help, and not to be woken: a
 * stop that hits a sleeping system call can end it early (EINTR of epoll_wait(),
 * a short write()).
 *
 * So the kernel itself does it where it may: an event on the thread's CPU time
 * overflows in the timer interrupt, only when that came out of user mode
 * (exclude_kernel), and sends a signal to that very thread [fcntl(2): F_SETSIG,
 * F_SETOWN_EX; kernel/events/core.c: perf_event_wakeup()]. The signal is there
 * before the interrupt returns, so the thread stops for its tracer with the
 * registers of the hit, and the tracer takes the signal away. One that is
 * ignored by default is used: should the tracer die meanwhile, the signal comes
 * to the thread, and nothing happens.
 *
 * A thread that blocks these signals, or all where perf_event_open() is refused,
 * is asked for its CPU time and stopped by PTRACE_INTERRUPT while it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/procfs.h"
#include "capture/ptrace/ptrace.h"

static bool set__has(uint64_t set, int sig)
{
	return set >> (sig - 1) & 1;
}

/*
 * Ignored by default, and best without a handler. SIGURG is the second choice:
 * Go's runtime sends it to itself, and one that finds ours pending would be lost.
 *
 * Return: 0 when the thread blocks them.
 */
static int clock__choose_signal(const struct tracee *k)
{
	static const int quiet[] = { SIGWINCH, SIGURG };
	struct task_status st;
	size_t i;

	if (procfs__status(k->tid, &st))
		return 0;
	for (i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (!set__has(st.blocked | st.caught, quiet[i]))
			return quiet[i];
	return set__has(st.blocked, SIGWINCH) ? 0 : SIGWINCH;
}

static int clock__async(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	return fcntl(fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC);
}

/* From now on by signal @sig, 0: by asking. */
static void clock__arm(struct tracee *k, int sig)
{
	const struct f_owner_ex owner = { .type = F_OWNER_TID, .pid = k->tid };

	clock__async(k->clock, false);
	k->kind = CLOCK_COUNTER;
	k->sig = sig;
	/* without its own number it would be SIGIO, which ends a process */
	if (sig && !fcntl(k->clock, F_SETSIG, sig) && !fcntl(k->clock, F_SETOWN_EX, &owner) &&
	    !clock__async(k->clock, true))
		k->kind = CLOCK_SIGNAL;
}

/* Some files are left for all else: /proc has to be read, too. */
static int fd__keep(int fd)
{
	enum { RESERVE = 32 };
	struct rlimit l;

	if (fd < 0 || getrlimit(RLIMIT_NOFILE, &l) || fd + (rlim_t)RESERVE < l.rlim_cur)
		return fd;
	close(fd);
	return -1;
}

static int clock__event(pid_t tid, uint64_t period)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .size = PERFDATA_ATTR_VER7,
		.config = PERF_COUNT_SW_TASK_CLOCK, .sample_period = period,
		.disabled = 1, .exclude_kernel = 1, .exclude_hv = 1,
	};

	return fd__keep(event__open(&a, tid, -1));
}

bool ptrace__has_event(void)
{
	int fd = clock__event(0, 1000000000);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void tracee_clock__open(struct tracee *k, uint64_t period)
{
	char path[64];

	k->stat = fd__keep(procfs__open_stat(k->pid, k->tid));
	k->clock = clock__event(k->tid, period);
	if (k->clock >= 0) {
		clock__arm(k, clock__choose_signal(k));
		ioctl(k->clock, PERF_EVENT_IOC_ENABLE, 0);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", k->pid, k->tid);
	k->clock = fd__keep(open(path, O_RDONLY | O_CLOEXEC));
	k->kind = k->clock < 0 ? CLOCK_NONE : CLOCK_SCHEDSTAT;
	k->base = tracee_clock__read(k);
	k->cpu = 0;
}

void tracee_clock__close(struct tracee *k)
{
	if (k->clock >= 0)
		close(k->clock);
	if (k->stat >= 0)
		close(k->stat);
	k->clock = k->stat = -1;
	k->kind = CLOCK_NONE;
}

/*
 * The number may have changed, the signal's handlers are gone, and the kernel
 * drops the events of a program that is setuid.
 */
uint64_t tracee_clock__exec(struct tracee *k, uint64_t period)
{
	uint64_t cpu = tracee_clock__read(k);

	tracee_clock__close(k);
	k->base = k->cpu = k->sampled = k->reviewed = 0;
	tracee_clock__open(k, period);
	return cpu;
}

static bool schedstat__read(int fd, uint64_t *v)
{
	char text[128];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	*v = strtoull(text, NULL, 10);
	return true;
}

uint64_t tracee_clock__read(struct tracee *k)
{
	uint64_t v;
	bool ok = false;

	if (k->kind == CLOCK_SCHEDSTAT)
		ok = schedstat__read(k->clock, &v);
	else if (k->kind != CLOCK_NONE)
		ok = read(k->clock, &v, sizeof(v)) == sizeof(v);
	if (ok)
		k->cpu = v - k->base;	/* a thread that ended has what it had last */
	return k->cpu;
}

/* An idle thread has not changed its mind. */
void tracee_clock__review(struct tracee *k)
{
	uint64_t cpu = tracee_clock__read(k);
	int sig;

	if (cpu == k->reviewed || (k->kind != CLOCK_SIGNAL && k->kind != CLOCK_COUNTER))
		return;
	k->reviewed = cpu;
	sig = clock__choose_signal(k);
	if (sig == k->sig)
		return;
	clock__arm(k, sig);
	k->sampled = cpu;
}

void tracee_clock__disarm(struct tracee *k)
{
	if (k->kind == CLOCK_SIGNAL)
		clock__async(k->clock, false);
}

bool tracee_clock__is_signal(const struct tracee *k, int sig)
{
	siginfo_t si;

	if ((k->kind != CLOCK_SIGNAL && k->kind != CLOCK_COUNTER) || (sig != SIGWINCH && sig != SIGURG))
		return false;
	return !ptrace(PTRACE_GETSIGINFO, k->tid, 0, &si) && si.si_code == POLL_IN &&
	       si.si_fd == k->clock;
}

/* A new thread has signals blocked until its C library has set it up. */
bool tracee_clock__is_due(struct tracee *k, uint64_t period)
{
	uint32_t cpu;

	if (k->kind == CLOCK_NONE || k->kind == CLOCK_SIGNAL || tracee_clock__read(k) - k->sampled < period)
		return false;
	if (!k->sampled)
		tracee_clock__review(k);
	return k->kind != CLOCK_SIGNAL && procfs__running(k->stat, &cpu);
}
