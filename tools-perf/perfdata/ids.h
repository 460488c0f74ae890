/* SPDX-License-Identifier: GPL-2.0-only */
/* Event ids to attrs: a hash table. */
#ifndef PERF_XREGS_PERFDATA_IDS_H
#define PERF_XREGS_PERFDATA_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ids {
	struct { uint64_t id; uint32_t index, used; } *slot;
	size_t nr, room;		/* room is a power of two */
};

int ids__add(struct ids *t, uint64_t id, uint32_t index);
bool ids__find(const struct ids *t, uint64_t id, uint32_t *index);
void ids__free(struct ids *t);

#endif
