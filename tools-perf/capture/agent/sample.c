/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <time.h>
#include <sys/uio.h>

#include "agent.h"
#include "capture/chain.h"

enum {
	SW_MAGIC1	= 464,		/* struct _fpx_sw_bytes in the legacy area */
	SW_EXTENDED_SIZE = 468,
	FRAME_MAGIC1	= 0x46505853,	/* FP_XSTATE_MAGIC1 */
};

/*
 * The CPU's number without a system call and without TLS: the kernel keeps it
 * in the low 12 bits of the limit of GDT entry 15 (arch/x86/include/asm/
 * segment.h: vdso_read_cpunode()).
 */
static uint32_t cpu__number(void)
{
	uint32_t limit;

	__asm__("lsl %1, %0" : "=r"(limit) : "r"(15 * 8 + 3));
	return limit & 0xfff;
}

/* From the order of ucontext to PERF_REG_X86_* without DS, ES, FS, GS. */
static void sample__gprs(uint64_t *gpr, const ucontext_t *uc)
{
	static const uint8_t from[] = {
		REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP,
		REG_RSP, REG_RIP, REG_EFL, REG_CSGSFS, REG_CSGSFS,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};
	uint64_t seg = uc->uc_mcontext.gregs[REG_CSGSFS];
	unsigned int i;

	_Static_assert(sizeof(from) == XR_NR_GPRS, "one source for each register");
	for (i = 0; i < XR_NR_GPRS; i++)
		gpr[i] = uc->uc_mcontext.gregs[from[i]];
	/* struct sigcontext_64: u16 cs, gs, fs, ss */
	gpr[10] = seg & 0xffff;
	gpr[11] = seg >> 48;
}

/* What can be read of @size bytes of the target's own memory at @addr. */
static size_t stack__copy(void *to, uint64_t addr, size_t size, void *arg)
{
	struct iovec local = { .iov_base = to, .iov_len = size };
	struct iovec remote = { .iov_base = (void *)addr, .iov_len = size };
	long n;

	(void)arg;
	/* Fails with EFAULT where a load would fault: no handler is needed. */
	n = xr_syscall(SYS_process_vm_readv, xr_agent.pid, (long)&local, 1,
		       (long)&remote, 1);
	return n < 0 ? 0 : n;
}

static unsigned int sample__chain(uint64_t *chain, const ucontext_t *uc, uint8_t *scratch)
{
	struct chain_reader r = {
		.read = stack__copy, .buf = scratch, .size = XR_SCRATCH_SIZE, .reads = 8,
	};

	return chain__walk(chain, XR_MAX_CHAIN, uc->uc_mcontext.gregs[REG_RIP],
			   uc->uc_mcontext.gregs[REG_RBP], &r);
}

/*
 * The stack from the interrupted RSP up, as perf_output_sample_ustack() copies
 * it, to where nothing is mapped. The frame of this signal lies below it and
 * below the red zone, which the kernel leaves alone (get_sigframe()), or on
 * another stack: nothing of the interrupted function's is overwritten.
 */
static uint32_t sample__stack(uint8_t *to, const ucontext_t *uc)
{
	uint64_t size = xr_agent.shm->stack_size;
	uint32_t n;

	if (!size || size > XR_MAX_STACK)
		return 0;
	n = stack__copy(to, uc->uc_mcontext.gregs[REG_RSP], size, NULL);
	memset(to + n, 0, xr_stack_room(n) - n);
	return n;
}

static bool bytes__any(const uint8_t *p, size_t size)
{
	uint64_t v, any = 0;
	size_t i;

	for (i = 0; i < size; i += sizeof(v)) {
		memcpy(&v, p + i, sizeof(v));
		any |= v;
	}
	return any;
}

/*
 * XINUSE of a signal frame. XSAVE writes XSTATE_BV from XINUSE, but the kernel
 * then sets bits 0 and 1 for old user space (save_xstate_epilog()). The bytes
 * of both are there in any case: what differs from the initial configuration
 * [SDM 13.6] is in use.
 */
static uint64_t frame__xinuse(const struct xstate_image *img)
{
	static const uint8_t fcw_init[8] = { 0x7f, 0x03 };
	const uint8_t *legacy = img->data;
	uint64_t xinuse = img->xstate_bv & ~XFEATURE_MASK_FPSSE;

	if (memcmp(legacy, fcw_init, sizeof(fcw_init)) || bytes__any(legacy + 8, 16) ||
	    bytes__any(legacy + 32, 128))
		xinuse |= XFEATURE_MASK(XFEATURE_FP);
	if (bytes__any(legacy + XSTATE_SSE_OFFSET, 256))
		xinuse |= XFEATURE_MASK(XFEATURE_SSE);
	return xinuse;
}

/*
 * User space cannot read IA32_XFD. A component that XFD can disable (AMX tiles)
 * and that the frame calls init may be init or disabled: unknown. One with a
 * value was enabled.
 */
static void frame__doubt_xfd(struct xstate_image *img)
{
	const struct xstate_layout *l = img->layout;
	unsigned int nr;

	for (nr = 2; nr < XFEATURE_MAX; nr++)
		if ((l->xfeatures & XFEATURE_MASK(nr)) &&
		    (l->comp[nr].flags & XSTATE_COMP_XFD) &&
		    !(img->xstate_bv & XFEATURE_MASK(nr)))
			img->examined &= ~XFEATURE_MASK(nr);
}

static size_t frame__size(const uint8_t *fp)
{
	uint32_t magic, size;

	memcpy(&magic, fp + SW_MAGIC1, sizeof(magic));
	memcpy(&size, fp + SW_EXTENDED_SIZE, sizeof(size));
	return magic == FRAME_MAGIC1 ? size : XSTATE_LEGACY_SIZE;
}

/* PERF_SAMPLE_RAW payload: header and one block. Return: bytes, 0 on error. */
static size_t sample__raw(uint8_t *to, size_t room, const ucontext_t *uc)
{
	const struct xr_shm *shm = xr_agent.shm;
	const uint8_t *fp = (const uint8_t *)uc->uc_mcontext.fpregs;
	struct xstate_image img;
	size_t size;

	if (!fp || xstate_image__open_sigframe(&img, &shm->layout, fp, frame__size(fp), 0, NULL))
		return 0;
	frame__doubt_xfd(&img);
	if (xstate_raw__write_header(to, room, 1) ||
	    xstate_block__from_image(&img, shm->requested, XSTATE_CTX_USER_LIVE, 0,
				     frame__xinuse(&img), to + XSTATE_RAW_HEADER_SIZE,
				     room - XSTATE_RAW_HEADER_SIZE, &size))
		return 0;
	return XSTATE_RAW_HEADER_SIZE + size;
}

static uint64_t sample__since(int slot)
{
	uint64_t missed = xr_agent.threads[slot].since;

	return missed > xr_agent.started ? missed : xr_agent.started;
}

/*
 * Where the hit was. Behind a uprobe the instruction has run [capture/stepped.c];
 * after a uretprobe RIP is on the kernel's trampoline, which lies in the last pages
 * of the address space [kernel/events/uprobes.c: xol_add_vma()], and what it
 * returns to lies on the stack behind R11 and RCX [arch/x86/kernel/uprobes.c:
 * sys_uretprobe()]. Kernels before Linux 6.11 trap there instead and show the place.
 */
static uint64_t sample__ip(const struct xr_event *ev, const greg_t *r)
{
	static const uint64_t last_pages = 0x7fffffff0000;
	uint64_t rip = r[REG_RIP], frame[3];

	if (ev->flags & XR_EVENT_RETURN && rip >= last_pages &&
	    stack__copy(frame, r[REG_RSP], sizeof(frame), NULL) == sizeof(frame))
		return frame[2];
	/* the same place in its page, wherever the object is loaded */
	if (ev->stepped && !((rip - ev->stepped - ev->address) % XR_PAGE))
		return rip - ev->stepped;
	return rip;
}

static void sample__fill(struct xr_sample *s, int slot, const ucontext_t *uc, unsigned int event,
			 uint64_t periods)
{
	const struct xr_shm *shm = xr_agent.shm;
	uint64_t *chain = (uint64_t *)(s + 1);
	uint8_t *stack;
	size_t head;

	s->time = shm__now();
	s->period = (shm->mode == XR_MODE_TIMER ? shm->period : shm->events[event].period) * periods;
	s->event = event;
	s->since = sample__since(slot);
	s->pid = xr_agent.pid;
	s->tid = shm->tids[slot];
	s->cpu = cpu__number();
	s->nr_chain = shm->flags & XR_CALLCHAIN ? sample__chain(chain, uc, ring__scratch(slot)) : 0;
	sample__gprs(s->gpr, uc);
	s->ip = sample__ip(&shm->events[event], uc->uc_mcontext.gregs);
	stack = (uint8_t *)(chain + s->nr_chain);
	s->stack_size = sample__stack(stack, uc);
	head = stack + xr_stack_room(s->stack_size) - (uint8_t *)s;
	s->raw_size = sample__raw((uint8_t *)s + head, shm->max_record - head, uc);
	s->rec = (struct xr_rec){ .size = head + s->raw_size, .type = XR_REC_SAMPLE };
}

/*
 * The recorder empties the ring every millisecond or so, and a loop can be
 * through a probe a thousand times by then. Who asks for each hit of a place
 * wants them all: the program waits. Clocks and tracepoints never do.
 */
static void sample__wait(int slot, unsigned int event)
{
	enum { PATIENCE_MS = 100 };
	const struct xr_shm *shm = xr_agent.shm;
	const struct timespec ms = { .tv_nsec = 1000000 };
	unsigned int i;

	if (shm->mode != XR_MODE_SIGTRAP || !(shm->events[event].flags & XR_EVENT_PLACE))
		return;
	for (i = 0; i < PATIENCE_MS && !shm->stopped && !ring__has_room(slot, shm->max_record); i++)
		xr_syscall(SYS_nanosleep, (long)&ms, 0, 0, 0, 0);
}

void sample__take(const ucontext_t *uc, unsigned int event, uint64_t periods)
{
	struct xr_shm *shm = xr_agent.shm;
	int slot = shm__slot();
	struct xr_sample *s;

	if (slot < 0) {
		__atomic_fetch_add(&shm->no_slot, 1, __ATOMIC_RELAXED);
		return;
	}
	__atomic_store_n(&shm->slots[slot].busy, 1, __ATOMIC_SEQ_CST);
	sample__wait(slot, event);
	s = ring__reserve(slot, shm->max_record);
	if (s) {
		sample__fill(s, slot, uc, event, periods);
		if (!s->raw_size)
			shm->slots[slot].errors++;
		ring__commit(slot, &s->rec);
	} else {
		xr_agent.threads[slot].since = shm__now();
	}
	__atomic_store_n(&shm->slots[slot].busy, 0, __ATOMIC_RELEASE);
}
