/* SPDX-License-Identifier: GPL-2.0-only */
/* What the file says of what was recorded: the command line, as perf record keeps it, and the target. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "capture/procfs.h"

enum { TASKS_NAMED = 8 };

static bool info__add_arg(char **args, size_t *n, const char *arg)
{
	args[*n] = strdup(arg);
	return args[(*n)++];
}

/* "perf-xregs record OPTIONS -- COMMAND", with "--" whether or not it was given. */
int recorded__cmdline(struct perfdata_info *info, const struct capture_options *o)
{
	size_t n = 0, i, command = 0;

	while (o->argv[command])
		command++;
	info->cmdline = calloc(o->nr_line + command + 3, sizeof(char *));
	if (!info->cmdline || !info__add_arg(info->cmdline, &n, "perf-xregs"))
		return -1;
	for (i = 0; i < o->nr_line; i++)
		if (!info__add_arg(info->cmdline, &n, o->line[i]))
			return -1;
	if (command && !info__add_arg(info->cmdline, &n, "--"))
		return -1;
	for (i = 0; i < command; i++)
		if (!info__add_arg(info->cmdline, &n, o->argv[i]))
			return -1;
	return 0;
}

/* "processes 17 (sh), 18 (cat)"; of many the first ones. */
static void recorded__tasks(const char *one, const char *several, const char *list, char *buf, size_t size)
{
	size_t n = snprintf(buf, size, "%s ", strchr(list, ',') ? several : one), named = 0, rest = 0;
	char comm[64];
	char *end;
	pid_t id;

	for (; *list; list = *end ? end + 1 : end) {
		id = strtol(list, &end, 10);
		if (end == list)
			break;
		if (named == TASKS_NAMED || n >= size)
			rest++;
		else
			n += snprintf(buf + n, size - n, "%s%d (%s)", named++ ? ", " : "", id, procfs__comm(id, comm, sizeof(comm)));
	}
	if (rest && n < size)
		snprintf(buf + n, size - n, " and %zu more", rest);
}

bool recorded__target(const struct capture_options *o, char *buf, size_t size)
{
	if (o->user)
		snprintf(buf, size, "all processes of user %s", o->user);
	else if (o->pids)
		recorded__tasks("process", "processes", o->pids, buf, size);
	else if (o->tids)
		recorded__tasks("thread", "threads", o->tids, buf, size);
	else if (o->cpus)
		snprintf(buf, size, "%s %s", strpbrk(o->cpus, ",-") ? "CPUs" : "CPU", o->cpus);
	else if (o->all_cpus)
		snprintf(buf, size, "all CPUs");
	else
		return false;
	return true;
}
