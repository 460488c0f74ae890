/* SPDX-License-Identifier: GPL-2.0-only */
/* Events by name, against a sysfs and tracefs of our own. */
#include <linux/hw_breakpoint.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "events/events.h"

static char root[64], sysfs[96], tracefs[96];
static struct event_source src = { .sysfs = sysfs, .tracefs = tracefs };

/* ---- a machine on disk --------------------------------------------------------------- */

static void put(const char *base, const char *name, const char *text)
{
	char path[PATH_MAX], *slash;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	for (slash = path + strlen(base); (slash = strchr(slash + 1, '/')); *slash = '/') {
		*slash = '\0';
		mkdir(path, 0755);
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

static int machine__make(void **state)
{
	static const char *const pmu[][2] = {
		{ "cpu/type", "4" }, { "cpu/caps/max_precise", "2" },
		{ "cpu/format/event", "config:0-7" }, { "cpu/format/umask", "config:8-15" },
		{ "cpu/format/edge", "config:18" }, { "cpu/format/cmask", "config:24-31" },
		{ "cpu/format/offcore_rsp", "config1:0-63" }, { "cpu/format/ldlat", "config1:0-15" },
		{ "cpu/format/split", "config:0-7,32-35" }, { "cpu/format/deep", "config3:4-7" },
		{ "cpu/format/odd", "status:0-7" },
		{ "cpu/events/cpu-cycles", "event=0x3c" }, { "cpu/events/mem-loads", "event=0xcd,umask=0x1,ldlat=3" },
		{ "cpu/events/loop", "loop" },
		{ "amd_df/type", "11" }, { "amd_df/format/event", "config:0-7,32-35,59-60" },
		{ "uprobe/type", "8" },
	};
	char path[PATH_MAX];
	size_t i;

	(void)state;
	strcpy(root, "/tmp/xregs-events-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(sysfs, sizeof(sysfs), "%s/sys", root);
	snprintf(tracefs, sizeof(tracefs), "%s/tracing", root);
	mkdir(sysfs, 0755);
	mkdir(tracefs, 0755);
	for (i = 0; i < sizeof(pmu) / sizeof(pmu[0]); i++) {
		snprintf(path, sizeof(path), "bus/event_source/devices/%s", pmu[i][0]);
		put(sysfs, path, pmu[i][1]);
	}
	put(tracefs, "events/sched/sched_switch/id", "315");
	put(tracefs, "events/sched/sched_switch/format", "name: sched_switch");
	put(tracefs, "events/sched/sched_wakeup/id", "316");
	put(tracefs, "events/sched/sched_wakeup/format", "name: sched_wakeup");
	put(tracefs, "events/sched/enable", "0");
	put(tracefs, "events/irq/softirq_entry/id", "12");
	put(tracefs, "events/irq/softirq_entry/format", "name: softirq_entry");
	return 0;
}

static int machine__remove(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* ---- helpers ----------------------------------------------------------------------------- */

static struct event_list parse(const char *text)
{
	struct event_list l = { .ev = NULL };
	struct err e = { .msg = "" };

	if (events__parse(&l, text, &src, &e))
		fail_msg("%s: %s", text, e.msg);
	return l;
}

/* The event's type and configs. */
static void expect(const char *text, uint32_t type, uint64_t config, uint64_t config1)
{
	struct event_list l = parse(text);

	assert_int_equal(l.nr, 1);
	if (l.ev[0].type != type || l.ev[0].config != config || l.ev[0].config1 != config1)
		fail_msg("%s: type %u config 0x%llx config1 0x%llx", text, l.ev[0].type,
			 (unsigned long long)l.ev[0].config, (unsigned long long)l.ev[0].config1);
	events__free(&l);
}

static void refuse(const char *text, const char *why)
{
	struct event_list l = { .ev = NULL };
	struct err e = { .msg = "" };

	if (!events__parse(&l, text, &src, &e))
		fail_msg("'%s' was taken", text);
	if (!strstr(e.msg, why))
		fail_msg("'%s': \"%s\" does not say \"%s\"", text, e.msg, why);
	events__free(&l);
}

/* ---- tests -------------------------------------------------------------------------------- */

static void names(void **state)
{
	struct event_list l = parse("task-clock");

	(void)state;
	assert_true(l.ev[0].clock && l.ev[0].kind == EVENT_SOFTWARE);
	events__free(&l);
	expect("page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, 0);
	expect("cs", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, 0);
	expect("instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, 0);
	expect("r00C0", PERF_TYPE_RAW, 0xc0, 0);
	expect("rffffffffffffffff", PERF_TYPE_RAW, UINT64_MAX, 0);
}

/* Numbers of include/uapi/linux/perf_event.h: cache | operation << 8 | result << 16. */
static void caches(void **state)
{
	(void)state;
	expect("L1-dcache-loads", PERF_TYPE_HW_CACHE, 0, 0);
	expect("L1-dcache-load-misses", PERF_TYPE_HW_CACHE, 0x10000, 0);
	expect("l1-dcache-misses", PERF_TYPE_HW_CACHE, 0x10000, 0);
	expect("L1-icache-prefetch-misses", PERF_TYPE_HW_CACHE, 0x10201, 0);
	expect("LLC-stores", PERF_TYPE_HW_CACHE, 0x102, 0);
	expect("dTLB-store-misses", PERF_TYPE_HW_CACHE, 0x10103, 0);
	expect("iTLB-loads", PERF_TYPE_HW_CACHE, 4, 0);
	expect("branch-load-misses", PERF_TYPE_HW_CACHE, 0x10005, 0);
	expect("node-prefetches", PERF_TYPE_HW_CACHE, 0x206, 0);
	refuse("iTLB-stores", "not known");
	refuse("L1-dcache-load-missses", "did you mean 'L1-dcache-load-misses'?");
}

static void modifiers(void **state)
{
	struct perf_event_attr a = { .size = sizeof(a) };
	struct event_list l = parse("cycles:upp,cycles:k,cycles:P,cycles:GHDeI,cycles");

	(void)state;
	event__fill(&l.ev[0], &a);
	assert_true(!a.exclude_user && a.exclude_kernel && a.exclude_hv && a.precise_ip == 2);
	event__fill(&l.ev[1], &a);
	assert_true(a.exclude_user && !a.exclude_kernel && !a.precise_ip);
	assert_int_equal(l.ev[2].precise, 2);		/* caps/max_precise */
	event__fill(&l.ev[3], &a);
	assert_true(!a.exclude_guest && !a.exclude_host && a.pinned && a.exclusive && a.exclude_idle);
	event__fill(&l.ev[4], &a);
	assert_true(!a.exclude_user && !a.exclude_kernel && a.exclude_guest && !a.pinned);
	events__free(&l);
	refuse("cycles:", "modifiers");
	refuse("cycles:x", "modifiers");
	refuse("cycles:pppp", "modifiers");
}

static void pmus(void **state)
{
	struct event_list l;

	(void)state;
	expect("cpu/event=0x3c,umask=0x1/", 4, 0x13c, 0);
	expect("cpu/event=0xd1,umask=1,edge,cmask=0x10/u", 4, 0x100401d1, 0);
	expect("cpu/config=0x123,config1=7/", 4, 0x123, 7);
	expect("cpu/split=0xabc/", 4, UINT64_C(0xa000000bc), 0);
	expect("cpu/cpu-cycles/", 4, 0x3c, 0);
	expect("cpu/mem-loads,ldlat=30/P", 4, 0x1cd, 30);
	expect("cpu/event=0xb7,offcore_rsp=0xffffffffffffffff/", 4, 0xb7, UINT64_MAX);
	expect("amd_df/event=0x1f0f/", 11, UINT64_C(0x0f) | UINT64_C(0xf) << 32 | UINT64_C(1) << 59, 0);
	l = parse("cpu/event=0x3c,name=wide,period=5000/u");
	assert_string_equal(l.ev[0].name, "wide");
	assert_true(l.ev[0].period == 5000 && l.ev[0].user);
	events__free(&l);
	l = parse("cpu/deep=0xf/,cpu/freq=99/:k");
	assert_true(l.nr == 2 && l.ev[0].config3 == 0xf0 && l.ev[1].freq == 99 && l.ev[1].kernel);
	events__free(&l);
	refuse("cpu/event=0x100/", "does not fit into 'config:0-7'");
	refuse("cpu/evnt=1/", "did you mean 'event'?");
	refuse("cpu/cpu-cycle/", "did you mean 'cpu-cycles'?");
	refuse("cpu/event=x/", "is no number");
	refuse("cpu/odd=1/", "does not know");
	refuse("cpu/loop/", "no term 'loop'");
	refuse("cpu/event=1", "second '/'");
	refuse("cpu/../../type/", "no term '..'");
	refuse("../cpu/event=1/", "no PMU '..'");
	refuse("cpu/..%2f/", "no term");
	refuse("gpu/event=1/", "has no PMU 'gpu'");
	refuse("cpu/period=0/", "needs a number");
}

static void tracepoints(void **state)
{
	struct event_list l = parse("sched:sched_switch:u,sched:sched_*,*:softirq_entry");

	(void)state;
	assert_int_equal(l.nr, 4);
	assert_true(l.ev[0].type == PERF_TYPE_TRACEPOINT && l.ev[0].config == 315 && l.ev[0].user);
	assert_string_equal(l.ev[1].name, "sched:sched_switch");
	assert_string_equal(l.ev[2].name, "sched:sched_wakeup");
	assert_true(l.ev[2].config == 316 && l.ev[3].config == 12);
	assert_true(event__is_hit(&l.ev[0]) && event__in_kernel(&l.ev[0]));
	events__free(&l);
	refuse("sched:sched_swich", "did you mean 'sched:sched_switch'?");
	refuse("nothing:at_all", "not known");
}

static void breakpoints(void **state)
{
	struct event_list l = parse("mem:0x601040/8:w,mem:0x401000:x:u,mem:4096,mem:main");
	char self[PATH_MAX + 32];

	(void)state;
	assert_int_equal(l.nr, 4);
	assert_true(l.ev[0].type == PERF_TYPE_BREAKPOINT && l.ev[0].config1 == 0x601040 && l.ev[0].config2 == 8);
	assert_int_equal(l.ev[0].bp_type, HW_BREAKPOINT_W);
	assert_true(l.ev[1].bp_type == HW_BREAKPOINT_X && l.ev[1].config2 == sizeof(long) && l.ev[1].user);
	assert_true(l.ev[2].bp_type == HW_BREAKPOINT_RW && l.ev[2].config2 == 4 && l.ev[2].config1 == 4096);
	assert_string_equal(l.ev[3].symbol, "main");
	assert_null(l.ev[3].object);
	assert_int_equal(events__resolve(&l, "/proc/self/exe", &(struct err){ .status = 0 }), 0);
	assert_true(l.ev[3].bp_type == HW_BREAKPOINT_X && l.ev[3].address && l.ev[3].moves == !l.ev[3].config1);
	events__free(&l);
	refuse("mem:0x1000:r", "reads alone");
	refuse("mem:0x1000:rx", "not on both");
	refuse("mem:0x1000/3:w", "1, 2, 4 or 8");
	refuse("mem:0x1001/8:w", "multiple of its length");
	refuse("mem:0x1000/x:w", "no length");
	refuse("mem:0x1000:q", "no access");
	snprintf(self, sizeof(self), "brk:/proc/self/exe:brekpoints");
	refuse(self, "did you mean 'breakpoints'?");
}

static void uprobes(void **state)
{
	struct event_list l = parse("uprobe:/proc/self/exe:main+4,uretprobe:/proc/self/exe:main:u");
	struct event_list m = parse("brk:/proc/self/exe:main");

	(void)state;
	assert_true(l.nr == 2 && l.ev[0].type == 8 && !l.ev[0].config && l.ev[1].config == 1);
	assert_int_equal(l.ev[0].config2, l.ev[1].config2 + 4);
	assert_true(l.ev[0].address == m.ev[0].address + 4 && m.ev[0].bp_type == HW_BREAKPOINT_X);
	events__free(&l);
	events__free(&m);
	refuse("uprobe:main", "a file and a symbol");
	refuse("uprobe:/nowhere/x:main", "there is no file");
	refuse("uprobe:/proc/self/exe:main+x", "takes a number");
	refuse("uprobe:/proc/self/exe:0xffffffffff", "no segment has it");
	refuse("uprobe:/proc/version:main", "as an ELF file");
}

/*
 * Encodings of the Intel SDM vol. 3 chapter 21 (events of each core): event
 * number in bits 0-7, unit mask in 8-15.
 */
static void libpfm(void **state)
{
	struct event_list l;

	(void)state;
	expect("FP_ARITH:512B_PACKED_DOUBLE", PERF_TYPE_RAW, 0x40c7, 0);
	expect("FP_ARITH:SCALAR_SINGLE", PERF_TYPE_RAW, 0x02c7, 0);
	expect("UNHALTED_CORE_CYCLES", PERF_TYPE_RAW, 0x003c, 0);
	expect("BR_MISP_RETIRED:CONDITIONAL", PERF_TYPE_RAW, 0x01c5, 0);
	l = parse("FP_ARITH:512B_PACKED_DOUBLE:u");
	assert_true(l.ev[0].kind == EVENT_PFM && l.ev[0].user && !l.ev[0].kernel);
	assert_string_equal(l.ev[0].name, "FP_ARITH:512B_PACKED_DOUBLE:u");
	events__free(&l);
	assert_non_null(strstr(events__pfm_model(), "Skylake X"));
	refuse("FP_ARITH:512B_PACKED_DOUBEL", "libpfm4");
}

static void lists(void **state)
{
	struct event_list l = parse("task-clock,cpu/event=0x3c,umask=0/u,cycles:u");
	struct err e;

	(void)state;
	assert_int_equal(l.nr, 3);
	assert_int_equal(events__parse(&l, "page-faults", &src, &e), 0);
	assert_int_equal(l.nr, 4);
	events__free(&l);
	refuse("", "a name is needed");
	refuse("cycles,", "a name is needed");
	refuse("{cycles,instructions}", "without braces");
	refuse("cylces", "did you mean 'cycles'?");
	refuse("r", "not known");
	refuse("r12345678123456789", "not known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(caches),
		cmocka_unit_test(modifiers),
		cmocka_unit_test(pmus),
		cmocka_unit_test(tracepoints),
		cmocka_unit_test(breakpoints),
		cmocka_unit_test(uprobes),
		cmocka_unit_test(libpfm),
		cmocka_unit_test(lists),
	};

	/* before the library looks at the machine */
	setenv("LIBPFM_FORCE_PMU", "skx", 1);
	return cmocka_run_group_tests(tests, machine__make, machine__remove);
}
