/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of a thread that has stopped, as the kernel has saved them. */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "capture/chain.h"
#include "capture/procfs.h"
#include "capture/ptrace/ptrace.h"

enum { CHAIN_READS = 8, ERESTARTNOHAND = 514 };	/* include/linux/errno.h */

static long tracee__get(const struct tracee *k, unsigned int set, void *to, size_t *size)
{
	struct iovec iov = { .iov_base = to, .iov_len = *size };
	long ret = ptrace(PTRACE_GETREGSET, k->tid, set, &iov);

	*size = iov.iov_len;
	return ret;
}

/* ---- system calls ------------------------------------------------------------------ */

/*
 * These return EINTR for any wake-up, also one that no handler comes of
 * [signal(7)]: a stop by its tracer, or a signal that the thread ignores, which
 * reaches it only because it is traced. Nothing was done when they return it,
 * so they may begin anew: with -ERESTARTNOHAND in place of -EINTR the kernel
 * does that, unless a handler is to run. A timeout begins anew, too.
 */
static bool syscall__may_restart(long nr)
{
	switch (nr) {
	case SYS_epoll_wait: case SYS_epoll_pwait: case SYS_epoll_pwait2:
	case SYS_semop: case SYS_semtimedop: case SYS_rt_sigtimedwait:
	case SYS_io_getevents: case SYS_io_pgetevents: case SYS_io_uring_enter:
	case SYS_read: case SYS_readv: case SYS_write: case SYS_writev:
	case SYS_recvfrom: case SYS_recvmsg: case SYS_recvmmsg:
	case SYS_sendto: case SYS_sendmsg: case SYS_accept: case SYS_accept4:
		return true;
	default:
		return false;
	}
}

static void regs__restart(const struct tracee *k, struct user_regs_struct *u)
{
	struct iovec iov = { .iov_base = u, .iov_len = sizeof(*u) };

	if ((long)u->rax != -EINTR || !syscall__may_restart(u->orig_rax))
		return;
	u->rax = -ERESTARTNOHAND;
	ptrace(PTRACE_SETREGSET, k->tid, NT_PRSTATUS, &iov);
}

void hit__restart(struct tracer *t, struct tracee *k)
{
	size_t size = sizeof(t->regs);

	if (!tracee__get(k, NT_PRSTATUS, &t->regs, &size) && size == sizeof(t->regs))
		regs__restart(k, &t->regs);
}

/* ---- while it is stopped -------------------------------------------------------------- */

static size_t stack__read(void *to, uint64_t addr, size_t size, void *arg)
{
	const struct tracee *k = arg;
	struct iovec local = { .iov_base = to, .iov_len = size };
	struct iovec remote = { .iov_base = (void *)addr, .iov_len = size };
	/* the thread's number: the first thread may have ended */
	ssize_t n = process_vm_readv(k->tid, &local, 1, &remote, 1, 0);

	return n < 0 ? 0 : n;
}

static unsigned int hit__chain(struct tracer *t, struct tracee *k)
{
	struct chain_reader r = {
		.read = stack__read, .arg = k, .buf = t->stack, .size = XR_SCRATCH_SIZE,
		.reads = CHAIN_READS,
	};

	return chain__walk(t->chain, XR_MAX_CHAIN, t->regs.rip, t->regs.rbp, &r);
}

/* The stack from RSP up, to where nothing is mapped. */
static void hit__stack(struct tracer *t, struct tracee *k, struct sample *out)
{
	size_t n = stack__read(t->stack, t->regs.rsp, t->s->stack_size, k);

	out->user_stack = t->stack;
	out->user_stack_size = n;
	out->user_stack_alloc = xr_stack_room(n);
	memset(t->stack + n, 0, out->user_stack_alloc - n);
}

enum hit hit__read(struct tracer *t, struct tracee *k, struct sample *out)
{
	size_t size = sizeof(t->regs);

	if (tracee__get(k, NT_PRSTATUS, &t->regs, &size))
		return HIT_NONE;
	if (size != sizeof(t->regs)) {
		tasks__sampled(t->s->tasks, k->pid, capture__now(), "a 32-bit program");
		return HIT_NONE;
	}
	if ((long long)t->regs.orig_rax >= 0) {
		regs__restart(k, &t->regs);
		return HIT_SYSCALL;
	}
	t->xstate_len = sizeof(t->xstate);
	if (tracee__get(k, NT_X86_XSTATE, t->xstate, &t->xstate_len))
		t->xstate_len = 0;
	*out = (struct sample){ .ip = t->regs.rip, .time = capture__now(), .pid = k->pid, .tid = k->tid };
	procfs__running(k->stat, &out->cpu);
	if (t->s->opt->callgraph == CALLGRAPH_FP)
		out->nr_callchain = hit__chain(t, k);
	if (t->s->stack_size)
		hit__stack(t, k, out);
	return HIT_USER;
}

/* ---- when it runs again ------------------------------------------------------------------ */

static void regs__gprs(uint64_t gpr[XR_NR_GPRS], const struct user_regs_struct *u)
{
	const uint64_t all[XR_NR_GPRS] = {
		u->rax, u->rbx, u->rcx, u->rdx, u->rsi, u->rdi, u->rbp, u->rsp, u->rip,
		u->eflags, u->cs, u->ss, u->r8, u->r9, u->r10, u->r11, u->r12, u->r13,
		u->r14, u->r15,
	};

	memcpy(gpr, all, sizeof(all));
}

/*
 * The image that the kernel copies out is in standard format, its XSTATE_BV
 * the saved one and so XINUSE, its software bytes the mask of components that
 * user space may see (copy_xstate_to_uabi_buf()). Components that XFD can
 * disable are unknown when not in use.
 */
static size_t hit__block(struct tracer *t)
{
	const struct xstate_layout *l = &t->s->info.layout;
	struct xstate_image img;
	uint64_t mask;
	unsigned int nr;
	size_t size;

	if (t->xstate_len < XCR0_OFFSET + sizeof(mask))
		return 0;
	memcpy(&mask, t->xstate + XCR0_OFFSET, sizeof(mask));
	if (xstate_image__open(&img, l, t->xstate, t->xstate_len, mask & l->xfeatures, 0, NULL))
		return 0;
	for (nr = 2; nr < XFEATURE_MAX; nr++)
		if ((l->comp[nr].flags & XSTATE_COMP_XFD) && !(img.xstate_bv >> nr & 1))
			img.examined &= ~XFEATURE_MASK(nr);
	if (xstate_raw__write_header(t->raw, sizeof(t->raw), 1) ||
	    xstate_block__from_image(&img, t->s->regs.xfeatures, XSTATE_CTX_USER_SAVED, 0,
				     img.xstate_bv, t->raw + XSTATE_RAW_HEADER_SIZE,
				     sizeof(t->raw) - XSTATE_RAW_HEADER_SIZE, &size))
		return 0;
	return XSTATE_RAW_HEADER_SIZE + size;
}

int hit__emit(struct tracer *t, struct sample *out, uint64_t period, struct err *e)
{
	uint64_t gpr[XR_NR_GPRS];

	regs__gprs(gpr, &t->regs);
	out->period = period;
	out->cpumode = PERF_RECORD_MISC_USER;
	out->callchain = (const uint8_t *)t->chain;
	out->raw = t->raw;
	out->raw_size = hit__block(t);
	out->has_regs_user = true;
	out->regs_user = (struct xstate_simd){
		.abi = PERF_REGS_ABI_64, .mask = XR_GPR_MASK, .gprs = (const uint8_t *)gpr,
	};
	if (!out->raw_size)
		t->s->counts.errors++;
	return session__sample(t->s, out, e);
}
