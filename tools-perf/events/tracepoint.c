/* SPDX-License-Identifier: GPL-2.0-only */
/* SYSTEM:NAME, also with * and ?: the kernel's tracepoints, and the probes that tracefs was told. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/internal.h"

struct tracepoint_text {
	char system[64], name[128];
	const char *mods;		/* NULL: none */
};

static bool tracepoint__split(struct tracepoint_text *t, const char *text)
{
	int n = 0;

	if (sscanf(text, "%63[A-Za-z0-9_*?-]:%127[A-Za-z0-9_*?-]%n", t->system, t->name, &n) != 2)
		return false;
	t->mods = text[n] == ':' ? text + n + 1 : NULL;
	return !text[n] || t->mods;
}

static int tracepoint__add(struct event_parser *p, const struct tracepoint_text *t, const char *system,
			   const char *name, struct err *e)
{
	char full[EVENT_NAME_MAX], line[32];
	struct event *ev;
	uint64_t id;

	snprintf(full, sizeof(full), "%.50s:%.60s%s%s", system, name, t->mods ? ":" : "", t->mods ? t->mods : "");
	if (!file__line(line, sizeof(line), "%s/events/%s/%s/id", p->src->tracefs, system, name) || !number__whole(line, &id))
		return err__set(e, "cannot record event '%s': its number in %s cannot be read: %s; root can", full,
				p->src->tracefs, strerror(errno));
	ev = events__add(p->list, full, e);
	if (!ev)
		return -1;
	ev->kind = EVENT_TRACEPOINT;
	ev->type = PERF_TYPE_TRACEPOINT;
	ev->config = id;
	return t->mods ? event__modifiers(ev, p->src, t->mods, e) : 0;
}

static int folder__visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The names of a folder below events/ in their order; -errno. */
static int folder__list(const struct event_source *src, const char *system, struct dirent ***list)
{
	char path[256];
	int n;

	snprintf(path, sizeof(path), "%s/events/%s", src->tracefs, system);
	n = scandir(path, list, folder__visible, alphasort);
	return n < 0 ? -errno : n;
}

static bool folder__is_event(const struct event_source *src, const char *system, const char *name)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/events/%s/%s/format", src->tracefs, system, name);
	return !access(path, F_OK);
}

/* Return: how many were added, -1 with @e. */
static int system__match(struct event_parser *p, const struct tracepoint_text *t, const char *system, struct err *e)
{
	struct dirent **list;
	int i, n = folder__list(p->src, system, &list), found = 0;

	for (i = 0; i < n; i++) {
		const char *name = list[i]->d_name;

		if (found >= 0 && !fnmatch(t->name, name, 0) && folder__is_event(p->src, system, name))
			found = tracepoint__add(p, t, system, name, e) ? -1 : found + 1;
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return found;
}

static int tracepoint__match(struct event_parser *p, const struct tracepoint_text *t, struct err *e)
{
	struct dirent **list;
	int i, n = folder__list(p->src, ".", &list), found = 0, more;

	if (n < 0)
		return n == -EACCES ? err__set(e, "cannot record event '%s:%s': %s/events cannot be read: root can, and who is allowed by mount -o remount,mode=755 %s",
					       t->system, t->name, p->src->tracefs, p->src->tracefs) : 0;
	for (i = 0; i < n; i++) {
		if (found >= 0 && !fnmatch(t->system, list[i]->d_name, 0)) {
			more = system__match(p, t, list[i]->d_name, e);
			found = more < 0 ? -1 : found + more;
		}
		free(list[i]);
	}
	free(list);
	return found;
}

int tracepoint__parse(struct event_parser *p, const char *text, struct err *e)
{
	struct tracepoint_text t;
	int found;

	if (!p->src->tracefs || !tracepoint__split(&t, text))
		return 0;
	found = tracepoint__match(p, &t, e);
	return found > 0 ? 1 : found;
}

void tracepoint__suggest(const struct event_source *src, const char *text, struct suggest *s)
{
	struct tracepoint_text t;
	struct dirent **list;
	char full[EVENT_NAME_MAX];
	int i, n;

	if (!src->tracefs || !tracepoint__split(&t, text))
		return;
	n = folder__list(src, t.system, &list);
	for (i = 0; i < n; i++) {
		snprintf(full, sizeof(full), "%s:%.60s", t.system, list[i]->d_name);
		suggest__add(s, full);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}
