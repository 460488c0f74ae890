/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backend ptrace: for programs that cannot load the agent, and for those that
 * run already. Threads stop when they have used a period of CPU time, and their
 * registers are read from the state that the kernel has saved.
 *
 * Nothing of the target's is changed: signals are passed on, group stops are
 * left to be group stops (PTRACE_LISTEN), and a thread that sleeps is left
 * asleep (ptclock.c). All tracing is done by one thread of the recorder. When
 * that ends, or the recorder dies, the kernel detaches, and the target runs on:
 * to let go of a thread by PTRACE_DETACH it would have to be stopped.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <elf.h>
#include <unistd.h>

#include "capture/procfs.h"
#include "capture/ptrace/ptrace.h"

enum {
	FLUSH_NS	= 100000000,
	REVIEW_NS	= 100000000,
	LOOK_NS		= 200000000,
	MIN_TICK_NS	= 100000,	/* a stop takes 50 us and more */
};

/* ---- stops ------------------------------------------------------------------------------ */

static void tracee__continue(struct tracee *k, int sig)
{
	k->running = true;
	ptrace(PTRACE_CONT, k->tid, 0, sig);
}

/*
 * A thread that its clock has stopped. When the kernel does that by itself, the
 * hits outside user code are left out; else they are counted by the CPU time.
 */
static int tracer__hit(struct tracer *t, struct tracee *k, bool by_signal, struct err *e)
{
	uint64_t used = t->s->period;
	enum hit hit = HIT_NONE;
	struct sample out;

	if (!by_signal) {
		used = tracee_clock__read(k) - k->sampled;
		k->sampled += used;
	}
	if (!t->s->failed)
		hit = hit__read(t, k, &out);
	tracee__continue(k, 0);
	if (hit == HIT_SYSCALL && !by_signal)
		t->s->counts.kernel += used / t->s->period;
	return hit == HIT_USER ? hit__emit(t, &out, used, e) : 0;
}

/* exec from a thread other than the first: it lives on with the first's number. */
static int tracer__exec(struct tracer *t, pid_t tid, struct err *e)
{
	unsigned long former = tid;
	struct tracee *k;

	ptrace(PTRACE_GETEVENTMSG, tid, 0, &former);
	k = tracer__find(t, tid);
	if ((pid_t)former != tid) {
		if (k)
			tracer__remove(t, k);
		k = tracer__find(t, former);
		if (k)
			tracer__rename(t, k, tid);
	}
	if (!k)
		k = tracer__add(t, tid);
	if (!k)
		return err__set(e, "out of memory");
	t->cpu += tracee_clock__exec(k, t->s->period);
	tasks__sampled(t->s->tasks, tid, capture__now(), NULL);
	return synth__process(t->s, tid, 0, capture__now(), e);
}

/* Its own first stop may have come before, and even its end. */
static int tracer__born(struct tracer *t, pid_t parent, struct err *e)
{
	unsigned long tid = 0;
	struct task_status st;
	struct tracee *k;

	if (ptrace(PTRACE_GETEVENTMSG, parent, 0, &tid) || procfs__status(tid, &st) ||
	    st.tracer != gettid())
		return 0;
	k = tracer__add(t, tid);
	if (!k)
		return err__set(e, "out of memory");
	if (k->pid != k->tid)
		return 0;
	return synth__process(t->s, k->pid, st.ppid, capture__now(), e);
}

/*
 * A stop that is none of a signal. PTRACE_EVENT_STOP with SIGTRAP is that of
 * PTRACE_INTERRUPT, of a new thread, and the end of a group stop; with another
 * signal it is the group stop, which lasts until SIGCONT.
 */
static int tracer__event(struct tracer *t, struct tracee *k, int event, int sig, struct err *e)
{
	bool interrupted = k->interrupted;
	pid_t tid = k->tid;
	int ret = 0;

	k->interrupted = false;
	if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
		ptrace(PTRACE_LISTEN, tid, 0, 0);
		return 0;
	}
	if (event == PTRACE_EVENT_STOP && interrupted)
		return tracer__hit(t, k, false, e);
	if (event == PTRACE_EVENT_EXEC)
		ret = tracer__exec(t, tid, e);
	else if (event != PTRACE_EVENT_STOP)
		ret = tracer__born(t, tid, e);
	k = tracer__find(t, tid);	/* exec makes it another */
	if (k)
		tracee__continue(k, 0);
	return ret;
}

static bool signal__stops(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* Any stop uses up a PTRACE_INTERRUPT that is pending [kernel/signal.c:
 * ptrace_stop()]: the thread is due again at the next look. */
static int tracer__signal(struct tracer *t, struct tracee *k, int sig, struct err *e)
{
	k->interrupted = false;
	if (tracee_clock__is_signal(k, sig))
		return tracer__hit(t, k, true, e);
	if (!signal__stops(sig))
		hit__restart(t, k);
	tracee__continue(k, sig);
	return 0;
}

static int tracer__ended(struct tracer *t, pid_t tid, int status, struct err *e)
{
	struct tracee *k = tracer__find(t, tid);
	struct session *s = t->s;
	pid_t pid = k ? k->pid : tid;

	if (k)
		tracer__remove(t, k);
	if (tid == s->target.pid) {
		s->target.status = status;
		s->target.done = true;
	}
	return k ? synth__exit(s, pid, tid, capture__now(), e) : 0;
}

static int tracer__stopped(struct tracer *t, pid_t tid, int status, struct err *e)
{
	struct tracee *k;

	if (WIFEXITED(status) || WIFSIGNALED(status))
		return tracer__ended(t, tid, status, e);
	if (!WIFSTOPPED(status))
		return 0;
	k = tracer__add(t, tid);
	if (!k)
		return err__set(e, "out of memory");
	k->running = false;
	if (status >> 16)
		return tracer__event(t, k, status >> 16, WSTOPSIG(status), e);
	return tracer__signal(t, k, WSTOPSIG(status), e);
}

static int tracer__wait(struct tracer *t, struct err *e)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
		if (tracer__stopped(t, tid, status, e))
			return -1;
	return 0;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void tracee__tick(struct tracee *k, void *ctx)
{
	const struct tracer *t = ctx;

	if (k->running && !k->interrupted && tracee_clock__is_due(k, t->s->period))
		k->interrupted = !ptrace(PTRACE_INTERRUPT, k->tid, 0, 0);
}

static void tracee__review(struct tracee *k, void *ctx)
{
	(void)ctx;
	tracee_clock__review(k);
}

static void tracee__count_asked(struct tracee *k, void *ctx)
{
	struct tracer *t = ctx;

	t->asked += k->kind == CLOCK_COUNTER || k->kind == CLOCK_SCHEDSTAT;
}

/* Has @ns passed since *@last? Then it is now. */
static bool time__passed(uint64_t *last, uint64_t now, uint64_t ns)
{
	if (now - *last < ns)
		return false;
	*last = now;
	return true;
}

static int tracer__flush(struct tracer *t, uint64_t now, struct err *e)
{
	if (sideband__drain(t->s, e))
		return -1;
	session__flush(t->s, now);
	return 0;
}

static int tracer__chores(struct tracer *t, struct err *e)
{
	uint64_t now = capture__now();

	if (time__passed(&t->reviewed, now, REVIEW_NS))
		tracer__each(t, tracee__review, t);
	t->asked = 0;
	tracer__each(t, tracee__count_asked, t);
	if (t->asked && !t->s->failed)
		tracer__each(t, tracee__tick, t);
	if (t->s->opt->user && time__passed(&t->looked, now, LOOK_NS) && attach__look(t, e))
		return -1;
	return time__passed(&t->flushed, now, FLUSH_NS) ? tracer__flush(t, now - 2000000, e) : 0;
}

/* Until when: the command, or all that was attached to, or a signal to the recorder. */
static void tracer__signals(struct tracer *t)
{
	struct session *s = t->s;

	if (s->opt->argv[0])
		target__signals(&s->target, false);
	else if (target__asked_to_end(&s->target))
		s->target.done = true;
	if (t->attached && !s->opt->argv[0] && !s->opt->user && !t->nr)
		s->target.done = true;
	if (t->attached && s->failed)
		s->target.done = true;
}

static struct timespec tracer__tick_length(const struct tracer *t)
{
	uint64_t tick = !t->asked ? FLUSH_NS / 2 :
			t->s->period < MIN_TICK_NS ? MIN_TICK_NS : t->s->period;

	return (struct timespec){ .tv_sec = tick / 1000000000, .tv_nsec = tick % 1000000000 };
}

static void tracee__disarm(struct tracee *k, void *ctx)
{
	(void)ctx;
	tracee_clock__disarm(k);
}

/* Take the signals away that are under way: a program may have a handler for them. */
static int tracer__settle(struct tracer *t, struct err *e)
{
	enum { ROUNDS = 3 };
	struct timespec ts;
	int i, ret = 0;

	tracer__each(t, tracee__disarm, NULL);
	for (i = 0; t->nr && i < ROUNDS; i++) {
		ts = (struct timespec){ .tv_nsec = 1000000 };
		nanosleep(&ts, NULL);
		if (tracer__wait(t, e))
			ret = -1;
	}
	return ret;
}

static int tracer__loop(struct tracer *t, struct err *e)
{
	struct pollfd fd = { .fd = t->s->target.signal_fd, .events = POLLIN };
	struct timespec ts;
	int ret = 0;

	prctl(PR_SET_TIMERSLACK, 1000);
	while (!t->s->target.done) {
		ts = tracer__tick_length(t);
		ppoll(&fd, 1, &ts, NULL);
		if (tracer__wait(t, e))
			ret = -1;
		tracer__signals(t);
		if (!ret)
			ret = tracer__chores(t, e);
		if (ret)
			t->s->failed = true;
		if (ret && t->attached)
			break;
	}
	return tracer__settle(t, e) ? -1 : ret;
}

/* ---- the tracer's thread ------------------------------------------------------------------------ */

static int tracer__seize_child(struct tracer *t, struct err *e)
{
	struct session *s = t->s;
	struct tracee *k;

	if (ptrace(PTRACE_SEIZE, s->target.pid, 0, t->options))
		return err__set(e, "cannot record '%s': ptrace is refused: %s", s->opt->argv[0], strerror(errno));
	k = tracer__add(t, s->target.pid);
	if (!k)
		return err__set(e, "out of memory");
	k->running = true;
	return 0;
}

static void *tracer__main(void *arg)
{
	struct tracer *t = arg;

	t->ret = t->attached ? attach__start(t, &t->err) : tracer__seize_child(t, &t->err);
	if (t->ret) {
		sem_post(&t->started);
		return NULL;
	}
	t->reviewed = t->looked = t->flushed = capture__now();
	sem_post(&t->started);
	t->ret = tracer__loop(t, &t->err);
	tracer__free_tracees(t);
	return NULL;
}

static int tracer__join(struct tracer *t, struct err *e)
{
	if (t->has_thread)
		pthread_join(t->thread, NULL);
	t->has_thread = false;
	if (t->ret)
		*e = t->err;
	return t->ret;
}

static int tracer__create(struct tracer *t, struct err *e)
{
	sem_init(&t->started, 0, 0);
	errno = pthread_create(&t->thread, NULL, tracer__main, t);
	if (errno)
		return err__set(e, "cannot start the tracer's thread: %s", strerror(errno));
	t->has_thread = true;
	while (sem_wait(&t->started) && errno == EINTR)
		;
	return t->ret ? tracer__join(t, e) : 0;
}

static int ptrace__start(struct session *s, struct err *e)
{
	struct tracer *t = calloc(1, sizeof(*t));

	if (!t)
		return err__set(e, "out of memory");
	s->priv = t;
	t->s = s;
	t->attached = s->opt->pids || s->opt->tids || s->opt->user;
	t->options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
	target__raise_files(&s->target);
	if (s->opt->argv[0] ? target__spawn(&s->target, s->opt->argv, NULL, 0, e) :
			      target__catch(&s->target, e))
		return -1;
	if (!t->attached)
		sideband__open(s, s->target.pid);
	return tracer__create(t, e);
}

/* What the CPU time asks for, and what of it did not come: hits in the kernel. */
static void tracer__count(struct tracer *t)
{
	struct capture_counts *c = &t->s->counts;
	uint64_t seen = c->weight / t->s->period + c->kernel;

	c->expected = t->cpu / t->s->period;
	if (c->expected > seen)
		c->kernel += c->expected - seen;
}

static int ptrace__run(struct session *s, struct err *e)
{
	struct tracer *t = s->priv;
	int ret = tracer__join(t, e);

	tracer__count(t);
	return ret ? ret : tracer__flush(t, UINT64_MAX, e);
}

static void ptrace__stop(struct session *s)
{
	struct tracer *t = s->priv;
	struct err ignored;

	if (!t)
		return;
	tracer__join(t, &ignored);
	tracer__free_tracees(t);
	idlist__free(&t->refused);
	free(t);
	s->priv = NULL;
}

/* ---- what works here ------------------------------------------------------------------------------ */

/* A child that waits to be killed. */
static pid_t probe__child(void)
{
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	return pid;
}

static void probe__end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
}

static int ptrace__probe(struct err *e)
{
	pid_t pid = probe__child();
	int code;

	if (pid < 0)
		return err__set(e, "cannot fork: %s", strerror(errno));
	code = ptrace(PTRACE_SEIZE, pid, 0, 0) ? errno : 0;
	probe__end(pid);
	if (code)
		return err__set(e, "ptrace is refused: %s; a container needs --cap-add=SYS_PTRACE, and kernel.yama.ptrace_scope must be below 3",
				strerror(code));
	return 0;
}

uint64_t probe__ptrace_xfeatures(void)
{
	uint8_t image[XSTATE_ROOM];
	struct iovec iov = { .iov_base = image, .iov_len = sizeof(image) };
	pid_t pid = probe__child();
	uint64_t mask = 0;
	int status;

	if (pid < 0)
		return 0;
	if (!ptrace(PTRACE_SEIZE, pid, 0, 0) && !ptrace(PTRACE_INTERRUPT, pid, 0, 0) &&
	    waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status) &&
	    !ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov) &&
	    iov.iov_len >= XCR0_OFFSET + sizeof(mask))
		memcpy(&mask, image + XCR0_OFFSET, sizeof(mask));
	probe__end(pid);
	return mask;
}

const struct capture_ops capture_ptrace = {
	.name = "ptrace",
	.probe = ptrace__probe,
	.start = ptrace__start,
	.run = ptrace__run,
	.stop = ptrace__stop,
};
