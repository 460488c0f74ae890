/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose upper vector state is in use, on the whole machine.
 *
 * The registers of a task that is not on a CPU lie in its fpstate, exactly:
 * they are saved before on_cpu is cleared [kernel/sched/core.c: finish_task()]
 * and loaded after it is set. XSAVES writes XSTATE_BV also where it writes no
 * component (init and modified optimisation) [SDM vol. 1, 13.11]. Those of a
 * task on a CPU are live, and what lies in memory is old: for it stands what
 * it came with when it was switched to, which sched_switch shows.
 *
 * sched_switch and not x86_fpu_regs_deactivated, which does not fire where
 * registers lay in memory already (after kernel_fpu_begin(), a signal, ptrace).
 */
#include "kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "census_data.h"

char LICENSE[] SEC("license") = "GPL";

/* What is kept of a task between two looks. */
struct task_record {
	struct census_image image;	/* with which it was switched to */
	__u64 since;			/* ns; 0: was not seen switched to */
	struct census_switches switches, told;
	__u64 runtime_told;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_record);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct census_cpu);
} cpus SEC(".maps");

enum {
	YMM_Hi128 = 1 << 2, OPMASK = 1 << 5, ZMM_Hi256 = 1 << 6, Hi16_ZMM = 1 << 7,
	XTILE = 1 << 17 | 1 << 18,
	XSAVE_HEADER_END = 576,		/* an image without it is one of FXSAVE */
};

static __always_inline __u32 image__kinds(const struct census_image *im)
{
	__u32 kinds = 0;

	if (im->size < XSAVE_HEADER_END)
		return 0;
	kinds |= im->xfeatures & (YMM_Hi128 | ZMM_Hi256) ? 1 << CENSUS_UPPER : 0;
	kinds |= im->xfeatures & ZMM_Hi256 ? 1 << CENSUS_ZMM : 0;
	kinds |= im->xfeatures & (OPMASK | ZMM_Hi256 | Hi16_ZMM) ? 1 << CENSUS_AVX512 : 0;
	kinds |= im->xfeatures & XTILE ? 1 << CENSUS_AMX : 0;
	return kinds;
}

static __always_inline void counts__add(__u64 counts[CENSUS_KINDS], __u32 kinds, __u64 n)
{
	int i;

#pragma unroll
	for (i = 0; i < CENSUS_KINDS; i++)
		if (kinds >> i & 1)
			counts[i] += n;
}

/* ---- a task's registers ------------------------------------------------------------- */

static __always_inline bool task__is_kernel(const struct task_struct *t)
{
	return t->flags & (PF_KTHREAD | PF_USER_WORKER | PF_IO_WORKER);
}

static __always_inline struct fpu *task__fpu(struct task_struct *t)
{
	struct task_struct___embedded *old = (void *)t;

	if (bpf_core_field_exists(old->thread.fpu))
		return (void *)t + bpf_core_field_offset(struct task_struct___embedded, thread) +
		       bpf_core_field_offset(struct thread_struct___embedded, fpu);
	return (void *)t + bpf_core_type_size(struct task_struct);
}

static __always_inline void image__read(struct census_image *im, struct fpu *fpu)
{
	struct fpstate *s = BPF_CORE_READ(fpu, fpstate);
	struct xregs_state *x = &s->regs.xsave;

	im->xfd = BPF_CORE_READ(s, xfd);
	im->supported = BPF_CORE_READ(s, xfeatures);
	im->guest = BPF_CORE_READ_BITFIELD_PROBED(s, is_guest);
	im->mxcsr = BPF_CORE_READ(x, i387.mxcsr);
	im->xcomp_bv = BPF_CORE_READ(x, header.xcomp_bv);
	im->size = 0;
	if (!bpf_core_read(&im->xfeatures, sizeof(im->xfeatures), &x->header.xfeatures))
		im->size = BPF_CORE_READ(s, size);
}

/* ---- switches --------------------------------------------------------------------------- */

static __always_inline void cpu__switch(__u32 kinds, bool busy, __u64 now)
{
	__u32 zero = 0;
	struct census_cpu *c = bpf_map_lookup_elem(&cpus, &zero);

	if (!c)
		return;
	if (c->since && c->is_busy) {
		c->busy += now - c->since;
		counts__add(c->kind_busy, c->kinds, now - c->since);
	}
	c->since = now;
	c->kinds = kinds;
	c->is_busy = busy;
	c->switches.total += busy;
	counts__add(c->switches.kind, kinds, 1);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(census_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_record *r;
	__u32 kinds;

	if (task__is_kernel(next)) {
		cpu__switch(0, next->pid, now);
		return 0;
	}
	r = bpf_task_storage_get(&tasks, next, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!r) {
		cpu__switch(0, true, now);
		return 0;
	}
	image__read(&r->image, task__fpu(next));
	r->since = now;
	kinds = image__kinds(&r->image);
	r->switches.total++;
	counts__add(r->switches.kind, kinds, 1);
	cpu__switch(kinds, true, now);
	return 0;
}

/* What is gone is in no later look. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(census_exit, struct task_struct *t)
{
	__u32 zero = 0, kinds = 0;
	struct census_cpu *c = bpf_map_lookup_elem(&cpus, &zero);
	struct task_record *r;
	int i;

	if (!c || task__is_kernel(t))
		return 0;
	c->exited++;
	r = bpf_task_storage_get(&tasks, t, NULL, 0);
	if (!r)
		return 0;
#pragma unroll
	for (i = 0; i < CENSUS_KINDS; i++)
		kinds |= r->switches.kind[i] > r->told.kind[i] ? 1 << i : 0;
	counts__add(c->exited_kind, kinds, 1);
	return 0;
}

/* ---- a look at every task --------------------------------------------------------------------- */

/*
 * Not on a CPU before and after, and not switched out in between: what was read
 * was at rest.
 */
static __always_inline bool task__read_at_rest(struct census_image *im, struct task_struct *t,
					       struct fpu *fpu)
{
	unsigned long switches = BPF_CORE_READ(t, nvcsw) + BPF_CORE_READ(t, nivcsw);

	if (BPF_CORE_READ(t, on_cpu))
		return false;
	image__read(im, fpu);
	return !BPF_CORE_READ(t, on_cpu) &&
	       switches == BPF_CORE_READ(t, nvcsw) + BPF_CORE_READ(t, nivcsw);
}

static __always_inline void census__image(struct census_task *out, struct task_struct *t,
					  const struct task_record *r)
{
	struct fpu *fpu = task__fpu(t);
	unsigned long used = BPF_CORE_READ(fpu, avx512_timestamp);

	out->avx512_age = used ? bpf_jiffies64() - used : ~0ULL;
	if (task__read_at_rest(&out->image, t, fpu))
		return;
	out->flags |= CENSUS_RUNNING;
	__builtin_memset(&out->image, 0, sizeof(out->image));
	if (!r || !r->since)
		return;
	out->flags |= CENSUS_SEEN;
	out->image = r->image;
	out->image_age = bpf_ktime_get_ns() - r->since;
}

static __always_inline void census__describe(struct census_task *out, struct task_struct *t)
{
	out->pid = t->tgid;
	out->tid = t->pid;
	out->uid = BPF_CORE_READ(t, cred, uid.val);
	out->cpu = BPF_CORE_READ(t, thread_info.cpu);
	out->start_time = t->start_time;
	out->flags = task__is_kernel(t) ? CENSUS_KERNEL : 0;
	if (t->flags & PF_EXITING)
		out->flags |= CENSUS_EXITING;
	bpf_core_read(out->comm, sizeof(out->comm), &t->comm);
}

static __always_inline void switches__since(struct census_switches *out, const struct census_switches *now,
					    const struct census_switches *before)
{
	int i;

	out->total = now->total - before->total;
#pragma unroll
	for (i = 0; i < CENSUS_KINDS; i++)
		out->kind[i] = now->kind[i] - before->kind[i];
}

SEC("iter/task")
int census_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;
	struct census_task out = { 0 };
	struct census_switches switches;
	struct task_record *r;
	__u64 runtime;

	if (!t)
		return 0;
	census__describe(&out, t);
	if (out.flags & CENSUS_KERNEL) {
		bpf_seq_write(ctx->meta->seq, &out, sizeof(out));
		return 0;
	}
	r = bpf_task_storage_get(&tasks, t, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	census__image(&out, t, r);
	if (!r) {
		bpf_seq_write(ctx->meta->seq, &out, sizeof(out));
		return 0;
	}
	switches = r->switches;
	runtime = t->se.sum_exec_runtime;
	switches__since(&out.switches, &switches, &r->told);
	out.runtime = runtime - r->runtime_told;
	/* A full buffer: it comes again for the same task. */
	if (!bpf_seq_write(ctx->meta->seq, &out, sizeof(out))) {
		r->told = switches;
		r->runtime_told = runtime;
	}
	return 0;
}
