/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the components of a core's XSAVE images lie. The image is in standard
 * format, whose offsets differ between machines, and until Linux 6.12 a core
 * did not say them.
 */
#include <stdio.h>
#include <string.h>

#include "capture/capture.h"
#include "core/core.h"

enum {
	/*
	 * xstate_fx_sw_bytes: the kernel puts fpstate->user_xfeatures here
	 * [arch/x86/kernel/fpu/xstate.c: __copy_xstate_to_uabi_buf()].
	 */
	SW_XCR0_OFFSET	= 464,
};

uint64_t core__xcr0(const struct core_thread *t)
{
	uint64_t v = 0;

	if (t->xsave && t->xsave_size >= XSTATE_EXTENDED_OFFSET)
		memcpy(&v, t->xsave + SW_XCR0_OFFSET, sizeof(v));
	return v;
}

/* Components behind the legacy region that any thread's note speaks of. */
static uint64_t core__extended(const struct core *c)
{
	uint64_t mask = 0;
	size_t i;

	for (i = 0; i < c->nr_threads; i++)
		mask |= core__xcr0(&c->threads[i]);
	return mask & ~XFEATURE_MASK_FPSSE;
}

/*
 * Nothing to ask for: without extended components, or with YMM_Hi128 alone in
 * an image that has room for no more than its 256 bytes.
 */
static bool core__layout_fixed(const struct core *c, struct xstate_layout *l)
{
	static const struct xstate_component ymm = { .size = 256, .offset = XSTATE_EXTENDED_OFFSET };
	uint64_t extended = core__extended(c);
	size_t i;

	xstate_layout__init(l);
	if (!extended)
		return true;
	for (i = 0; i < c->nr_threads; i++)
		if (c->threads[i].xsave && c->threads[i].xsave_size != XSTATE_EXTENDED_OFFSET + ymm.size)
			return false;
	return extended == XFEATURE_MASK(XFEATURE_YMM) && !xstate_layout__add(l, XFEATURE_YMM, &ymm);
}

static int core__layout_of_core(const struct core *from, const struct core *c,
				struct xstate_layout *l, struct err *e)
{
	int r;

	if (!from->layout)
		return err__set(e, "cannot import '%s': '%s' has no note NT_X86_XSAVE_LAYOUT (Linux 6.12 and later write it)",
				c->path, from->path);
	r = xstate_layout__from_note(l, from->layout, from->layout_size);
	if (r)
		return err__set(e, "cannot import '%s': note NT_X86_XSAVE_LAYOUT of '%s': %s", c->path, from->path, xstate_strerror(r));
	return 0;
}

static int core__layout_of_data(const char *path, const struct core *c,
				struct xstate_layout *l, struct err *e)
{
	struct perfdata_reader *r;
	const struct perfdata_info *info;
	int ret = 0;

	if (perfdata_reader__open(path, &r, e))
		return -1;
	info = perfdata_reader__info(r);
	if (info->has_layout)
		*l = info->layout;
	else
		ret = err__set(e, "cannot import '%s': '%s' holds no layout; record one with 'perf-xregs record' on the machine of the core", c->path, path);
	perfdata_reader__close(r);
	return ret;
}

static int core__layout_of_file(const char *path, const struct core *c,
				struct xstate_layout *l, struct err *e)
{
	struct core other;
	struct err not_core;
	int r;

	if (core__open(&other, path, &not_core))
		r = core__layout_of_data(path, c, l, e);
	else
		r = core__layout_of_core(&other, c, l, e);
	core__close(&other);
	return r;
}

/* A layout from elsewhere must explain the size of every image. */
static int core__layout_check(const struct core *c, const char *from,
			      const struct xstate_layout *l, struct err *e)
{
	uint64_t mask;
	size_t i, size;

	for (i = 0; i < c->nr_threads; i++) {
		const struct core_thread *t = &c->threads[i];

		mask = core__xcr0(t) | XFEATURE_MASK_FPSSE;
		if (!t->xsave || core__gdb_places(c, t))
			continue;
		if (xstate_layout__image_size(l, mask, &size))
			return err__set(e, "cannot import '%s': the layout of '%s' does not describe all components of thread %u (0x%llx); take it from the machine that made the core",
					c->path, from, t->tid, (unsigned long long)mask);
		if (size > t->xsave_size)
			return err__set(e, "cannot import '%s': by the layout of '%s' the image of thread %u at offset %llu has %zu bytes, the note has %zu; take it from the machine that made the core",
					c->path, from, t->tid, (unsigned long long)t->xsave_offset, size, t->xsave_size);
	}
	return 0;
}

static bool image__size_is(const struct xstate_layout *l, uint64_t xfeatures, size_t wanted)
{
	size_t size;

	return !xstate_layout__image_size(l, xfeatures, &size) && size == wanted;
}

static uint64_t layout__user(const struct xstate_layout *l)
{
	uint64_t mask = l->xfeatures;
	unsigned int i;

	for (i = 0; i < XFEATURE_MAX; i++)
		if (l->comp[i].flags & XSTATE_COMP_SUPERVISOR)
			mask &= ~XFEATURE_MASK(i);
	return mask;
}

/*
 * The note ends with its machine's last component, of those in XCR0 or of all
 * (the kernel leaves room for TILEDATA without handing it out): its size tells
 * machines apart.
 */
static int core__layout_check_foreign(const struct core *c, const char *from,
				      const struct xstate_layout *l, struct err *e)
{
	size_t i;

	if (core__layout_check(c, from, l, e))
		return -1;
	for (i = 0; i < c->nr_threads; i++) {
		const struct core_thread *t = &c->threads[i];

		if (t->xsave && !core__gdb_places(c, t) && !image__size_is(l, core__xcr0(t) | XFEATURE_MASK_FPSSE, t->xsave_size) &&
		    !image__size_is(l, layout__user(l), t->xsave_size))
			return err__set(e, "cannot import '%s': the layout of '%s' does not explain the %zu bytes of thread %u's image: another kind of machine made the core",
					c->path, from, t->xsave_size, t->tid);
	}
	return 0;
}

static int core__layout_unknown(const struct core *c, struct err *e)
{
	return err__set(e, "cannot import '%s': it has components 0x%llx and no note NT_X86_XSAVE_LAYOUT that says where (Linux 6.12 and later write it, gdb's gcore does not); offsets differ between machines: name the core's machine with --layout host (this one) or --layout FILE (a perf.data or core file made there)",
			c->path, (unsigned long long)core__extended(c));
}

int core__layout(const struct core *c, const char *from,
		 struct xstate_layout *l, char *why, size_t size, struct err *e)
{
	if (from) {
		snprintf(why, size, "XSAVE layout from %s, as --layout asks", !strcmp(from, "host") ? "this machine's CPUID" : from);
		if (!strcmp(from, "host"))
			machine__layout(l);
		else if (core__layout_of_file(from, c, l, e))
			return -1;
		return core__layout_check_foreign(c, from, l, e);
	}
	if (c->layout) {
		snprintf(why, size, "XSAVE layout from the core's note NT_X86_XSAVE_LAYOUT");
		return core__layout_of_core(c, c, l, e) || core__layout_check(c, c->path, l, e) ? -1 : 0;
	}
	if (!core__layout_fixed(c, l))
		return core__layout_unknown(c, e);
	snprintf(why, size, "XSAVE layout by the architecture: no component whose place depends on the machine");
	return 0;
}
