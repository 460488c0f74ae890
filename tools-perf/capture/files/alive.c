/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names and maps of what is alive, kept as the records that told of them, in
 * the order in which they came. Follows the kernel's records alone: exec()
 * drops a process's maps, fork() copies them, a map replaces what it covers.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/files/files.h"
#include "perfdata/bytes.h"

enum { BUCKETS = 1024, MISC_COMM_EXEC = 1 << 13 };

/* A record that still holds. */
struct fact {
	uint32_t tid;			/* of a name */
	uint64_t start, end;		/* of a map; 0, 0: a name */
	uint8_t *rec;			/* NULL: a thread whose name is not known */
	size_t size;
};

struct process_facts {
	uint32_t pid;
	bool leader_gone;
	struct process_facts *next;
	struct fact *fact;
	size_t nr, room;
};

struct alive {
	struct process_facts *bucket[BUCKETS];
};

struct alive *alive__new(void)
{
	return calloc(1, sizeof(struct alive));
}

/* ---- processes --------------------------------------------------------------------- */

static struct process_facts **alive__place(struct alive *a, uint32_t pid)
{
	struct process_facts **p = &a->bucket[pid % BUCKETS];

	while (*p && (*p)->pid != pid)
		p = &(*p)->next;
	return p;
}

static struct process_facts *alive__process(struct alive *a, uint32_t pid)
{
	struct process_facts **p = alive__place(a, pid);

	if (!*p) {
		*p = calloc(1, sizeof(**p));
		if (*p)
			(*p)->pid = pid;
	}
	return *p;
}

static void process__free_facts(struct process_facts *p)
{
	size_t i;

	for (i = 0; i < p->nr; i++)
		free(p->fact[i].rec);
	p->nr = 0;
}

static void alive__drop(struct alive *a, uint32_t pid)
{
	struct process_facts **at = alive__place(a, pid), *p = *at;

	if (!p)
		return;
	*at = p->next;
	process__free_facts(p);
	free(p->fact);
	free(p);
}

void alive__free(struct alive *a)
{
	size_t i;

	for (i = 0; a && i < BUCKETS; i++)
		while (a->bucket[i])
			alive__drop(a, a->bucket[i]->pid);
	free(a);
}

/* ---- facts ---------------------------------------------------------------------------- */

/* @f with its own copy of the record. */
static int process__add(struct process_facts *p, struct fact f)
{
	size_t room = p->room ? p->room * 2 : 16;
	struct fact *list;
	uint8_t *copy = f.rec ? malloc(f.size) : NULL;

	if (f.rec && !copy)
		return -1;
	if (p->nr == p->room) {
		list = realloc(p->fact, room * sizeof(*list));
		if (!list) {
			free(copy);
			return -1;
		}
		p->fact = list;
		p->room = room;
	}
	if (copy)
		memcpy(copy, f.rec, f.size);
	f.rec = copy;
	p->fact[p->nr++] = f;
	return 0;
}

static void process__remove(struct process_facts *p, size_t i)
{
	free(p->fact[i].rec);
	memmove(&p->fact[i], &p->fact[i + 1], (--p->nr - i) * sizeof(p->fact[0]));
}

static bool fact__is_name(const struct fact *f)
{
	return !f->end;
}

static void process__forget_thread(struct process_facts *p, uint32_t tid)
{
	size_t i;

	for (i = p->nr; i-- > 0; )
		if (fact__is_name(&p->fact[i]) && p->fact[i].tid == tid)
			process__remove(p, i);
}

static void process__forget_covered(struct process_facts *p, uint64_t start, uint64_t end)
{
	size_t i;

	for (i = p->nr; i-- > 0; )
		if (!fact__is_name(&p->fact[i]) && p->fact[i].start >= start && p->fact[i].end <= end)
			process__remove(p, i);
}

static bool process__has_threads(const struct process_facts *p)
{
	size_t i;

	for (i = 0; i < p->nr; i++)
		if (fact__is_name(&p->fact[i]) && p->fact[i].tid != p->pid)
			return true;
	return false;
}

/* ---- records ---------------------------------------------------------------------------- */

/* u32 pid, tid, then the name */
static int alive__comm(struct alive *a, const struct perf_event_header *h, struct span body, const uint8_t *rec)
{
	uint32_t pid = span__u32(&body), tid = span__u32(&body);
	struct process_facts *p = alive__process(a, pid);

	if (!p)
		return -1;
	if (h->misc & MISC_COMM_EXEC) {
		process__free_facts(p);
		p->leader_gone = false;
	}
	process__forget_thread(p, tid);
	return process__add(p, (struct fact){ .tid = tid, .rec = (uint8_t *)rec, .size = h->size });
}

/* u32 pid, tid; u64 addr, len */
static int alive__map(struct alive *a, const struct perf_event_header *h, struct span body, const uint8_t *rec)
{
	struct process_facts *p = alive__process(a, span__u32(&body));
	uint64_t start, len;

	span__u32(&body);
	start = span__u64(&body);
	len = span__u64(&body);
	if (!p || !len || start + len < start)
		return p ? 0 : -1;
	process__forget_covered(p, start, start + len);
	return process__add(p, (struct fact){ .start = start, .end = start + len, .rec = (uint8_t *)rec, .size = h->size });
}

/*
 * Another task's. COMM and MMAP both begin with pid and tid; a name that came by
 * exec() is inherited without one.
 */
static void rec__set_task(uint8_t *rec, uint32_t pid, uint32_t tid)
{
	struct perf_event_header h;

	memcpy(&h, rec, sizeof(h));
	if (h.type == PERF_RECORD_COMM)
		h.misc &= ~MISC_COMM_EXEC;
	memcpy(rec, &h, sizeof(h));
	memcpy(rec + sizeof(h), &pid, sizeof(pid));
	memcpy(rec + sizeof(h) + sizeof(pid), &tid, sizeof(tid));
}

/* Its name is that of the thread that made it; of a process the maps as well. */
static int process__inherit(struct process_facts *to, uint32_t tid, const struct process_facts *from, uint32_t ptid)
{
	bool process = to != from, named = false;
	size_t i, n = from->nr;
	struct fact f;

	for (i = 0; i < n; i++) {
		f = from->fact[i];
		if (fact__is_name(&f) ? f.tid != ptid : !process)
			continue;
		named |= fact__is_name(&f);
		f.tid = fact__is_name(&f) ? tid : f.tid;
		if (process__add(to, f))
			return -1;
		if (f.rec)
			rec__set_task(to->fact[to->nr - 1].rec, to->pid, tid);
	}
	return named ? 0 : process__add(to, (struct fact){ .tid = tid });
}

/* u32 pid, ppid, tid, ptid */
static int alive__fork(struct alive *a, const struct perf_event_header *h, struct span body, const uint8_t *rec)
{
	uint32_t pid = span__u32(&body), ppid = span__u32(&body), tid = span__u32(&body), ptid = span__u32(&body);
	struct process_facts *from, *to;

	(void)h;
	(void)rec;
	if (pid != ppid)
		alive__drop(a, pid);	/* the number's former process */
	from = alive__process(a, ppid);
	to = from ? alive__process(a, pid) : NULL;
	if (!to)
		return -1;
	process__forget_thread(to, tid);
	return process__inherit(to, tid, from, ptid);
}

static int alive__exit(struct alive *a, const struct perf_event_header *h, struct span body, const uint8_t *rec)
{
	uint32_t pid = span__u32(&body), tid;
	struct process_facts *p = *alive__place(a, pid);

	(void)h;
	(void)rec;
	span__u32(&body);
	tid = span__u32(&body);
	if (!p)
		return 0;
	process__forget_thread(p, tid);
	p->leader_gone |= tid == pid;
	if (p->leader_gone && !process__has_threads(p))
		alive__drop(a, pid);
	return 0;
}

int alive__note(struct alive *a, const uint8_t *rec, size_t size)
{
	static int (*const learn[])(struct alive *, const struct perf_event_header *, struct span, const uint8_t *) = {
		[PERF_RECORD_MMAP] = alive__map, [PERF_RECORD_MMAP2] = alive__map,
		[PERF_RECORD_COMM] = alive__comm, [PERF_RECORD_FORK] = alive__fork,
		[PERF_RECORD_EXIT] = alive__exit,
	};
	struct perf_event_header h;

	memcpy(&h, rec, sizeof(h));
	if (h.type >= sizeof(learn) / sizeof(learn[0]) || !learn[h.type] || h.size != size)
		return 0;
	return learn[h.type](a, &h, span__of(rec + sizeof(h), size - sizeof(h)), rec);
}

/* ---- and back ------------------------------------------------------------------------------ */

int alive__replay(struct alive *a, const struct perfdata_attr *attr, uint64_t time,
		  int (*fn)(void *ctx, const uint8_t *rec, size_t size, struct err *e),
		  void *ctx, struct err *e)
{
	const size_t head = sizeof(struct perf_event_header);
	struct process_facts *p;
	struct perf_event_header h;
	size_t b, i;
	int ret = 0;

	for (b = 0; b < BUCKETS; b++)
		for (p = a->bucket[b]; p; p = p->next)
			for (i = 0; i < p->nr && !ret; i++) {
				if (!p->fact[i].rec)
					continue;
				memcpy(&h, p->fact[i].rec, head);
				sample__set_time(attr, h.type, p->fact[i].rec + head, p->fact[i].size - head, time);
				ret = fn(ctx, p->fact[i].rec, p->fact[i].size, e);
			}
	return ret;
}
