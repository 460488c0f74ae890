/* SPDX-License-Identifier: GPL-2.0-only */
/* From records to places: who runs, what is mapped, what is at an address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/internal.h"

int machine__new(const struct machine_options *o, struct machine **mp, struct err *e)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		return err__set(e, "out of memory");
	if (o)
		m->opt = *o;
	/* libdwfl asks debuginfod servers when this is set */
	unsetenv("DEBUGINFOD_URLS");
	m->kernel = machine__object_new(m, DSO_KERNEL, "[kernel.kallsyms]", 0);
	if (m->kernel)
		m->kernel->dso.name = "[kernel]";
	m->nowhere = machine__object_new(m, DSO_NONE, "[unknown]", 0);
	if (!m->kernel || !m->nowhere) {
		machine__free(m);
		return err__set(e, "out of memory");
	}
	*mp = m;
	return 0;
}

void machine__free(struct machine *m)
{
	size_t i;

	if (!m)
		return;
	/* unwinders share the objects' files */
	for (i = 0; i < m->processes.size; i++)
		if (m->processes.slot[i].item)
			process__free(m->processes.slot[i].item);
	for (i = 0; i < m->objects.size; i++)
		if (m->objects.slot[i].item)
			object__free(m->objects.slot[i].item);
	machine__free_sources(m);
	htab__free(&m->processes);
	htab__free(&m->threads);
	htab__free(&m->objects);
	htab__free(&m->codes);
	htab__free(&m->places);
	htab__free(&m->strings);
	arena__free(&m->arena);
	free(m->problem);
	free(m);
}

/* ---- records ----------------------------------------------------------------- */

/* "[kernel.kallsyms]_text": pgoff is the address of _text at the recording. */
static void machine__kernel_map(struct machine *m, const struct perfdata_mmap *map)
{
	if (!strncmp(map->filename, "[kernel.kallsyms]_", 18))
		m->kernel_text = map->pgoff;
}

static int machine__map(struct machine *m, const struct perfdata_record *rec)
{
	const struct perfdata_mmap *mm = &rec->mmap;
	struct process *p;
	struct map map = { .start = mm->addr, .end = mm->addr + mm->len, .pgoff = mm->pgoff };

	if (rec->cpumode == PERF_RECORD_MISC_KERNEL) {
		machine__kernel_map(m, mm);
		return 0;
	}
	p = machine__process(m, mm->pid);
	if (!p)
		return -1;
	if (mm->exec) {
		map.obj = machine__object(m, mm, mm->pid);
		if (!map.obj)
			return -1;
	}
	return process__map(p, &map);
}

/* exec() starts with an empty address space; its maps follow. */
static int machine__comm_record(struct machine *m, const struct perfdata_comm *c)
{
	struct thread *t = machine__thread(m, c->pid, c->tid);
	struct process *p;

	if (!t)
		return -1;
	t->comm = machine__intern(m, c->comm);
	if (c->exec) {
		p = machine__process(m, c->pid);
		if (!p)
			return -1;
		process__clear(p);
	}
	return t->comm ? 0 : -1;
}

static int machine__fork(struct machine *m, const struct perfdata_task *f)
{
	struct thread *child = machine__thread(m, f->pid, f->tid);
	struct thread *parent = machine__thread(m, f->ppid, f->ptid);
	struct process *from, *to;

	if (!child || !parent)
		return -1;
	child->comm = parent->comm;
	if (f->pid == f->ppid)
		return 0;
	from = machine__process(m, f->ppid);
	to = machine__process(m, f->pid);
	return from && to ? process__copy_maps(to, from) : -1;
}

/* Its maps stay: samples may come late. */
static void machine__exit(struct machine *m, uint32_t pid)
{
	struct process *p = machine__process(m, pid);

	if (p)
		process__drop_unwinder(p);
}

int machine__record(struct machine *m, const struct perfdata_record *rec, struct err *e)
{
	int ret = 0;

	switch (rec->kind) {
	case PERFDATA_MMAP:
		ret = machine__map(m, rec);
		break;
	case PERFDATA_COMM:
		ret = machine__comm_record(m, &rec->comm);
		break;
	case PERFDATA_FORK:
		ret = machine__fork(m, &rec->task);
		break;
	case PERFDATA_EXIT:
		if (rec->task.pid == rec->task.tid)
			machine__exit(m, rec->task.pid);
		break;
	default:
		break;
	}
	return ret ? err__set(e, "out of memory at the record at offset %llu",
			      (unsigned long long)rec->offset) : 0;
}

const char *machine__comm(struct machine *m, uint32_t pid, uint32_t tid)
{
	struct thread *t = machine__thread(m, pid, tid);
	const char *name;
	char number[16];

	if (t && t->comm)
		return t->comm;
	if (!tid)
		return "swapper";
	if (tid == UINT32_MAX)
		return "[exited]";
	snprintf(number, sizeof(number), ":%u", tid);
	name = machine__intern(m, number);
	return name ? name : "";
}

/* ---- addresses ------------------------------------------------------------------ */

static bool code__equal(const void *item, const void *key)
{
	const struct code *a = item, *b = key;

	return a->obj == b->obj && a->addr == b->addr;
}

struct code *machine__code(struct machine *m, struct object *o, uint64_t addr)
{
	struct code key = { .obj = o, .addr = addr }, *c;
	uint64_t hash = hash_u64(hash_u64(5, (uintptr_t)o), addr);

	c = htab__find(&m->codes, hash, code__equal, &key);
	if (c)
		return c;
	c = arena__alloc(&m->arena, sizeof(*c));
	if (!c || htab__add(&m->codes, hash, c))
		return NULL;
	*c = key;
	c->sym = object__symbol(m, o, addr);
	return c->sym ? c : NULL;
}

struct place_key {
	const struct object *obj;
	uint64_t ip, offset;
};

static bool place__equal(const void *item, const void *k)
{
	const struct place *p = item;
	const struct place_key *key = k;

	return p->loc.ip == key->ip && p->obj == key->obj && p->offset == key->offset;
}

static uint64_t place__hash(const struct place_key *k)
{
	return hash_u64(hash_u64(hash_u64(6, (uintptr_t)k->obj), k->ip), k->offset);
}

/* What the caller gets when there is no memory for a place of its own. */
static const struct symbol no_symbol = {
	.name = "[unknown]",
	.dso = &(const struct dso){ .path = "[unknown]", .name = "[unknown]", .state = DSO_MISSING },
};
static struct object no_object;
static struct code no_code = { .obj = &no_object, .sym = &no_symbol, .line_tried = true };
static struct place no_place = { .loc.sym = &no_symbol, .code = &no_code, .obj = &no_object };

/*
 * Files are addressed by their own addresses, memory without one by the
 * process's. @offset is that into the mapped file.
 */
static struct place *machine__place(struct machine *m, struct object *o, uint64_t ip,
				    uint64_t offset)
{
	struct place_key key = { .obj = o, .ip = ip, .offset = offset };
	uint64_t hash = place__hash(&key);
	struct place *p = htab__find(&m->places, hash, place__equal, &key);
	uint64_t addr = ip;

	if (p)
		return p;
	if (o->dso.state == DSO_UNTRIED)
		object__open(m, o);
	if ((o->kind == DSO_FILE || o->kind == DSO_VDSO) && !object__vaddr(o, offset, &addr))
		addr = offset;
	p = arena__alloc_line(&m->arena, sizeof(*p));
	if (!p)
		return &no_place;
	p->code = machine__code(m, o, addr);
	if (!p->code || htab__add(&m->places, hash, p))
		return &no_place;
	p->obj = o;
	p->offset = offset;
	p->loc = (struct location){ .ip = ip, .addr = addr, .sym = p->code->sym, .id = m->nr_places++ };
	return p;
}

static struct place *machine__lookup(struct machine *m, uint32_t pid, uint64_t ip, uint8_t cpumode)
{
	const struct map *map = NULL;
	struct process *p;

	if (cpumode == PERF_RECORD_MISC_KERNEL)
		return machine__place(m, m->kernel, ip, ip);
	if (cpumode == PERF_RECORD_MISC_USER) {
		p = machine__process(m, pid);
		map = p ? process__find(p, ip) : NULL;
	}
	if (!map)
		return machine__place(m, m->nowhere, ip, ip);
	return machine__place(m, map->obj, ip, ip - map->start + map->pgoff);
}

/* Of the process that was there last, as is nearly always the case. */
void machine__expect_next(struct machine *m, const struct perfdata_reader *r)
{
	const struct process *p = m->last_process;
	const struct map *map;
	struct place_key key = { .obj = m->kernel };
	struct upcoming next;

	m->expected = 0;
	if (!perfdata_reader__upcoming(r, &next))
		return;
	key.ip = key.offset = next.ip;
	if (next.cpumode != PERF_RECORD_MISC_KERNEL) {
		map = p && p->pid == next.pid ? process__find(p, next.ip) : NULL;
		if (!map)
			return;
		key.obj = map->obj;
		key.offset = next.ip - map->start + map->pgoff;
	}
	m->expected = place__hash(&key);
	htab__expect(&m->places, m->expected);
}

void machine__expect_soon(const struct machine *m)
{
	if (m->expected)
		htab__expect_item(&m->places, m->expected);
}

const struct location *machine__find(struct machine *m, uint32_t pid, uint64_t ip, uint8_t cpumode)
{
	struct place *p = machine__lookup(m, pid, ip, cpumode);

	p->obj->samples++;
	/* what is asked for next */
	__builtin_prefetch(p->insn);
	__builtin_prefetch(p->reads);
	return &p->loc;
}

const struct location *machine__caller(struct machine *m, uint32_t pid, uint64_t ip, uint8_t cpumode)
{
	return &machine__lookup(m, pid, ip, cpumode)->loc;
}

struct code *location__code(const struct location *l)
{
	return ((const struct place *)l)->code;
}

const struct location *machine__beside(struct machine *m, const struct location *l, int64_t delta)
{
	const struct place *p = (const struct place *)l;

	return &machine__place(m, p->obj, l->ip + delta, p->offset + delta)->loc;
}

const struct insn *code__insn(struct machine *m, struct code *c)
{
	static const struct insn unknown;
	const uint8_t *bytes;
	struct insn *insn;
	size_t size;

	if (c->insn)
		return c->insn;
	bytes = object__bytes(c->obj, c->addr, &size);
	insn = bytes ? arena__alloc(&m->arena, sizeof(*insn)) : NULL;
	if (insn)
		insn__decode(insn, bytes, size, c->addr);
	c->insn = insn ? insn : &unknown;
	return c->insn;
}

const struct insn *machine__insn(struct machine *m, const struct location *l)
{
	struct place *p = (struct place *)l;

	if (!p->insn)
		p->insn = code__insn(m, p->code);
	return p->insn;
}

unsigned int machine__reads(struct machine *m, const struct location *l, const struct insn_read **list)
{
	struct place *p = (struct place *)l;

	if (!p->reads)
		p->reads = location__reads(m, l);
	*list = p->reads->read;
	return p->reads->nr;
}

unsigned int machine__masks(struct machine *m, const struct location *l, const struct insn_read **list)
{
	unsigned int nr = machine__reads(m, l, list);

	*list += nr;
	return ((struct place *)l)->reads->nr_masks;
}

/* ---- problems ------------------------------------------------------------------- */

static int problem__by_samples(const void *x, const void *y)
{
	const struct machine_problem *a = x, *b = y;

	if (a->samples != b->samples)
		return a->samples < b->samples ? 1 : -1;
	return strcmp(a->dso->path, b->dso->path);
}

unsigned int machine__problems(struct machine *m, const struct machine_problem **list)
{
	const struct object *o;
	unsigned int n = 0;
	size_t i;

	free(m->problem);
	m->problem = calloc(m->objects.used + 1, sizeof(*m->problem));
	for (i = 0; m->problem && i < m->objects.size; i++) {
		o = m->objects.slot[i].item;
		if (o && o->samples && o->why)
			m->problem[n++] = (struct machine_problem){ &o->dso, o->samples, o->why };
	}
	if (n)
		qsort(m->problem, n, sizeof(*m->problem), problem__by_samples);
	*list = m->problem;
	return n;
}
