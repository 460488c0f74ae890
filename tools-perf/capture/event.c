/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/capture.h"

enum { MIN_PERIOD_NS = 10000 };	/* kernel/events/core.c: perf_swevent_start_hrtimer() */

int event__open(const struct perf_event_attr *a, pid_t pid, int cpu)
{
	struct perf_event_attr copy = *a;
	long fd = syscall(SYS_perf_event_open, &copy, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

int event__paranoid(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int v = 2;

	if (!f)
		return v;
	if (fscanf(f, "%d", &v) != 1)
		v = 2;
	fclose(f);
	return v;
}

bool event__has_pmu(void)
{
	static int has = -1;
	struct perf_event_attr a = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(a),
		.config = PERF_COUNT_HW_CPU_CYCLES, .exclude_kernel = 1, .exclude_hv = 1,
		.sample_period = 1000000000, .disabled = 1,
	};
	int fd;

	if (has < 0) {
		fd = event__open(&a, 0, -1);
		has = fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	return has;
}

const char *event__default(bool system_wide)
{
	if (event__has_pmu())
		return "cycles";
	return system_wide ? "cpu-clock" : "task-clock";
}

int events__default(struct event_list *l, bool system_wide, struct err *e)
{
	return events__parse(l, event__default(system_wide), events__machine(), e);
}

void event__rate(const struct event *ev, uint64_t *freq, uint64_t *period)
{
	if (ev->period || ev->freq) {
		*period = ev->period;
		*freq = ev->period ? 0 : ev->freq;
	} else if (event__is_hit(ev)) {
		*freq = 0;
		*period = *period ? *period : 1;
	}
}

/* Hz of the fastest CPU: cpufreq's limit, else what /proc/cpuinfo shows now. */
static double cpu__hz(void)
{
	double khz = 0, mhz = 0;
	char line[256];
	FILE *f = fopen("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "re");

	if (f) {
		if (fscanf(f, "%lf", &khz) != 1)
			khz = 0;
		fclose(f);
	}
	if (khz > 0)
		return khz * 1e3;
	f = fopen("/proc/cpuinfo", "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "cpu MHz : %lf", &mhz) == 1)
			break;
	if (f)
		fclose(f);
	return mhz > 0 ? mhz * 1e6 : 2e9;
}

int event__period(const struct event *ev, const struct capture_options *o,
		  uint64_t *period, struct err *e)
{
	uint64_t freq = o->freq;

	*period = o->period;
	event__rate(ev, &freq, period);
	/* what software counts has no rate that one could know: faults, switches */
	if (!*period && ev->kind == EVENT_SOFTWARE && !ev->clock)
		*period = 1;
	if (!*period)
		*period = (ev->clock ? 1e9 : cpu__hz()) / freq;
	if (ev->clock && *period < MIN_PERIOD_NS)
		return err__usage(e, "cannot record %s every %llu ns: the kernel's timer takes %d ns at least; use -F 100000 or less, or -c %d or more",
				  ev->name, (unsigned long long)*period, MIN_PERIOD_NS, MIN_PERIOD_NS);
	if (!*period)
		return err__usage(e, "cannot record %s at %llu Hz: the rate is above the CPU's frequency; use a lower -F",
				  ev->name, (unsigned long long)freq);
	return 0;
}

void event__attr(const struct event *ev, uint64_t period, struct perf_event_attr *a)
{
	*a = (struct perf_event_attr){
		.size = PERFDATA_ATTR_VER7,
		.sample_period = period,
		.disabled = 1,
		.sigtrap = 1,
		.remove_on_exec = 1,	/* required with sigtrap: exec drops the handler */
		.inherit = 1,
		.inherit_thread = 1,
	};
	event__fill(ev, a);
	/* a signal shows user registers only, also after a hit in the kernel */
	a->exclude_kernel = !event__in_kernel(ev);
	a->exclude_user = 0;
	a->exclude_hv = 1;
	a->exclude_guest = 0;
}

int event__refused(const struct event *ev, int error, struct err *e)
{
	if (error == -EACCES || error == -EPERM)
		return err__set(e, "cannot record event '%s': perf_event_open is refused; root, CAP_PERFMON or, for tracepoints, sysctl kernel.perf_event_paranoid=-1 would allow it",
				ev->name);
	if (error == -ENOENT || error == -EINVAL)
		return err__usage(e, "cannot record event '%s': the kernel refuses it: %s%s", ev->name, strerror(-error),
				  ev->kind == EVENT_UPROBE ? "; the place must be the first byte of an instruction" : "");
	return err__set(e, "cannot record event '%s': perf_event_open: %s", ev->name, strerror(-error));
}

int event__try(const struct event *ev, struct err *e)
{
	struct perf_event_attr a;
	int fd;

	event__attr(ev, 1, &a);
	event__point(ev, &a);
	fd = event__open(&a, 0, -1);
	if (fd < 0)
		return event__refused(ev, fd, e);
	close(fd);
	return 0;
}
