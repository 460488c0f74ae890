/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/capture.h"

static const int handed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void target__mask(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (i = 0; i < sizeof(handed_on) / sizeof(handed_on[0]); i++)
		sigaddset(set, handed_on[i]);
}

/* What the recorder needs otherwise than it may have inherited it. */
static const struct { int sig; void (*action)(int); } dispositions[] = {
	{ SIGCHLD, SIG_DFL },		/* ignored, there would be no status */
	{ SIGXFSZ, SIG_IGN },		/* a file size limit is then an error of write() */
	{ SIGINT, SIG_DFL },		/* a script's shell ignores both in background jobs; */
	{ SIGQUIT, SIG_DFL },		/* signalfd() would never see them */
};

_Static_assert(sizeof(dispositions) / sizeof(dispositions[0]) == NR_DISPOSITIONS,
	       "struct target keeps what was inherited");

void target__prepare(struct target *t)
{
	size_t i;

	*t = (struct target){ .go_fd = -1, .exec_fd = -1, .signal_fd = -1 };
	for (i = 0; i < NR_DISPOSITIONS; i++)
		t->inherited[i] = signal(dispositions[i].sig, dispositions[i].action);
}

/* Each event is a file, and each process of the target has some. */
void target__raise_files(struct target *t)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur >= l.rlim_max)
		return;
	t->files = l;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

static void inherited__restore(const struct target *t)
{
	size_t i;

	if (t->files.rlim_max)
		setrlimit(RLIMIT_NOFILE, &t->files);

	for (i = 0; i < NR_DISPOSITIONS; i++)
		if (t->inherited[i] != SIG_ERR)
			signal(dispositions[i].sig, t->inherited[i]);
}

static int target__open_signals(struct target *t, sigset_t *before)
{
	sigset_t mask;

	target__mask(&mask);
	sigprocmask(SIG_BLOCK, &mask, before);
	t->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signal_fd < 0 ? -1 : 0;
}

int target__catch(struct target *t, struct err *e)
{
	if (target__open_signals(t, NULL))
		return err__set(e, "cannot record: signalfd: %s", strerror(errno));
	return 0;
}

bool target__asked_to_end(struct target *t)
{
	struct signalfd_siginfo si;
	bool asked = false;

	while (read(t->signal_fd, &si, sizeof(si)) == sizeof(si))
		asked |= si.ssi_signo != SIGCHLD;
	return asked;
}

/* In the child: wait for the word, then become the target. */
static void child__exec(int go, int report, char **argv, const char *const (*env)[2],
			unsigned int nr, const sigset_t *mask)
{
	unsigned int i;
	char c;
	int code;

	for (i = 0; i < nr; i++)
		setenv(env[i][0], env[i][1], 1);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (read(go, &c, 1) != 1)
		_exit(127);		/* the recorder gave up */
	execvp(argv[0], argv);
	code = errno;
	if (write(report, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

int target__spawn(struct target *t, char **argv, const char *const (*env)[2],
		  unsigned int nr, struct err *e)
{
	int go[2], report[2];
	sigset_t before;

	if (pipe2(go, O_CLOEXEC) || pipe2(report, O_CLOEXEC))
		return err__set(e, "cannot start '%s': no pipe: %s", argv[0], strerror(errno));
	target__open_signals(t, &before);
	t->pid = fork();
	if (!t->pid) {
		close(go[1]);
		inherited__restore(t);
		child__exec(go[0], report[1], argv, env, nr, &before);
	}
	close(go[0]);
	close(report[1]);
	t->go_fd = go[1];
	t->exec_fd = report[0];
	if (t->pid < 0 || t->signal_fd < 0)
		return err__set(e, "cannot start '%s': %s", argv[0], strerror(errno));
	return 0;
}

int target__go(struct target *t, const char *name, struct err *e)
{
	int code = 0;
	ssize_t n;

	if (write(t->go_fd, "g", 1) != 1)
		return err__set(e, "cannot start '%s': it died before it ran", name);
	close(t->go_fd);
	t->go_fd = -1;
	do {
		n = read(t->exec_fd, &code, sizeof(code));
	} while (n < 0 && errno == EINTR);
	close(t->exec_fd);
	t->exec_fd = -1;
	if (n == sizeof(code))
		return err__set(e, "cannot run '%s': %s", name, strerror(code));
	return 0;
}

static uint64_t timeval__ns(const struct timeval *tv)
{
	return tv->tv_sec * UINT64_C(1000000000) + tv->tv_usec * UINT64_C(1000);
}

static void target__reap(struct target *t)
{
	struct rusage ru;
	int status;

	/* Only the target is our child; orphans of it are init's. */
	if (wait4(t->pid, &status, WNOHANG, &ru) != t->pid)
		return;
	t->system = timeval__ns(&ru.ru_stime);
	t->cpu = timeval__ns(&ru.ru_utime) + t->system;
	t->status = status;
	t->done = true;
}

static bool target__ignores(const struct target *t, int sig)
{
	char path[64], line[256];
	unsigned long long mask = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", t->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "SigIgn: %llx", &mask) == 1)
			break;
	if (f)
		fclose(f);
	return mask >> (sig - 1) & 1;
}

/*
 * A terminal's ^C went to the whole foreground group, the target too, and it is
 * the target's to decide what comes of it. A signal that was sent to the
 * recorder alone is handed on; the third one is taken for impatience.
 */
static void target__hand_on(struct target *t, const struct signalfd_siginfo *si)
{
	int sig = si->ssi_signo;

	if (si->ssi_code == SI_KERNEL || t->done)
		return;
	/* `record ... & kill -INT $!` in a script: to the target it is ignored. */
	if (sig != SIGHUP && target__ignores(t, sig))
		sig = SIGTERM;
	kill(t->pid, ++t->signals < 3 ? sig : SIGKILL);
}

void target__signals(struct target *t, bool reap)
{
	struct signalfd_siginfo si;

	while (read(t->signal_fd, &si, sizeof(si)) == sizeof(si))
		if (si.ssi_signo != SIGCHLD)
			target__hand_on(t, &si);
	if (reap)
		target__reap(t);
}

int target__exit_status(const struct target *t)
{
	if (WIFSIGNALED(t->status))
		return 128 + WTERMSIG(t->status);
	return WEXITSTATUS(t->status);
}

void target__close(struct target *t)
{
	if (t->go_fd >= 0)
		close(t->go_fd);
	if (t->exec_fd >= 0)
		close(t->exec_fd);
	if (t->signal_fd >= 0)
		close(t->signal_fd);
	if (t->pid > 0 && !t->done)
		waitpid(t->pid, &t->status, 0);
	t->pid = 0;
}
