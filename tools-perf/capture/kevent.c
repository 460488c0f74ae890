/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that the kernel counts by itself, by the names that perf has for them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/kernel.h"

static const struct named_event {
	const char *name;
	uint32_t type;
	uint64_t config;
} named_events[] = {
	{ "task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK },
	{ "cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK },
	{ "page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN },
	{ "major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ },
	{ "context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "cs", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "alignment-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS },
	{ "emulation-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS },
	{ "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "cpu-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
	{ "cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "branch-instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
	{ "bus-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES },
	{ "ref-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES },
	{ "stalled-cycles-frontend", PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND },
	{ "stalled-cycles-backend", PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND },
};

enum { NR_NAMED = sizeof(named_events) / sizeof(named_events[0]), PRECISE_MAX = 3 };

static bool event__named(struct kernel_event *ev, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NR_NAMED; i++) {
		const struct named_event *n = &named_events[i];

		if (strlen(n->name) != len || memcmp(n->name, name, len))
			continue;
		ev->type = n->type;
		ev->config = n->config;
		ev->clock = n->type == PERF_TYPE_SOFTWARE && n->config <= PERF_COUNT_SW_TASK_CLOCK;
		return true;
	}
	return false;
}

/* rNNN: the config of a raw event of the CPU's PMU, in hexadecimal. */
static bool event__raw(struct kernel_event *ev, const char *name, size_t len)
{
	char *end;

	if (len < 2 || name[0] != 'r' || strspn(name + 1, "0123456789abcdefABCDEF") < len - 1)
		return false;
	errno = 0;
	ev->type = PERF_TYPE_RAW;
	ev->config = strtoull(name + 1, &end, 16);
	return !errno && end == name + len;
}

static bool event__modifiers(struct kernel_event *ev, const char *m)
{
	if (!*m)
		return false;
	for (; *m; m++) {
		if (*m == 'u')
			ev->user = true;
		else if (*m == 'k')
			ev->kernel = true;
		else if (*m == 'p' && ev->precise < PRECISE_MAX)
			ev->precise++;
		else
			return false;
	}
	return true;
}

int kernel_event__parse(const char *text, struct kernel_event *ev, struct err *e)
{
	size_t len = strcspn(text, ":");

	*ev = (struct kernel_event){ .name = "" };
	snprintf(ev->name, sizeof(ev->name), "%s", text);
	if (!event__named(ev, text, len) && !event__raw(ev, text, len))
		return err__usage(e, "cannot record event '%s': not known; known are the software and hardware events of perf-record(1), as in task-clock, page-faults, cycles, and raw ones as in r01c2",
				  text);
	if (text[len] && !event__modifiers(ev, text + len + 1))
		return err__usage(e, "cannot record event '%s': modifiers behind ':' are u (user), k (kernel) and p, pp, ppp (precise)",
				  text);
	return 0;
}
