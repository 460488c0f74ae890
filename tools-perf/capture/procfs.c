/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/procfs.h"

enum {
	TEXT_ROOM	= 8192,
	STAT_FLAGS	= 9,
	STAT_CPU	= 39,
	PF_KTHREAD	= 0x00200000,	/* include/linux/sched.h */
};

/* Return: bytes read, 0 when there are none; @text ends with a 0. */
static size_t fd__read(int fd, char text[TEXT_ROOM])
{
	ssize_t n = fd < 0 ? -1 : pread(fd, text, TEXT_ROOM - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? n : 0;
}

static size_t path__read(const char *path, char text[TEXT_ROOM])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = fd__read(fd, text);

	if (fd >= 0)
		close(fd);
	return n;
}

/* Behind "Name:\t" of a line; "" when there is none. The name of the program,
 * which may hold anything but newlines, is in the first line. */
static const char *status__field(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? p + strlen(name) : "";
}

static unsigned long long status__hex(const char *text, const char *name)
{
	return strtoull(status__field(text, name), NULL, 16);
}

static int status__int(const char *text, const char *name)
{
	return atoi(status__field(text, name));
}

/* "NSpid:\t4711\t12": by namespace, the innermost last. */
static int status__last_int(const char *text, const char *name)
{
	const char *p = status__field(text, name);
	char *end;
	int v = 0;

	for (;; p = end) {
		long next = strtol(p, &end, 10);

		if (end == p)
			return v;
		v = next;
		if (*end != '\t')
			return v;
	}
}

int procfs__status(pid_t tid, struct task_status *st)
{
	char path[64], text[TEXT_ROOM];
	const char *state;
	unsigned int uid = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (!path__read(path, text))
		return -1;
	state = status__field(text, "\nState:\t");
	sscanf(status__field(text, "\nUid:\t"), "%*u %u", &uid);
	*st = (struct task_status){
		.pid = status__int(text, "\nTgid:\t"),
		.ppid = status__int(text, "\nPPid:\t"),
		.inner = status__last_int(text, "\nNSpid:\t"),
		.tracer = status__int(text, "\nTracerPid:\t"),
		.uid = uid,
		.state = *state,
		.blocked = status__hex(text, "\nSigBlk:\t"),
		.ignored = status__hex(text, "\nSigIgn:\t"),
		.caught = status__hex(text, "\nSigCgt:\t"),
		.caps = status__hex(text, "\nCapEff:\t"),
	};
	return 0;
}

int procfs__open_stat(pid_t pid, pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The fields from 3, the state, on stand behind the name, which may hold anything. */
static const char *stat__field(const char *text, int nr)
{
	const char *p = strrchr(text, ')');
	int field;

	for (field = 2; p && field < nr; field++)
		p = strchr(p + 1, ' ');
	return p ? p + 1 : NULL;
}

bool procfs__running(int stat_fd, uint32_t *cpu)
{
	const char *state, *last;
	char text[TEXT_ROOM];

	*cpu = UINT32_MAX;
	if (!fd__read(stat_fd, text))
		return false;
	last = stat__field(text, STAT_CPU);
	if (last)
		*cpu = strtoul(last, NULL, 10);
	state = stat__field(text, 3);
	return state && *state == 'R';
}

bool procfs__is_kernel_thread(pid_t pid)
{
	char path[64], text[TEXT_ROOM];
	const char *flags;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	flags = path__read(path, text) ? stat__field(text, STAT_FLAGS) : NULL;
	return flags && strtoul(flags, NULL, 10) & PF_KTHREAD;
}

const char *procfs__comm(pid_t tid, char *buf, size_t size)
{
	char path[64], text[TEXT_ROOM];

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	path__read(path, text);
	text[strcspn(text, "\n")] = '\0';
	snprintf(buf, size, "%s", *text ? text : "?");
	return buf;
}

int procfs__each(const char *path, int (*fn)(void *ctx, pid_t id), void *ctx)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (!d)
		return -ESRCH;
	while (!ret && (entry = readdir(d)))
		if (isdigit((unsigned char)entry->d_name[0]))
			ret = fn(ctx, atoi(entry->d_name));
	closedir(d);
	return ret;
}

int procfs__sysctl(const char *name, int missing)
{
	char path[128], text[TEXT_ROOM];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return path__read(path, text) ? atoi(text) : missing;
}
