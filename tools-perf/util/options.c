/* SPDX-License-Identifier: GPL-2.0-only */
#include <getopt.h>
#include <string.h>

#include "util/options.h"

enum { MAX_OPTIONS = 48 };

static int options__bad(const struct cmd_options *o, int id, char **argv, struct err *e)
{
	const char letter[] = { '-', optopt, '\0' }, *word = argv[optind - 1];

	if (id == ':')
		return err__usage(e, "option '%s' needs an argument; 'perf xregs %s --help' lists the options", word, o->verb);
	/* of letters in one word it is optopt that is unknown */
	if (optopt && optopt < OPTION_LONG && strncmp(word, "--", 2))
		word = letter;
	return err__usage(e, "unknown option '%s'; 'perf xregs %s --help' lists them", word, o->verb);
}

/* What getopt_long() takes; a leading ':' tells missing arguments apart. */
static void options__tables(const struct cmd_options *o, struct option *table, char *letters)
{
	unsigned int i;

	*letters++ = ':';
	for (i = 0; i < o->nr && i < MAX_OPTIONS; i++) {
		table[i] = (struct option){ o->table[i].name, o->table[i].arg ? required_argument : no_argument, NULL, o->table[i].id };
		if (o->table[i].id >= OPTION_LONG)
			continue;
		*letters++ = o->table[i].id;
		if (o->table[i].arg)
			*letters++ = ':';
	}
	*letters = '\0';
}

int cmd_options__parse(const struct cmd_options *o, int argc, char **argv, void *ctx, struct err *e)
{
	struct option table[MAX_OPTIONS + 1] = { { 0 } };
	char letters[2 * MAX_OPTIONS + 2];
	int id;

	options__tables(o, table, letters);
	optind = 1;
	opterr = 0;
	while ((id = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		if (id == ':' || id == '?')
			return options__bad(o, id, argv, e);
		if (o->set(ctx, id, optarg, e))
			return -1;
	}
	return optind;
}

void cmd_options__help(const struct cmd_options *o, FILE *f)
{
	char left[40];
	unsigned int i;

	for (i = 0; i < o->nr; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", o->table[i].name, o->table[i].arg ? "=" : "", o->table[i].arg ? o->table[i].arg : "");
		if (o->table[i].id < OPTION_LONG)
			fprintf(f, "  -%c, %-20s %s\n", o->table[i].id, left, o->table[i].help);
		else
			fprintf(f, "      %-20s %s\n", left, o->table[i].help);
	}
}
