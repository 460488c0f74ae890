/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "util/err.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "record",	cmd_record,	"run a program and record its vector registers" },
	{ "report",	cmd_report,	"show what a recording's registers hold" },
	{ "import",	cmd_import,	"make a perf.data file of the threads of a core file" },
	{ "convert",	cmd_convert,	"write a recording in another format, or with less in it" },
	{ "check",	cmd_check,	"tell what can be captured here, and why not the rest" },
	{ "census",	cmd_census,	"show which tasks of the machine use wide registers now" },
	{ "annotate",	cmd_annotate,	"show the instructions of a function and what they read" },
	{ "script",	cmd_script,	"print samples with their registers and typed lanes" },
};

static int usage(FILE *out, int status)
{
	size_t i;

	fputs("usage: perf xregs COMMAND [OPTIONS]\n\n", out);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n'perf xregs COMMAND --help' lists the options, 'man perf-xregs' explains.\n", out);
	return status;
}

static const struct command *command__find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2)
		return usage(stderr, XREGS_USAGE);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return usage(stdout, XREGS_OK);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-v")) {
		puts("perf-xregs " XREGS_VERSION);
		return XREGS_OK;
	}
	c = command__find(argv[1]);
	if (!c) {
		fprintf(stderr, "perf-xregs: no command '%s'\n", argv[1]);
		return usage(stderr, XREGS_USAGE);
	}
	return c->run(argc - 1, argv + 1);
}
