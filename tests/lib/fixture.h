/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the library's tests share: layouts of real machines, a machine full of
 * bytes that are never 0, views compared and printed.
 */
#ifndef XREGS_TESTS_FIXTURE_H
#define XREGS_TESTS_FIXTURE_H

#include <stdio.h>
#include <xstate/xstate.h>

enum {
	FIXTURE_LAYOUTS	= 6,
	FIXTURE_SIZE	= 16384,	/* holds any image or block of them */
};

/* Names of the files in tests/data/layouts. */
extern const char *const fixture_layouts[FIXTURE_LAYOUTS];

/* Reads one of them; a missing or broken one ends the test program. */
void fixture__layout(struct xstate_layout *l, const char *name);

/* A state of all components of a layout, to encode. */
struct machine {
	struct xstate_layout layout;
	struct xstate_build build;
	uint8_t bytes[XFEATURE_MAX][8192];
};

/* @value: components that are not in init state. */
void machine__fill(struct machine *m, const char *layout, uint64_t value,
		   uint64_t seed);

/* The next of a sequence [splitmix64]. */
uint64_t fixture__random(uint64_t *state);

/*
 * Compares every register of two views.
 * Return: 0, or 1 with the first difference in @why.
 */
int regs__differ(const struct xstate_regs *a, const struct xstate_regs *b,
		 char *why, size_t size);

/*
 * xstate_regs__classify() register by register, for comparison: those that are
 * known whole are counted. Return: bitmap of them.
 */
uint32_t regs__classify_each(const struct xstate_regs *r, enum xstate_class c,
			     uint32_t regs, enum xstate_type t,
			     struct xstate_counts *add);

/* The whole view as text, runs of registers alike in one line, qwords least
 * significant first; XMM and YMM only where what is wider is not known. */
void regs__print(FILE *f, const struct xstate_regs *r);

/* Names of the components in a mask, or "-". */
void xfeatures__print(FILE *f, const char *what, uint64_t mask);

/*
 * This CPU's layout by CPUID, and what is in XCR0.
 * Return: 0, or -1 where CPU or kernel have no XSAVE.
 */
int native__layout(struct xstate_layout *l, uint64_t *xcr0);

#endif
