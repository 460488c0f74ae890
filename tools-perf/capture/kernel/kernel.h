/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of backend kernel share: samples come from the kernel's own
 * ring buffers, with the registers that it copied at the hit.
 */
#ifndef PERF_XREGS_CAPTURE_KERNEL_H
#define PERF_XREGS_CAPTURE_KERNEL_H

#include "capture/capture.h"

/* ---- ktarget.c --------------------------------------------------------------------- */

struct idlist {
	int *id;
	size_t nr;
};

/** idlist__parse - "3,5" or, with @ranges, "0-3,5"; -1 with a usage error for @option */
int idlist__parse(struct idlist *l, const char *text, const char *option, bool ranges,
		  struct err *e);
/** idlist__add - -1 with @e when there is no memory */
int idlist__add(struct idlist *l, int id, struct err *e);
bool idlist__has(const struct idlist *l, int id);
/** idlist__threads - all threads of the processes in @pids */
int idlist__threads(struct idlist *tids, const struct idlist *pids, struct err *e);
void idlist__free(struct idlist *l);

/** ktarget__synthesize - names and maps at @time of the processes in @pids, NULL: of all */
int ktarget__synthesize(struct session *s, const struct idlist *pids, uint64_t time,
			struct err *e);
/** ktarget__kernel_map - where the kernel's text and its modules lie */
int ktarget__kernel_map(struct session *s, struct err *e);

/* ---- kform.c --------------------------------------------------------------------------- */

/* How registers come with a sample, the most telling first. */
enum kernel_form {
	KERNEL_GROUP,			/* PERF_SAMPLE_XSTATE */
	KERNEL_SIMD,			/* the SIMD ABI of Linux 7.4: whole classes, no MXCSR */
	KERNEL_PEBS,			/* XMM in sample_regs_intr, by precise events */
	KERNEL_FORMS,
};

extern const char *const kernel_form_names[KERNEL_FORMS];

struct kernel_request {
	struct event event;
	uint64_t freq, period;		/* one of them */
	uint64_t xfeatures;		/* wanted; 0: the header alone */
	bool intr;			/* also the interrupted state */
	bool callchain, inherit, on_exec;
	uint32_t stack;			/* bytes of the user's stack to copy, 0: none */
	bool several;			/* events in the recording: their samples need ids */
	bool follower;			/* not the first of them, which tells of maps and names */
	bool system_wide;
	int cpu;			/* that is tried system-wide */
	bool last_resort;		/* no other backend can do this: take less */
	int only;			/* enum kernel_form, -1: any */
};

/* perf_event_open() of an attr of @size bytes: a descriptor or -errno. */
typedef int kernel_open_fn(void *ctx, const uint8_t *bytes, size_t size, int pid, int cpu);

/** kernel_open - the system call itself */
int kernel_open(void *ctx, const uint8_t *bytes, size_t size, int pid, int cpu);

struct kernel_choice {
	enum kernel_form form;
	struct perfdata_attr attr;	/* what is opened, and what the file says */
	uint64_t xfeatures;		/* that this form delivers */
	bool user_only;			/* the kernel's hits were refused */
	char why[384];
};

/** kernel_form__attr - the event of a request, in this form, disabled */
void kernel_form__attr(enum kernel_form form, const struct kernel_request *r,
		       struct perfdata_attr *a);
/** kernel_form__xfeatures - components that a form can deliver of @want */
uint64_t kernel_form__xfeatures(enum kernel_form form, uint64_t want);
/** kernel_attr__open - encode and open it */
int kernel_attr__open(const struct perfdata_attr *a, kernel_open_fn *open, void *ctx,
		      int pid, int cpu);

/**
 * kernel__choose - the first form that works here and delivers what is asked
 * @open: perf_event_open(), or what stands for it in a test
 * @c: written on success
 *
 * Return: 0, or -1 with the reason in @e: the event is not there, refused (by
 * which setting, and what to do), or no form carries the registers.
 */
int kernel__choose(const struct kernel_request *r, kernel_open_fn *open, void *ctx,
		   struct kernel_choice *c, struct err *e);

/** kernel__refusal - what an errno of perf_event_open() means; always -1 */
int kernel__refusal(int error, const struct kernel_request *r, struct err *e);

#endif
