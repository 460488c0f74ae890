/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/capture.h"
#include "cmd.h"
#include "util/progress.h"

struct record {
	struct capture_options capture;
	bool quiet, verbose, list_events;
};

enum { OPT_REGS = 256, OPT_BACKEND, OPT_INTR, OPT_CALLGRAPH, OPT_OVERWRITE, OPT_FILTER,
       OPT_OUTPUT = 512,	/* and enum output_option from here on */
       DEFAULT_HZ = 1000, DEFAULT_STACK = 8192 };

static const struct option long_options[] = {
	{ "event", required_argument, NULL, 'e' },
	{ "freq", required_argument, NULL, 'F' },
	{ "count", required_argument, NULL, 'c' },
	{ "output", required_argument, NULL, 'o' },
	{ "call-graph", required_argument, NULL, OPT_CALLGRAPH },
	{ "sample-regs", required_argument, NULL, OPT_REGS },
	{ "backend", required_argument, NULL, OPT_BACKEND },
	{ "switch-output", optional_argument, NULL, OPT_OUTPUT + OUTPUT_SWITCH },
	{ "switch-max-files", required_argument, NULL, OPT_OUTPUT + OUTPUT_MAX_FILES },
	{ "max-size", required_argument, NULL, OPT_OUTPUT + OUTPUT_MAX_SIZE },
	{ "snapshot", optional_argument, NULL, OPT_OUTPUT + OUTPUT_SNAPSHOT },
	{ "overwrite", no_argument, NULL, OPT_OVERWRITE },
	{ "compression-level", optional_argument, NULL, 'z' },
	{ "intr-regs", required_argument, NULL, OPT_INTR },
	{ "filter", required_argument, NULL, OPT_FILTER },
	{ "pid", required_argument, NULL, 'p' },
	{ "tid", required_argument, NULL, 't' },
	{ "uid", required_argument, NULL, 'u' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "mmap-pages", required_argument, NULL, 'm' },
	{ "all-cpus", no_argument, NULL, 'a' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL },
};

static const char help_text[] =
"usage: perf xregs record [OPTIONS] [--] [COMMAND [ARGS]]\n"
"Run COMMAND and record what is in its vector registers when a sample hits.\n\n"
"  -e, --event LIST         what to sample on: task-clock, cycles, cpu/event=0x3c/,\n"
"                           brk:FILE:SYMBOL, uprobe:FILE:SYMBOL, sched:sched_switch ...;\n"
"                           '?' lists the kinds and what is missing here\n"
"                           (default: cycles with a hardware PMU, else task-clock)\n"
"  -F, --freq HZ            samples a second of CPU time (default: 1000)\n"
"  -c, --count N            one sample every N events (ns for the clocks)\n"
"  -g                       also record call chains: --call-graph fp\n"
"      --call-graph MODE    fp: by frame pointers; dwarf[,SIZE]: copy SIZE bytes of the\n"
"                           stack with each sample (default: 8192), which the report\n"
"                           unwinds, also through code without frame pointers\n"
"      --sample-regs LIST   registers: xmm, ymm, zmm, opmask, mxcsr, ymm0-3,k1 ...\n"
"                           (default: vector); '?' lists what this machine has\n"
"      --intr-regs LIST     registers of what was interrupted, the kernel included\n"
"      --filter EXPR        only hits for which EXPR is true, of comm pid tid cpu ip\n"
"                           period, as in 'comm == worker*, cpu < 4'\n"
"      --backend NAME       auto, kernel, sigtrap, timer or ptrace (default: auto)\n"
"  -p, --pid LIST           record running processes and what they start, while\n"
"                           COMMAND runs, or until they end or ^C\n"
"  -t, --tid LIST           record running threads alone\n"
"  -u, --uid USER           record all processes of a user, new ones too\n"
"  -a, --all-cpus           record the whole machine, while COMMAND runs or until ^C\n"
"  -C, --cpu LIST           record these CPUs, as in 0-3,6\n"
"  -m, --mmap-pages N       size of each CPU's ring buffer, a power of two\n"
"                           (default: up to 1024, as may be locked)\n"
"  -o, --output FILE        write to FILE (default: perf.data)\n"
"  -z, --compression-level[=N]  compress the file with zstd, at level N (default: 1)\n"
"      --max-size SIZE      end sampling when the file has SIZE, as in 512K, 100M, 2G\n"
"      --switch-output[=WHEN]  go on in another file: at SIGUSR2 (signal, the default),\n"
"                           at a size as in 100M, or after a time as in 30s, 5m, 1h\n"
"      --switch-max-files N keep the last N of these files\n"
"  -S, --snapshot[=SECONDS] keep the last SECONDS in memory (default: 10), write them\n"
"                           to a file at SIGUSR2 and at the end; also --overwrite\n"
"  -q, --quiet              say nothing but errors\n"
"  -v, --verbose            say more about the recording\n"
"  -h, --help               this text\n\n"
"-a, -C, -m and --intr-regs need the kernel's own registers; perf xregs check tells\n"
"whether it has them.\n"
"The exit status is COMMAND's, 128 and the number where a signal ended it.\n";

static int record__number(const char *text, const char *option, uint64_t *v, struct err *e)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (*end == 'k' || *end == 'K') {
		*v *= 1000;
		end++;
	}
	if (errno || end == text || *end || !*v || text[0] == '-')
		return err__usage(e, "cannot record with %s '%s': a number above 0 is needed", option, text);
	return 0;
}

/* As perf record: -z alone is level 1. */
static int record__level(const char *text, int *level, struct err *e)
{
	uint64_t v = 1;

	if (text && (record__number(text, "--compression-level", &v, e) || v > 22))
		return err__usage(e, "cannot record with --compression-level '%s': zstd has levels 1 to 22", text);
	*level = v;
	return 0;
}

static int record__pages(const char *text, uint64_t *pages, struct err *e)
{
	if (record__number(text, "-m", pages, e))
		return -1;
	if (*pages & (*pages - 1) || *pages > 1 << 20)
		return err__usage(e, "cannot record with -m '%s': a power of two is needed, 1048576 at the most", text);
	return 0;
}

/* SIZE of --call-graph dwarf,SIZE, by perf's rules [tools/perf/util/callchain.c: get_stack_size()]. */
static int record__stack(const char *text, uint32_t *size, struct err *e)
{
	static const unsigned long max = 65528;		/* USHRT_MAX, rounded down to 8 */
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 0);
	v = (v + 7) & ~7ul;
	if (errno || *end || text[0] == '-' || !v || v > max)
		return err__usage(e, "cannot record with --call-graph 'dwarf,%s': the size of the stack copy is a number from 1 to %lu", text, max);
	*size = v;
	return 0;
}

static int record__callgraph(const char *text, struct capture_options *o, struct err *e)
{
	o->stack_size = DEFAULT_STACK;
	if (!strcmp(text, "fp")) {
		o->callgraph = CALLGRAPH_FP;
		return 0;
	}
	o->callgraph = CALLGRAPH_DWARF;
	if (!strcmp(text, "dwarf"))
		return 0;
	if (!strncmp(text, "dwarf,", 6))
		return record__stack(text + 6, &o->stack_size, e);
	return err__usage(e, "cannot record with --call-graph '%s': not known; known are fp and dwarf[,SIZE]", text);
}

/* What runs already, and what only backend kernel does. */
static int record__running_option(struct capture_options *o, int c, struct err *e)
{
	switch (c) {
	case 'p':
		o->pids = optarg;
		return 0;
	case 't':
		o->tids = optarg;
		return 0;
	case 'u':
		o->user = optarg;
		return 0;
	case 'C':
		o->cpus = optarg;
		return 0;
	case 'a':
		o->all_cpus = true;
		return 0;
	case 'm':
		return record__pages(optarg, &o->mmap_pages, e);
	case OPT_INTR:
		o->intr_regs = optarg;
		return 0;
	default:
		return err__usage(e, "try 'perf xregs record --help'");
	}
}

static int record__option(struct record *r, int c, struct err *e)
{
	struct capture_options *o = &r->capture;

	switch (c) {
	case 'e':
		r->list_events |= !strcmp(optarg, "?");
		return r->list_events ? 0 : events__parse(&o->events, optarg, events__machine(), e);
	case 'F':
		return record__number(optarg, "-F", &o->freq, e);
	case 'c':
		return record__number(optarg, "-c", &o->period, e);
	case 'g':
		return record__callgraph("fp", o, e);
	case OPT_CALLGRAPH:
		return record__callgraph(optarg, o, e);
	case 'o':
		o->output = optarg;
		return 0;
	case 'z':
		return record__level(optarg, &o->compress, e);
	case OPT_FILTER:
		o->filter = optarg;
		return 0;
	case OPT_REGS:
		o->regs = optarg;
		return 0;
	case OPT_BACKEND:
		o->backend = optarg;
		return 0;
	case 'q':
		r->quiet = true;
		return 0;
	case 'v':
		r->verbose = true;
		return 0;
	case 'S':
	case OPT_OVERWRITE:
		return output_options__set(&o->out, OUTPUT_SNAPSHOT, optarg, e);
	default:
		if (c >= OPT_OUTPUT && c < OPT_OUTPUT + OUTPUT_OPTIONS)
			return output_options__set(&o->out, c - OPT_OUTPUT, optarg, e);
		return record__running_option(o, c, e);
	}
}

/* One answer to what is recorded. */
static int record__what(const struct capture_options *o, struct err *e)
{
	if (!!o->pids + !!o->tids + !!o->user + o->all_cpus > 1)
		return err__usage(e, "cannot record with more than one of -p, -t, -u and -a: choose");
	return 0;
}

/* Return: 0, 1 when all is done (help), -1 with @e. */
static int record__parse(struct record *r, int argc, char **argv, struct err *e)
{
	struct capture_options *o = &r->capture;
	int c;

	optind = 0;		/* GNU: start anew */
	while ((c = getopt_long(argc, argv, "+e:F:c:go:p:t:u:C:m:aqvhz::S::", long_options, NULL)) >= 0) {
		if (c == 'h') {
			fputs(help_text, stdout);
			return 1;
		}
		if (record__option(r, c, e))
			return -1;
	}
	if (o->freq && o->period)
		return err__usage(e, "cannot record with both -F and -c: the one is a rate, the other a period; choose");
	if (!o->freq && !o->period)
		o->freq = DEFAULT_HZ;
	o->argv = argv + optind;
	o->line = argv;
	o->nr_line = optind - !strcmp(argv[optind - 1], "--");
	return record__what(o, e) || output_options__check(&o->out, e) ? -1 : 0;
}

/* ---- --sample-regs=? ------------------------------------------------------------ */

static const char *class__missing(const char *name, uint64_t machine)
{
	struct reglist l;
	struct err e;

	if (reglist__parse(&l, name, machine, &e))
		return "unknown";
	if (l.xfeatures & ~machine & XFEATURE_MASK(XFEATURE_CET_USER))
		return "not here: no user shadow stack in a signal frame";
	if (l.xfeatures & ~machine)
		return "not here: this CPU or kernel does not have them";
	return NULL;
}

static void print_event_class(void *ctx, const char *name, const char *help, const char *missing)
{
	(void)ctx;
	printf("  %-10s  %s\n", name, help);
	if (missing)
		printf("  %-10s  - not here: %s\n", "", missing);
}

static int record__list_events(void)
{
	printf("Events for -e, separated by commas; modifiers as in cycles:u\n\n");
	events__classes(events__machine(), print_event_class, NULL);
	return XREGS_OK;
}

static int record__list_registers(void)
{
	const struct reglist_class *class;
	char how[512];
	uint64_t machine = machine__xcr0() | kernel__registers(NULL, how, sizeof(how));
	size_t i, n;

	class = reglist__classes(&n);
	printf("Registers for --sample-regs, separated by commas; also single ones and ranges: ymm0-3,k1\n\n");
	for (i = 0; i < n; i++) {
		const char *missing = class__missing(class[i].name, machine);

		printf("  %-8s %s%s%s\n", class[i].name, class[i].help, missing ? " - " : "",
		       missing ? missing : "");
	}
	printf("\n'perf xregs check' tells which backend works here.\n");
	return XREGS_OK;
}

/* ---- what is said ------------------------------------------------------------------ */

static void record__say_start(const struct session *s)
{
	char names[1024];

	fprintf(stderr, "[ perf-xregs: sampling by %s at %s of %s; %s, `perf xregs check` tells more ]\n",
		s->ops->name, s->rate, session__event_names(s, names, sizeof(names)), s->why);
	if (s->regs.xfeatures & ~s->xfeatures)
		fprintf(stderr, "[ perf-xregs: some of '%s' does not exist here and is unknown in every sample; --sample-regs=? tells more ]\n",
			s->opt->regs);
	if (s->stack_size < s->opt->stack_size && s->opt->callgraph == CALLGRAPH_DWARF)
		fprintf(stderr, "[ perf-xregs: %u bytes of each stack are copied, not %u: a record has 64 KiB, registers included ]\n",
			s->stack_size, s->opt->stack_size);
	if (s->opt->out.snapshot_ns)
		fprintf(stderr, "[ perf-xregs: keeping the last %g s in memory; kill -USR2 %d writes them ]\n",
			s->opt->out.snapshot_ns / 1e9, getpid());
	else if (s->opt->out.switch_signal)
		fprintf(stderr, "[ perf-xregs: kill -USR2 %d begins the next file ]\n", getpid());
}

/* CPU time that no sample stands for: timers are set in threads that
 * pthread_create() and fork() started, and in no other. */
static void record__say_unseen(const struct session *s)
{
	const struct capture_counts *c = &s->counts;
	uint64_t seen = c->weight / s->period + c->kernel + c->lost + c->blocked;

	if (s->ops != &capture_timer || c->expected < 20 || seen * 10 > c->expected * 8)
		return;
	fprintf(stderr, "[ perf-xregs: %.0f %% of the CPU time was not sampled: threads that pthread_create() did not start, processes without the agent or shorter than a tick ]\n",
		100.0 - 100.0 * seen / c->expected);
}

/* The line on the terminal, while it runs. */
static struct progress progress;

static void record__say_progress(const struct session *s)
{
	unsigned long long size = s->writer ? perfdata_writer__size(s->writer) : 0;
	double elapsed;
	char text[256];

	if (!progress__due(&progress, &elapsed))
		return;
	snprintf(text, sizeof(text), "[ perf-xregs: %.0f s, %llu samples, %llu lost, %.1f MB ]", elapsed,
		 (unsigned long long)s->counts.samples, (unsigned long long)session__lost(s), size / 1e6);
	progress__show(&progress, text);
}

static void record__say_switched(const char *name, uint64_t samples)
{
	progress__clear(&progress);
	fprintf(stderr, "[ perf-xregs: %llu sample%s in %s ]\n", (unsigned long long)samples, samples == 1 ? "" : "s", name);
}

static void record__say_stopped(const struct err *e)
{
	progress__clear(&progress);
	if (e->status == XREGS_OK) {
		fprintf(stderr, "[ perf-xregs: %s; sampling ends here, the program runs on ]\n", e->msg);
		return;
	}
	fprintf(stderr, "perf-xregs record: ");
	text__put_lines(stderr, e->msg);
	fprintf(stderr, "[ perf-xregs: sampling ends here, the program runs on ]\n");
}

static void record__say_losses(const struct session *s)
{
	const struct capture_counts *c = &s->counts;
	char why[1024];
	uint64_t n = tasks__unsampled(s->tasks, why, sizeof(why));

	if (s->full && c->unwritten)
		fprintf(stderr, "[ perf-xregs: %llu samples that had come by then are left out ]\n", (unsigned long long)c->unwritten);
	else if (s->failed && !s->full)
		fprintf(stderr, "[ perf-xregs: %llu samples that had come could not be written; '%s' is complete up to its last sample, what followed was not sampled ]\n",
			(unsigned long long)c->unwritten, s->opt->output);
	record__say_unseen(s);
	if (c->blocked)
		fprintf(stderr, "[ perf-xregs: %llu hit%s while SIGTRAP was blocked gave no registers ]\n",
			(unsigned long long)c->blocked, c->blocked == 1 ? "" : "s");
	if (c->lost)
		fprintf(stderr, "[ perf-xregs: %llu samples lost%s; a lower -F or fewer registers help ]\n",
			(unsigned long long)c->lost,
			c->no_slot ? ", some because more than 1024 threads ran at a time" : " in full buffers");
	if (c->throttled)
		fprintf(stderr, "[ perf-xregs: %llu times throttled: samples came faster than the kernel allows (kernel.perf_event_max_sample_rate, perf_cpu_time_max_percent) ]\n",
			(unsigned long long)c->throttled);
	if (c->errors)
		fprintf(stderr, "[ perf-xregs: %llu signal frames or samples could not be read ]\n",
			(unsigned long long)c->errors);
	if (c->lost_records)
		fprintf(stderr, "[ perf-xregs: the kernel lost %llu records of maps and names; symbols may be missing ]\n",
			(unsigned long long)c->lost_records);
	if (n)
		fprintf(stderr, "[ perf-xregs: %llu process%s could not be sampled: %s ]\n",
			(unsigned long long)n, n == 1 ? "" : "es", why);
}

/* Hits that are left out are nobody's loss, but nobody's sample either. */
static void record__say_filter(const struct session *s)
{
	uint64_t n = s->counts.filtered;
	uint64_t kernel = s->counts.filtered_by_kernel;

	if (!s->filter)
		return;
	fprintf(stderr, "[ perf-xregs: %llu hit%s left out by --filter, %llu of them in the kernel ]\n",
		(unsigned long long)n, n == 1 ? "" : "s", (unsigned long long)kernel);
}

/* "1.2 MB in perf.data", or how many files there are. */
static void record__where(const struct session *s, char *buf, size_t size)
{
	const char *path = s->opt->output;
	struct stat st;
	double n = stat(path, &st) ? 0 : st.st_size;

	if (s->files)
		snprintf(buf, size, "in %u file%s %s.*", files__count(s), files__count(s) == 1 ? "" : "s", path);
	else if (n < 1e6)
		snprintf(buf, size, "%.1f kB in %s", n / 1e3, path);
	else
		snprintf(buf, size, "%.1f MB in %s", n / 1e6, path);
}

static void record__say_end(const struct session *s)
{
	const struct capture_counts *c = &s->counts;
	char where[PATH_MAX + 32], regs[512];

	reglist__format(&s->regs, ' ', regs, sizeof(regs));
	record__where(s, where, sizeof(where));
	record__say_losses(s);
	record__say_filter(s);
	fprintf(stderr, "[ perf-xregs: %llu sample%s of %llu thread%s, %llu lost, %llu in the kernel without registers; %s; %s ]\n",
		(unsigned long long)c->samples, c->samples == 1 ? "" : "s",
		(unsigned long long)c->threads,
		c->threads == 1 ? "" : "s", (unsigned long long)c->lost,
		(unsigned long long)c->kernel, regs, where);
}

static void record__say_more(const struct session *s)
{
	const struct capture_counts *c = &s->counts;

	fprintf(stderr, "[ perf-xregs: backend %s: %s ]\n", s->ops->name, s->why);
	fprintf(stderr, "[ perf-xregs: a period of %llu %s; components 0x%llx asked for, 0x%llx there; maps and names from %s ]\n",
		(unsigned long long)s->period, s->event->clock ? "ns" : "events",
		(unsigned long long)s->regs.xfeatures, (unsigned long long)s->xfeatures,
		s->sideband ? "the kernel's events" : "/proc");
	if (hitfilter__why_not_kernel(s))
		fprintf(stderr, "[ perf-xregs: the kernel does not filter: %s ]\n", hitfilter__why_not_kernel(s));
	if (c->expected)
		fprintf(stderr, "[ perf-xregs: the CPU time asks for %llu samples; %llu came, %llu fell in the kernel, %llu were blocked, %llu lost ]\n",
			(unsigned long long)c->expected, (unsigned long long)(c->samples + c->filtered),
			(unsigned long long)c->kernel, (unsigned long long)c->blocked,
			(unsigned long long)c->lost);
}

static int record__run(struct record *r)
{
	struct session s;
	struct err e;
	int ret, status;

	if (capture__open(&s, &r->capture, &e)) {
		capture__close(&s);
		return cmd__fail("record", &e);
	}
	if (!r->quiet)
		record__say_start(&s);
	progress__begin(&progress, r->quiet);
	r->capture.progress = record__say_progress;
	if (!r->quiet)
		r->capture.switched = record__say_switched;
	ret = capture__run(&s, &e);
	progress__clear(&progress);
	if (ret)
		status = s.failed ? XREGS_FAILED : cmd__fail("record", &e);
	else
		status = target__exit_status(&s.target);
	if (r->verbose && s.target.done)
		record__say_more(&s);
	if (!r->quiet && s.target.done)
		record__say_end(&s);
	capture__close(&s);
	return status;
}

static int record__start(struct record *r)
{
	const struct capture_options *o = &r->capture;
	struct err e;

	if (o->argv[0] || o->pids || o->tids || o->user || o->cpus || o->all_cpus)
		return record__run(r);
	err__usage(&e, "no program to record; perf xregs record [OPTIONS] -- COMMAND [ARGS]");
	return cmd__fail("record", &e);
}

int cmd_record(int argc, char **argv)
{
	struct record r = { .capture = { .regs = "vector", .output = "perf.data", .backend = "auto", .stopped = record__say_stopped } };
	struct err e;
	int ret = record__parse(&r, argc, argv, &e);

	if (ret >= 0 && r.list_events)
		ret = record__list_events();
	else if (ret >= 0 && !strcmp(r.capture.regs, "?"))
		ret = record__list_registers();
	else if (ret)
		ret = ret > 0 ? XREGS_OK : cmd__fail("record", &e);
	else
		ret = record__start(&r);
	events__free(&r.capture.events);
	return ret;
}
