/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cores that gdb up to 13 made (gcore). It knows one place for each component,
 * on all machines: that of the first Intel CPUs which had it [gdb 13,
 * gdbsupport/x86-xstate.h, gdb/i387-tdep.c: xsave_*_offset]. From there it reads
 * what the kernel hands out, and writes it to the same place of the note. What
 * lies elsewhere is lost, cut or another component's; XSTATE_BV is that of gdb,
 * so that it cannot be told which. gdb 14 asks the CPU.
 */
#include "core/core.h"

static const struct xstate_component fixed[] = {
	[XFEATURE_YMM]		= { .size = 256, .offset = 576 },
	[XFEATURE_BNDREGS]	= { .size = 64, .offset = 960 },
	[XFEATURE_BNDCSR]	= { .size = 64, .offset = 1024 },
	[XFEATURE_OPMASK]	= { .size = 64, .offset = 1088 },
	[XFEATURE_ZMM_Hi256]	= { .size = 512, .offset = 1152 },
	[XFEATURE_Hi16_ZMM]	= { .size = 1024, .offset = 1664 },
	[XFEATURE_PKRU]		= { .size = 8, .offset = 2688 },
};

enum { NR_FIXED = sizeof(fixed) / sizeof(fixed[0]) };

/* Up to the last component of a group: gdb takes MPX and AVX-512 whole. */
static size_t gdb__image_size(uint64_t xcr0)
{
	static const struct { uint64_t any; unsigned int last; } groups[] = {
		{ XFEATURE_MASK(XFEATURE_PKRU), XFEATURE_PKRU },
		{ XFEATURE_MASK(XFEATURE_OPMASK) | XFEATURE_MASK(XFEATURE_ZMM_Hi256) | XFEATURE_MASK(XFEATURE_Hi16_ZMM), XFEATURE_Hi16_ZMM },
		{ XFEATURE_MASK(XFEATURE_BNDREGS) | XFEATURE_MASK(XFEATURE_BNDCSR), XFEATURE_BNDCSR },
		{ XFEATURE_MASK(XFEATURE_YMM), XFEATURE_YMM },
	};
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (xcr0 & groups[i].any)
			return fixed[groups[i].last].offset + fixed[groups[i].last].size;
	return XSTATE_EXTENDED_OFFSET;
}

bool core__gdb_places(const struct core *c, const struct core_thread *t)
{
	return c->by_gdb && t->xsave && t->xsave_size == gdb__image_size(core__xcr0(t));
}

uint64_t core__trusted(const struct core *c, const struct core_thread *t, const struct xstate_layout *l)
{
	uint64_t mask = XFEATURE_MASK_FPSSE;
	unsigned int i;

	if (!core__gdb_places(c, t))
		return ~UINT64_C(0);
	for (i = 0; i < NR_FIXED; i++)
		if (l->xfeatures & XFEATURE_MASK(i) && fixed[i].size == l->comp[i].size && fixed[i].offset == l->comp[i].offset)
			mask |= XFEATURE_MASK(i);
	return mask;
}
