/* SPDX-License-Identifier: GPL-2.0-only */
/* Backend ptrace: processes and threads that run already, by number or user. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "capture/procfs.h"
#include "capture/ptrace/ptrace.h"

enum { CAP_SYS_PTRACE_BIT = 19 };	/* include/uapi/linux/capability.h */

/* ---- why not ----------------------------------------------------------------------- */

enum refusal {
	REFUSED_GONE,
	REFUSED_SELF,
	REFUSED_ZOMBIE,
	REFUSED_KTHREAD,
	REFUSED_TRACED,
	REFUSED_32BIT,
	REFUSED_USER,
	REFUSED_YAMA,
	REFUSED_OTHER,
	NR_REFUSALS,
};

/* Completes "N processes could not be sampled: N: ..."; NULL: nothing was missed. */
static const char *const refusal_brief[NR_REFUSALS] = {
	[REFUSED_TRACED]	= "traced by another process, as a debugger",
	[REFUSED_32BIT]		= "a 32-bit program",
	[REFUSED_USER]		= "another user's",
	[REFUSED_YAMA]		= "kernel.yama.ptrace_scope forbids it",
	[REFUSED_OTHER]		= "ptrace is refused",
};

static bool attach__has_cap(void)
{
	struct task_status self;

	return !procfs__status(getpid(), &self) && self.caps >> CAP_SYS_PTRACE_BIT & 1;
}

static int yama__scope(void)
{
	return procfs__sysctl("kernel/yama/ptrace_scope", 0);
}

/* An ELF file of class 32 for i386; x32 programs are of that class for x86-64. */
static bool process__is_32bit(pid_t pid)
{
	Elf32_Ehdr eh;
	char path[64];
	bool is = false;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (pread(fd, &eh, sizeof(eh), 0) == sizeof(eh) && !memcmp(eh.e_ident, ELFMAG, SELFMAG))
		is = eh.e_ident[EI_CLASS] == ELFCLASS32 && eh.e_machine != EM_X86_64;
	close(fd);
	return is;
}

static enum refusal refusal__of(pid_t tid, struct task_status *st)
{
	if (procfs__status(tid, st))
		return REFUSED_GONE;
	if (st->pid == getpid())
		return REFUSED_SELF;
	if (st->state == 'Z' || st->state == 'X')
		return REFUSED_ZOMBIE;
	if (procfs__is_kernel_thread(tid))
		return REFUSED_KTHREAD;
	if (st->tracer)
		return REFUSED_TRACED;
	if (attach__has_cap())
		return REFUSED_OTHER;
	if (st->uid != geteuid())
		return REFUSED_USER;
	return yama__scope() ? REFUSED_YAMA : REFUSED_OTHER;
}

/* Which processes may be traced, by Documentation/admin-guide/LSM/Yama.rst. */
static const char *yama__says(char *buf, size_t size)
{
	static const char *const which[] = { "any of the user's", "those that the tracer started", "none", "none" };
	int scope = yama__scope();

	snprintf(buf, size, "kernel.yama.ptrace_scope is %d: without CAP_SYS_PTRACE %s can be traced; %s", scope,
		 which[scope & 3], scope == 3 ? "it stays so until the next boot" :
		 "sysctl kernel.yama.ptrace_scope=0 or root allows it");
	return buf;
}

static int refusal__yama(const char *who, struct err *e)
{
	char says[256];

	return err__set(e, "cannot record %s: %s", who, yama__says(says, sizeof(says)));
}

int attach__probe(struct err *e)
{
	bool cap = attach__has_cap();
	char says[256];

	if (capture_ptrace.probe(e))
		return -1;
	if (!cap && yama__scope())
		return err__set(e, "%s", yama__says(says, sizeof(says)));
	err__set(e, "ready (ptrace; record -p, -t, -u: %s; %s)",
		 cap ? "any process, by CAP_SYS_PTRACE" : "processes of the user",
		 ptrace__has_event() ? "threads stop when they compute, sleeping ones stay asleep" :
		 "perf_event_open is refused, so a stop may meet a system call");
	return 0;
}

static int refusal__user(const char *who, const struct task_status *st, struct err *e)
{
	const struct passwd *pw = getpwuid(st->uid);

	return err__set(e, "cannot record %s: it belongs to user %s; root or CAP_SYS_PTRACE is needed",
			who, pw ? pw->pw_name : "another user");
}

static int refusal__traced(const char *who, const struct task_status *st, struct err *e)
{
	char comm[64];

	return err__set(e, "cannot record %s: it is traced by process %d (%s), and only one can trace it; end that one first",
			who, st->tracer, procfs__comm(st->tracer, comm, sizeof(comm)));
}

static int refusal__explain(enum refusal r, const char *what, pid_t tid, int error,
			    const struct task_status *st, struct err *e)
{
	char comm[64], who[128];

	snprintf(who, sizeof(who), "%s %d (%s)", what, tid, procfs__comm(tid, comm, sizeof(comm)));
	switch (r) {
	case REFUSED_GONE:
		return err__set(e, "cannot record %s %d: there is none with this number", what, tid);
	case REFUSED_SELF:
		return err__set(e, "cannot record %s: it is the recorder itself", who);
	case REFUSED_ZOMBIE:
		return err__set(e, "cannot record %s: it has ended, and its parent has not taken notice (a zombie)", who);
	case REFUSED_KTHREAD:
		return err__set(e, "cannot record %s: it is a kernel thread, without registers of user code", who);
	case REFUSED_TRACED:
		return refusal__traced(who, st, e);
	case REFUSED_32BIT:
		return err__set(e, "cannot record %s: it is a 32-bit program; 64-bit ones can be recorded", who);
	case REFUSED_USER:
		return refusal__user(who, st, e);
	case REFUSED_YAMA:
		return refusal__yama(who, e);
	default:
		return err__set(e, "cannot record %s: ptrace is refused: %s; it may be setuid or hide its memory (PR_SET_DUMPABLE), be in a user namespace of its own, or a seccomp filter or security module forbids it; CAP_SYS_PTRACE (root) helps but against the last",
				who, strerror(error));
	}
}

/* ---- threads ---------------------------------------------------------------------------- */

/* Return: 0, 1 when it was taken before, -1 with @error. */
static int thread__seize(struct tracer *t, pid_t tid, int *error)
{
	struct task_status st;
	struct tracee *k;

	if (tracer__find(t, tid))
		return 1;
	if (ptrace(PTRACE_SEIZE, tid, 0, t->options)) {
		*error = errno;
		/* born of one that is traced: its first stop will tell of it */
		return !procfs__status(tid, &st) && st.tracer == gettid() ? 1 : -1;
	}
	k = tracer__add(t, tid);
	if (!k) {
		*error = ENOMEM;
		return -1;
	}
	/* a thread of a group stop reports that as its first stop */
	k->running = true;
	return 0;
}

struct process_seize {
	struct tracer *t;
	pid_t pid;
	size_t taken, fresh;		/* threads of all rounds, of this round */
	int error;
};

/* The first thread may have ended, and others go meanwhile. */
static int process__thread(void *ctx, pid_t tid)
{
	struct process_seize *p = ctx;
	int error = 0, ret = thread__seize(p->t, tid, &error);

	if (ret >= 0) {
		p->taken++;
		p->fresh += !ret;
		return 0;
	}
	p->error = error;
	return error == ENOMEM ? -1 : 0;
}

/* Until a look finds no new thread: those not yet traced may have started some. */
static int process__seize(struct process_seize *p)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", p->pid);
	do {
		p->fresh = 0;
		if (procfs__each(path, process__thread, p) == -1)
			return -1;
	} while (p->fresh);
	return p->taken ? 0 : -1;
}

/* Return: NR_REFUSALS when it is traced now, else why not, with @st and @error. */
typedef enum refusal attach_fn(struct tracer *t, pid_t id, struct task_status *st, int *error);

static enum refusal process__attach(struct tracer *t, pid_t pid, struct task_status *st, int *error)
{
	struct process_seize p = { .t = t, .pid = pid };

	if (process__is_32bit(pid))
		return REFUSED_32BIT;
	if (!process__seize(&p))
		return NR_REFUSALS;
	*error = p.error;
	return refusal__of(pid, st);
}

static enum refusal thread__attach(struct tracer *t, pid_t tid, struct task_status *st, int *error)
{
	if (!procfs__status(tid, st) && process__is_32bit(st->pid))
		return REFUSED_32BIT;
	return thread__seize(t, tid, error) < 0 ? refusal__of(tid, st) : NR_REFUSALS;
}

/* ---- lists ---------------------------------------------------------------------------------- */

static int attach__list(struct tracer *t, const char *list, const char *option, const char *what,
			attach_fn *attach, struct err *e)
{
	struct idlist ids = { .id = NULL };
	struct task_status st;
	int error = 0, ret;
	enum refusal r;
	size_t i;

	ret = idlist__parse(&ids, list, option, false, e);
	for (i = 0; !ret && i < ids.nr; i++) {
		r = attach(t, ids.id[i], &st, &error);
		if (r != NR_REFUSALS)
			ret = refusal__explain(r, what, ids.id[i], error, &st, e);
	}
	idlist__free(&ids);
	return ret;
}

/* ---- users ----------------------------------------------------------------------------------- */

struct user_look {
	struct tracer *t;
	struct idlist refused, fresh;
	struct err *e;
};

static int user__process(void *ctx, pid_t pid)
{
	struct user_look *l = ctx;
	struct task_status st;
	enum refusal r;
	int error = 0;

	if (pid == getpid() || tracer__find(l->t, pid) || !user__has(l->t->uid, pid))
		return 0;
	if (idlist__has(&l->t->refused, pid))
		return idlist__add(&l->refused, pid, l->e);
	r = process__attach(l->t, pid, &st, &error);
	if (r == NR_REFUSALS)
		return idlist__add(&l->fresh, pid, l->e);
	if (refusal_brief[r])
		tasks__sampled(l->t->s->tasks, pid, capture__now(), refusal_brief[r]);
	return idlist__add(&l->refused, pid, l->e);
}

/*
 * What the traced processes start is traced from birth; those that came from
 * elsewhere, as by a new session, are found here.
 */
int attach__look(struct tracer *t, struct err *e)
{
	struct user_look l = { .t = t, .e = e };
	uint64_t before = capture__now();
	int ret = procfs__each("/proc", user__process, &l);

	if (!ret)
		ret = ktarget__synthesize(t->s, &l.fresh, before, e);
	idlist__free(&l.fresh);
	idlist__free(&t->refused);
	t->refused = l.refused;
	return ret;
}

static int attach__user(struct tracer *t, struct err *e)
{
	return user__parse(t->s->opt->user, &t->uid, e) || attach__look(t, e) ? -1 : 0;
}

/* ---- names and maps ------------------------------------------------------------------------------ */

struct running {
	struct idlist pids;
	struct sideband *b;
	struct err *e;
	int ret;
};

static void running__note(struct tracee *k, void *ctx)
{
	struct running *r = ctx;

	if (!r->ret && !idlist__has(&r->pids, k->pid))
		r->ret = idlist__add(&r->pids, k->pid, r->e);
	if (r->b && sideband__follow(r->b, k->tid)) {
		sideband__free(r->b);
		r->b = NULL;
	}
}

/*
 * The kernel's events tell of what happens from here on, /proc of what was
 * before. One thread's events would not tell of the maps that another makes:
 * with -t, and where the kernel refuses, /proc is read again when an address is
 * not known.
 */
static int attach__names(struct tracer *t, struct err *e)
{
	struct running r = { .b = t->s->opt->pids ? sideband__new(t->s) : NULL, .e = e };
	uint64_t before = capture__now();

	tracer__each(t, running__note, &r);
	if (!r.ret)
		r.ret = ktarget__synthesize(t->s, &r.pids, before, e);
	t->s->sideband = r.b;
	idlist__free(&r.pids);
	return r.ret;
}

int attach__start(struct tracer *t, struct err *e)
{
	const struct capture_options *o = t->s->opt;

	if (o->user)
		return attach__user(t, e);
	if (o->tids)
		t->options = PTRACE_O_TRACEEXEC;	/* not what it starts */
	if (o->tids ? attach__list(t, o->tids, "-t", "thread", thread__attach, e) :
		      attach__list(t, o->pids, "-p", "process", process__attach, e))
		return -1;
	return attach__names(t, e);
}
