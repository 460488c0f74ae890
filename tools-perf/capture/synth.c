/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where perf_event_open() is refused there are no side-band events either:
 * names, forks and maps come from /proc then. A file that is mapped and
 * unmapped between two looks stays unknown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/procfs.h"

enum {
	RECORD_ROOM	= 8192,
	LOOK_AGAIN_NS	= 100000000,	/* an unknown ip: not more often than this */
};

struct synth_map {
	uint64_t start, end, pgoff;
};

struct synth_process {
	uint32_t pid;
	uint64_t looked;		/* when the maps were read last */
	struct synth_map *maps;
	size_t nr_maps;
};

struct synth {
	struct synth_process *list;
	size_t nr;
};

static struct synth_process *synth__get(struct session *s, uint32_t pid)
{
	struct synth *y = s->synth;
	struct synth_process *list;
	size_t i;

	if (!y)
		y = s->synth = calloc(1, sizeof(*y));
	if (!y)
		return NULL;
	for (i = 0; i < y->nr; i++)
		if (y->list[i].pid == pid)
			return &y->list[i];
	list = realloc(y->list, (y->nr + 1) * sizeof(*list));
	if (!list)
		return NULL;
	y->list = list;
	list[y->nr] = (struct synth_process){ .pid = pid };
	return &list[y->nr++];
}

static void synth__forget_maps(struct synth_process *p)
{
	free(p->maps);
	p->maps = NULL;
	p->nr_maps = 0;
	p->looked = 0;
}

void synth__free(struct session *s)
{
	size_t i;

	for (i = 0; s->synth && i < s->synth->nr; i++)
		free(s->synth->list[i].maps);
	if (s->synth)
		free(s->synth->list);
	free(s->synth);
	s->synth = NULL;
}

static int synth__add(struct session *s, const void *rec, size_t size, uint64_t time,
		      struct err *e)
{
	if (!size)
		return err__set(e, "cannot make a record of /proc's facts: it exceeds %d bytes", RECORD_ROOM);
	return timeline__add(&s->timeline, time, rec, size, e);
}

/* Who says it and when: the trailer of each record. */
static struct sample synth__id(struct session *s, uint32_t pid, uint32_t tid, uint64_t *time)
{
	if (*time < s->timeline.last)
		*time = s->timeline.last;
	return (struct sample){ .pid = pid, .tid = tid, .time = *time };
}

static int synth__task(struct session *s, uint32_t type, struct perfdata_task t,
		       uint64_t time, struct err *e)
{
	struct sample id = synth__id(s, t.pid, t.tid, &time);
	uint8_t rec[256];

	return synth__add(s, rec, perfdata_build__task(rec, sizeof(rec), &s->attr, type, &t, &id), time, e);
}

static int synth__comm(struct session *s, uint32_t pid, uint32_t tid, bool exec,
		       uint64_t time, struct err *e)
{
	struct sample id = synth__id(s, pid, tid, &time);
	char path[64], comm[64] = "";
	struct perfdata_comm c = { .pid = pid, .tid = tid, .exec = exec, .comm = comm };
	uint8_t rec[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/comm", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return 0;		/* gone: its name stays unknown */
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	return synth__add(s, rec, perfdata_build__comm(rec, sizeof(rec), &s->attr, &c, &id), time, e);
}

int synth__process(struct session *s, uint32_t pid, uint32_t ppid, uint64_t time,
		   struct err *e)
{
	struct synth_process *p;

	if (s->sideband)
		return 0;
	p = synth__get(s, pid);
	if (p)
		synth__forget_maps(p);
	if (ppid && synth__task(s, PERF_RECORD_FORK, (struct perfdata_task){
			.pid = pid, .ppid = ppid, .tid = pid, .ptid = ppid }, time, e))
		return -1;
	return synth__comm(s, pid, pid, true, time, e);
}

int synth__thread(struct session *s, uint32_t pid, uint32_t tid, uint64_t time,
		  struct err *e)
{
	if (s->sideband || pid == tid)
		return 0;
	if (synth__task(s, PERF_RECORD_FORK, (struct perfdata_task){
			.pid = pid, .ppid = pid, .tid = tid, .ptid = pid }, time, e))
		return -1;
	return synth__comm(s, pid, tid, false, time, e);
}

int synth__exit(struct session *s, uint32_t pid, uint32_t tid, uint64_t time,
		struct err *e)
{
	if (s->sideband)
		return 0;
	return synth__task(s, PERF_RECORD_EXIT, (struct perfdata_task){
			.pid = pid, .ppid = pid, .tid = tid, .ptid = tid }, time, e);
}

/* Return: true when the map was not known. */
static bool process__learn(struct synth_process *p, const struct perfdata_mmap *m)
{
	struct synth_map *maps;
	size_t i;

	for (i = 0; i < p->nr_maps; i++)
		if (p->maps[i].start == m->addr && p->maps[i].end == m->addr + m->len &&
		    p->maps[i].pgoff == m->pgoff)
			return false;
	maps = realloc(p->maps, (p->nr_maps + 1) * sizeof(*maps));
	if (!maps)
		return false;
	p->maps = maps;
	maps[p->nr_maps++] = (struct synth_map){ m->addr, m->addr + m->len, m->pgoff };
	return true;
}

static int synth__map(struct session *s, struct synth_process *p,
		      const struct perfdata_mmap *m, uint64_t time, struct err *e)
{
	struct sample id = synth__id(s, m->pid, m->pid, &time);
	uint8_t rec[RECORD_ROOM], build_id[20];
	size_t n;

	if (!process__learn(p, m))
		return 0;
	foreign__keep(m->pid, m->filename);
	n = m->filename[0] == '/' && m->filename[1] != '/' ?
	    process__build_id(m->pid, m->filename, build_id) : 0;
	if (n && perfdata_writer__build_id(s->writer, m->filename, build_id, n, e))
		return -1;
	return synth__add(s, rec, perfdata_build__mmap2(rec, sizeof(rec), &s->attr, m,
			  PERF_RECORD_MISC_USER, &id), time, e);
}

/*
 * start-end perms offset major:minor inode path [proc_pid_maps(5)]
 * @data: files' data as well, where perf looks for an unwind table
 */
static bool maps__line(const char *line, bool data, struct perfdata_mmap *m, char path[4096])
{
	unsigned long long start, end, off, ino;
	unsigned int maj, min;
	char perms[5];
	int n = 0;

	path[0] = '\0';
	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, perms, &off,
		   &maj, &min, &ino, &n) < 7 || (perms[2] != 'x' && !(data && ino)))
		return false;
	snprintf(path, 4096, "%s", n && line[n] ? line + n : "//anon");
	m->addr = start;
	m->len = end - start;
	m->pgoff = off;
	m->maj = maj;
	m->min = min;
	m->ino = ino;
	m->prot = (perms[0] == 'r' ? PROT_READ : 0) | (perms[1] == 'w' ? PROT_WRITE : 0) | (perms[2] == 'x' ? PROT_EXEC : 0);
	m->flags = perms[3] == 's' ? MAP_SHARED : MAP_PRIVATE;
	m->exec = perms[2] == 'x';
	m->filename = path;
	return true;
}

int synth__maps(struct session *s, uint32_t pid, uint64_t time, const char *text,
		size_t len, struct err *e)
{
	struct synth_process *p = s->sideband ? NULL : synth__get(s, pid);
	char line[4096 + 128], path[4096];
	const char *end = text + len, *nl;
	size_t n;

	for (; p && text < end; text = nl + 1) {
		struct perfdata_mmap m = { .pid = pid, .tid = pid };

		nl = memchr(text, '\n', end - text);
		if (!nl)
			break;
		n = nl - text;
		if (n >= sizeof(line))
			continue;
		memcpy(line, text, n);
		line[n] = '\0';
		if (maps__line(line, s->stack_size, &m, path) && synth__map(s, p, &m, time, e))
			return -1;
	}
	if (p)
		p->looked = time;
	return 0;
}

struct maps_text {
	uint32_t pid;
	char *text;
	size_t len, room;
};

/* A thread's view of the maps; that of one that has ended is empty. */
static int maps__of_thread(void *ctx, pid_t tid)
{
	struct maps_text *m = ctx;
	char path[64];
	ssize_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/task/%d/maps", m->pid, tid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = getdelim(&m->text, &m->room, '\0', f);
	fclose(f);
	m->len = n > 0 ? n : 0;
	return n > 0;
}

static int synth__read_maps(struct session *s, uint32_t pid, uint64_t time, struct err *e)
{
	struct maps_text m = { .pid = pid };
	char path[64];
	int ret = 0;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	if (procfs__each(path, maps__of_thread, &m) > 0)
		ret = synth__maps(s, pid, time, m.text, m.len, e);
	free(m.text);
	return ret;
}

int synth__ip(struct session *s, uint32_t pid, uint64_t ip, uint64_t time, struct err *e)
{
	struct synth_process *p;
	size_t i;

	if (s->sideband)
		return 0;
	p = synth__get(s, pid);
	if (!p)
		return err__set(e, "out of memory");
	for (i = 0; i < p->nr_maps; i++)
		if (ip >= p->maps[i].start && ip < p->maps[i].end)
			return 0;
	if (p->looked && time - p->looked < LOOK_AGAIN_NS)
		return 0;
	p->looked = time;
	return synth__read_maps(s, pid, time, e);
}
