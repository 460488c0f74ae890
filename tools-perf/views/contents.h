/* SPDX-License-Identifier: GPL-2.0-only */
/* Contents of lanes: counted by views, shown only with --show-values. */
#ifndef PERF_XREGS_CONTENTS_H
#define PERF_XREGS_CONTENTS_H

#include "views/sketch.h"
#include "views/view.h"

/** lanes__equal - all lanes that are read, at least two, have the same bits */
bool lanes__equal(const struct fp_lanes *l, unsigned int *nr_read);
/** sketch__add_lanes - count each lane that is read */
void sketch__add_lanes(struct sketch *s, const struct fp_lanes *l);
/** sketch__details - below the last row of a table the biggest @max that recur; @reg may be NULL */
void sketch__details(struct sketch *s, unsigned int max, const char *reg, struct output *o);

#endif
