/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc tells of one thread [proc_pid_status(5), proc_pid_stat(5)]. */
#ifndef PERF_XREGS_CAPTURE_PROCFS_H
#define PERF_XREGS_CAPTURE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct task_status {
	pid_t pid, ppid;		/* of the process, 0: hidden by a pid namespace */
	pid_t inner;			/* its number in its own pid namespace */
	pid_t tracer;			/* thread that traces it, 0: none */
	uid_t uid;			/* effective */
	char state;			/* R, S, D, T, t, Z, X ... */
	uint64_t blocked, ignored, caught;	/* signals: bit number - 1 */
	uint64_t caps;			/* effective */
};

/** procfs__status - of a thread; -1 when it is gone */
int procfs__status(pid_t tid, struct task_status *st);
/** procfs__open_stat - a descriptor for procfs__running(); -1 when it is gone */
int procfs__open_stat(pid_t pid, pid_t tid);
/**
 * procfs__running - is it on a CPU or waiting for one?
 * @cpu: written: the CPU it ran on last, UINT32_MAX: not known
 */
bool procfs__running(int stat_fd, uint32_t *cpu);
/** procfs__is_kernel_thread - PF_KTHREAD of its flags */
bool procfs__is_kernel_thread(pid_t pid);
/** procfs__comm - its name, "?" when it is gone */
const char *procfs__comm(pid_t tid, char *buf, size_t size);
/** procfs__each - call @fn for the numbers in a folder of /proc, until it returns other than 0
 * Return: what @fn returned last; -ESRCH: no such folder. */
int procfs__each(const char *path, int (*fn)(void *ctx, pid_t id), void *ctx);
/** procfs__sysctl - a number of /proc/sys/@name, @missing when it cannot be read */
int procfs__sysctl(const char *name, int missing);

#endif
