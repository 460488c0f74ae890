/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes and threads, and what is mapped where in a process. */
#include <stdlib.h>
#include <string.h>

#include "machine/internal.h"

static bool process__equal(const void *item, const void *key)
{
	return ((const struct process *)item)->pid == *(const uint32_t *)key;
}

struct process *machine__process(struct machine *m, uint32_t pid)
{
	uint64_t hash = hash_u64(1, pid);
	struct process *p = m->last_process;

	if (p && p->pid == pid)
		return p;
	p = htab__find(&m->processes, hash, process__equal, &pid);
	if (!p) {
		p = arena__alloc(&m->arena, sizeof(*p));
		if (!p || htab__add(&m->processes, hash, p))
			return NULL;
		p->pid = pid;
	}
	m->last_process = p;
	return p;
}

void process__clear(struct process *p)
{
	p->nr_maps = 0;
	p->generation++;
}

void process__free(struct process *p)
{
	process__drop_unwinder(p);
	free(p->map);
}

static bool thread__equal(const void *item, const void *key)
{
	const struct thread *a = item, *b = key;

	return a->tid == b->tid && a->pid == b->pid;
}

struct thread *machine__thread(struct machine *m, uint32_t pid, uint32_t tid)
{
	struct thread key = { .pid = pid, .tid = tid };
	uint64_t hash = hash_u64(hash_u64(2, pid), tid);
	struct thread *t = m->last_thread;

	if (t && thread__equal(t, &key))
		return t;
	t = htab__find(&m->threads, hash, thread__equal, &key);
	if (!t) {
		t = arena__alloc(&m->arena, sizeof(*t));
		if (!t || htab__add(&m->threads, hash, t))
			return NULL;
		*t = key;
	}
	m->last_thread = t;
	return t;
}

/* Index of the first map that ends above @ip. */
static size_t process__lower_bound(const struct process *p, uint64_t ip)
{
	size_t lo = 0, hi = p->nr_maps, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (p->map[mid].end <= ip)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct map *process__find(const struct process *p, uint64_t ip)
{
	size_t i = process__lower_bound(p, ip);

	return i < p->nr_maps && p->map[i].start <= ip ? &p->map[i] : NULL;
}

static int process__reserve(struct process *p, size_t n)
{
	struct map *map;
	size_t max = p->max_maps ? p->max_maps : 16;

	if (n <= p->max_maps)
		return 0;
	while (max < n)
		max *= 2;
	map = realloc(p->map, max * sizeof(*map));
	if (!map)
		return -1;
	p->map = map;
	p->max_maps = max;
	return 0;
}

/* Replace @nr maps from @at on by the @n of @with. */
static int process__splice(struct process *p, size_t at, size_t nr,
			   const struct map *with, size_t n)
{
	if (process__reserve(p, p->nr_maps - nr + n))
		return -1;
	if (p->nr_maps > at + nr)
		memmove(p->map + at + n, p->map + at + nr, (p->nr_maps - at - nr) * sizeof(*p->map));
	if (n)
		memcpy(p->map + at, with, n * sizeof(*with));
	p->nr_maps = p->nr_maps - nr + n;
	p->generation += nr || n;
	return 0;
}

/*
 * A new mapping covers what was there before, as mmap(MAP_FIXED) does: what
 * sticks out of it on either side stays. Without an object it only removes.
 */
int process__map(struct process *p, const struct map *new_map)
{
	struct map with[3], *old;
	size_t first = process__lower_bound(p, new_map->start), last, n = 0;

	if (new_map->end <= new_map->start)
		return 0;
	for (last = first; last < p->nr_maps && p->map[last].start < new_map->end; last++)
		;
	if (last > first && p->map[first].start < new_map->start) {
		with[n] = p->map[first];
		with[n++].end = new_map->start;
	}
	if (new_map->obj)
		with[n++] = *new_map;
	old = last > first ? &p->map[last - 1] : NULL;
	if (old && old->end > new_map->end) {
		with[n] = *old;
		with[n].pgoff += new_map->end - old->start;
		with[n++].start = new_map->end;
	}
	return process__splice(p, first, last - first, with, n);
}

int process__copy_maps(struct process *to, const struct process *from)
{
	if (to == from)
		return 0;
	process__clear(to);
	return from->nr_maps ? process__splice(to, 0, 0, from->map, from->nr_maps) : 0;
}
