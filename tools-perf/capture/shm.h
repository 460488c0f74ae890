/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the recorder and the agents in its targets share: one sparse memfd of
 * the recorder, mode 0600. The recorder maps it whole; an agent maps the first
 * part and, when a thread is hit for the first time, that thread's ring.
 *
 *	struct xr_shm		configuration, tables of threads and processes
 *	XR_SLOTS times:		XR_RING_SIZE ring, XR_SCRATCH_SIZE of stack copy
 *
 * A ring has one producer, the signal handler of the thread whose id stands in
 * tids[], and one consumer, the recorder. Positions only grow; the records lie
 * at position % XR_RING_SIZE and never wrap: an XR_REC_PAD fills the end.
 */
#ifndef PERF_XREGS_CAPTURE_SHM_H
#define PERF_XREGS_CAPTURE_SHM_H

#include <stdint.h>
#include <linux/perf_event.h>

#include <xstate/xstate.h>

#define XR_AGENT_ENV	"XREGS_AGENT"	/* path of the memfd, for the agent */
#define XR_AGENT_NAME	"libxregs-agent.so"

enum {
	XR_SHM_MAGIC	= 0x53535258,
	XR_SHM_VERSION	= 3,
	XR_SLOTS	= 1024,		/* threads at a time */
	XR_PROCS	= 1024,		/* processes at a time */
	XR_RING_SIZE	= 512 * 1024,
	XR_SCRATCH_SIZE	= 16 * 1024,
	XR_MAX_CHAIN	= 127,		/* as kernel.perf_event_max_stack */
	XR_MAX_STACK	= 65528,	/* as perf record --call-graph dwarf has it */
	XR_EVENTS	= 32,		/* of one recording */
	XR_PATH_MAX	= 1024,
	XR_NR_GPRS	= 20,		/* PERF_REG_X86_AX..R15 but DS ES FS GS */
};

/* PERF_REG_X86_* bits 0..23 without DS, ES, FS, GS (12..15). */
static const uint64_t XR_GPR_MASK = 0xff0fff;

enum xr_mode {
	XR_MODE_SIGTRAP	= 1,		/* perf event with attr.sigtrap */
	XR_MODE_TIMER	= 2,		/* POSIX timer of each thread's CPU time */
};

enum xr_flags {
	XR_CALLCHAIN	= 1,
	XR_SEND_MAPS	= 2,		/* no side-band events: send /proc/self/maps */
};

/* Why a process gives no samples. */
enum xr_reason {
	XR_SAMPLED	= 0,
	XR_NOT_YET,			/* exec announced, no agent said hello since */
	XR_GO,				/* Go: installs its handlers by system call */
	XR_EVENT,			/* perf_event_open() refused, see error */
	XR_TIMER,			/* timer_create() refused, see error */
	XR_STATIC,			/* no dynamic loader that could load the agent */
	XR_FOREIGN,			/* another C library or architecture */
	XR_SETUID,			/* the loader ignores LD_PRELOAD */
	XR_REASONS,
};

struct xr_proc {
	uint32_t pid;			/* 0: free, claimed by compare-and-swap */
	uint32_t ready;			/* what follows is complete */
	uint32_t ppid;
	uint32_t reason;		/* enum xr_reason */
	int32_t error;
	uint32_t generation;		/* grows with each hello: fork 1, exec 2 ... */
	uint64_t start;			/* CLOCK_MONOTONIC of the last hello */
};

/* A thread's slot. Counters are never reset: the recorder adds them up. */
struct xr_slot {
	uint64_t head;			/* producer */
	uint64_t lost;			/* ring full */
	uint64_t blocked;		/* hit while SIGTRAP was blocked */
	uint64_t kernel;		/* timer expired in a system call */
	uint64_t errors;		/* signal frames that could not be read */
	uint32_t busy;			/* a record with an older time may come */
	uint32_t pid;
	uint8_t pad[16];
	uint64_t tail __attribute__((aligned(64)));	/* consumer */
};

enum xr_event_flags {
	XR_EVENT_MOVES	= 1,		/* address: add where the object is loaded */
	XR_EVENT_UPROBE	= 2,		/* the kernel wants the object's path */
	XR_EVENT_PLACE	= 4,		/* a place in the program, not a matter of time */
	XR_EVENT_RETURN	= 8,		/* a uretprobe: the signal comes on its trampoline */
};

/* What makes an agent's signals. */
struct xr_event {
	struct perf_event_attr attr;	/* sig_data: the cookie and the event's index */
	uint64_t period;
	uint64_t address;		/* as in the object's headers */
	uint64_t dev, ino;		/* of the object */
	uint32_t flags;
	uint32_t stepped;		/* bytes of the instruction that has run when the signal comes */
	char path[XR_PATH_MAX];		/* of the object, "": none */
};

struct xr_shm {
	uint32_t magic, version;
	uint64_t size;			/* of the memfd */
	uint32_t mode, flags;
	uint32_t recorder;		/* pid */
	uint32_t stopped;		/* the recorder has finished */
	uint64_t cookie;		/* timers' si_value; + index: attr.sig_data; ends with a 0 byte */
	uint64_t period;		/* of a timer, ns */
	uint64_t requested;		/* components */
	uint64_t max_record;		/* bytes of the largest sample */
	uint64_t stack_size;		/* to copy, 0: none */
	uint64_t no_slot;		/* hits without a free slot */
	uint64_t no_proc;		/* processes without a free entry */
	char socket[64];		/* abstract address, without the leading 0 */
	uint32_t nr_events, reserved;
	struct xr_event events[XR_EVENTS];
	struct xstate_layout layout;
	uint32_t slots_used;		/* highest slot ever claimed + 1 */
	uint32_t tids[XR_SLOTS];	/* 0: free */
	struct xr_slot slots[XR_SLOTS];
	struct xr_proc procs[XR_PROCS];
};

enum {
	XR_PAGE		= 4096,
	XR_SHM_HEAD	= (sizeof(struct xr_shm) + XR_PAGE - 1) & -XR_PAGE,
	XR_SLOT_SIZE	= XR_RING_SIZE + XR_SCRATCH_SIZE,
};

enum xr_rec_type {
	XR_REC_PAD	= 1,
	XR_REC_SAMPLE	= 2,
	XR_REC_MAPS	= 3,		/* text of /proc/self/maps */
};

struct xr_rec {
	uint32_t size;			/* with this header, multiple of 8 */
	uint16_t type;
	uint16_t reserved;
};

struct xr_sample {
	struct xr_rec rec;
	uint64_t time;			/* CLOCK_MONOTONIC, ns */
	uint64_t period;
	uint32_t pid, tid, cpu;
	uint32_t nr_chain;
	uint32_t raw_size;		/* PERF_SAMPLE_RAW payload */
	uint32_t stack_size;		/* bytes of it that could be copied */
	uint32_t event;			/* its index */
	uint32_t reserved;
	/* What the kernel told of a hit at or before this time has other registers:
	 * the event was not there yet, or a signal in between gave no record. */
	uint64_t since;
	uint64_t ip;			/* of the hit; gpr has RIP as the signal shows it */
	uint64_t gpr[XR_NR_GPRS];	/* in the order of XR_GPR_MASK */
	/* u64 chain[nr_chain], the stack in xr_stack_room(), then the payload */
};

struct xr_maps {
	struct xr_rec rec;
	uint64_t time;
	uint32_t pid, len;		/* bytes of text behind */
};

/* What comes over the socket, with the event as SCM_RIGHTS. */
struct xr_hello {
	uint32_t magic, pid;
	uint32_t event, reserved;	/* its index */
};

static inline uint64_t xr_stack_room(uint32_t size)
{
	return (size + UINT64_C(7)) & ~UINT64_C(7);
}

static inline uint64_t xr_ring_offset(unsigned int slot)
{
	return XR_SHM_HEAD + (uint64_t)slot * XR_SLOT_SIZE;
}

#endif
