/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of CPUs, processes, threads and users', and what is known of those that run. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/kernel/kernel.h"
#include "capture/procfs.h"

enum { RECORD_ROOM = 512 };

/* ---- lists ----------------------------------------------------------------------- */

int idlist__add(struct idlist *l, int id, struct err *e)
{
	int *bigger = realloc(l->id, (l->nr + 1) * sizeof(*bigger));

	if (!bigger)
		return err__set(e, "out of memory");
	l->id = bigger;
	l->id[l->nr++] = id;
	return 0;
}

void idlist__free(struct idlist *l)
{
	free(l->id);
	*l = (struct idlist){ .id = NULL };
}

bool idlist__has(const struct idlist *l, int id)
{
	size_t i;

	for (i = 0; i < l->nr; i++)
		if (l->id[i] == id)
			return true;
	return false;
}

static bool number__parse(const char **p, long *v)
{
	char *end;

	errno = 0;
	*v = strtol(*p, &end, 10);
	if (!isdigit((unsigned char)**p) || errno || *v > INT_MAX)
		return false;
	*p = end;
	return true;
}

int idlist__parse(struct idlist *l, const char *text, const char *option, bool ranges,
		  struct err *e)
{
	enum { RANGE_MAX = 65536 };
	const char *p = text;
	long first, last;

	*l = (struct idlist){ .id = NULL };
	do {
		if (!number__parse(&p, &first))
			goto bad;
		last = first;
		if (ranges && *p == '-') {
			p++;
			if (!number__parse(&p, &last) || last < first || last - first > RANGE_MAX)
				goto bad;
		}
		for (; first <= last; first++)
			if (!idlist__has(l, first) && idlist__add(l, first, e))
				return -1;
	} while (*p++ == ',');
	if (!p[-1])
		return 0;
bad:
	idlist__free(l);
	return err__usage(e, "cannot record with %s '%s': numbers separated by commas are needed, as in %s",
			  option, text, ranges ? "0-3,6" : "4711,4712");
}

struct collect {
	struct idlist *l;
	struct err *e;
};

static int collect__id(void *ctx, pid_t id)
{
	struct collect *c = ctx;

	return idlist__add(c->l, id, c->e);
}

/* The numbers among the names in a folder of /proc. */
static int idlist__folder(struct idlist *l, const char *path, struct err *e)
{
	struct collect c = { .l = l, .e = e };

	return procfs__each(path, collect__id, &c);
}

/*
 * A thread that is started between this look and the opening of its creator's
 * event is missed, as by perf record -p: nothing tells it from one that
 * inherited the event, which must not be opened twice.
 */
int idlist__threads(struct idlist *tids, const struct idlist *pids, struct err *e)
{
	char path[64];
	size_t i;
	int ret;

	for (i = 0; i < pids->nr; i++) {
		snprintf(path, sizeof(path), "/proc/%d/task", pids->id[i]);
		ret = idlist__folder(tids, path, e);
		if (ret == -ESRCH)
			return err__set(e, "cannot record process %d: there is none with this number", pids->id[i]);
		if (ret)
			return -1;
	}
	return 0;
}

/* ---- users --------------------------------------------------------------------------- */

int user__parse(const char *text, uid_t *uid, struct err *e)
{
	const struct passwd *pw = getpwnam(text);
	unsigned long v;
	char *end;

	if (pw) {
		*uid = pw->pw_uid;
		return 0;
	}
	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || !isdigit((unsigned char)*text) || *end || v > UINT32_MAX)
		return err__usage(e, "cannot record with -u '%s': there is no such user; give a name or a number", text);
	*uid = v;
	return 0;
}

bool user__has(uid_t uid, pid_t pid)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return !stat(path, &st) && st.st_uid == uid;
}

struct user_list {
	FILE *f;
	uid_t uid;
	int nr;
};

static int user__note(void *ctx, pid_t pid)
{
	struct user_list *l = ctx;

	if (pid != getpid() && user__has(l->uid, pid) && !procfs__is_kernel_thread(pid))
		fprintf(l->f, "%s%d", l->nr++ ? "," : "", pid);
	return 0;
}

char *user__processes(uid_t uid)
{
	struct user_list l = { .uid = uid };
	char *text = NULL;
	size_t size;

	l.f = open_memstream(&text, &size);
	if (!l.f)
		return NULL;
	procfs__each("/proc", user__note, &l);
	fclose(l.f);
	if (l.nr)
		return text;
	free(text);
	return NULL;
}

/* ---- what runs already ---------------------------------------------------------------- */

static int process__synthesize(struct session *s, int pid, uint64_t time, struct err *e)
{
	const struct idlist one = { .id = &pid, .nr = 1 };
	struct idlist tids = { .id = NULL };
	struct err gone;
	size_t i;
	int ret;

	if (idlist__threads(&tids, &one, &gone))
		return 0;		/* it ended meanwhile */
	ret = synth__process(s, pid, 0, time, e);
	for (i = 0; !ret && i < tids.nr; i++)
		ret = synth__thread(s, pid, tids.id[i], time, e);
	/* an address that no map has: all maps are read */
	if (!ret)
		ret = synth__ip(s, pid, UINT64_MAX, time, e);
	idlist__free(&tids);
	return ret;
}

int ktarget__synthesize(struct session *s, const struct idlist *pids, uint64_t time,
			struct err *e)
{
	struct idlist all = { .id = NULL };
	int ret = 0;
	size_t i;

	if (!pids)
		ret = idlist__folder(&all, "/proc", e) ? -1 : 0;
	for (i = 0; !ret && i < (pids ? pids : &all)->nr; i++)
		ret = process__synthesize(s, (pids ? pids : &all)->id[i], time, e);
	idlist__free(&all);
	return ret;
}

static int kernel__map(struct session *s, const char *name, uint64_t start, uint64_t end,
		       uint64_t pgoff, struct err *e)
{
	struct perfdata_mmap m = {
		.pid = UINT32_MAX, .addr = start, .len = end - start, .pgoff = pgoff,
		.prot = PROT_READ | PROT_EXEC, .flags = MAP_PRIVATE, .exec = true, .filename = name,
	};
	struct sample id = { .pid = UINT32_MAX, .time = s->timeline.last };
	uint8_t rec[RECORD_ROOM];
	size_t n = perfdata_build__mmap2(rec, sizeof(rec), &s->attr, &m, PERF_RECORD_MISC_KERNEL, &id);

	return timeline__add(&s->timeline, id.time, rec, n, e);
}

/* "ffffffffc0000000 T name": the addresses of _text and _etext; 0 where they are hidden. */
static void kallsyms__text(uint64_t *start, uint64_t *end)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long addr;
	char name[256];

	*start = *end = 0;
	while (f && !(*start && *end) && fscanf(f, "%llx %*c %255s%*[^\n]", &addr, name) == 2) {
		if (!strcmp(name, "_text"))
			*start = addr;
		if (!strcmp(name, "_etext"))
			*end = addr;
	}
	if (f)
		fclose(f);
}

/* name size refcount users state address [kernel/module/procfs.c: m_show()] */
static int modules__map(struct session *s, struct err *e)
{
	FILE *f = fopen("/proc/modules", "re");
	char name[64], bracketed[68];
	unsigned long long addr;
	unsigned long size;
	int ret = 0;

	while (f && !ret && fscanf(f, "%63s %lu %*d %*s %*s %llx%*[^\n]", name, &size, &addr) == 3) {
		snprintf(bracketed, sizeof(bracketed), "[%s]", name);
		if (addr)
			ret = kernel__map(s, bracketed, addr, addr + size, 0, e);
	}
	if (f)
		fclose(f);
	return ret;
}

int ktarget__kernel_map(struct session *s, struct err *e)
{
	uint64_t start, end;

	kallsyms__text(&start, &end);
	if (!start || end <= start)
		return 0;		/* kernel.kptr_restrict: the report says so */
	if (kernel__map(s, "[kernel.kallsyms]_text", start, end, start, e))
		return -1;
	return modules__map(s, e);
}
