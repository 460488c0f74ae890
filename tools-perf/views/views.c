/* SPDX-License-Identifier: GPL-2.0-only */
#include <math.h>
#include <string.h>

#include "views/view.h"

static const struct view *const views[] = {
	&view_summary, &view_width, &view_dirty, &view_mxcsr, &view_fp,
	&view_mask, &view_lanes, &view_operands, &view_values, &view_cpu,
	&view_callers,
};

enum { NR_VIEWS = sizeof(views) / sizeof(views[0]) };

const struct view *view__list(unsigned int i)
{
	return i < NR_VIEWS ? views[i] : NULL;
}

const struct view *view__find(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_VIEWS; i++)
		if (!strcmp(views[i]->name, name))
			return views[i];
	return NULL;
}

struct cell cell__share(uint64_t part, uint64_t whole)
{
	if (!whole)
		return (struct cell){ .kind = CELL_UNKNOWN };
	if (!part)
		return (struct cell){ .kind = CELL_NONE };
	return (struct cell){ .kind = CELL_SHARE, .share = (double)part / whole };
}

double wilson_lower(double part, double whole)
{
	const double z = 1.96, z2 = z * z;
	double p;

	if (whole <= 0)
		return 0;
	p = part / whole;
	return (p + z2 / (2 * whole) - z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))) / (1 + z2 / whole);
}

enum { PROVES_PART = 5 };

bool proves(uint64_t part, uint64_t whole, double floor)
{
	return whole >= FLOOR_SAMPLES && part >= PROVES_PART && wilson_lower(part, whole) >= floor;
}
