/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output/output.h"

struct pager {
	pid_t pid;
	int terminal;			/* what standard output was before */
};

static const char *pager__command(void)
{
	const char *p = getenv("PERF_PAGER");

	if (!p)
		p = getenv("PAGER");
	if (!p)
		p = "less";
	return !*p || !strcmp(p, "cat") ? NULL : p;
}

/* Standard output ends in a pipe whose other end a shell reads for the pager. */
static int pager__spawn(struct pager *p, const char *command)
{
	int fd[2];

	if (pipe(fd))
		return -1;
	fflush(stdout);
	p->terminal = dup(STDOUT_FILENO);
	p->pid = p->terminal < 0 ? -1 : fork();
	if (!p->pid) {
		dup2(fd[0], STDIN_FILENO);
		close(fd[0]);
		close(fd[1]);
		setenv("LESS", "FRSX", 0);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(fd[0]);
	if (p->pid > 0)
		dup2(fd[1], STDOUT_FILENO);
	close(fd[1]);
	return p->pid > 0 ? 0 : -1;
}

struct pager *pager__start(void)
{
	const char *command = pager__command();
	struct pager *p;

	if (!command || !isatty(STDOUT_FILENO))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (p && pager__spawn(p, command)) {
		free(p);
		return NULL;
	}
	return p;
}

void pager__finish(struct pager *p)
{
	if (!p)
		return;
	fflush(stdout);
	dup2(p->terminal, STDOUT_FILENO);
	close(p->terminal);
	waitpid(p->pid, NULL, 0);
	free(p);
}
