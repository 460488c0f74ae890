/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of processes whose root is another one (containers): the report would
 * find nothing, or another file, by their names, and when the process is gone
 * nothing leads to them. As perf record does, they are copied into the cache
 * of build-ids below ~/.debug, where perf and our report look.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/capture.h"

enum { PATH_ROOM = 8192, ID_MAX = 20 };

struct foreign {
	char inside[PATH_ROOM];		/* by way of the process's root */
	char folder[PATH_ROOM];		/* ~/.debug/PATH/ID */
	char file[PATH_ROOM + 8];	/* .../elf */
	char hex[2 * ID_MAX + 1];
};

static bool file__is_same(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Every folder of the path. */
static int folder__make(const char *path)
{
	char part[PATH_ROOM];
	const char *slash = path;

	while ((slash = strchr(slash + 1, '/'))) {
		memcpy(part, path, slash - path);
		part[slash - path] = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0700) && errno != EEXIST ? -1 : 0;
}

static int file__fill(int from, int to)
{
	struct stat st;
	off_t left;
	ssize_t n;

	if (fstat(from, &st) || !S_ISREG(st.st_mode))
		return -1;
	for (left = st.st_size; left; left -= n) {
		n = sendfile(to, from, NULL, left);
		if (n <= 0)
			return -1;
	}
	return 0;
}

/* Complete under its name, or not there. */
static int file__copy(const char *from, const char *to)
{
	char part[PATH_ROOM + 32];
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK), out, ret = -1;

	snprintf(part, sizeof(part), "%s.%d", to, getpid());
	out = in < 0 ? -1 : open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0) {
		ret = file__fill(in, out);
		if (close(out) || ret || rename(part, to)) {
			unlink(part);
			ret = -1;
		}
	}
	if (in >= 0)
		close(in);
	return ret;
}

/* .build-id/xx/yyyy -> ../../PATH/ID, as tools/perf/util/build-id.c has it */
static void foreign__link(const struct foreign *f, const char *home)
{
	char folder[PATH_ROOM], link[PATH_ROOM + 64], to[PATH_ROOM + 16];
	size_t debug = strlen(home) + strlen("/.debug");

	snprintf(folder, sizeof(folder), "%s/.debug/.build-id/%.2s", home, f->hex);
	snprintf(link, sizeof(link), "%s/%s", folder, f->hex + 2);
	snprintf(to, sizeof(to), "../..%s", f->folder + debug);
	if (!folder__make(folder) && symlink(to, link) && errno != EEXIST)
		unlink(link);
}

static bool foreign__names(struct foreign *f, const char *home, uint32_t pid, const char *path)
{
	uint8_t id[ID_MAX];
	size_t i, n;

	snprintf(f->inside, sizeof(f->inside), "/proc/%u/root%s", pid, path);
	if (file__is_same(f->inside, path))
		return false;
	n = program__build_id(f->inside, id);
	for (i = 0; i < n; i++)
		sprintf(f->hex + 2 * i, "%02x", id[i]);
	return n && (size_t)snprintf(f->folder, sizeof(f->folder), "%s/.debug%s/%s", home, path, f->hex) < sizeof(f->folder) - 8;
}

size_t process__build_id(uint32_t pid, const char *path, uint8_t id[ID_MAX])
{
	char inside[PATH_ROOM];
	size_t n = 0;

	if ((size_t)snprintf(inside, sizeof(inside), "/proc/%u/root%s", pid, path) < sizeof(inside))
		n = program__build_id(inside, id);
	return n ? n : program__build_id(path, id);
}

void foreign__keep(uint32_t pid, const char *path)
{
	const char *home = getenv("HOME");
	struct foreign f;

	if (!home || *path != '/' || path[1] == '/' || strstr(path, "/../") || strlen(path) > PATH_ROOM / 2 ||
	    !foreign__names(&f, home, pid, path))
		return;
	snprintf(f.file, sizeof(f.file), "%s/elf", f.folder);
	if (access(f.file, F_OK) && (folder__make(f.folder) || file__copy(f.inside, f.file)))
		return;
	foreign__link(&f, home);
}
