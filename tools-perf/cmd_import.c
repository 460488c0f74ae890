/* SPDX-License-Identifier: GPL-2.0-only */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "core/core.h"

struct import_options {
	const char *input, *output, *layout;
	bool quiet;
};

enum { OPT_LAYOUT = 256 };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "layout", required_argument, NULL, OPT_LAYOUT },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL },
};

static const char help_text[] =
"usage: perf xregs import [OPTIONS] core FILE\n"
"Make a perf.data file with one sample for each thread of an ELF core file.\n\n"
"  -o, --output FILE        write to FILE (default: perf.data)\n"
"      --layout SOURCE      where the XSAVE components lie, for cores that do not\n"
"                           say it themselves (before Linux 6.12, gdb's gcore):\n"
"                           'host' for this machine's CPUID, or a perf.data or\n"
"                           core file that was made on the core's machine\n"
"  -q, --quiet              say nothing but errors\n"
"  -h, --help               this text\n\n"
"General registers, XSAVE state, maps with build-ids and the name are taken over.\n";

static int import__option(struct import_options *o, int c, struct err *e)
{
	switch (c) {
	case 'o':
		o->output = optarg;
		return 0;
	case OPT_LAYOUT:
		o->layout = optarg;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	default:
		return err__usage(e, "try 'perf xregs import --help'");
	}
}

/* Return: 0, 1 when all is done (help), -1 with @e. */
static int import__parse(struct import_options *o, int argc, char **argv, struct err *e)
{
	int c;

	optind = 0;		/* GNU: start anew */
	while ((c = getopt_long(argc, argv, "o:qh", long_options, NULL)) >= 0) {
		if (c == 'h') {
			fputs(help_text, stdout);
			return 1;
		}
		if (import__option(o, c, e))
			return -1;
	}
	if (argc - optind != 2)
		return err__usage(e, "cannot import: a kind and a file are needed; perf xregs import core FILE");
	if (strcmp(argv[optind], "core"))
		return err__usage(e, "cannot import '%s': 'core' is the one kind there is", argv[optind]);
	o->input = argv[optind + 1];
	return 0;
}

static void import__say(const struct import_options *o, const struct core *c,
			const struct core_counts *n, const char *why)
{
	fprintf(stderr, "[ perf-xregs: %llu samples of %zu thread%s of %s %u in %s; %s ]\n",
		(unsigned long long)n->samples, c->nr_threads, c->nr_threads == 1 ? "" : "s",
		c->comm, c->pid, o->output, why);
	if (n->without)
		fprintf(stderr, "[ perf-xregs: %llu threads have no note NT_X86_XSTATE; their vector registers are unknown ]\n",
			(unsigned long long)n->without);
	if (n->untrusted)
		fprintf(stderr, "[ perf-xregs: a gdb before 14 made this core: it takes components 0x%llx from places where this machine has others; they are unknown. Let the kernel dump (ulimit -c unlimited; kill -ABRT), or gdb 14 ]\n",
			(unsigned long long)n->untrusted);
	if (c->skipped_maps)
		fprintf(stderr, "[ perf-xregs: %zu damaged entries of the note NT_FILE were left out; symbols may be missing ]\n",
			c->skipped_maps);
}

static int import__run(const struct import_options *o, struct core *c, struct err *e)
{
	struct xstate_layout layout;
	struct core_counts n;
	char why[1024];

	if (core__open(c, o->input, e) || core__layout(c, o->layout, &layout, why, sizeof(why), e))
		return -1;
	core__build_ids(c);
	if (core__import(c, &layout, why, o->output, &n, e))
		return -1;
	if (!o->quiet)
		import__say(o, c, &n, why);
	return 0;
}

int cmd_import(int argc, char **argv)
{
	struct import_options o = { .output = "perf.data" };
	struct core core = { .fd = -1 };
	struct err e;
	int ret = import__parse(&o, argc, argv, &e);

	if (ret > 0)
		return XREGS_OK;
	/* a file size limit is then an error of write() */
	signal(SIGXFSZ, SIG_IGN);
	if (!ret)
		ret = import__run(&o, &core, &e);
	core__close(&core);
	if (!ret)
		return XREGS_OK;
	return cmd__fail("import", &e);
}
