/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backend ptrace: for programs that cannot load the agent. Threads that have
 * used a period of CPU time are stopped by PTRACE_INTERRUPT, and their
 * registers are read from the state that the kernel has saved.
 *
 * Nothing of the target's is changed: signals are passed on, group stops are
 * left to be group stops (PTRACE_LISTEN), and should the recorder die, the
 * kernel detaches and the target runs on.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/chain.h"
#include "capture/shm.h"

enum {
	XSTATE_ROOM	= 64 * 1024,
	XCR0_OFFSET	= 464,		/* XSTATE_FX_SW_OFFSET: the kernel's mask */
	FLUSH_NS	= 100000000,
	MIN_TICK_NS	= 100000,	/* a stop takes 50 us and more */
};

static const long trace_options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
				  PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
				  PTRACE_O_TRACEEXIT;

struct tracee {
	pid_t tid, pid;
	int clock;			/* perf counter or schedstat, -1: none */
	bool counter;
	bool running, interrupted;
	uint64_t sampled;		/* CPU time of the last sample, ns */
};

struct tracer {
	struct tracee *list;
	size_t nr, room;
	uint64_t cpu;			/* ns of all threads that ended */
	uint64_t flushed;
	uint8_t xstate[XSTATE_ROOM];
	uint8_t raw[XSTATE_ROOM];
	uint8_t stack[XR_MAX_STACK];	/* a stretch at a time, or the copy */
	uint64_t chain[XR_MAX_CHAIN];
};

/* ---- threads -------------------------------------------------------------------- */

static struct tracee *tracer__find(struct tracer *t, pid_t tid)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (t->list[i].tid == tid)
			return &t->list[i];
	return NULL;
}

/* Field "Name:" of /proc/TID/status; 0 when the thread is gone. */
static pid_t status__field(pid_t tid, const char *name)
{
	char path[64], line[256];
	int v = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)) && sscanf(line + strlen(name), "%d", &v) == 1)
			break;
	if (f)
		fclose(f);
	return v;
}

/*
 * The CPU time of another process's thread: a counting event is exact; without
 * it, schedstat is as old as the last scheduler tick.
 */
static void tracee__open_clock(struct tracee *k)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .size = PERFDATA_ATTR_VER7,
		.config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1, .exclude_hv = 1,
	};
	char path[64];

	k->clock = event__open(&a, k->tid, -1);
	k->counter = k->clock >= 0;
	if (k->counter)
		return;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", k->pid, k->tid);
	k->clock = open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t tracee__cpu(const struct tracee *k)
{
	char text[128];
	uint64_t v = 0;
	ssize_t n;

	if (k->clock < 0)
		return 0;
	if (k->counter)
		return read(k->clock, &v, sizeof(v)) == sizeof(v) ? v : 0;
	n = pread(k->clock, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}

static struct tracee *tracer__add(struct session *s, struct tracer *t, pid_t tid)
{
	struct tracee *list, *k = tracer__find(t, tid);

	if (k)
		return k;
	if (t->nr == t->room) {
		list = realloc(t->list, (t->room * 2 + 16) * sizeof(*list));
		if (!list)
			return NULL;
		t->list = list;
		t->room = t->room * 2 + 16;
	}
	k = &t->list[t->nr++];
	*k = (struct tracee){ .tid = tid, .pid = status__field(tid, "Tgid:") };
	if (!k->pid)
		k->pid = tid;
	tracee__open_clock(k);
	if (k->pid == tid)
		tasks__sampled(s->tasks, tid, capture__now(), NULL);
	return k;
}

static void tracer__remove(struct tracer *t, struct tracee *k)
{
	uint64_t cpu = tracee__cpu(k);

	t->cpu += cpu;
	if (k->clock >= 0)
		close(k->clock);
	*k = t->list[--t->nr];
}

/* ---- a sample ---------------------------------------------------------------------- */

static void regs__gprs(uint64_t gpr[XR_NR_GPRS], const struct user_regs_struct *u)
{
	const uint64_t all[XR_NR_GPRS] = {
		u->rax, u->rbx, u->rcx, u->rdx, u->rsi, u->rdi, u->rbp, u->rsp, u->rip,
		u->eflags, u->cs, u->ss, u->r8, u->r9, u->r10, u->r11, u->r12, u->r13,
		u->r14, u->r15,
	};

	memcpy(gpr, all, sizeof(all));
}

static size_t tracee__read(void *to, uint64_t addr, size_t size, void *arg)
{
	const struct tracee *k = arg;
	struct iovec local = { .iov_base = to, .iov_len = size };
	struct iovec remote = { .iov_base = (void *)addr, .iov_len = size };
	ssize_t n = process_vm_readv(k->pid, &local, 1, &remote, 1, 0);

	return n < 0 ? 0 : n;
}

/* Field 39 of /proc/TID/stat: the CPU it ran on last [proc_pid_stat(5)]. */
static uint32_t tracee__last_cpu(const struct tracee *k)
{
	char path[64], text[1024];
	const char *p;
	int fd, field;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", k->pid, k->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return UINT32_MAX;
	text[n] = '\0';
	p = strrchr(text, ')');		/* the name may hold anything */
	for (field = 2; p && field < 39; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoul(p, NULL, 10) : UINT32_MAX;
}

/*
 * The image that the kernel copies out is in standard format, its XSTATE_BV
 * the saved one and so XINUSE, its software bytes the mask of components that
 * user space may see (copy_xstate_to_uabi_buf()). Components that XFD can
 * disable are unknown when not in use.
 */
static size_t tracee__block(const struct session *s, struct tracer *t, const struct tracee *k)
{
	const struct xstate_layout *l = &s->info.layout;
	struct iovec iov = { .iov_base = t->xstate, .iov_len = sizeof(t->xstate) };
	struct xstate_image img;
	uint64_t mask;
	unsigned int nr;
	size_t size;

	if (ptrace(PTRACE_GETREGSET, k->tid, NT_X86_XSTATE, &iov))
		return 0;
	memcpy(&mask, t->xstate + XCR0_OFFSET, sizeof(mask));
	if (xstate_image__open(&img, l, t->xstate, iov.iov_len, mask & l->xfeatures, 0, NULL))
		return 0;
	for (nr = 2; nr < XFEATURE_MAX; nr++)
		if ((l->comp[nr].flags & XSTATE_COMP_XFD) && !(img.xstate_bv >> nr & 1))
			img.examined &= ~XFEATURE_MASK(nr);
	if (xstate_raw__write_header(t->raw, sizeof(t->raw), 1) ||
	    xstate_block__from_image(&img, s->regs.xfeatures, XSTATE_CTX_USER_SAVED, 0,
				     img.xstate_bv, t->raw + XSTATE_RAW_HEADER_SIZE,
				     sizeof(t->raw) - XSTATE_RAW_HEADER_SIZE, &size))
		return 0;
	return XSTATE_RAW_HEADER_SIZE + size;
}

/* The stack from RSP up, to where nothing is mapped. */
static void tracee__stack(const struct session *s, struct tracer *t, struct tracee *k,
			  uint64_t rsp, struct sample *out)
{
	size_t n = tracee__read(t->stack, rsp, s->stack_size, k);

	out->user_stack = t->stack;
	out->user_stack_size = n;
	out->user_stack_alloc = xr_stack_room(n);
	memset(t->stack + n, 0, out->user_stack_alloc - n);
}

static int tracee__emit(struct session *s, struct tracer *t, struct tracee *k,
			const struct user_regs_struct *u, uint64_t period, struct err *e)
{
	struct chain_reader r = {
		.read = tracee__read, .arg = k, .buf = t->stack, .size = XR_SCRATCH_SIZE, .reads = 8,
	};
	uint64_t gpr[XR_NR_GPRS];
	struct sample out = {
		.ip = u->rip, .time = capture__now(), .period = period,
		.pid = k->pid, .tid = k->tid, .cpu = tracee__last_cpu(k),
		.cpumode = PERF_RECORD_MISC_USER,
		.callchain = (const uint8_t *)t->chain, .raw = t->raw, .has_regs_user = true,
		.regs_user = { .abi = PERF_REGS_ABI_64, .mask = XR_GPR_MASK,
			       .gprs = (const uint8_t *)gpr },
	};

	regs__gprs(gpr, u);
	out.raw_size = tracee__block(s, t, k);
	if (!out.raw_size)
		s->counts.errors++;
	if (s->opt->callgraph == CALLGRAPH_FP)
		out.nr_callchain = chain__walk(t->chain, XR_MAX_CHAIN, u->rip, u->rbp, &r);
	if (s->stack_size)
		tracee__stack(s, t, k, u->rsp, &out);
	return session__sample(s, &out, e);
}

/* An interrupted thread. In a system call (orig_rax) it was not user code. */
static int tracee__sample(struct session *s, struct tracer *t, struct tracee *k, struct err *e)
{
	struct user_regs_struct u;
	struct iovec iov = { .iov_base = &u, .iov_len = sizeof(u) };
	uint64_t cpu = tracee__cpu(k), used = cpu - k->sampled;

	if (s->failed || cpu < k->sampled)
		return 0;
	if (ptrace(PTRACE_GETREGSET, k->tid, NT_PRSTATUS, &iov))
		return 0;
	k->sampled = cpu;
	if (iov.iov_len != sizeof(u)) {
		tasks__sampled(s->tasks, k->pid, capture__now(), "a 32-bit program");
		return 0;
	}
	if ((long long)u.orig_rax >= 0) {
		s->counts.kernel += used / s->period;
		return 0;
	}
	return tracee__emit(s, t, k, &u, used, e);
}

/*
 * Any stop clears a pending PTRACE_INTERRUPT (kernel/signal.c: ptrace_stop()):
 * the thread is due again at the next tick.
 */

/* ---- stops ------------------------------------------------------------------------------ */

static void tracee__continue(struct tracee *k, int sig)
{
	k->running = true;
	ptrace(PTRACE_CONT, k->tid, 0, sig);
}

/* exec from a thread other than the first: it lives on with the first's id. */
static int tracer__exec(struct session *s, struct tracer *t, pid_t tid, struct err *e)
{
	unsigned long former = tid;
	struct tracee *old, *k;

	ptrace(PTRACE_GETEVENTMSG, tid, 0, &former);
	if ((pid_t)former != tid) {
		k = tracer__find(t, tid);
		if (k)
			tracer__remove(t, k);
		old = tracer__find(t, former);
		if (old)
			old->tid = tid;
	}
	tasks__sampled(s->tasks, tid, capture__now(), NULL);
	return synth__process(s, tid, 0, capture__now(), e);
}

static int tracer__born(struct session *s, struct tracer *t, pid_t parent, struct err *e)
{
	unsigned long tid = 0;
	struct tracee *k;

	if (ptrace(PTRACE_GETEVENTMSG, parent, 0, &tid) || !tid)
		return 0;
	k = tracer__add(s, t, tid);
	if (!k || k->pid != k->tid)
		return 0;
	return synth__process(s, k->pid, status__field(k->pid, "PPid:"), capture__now(), e);
}

static int tracer__event(struct session *s, struct tracer *t, struct tracee *k,
			 int event, int sig, struct err *e)
{
	bool interrupted = k->interrupted;
	pid_t tid = k->tid;
	int ret = 0;

	k->interrupted = false;
	switch (event) {
	case PTRACE_EVENT_STOP:
		if (sig != SIGTRAP) {	/* a group stop: it goes on with SIGCONT */
			ptrace(PTRACE_LISTEN, tid, 0, 0);
			return 0;
		}
		if (interrupted)
			ret = tracee__sample(s, t, k, e);
		break;
	case PTRACE_EVENT_EXEC:
		ret = tracer__exec(s, t, tid, e);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		ret = tracer__born(s, t, tid, e);
		break;
	default:
		break;
	}
	k = tracer__find(t, tid);	/* the list may have moved */
	if (k)
		tracee__continue(k, 0);
	return ret;
}

static int tracer__ended(struct session *s, struct tracer *t, pid_t tid, int status,
			 struct err *e)
{
	struct tracee *k = tracer__find(t, tid);
	pid_t pid = k ? k->pid : tid;

	if (k)
		tracer__remove(t, k);
	if (tid == s->target.pid) {
		s->target.status = status;
		s->target.done = true;
	}
	return synth__exit(s, pid, tid, capture__now(), e);
}

static int tracer__stopped(struct session *s, struct tracer *t, pid_t tid, int status,
			   struct err *e)
{
	struct tracee *k;

	if (WIFEXITED(status) || WIFSIGNALED(status))
		return tracer__ended(s, t, tid, status, e);
	if (!WIFSTOPPED(status))
		return 0;
	k = tracer__add(s, t, tid);
	if (!k)
		return err__set(e, "out of memory");
	k->running = false;
	if (status >> 16)
		return tracer__event(s, t, k, status >> 16, WSTOPSIG(status), e);
	k->interrupted = false;
	tracee__continue(k, WSTOPSIG(status));
	return 0;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static int tracer__wait(struct session *s, struct tracer *t, struct err *e)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
		if (tracer__stopped(s, t, tid, status, e))
			return -1;
	if (tid < 0 && errno == ECHILD)
		s->target.done = true;
	return 0;
}

static void tracer__tick(const struct session *s, struct tracer *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		struct tracee *k = &t->list[i];

		if (!k->running || k->interrupted || tracee__cpu(k) - k->sampled < s->period)
			continue;
		k->interrupted = !ptrace(PTRACE_INTERRUPT, k->tid, 0, 0);
	}
}

static int tracer__flush(struct session *s, struct tracer *t, bool last, struct err *e)
{
	uint64_t now = capture__now();

	if (!last && now - t->flushed < FLUSH_NS)
		return 0;
	t->flushed = now;
	if (sideband__drain(s, e))
		return -1;
	session__flush(s, last ? UINT64_MAX : now - 2000000);
	return 0;
}

static int ptrace__run(struct session *s, struct err *e)
{
	struct tracer *t = s->priv;
	uint64_t tick = s->period < MIN_TICK_NS ? MIN_TICK_NS : s->period;
	struct timespec ts = { .tv_sec = tick / 1000000000, .tv_nsec = tick % 1000000000 };
	struct pollfd fd = { .fd = s->target.signal_fd, .events = POLLIN };
	int ret = 0;

	prctl(PR_SET_TIMERSLACK, 1000);
	while (!s->target.done) {
		ppoll(&fd, 1, &ts, NULL);
		target__signals(&s->target, false);
		if (tracer__wait(s, t, e) && !ret)
			ret = -1;
		if (!ret && !s->failed)
			tracer__tick(s, t);
		if (!ret)
			ret = tracer__flush(s, t, false, e);
	}
	while (t->nr)
		tracer__remove(t, &t->list[t->nr - 1]);
	s->counts.expected = t->cpu / s->period;
	return ret ? ret : tracer__flush(s, t, true, e);
}

static int ptrace__start(struct session *s, struct err *e)
{
	struct tracer *t = calloc(1, sizeof(*t));

	if (!t)
		return err__set(e, "out of memory");
	s->priv = t;
	if (target__spawn(&s->target, s->opt->argv, NULL, 0, e))
		return -1;
	sideband__open(s, s->target.pid);
	if (ptrace(PTRACE_SEIZE, s->target.pid, 0, trace_options))
		return err__set(e, "cannot record '%s': ptrace is refused: %s", s->opt->argv[0], strerror(errno));
	if (!tracer__add(s, t, s->target.pid))
		return err__set(e, "out of memory");
	t->list[0].running = true;
	return 0;
}

static void ptrace__stop(struct session *s)
{
	struct tracer *t = s->priv;

	if (!t)
		return;
	while (t->nr)
		tracer__remove(t, &t->list[t->nr - 1]);
	free(t->list);
	free(t);
	s->priv = NULL;
}

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
