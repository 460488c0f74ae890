/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_XREGS_OUTPUT_REGDEFAULT_H
#define PERF_XREGS_OUTPUT_REGDEFAULT_H

#include "perfdata/perfdata.h"
#include "util/reglist.h"

/**
 * regdefault__of_file - what was asked for at the recording, else what its
 * @nr events @a carry, else what its layout describes
 */
void regdefault__of_file(struct reglist *l, const struct perfdata_info *info,
			 const struct perfdata_attr *a, unsigned int nr);

#endif
