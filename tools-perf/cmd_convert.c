/* SPDX-License-Identifier: GPL-2.0-only */
/* perf xregs convert: a recording in another format, or with less in it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "convert/convert.h"
#include "filter/records.h"
#include "output/regdefault.h"
#include "util/options.h"
#include "util/progress.h"

struct options {
	const char *input, *to, *regs, *type, *filter, *root, *symfs;
	bool redact, quiet, help;
};

struct command {
	struct options opt;
	struct convert c;
	const struct converter *to;
	struct perfdata_reader *reader;
	struct record_filter filter;
	struct redact redact;
	struct snapshot user, intr;
	struct progress progress;
};

static const struct converter *const converters[] = {
	&convert_perf, &convert_ndjson, &convert_csv, &convert_folded, &convert_firefox,
	&convert_pprof,
};

enum { TICK_RECORDS = 1024 };		/* between two looks at the clock */

/* ---- options ------------------------------------------------------------------------- */

enum option_id { OPT_TO = OPTION_LONG, OPT_STRIP, OPT_REDACT, OPT_FILTER, OPT_REGS, OPT_TYPE, OPT_ROOT, OPT_SYMFS };

static const struct cmd_option option_table[] = {
	{ "input",  'i',	"FILE",	  "read FILE instead of perf.data; '-' is a pipe" },
	{ "output", 'o',	"FILE",	  "write to FILE (perf: needed; else default: standard output)" },
	{ "to",	    OPT_TO,	"FORMAT", "one of those below" },
	{ "strip",  OPT_STRIP,	NULL,	  "leave out all registers and copies of the user's stack" },
	{ "redact", OPT_REDACT, NULL,	  "replace register values by keyed hashes: equality and classes stay, contents go; the key is nowhere" },
	{ "filter", OPT_FILTER, "EXPR",	  "take the samples for which EXPR is true" },
	{ "regs",   OPT_REGS,	"LIST",	  "take these registers: ymm0-3,k1,mxcsr ..." },
	{ "type",   OPT_TYPE,	"TYPE",	  "csv, ndjson: lanes of TYPE (i8 .. u64, f16, bf16, f32, f64)" },
	{ "root",   OPT_ROOT,	"FRAME",  "folded: the outermost frame: width (default), mask, none" },
	{ "symfs",  OPT_SYMFS,	"DIR",	  "look for programs and libraries below DIR" },
	{ "quiet",  'q',	NULL,	  "say nothing but errors" },
	{ "help",   'h',	NULL,	  "show this" },
};

static int option__set(void *ctx, int id, const char *arg, struct err *e)
{
	struct command *cmd = ctx;
	struct options *o = &cmd->opt;

	(void)e;
	switch (id) {
	case 'i':		o->input = arg;		return 0;
	case 'o':		cmd->c.output = arg;	return 0;
	case 'q':		o->quiet = true;	return 0;
	case 'h':		o->help = true;		return 0;
	case OPT_TO:		o->to = arg;		return 0;
	case OPT_STRIP:		cmd->c.strip = true;	return 0;
	case OPT_REDACT:	o->redact = true;	return 0;
	case OPT_FILTER:	o->filter = arg;	return 0;
	case OPT_REGS:		o->regs = arg;		return 0;
	case OPT_TYPE:		o->type = arg;		return 0;
	case OPT_ROOT:		o->root = arg;		return 0;
	case OPT_SYMFS:		o->symfs = arg;		return 0;
	}
	return -1;
}

static const struct cmd_options options = {
	.verb = "convert", .table = option_table, .nr = sizeof(option_table) / sizeof(option_table[0]), .set = option__set,
};

static void convert__help(void)
{
	size_t i;

	fputs("usage: perf xregs convert [OPTIONS] --to FORMAT\n\n", stdout);
	cmd_options__help(&options, stdout);
	fputs("\nformats:\n", stdout);
	for (i = 0; i < sizeof(converters) / sizeof(converters[0]); i++)
		printf("  %-8s %s\n", converters[i]->name, converters[i]->help);
}

static int convert__format(struct command *cmd, struct err *e)
{
	size_t i;

	if (!cmd->opt.to)
		return err__usage(e, "cannot convert: no format; --to perf, ndjson, csv or another that --help lists");
	for (i = 0; i < sizeof(converters) / sizeof(converters[0]); i++)
		if (!strcmp(converters[i]->name, cmd->opt.to)) {
			cmd->to = converters[i];
			return 0;
		}
	return err__usage(e, "cannot convert to '%s': no such format; 'perf xregs convert --help' lists them", cmd->opt.to);
}

static int convert__root_option(struct command *cmd, struct err *e)
{
	static const char *const names[] = { [ROOT_WIDTH] = "width", [ROOT_MASK] = "mask", [ROOT_NONE] = "none" };
	unsigned int i;

	if (!cmd->opt.root)
		return 0;
	for (i = 0; i <= ROOT_NONE; i++)
		if (!strcmp(names[i], cmd->opt.root)) {
			cmd->c.root = i;
			return 0;
		}
	return err__usage(e, "cannot convert with --root '%s': width, mask and none are possible", cmd->opt.root);
}

static int convert__check_options(struct command *cmd, struct err *e)
{
	const struct options *o = &cmd->opt;

	if (convert__format(cmd, e) || convert__root_option(cmd, e))
		return -1;
	if (o->redact && cmd->c.strip)
		return err__usage(e, "cannot convert with both --strip and --redact: registers are either gone or replaced; choose");
	if (!cmd->to->text && !cmd->c.output)
		return err__usage(e, "cannot convert to '%s' without a file to write; name one with -o", o->to);
	if (o->type && xstate_type__parse(o->type, strlen(o->type), &cmd->c.type))
		return err__usage(e, "--type '%s' is no type; types are i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64", o->type);
	cmd->c.typed = o->type;
	return 0;
}

/* Return: 0, 1 when all is done (help), -1 with @e. */
static int convert__parse(struct command *cmd, int argc, char **argv, struct err *e)
{
	int n = cmd_options__parse(&options, argc, argv, cmd, e);

	if (n < 0)
		return -1;
	if (cmd->opt.help) {
		convert__help();
		return 1;
	}
	if (n < argc)
		return err__usage(e, "cannot convert '%s': files are named with -i and -o", argv[n]);
	return convert__check_options(cmd, e);
}

/* ---- input and output ---------------------------------------------------------------- */

/*
 * A text takes registers one by one, perf.data's blocks only whole components:
 * the others of a component would have to be written as 0.
 */
static int convert__registers(struct command *cmd, const struct perfdata_info *info, struct err *e)
{
	struct convert *c = &cmd->c;
	const struct perfdata_attr *a;
	unsigned int nr;

	a = perfdata_reader__attrs(cmd->reader, &nr);
	if (!cmd->opt.regs) {
		regdefault__of_file(&c->regs, info, a, nr);
		return 0;
	}
	if (reglist__parse(&c->regs, cmd->opt.regs, info->has_layout ? info->layout.xfeatures : ~UINT64_C(0), e))
		return -1;
	c->limited = true;
	c->keep = cmd->to->text ? c->regs.xfeatures : reglist__components(&c->regs);
	if (c->regs.xfeatures & ~c->keep)
		return err__usage(e, "cannot convert '%s' to perf with --regs '%s': perf.data holds whole components; name classes (xmm, ymm, zmm, opmask ...) or convert to csv or ndjson",
				  cmd->opt.input, cmd->opt.regs);
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int convert__open_input(struct command *cmd, struct err *e)
{
	struct machine_options mo = { .symfs = cmd->opt.symfs };
	struct convert *c = &cmd->c;
	const struct perfdata_info *info;

	if (c->output && strcmp(c->output, "-") && same_file(cmd->opt.input, c->output))
		return err__usage(e, "cannot convert '%s' to itself; name another file with -o", cmd->opt.input);
	if (record_filter__open(&cmd->filter, cmd->opt.filter, e) ||
	    perfdata_reader__open(cmd->opt.input, &cmd->reader, e) ||
	    record_filter__formats(&cmd->filter, cmd->reader, e))
		return -1;
	info = perfdata_reader__info(cmd->reader);
	mo.reader = c->reader = cmd->reader;
	mo.info = info;
	mo.build_id = perfdata_reader__build_id;
	if (machine__new(&mo, &c->machine, e))
		return -1;
	if (info->has_layout)
		c->layout = info->layout;
	else
		xstate_layout__sizes(&c->layout);
	cmd->filter.machine = c->machine;
	cmd->filter.layout = &c->layout;
	c->filter = &cmd->filter;
	return convert__registers(cmd, info, e);
}

/* Register contents are secrets: nobody else may read the file. */
static int convert__open_output(struct command *cmd, struct err *e)
{
	const char *path = cmd->c.output;
	int fd = STDOUT_FILENO;
	struct stat st;

	if (!cmd->to->text)
		return 0;
	if (path && strcmp(path, "-")) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || fstat(fd, &st) || (S_ISREG(st.st_mode) && fchmod(fd, 0600)))
			return err__set(e, "cannot create '%s': %s", path, strerror(errno));
	}
	return obuf__open(&cmd->c.out, fd) ? err__set(e, "out of memory") : 0;
}

/* ---- the run ------------------------------------------------------------------------- */

static const struct xstate_regs *convert__view(struct command *cmd, struct snapshot *s, struct xstate_regs *r)
{
	if (cmd->c.strip)
		xstate_regs__init(r);
	if (cmd->c.limited)
		regs__limit(r, cmd->c.keep);
	if (!cmd->c.redact)
		return r;
	snapshot__take(s, r);
	redact__snapshot(&cmd->redact, s);
	return &s->regs;
}

static int convert__sample(struct command *cmd, const struct perfdata_record *rec, struct err *e)
{
	struct convert *c = &cmd->c;
	struct convert_sample x = { .s = &rec->sample };
	struct xstate_regs user, intr;
	int r;

	r = sample__regs(x.s, &c->layout, &user, &intr);
	if (!record_filter__pass(&cmd->filter, x.s, &user))
		return 0;
	x.malformed = r ? xstate_strerror(r) : NULL;
	x.comm = machine__comm(c->machine, x.s->pid, x.s->tid);
	x.loc = machine__find(c->machine, x.s->pid, x.s->ip, x.s->cpumode);
	x.as_recorded = !c->strip && !c->redact && !c->limited;
	c->counts.samples++;
	c->counts.malformed += r != 0;
	c->counts.without += !r && !user.captured && user.mxcsr_state == XSTATE_UNKNOWN;
	x.user = convert__view(cmd, &cmd->user, &user);
	x.intr = convert__view(cmd, &cmd->intr, &intr);
	return cmd->to->sample(c, &x, e);
}

static int convert__record(struct command *cmd, const struct perfdata_record *rec, struct err *e)
{
	if (rec->kind == PERFDATA_SAMPLE)
		return convert__sample(cmd, rec, e);
	return machine__record(cmd->c.machine, rec, e) ||
	       (cmd->to->record && cmd->to->record(&cmd->c, rec, e)) ? -1 : 0;
}

static void convert__say_progress(struct command *cmd)
{
	uint64_t done, size = perfdata_reader__size(cmd->reader, &done);

	progress__percent(&cmd->progress, "convert", cmd->opt.input, done, size);
}

static int convert__records(struct command *cmd, struct err *e)
{
	struct perfdata_record rec;
	uint64_t n = 0;
	int r;

	progress__begin(&cmd->progress, false);
	while ((r = perfdata_reader__next(cmd->reader, &rec, e)) > 0) {
		if (cmd->to->text && cmd->c.out.error)
			break;
		if (n++ % TICK_RECORDS == 0)
			convert__say_progress(cmd);
		if (convert__record(cmd, &rec, e)) {
			r = -1;
			break;
		}
	}
	progress__clear(&cmd->progress);
	return r < 0 ? -1 : 0;
}

static int convert__run(struct command *cmd, struct err *e)
{
	struct err late;
	int r;

	if (cmd->opt.redact) {
		if (redact__open(&cmd->redact, e))
			return -1;
		cmd->c.redact = &cmd->redact;
	}
	if (convert__open_input(cmd, e) || convert__open_output(cmd, e))
		return -1;
	r = cmd->to->open(&cmd->c, e) || convert__records(cmd, e);
	if (cmd->to->close(&cmd->c, r, r ? &late : e))
		r = -1;
	if (cmd->to->text && obuf__close(&cmd->c.out, cmd->c.output ? cmd->c.output : "the output", r ? &late : e))
		r = -1;
	return r ? -1 : 0;
}

/* ---- what is said -------------------------------------------------------------------- */

static void convert__say_losses(const struct convert_counts *n)
{
	const struct { uint64_t count; const char *text; } rows[] = {
		{ n->without, "samples carry no registers" },
		{ n->malformed, "samples have registers that could not be decoded" },
		{ n->raw_kept, "samples hold raw data of another kind, which was kept; their registers are left out" },
		{ n->partial, "samples have components of which only a part is known; those are left out" },
		{ n->stacks, "copies of the user's stack were left out: registers are spilled there; their call chains stay" },
		{ n->too_large, "samples lost their copy of the user's stack to the 64 KiB of a record" },
		{ n->other_records, "records had no place in the output" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].count)
			fprintf(stderr, "[ perf-xregs: %llu %s ]\n", (unsigned long long)rows[i].count, rows[i].text);
}

static void convert__say_sections(const struct convert_counts *n)
{
	char text[256 * 5];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < 256; i++)
		if (n->sections[i / 64] >> i % 64 & 1)
			len += snprintf(text + len, sizeof(text) - len, "%s%u", len ? ", " : "", i);
	if (len)
		fprintf(stderr, "[ perf-xregs: feature sections were left out, which are not true of a copy or not known here: %s ]\n", text);
}

static void convert__say_input(const struct command *cmd)
{
	const struct perfdata_stats *st = perfdata_reader__stats(cmd->reader);
	const char *input = cmd->opt.input;

	if (st->unfinished || st->truncated)
		fprintf(stderr, "[ perf-xregs: '%s' %s; what it has is converted ]\n", input,
			st->truncated ? "ends early" : "was never completed");
	if (st->bad_records)
		fprintf(stderr, "[ perf-xregs: %llu malformed records left out, the first at offset %llu ]\n",
			(unsigned long long)st->bad_records, (unsigned long long)st->first_bad_offset);
	if (st->aux_bytes)
		fprintf(stderr, "[ perf-xregs: %llu bytes of AUX trace data were left out ]\n", (unsigned long long)st->aux_bytes);
	if (st->unknown)
		fprintf(stderr, "[ perf-xregs: %llu records are of a type that is not known here, the first of type %u ]\n",
			(unsigned long long)st->unknown, st->unknown_type);
	if (st->deferred_chains && cmd->to != &convert_perf)
		fprintf(stderr, "[ perf-xregs: %llu call chains of user code were recorded after their samples and are left out ]\n",
			(unsigned long long)st->deferred_chains);
	if (st->lost)
		fprintf(stderr, "[ perf-xregs: %llu samples were lost at the recording ]\n", (unsigned long long)st->lost);
}

static void convert__say(const struct command *cmd)
{
	char text[512];

	convert__say_input(cmd);
	convert__say_losses(&cmd->c.counts);
	convert__say_sections(&cmd->c.counts);
	if (cmd->filter.filter) {
		if (record_filter__say(&cmd->filter, text, sizeof(text)))
			fprintf(stderr, "[ perf-xregs: %s ]\n", text);
		filter__summary(cmd->filter.filter, text, sizeof(text));
		fprintf(stderr, "[ perf-xregs: --filter: %s ]\n", text);
	}
	fprintf(stderr, "[ perf-xregs: %llu samples as %s in %s ]\n", (unsigned long long)cmd->c.counts.samples,
		cmd->to->name, cmd->c.output ? cmd->c.output : "standard output");
}

int cmd_convert(int argc, char **argv)
{
	struct command *cmd = calloc(1, sizeof(*cmd));
	struct err e = { .status = XREGS_FAILED, .msg = "out of memory" };
	int r = -1;

	/* a file size limit is then an error of write() */
	signal(SIGXFSZ, SIG_IGN);
	if (cmd) {
		cmd->opt.input = "perf.data";
		r = convert__parse(cmd, argc, argv, &e);
	}
	if (!r)
		r = convert__run(cmd, &e);
	if (r < 0)
		cmd__fail("convert", &e);
	else if (!r && !cmd->opt.quiet)
		convert__say(cmd);
	if (cmd) {
		redact__close(&cmd->redact);
		record_filter__close(&cmd->filter);
		if (cmd->c.machine)
			machine__free(cmd->c.machine);
		perfdata_reader__close(cmd->reader);
		explicit_bzero(cmd, sizeof(*cmd));
	}
	free(cmd);
	return r < 0 ? e.status : XREGS_OK;
}
