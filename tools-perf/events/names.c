/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that the kernel has names for itself [include/uapi/linux/perf_event.h]. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "events/internal.h"

static const struct named_event {
	const char *name;
	enum event_kind kind;
	uint64_t config;
} named_events[] = {
	{ "task-clock", EVENT_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK },
	{ "cpu-clock", EVENT_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK },
	{ "page-faults", EVENT_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "faults", EVENT_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "minor-faults", EVENT_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN },
	{ "major-faults", EVENT_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ },
	{ "context-switches", EVENT_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "cs", EVENT_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "cpu-migrations", EVENT_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "migrations", EVENT_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "alignment-faults", EVENT_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS },
	{ "emulation-faults", EVENT_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS },
	{ "cycles", EVENT_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "cpu-cycles", EVENT_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "instructions", EVENT_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "cache-references", EVENT_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
	{ "cache-misses", EVENT_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "branches", EVENT_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "branch-instructions", EVENT_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "branch-misses", EVENT_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
	{ "bus-cycles", EVENT_HARDWARE, PERF_COUNT_HW_BUS_CYCLES },
	{ "ref-cycles", EVENT_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES },
	{ "stalled-cycles-frontend", EVENT_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND },
	{ "idle-cycles-frontend", EVENT_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND },
	{ "stalled-cycles-backend", EVENT_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND },
	{ "idle-cycles-backend", EVENT_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND },
};

enum { NR_NAMED = sizeof(named_events) / sizeof(named_events[0]) };

static const uint32_t type_of_kind[] = {
	[EVENT_SOFTWARE] = PERF_TYPE_SOFTWARE, [EVENT_HARDWARE] = PERF_TYPE_HARDWARE,
};

static bool word__is(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && !memcmp(word, text, len);
}

static bool named__find(struct event *ev, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < NR_NAMED; i++) {
		const struct named_event *n = &named_events[i];

		if (!word__is(n->name, text, len))
			continue;
		ev->kind = n->kind;
		ev->type = type_of_kind[n->kind];
		ev->config = n->config;
		ev->clock = n->kind == EVENT_SOFTWARE && n->config <= PERF_COUNT_SW_TASK_CLOCK;
		return true;
	}
	return false;
}

/* rNNN: the config of a raw event of the CPU's PMU, in hexadecimal. */
static bool raw__find(struct event *ev, const char *text, size_t len)
{
	char *end;

	if (len < 2 || text[0] != 'r' || strspn(text + 1, "0123456789abcdefABCDEF") < len - 1)
		return false;
	errno = 0;
	ev->kind = EVENT_RAW;
	ev->type = PERF_TYPE_RAW;
	ev->config = strtoull(text + 1, &end, 16);
	return !errno && end == text + len;
}

/* ---- caches ----------------------------------------------------------------------- */

enum { R = 1 << PERF_COUNT_HW_CACHE_OP_READ, W = 1 << PERF_COUNT_HW_CACHE_OP_WRITE,
       P = 1 << PERF_COUNT_HW_CACHE_OP_PREFETCH };

/* Which operations a cache can count [tools/perf/util/evsel.c: evsel__hw_cache_stat]. */
static const struct { const char *name[3]; uint8_t ops; } caches[] = {
	[PERF_COUNT_HW_CACHE_L1D]  = { { "L1-dcache", "L1d", "L1-data" }, R | W | P },
	[PERF_COUNT_HW_CACHE_L1I]  = { { "L1-icache", "L1i", "L1-instruction" }, R | P },
	[PERF_COUNT_HW_CACHE_LL]   = { { "LLC", "L2", NULL }, R | W | P },
	[PERF_COUNT_HW_CACHE_DTLB] = { { "dTLB", "d-tlb", "Data-TLB" }, R | W | P },
	[PERF_COUNT_HW_CACHE_ITLB] = { { "iTLB", "i-tlb", "Instruction-TLB" }, R },
	[PERF_COUNT_HW_CACHE_BPU]  = { { "branch", "bpu", "btb" }, R },
	[PERF_COUNT_HW_CACHE_NODE] = { { "node", NULL, NULL }, R | W | P },
};

static const struct { const char *name, *plural; } operations[] = {
	[PERF_COUNT_HW_CACHE_OP_READ]	  = { "load", "loads" },
	[PERF_COUNT_HW_CACHE_OP_WRITE]	  = { "store", "stores" },
	[PERF_COUNT_HW_CACHE_OP_PREFETCH] = { "prefetch", "prefetches" },
};

enum { NR_CACHES = sizeof(caches) / sizeof(caches[0]), NR_OPS = sizeof(operations) / sizeof(operations[0]) };

/* "-dcache", as the rest behind a name, any case; NULL when it is not there. */
static const char *skip(const char *text, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - text) >= n && !strncasecmp(text, word, n) ? text + n : NULL;
}

/* "-loads", "-load-misses", "-misses"; the config's upper bytes, -1 for others. */
static int cache__operation(const char *text, const char *end, uint8_t ops)
{
	const char *rest;
	int op;

	if (text + 7 == end && !strncmp(text, "-misses", 7))
		return PERF_COUNT_HW_CACHE_RESULT_MISS << 16;
	if (text == end || *text++ != '-')
		return -1;
	for (op = 0; op < NR_OPS; op++) {
		if (!(ops & 1 << op))
			continue;
		rest = skip(text, end, operations[op].plural);
		if (rest == end)
			return op << 8;
		rest = skip(text, end, operations[op].name);
		if (rest && skip(rest, end, "-misses") == end)
			return op << 8 | PERF_COUNT_HW_CACHE_RESULT_MISS << 16;
	}
	return -1;
}

static bool cache__find(struct event *ev, const char *text, size_t len)
{
	const char *rest;
	int i, k, op;

	for (i = 0; i < NR_CACHES; i++) {
		for (k = 0; k < 3 && caches[i].name[k]; k++) {
			rest = skip(text, text + len, caches[i].name[k]);
			op = rest ? cache__operation(rest, text + len, caches[i].ops) : -1;
			if (op < 0)
				continue;
			ev->kind = EVENT_CACHE;
			ev->type = PERF_TYPE_HW_CACHE;
			ev->config = (uint64_t)i | op;
			return true;
		}
	}
	return false;
}

/* ---- all of them -------------------------------------------------------------------- */

int named__parse(struct event_parser *p, const char *text, struct err *e)
{
	struct event found = { .type = 0 }, *ev;
	size_t len = strcspn(text, ":");

	if (!named__find(&found, text, len) && !raw__find(&found, text, len) &&
	    !cache__find(&found, text, len))
		return 0;
	ev = events__add(p->list, text, e);
	if (!ev)
		return -1;
	ev->kind = found.kind;
	ev->type = found.type;
	ev->config = found.config;
	ev->clock = found.clock;
	return text[len] && event__modifiers(ev, p->src, text + len + 1, e) ? -1 : 1;
}

void named__suggest(struct suggest *s)
{
	char name[SUGGEST_NAME_MAX];
	int i, op;

	for (i = 0; i < NR_NAMED; i++)
		suggest__add(s, named_events[i].name);
	for (i = 0; i < NR_CACHES; i++) {
		for (op = 0; op < NR_OPS; op++) {
			if (!(caches[i].ops & 1 << op))
				continue;
			snprintf(name, sizeof(name), "%s-%s", caches[i].name[0], operations[op].plural);
			suggest__add(s, name);
			snprintf(name, sizeof(name), "%s-%s-misses", caches[i].name[0], operations[op].name);
			suggest__add(s, name);
		}
	}
}
