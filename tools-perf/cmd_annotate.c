/* SPDX-License-Identifier: GPL-2.0-only */
/* perf xregs annotate: the instructions of a function, and what each reads. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "output/output.h"
#include "util/options.h"
#include "views/function.h"

struct annotate {
	struct pass_options opt;
	const char *symbol, *color;
	const struct output_ops *output;
	bool no_pager, help;
	struct pass pass;
	struct function_hists hists;
};

/* ---- options ------------------------------------------------------------------------ */

enum option_id {
	OPT_PID = OPTION_LONG, OPT_TID, OPT_FILTER, OPT_TYPE, OPT_INTR, OPT_SYMFS, OPT_NO_DEMANGLE, OPT_STDIO, OPT_JSON, OPT_CSV,
	OPT_COLOR, OPT_NO_PAGER,
};

static const struct cmd_option option_table[] = {
	{ "input",	 'i',		  "FILE", "read FILE instead of perf.data; '-' is standard input" },
	{ "comms",	 'c',		  "LIST", "only samples of these commands" },
	{ "dsos",	 'd',		  "LIST", "only in these objects" },
	{ "pid",	 OPT_PID,	  "LIST", "only samples of these processes" },
	{ "tid",	 OPT_TID,	  "LIST", "only samples of these threads" },
	{ "filter",	 OPT_FILTER,	  "EXPR", "only samples for which EXPR is true, as in 'cpu == 3'" },
	{ "type",	 OPT_TYPE,	  "TYPE", "take all vector registers that are read as lanes of f16, bf16, f32, f64" },
	{ "intr",	 OPT_INTR,	  NULL,	  "the interrupted state, where the file has it, not the user's" },
	{ "symfs",	 OPT_SYMFS,	  "DIR",  "look for the recorded files below DIR" },
	{ "no-demangle", OPT_NO_DEMANGLE, NULL,	  "SYMBOL is as it is in the file" },
	{ "stdio",	 OPT_STDIO,	  NULL,	  "text (the default)" },
	{ "json",	 OPT_JSON,	  NULL,	  "one JSON object a line" },
	{ "csv",	 OPT_CSV,	  NULL,	  "comma-separated values of the instructions" },
	{ "color",	 OPT_COLOR,	  "WHEN", "always, never or auto" },
	{ "no-pager",	 OPT_NO_PAGER,	  NULL,	  "never start a pager" },
	{ "help",	 'h',		  NULL,	  "show this" },
};

static int option__set(void *ctx, int id, const char *arg, struct err *e)
{
	struct annotate *a = ctx;

	switch (id) {
	case 'i':		a->opt.input = arg;		return 0;
	case 'c':		a->opt.comms = arg;		return 0;
	case 'd':		a->opt.dsos = arg;		return 0;
	case 'h':		a->help = true;			return 0;
	case OPT_PID:		a->opt.pids = arg;		return 0;
	case OPT_TID:		a->opt.tids = arg;		return 0;
	case OPT_FILTER:	a->opt.filter = arg;		return 0;
	case OPT_INTR:		a->opt.intr = true;		return 0;
	case OPT_SYMFS:		a->opt.symfs = arg;		return 0;
	case OPT_NO_DEMANGLE:	a->opt.no_demangle = true;	return 0;
	case OPT_NO_PAGER:	a->no_pager = true;		return 0;
	case OPT_STDIO:		a->output = &output_text;	return 0;
	case OPT_JSON:		a->output = &output_json;	return 0;
	case OPT_CSV:		a->output = &output_csv;	return 0;
	case OPT_TYPE:		return pass_options__type(&a->opt, arg, e);
	case OPT_COLOR:		a->color = arg;
				return output__check_color(arg, e);
	}
	return -1;
}

static const struct cmd_options options = {
	.verb = "annotate", .table = option_table, .nr = sizeof(option_table) / sizeof(option_table[0]), .set = option__set,
};

static void usage(FILE *f)
{
	fputs("usage: perf xregs annotate [OPTIONS] SYMBOL\n\n"
	      "Print the instructions of a function with their share of its samples and, beside\n"
	      "each, the classes of the lanes that it reads.\n\n", f);
	cmd_options__help(&options, f);
}

static int options__parse(struct annotate *a, int argc, char **argv, struct err *e)
{
	int first;

	*a = (struct annotate){ .output = &output_text, .color = "auto" };
	first = cmd_options__parse(&options, argc, argv, a, e);
	if (first < 0 || a->help)
		return first < 0 ? -1 : 0;
	if (first == argc)
		return err__usage(e, "no symbol is named; 'perf xregs report' lists those with samples");
	if (first + 1 < argc)
		return err__usage(e, "one symbol at a time; '%s' is one too many (quote names with blanks)", argv[first + 1]);
	a->symbol = argv[first];
	return 0;
}

/* ---- all of it ----------------------------------------------------------------------- */

/* The symbols with most samples, for who mistyped one. */
static int annotate__no_symbol(const struct annotate *a, struct err *e)
{
	struct hist_entry **list;
	char names[512] = "";
	size_t i, n, at = 0;

	list = hist__sorted(a->hists.reads, &n);
	for (i = 0; i < n && i < 3 && at < sizeof(names); i++)
		at += snprintf(names + at, sizeof(names) - at, "%s%.100s", i ? ", " : "", entry__symbol_name(list[i]));
	free(list);
	return err__set(e, "no sample is in '%s'; most are in: %s", a->symbol, n ? names : "nothing, the options leave all out");
}

/* A name may be that of functions in several objects: each is shown. */
static int annotate__print(struct annotate *a, struct output *o, struct err *e)
{
	struct hist_entry **list;
	size_t i, n, shown = 0;
	int ret = 0;

	list = hist__sorted(a->hists.reads, &n);
	for (i = 0; i < n && !ret; i++) {
		if (strcmp(entry__symbol_name(list[i]), a->symbol))
			continue;
		ret = function__check(a->pass.machine, list[i], e);
		if (ret)
			break;
		if (!shown++)
			pass__head(&a->pass, o);
		function__print(&a->hists, list[i], o);
	}
	free(list);
	return ret || shown ? ret : annotate__no_symbol(a, e);
}

/* What was read before an error is shown all the same. */
static int annotate__run(struct annotate *a, struct err *e)
{
	struct pager *pager;
	struct err later;
	struct output o;
	bool color;
	int ret;

	if (pass__open(&a->pass, &a->opt, e) || function_hists__add(&a->hists, &a->pass, e))
		return -1;
	ret = pass__read(&a->pass, e);
	if (!a->pass.tally.samples)
		return ret;
	color = output__want_color(a->color);
	pager = a->no_pager || a->output != &output_text ? NULL : pager__start();
	output__open(&o, a->output, stdout, color);
	ret |= annotate__print(a, &o, ret ? &later : e);
	if ((fflush(stdout) || ferror(stdout)) && !ret)
		ret = err__set(e, "cannot write: %s", strerror(errno));
	pager__finish(pager);
	return ret;
}

int cmd_annotate(int argc, char **argv)
{
	struct annotate a;
	struct err e = { 0 };
	int ret;

	setlocale(LC_CTYPE, "");
	ret = options__parse(&a, argc, argv, &e);
	if (!ret && a.help) {
		usage(stdout);
		return XREGS_OK;
	}
	if (!ret)
		ret = annotate__run(&a, &e);
	pass__free(&a.pass);
	if (!ret)
		return XREGS_OK;
	return cmd__fail("annotate", &e);
}
