/* SPDX-License-Identifier: GPL-2.0-only */
/* perf xregs census: who uses which registers on the whole machine, now. */
#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bpf/census.h"
#include "bpf/census_table.h"
#include "cmd.h"
#include "util/options.h"

struct options {
	const struct output_ops *output;
	const char *color;
	double delay;			/* s */
	uint64_t count;			/* 0: until q or ^C */
	struct census_choice choice;
};

/* ---- options --------------------------------------------------------------------- */

enum { OPT_CPUS = OPTION_LONG, OPT_JSON, OPT_CSV, OPT_COLOR };

static const struct cmd_option option_table[] = {
	{ "delay",   'd',	"SECS",	   "time between two looks (1)" },
	{ "count",   'n',	"N",	   "looks (1; on a terminal: until q)" },
	{ "pid",     'p',	"LIST",	   "only these processes" },
	{ "user",    'u',	"USER",	   "only tasks of this user" },
	{ "comm",    'c',	"PATTERN", "only tasks of this name, as in 'worker*'" },
	{ "sort",    's',	"KEY",	   "width, cpu, last, switches, comm or tid (width)" },
	{ "all",     'a',	NULL,	   "list tasks with nothing wide in use as well" },
	{ "cpus",    OPT_CPUS,	NULL,	   "a second table, of CPUs" },
	{ "json",    OPT_JSON,	NULL,	   "one JSON object a line" },
	{ "csv",     OPT_CSV,	NULL,	   "comma-separated values" },
	{ "color",   OPT_COLOR,	"WHEN",	   "always, never or auto" },
	{ "help",    'h',	NULL,	   "this text" },
};

static int option__delay(struct options *o, const char *arg, struct err *e)
{
	char *end;

	o->delay = strtod(arg, &end);
	if (end == arg || *end || !(o->delay >= 0.01 && o->delay <= 86400))
		return err__usage(e, "--delay '%s': seconds, from 0.01 to 86400", arg);
	return 0;
}

static int option__count(struct options *o, const char *arg, struct err *e)
{
	char *end;

	errno = 0;
	o->count = strtoull(arg, &end, 10);
	if (errno || *arg < '0' || *arg > '9' || *end || !o->count)
		return err__usage(e, "--count '%s': a number above 0 is needed", arg);
	return 0;
}

/* A name, or a number, which need not have one. */
static int option__user(struct options *o, const char *arg, struct err *e)
{
	const struct passwd *pw = getpwnam(arg);
	char *end;

	o->choice.by_user = true;
	if (pw) {
		o->choice.uid = pw->pw_uid;
		return 0;
	}
	o->choice.uid = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end)
		return err__usage(e, "--user '%s': there is no user of this name", arg);
	return 0;
}

static int option__sort(struct options *o, const char *arg, struct err *e)
{
	char names[128];

	o->choice.sort = census_sort__find(arg);
	return o->choice.sort ? 0 :
	       err__usage(e, "--sort '%s' is not known; known are %s", arg, census_sort__names(names, sizeof(names)));
}

static int option__set(void *ctx, int id, const char *arg, struct err *e)
{
	struct options *o = ctx;

	switch (id) {
	case 'd':	return option__delay(o, arg, e);
	case 'n':	return option__count(o, arg, e);
	case 'p':	return idset__parse(&o->choice.pids, "--pid", arg, e);
	case 'u':	return option__user(o, arg, e);
	case 'c':	o->choice.comm = arg;		return 0;
	case 's':	return option__sort(o, arg, e);
	case 'a':	o->choice.all = true;		return 0;
	case OPT_CPUS:	o->choice.cpus = true;		return 0;
	case OPT_JSON:	o->output = &output_json;	return 0;
	case OPT_CSV:	o->output = &output_csv;	return 0;
	case OPT_COLOR:
		o->color = arg;
		return output__check_color(arg, e);
	case 'h':
		o->output = NULL;
		return 0;
	}
	return -1;
}

static const struct cmd_options options = {
	.verb = "census", .table = option_table, .nr = sizeof(option_table) / sizeof(option_table[0]), .set = option__set,
};

static void usage(FILE *f)
{
	fputs("usage: perf xregs census [OPTIONS]\n"
	      "Show which tasks of the whole machine use AVX-512, AMX and the upper halves of\n"
	      "vector registers, by the registers that the kernel has saved of them.\n\n", f);
	cmd_options__help(&options, f);
	fputs("\nOn a terminal the table is renewed until q; elsewhere it is printed once.\n", f);
}

static int options__parse(struct options *o, int argc, char **argv, struct err *e)
{
	int first;

	*o = (struct options){ .output = &output_text, .color = "auto", .delay = 1 };
	first = cmd_options__parse(&options, argc, argv, o, e);
	if (first < 0)
		return -1;
	if (first < argc)
		return err__usage(e, "unexpected argument '%s'; a process is named by -p", argv[first]);
	return 0;
}

/* ---- waiting -------------------------------------------------------------------------- */

/* ^C ends the census as q does: what was seen is printed. */
static int signals__open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Return: true when the user or a signal ends it. */
static bool census__wait(int signals, bool keys, double seconds)
{
	struct pollfd fd[] = { { .fd = signals, .events = POLLIN }, { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN } };
	char key;

	if (poll(fd, 2, (int)(seconds * 1000)) <= 0)
		return false;
	if (fd[0].revents)
		return true;
	return read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q';
}

/* ---- tables ---------------------------------------------------------------------------- */

static int census__write(const struct options *o, const struct census_look *l, FILE *f, unsigned int width, struct err *e)
{
	struct output out;

	output__open(&out, o->output, f, !width && output__want_color(o->color));
	if (width)
		out.width = width;
	return census__print(&out, l, &o->choice, e);
}

/* As many lines as there are; the foot is on the last ones. */
static void screen__show(char *text)
{
	char *line = text, *next;
	int y;

	erase();
	for (y = 0; *line && y < LINES - 1; y++, line = next) {
		next = line + strcspn(line, "\n");
		mvaddnstr(y, 0, line, (int)(next - line));
		next += *next == '\n';
	}
	mvaddstr(LINES - 1, 0, "q: end");
	refresh();
}

static int screen__draw(const struct options *o, const struct census_look *l, struct err *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int ret;

	if (!f)
		return err__set(e, "out of memory");
	ret = census__write(o, l, f, COLS > 40 ? COLS : 40, e);
	fclose(f);
	if (!ret)
		screen__show(text);
	free(text);
	return ret;
}

static SCREEN *screen__open(const struct options *o)
{
	SCREEN *s = NULL;

	if (o->output == &output_text && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO))
		s = newterm(NULL, stdout, stdin);
	if (s) {
		cbreak();
		noecho();
		curs_set(0);
	}
	return s;
}

static void screen__close(SCREEN *s)
{
	if (!s)
		return;
	endwin();
	delscreen(s);
}

/* The first look is what the shares of the next one are counted from. */
static int census__run(const struct options *o, struct census *c, struct census_look *l, SCREEN *screen, struct err *e)
{
	uint64_t looks = o->count ? o->count : screen ? UINT64_MAX : 1;
	int signals = signals__open(), ret = census__look(c, l, e);
	bool end = false;

	while (!ret && !end && looks-- > 0) {
		end = census__wait(signals, screen, o->delay);
		ret = census__look(c, l, e);
		if (!ret && screen)
			ret = screen__draw(o, l, e);
		else if (!ret)
			ret = census__write(o, l, stdout, 0, e);
		fflush(stdout);
	}
	close(signals);
	return ret;
}

static int census__fail(const struct err *e)
{
	fprintf(stderr, "perf-xregs census: %s\n", e->msg);
	return e->status;
}

static int census__main(const struct options *o)
{
	struct census_look look = { .nr = 0 };
	struct census *c;
	SCREEN *screen;
	struct err e;
	int ret;

	if (census__open(&c, &e))
		return census__fail(&e);
	screen = screen__open(o);
	ret = census__run(o, c, &look, screen, &e);
	screen__close(screen);
	/* what was on the screen last stays on the terminal */
	if (!ret && screen)
		ret = census__write(o, &look, stdout, 0, &e);
	census_look__free(&look);
	census__close(c);
	return ret ? census__fail(&e) : XREGS_OK;
}

int cmd_census(int argc, char **argv)
{
	struct options o;
	struct err e;
	int status;

	if (options__parse(&o, argc, argv, &e)) {
		idset__free(&o.choice.pids);
		return census__fail(&e);
	}
	if (!o.output) {
		usage(stdout);
		return XREGS_OK;
	}
	status = census__main(&o);
	idset__free(&o.choice.pids);
	return status;
}
