/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "perfdata/ids.h"

static size_t ids__slot(const struct ids *t, uint64_t id)
{
	size_t i = (id * UINT64_C(0x9e3779b97f4a7c15)) >> 20;

	for (i &= t->room - 1; t->slot[i].used && t->slot[i].id != id; )
		i = (i + 1) & (t->room - 1);
	return i;
}

static int ids__grow(struct ids *t)
{
	struct ids old = *t;
	size_t i;

	if (t->nr * 2 < t->room)
		return 0;
	t->room = t->room ? 2 * t->room : 64;
	t->slot = calloc(t->room, sizeof(*t->slot));
	if (!t->slot) {
		*t = old;
		return -1;
	}
	for (i = 0; i < old.room; i++)
		if (old.slot[i].used)
			t->slot[ids__slot(t, old.slot[i].id)] = old.slot[i];
	free(old.slot);
	return 0;
}

int ids__add(struct ids *t, uint64_t id, uint32_t index)
{
	size_t i;

	if (ids__grow(t))
		return -1;
	i = ids__slot(t, id);
	t->nr += !t->slot[i].used;
	t->slot[i].id = id;
	t->slot[i].index = index;
	t->slot[i].used = 1;
	return 0;
}

bool ids__find(const struct ids *t, uint64_t id, uint32_t *index)
{
	size_t i;

	if (!t->room)
		return false;
	i = ids__slot(t, id);
	if (!t->slot[i].used)
		return false;
	*index = t->slot[i].index;
	return true;
}

void ids__free(struct ids *t)
{
	free(t->slot);
	memset(t, 0, sizeof(*t));
}
