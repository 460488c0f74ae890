/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include <xstate/xstate.h>

#include "output/mxcsr.h"

enum { MODES = 2, FLAGS = 6 };

const struct mxcsr_bit mxcsr__bits[14] = {
	{ MXCSR_FTZ, "FTZ" }, { MXCSR_DAZ, "DAZ" },
	{ MXCSR_IE, "IE" }, { MXCSR_DE, "DE" }, { MXCSR_ZE, "ZE" },
	{ MXCSR_OE, "OE" }, { MXCSR_UE, "UE" }, { MXCSR_PE, "PE" },
	{ MXCSR_IM, "IM" }, { MXCSR_DM, "DM" }, { MXCSR_ZM, "ZM" },
	{ MXCSR_OM, "OM" }, { MXCSR_UM, "UM" }, { MXCSR_PM, "PM" },
};

const char *mxcsr__rounding(uint32_t mxcsr)
{
	static const char *const names[] = { "nearest", "down", "up", "zero" };

	return names[(mxcsr & MXCSR_RC) >> MXCSR_RC_SHIFT];
}

/* " NAME" for each bit of @set among @nr bits. */
static char *put_names(char *to, const struct mxcsr_bit *b, int nr, uint32_t set)
{
	for (; nr--; b++)
		if (set & b->bit)
			to += sprintf(to, " %s", b->name);
	return to;
}

char *mxcsr__describe(uint32_t mxcsr, char *buf)
{
	char *to = put_names(buf, mxcsr__bits, MODES, mxcsr);

	to += sprintf(to, "%s round %s%s", to == buf ? "" : ",",
		      mxcsr & MXCSR_RC ? ((mxcsr & MXCSR_RC) == MXCSR_RC ? "to " : "") : "to ",
		      mxcsr__rounding(mxcsr));
	if ((mxcsr & MXCSR_MASKS) == MXCSR_MASKS)
		to += sprintf(to, ", all exceptions masked");
	else
		to = put_names(to + sprintf(to, ", not masked:"), mxcsr__bits + MODES + FLAGS, FLAGS, ~mxcsr);
	if (mxcsr & MXCSR_FLAGS)
		put_names(to + sprintf(to, ", raised:"), mxcsr__bits + MODES, FLAGS, mxcsr);
	memmove(buf, buf + 1, strlen(buf));	/* the blank before the first word */
	return buf;
}
