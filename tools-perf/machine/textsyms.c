/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbols that come as text: /proc/kallsyms of the running kernel, and
 * /tmp/perf-PID.map, which JIT compilers write for perf
 * [tools/perf/Documentation/jit-interface.txt].
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/internal.h"

enum { TEXT_MAX = 256 * 1024 * 1024 };	/* a map file larger than this is not one */

/* The whole of a file, NUL-terminated; files of /proc have no size to ask for. */
static char *read_all(int fd)
{
	size_t size = 0, max = 64 * 1024;
	char *text = malloc(max), *bigger;
	ssize_t n;

	while (text && (n = read(fd, text + size, max - size - 1)) > 0) {
		size += n;
		if (max - size > 1)
			continue;
		bigger = max < TEXT_MAX ? realloc(text, max *= 2) : NULL;
		if (!bigger)
			break;
		text = bigger;
	}
	if (text)
		text[size] = '\0';
	return text;
}

/* One line per call; the newline becomes the end of the line's string. */
static char *next_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*text = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

static int object__add_entry(struct object *o, size_t *max, const struct symtab_entry *e)
{
	struct symtab_entry *bigger;

	if (o->nr_symtab == *max) {
		*max = *max ? *max * 2 : 1024;
		bigger = realloc(o->symtab, *max * sizeof(*bigger));
		if (!bigger)
			return -1;
		o->symtab = bigger;
	}
	o->symtab[o->nr_symtab++] = *e;
	return 0;
}

/* "ffffffff81000000 T _stext", then a tab and "[module]" for modules. */
static bool kallsyms__line(char *line, struct symtab_entry *e)
{
	char *end, *name;

	e->start = e->end = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !end[1] || !strchr("tTwW", end[1]) || end[2] != ' ')
		return false;
	name = end + 3;
	name[strcspn(name, "\t ")] = '\0';
	e->name = name;
	return e->start && *name && *name != '$';
}

/* With KASLR the same kernel sits elsewhere after each boot. */
static void object__slide(struct object *o, uint64_t recorded_text)
{
	uint64_t here = 0;
	size_t i;

	for (i = 0; i < o->nr_symtab && !here; i++)
		if (!strcmp(o->symtab[i].name, "_text"))
			here = o->symtab[i].start;
	for (i = 0; here && recorded_text && i < o->nr_symtab; i++) {
		o->symtab[i].start += recorded_text - here;
		o->symtab[i].end += recorded_text - here;
	}
}

/* A symbol a line, of those that @line knows; false: there is none. */
static bool object__add_lines(struct object *o, char *text, bool (*line)(char *, struct symtab_entry *))
{
	struct symtab_entry e = { 0 };
	size_t max = 0;
	char *s;

	o->names = text;
	while (text && (s = next_line(&text)))
		if (line(s, &e) && object__add_entry(o, &max, &e))
			break;
	if (o->nr_symtab)
		object__sort_symtab(o);
	return o->nr_symtab;
}

bool object__add_kallsyms(struct object *o, char *text)
{
	return object__add_lines(o, text, kallsyms__line);
}

void object__load_kallsyms(struct machine *m, struct object *o)
{
	bool any;
	int fd;

	object__fail(o, DSO_NO_SYMBOLS, "/proc/kallsyms shows no addresses to this user; see kernel.kptr_restrict");
	if (!machine__same_kernel(m)) {
		object__fail(o, DSO_MISMATCH, "another kernel than the one that runs here");
		return;
	}
	fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	any = object__add_kallsyms(o, read_all(fd));
	close(fd);
	if (!any)
		return;
	object__slide(o, m->kernel_text);
	o->dso.state = DSO_OK;
	o->why = NULL;
}

/* "7f3a10001000 40 name of it": start and size in hex, the rest is the name. */
static bool jit__line(char *line, struct symtab_entry *e)
{
	char *end;

	e->start = strtoull(line, &end, 16);
	if (end == line || *end != ' ')
		return false;
	line = end + 1;
	e->end = e->start + strtoull(line, &end, 16);
	if (end == line || *end != ' ' || e->end < e->start)
		return false;
	while (isspace((unsigned char)*end))
		end++;
	e->name = end;
	return *end;
}

bool object__add_jit(struct object *o, char *text)
{
	return object__add_lines(o, text, jit__line);
}

/*
 * /tmp is for everybody: only a regular file of this user or of root is
 * believed, and no link is followed.
 */
static int jit__open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size < TEXT_MAX &&
	    (st.st_uid == geteuid() || st.st_uid == 0))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

void object__load_jit(struct machine *m, struct object *o)
{
	char path[4096];
	bool any;
	int fd;

	object__fail(o, DSO_NO_SYMBOLS, "code made at run time, without a /tmp/perf-PID.map of its names");
	snprintf(path, sizeof(path), "%s/tmp/perf-%u.map", m->opt.symfs ? m->opt.symfs : "", o->pid);
	fd = jit__open(path);
	if (fd < 0) {
		if (errno == EPERM || errno == ELOOP || errno == EACCES)
			object__fail(o, DSO_MISMATCH, "code made at run time, and /tmp/perf-PID.map is not a file of yours or root's");
		return;
	}
	any = object__add_jit(o, read_all(fd));
	close(fd);
	if (!any)
		return;
	o->dso.state = DSO_OK;
	o->why = NULL;
}
