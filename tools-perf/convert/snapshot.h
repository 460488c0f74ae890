/* SPDX-License-Identifier: GPL-2.0-only */
/* A register view with bytes of its own, and the block that carries it. */
#ifndef PERF_XREGS_CONVERT_SNAPSHOT_H
#define PERF_XREGS_CONVERT_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include <xstate/xstate.h>

#include "util/reglist.h"

enum {
	/* x87, XMM, YMM_Hi128, ZMM_Hi256, Hi16_ZMM, opmasks, APX, PKRU, SSP, tiles */
	SNAPSHOT_SIZE	= 160 + 256 + 256 + 512 + 1024 + 64 + 128 + 8 + 8 + 64 + 8192,
};

struct snapshot {
	struct xstate_regs regs;
	uint8_t buf[SNAPSHOT_SIZE];
};

/** snapshot__take - copy a view */
void snapshot__take(struct snapshot *s, const struct xstate_regs *r);
/** snapshot__reg - the bytes of a bank's register that has a value, or NULL */
uint8_t *snapshot__reg(struct snapshot *s, unsigned int bank, unsigned int i);

/** regs__limit - make components unknown that are not in @xfeatures */
void regs__limit(struct xstate_regs *r, uint64_t xfeatures);

/**
 * regs__block - the canonical block of a view
 * @context: enum xstate_context, for views that have none
 * @lost: written: components of which something is known and cannot be carried:
 *	a block knows whole components
 *
 * Return: the block's size, or 0 when it does not fit.
 */
size_t regs__block(const struct xstate_regs *r, unsigned int context,
		   uint64_t *lost, void *buf, size_t size);

/** reglist__components - components of which a list has every register */
uint64_t reglist__components(const struct reglist *l);

#endif
