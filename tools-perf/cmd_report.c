/* SPDX-License-Identifier: GPL-2.0-only */
/* perf xregs report: one pass over a recording, then a view of it. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "browser/browser.h"
#include "cmd.h"
#include "output/output.h"
#include "util/options.h"
#include "util/progress.h"
#include "views/pass.h"

struct options {
	struct pass_options pass;
	const char *sort, *html;
	const struct view *view;	/* NULL: not given */
	const struct output_ops *output;
	double percent_limit;		/* below 0: not given */
	const char *color;
	bool stdio, tui;		/* neither: the browser where there is a terminal for it */
	bool no_pager, help;
};

struct report {
	struct options opt;
	struct pass pass;
	struct progress progress;
};

/* ---- options ------------------------------------------------------------------- */

enum option_id {
	OPT_VIEW = OPTION_LONG, OPT_LIMIT, OPT_PID, OPT_TID, OPT_FILTER, OPT_STDIO, OPT_TUI, OPT_COLOR, OPT_NO_PAGER,
	OPT_JSON, OPT_CSV, OPT_HTML, OPT_TYPE, OPT_SYMFS, OPT_NO_DEMANGLE, OPT_SHOW_VALUES, OPT_INTR,
};

static const struct cmd_option option_table[] = {
	{ "input",	   'i',		    "FILE",  "read FILE instead of perf.data; '-' is standard input" },
	{ "view",	   OPT_VIEW,	    "VIEW",  "what to show (default: summary), see below" },
	{ "sort",	   's',		    "KEYS",  "rows by symbol, dso, comm, pid, tid, cpu, srcline, addr, insn" },
	{ "call-graph",	   'g',		    NULL,    "below each row who called it, of recordings with call chains" },
	{ "percent-limit", OPT_LIMIT,	    "N",     "leave out rows below N % of the samples (default: 0.5, all in the browser, with --json, --csv)" },
	{ "comms",	   'c',		    "LIST",  "only these commands" },
	{ "dsos",	   'd',		    "LIST",  "only these objects" },
	{ "symbols",	   'S',		    "LIST",  "only these symbols" },
	{ "pid",	   OPT_PID,	    "LIST",  "only these processes" },
	{ "tid",	   OPT_TID,	    "LIST",  "only these threads" },
	{ "filter",	   OPT_FILTER,	    "EXPR",  "only samples for which EXPR is true, as in 'mxcsr & daz, any(ymm.f64) == nan'" },
	{ "intr",	   OPT_INTR,	    NULL,    "the interrupted state, where the file has it, not the user's" },
	{ "type",	   OPT_TYPE,	    "TYPE",  "take all vector registers that are read as lanes of f16, bf16, f32, f64" },
	{ "show-values",   OPT_SHOW_VALUES, NULL,    "views operands and values: show what registers hold, not only its classes" },
	{ "symfs",	   OPT_SYMFS,	    "DIR",   "look for the recorded files below DIR" },
	{ "no-demangle",   OPT_NO_DEMANGLE, NULL,    "show symbols as they are in the file" },
	{ "tui",	   OPT_TUI,	    NULL,    "browse it in the terminal (the default on one); h in it lists the keys" },
	{ "stdio",	   OPT_STDIO,	    NULL,    "text (the default where standard input or output is no terminal)" },
	{ "json",	   OPT_JSON,	    NULL,    "one JSON object a line" },
	{ "csv",	   OPT_CSV,	    NULL,    "comma-separated values of the table" },
	{ "html",	   OPT_HTML,	    "FILE",  "write a page with all views (or that of --view) to FILE" },
	{ "color",	   OPT_COLOR,	    "WHEN",  "always, never or auto" },
	{ "no-pager",	   OPT_NO_PAGER,    NULL,    "text, and never a pager" },
	{ "help",	   'h',		    NULL,    "show this" },
};

static int option__limit(struct options *o, const char *arg, struct err *e)
{
	char *end;

	errno = 0;
	o->percent_limit = strtod(arg, &end);
	if (end == arg || *end || errno || !(o->percent_limit >= 0 && o->percent_limit <= 100))
		return err__usage(e, "'--percent-limit=%s' is not a number from 0 to 100", arg);
	return 0;
}

static int option__view(struct options *o, const char *arg, struct err *e)
{
	o->view = view__find(arg);
	return o->view ? 0 : err__usage(e, "no view '%s'; 'perf xregs report --help' lists them", arg);
}

static int option__set(void *ctx, int id, const char *arg, struct err *e)
{
	struct options *o = ctx;

	switch (id) {
	case 'i':		o->pass.input = arg;		return 0;
	case 's':		o->sort = arg;		return 0;
	case 'c':		o->pass.comms = arg;		return 0;
	case 'd':		o->pass.dsos = arg;		return 0;
	case 'S':		o->pass.symbols = arg;	return 0;
	case 'g':		o->pass.callers = true;	return 0;
	case 'h':		o->help = true;		return 0;
	case OPT_PID:		o->pass.pids = arg;		return 0;
	case OPT_TID:		o->pass.tids = arg;		return 0;
	case OPT_FILTER:	o->pass.filter = arg;	return 0;
	case OPT_SYMFS:		o->pass.symfs = arg;		return 0;
	case OPT_INTR:		o->pass.intr = true;		return 0;
	case OPT_NO_DEMANGLE:	o->pass.no_demangle = true;	return 0;
	case OPT_SHOW_VALUES:	o->pass.show_values = true;	return 0;
	case OPT_NO_PAGER:	o->no_pager = true;	return 0;
	case OPT_STDIO:		o->output = &output_text; o->stdio = true; return 0;
	case OPT_TUI:		o->tui = true;		return 0;
	case OPT_JSON:		o->output = &output_json; return 0;
	case OPT_CSV:		o->output = &output_csv; return 0;
	case OPT_HTML:		o->html = arg;		return 0;
	case OPT_VIEW:		return option__view(o, arg, e);
	case OPT_LIMIT:		return option__limit(o, arg, e);
	case OPT_TYPE:		return pass_options__type(&o->pass, arg, e);
	case OPT_COLOR:
		o->color = arg;
		return output__check_color(arg, e);
	}
	return -1;
}

static const struct cmd_options options = {
	.verb = "report", .table = option_table, .nr = sizeof(option_table) / sizeof(option_table[0]), .set = option__set,
};

static void usage(FILE *f)
{
	const struct view *v;
	unsigned int i;

	fputs("usage: perf xregs report [OPTIONS]\n\n", f);
	cmd_options__help(&options, f);
	fputs("\nviews:\n", f);
	for (i = 0; (v = view__list(i)); i++)
		fprintf(f, "  %-8s %s\n", v->name, v->help);
}

/* Every filter reads the recording once more: it has to be a file. */
static int options__check_again(const struct options *o, struct err *e)
{
	const char *input = o->pass.input ? o->pass.input : "perf.data";
	struct stat st;

	if (!strcmp(input, "-") || (!stat(input, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return err__usage(e, "--tui: '%s' cannot be read a second time, as every filter does; --stdio prints text", input);
	return browser__usable(e);
}

/* On a terminal it is the browser, unless other output is asked for, or that there be no pager: for that is text. */
static int options__choose(struct options *o, struct err *e)
{
	struct err unused;

	if (o->tui && (o->stdio || o->html || o->output != &output_text))
		return err__usage(e, "--tui and --%s at once; run it twice", o->html ? "html" : o->stdio ? "stdio" : o->output->name);
	if (o->tui)
		return options__check_again(o, e);
	o->tui = !o->stdio && !o->no_pager && !o->html && o->output == &output_text && !options__check_again(o, &unused);
	return 0;
}

static int options__parse(struct options *o, int argc, char **argv, struct err *e)
{
	int first;

	*o = (struct options){ .output = &output_text, .percent_limit = -1, .color = "auto" };
	first = cmd_options__parse(&options, argc, argv, o, e);
	if (first < 0 || o->help)
		return first < 0 ? -1 : 0;
	if (first < argc)
		return err__usage(e, "unexpected argument '%s'; a file is named by -i", argv[first]);
	if (o->html && o->output != &output_text)
		return err__usage(e, "--html and --%s at once; run it twice", o->output->name);
	if (options__choose(o, e))
		return -1;
	if (o->html)
		o->output = &output_html;
	else if (!o->view)
		o->view = &view_summary;
	if (o->percent_limit < 0)
		o->percent_limit = !o->tui && (o->output == &output_text || o->html) ? 0.5 : 0;
	return 0;
}

/* ---- views and output ----------------------------------------------------------- */

/* A page has all views that the recording can fill. */
static bool report__wants(const struct report *r, const struct view *v)
{
	return r->opt.view ? r->opt.view == v : !v->inclusive || pass__has_chains(&r->pass);
}

static int report__add_views(struct report *r, struct err *e)
{
	const struct view *v;
	unsigned int i;

	for (i = 0; (v = view__list(i)); i++)
		if (report__wants(r, v) && pass__add_view(&r->pass, v, r->opt.sort, e))
			return -1;
	return r->opt.view == &view_summary && !r->opt.sort ? pass__add_findings(&r->pass, e) : 0;
}

/* Findings are by symbol and object, whatever the rows are by. */
static void report__findings(struct report *r, struct output *o)
{
	struct findings f;

	if (!pass__hist(&r->pass, &view_summary) || r->opt.sort)
		return;
	findings__make(&f, &r->pass);
	o->ops->findings(o, f.list, f.nr);
	findings__free(&f);
}

static void report__print(struct report *r, bool color)
{
	const struct hist_print print = { .percent_limit = r->opt.percent_limit };
	struct output o;

	output__open(&o, r->opt.output, stdout, color);
	pass__head(&r->pass, &o);
	hist__print(&r->pass.hist[0], &print, &o);
	report__findings(r, &o);
	pass__note_chains(&r->pass, &r->pass.hist[0], &o);
	foot__print(r->pass.machine, &r->pass.tally, &o);
}

/* ---- the page ------------------------------------------------------------------------ */

/* As the recording: for nobody else. What is no file, such as a pipe, stays what it is. */
static FILE *page__open(const struct report *r, struct err *e)
{
	const char *path = r->opt.html, *input = r->opt.pass.input ? r->opt.pass.input : "perf.data";
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	struct stat st, in;
	FILE *f;

	if (fd < 0 || fstat(fd, &st)) {
		err__set(e, "cannot write '%s': %s", path, strerror(errno));
		return NULL;
	}
	if (!stat(input, &in) && in.st_dev == st.st_dev && in.st_ino == st.st_ino) {
		close(fd);
		err__set(e, "'%s' is the recording itself; name another file for the page", path);
		return NULL;
	}
	f = !S_ISREG(st.st_mode) || (!fchmod(fd, 0600) && !ftruncate(fd, 0)) ? fdopen(fd, "w") : NULL;
	if (!f) {
		err__set(e, "cannot write '%s': %s", path, strerror(errno));
		close(fd);
	}
	return f;
}

static void report__page(struct report *r, struct output *o)
{
	const struct hist_print print = { .percent_limit = r->opt.percent_limit };
	const struct hist *dirty;
	unsigned int i;

	pass__head(&r->pass, o);
	report__findings(r, o);
	for (i = 0; i < r->pass.nr_hists; i++)
		if (!r->opt.view || r->pass.hist[i].view == r->opt.view)
			hist__print(&r->pass.hist[i], &print, o);
	dirty = pass__hist(&r->pass, &view_dirty);
	pass__note_chains(&r->pass, dirty ? dirty : &r->pass.hist[0], o);
	foot__print(r->pass.machine, &r->pass.tally, o);
}

static int report__html(struct report *r, struct err *e)
{
	const char *input = r->opt.pass.input ? r->opt.pass.input : "perf.data", *slash = strrchr(input, '/');
	const char *what;
	char title[512], text[200];
	struct output o;
	FILE *f = page__open(r, e);
	bool bad;

	if (!f)
		return -1;
	what = perfdata_info__recorded(perfdata_reader__info(r->pass.reader), text, sizeof(text));
	snprintf(title, sizeof(title), "perf xregs report: %.200s%s%s", slash ? slash + 1 : input, what ? ": " : "", what ? what : "");
	output__open(&o, &output_html, f, false);
	if (html__begin(&o, title)) {
		fclose(f);
		return err__set(e, "cannot begin a page: %s", strerror(errno));
	}
	report__page(r, &o);
	html__end(&o);
	bad = fflush(f) || ferror(f);
	if (fclose(f) || bad)
		return err__set(e, "cannot write '%s': %s", r->opt.html, strerror(errno));
	return 0;
}

/* ---- all of it --------------------------------------------------------------------- */

static int report__screen(struct report *r, struct err *e)
{
	bool color = output__want_color(r->opt.color);	/* of the terminal, also behind a pager */
	struct pager *pager = r->opt.no_pager || r->opt.output != &output_text ? NULL : pager__start();
	int ret = 0;

	report__print(r, color);
	if (fflush(stdout) || ferror(stdout))
		ret = err__set(e, "cannot write: %s", strerror(errno));
	pager__finish(pager);
	return ret;
}

static int report__browse(struct report *r, struct err *e)
{
	const struct browser_options o = {
		.pass = &r->opt.pass, .sort = r->opt.sort, .view = r->opt.view, .percent_limit = r->opt.percent_limit,
		.color = output__want_color(r->opt.color),
	};

	return browser__run(&o, e);
}

static int report__tick(void *ctx, uint64_t done, uint64_t size)
{
	struct report *r = ctx;

	progress__percent(&r->progress, "report", r->opt.pass.input ? r->opt.pass.input : "perf.data", done, size);
	return 0;
}

/* What was read before an error is shown all the same. */
static int report__run(struct report *r, struct err *e)
{
	struct err later;
	int ret;

	if (r->opt.tui)
		return report__browse(r, e);
	if (pass__open(&r->pass, &r->opt.pass, e) || report__add_views(r, e))
		return -1;
	progress__begin(&r->progress, false);
	r->pass.tick = report__tick;
	r->pass.tick_ctx = r;
	ret = pass__read(&r->pass, e);
	progress__clear(&r->progress);
	if (!r->pass.tally.samples)
		return ret;
	if (r->opt.html)
		return report__html(r, ret ? &later : e) ? -1 : ret;
	return report__screen(r, ret ? &later : e) ? -1 : ret;
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
	pass__free(&r.pass);
	if (!ret)
		return XREGS_OK;
	return cmd__fail("report", &e);
}
