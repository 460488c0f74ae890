/* SPDX-License-Identifier: GPL-2.0-only */
/* What of each class this machine has, found by looking and trying. */
#include <dirent.h>
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "events/internal.h"

/* Counting alone, of this process, in user mode: asks for the least privilege. */
static int event__try(uint32_t type, uint64_t config, uint64_t bp_addr)
{
	struct perf_event_attr a = {
		.type = type, .size = sizeof(a), .config = config, .disabled = 1,
		.exclude_kernel = 1, .exclude_hv = 1,
	};
	int fd;

	if (type == PERF_TYPE_BREAKPOINT) {
		a.bp_type = HW_BREAKPOINT_X;
		a.bp_addr = bp_addr;
		a.bp_len = sizeof(long);
	}
	fd = syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static const char *try__says(int ret)
{
	switch (-ret) {
	case 0:
		return NULL;
	case EACCES:
	case EPERM:
		return "perf_event_open is refused (kernel.perf_event_paranoid)";
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
		return "no hardware PMU (a virtual machine without one?)";
	case ENOSPC:
		return "all debug registers are in use";
	default:
		return strerror(-ret);
	}
}

static const char *missing__software(const struct event_source *src)
{
	(void)src;
	return try__says(event__try(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, 0));
}

static const char *missing__hardware(const struct event_source *src)
{
	(void)src;
	return try__says(event__try(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 0));
}

static const char *missing__cpu(const struct event_source *src)
{
	char line[32];

	if (file__line(line, sizeof(line), "%s/bus/event_source/devices/cpu/type", src->sysfs) ||
	    file__line(line, sizeof(line), "%s/bus/event_source/devices/cpu_core/type", src->sysfs))
		return missing__hardware(src);
	return "no hardware PMU (a virtual machine without one?)";
}

static const char *missing__pfm(const struct event_source *src)
{
	static char why[256];
	const char *hardware = missing__hardware(src), *model = events__pfm_model();

	if (!model)
		return "libpfm4 does not know this CPU";
	if (!hardware)
		return NULL;
	snprintf(why, sizeof(why), "libpfm4 knows this CPU (%s), but: %s", model, hardware);
	return why;
}

static const char *missing__breakpoint(const struct event_source *src)
{
	(void)src;
	return try__says(event__try(PERF_TYPE_BREAKPOINT, 0, (uintptr_t)missing__breakpoint));
}

static const char *missing__tracepoint(const struct event_source *src)
{
	char path[256];
	DIR *d;

	if (!src->tracefs)
		return "tracefs is not mounted, or root alone sees it: mount -t tracefs nodev /sys/kernel/tracing";
	snprintf(path, sizeof(path), "%s/events", src->tracefs);
	d = opendir(path);
	if (!d)
		return errno == EACCES ? "tracefs cannot be read: root can" : "this kernel has no tracepoints";
	closedir(d);
	return NULL;
}

static const char *missing__uprobe(const struct event_source *src)
{
	char line[32];

	if (!file__line(line, sizeof(line), "%s/bus/event_source/devices/uprobe/type", src->sysfs))
		return "this kernel has no uprobes (CONFIG_UPROBE_EVENTS)";
	/* kernel/events/core.c: perf_uprobe_event_init() asks for CAP_PERFMON */
	return geteuid() ? "root or CAP_PERFMON is needed" : NULL;
}

static int class__probe(const char *(*missing)(const struct event_source *src), struct err *e)
{
	const char *why = missing(events__machine());

	return why ? err__set(e, "%s", why) : 0;
}

int pmu__probe(struct err *e)
{
	return class__probe(missing__cpu, e);
}

int pfm__probe(struct err *e)
{
	return class__probe(missing__pfm, e);
}

int breakpoint__probe(struct err *e)
{
	return class__probe(missing__breakpoint, e);
}

int uprobe__probe(struct err *e)
{
	return class__probe(missing__uprobe, e);
}

int tracepoint__probe(struct err *e)
{
	return class__probe(missing__tracepoint, e);
}

void events__classes(const struct event_source *src, event_class_fn *fn, void *ctx)
{
	static const struct {
		const char *name, *help;
		const char *(*missing)(const struct event_source *src);
	} classes[] = {
		{ "software", "task-clock cpu-clock page-faults minor-faults major-faults context-switches cpu-migrations alignment-faults", missing__software },
		{ "hardware", "cycles instructions branches branch-misses cache-references cache-misses ref-cycles bus-cycles", missing__hardware },
		{ "cache", "L1-dcache-load-misses, LLC-stores, dTLB-load-misses ...", missing__hardware },
		{ "raw", "r01c2: the number in hexadecimal", missing__hardware },
		{ "pmu", "cpu/event=0x3c,umask=0x1,name=x/u: terms and events of sysfs", missing__cpu },
		{ "libpfm4", "FP_ARITH:512B_PACKED_DOUBLE:u: names of the vendor's manual", missing__pfm },
		{ "breakpoint", "mem:0x601040/8:w, mem:SYMBOL:x, brk:FILE:SYMBOL", missing__breakpoint },
		{ "tracepoint", "sched:sched_switch, syscalls:sys_enter_*", missing__tracepoint },
		{ "uprobe", "uprobe:FILE:SYMBOL+4, uretprobe:FILE:SYMBOL", missing__uprobe },
	};
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		fn(ctx, classes[i].name, classes[i].help, classes[i].missing(src));
}
