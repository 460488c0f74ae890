/* SPDX-License-Identifier: GPL-2.0-only */
/* perf xregs report: one pass over a recording, then a view of it. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "filter/records.h"
#include "machine/machine.h"
#include "output/output.h"
#include "perfdata/perfdata.h"
#include "views/head.h"
#include "views/view.h"

struct options {
	const char *input, *sort, *comms, *dsos, *symbols, *pids, *tids, *symfs, *filter;
	const struct view *view;
	const struct output_ops *output;
	double percent_limit;		/* below 0: not given */
	struct facts_options facts;
	const char *type, *color;
	bool no_pager, no_demangle, help;
};

enum { MAX_HISTS = 2, OPT_LONG = 256 };

struct report {
	struct options opt;
	struct perfdata_reader *reader;
	struct machine *machine;
	struct record_filter filter;
	struct hist hist[MAX_HISTS];	/* the view's own, and threads for findings */
	unsigned int nr_hists;
	struct tally tally;
	uint64_t requested, first_time;
	bool by_period;
};

/* ---- options ------------------------------------------------------------------- */

enum option_id {
	OPT_VIEW = OPT_LONG, OPT_LIMIT, OPT_PID, OPT_TID, OPT_FILTER, OPT_STDIO, OPT_COLOR, OPT_NO_PAGER,
	OPT_JSON, OPT_CSV, OPT_TYPE, OPT_SYMFS, OPT_NO_DEMANGLE,
};

/* One table for getopt and for --help. */
static const struct {
	const char *name;
	int id;
	const char *arg, *help;
} option_table[] = {
	{ "input",	   'i',		    "FILE",  "read FILE instead of perf.data; '-' is standard input" },
	{ "view",	   OPT_VIEW,	    "VIEW",  "what to show (default: summary), see below" },
	{ "sort",	   's',		    "KEYS",  "rows by symbol, dso, comm, pid, tid, cpu, srcline, addr, insn" },
	{ "percent-limit", OPT_LIMIT,	    "N",     "leave out rows below N % of the samples (default: 0.5, all with --json, --csv)" },
	{ "comms",	   'c',		    "LIST",  "only these commands" },
	{ "dsos",	   'd',		    "LIST",  "only these objects" },
	{ "symbols",	   'S',		    "LIST",  "only these symbols" },
	{ "pid",	   OPT_PID,	    "LIST",  "only these processes" },
	{ "tid",	   OPT_TID,	    "LIST",  "only these threads" },
	{ "filter",	   OPT_FILTER,	    "EXPR",  "only samples for which EXPR is true, as in 'mxcsr & daz, any(ymm.f64) == nan'" },
	{ "type",	   OPT_TYPE,	    "TYPE",  "take all vector registers that are read as lanes of f16, bf16, f32, f64" },
	{ "symfs",	   OPT_SYMFS,	    "DIR",   "look for the recorded files below DIR" },
	{ "no-demangle",   OPT_NO_DEMANGLE, NULL,    "show symbols as they are in the file" },
	{ "stdio",	   OPT_STDIO,	    NULL,    "text (the default)" },
	{ "json",	   OPT_JSON,	    NULL,    "one JSON object a line" },
	{ "csv",	   OPT_CSV,	    NULL,    "comma-separated values of the table" },
	{ "color",	   OPT_COLOR,	    "WHEN",  "always, never or auto" },
	{ "no-pager",	   OPT_NO_PAGER,    NULL,    "never start a pager" },
	{ "help",	   'h',		    NULL,    "show this" },
};

enum { NR_OPTIONS = sizeof(option_table) / sizeof(option_table[0]) };

static void usage(FILE *f)
{
	const struct view *v;
	char left[40];
	unsigned int i;

	fputs("usage: perf xregs report [OPTIONS]\n\n", f);
	for (i = 0; i < NR_OPTIONS; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", option_table[i].name, option_table[i].arg ? "=" : "",
			 option_table[i].arg ? option_table[i].arg : "");
		if (option_table[i].id < OPT_LONG)
			fprintf(f, "  -%c, %-20s %s\n", option_table[i].id, left, option_table[i].help);
		else
			fprintf(f, "      %-20s %s\n", left, option_table[i].help);
	}
	fputs("\nviews:\n", f);
	for (i = 0; (v = view__list(i)); i++)
		fprintf(f, "  %-8s %s\n", v->name, v->help);
}

static int option__limit(struct options *o, const char *arg, struct err *e)
{
	char *end;

	errno = 0;
	o->percent_limit = strtod(arg, &end);
	if (end == arg || *end || errno || !(o->percent_limit >= 0 && o->percent_limit <= 100))
		return err__usage(e, "report: '--percent-limit=%s' is not a number from 0 to 100", arg);
	return 0;
}

static int option__view(struct options *o, const char *arg, struct err *e)
{
	o->view = view__find(arg);
	return o->view ? 0 : err__usage(e, "report: no view '%s'; 'perf xregs report --help' lists them", arg);
}

static int option__type(struct options *o, const char *arg, struct err *e)
{
	if (xstate_type__parse(arg, strlen(arg), &o->facts.type) || !xstate_type__is_fp(o->facts.type))
		return err__usage(e, "report: '--type=%s' is not a floating point lane type; there are: f16 bf16 f32 f64", arg);
	o->facts.type_given = true;
	o->type = arg;
	return 0;
}

static int option__color(struct options *o, const char *arg, struct err *e)
{
	if (strcmp(arg, "always") && strcmp(arg, "never") && strcmp(arg, "auto"))
		return err__usage(e, "report: '--color=%s': WHEN is always, never or auto", arg);
	o->color = arg;
	return 0;
}

static int option__set(struct options *o, int id, const char *arg, struct err *e)
{
	switch (id) {
	case 'i':		o->input = arg;		return 0;
	case 's':		o->sort = arg;		return 0;
	case 'c':		o->comms = arg;		return 0;
	case 'd':		o->dsos = arg;		return 0;
	case 'S':		o->symbols = arg;	return 0;
	case 'h':		o->help = true;		return 0;
	case OPT_PID:		o->pids = arg;		return 0;
	case OPT_TID:		o->tids = arg;		return 0;
	case OPT_FILTER:	o->filter = arg;	return 0;
	case OPT_SYMFS:		o->symfs = arg;		return 0;
	case OPT_NO_DEMANGLE:	o->no_demangle = true;	return 0;
	case OPT_NO_PAGER:	o->no_pager = true;	return 0;
	case OPT_STDIO:		o->output = &output_text; return 0;
	case OPT_JSON:		o->output = &output_json; return 0;
	case OPT_CSV:		o->output = &output_csv; return 0;
	case OPT_VIEW:		return option__view(o, arg, e);
	case OPT_LIMIT:		return option__limit(o, arg, e);
	case OPT_TYPE:		return option__type(o, arg, e);
	case OPT_COLOR:		return option__color(o, arg, e);
	}
	return -1;
}

static int options__bad(int id, char **argv, struct err *e)
{
	const char letter[] = { '-', optopt, '\0' }, *word = argv[optind - 1];

	if (id == ':')
		return err__usage(e, "report: option '%s' needs an argument; 'perf xregs report --help' lists the options", word);
	/* of letters in one word it is optopt that is unknown */
	if (optopt && optopt < OPT_LONG && strncmp(word, "--", 2))
		word = letter;
	return err__usage(e, "report: unknown option '%s'; 'perf xregs report --help' lists them", word);
}

static int options__parse(struct options *o, int argc, char **argv, struct err *e)
{
	struct option table[NR_OPTIONS + 1] = { { 0 } };
	int id, i;

	*o = (struct options){ .view = &view_summary, .output = &output_text, .percent_limit = -1, .color = "auto" };
	for (i = 0; i < NR_OPTIONS; i++)
		table[i] = (struct option){ option_table[i].name, option_table[i].arg ? required_argument : no_argument, NULL,
					    option_table[i].id };
	optind = 1;
	opterr = 0;
	while ((id = getopt_long(argc, argv, ":i:s:c:d:S:h", table, NULL)) != -1) {
		if (id == ':' || id == '?')
			return options__bad(id, argv, e);
		if (option__set(o, id, optarg, e))
			return -1;
	}
	if (optind < argc)
		return err__usage(e, "report: unexpected argument '%s'; a file is named by -i", argv[optind]);
	if (o->percent_limit < 0)
		o->percent_limit = o->output == &output_text ? 0.5 : 0;
	return 0;
}

/* ---- the pass -------------------------------------------------------------------- */

/* A C++ name may hold commas: the whole list may be one name. */
static bool list__has(const char *list, const char *name)
{
	size_t len, n = strlen(name);

	if (!strcmp(list, name))
		return true;
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		if (len == n && !strncmp(list, name, n))
			return true;
		if (!list[len])
			return false;
	}
}

static bool list__has_number(const char *list, uint32_t v)
{
	char number[16];

	snprintf(number, sizeof(number), "%" PRIu32, v);
	return list__has(list, number);
}

static bool options__want(const struct options *o, const struct facts *f)
{
	const struct dso *d = f->loc->sym->dso;

	return (!o->comms || list__has(o->comms, f->comm)) &&
	       (!o->dsos || list__has(o->dsos, d->name) || list__has(o->dsos, d->path)) &&
	       (!o->symbols || list__has(o->symbols, f->loc->sym->name)) &&
	       (!o->pids || list__has_number(o->pids, f->s->pid)) &&
	       (!o->tids || list__has_number(o->tids, f->s->tid));
}

/* The first address behind the sample's own, markers of contexts left aside. */
static const struct symbol *report__caller(struct report *r, const struct sample *s)
{
	uint64_t i, ip;
	unsigned int n = 0;

	for (i = 0; i < s->nr_callchain; i++) {
		memcpy(&ip, s->callchain + i * sizeof(ip), sizeof(ip));
		if (ip >= (uint64_t)PERF_CONTEXT_MAX)
			continue;
		/* a return address is behind the call that it belongs to */
		if (n++)
			return machine__caller(r->machine, s->pid, ip - 1, s->cpumode)->sym;
	}
	return NULL;
}

static void report__regs(struct report *r, const struct perfdata_record *rec, struct xstate_regs *regs)
{
	const struct perfdata_info *info = perfdata_reader__info(r->reader);
	int ret = sample__regs(&rec->sample, info->has_layout ? &info->layout : NULL, regs, NULL);

	if (ret && !r->tally.malformed++) {
		r->tally.first_malformed = ret;
		r->tally.first_malformed_offset = rec->offset;
	}
	tally__add(&r->tally, &rec->sample, regs, r->requested);
}

static void report__sample(struct report *r, const struct perfdata_record *rec)
{
	const struct sample *s = &rec->sample;
	struct xstate_regs regs;
	struct facts f = { .s = s, .weight = 1 };
	unsigned int i;

	report__regs(r, rec, &regs);
	if (!r->first_time)
		r->first_time = s->time;
	f.loc = machine__find(r->machine, s->pid, s->ip, s->cpumode);
	f.insn = machine__insn(r->machine, f.loc);
	f.nr_reads = machine__reads(r->machine, f.loc, &f.reads);
	f.comm = machine__comm(r->machine, s->pid, s->tid);
	f.seconds = s->time > r->first_time ? (s->time - r->first_time) / 1e9 : 0;
	if (r->by_period && s->period)
		f.weight = s->period;
	if (s->nr_callchain)
		f.caller = report__caller(r, s);
	facts__regs(&f, &regs, &r->opt.facts);
	if (s->cpumode == PERF_RECORD_MISC_USER) {
		r->tally.insn_known += f.insn->known;
		r->tally.reads_fp += f.nr_fp || f.fp_unknown;
	}
	if (!options__want(&r->opt, &f) || !record_filter__pass(&r->filter, s, &regs)) {
		r->tally.filtered++;
		for (i = 0; i < r->nr_hists; i++)
			hist__skip(&r->hist[i], &f);
		return;
	}
	for (i = 0; i < r->nr_hists; i++)
		hist__add(&r->hist[i], &f);
}

static int report__read(struct report *r, struct err *e)
{
	struct perfdata_record rec;
	int ret;

	while ((ret = perfdata_reader__next(r->reader, &rec, e)) > 0) {
		if (rec.kind == PERFDATA_SAMPLE)
			report__sample(r, &rec);
		else if (machine__record(r->machine, &rec, e))
			return -1;
	}
	return ret;
}

/* ---- set up and print ---------------------------------------------------------------- */

static int report__open(struct report *r, struct err *e)
{
	const char *path = r->opt.input ? r->opt.input : "perf.data";
	struct machine_options mo = { .symfs = r->opt.symfs, .no_demangle = r->opt.no_demangle,
				      .build_id = perfdata_reader__build_id };
	unsigned int nr;

	if (record_filter__open(&r->filter, r->opt.filter, e) ||
	    perfdata_reader__open(path, &r->reader, e))
		return -1;
	mo.info = perfdata_reader__info(r->reader);
	mo.reader = r->reader;
	if (machine__new(&mo, &r->machine, e))
		return -1;
	r->filter.machine = r->machine;
	perfdata_reader__attrs(r->reader, &nr);
	/* periods of different events are not of one unit */
	r->by_period = nr <= 1;
	r->requested = info__requested(mo.info);
	r->opt.facts.want_nonzero = r->opt.view == &view_width;
	r->nr_hists = 1;
	if (hist__init(&r->hist[0], r->opt.view, r->machine, r->opt.sort, e))
		return -1;
	if (r->opt.view != &view_summary)
		return 0;
	r->nr_hists = 2;
	return hist__init(&r->hist[1], &view_mxcsr, r->machine, NULL, e);
}

/* Findings are by symbol and object, whatever the rows are by. */
static void report__findings(struct report *r, struct output *o)
{
	struct findings f;

	if (r->opt.view != &view_summary || r->opt.sort)
		return;
	findings__make(&f, &r->hist[0], &r->hist[1], r->opt.input, !r->tally.filtered);
	o->ops->findings(o, f.list, f.nr);
	findings__free(&f);
}

static bool options__color(const struct options *o)
{
	const char *no = getenv("NO_COLOR");

	if (strcmp(o->color, "auto"))
		return !strcmp(o->color, "always");
	return isatty(STDOUT_FILENO) && (!no || !*no);
}

static bool attrs__have_chains(const struct perfdata_attr *a, unsigned int nr)
{
	while (nr-- > 0)
		if (a[nr].attr.sample_type & PERF_SAMPLE_CALLCHAIN)
			return true;
	return false;
}

static void report__print(struct report *r, bool color)
{
	struct head head = { .info = perfdata_reader__info(r->reader), .stats = perfdata_reader__stats(r->reader),
			     .tally = &r->tally, .type = r->opt.type, .filter = r->filter.filter };
	const struct hist_print print = { .percent_limit = r->opt.percent_limit };
	struct output o;

	output__open(&o, r->opt.output, stdout, color);
	head.attrs = perfdata_reader__attrs(r->reader, &head.nr_attrs);
	head__print(&head, &o);
	hist__print(&r->hist[0], &print, &o);
	report__findings(r, &o);
	if (r->opt.view == &view_dirty && !attrs__have_chains(head.attrs, head.nr_attrs))
		o.ops->note(&o, "callers are not known: perf xregs record -g takes call chains");
	foot__print(r->machine, &r->tally, &o);
}

static void report__free(struct report *r)
{
	unsigned int i;

	for (i = 0; i < r->nr_hists; i++)
		hist__free(&r->hist[i]);
	record_filter__close(&r->filter);
	machine__free(r->machine);
	if (r->reader)
		perfdata_reader__close(r->reader);
}

/* What was read before an error is shown all the same. */
static int report__run(struct report *r, struct err *e)
{
	const char *path = r->opt.input ? r->opt.input : "perf.data";
	struct pager *pager;
	bool color;
	int ret;

	if (report__open(r, e))
		return -1;
	ret = report__read(r, e);
	if (!ret && (r->hist[0].no_memory || r->hist[1].no_memory))
		ret = err__set(e, "report: out of memory: rows are missing; narrow it with --comms, --dsos or --symbols");
	if (!ret && !r->tally.samples)
		ret = err__set(e, "report: '%s' holds no samples; did the program run long enough? perf xregs record -F sets the rate", path);
	if (!r->tally.samples)
		return ret;
	color = options__color(&r->opt);	/* of the terminal, also behind a pager */
	pager = r->opt.no_pager || r->opt.output != &output_text ? NULL : pager__start();
	report__print(r, color);
	if ((fflush(stdout) || ferror(stdout)) && !ret)
		ret = err__set(e, "report: cannot write: %s", strerror(errno));
	pager__finish(pager);
	return ret;
}

int cmd_report(int argc, char **argv)
{
	struct report r = { 0 };
	struct err e = { 0 };
	int ret;

	setlocale(LC_CTYPE, "");
	ret = options__parse(&r.opt, argc, argv, &e);
	if (!ret && r.opt.help) {
		usage(stdout);
		return XREGS_OK;
	}
	if (!ret)
		ret = report__run(&r, &e);
	report__free(&r);
	if (!ret)
		return XREGS_OK;
	fprintf(stderr, "perf-xregs: %s\n", e.msg);
	return e.status;
}
