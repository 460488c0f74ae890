/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "browser/terminal.h"

#include <curses.h>
#include <term.h>			/* last: it defines macros such as columns and lines */

/* ---- signals ------------------------------------------------------------------------ */

static const int deadly[] = { SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

enum { NR_DEADLY = sizeof(deadly) / sizeof(deadly[0]), RESTORE_MAX = 256 };

static volatile sig_atomic_t interrupted;
static struct sigaction was[NR_DEADLY], was_int;
static struct termios tty;
static char restore[RESTORE_MAX];
static size_t restore_len;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/*
 * Nothing of ncurses may be called in a handler: what endwin() would send is
 * ready. The signal then does what it did before [signal-safety(7)].
 */
static void on_death(int sig)
{
	unsigned int i;
	ssize_t ret = write(STDOUT_FILENO, restore, restore_len);

	(void)ret;
	tcsetattr(STDIN_FILENO, TCSANOW, &tty);
	for (i = 0; i < NR_DEADLY; i++)
		if (deadly[i] == sig)
			sigaction(sig, &was[i], NULL);
	raise(sig);
}

/* A string of terminfo without its padding, "$<5>" [terminfo(5)]. */
static void restore__add(const char *name)
{
	const char *s = tigetstr(name);

	if (!s || s == (char *)-1)
		return;
	for (; *s && restore_len < RESTORE_MAX; s++)
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>'))
			s = strchr(s, '>');
		else
			restore[restore_len++] = *s;
}

static void restore__make(void)
{
	static const char *const strings[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };
	unsigned int i;

	restore_len = 0;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		restore__add(strings[i]);
}

void terminal__guard(void)
{
	struct sigaction death = { .sa_handler = on_death }, interrupt = { .sa_handler = on_interrupt };
	unsigned int i;

	for (i = 0; i < NR_DEADLY; i++)
		sigaction(deadly[i], &death, &was[i]);
	/* without SA_RESTART: a wait for a key ends */
	sigaction(SIGINT, &interrupt, &was_int);
}

void terminal__release(void)
{
	unsigned int i;

	for (i = 0; i < NR_DEADLY; i++)
		sigaction(deadly[i], &was[i], NULL);
	sigaction(SIGINT, &was_int, NULL);
}

bool terminal__was_interrupted(void)
{
	return interrupted;
}

bool terminal__interrupted(void)
{
	bool yes = interrupted;

	interrupted = 0;
	return yes;
}

/* ---- which terminal ------------------------------------------------------------------- */

int terminal__usable(struct err *e)
{
	const char *term = getenv("TERM"), *cup;
	bool usable;
	int ret;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err__usage(e, "--tui: standard %s is no terminal; --stdio prints text", isatty(STDIN_FILENO) ? "output" : "input");
	if (tcgetattr(STDIN_FILENO, &tty))
		return err__usage(e, "--tui: the terminal does not tell its settings: %s; --stdio prints text", strerror(errno));
	if (!term || !*term)
		return err__usage(e, "--tui: TERM is not set, so that nothing is known of the terminal; --stdio prints text");
	if (setupterm(NULL, STDOUT_FILENO, &ret) == ERR)
		return err__usage(e, "--tui: there is no description of the terminal '%.64s' (TERM); --stdio prints text", term);
	restore__make();
	cup = tigetstr("cup");
	usable = cup && cup != (char *)-1;
	del_curterm(cur_term);		/* ncurses makes its own */
	if (!usable)
		return err__usage(e, "--tui: the terminal '%.64s' (TERM) cannot move its cursor; --stdio prints text", term);
	return 0;
}
