/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The forms in which a kernel hands out registers, found by trying: each is an
 * attr that kernels without it refuse. Nothing here looks at a version.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "capture/kernel/kernel.h"
#include "capture/shm.h"

/* Bits of attr.sample_xstate and of the masks of the SIMD ABI [asm/perf_regs.h]. */
enum {
	XSTATE_USER	= 1,
	XSTATE_INTR	= 2,
	OPMASKS		= 0xff,
	QWORDS_XMM	= 2,
	QWORDS_YMM	= 4,
	QWORDS_ZMM	= 8,
};

static const uint64_t vectors_16 = 0xffff, vectors_32 = 0xffffffff;
static const uint64_t legacy_xmm = UINT64_C(0xffffffff) << 32;	/* PERF_REG_X86_XMM0..15 */
static const uint64_t simd_egpr = UINT64_C(0xffff) << 24, simd_ssp = UINT64_C(1) << 40;

const char *const kernel_form_names[KERNEL_FORMS] = {
	[KERNEL_GROUP] = "group", [KERNEL_SIMD] = "simd", [KERNEL_PEBS] = "pebs",
};

static const char *const form_names[KERNEL_FORMS] = {
	[KERNEL_GROUP] = "PERF_SAMPLE_XSTATE", [KERNEL_SIMD] = "SIMD ABI of Linux 7.4",
	[KERNEL_PEBS] = "precise events with XMM registers",
};

static const char *const form_says[KERNEL_FORMS] = {
	[KERNEL_GROUP]	= "this kernel has PERF_SAMPLE_XSTATE",
	[KERNEL_SIMD]	= "this kernel has the SIMD ABI of Linux 7.4, which does not tell init from zero and has no MXCSR",
	[KERNEL_PEBS]	= "precise events carry XMM here, and no more",
};

/* ---- attrs ---------------------------------------------------------------------------- */

static void attr__base(const struct kernel_request *r, struct perfdata_attr *p)
{
	struct perf_event_attr *a = &p->attr;
	const struct event *ev = &r->event;

	*a = (struct perf_event_attr){
		.size = PERFDATA_ATTR_VER7,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			       PERF_SAMPLE_CPU |
			       /* with a fixed period a software event would give each hit
				* [kernel/events/core.c: perf_swevent_event()] */
			       (r->period ? 0 : PERF_SAMPLE_PERIOD) |
			       (r->callchain ? PERF_SAMPLE_CALLCHAIN : 0) |
			       (r->several ? PERF_SAMPLE_IDENTIFIER : 0) |
			       (ev->kind == EVENT_TRACEPOINT ? PERF_SAMPLE_RAW : 0),
		.disabled = 1, .enable_on_exec = r->on_exec,
		/* The path of a uprobe is read again for each child, from the child's parent, where
		 * there is none: fork() would fail [kernel/trace/trace_event_perf.c: perf_uprobe_init()]. */
		.inherit = r->inherit && ev->kind != EVENT_UPROBE,
		.sample_id_all = 1, .build_id = !r->follower, .read_format = PERF_FORMAT_LOST,
		/* told once, by the first event */
		.mmap = !r->follower, .mmap2 = !r->follower, .comm = !r->follower,
		.comm_exec = !r->follower, .task = !r->follower,
		.use_clockid = 1, .clockid = CLOCK_MONOTONIC, .watermark = 1,
	};
	event__fill(ev, a);
	p->config3 = ev->config3;
	/* the idle task holds no registers, and cycles don't count there either */
	a->exclude_idle |= r->system_wide && ev->clock;
	if (r->period) {
		a->sample_period = r->period;
	} else {
		a->freq = 1;
		a->sample_freq = r->freq;
	}
	snprintf(p->name, sizeof(p->name), "%s", ev->name);
}

static void attr__general_regs(const struct kernel_request *r, struct perf_event_attr *a)
{
	a->sample_type |= PERF_SAMPLE_REGS_USER;
	a->sample_regs_user = XR_GPR_MASK;
	if (r->intr) {
		a->sample_type |= PERF_SAMPLE_REGS_INTR;
		a->sample_regs_intr = XR_GPR_MASK;
	}
}

static void attr__group(const struct kernel_request *r, struct perfdata_attr *p)
{
	attr__general_regs(r, &p->attr);
	p->attr.sample_type |= PERFDATA_SAMPLE_XSTATE;
	p->xfeatures = r->xfeatures;
	p->xstate = XSTATE_USER | (r->intr ? XSTATE_INTR : 0);
}

/* Whole classes only, one width for both sides. */
static void attr__simd(const struct kernel_request *r, struct perfdata_attr *p)
{
	uint64_t x = r->xfeatures, vectors = x & XFEATURE_MASK_AVX512 & ~XFEATURE_MASK(XFEATURE_OPMASK) ? vectors_32 :
			x & (XFEATURE_MASK(XFEATURE_YMM) | XFEATURE_MASK(XFEATURE_SSE)) ? vectors_16 : 0;
	uint32_t preds = x & XFEATURE_MASK(XFEATURE_OPMASK) ? OPMASKS : 0;
	uint64_t more = (x & XFEATURE_MASK(XFEATURE_APX) ? simd_egpr : 0) |
			(x & XFEATURE_MASK(XFEATURE_CET_USER) ? simd_ssp : 0);

	attr__general_regs(r, &p->attr);
	p->attr.sample_regs_user |= more;
	p->simd_enabled = 1;
	p->simd_vec_qwords = vectors == vectors_32 ? QWORDS_ZMM : x & XFEATURE_MASK(XFEATURE_YMM) ? QWORDS_YMM :
			     vectors ? QWORDS_XMM : 0;
	p->simd_pred_qwords = preds ? 1 : 0;
	p->simd_vec_user = vectors;
	p->simd_pred_user = preds;
	if (r->intr) {
		p->attr.sample_regs_intr |= more;
		p->simd_vec_intr = vectors;
		p->simd_pred_intr = preds;
	}
}

/*
 * The processor itself writes XMM into the PEBS record, of what it interrupted:
 * the user's where it interrupted user code, and only there.
 */
static void attr__pebs(const struct kernel_request *r, struct perfdata_attr *p)
{
	struct perf_event_attr *a = &p->attr;

	a->sample_type |= PERF_SAMPLE_REGS_INTR;
	a->sample_regs_intr = XR_GPR_MASK | legacy_xmm;
	if (!a->precise_ip)
		a->precise_ip = 1;
	if (!r->intr)
		a->exclude_kernel = 1;
}

/* As perf record --call-graph dwarf asks: the kernel's part of the chain stays a list. */
static void attr__stack(const struct kernel_request *r, struct perf_event_attr *a)
{
	a->sample_type |= PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
	a->sample_regs_user |= XR_GPR_MASK;
	a->sample_stack_user = r->stack;
	a->exclude_callchain_user = 1;
	a->mmap_data = 1;		/* perf looks for unwind tables there */
}

void kernel_form__attr(enum kernel_form form, const struct kernel_request *r,
		       struct perfdata_attr *a)
{
	static void (*const build[KERNEL_FORMS])(const struct kernel_request *, struct perfdata_attr *) = {
		[KERNEL_GROUP] = attr__group, [KERNEL_SIMD] = attr__simd, [KERNEL_PEBS] = attr__pebs,
	};

	memset(a, 0, sizeof(*a));
	attr__base(r, a);
	build[form](r, a);
	if (r->stack)
		attr__stack(r, &a->attr);
}

uint64_t kernel_form__xfeatures(enum kernel_form form, uint64_t want)
{
	static const uint64_t simd = XFEATURE_MASK(XFEATURE_SSE) | XFEATURE_MASK(XFEATURE_YMM) |
		XFEATURE_MASK_AVX512 | XFEATURE_MASK(XFEATURE_APX) | XFEATURE_MASK(XFEATURE_CET_USER);

	if (form == KERNEL_GROUP)
		return want;
	return want & (form == KERNEL_SIMD ? simd : XFEATURE_MASK(XFEATURE_SSE));
}

int kernel_open(void *ctx, const uint8_t *bytes, size_t size, int pid, int cpu)
{
	uint8_t copy[PERFDATA_ATTR_KERNEL_MAX];
	long fd;

	(void)ctx;
	/* the kernel writes the size that it knows there, on E2BIG */
	memcpy(copy, bytes, size);
	fd = syscall(SYS_perf_event_open, copy, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

int kernel_attr__open(const struct perfdata_attr *a, kernel_open_fn *open, void *ctx,
		      int pid, int cpu)
{
	uint8_t bytes[PERFDATA_ATTR_KERNEL_MAX];
	size_t size = perfdata_attr__to_kernel(a, bytes);

	return open(ctx, bytes, size, pid, cpu);
}

/* ---- trying -------------------------------------------------------------------------------- */

struct trial {
	struct kernel_request r;
	kernel_open_fn *open;
	void *ctx;
	unsigned int age;		/* how much the kernel is too old for */
};

/* What a kernel may refuse as unknown, and what is left out then. */
static void trial__age(const struct trial *t, struct perf_event_attr *a)
{
	if (t->age >= 1)		/* before Linux 6.0 */
		a->read_format = 0;
	if (t->age >= 2)		/* before Linux 5.12 */
		a->build_id = 0;
}

static int trial__attr(const struct trial *t, struct perfdata_attr *a)
{
	struct perfdata_attr here;
	int fd;

	trial__age(t, &a->attr);
	here = *a;
	event__point(&t->r.event, &here.attr);
	fd = kernel_attr__open(&here, t->open, t->ctx, t->r.system_wide ? -1 : 0,
			       t->r.system_wide ? t->r.cpu : -1);
	if (fd < 0)
		return fd;
	if (t->open == kernel_open)
		close(fd);
	return 0;
}

static int trial__plain(const struct trial *t)
{
	struct perfdata_attr a = { .xstate = 0 };

	attr__base(&t->r, &a);
	return trial__attr(t, &a);
}

static int trial__form(const struct trial *t, enum kernel_form form)
{
	struct perfdata_attr a;

	kernel_form__attr(form, &t->r, &a);
	return trial__attr(t, &a);
}

/*
 * The event by itself, to tell what is wrong with it from what is wrong with
 * a form: old kernels lack some bits, and without privilege there is no
 * sample of the kernel.
 */
static int trial__event(struct trial *t, bool *user_only)
{
	enum { AGES = 3 };
	int ret;

	do {
		ret = trial__plain(t);
	} while (ret == -EINVAL && ++t->age < AGES);
	if ((ret == -EACCES || ret == -EPERM) && !t->r.event.kernel && !t->r.event.user && !t->r.intr) {
		t->r.event.user = true;
		ret = trial__plain(t);
		*user_only = !ret;
	}
	return ret;
}

/* The components that this kernel takes, one by one, when it refuses them together. */
static int trial__group(struct trial *t)
{
	uint64_t want = t->r.xfeatures, taken = 0;
	unsigned int nr;
	int ret = trial__form(t, KERNEL_GROUP);

	if (ret != -EINVAL || !want)
		return ret;
	t->r.xfeatures = 0;
	ret = trial__form(t, KERNEL_GROUP);
	for (nr = 0; !ret && nr < XFEATURE_MAX; nr++) {
		t->r.xfeatures = want & XFEATURE_MASK(nr);
		if (t->r.xfeatures && !trial__form(t, KERNEL_GROUP))
			taken |= t->r.xfeatures;
	}
	t->r.xfeatures = taken;
	if (!ret)
		ret = taken ? trial__form(t, KERNEL_GROUP) : -EINVAL;
	if (ret)
		t->r.xfeatures = want;
	return ret;
}

/* Worth taking? XMM alone where more is wanted is not, while another backend has it. */
static bool form__suits(const struct kernel_request *r, enum kernel_form form)
{
	uint64_t has = kernel_form__xfeatures(form, r->xfeatures);

	if (r->only >= 0)
		return (int)form == r->only;
	if (form == KERNEL_GROUP)
		return true;
	if (!has)
		return false;
	return form == KERNEL_SIMD || r->last_resort || has == r->xfeatures;
}

static int trial__forms(struct trial *t, int error[KERNEL_FORMS])
{
	int form;

	for (form = 0; form < KERNEL_FORMS; form++) {
		error[form] = 0;
		if (!form__suits(&t->r, form))
			continue;
		error[form] = form == KERNEL_GROUP ? trial__group(t) : trial__form(t, form);
		if (!error[form])
			return form;
	}
	return -1;
}

/* ---- what is said ------------------------------------------------------------------------------ */

static long max_sample_rate(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_max_sample_rate", "re");
	long v = 0;

	if (f) {
		if (fscanf(f, "%ld", &v) != 1)
			v = 0;
		fclose(f);
	}
	return v;
}

static int refusal__privilege(const struct kernel_request *r, struct err *e)
{
	int now = event__paranoid(), need = r->system_wide ? 0 : r->intr || r->event.kernel ? 1 : 2;

	if (now <= need)
		return err__set(e, "cannot record %s: perf_event_open is refused although kernel.perf_event_paranoid is %d: a seccomp filter, a security module, kernel lockdown or another user's process; run as root or as that user",
				r->event.name, now);
	return err__set(e, "cannot record %s%s: kernel.perf_event_paranoid is %d; sysctl kernel.perf_event_paranoid=%d would allow it, and so does root or CAP_PERFMON",
			r->event.name, r->system_wide ? " on whole CPUs" : need == 1 ? " in the kernel" : "", now, need);
}

/* -C of a CPU that is offline (ENODEV) or beyond the last (EINVAL). */
static bool cpu__missing(int error, const struct kernel_request *r)
{
	return r->system_wide && (error == -ENODEV ||
		(error == -EINVAL && r->cpu >= sysconf(_SC_NPROCESSORS_CONF)));
}

int kernel__refusal(int error, const struct kernel_request *r, struct err *e)
{
	struct rlimit nofile = { 0 };
	long rate = max_sample_rate();

	if (cpu__missing(error, r))
		return err__usage(e, "cannot record on CPU %d: it is offline or not there", r->cpu);
	switch (-error) {
	case EACCES:
	case EPERM:
		return refusal__privilege(r, e);
	case EMFILE:
	case ENFILE:
		getrlimit(RLIMIT_NOFILE, &nofile);
		return err__set(e, "cannot record: an event for each thread and CPU needs more than the %llu files that may be open; raise ulimit -n, choose CPUs by -C, or record whole CPUs by -a",
				(unsigned long long)nofile.rlim_cur);
	case EINVAL:
		if (!r->period && rate && r->freq > (uint64_t)rate)
			return err__usage(e, "cannot record at %llu Hz: kernel.perf_event_max_sample_rate is %ld; use a lower -F or raise it",
					  (unsigned long long)r->freq, rate);
		return err__usage(e, "cannot record event '%s': the kernel refuses it%s; try another event or fewer modifiers",
				  r->event.name, r->event.precise ? " with precise (:p)" : "");
	case ENOENT:
	case ENODEV:
	case EOPNOTSUPP:
		return err__usage(e, "cannot record event '%s': this machine does not count it%s; use -e task-clock", r->event.name,
				  event__has_pmu() ? "" : " (no hardware PMU: a virtual machine without one?)");
	case ENOSYS:
		return err__set(e, "cannot record by kernel: this kernel has no perf_event_open (CONFIG_PERF_EVENTS)");
	case EBUSY:
		return err__set(e, "cannot record event '%s': its counters are in use; end the other recorder", r->event.name);
	case ESRCH:
		return err__set(e, "cannot record: the process or thread is gone");
	default:
		return err__set(e, "cannot record event '%s': perf_event_open: %s", r->event.name, strerror(-error));
	}
}

static int refusal__forms(const struct trial *t, const int error[KERNEL_FORMS], struct err *e)
{
	const struct kernel_request *r = &t->r;
	int form;

	for (form = 0; form < KERNEL_FORMS; form++) {
		if (error[form] == -EACCES || error[form] == -EPERM)
			return refusal__privilege(r, e);
		if (error[form] == -ENOMEM)
			return err__set(e, "cannot record by kernel: no memory for the registers of each CPU");
	}
	if (r->only == KERNEL_PEBS && !event__has_pmu())
		return err__set(e, "no hardware PMU%s", machine__is_virtual() ? " in this virtual machine" : ", or no driver for it");
	if (r->only >= 0)
		return err__set(e, "this kernel or PMU has no %s (%s)", form_names[r->only],
				error[r->only] ? strerror(-error[r->only]) : "for these registers");
	return err__set(e, "this kernel shows no vector registers with %s: neither PERF_SAMPLE_XSTATE (see kernel-patches/README.md) nor the SIMD ABI of Linux 7.4",
			r->event.name);
}

int kernel__choose(const struct kernel_request *r, kernel_open_fn *open, void *ctx,
		   struct kernel_choice *c, struct err *e)
{
	struct trial t = { .r = *r, .open = open, .ctx = ctx };
	int ret, form, error[KERNEL_FORMS] = { 0 };
	bool user_only = false;

	ret = trial__event(&t, &user_only);
	if (ret)
		return kernel__refusal(ret, &t.r, e);
	form = trial__forms(&t, error);
	if (form < 0)
		return refusal__forms(&t, error, e);
	*c = (struct kernel_choice){ .form = form, .user_only = user_only };
	c->xfeatures = kernel_form__xfeatures(form, t.r.xfeatures);
	kernel_form__attr(form, &t.r, &c->attr);
	trial__age(&t, &c->attr.attr);
	snprintf(c->why, sizeof(c->why), "%s%s%s", form_says[form],
		 form == KERNEL_SIMD && t.r.intr ? "; perf before 7.4 cannot open a file with --intr-regs in it" : "",
		 user_only ? "; user mode only (kernel.perf_event_paranoid)" :
		 t.r.event.kind == EVENT_UPROBE && t.r.inherit ? "; uprobes do not follow threads and children" : "");
	return 0;
}
