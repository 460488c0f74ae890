/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of source files, each file read once. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/internal.h"

enum { SOURCE_MAX = 16 * 1024 * 1024 };

struct source {
	const char *file;		/* interned */
	char *text;			/* NULL: cannot be shown */
	char **line;
	int nr_lines;
	struct source *next;
};

/* The same path below symfs as the object's, where there is one. */
static int source__open(const struct machine *m, const char *file, struct stat *st)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s%s", m->opt.symfs ? m->opt.symfs : "", file) >= (int)sizeof(path))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || (!fstat(fd, st) && S_ISREG(st->st_mode) && st->st_size <= SOURCE_MAX))
		return fd;
	close(fd);
	return -1;
}

static bool object__older(const struct machine *m, const struct object *o, const struct stat *source)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s", m->opt.symfs ? m->opt.symfs : "", o->dso.path) >= (int)sizeof(path) ||
	    stat(path, &st))
		return true;
	return st.st_mtim.tv_sec < source->st_mtim.tv_sec;
}

static void source__split(struct source *s)
{
	char *at;
	int n = 1;

	for (at = s->text; (at = strchr(at, '\n')); at++)
		n++;
	s->line = calloc(n, sizeof(*s->line));
	for (at = s->text; s->line && at && s->nr_lines < n;) {
		s->line[s->nr_lines++] = at + strspn(at, " \t");
		at = strchr(at, '\n');
		if (at)
			*at++ = '\0';
	}
}

static void source__read(struct machine *m, const struct object *o, struct source *s)
{
	struct stat st;
	int fd = source__open(m, s->file, &st);
	ssize_t n = -1;

	if (fd < 0)
		return;
	if (!object__older(m, o, &st))
		s->text = calloc(1, st.st_size + 1);
	if (s->text)
		n = read(fd, s->text, st.st_size);
	close(fd);
	if (n >= 0)
		source__split(s);
}

const char *machine__source_text(struct machine *m, const struct location *l, const char *file, int line)
{
	const char *name = machine__intern(m, file);
	struct source *s = m->sources;
	size_t n;

	while (s && s->file != name)
		s = s->next;
	if (!s && name) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return NULL;
		s->file = name;
		s->next = m->sources;
		m->sources = s;
		source__read(m, location__code(l)->obj, s);
	}
	if (!s || line < 1 || line > s->nr_lines)
		return NULL;
	n = strlen(s->line[line - 1]);
	if (n && s->line[line - 1][n - 1] == '\r')
		s->line[line - 1][n - 1] = '\0';
	return s->line[line - 1];
}

void machine__free_sources(struct machine *m)
{
	struct source *s, *next;

	for (s = m->sources; s; s = next) {
		next = s->next;
		free(s->text);
		free(s->line);
		free(s);
	}
}
