/* SPDX-License-Identifier: GPL-2.0-only */
/* The attrs that backend kernel builds, and what it takes from which kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/kernel/kernel.h"

/* A kernel and its machine, as far as perf_event_open() looks at an attr. */
struct fake {
	size_t attr_size;		/* that it knows */
	uint64_t group;			/* components that PERF_SAMPLE_XSTATE takes */
	bool has_group, simd, pmu, pebs_xmm, build_id, format_lost;
	int paranoid;			/* of an unprivileged caller; -1: root */
	int error;			/* for everything, if not 0 */
	unsigned int opened;
};

static uint64_t get(const uint8_t *bytes, size_t at, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, bytes + at, n);
	return v;
}

static bool zero_from(const uint8_t *bytes, size_t from, size_t size)
{
	for (; from < size; from++)
		if (bytes[from])
			return false;
	return true;
}

/* The bytes behind 128, at the offsets of the ABI. */
static int fake__tail(const struct fake *f, const struct perf_event_attr *a, const uint8_t *bytes, size_t size)
{
	bool group = a->sample_type & 1 << 25, simd = size >= 176 && get(bytes, 144, 2);

	if (group && (!f->has_group || size < 192 || !get(bytes, 184, 4) || get(bytes, 184, 4) > 3 ||
		      get(bytes, 188, 4) || get(bytes, 176, 8) & ~f->group))
		return -EINVAL;
	if (simd && !f->simd)
		return -EOPNOTSUPP;
	if (simd && get(bytes, 168, 8) && get(bytes, 168, 8) != (get(bytes, 148, 2) == 8 ? 0xffffffff : 0xffff))
		return -EINVAL;
	return simd && get(bytes, 156, 4) && (get(bytes, 156, 4) != 0xff || get(bytes, 146, 2) != 1) ? -EINVAL : 0;
}

static int fake__open(void *ctx, const uint8_t *bytes, size_t size, int pid, int cpu)
{
	struct perf_event_attr a;
	struct fake *f = ctx;

	memset(&a, 0, sizeof(a));
	memcpy(&a, bytes, sizeof(a) < size ? sizeof(a) : size);
	assert_int_equal(a.size, size);
	f->opened++;
	if (f->error)
		return f->error;
	if (size > f->attr_size && !zero_from(bytes, f->attr_size, size))
		return -E2BIG;
	if ((a.build_id && !f->build_id) || (a.read_format && !f->format_lost))
		return -EINVAL;
	if ((f->paranoid > 1 && !a.exclude_kernel) || f->paranoid > 2 ||
	    (f->paranoid > 0 && pid == -1 && cpu >= 0))
		return -EACCES;
	if (a.type != PERF_TYPE_SOFTWARE && !f->pmu)
		return -ENOENT;
	if (a.sample_type & PERF_SAMPLE_REGS_INTR && a.sample_regs_intr >> 32 &&
	    !(f->pebs_xmm && a.precise_ip))
		return -EOPNOTSUPP;
	return fake__tail(f, &a, bytes, size);
}

static const struct fake patched = {
	.attr_size = 192, .has_group = true, .group = 0xae7, .simd = true, .build_id = true, .format_lost = true, .paranoid = -1,
};
static const struct fake linux_7_4 = {
	.attr_size = 176, .simd = true, .pmu = true, .pebs_xmm = true, .build_id = true, .format_lost = true, .paranoid = -1,
};
static const struct fake stock = {
	.attr_size = 136, .pmu = true, .pebs_xmm = true, .build_id = true, .format_lost = true, .paranoid = -1,
};
static const struct fake vm = { .attr_size = 136, .build_id = true, .format_lost = true, .paranoid = -1 };

static struct kernel_request request(const char *event, uint64_t xfeatures)
{
	struct kernel_request r = { .freq = 1000, .xfeatures = xfeatures, .only = -1 };
	struct event_list events = { .ev = NULL };
	struct err e;

	assert_int_equal(events__parse(&events, event, events__machine(), &e), 0);
	r.event = events.ev[0];
	events__free(&events);	/* what is copied has no strings */
	return r;
}

static int choose(struct fake f, const struct kernel_request *r, struct kernel_choice *c, struct err *e)
{
	return kernel__choose(r, fake__open, &f, c, e);
}

/* ---- call chains ------------------------------------------------------------------- */

/* As perf record --call-graph dwarf, whatever form carries the vector registers. */
static void a_copy_of_the_stack(void **state)
{
	const uint64_t dwarf = PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
	struct kernel_request r = request("task-clock", 0xe7);
	struct perfdata_attr a;
	int form;

	(void)state;
	r.callchain = true;
	for (form = 0; form < KERNEL_FORMS; form++) {
		r.stack = 0;
		kernel_form__attr(form, &r, &a);
		assert_true((a.attr.sample_type & (dwarf & ~PERF_SAMPLE_REGS_USER)) == PERF_SAMPLE_CALLCHAIN);
		assert_false(a.attr.exclude_callchain_user);
		r.stack = 4096;
		kernel_form__attr(form, &r, &a);
		assert_true((a.attr.sample_type & dwarf) == dwarf);
		assert_int_equal(a.attr.sample_stack_user, 4096);
		assert_true((a.attr.sample_regs_user & 0xff0fff) == 0xff0fff);
		assert_true(a.attr.exclude_callchain_user && a.attr.mmap_data);
	}
}

/* ---- which form -------------------------------------------------------------------- */

static void our_group_first(void **state)
{
	struct kernel_request r = request("task-clock", 0xe7);
	struct kernel_choice c;
	struct err e;

	(void)state;
	assert_int_equal(choose(patched, &r, &c, &e), 0);
	assert_int_equal(c.form, KERNEL_GROUP);
	assert_true(c.xfeatures == 0xe7 && c.attr.xfeatures == 0xe7 && c.attr.xstate == 1);
	assert_false(c.user_only);
	r.intr = true;
	assert_int_equal(choose(patched, &r, &c, &e), 0);
	assert_int_equal(c.attr.xstate, 3);
	r.xfeatures = 0;		/* the header alone */
	assert_int_equal(choose(patched, &r, &c, &e), 0);
	assert_true(c.form == KERNEL_GROUP && !c.attr.xfeatures);
}

static void components_one_by_one(void **state)
{
	struct kernel_request r = request("task-clock", 0xe7 | 1 << 19 | 1 << 18);
	struct kernel_choice c;
	struct err e;

	(void)state;
	assert_int_equal(choose(patched, &r, &c, &e), 0);
	assert_int_equal(c.form, KERNEL_GROUP);
	assert_true(c.xfeatures == 0xe7 && c.attr.xfeatures == 0xe7);
	r.xfeatures = 1 << 19;
	r.only = KERNEL_GROUP;
	assert_int_equal(choose(patched, &r, &c, &e), -1);
}

static void simd_next(void **state)
{
	struct kernel_request r = request("cycles", 0xe7 | 1 << 9);
	struct kernel_choice c;
	struct err e;

	(void)state;
	assert_int_equal(choose(linux_7_4, &r, &c, &e), 0);
	assert_int_equal(c.form, KERNEL_SIMD);
	assert_true(c.xfeatures == 0xe6);	/* no x87, no PKRU */
	assert_true(c.attr.simd_vec_user == 0xffffffff && c.attr.simd_vec_qwords == 8 &&
		    c.attr.simd_pred_user == 0xff && !c.attr.simd_vec_intr);
	r = request("cycles", 6);
	assert_int_equal(choose(linux_7_4, &r, &c, &e), 0);
	assert_true(c.attr.simd_vec_user == 0xffff && c.attr.simd_vec_qwords == 4 && !c.attr.simd_pred_user);
	r.xfeatures = 2;
	assert_int_equal(choose(linux_7_4, &r, &c, &e), 0);
	assert_true(c.attr.simd_vec_qwords == 2);
}

/* XMM alone is worth it where no more is wanted, or where nobody has more. */
static void pebs_last(void **state)
{
	struct kernel_request r = request("cycles", 2);
	struct kernel_choice c;
	struct err e;

	(void)state;
	assert_int_equal(choose(stock, &r, &c, &e), 0);
	assert_int_equal(c.form, KERNEL_PEBS);
	assert_true(c.attr.attr.precise_ip == 1 && c.attr.attr.exclude_kernel);
	r.xfeatures = 6;
	assert_int_equal(choose(stock, &r, &c, &e), -1);
	assert_non_null(strstr(e.msg, "no vector registers"));
	r.last_resort = true;
	assert_int_equal(choose(stock, &r, &c, &e), 0);
	assert_true(c.form == KERNEL_PEBS && c.xfeatures == 2);
	r.xfeatures = 0;
	assert_int_equal(choose(stock, &r, &c, &e), -1);
}

static void only_the_form_asked_for(void **state)
{
	struct kernel_request r = request("task-clock", 6);
	struct kernel_choice c;
	struct err e;

	(void)state;
	r.only = KERNEL_SIMD;
	assert_int_equal(choose(patched, &r, &c, &e), 0);
	assert_int_equal(c.form, KERNEL_SIMD);
	assert_int_equal(choose(vm, &r, &c, &e), -1);
	assert_non_null(strstr(e.msg, "no SIMD ABI"));
	r.only = KERNEL_PEBS;
	assert_int_equal(choose(patched, &r, &c, &e), -1);
}

static void nothing_here(void **state)
{
	struct kernel_request r = request("task-clock", 6);
	struct kernel_choice c;
	struct err e;

	(void)state;
	assert_int_equal(choose(vm, &r, &c, &e), -1);
	assert_non_null(strstr(e.msg, "kernel-patches/README.md"));
	assert_int_equal(e.status, XREGS_FAILED);
	r = request("cycles", 6);
	assert_int_equal(choose(vm, &r, &c, &e), -1);
	assert_non_null(strstr(e.msg, "does not count it"));
}

/* Linux 5.12 brought build_id, 6.0 the count of lost samples. */
static void older_kernels(void **state)
{
	struct kernel_request r = request("task-clock", 6);
	struct fake f = patched;
	struct kernel_choice c;
	struct err e;

	(void)state;
	assert_int_equal(choose(f, &r, &c, &e), 0);
	assert_true(c.attr.attr.build_id && c.attr.attr.read_format == PERF_FORMAT_LOST);
	f.format_lost = false;
	assert_int_equal(choose(f, &r, &c, &e), 0);
	assert_true(c.attr.attr.build_id && !c.attr.attr.read_format);
	f.build_id = false;
	assert_int_equal(choose(f, &r, &c, &e), 0);
	assert_true(!c.attr.attr.build_id && !c.attr.attr.read_format);
}

/* ---- privilege ------------------------------------------------------------------------ */

static void user_mode_only(void **state)
{
	struct kernel_request r = request("task-clock", 6);
	struct fake f = patched;
	struct kernel_choice c;
	struct err e;

	(void)state;
	f.paranoid = 2;
	assert_int_equal(choose(f, &r, &c, &e), 0);
	assert_true(c.user_only && c.attr.attr.exclude_kernel);
	assert_non_null(strstr(c.why, "user mode only"));
	r = request("task-clock:u", 6);
	assert_int_equal(choose(f, &r, &c, &e), 0);
	assert_true(!c.user_only && c.attr.attr.exclude_kernel);
	/* what needs the kernel's hits is refused, not cut down */
	r = request("task-clock:k", 6);
	assert_int_equal(choose(f, &r, &c, &e), -1);
	r = request("task-clock", 6);
	r.intr = true;
	assert_int_equal(choose(f, &r, &c, &e), -1);
	f.paranoid = 3;
	r.intr = false;
	assert_int_equal(choose(f, &r, &c, &e), -1);
	f.paranoid = 1;
	r.system_wide = true;
	assert_int_equal(choose(f, &r, &c, &e), -1);
	assert_non_null(strstr(e.msg, "kernel.perf_event_paranoid"));
}

static void errnos_say_what_to_do(void **state)
{
	static const struct { int error; const char *says; } rows[] = {
		{ -EMFILE, "ulimit -n" }, { -ENOSYS, "CONFIG_PERF_EVENTS" }, { -EBUSY, "in use" },
		{ -EACCES, "perf_event_paranoid" }, { -ENODEV, "does not count it" },
		{ -EINVAL, "refuses it" }, { -EIO, "Input/output error" },
	};
	struct kernel_request r = request("task-clock", 6);
	struct fake f = patched;
	struct kernel_choice c;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f.error = rows[i].error;
		assert_int_equal(choose(f, &r, &c, &e), -1);
		assert_non_null(strstr(e.msg, rows[i].says));
	}
}

/* ---- attrs ------------------------------------------------------------------------------ */

static void bytes_for_the_kernel(void **state)
{
	struct kernel_request r = request("r01c2:u", 0xe6);
	uint8_t bytes[PERFDATA_ATTR_KERNEL_MAX];
	struct perfdata_attr a;

	(void)state;
	r.intr = true;
	r.inherit = r.on_exec = true;
	kernel_form__attr(KERNEL_GROUP, &r, &a);
	assert_int_equal(perfdata_attr__to_kernel(&a, bytes), 192);
	assert_true(get(bytes, 0, 4) == PERF_TYPE_RAW && get(bytes, 4, 4) == 192 && get(bytes, 8, 8) == 0x1c2);
	assert_true(get(bytes, 176, 8) == 0xe6 && get(bytes, 184, 4) == 3 && get(bytes, 188, 4) == 0);
	assert_true(zero_from(bytes, 128, 176));
	assert_true(get(bytes, 24, 8) & 1 << 25);
	assert_true(a.attr.exclude_kernel && a.attr.inherit && a.attr.enable_on_exec && a.attr.exclude_guest);
	kernel_form__attr(KERNEL_SIMD, &r, &a);
	assert_int_equal(perfdata_attr__to_kernel(&a, bytes), 176);
	assert_true(get(bytes, 136, 8) == 0 && get(bytes, 144, 2) == 1 && get(bytes, 146, 2) == 1 &&
		    get(bytes, 148, 2) == 8 && get(bytes, 150, 2) == 0);
	assert_true(get(bytes, 152, 4) == 0xff && get(bytes, 156, 4) == 0xff);
	assert_true(get(bytes, 160, 8) == 0xffffffff && get(bytes, 168, 8) == 0xffffffff);
	kernel_form__attr(KERNEL_PEBS, &r, &a);
	assert_int_equal(perfdata_attr__to_kernel(&a, bytes), 128);
}

static void rates(void **state)
{
	struct kernel_request r = request("cpu-clock", 6);
	struct perfdata_attr a;

	(void)state;
	kernel_form__attr(KERNEL_GROUP, &r, &a);
	assert_true(a.attr.freq && a.attr.sample_freq == 1000 && !a.attr.exclude_idle);
	r.period = 5000;
	r.system_wide = true;
	kernel_form__attr(KERNEL_GROUP, &r, &a);
	assert_true(!a.attr.freq && a.attr.sample_period == 5000 && a.attr.exclude_idle);
}

static void id_lists(void **state)
{
	static const char *const bad[] = { "", ",", "1,", "1,,2", "x", "-1", "3-1", "1-", "99999999999" };
	struct idlist l;
	struct err e;
	size_t i;

	(void)state;
	assert_int_equal(idlist__parse(&l, "0-2,5,1", "-C", true, &e), 0);
	assert_int_equal(l.nr, 4);	/* each once */
	assert_true(l.id[0] == 0 && l.id[2] == 2 && l.id[3] == 5);
	idlist__free(&l);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(idlist__parse(&l, bad[i], "-C", true, &e), -1);
	assert_int_equal(idlist__parse(&l, "1-2", "-p", false, &e), -1);
	assert_non_null(strstr(e.msg, "-p '1-2'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_of_the_stack),
		cmocka_unit_test(our_group_first),
		cmocka_unit_test(components_one_by_one),
		cmocka_unit_test(simd_next),
		cmocka_unit_test(pebs_last),
		cmocka_unit_test(only_the_form_asked_for),
		cmocka_unit_test(nothing_here),
		cmocka_unit_test(older_kernels),
		cmocka_unit_test(user_mode_only),
		cmocka_unit_test(errnos_say_what_to_do),
		cmocka_unit_test(bytes_for_the_kernel),
		cmocka_unit_test(rates),
		cmocka_unit_test(id_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
