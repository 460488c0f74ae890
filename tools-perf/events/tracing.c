/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The feature section TRACING_DATA, version 0.6, as perf record writes it
 * [tools/perf/util/trace-event-info.c]: what it takes to read the fields of
 * tracepoints on another machine.
 *
 *	magic, version, byte order, size of long, page size
 *	"header_page" and "header_event": u64 size, text
 *	u32 number of formats of ftrace's own events: u64 size, text
 *	u32 number of systems: name, u32 number of formats: u64 size, text
 *	u32 size and text of kallsyms, of printk_formats; u64 of saved_cmdlines
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/internal.h"

enum { FILE_MOST = 8 << 20 };

static void put(FILE *f, const void *data, size_t size)
{
	fwrite(data, 1, size, f);
}

static void put_u32(FILE *f, uint32_t v)
{
	put(f, &v, sizeof(v));
}

static void put_u64(FILE *f, uint64_t v)
{
	put(f, &v, sizeof(v));
}

static void put_string(FILE *f, const char *s)
{
	put(f, s, strlen(s) + 1);
}

/* A file of tracefs, whose size stat() does not know; "" when it cannot be read. */
static char *file__text(const struct event_source *src, const char *name, size_t *size)
{
	char path[1024], *text = NULL, *bigger;
	size_t room = 0;
	ssize_t n = 1;
	int fd;

	*size = 0;
	snprintf(path, sizeof(path), "%s/%s", src->tracefs, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n > 0 && *size < FILE_MOST) {
		if (*size == room) {
			room = room ? room * 2 : 4096;
			bigger = realloc(text, room);
			if (!bigger)
				break;
			text = bigger;
		}
		n = read(fd, text + *size, room - *size);
		*size += n > 0 ? n : 0;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* @wide: behind a size of 64 bits, else of 32. */
static void put_file(FILE *f, const struct event_source *src, const char *name, bool wide)
{
	size_t size;
	char *text = file__text(src, name, &size);

	if (wide)
		put_u64(f, size);
	else
		put_u32(f, size);
	if (size)
		put(f, text, size);
	free(text);
}

/* "sched:sched_switch:u": the folder's name, and the event's behind it. */
static bool event__names(const struct event *ev, char *system, char *name)
{
	return ev->kind == EVENT_TRACEPOINT && sscanf(ev->name, "%63[^:]:%127[^:]", system, name) == 2;
}

static void put_format(FILE *f, const struct event_source *src, const char *system, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	put_file(f, src, path, true);
}

/* Is event @i the first of its system (or, with @name, of its name, too)? */
static bool event__is_first(const struct event_list *l, size_t i, bool by_name)
{
	char system[64], name[128], s[64], n[128];
	size_t k;

	event__names(&l->ev[i], system, name);
	for (k = 0; k < i; k++)
		if (event__names(&l->ev[k], s, n) && !strcmp(s, system) && (!by_name || !strcmp(n, name)))
			return false;
	return true;
}

/* How many formats of @system there are, written to @f unless it is NULL. */
static uint32_t system__formats(FILE *f, const struct event_list *l, const struct event_source *src,
				const char *system)
{
	char s[64], name[128];
	uint32_t nr = 0;
	size_t i;

	for (i = 0; i < l->nr; i++) {
		if (!event__names(&l->ev[i], s, name) || strcmp(s, system) || !event__is_first(l, i, true))
			continue;
		nr++;
		if (f)
			put_format(f, src, system, name);
	}
	return nr;
}

static void put_systems(FILE *f, const struct event_list *l, const struct event_source *src)
{
	char system[64], name[128];
	uint32_t nr = 0;
	size_t i;

	for (i = 0; i < l->nr; i++)
		nr += event__names(&l->ev[i], system, name) && event__is_first(l, i, false);
	put_u32(f, nr);
	for (i = 0; i < l->nr; i++) {
		if (!event__names(&l->ev[i], system, name) || !event__is_first(l, i, false))
			continue;
		put_string(f, system);
		put_u32(f, system__formats(NULL, l, src, system));
		system__formats(f, l, src, system);
	}
}

static void put_head(FILE *f, const struct event_source *src)
{
	static const char magic[] = { 23, 8, 68, 't', 'r', 'a', 'c', 'i', 'n', 'g' };
	static const uint8_t little_endian, size_of_long = sizeof(long);

	put(f, magic, sizeof(magic));
	put_string(f, "0.6");
	put(f, &little_endian, 1);
	put(f, &size_of_long, 1);
	put_u32(f, sysconf(_SC_PAGESIZE));
	put_string(f, "header_page");
	put_file(f, src, "events/header_page", true);
	put_string(f, "header_event");
	put_file(f, src, "events/header_event", true);
}

int events__tracing_data(const struct event_list *l, const struct event_source *src, char **data,
			 size_t *size, struct err *e)
{
	size_t i;
	FILE *f;

	*data = NULL;
	*size = 0;
	for (i = 0; i < l->nr && l->ev[i].kind != EVENT_TRACEPOINT; i++)
		;
	if (i == l->nr || !src->tracefs)
		return 0;
	f = open_memstream(data, size);
	if (!f)
		return err__set(e, "out of memory");
	put_head(f, src);
	put_u32(f, 0);			/* none of ftrace's own is an event of perf */
	put_systems(f, l, src);
	put_u32(f, 0);			/* no kallsyms: perf leaves them empty, too */
	put_file(f, src, "printk_formats", false);
	put_file(f, src, "saved_cmdlines", true);
	return fclose(f) ? err__set(e, "out of memory") : 0;
}
