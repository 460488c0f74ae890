/* SPDX-License-Identifier: GPL-2.0-only */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "bpf/census.h"
#include "bpf/hits.h"
#include "capture/capture.h"
#include "cmd.h"
#include "output/output.h"

/* A word of --sample-regs and the components that hold it. */
static const struct class {
	const char *name;
	enum xfeature nr;		/* what decides whether it is there */
	const char *hardware;		/* what a CPU without it lacks */
} classes[] = {
	{ "x87", XFEATURE_FP, "x87" },
	{ "xmm", XFEATURE_SSE, "SSE" },
	{ "ymm", XFEATURE_YMM, "AVX" },
	{ "zmm", XFEATURE_ZMM_Hi256, "AVX-512" },
	{ "opmask", XFEATURE_OPMASK, "AVX-512" },
	{ "mxcsr", XFEATURE_SSE, "SSE" },
	{ "pkru", XFEATURE_PKRU, "protection keys" },
	{ "ssp", XFEATURE_CET_USER, "shadow stacks" },
	{ "amx", XFEATURE_XTILE_DATA, "AMX" },
	{ "egpr", XFEATURE_APX, "APX" },
};

enum { NR_CLASSES = sizeof(classes) / sizeof(classes[0]), NR_ROWS = 5 };

struct row {
	const char *name;
	bool ready;
	uint64_t xfeatures;
	char state[1024];
};

/* What is no backend. */
static const struct facility {
	const char *name, *what;
	int (*probe)(struct err *e);
	const char *ready;		/* NULL: @e of the probe has it */
} facilities[] = {
	{ "attach", "running processes", attach__probe, NULL },
	{ "census", "state in use, of every task", census__probe, "ready (BPF; perf xregs census)" },
	{ "dwarf", "call chains without frame pointers", stack__probe, "ready (record --call-graph dwarf)" },
	{ "pmu", "hardware events", pmu__probe, "ready (record -e cycles, cpu/event=0x3c/)" },
	{ "libpfm4", "names of hardware events", pfm__probe, "ready (record -e FP_ARITH:512B_PACKED_DOUBLE)" },
	{ "breakpoints", "samples at a place", breakpoint__probe, "ready (record -e brk:FILE:SYMBOL, mem:ADDRESS:w)" },
	{ "uprobes", "samples at a place", uprobe__probe, "ready (record -e uprobe:FILE:SYMBOL)" },
	{ "tracepoints", "samples at a kernel event", tracepoint__probe, "ready (record -e sched:sched_switch)" },
	{ "filter", "hits left out in the kernel", hits__probe, "ready (BPF; record --filter by kernel and sigtrap)" },
};

enum { NR_FACILITIES = sizeof(facilities) / sizeof(facilities[0]) };

/* ---- trying ------------------------------------------------------------------- */

static void row__kernel(struct row *r, const char *name, const char *form)
{
	char why[900];

	r->name = name;
	r->xfeatures = kernel__registers(form, why, sizeof(why));
	r->ready = r->xfeatures;
	snprintf(r->state, sizeof(r->state), "%s%s%s", r->ready ? "ready (" : "", why,
		 r->ready ? form ? "; --backend=kernel:pebs" : "; any program, -a, -p, also in the kernel)" : "");
	if (r->ready && form)
		strcat(r->state, ")");
}

static void row__backend(struct row *r, const struct capture_ops *ops, uint64_t xfeatures,
			 const char *ready)
{
	struct err why;

	r->name = ops->name;
	r->ready = !ops->probe(&why);
	r->xfeatures = r->ready ? xfeatures : 0;
	snprintf(r->state, sizeof(r->state), "%.1000s", r->ready ? ready : why.msg);
}

static void check__rows(struct row rows[NR_ROWS])
{
	char text[128];

	row__kernel(&rows[0], "kernel", NULL);
	row__kernel(&rows[1], "pebs", "pebs");
	snprintf(text, sizeof(text), "ready (perf_event_paranoid %d; programs that you start)",
		 event__paranoid());
	row__backend(&rows[2], &capture_sigtrap, probe__frame_xfeatures(), text);
	snprintf(text, sizeof(text), "ready (no privilege needed; %llu Hz at the most)",
		 (unsigned long long)timer__hz());
	row__backend(&rows[3], &capture_timer, probe__frame_xfeatures(), text);
	row__backend(&rows[4], &capture_ptrace, probe__ptrace_xfeatures(),
		     "ready (static, Go and setuid programs, and what runs already; slower)");
}

/* Return: is it there? @state: why not. */
static bool facility__try(const struct facility *f, const char **state, struct err *why)
{
	bool ready = !f->probe(why);

	*state = ready && f->ready ? f->ready : why->msg;
	return ready;
}

/* Why no backend delivers a class; NULL when one does. */
static const char *class__missing(const struct class *c, const struct row rows[NR_ROWS],
				  char *buf, size_t size)
{
	uint64_t bit = XFEATURE_MASK(c->nr), any = 0;
	int i;

	for (i = 0; i < NR_ROWS; i++)
		any |= rows[i].xfeatures;
	if (any & bit)
		return NULL;
	if (!machine__has(c->nr))
		snprintf(buf, size, "CPU has no %s", c->hardware);
	else if (c->nr == XFEATURE_CET_USER)
		snprintf(buf, size, "in no signal frame; only a kernel with PERF_SAMPLE_XSTATE shows it");
	else if (!(machine__xcr0() & bit))
		snprintf(buf, size, "the kernel has not enabled %s", c->hardware);
	else if (c->nr == XFEATURE_XTILE_DATA)
		snprintf(buf, size, "in programs that asked the kernel for it (ARCH_REQ_XCOMP_PERM)");
	else
		snprintf(buf, size, "no backend is ready");
	return buf;
}

/* ---- text ------------------------------------------------------------------------ */

static void row__registers(const struct row *r, const char *sep, const char *quote, FILE *out)
{
	bool first = true;
	int i;

	for (i = 0; i < NR_CLASSES; i++) {
		if (!(r->xfeatures & XFEATURE_MASK(classes[i].nr)))
			continue;
		fprintf(out, "%s%s%s%s", first ? "" : sep, quote, classes[i].name, quote);
		first = false;
	}
}

static void check__text(const struct row rows[NR_ROWS])
{
	char list[256], why[256], last[256] = "";
	const char *reason;
	struct err e;
	FILE *f;
	int i, n = 0;

	printf("%-11s %-34s %s\n", "capture", "registers", "state");
	for (i = 0; i < NR_ROWS; i++) {
		memset(list, 0, sizeof(list));
		f = fmemopen(list, sizeof(list) - 1, "w");
		if (f) {
			row__registers(&rows[i], " ", "", f);
			fclose(f);
		}
		printf("%-11s %-34s %s\n", rows[i].name, list[0] ? list : "-", rows[i].state);
	}
	for (i = 0; i < NR_FACILITIES; i++) {
		facility__try(&facilities[i], &reason, &e);
		printf("%-11s %-34s %s\n", facilities[i].name, facilities[i].what, reason);
	}
	for (i = 0; i < NR_CLASSES; i++) {
		reason = class__missing(&classes[i], rows, why, sizeof(why));
		if (!reason)
			continue;
		if (!strcmp(last, reason))
			printf(" %s", classes[i].name);
		else
			printf("%s%s%s%s", n ? ": " : "not here    ", last, n ? "; " : "", classes[i].name);
		n++;
		snprintf(last, sizeof(last), "%s", reason);
	}
	if (n)
		printf(": %s\n", last);
}

/* ---- JSON ------------------------------------------------------------------------- */

static void check__json(const struct row rows[NR_ROWS])
{
	const char *reason, *sep = "";
	char why[256];
	struct err e;
	bool ready;
	int i;

	printf("{\"backends\":[");
	for (i = 0; i < NR_ROWS; i++) {
		printf("%s{\"name\":\"%s\",\"ready\":%s,\"registers\":[", i ? "," : "", rows[i].name,
		       rows[i].ready ? "true" : "false");
		row__registers(&rows[i], ",", "\"", stdout);
		printf("],\"state\":");
		json__string(stdout, rows[i].state);
		printf("}");
	}
	printf("],\"facilities\":[");
	for (i = 0; i < NR_FACILITIES; i++) {
		ready = facility__try(&facilities[i], &reason, &e);
		printf("%s{\"name\":\"%s\",\"what\":\"%s\",\"ready\":%s,\"state\":", i ? "," : "", facilities[i].name,
		       facilities[i].what, ready ? "true" : "false");
		json__string(stdout, reason);
		printf("}");
	}
	printf("],\"missing\":[");
	for (i = 0; i < NR_CLASSES; i++) {
		reason = class__missing(&classes[i], rows, why, sizeof(why));
		if (!reason)
			continue;
		printf("%s{\"registers\":\"%s\",\"reason\":", sep, classes[i].name);
		json__string(stdout, reason);
		printf("}");
		sep = ",";
	}
	printf("]}\n");
}

/* ---- the command ---------------------------------------------------------------------- */

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL },
};

static const char help_text[] =
"usage: perf xregs check [OPTIONS]\n"
"Tell which registers can be captured on this machine by which backend, and why\n"
"not the rest. Everything is found out by trying.\n\n"
"      --json               one JSON object\n"
"  -h, --help               this text\n\n"
"The exit status is 1 when no backend is ready.\n";

int cmd_check(int argc, char **argv)
{
	struct row rows[NR_ROWS] = { 0 };
	bool json = false;
	int c, i, ready = 0;
	struct err e;

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
		if (c == 'h') {
			fputs(help_text, stdout);
			return XREGS_OK;
		}
		if (c != 'j') {
			err__usage(&e, "unknown option '%s'; 'perf xregs check --help' lists them", argv[optind - 1]);
			return cmd__fail("check", &e);
		}
		json = true;
	}
	if (argv[optind]) {
		err__usage(&e, "takes no argument, got '%s'; to record a program: perf xregs record -- %s", argv[optind], argv[optind]);
		return cmd__fail("check", &e);
	}
	check__rows(rows);
	if (json)
		check__json(rows);
	else
		check__text(rows);
	for (i = 0; i < NR_ROWS; i++)
		ready += rows[i].ready;
	return ready ? XREGS_OK : XREGS_FAILED;
}
