/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pmu/term=value,.../: the kernel describes each PMU below
 * bus/event_source/devices [Documentation/ABI/testing/sysfs-bus-event_source-
 * devices-format and -events]: type, format/TERM ("config:0-7,32-35") and
 * events/NAME ("event=0x3c,umask=0x1").
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/internal.h"

enum { ALIAS_DEPTH = 4, LINE_ROOM = 512 };

struct terms {
	struct event *ev;
	const struct event_source *src;
	const char *pmu;
	int depth;			/* an alias may name no alias again without end */
};

static uint64_t *event__config(struct event *ev, const char *name, size_t len)
{
	static const char *const names[] = { "config", "config1", "config2", "config3" };
	uint64_t *const field[] = { &ev->config, &ev->config1, &ev->config2, &ev->config3 };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && !memcmp(names[i], name, len))
			return field[i];
	return NULL;
}

/* Put @v into bits FIRST-LAST,... of a config; what does not fit is left in *v. */
static bool bits__put(uint64_t *config, const char *ranges, uint64_t *v)
{
	unsigned int first, last;
	uint64_t mask;
	int n;

	for (;; ranges++) {
		n = 0;
		if (sscanf(ranges, "%u-%u%n", &first, &last, &n) != 2 || !n) {
			if (sscanf(ranges, "%u%n", &first, &n) != 1)
				return false;
			last = first;
		}
		if (last > 63 || first > last)
			return false;
		mask = last - first == 63 ? UINT64_MAX : (UINT64_C(1) << (last - first + 1)) - 1;
		*config = (*config & ~(mask << first)) | (*v & mask) << first;
		*v = last - first == 63 ? 0 : *v >> (last - first + 1);
		ranges += n;
		if (*ranges != ',')
			return !*ranges;
	}
}

/* 1: a field of the PMU's format; 0: it has none of this name. */
static int term__format(struct terms *t, const char *name, uint64_t v, struct err *e)
{
	char line[LINE_ROOM];
	uint64_t *config, rest = v;
	size_t len;

	if (!file__line(line, sizeof(line), "%s/bus/event_source/devices/%s/format/%s", t->src->sysfs, t->pmu, name))
		return 0;
	len = strcspn(line, ":");
	config = event__config(t->ev, line, len);
	if (!config || !line[len] || !bits__put(config, line + len + 1, &rest))
		return err__set(e, "cannot record event '%s': the kernel describes its term '%s' as '%s', which this version does not know",
				t->ev->name, name, line);
	if (rest)
		return err__usage(e, "cannot record event '%s': %s=0x%llx does not fit into '%s'", t->ev->name, name,
				  (unsigned long long)v, line);
	return 1;
}

/* Terms that every PMU has. 1: done; 0: not one of them. */
static int term__common(struct terms *t, const char *name, const char *value, struct err *e)
{
	uint64_t v = 0, *config = event__config(t->ev, name, strlen(name)), *to = config;

	if (!strcmp(name, "name")) {
		if (!value)
			return err__usage(e, "cannot record event '%s': name= needs a name", t->ev->name);
		snprintf(t->ev->name, sizeof(t->ev->name), "%s", value);
		return 1;
	}
	if (!strcmp(name, "period"))
		to = &t->ev->period;
	if (!strcmp(name, "freq"))
		to = &t->ev->freq;
	if (!to)
		return 0;
	if (!value || !number__whole(value, &v) || (!v && !config))
		return err__usage(e, "cannot record event '%s': %s= needs a number", t->ev->name, name);
	*to = v;
	return 1;
}

static int folder__names(const struct terms *t, const char *folder, char *buf, size_t size, struct suggest *s)
{
	char path[LINE_ROOM];
	struct dirent *entry;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/bus/event_source/devices/%s/%s", t->src->sysfs, t->pmu, folder);
	d = opendir(path);
	buf[0] = '\0';
	while (d && (entry = readdir(d))) {
		/* NAME.scale and NAME.unit go with NAME */
		if (strchr(entry->d_name, '.'))
			continue;
		suggest__add(s, entry->d_name);
		if (n < size)
			n += (size_t)snprintf(buf + n, size - n, " %s", entry->d_name);
	}
	if (d)
		closedir(d);
	return n;
}

static int term__unknown(const struct terms *t, const char *name, struct err *e)
{
	char formats[400], events[600], near[SUGGEST_NAME_MAX + 32];
	struct suggest s;

	suggest__start(&s, name, strlen(name));
	folder__names(t, "format", formats, sizeof(formats), &s);
	folder__names(t, "events", events, sizeof(events), &s);
	return err__usage(e, "cannot record event '%s': PMU %s has no term '%s'%s; terms:%s config config1 config2 config3 name period freq%s%s",
			  t->ev->name, t->pmu, name, suggest__text(&s, near, sizeof(near)), formats,
			  *events ? "; events:" : "", events);
}

static int terms__parse(struct terms *t, char *text, struct err *e);

/* A named event of the PMU stands for its terms. 1: done; 0: none of this name. */
static int term__alias(struct terms *t, const char *name, struct err *e)
{
	char line[LINE_ROOM];
	int ret;

	if (t->depth >= ALIAS_DEPTH ||
	    !file__line(line, sizeof(line), "%s/bus/event_source/devices/%s/events/%s", t->src->sysfs, t->pmu, name))
		return 0;
	t->depth++;
	ret = terms__parse(t, line, e);
	t->depth--;
	return ret ? -1 : 1;
}

static int term__parse(struct terms *t, char *term, struct err *e)
{
	char *value = strchr(term, '=');
	uint64_t v = 1;
	int ret;

	if (value)
		*value++ = '\0';
	if (!*term || strchr(term, '/') || *term == '.')
		return term__unknown(t, term, e);
	ret = term__common(t, term, value, e);
	if (!ret && !value)
		ret = term__alias(t, term, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (value && !number__whole(value, &v))
		return err__usage(e, "cannot record event '%s': %s=%s is no number", t->ev->name, term, value);
	ret = term__format(t, term, v, e);
	return ret ? ret < 0 ? -1 : 0 : term__unknown(t, term, e);
}

static int terms__parse(struct terms *t, char *text, struct err *e)
{
	char *save, *term;

	for (term = strtok_r(text, ",", &save); term; term = strtok_r(NULL, ",", &save))
		if (term__parse(t, term, e))
			return -1;
	return 0;
}

static int pmu__unknown(const struct event_source *src, const char *text, const char *pmu, struct err *e)
{
	char path[LINE_ROOM], names[600];
	struct dirent *entry;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/bus/event_source/devices", src->sysfs);
	d = opendir(path);
	names[0] = '\0';
	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && n < sizeof(names))
			n += (size_t)snprintf(names + n, sizeof(names) - n, " %s", entry->d_name);
	if (d)
		closedir(d);
	return err__usage(e, "cannot record event '%s': this machine has no PMU '%s'%s; it has%s", text, pmu,
			  strncmp(pmu, "cpu", 3) ? "" : " (a virtual machine without one?)", *names ? names : " none");
}

static int sysfs__fill(struct event_parser *p, struct event *ev, const char *pmu, char *terms, struct err *e)
{
	struct terms t = { .ev = ev, .src = p->src, .pmu = pmu };
	char line[32];
	uint64_t type;

	if (*pmu == '.' || !file__line(line, sizeof(line), "%s/bus/event_source/devices/%s/type", p->src->sysfs, pmu) ||
	    !number__whole(line, &type))
		return pmu__unknown(p->src, ev->name, pmu, e);
	ev->kind = EVENT_PMU;
	ev->type = type;
	return terms__parse(&t, terms, e);
}

int sysfs__parse(struct event_parser *p, const char *text, struct err *e)
{
	const char *slash = strchr(text, '/'), *end = slash ? strchr(slash + 1, '/') : NULL;
	struct event *ev;
	char *pmu, *terms;
	int ret;

	if (!slash || slash == text)
		return 0;
	if (!end)
		return err__usage(e, "cannot record event '%s': the second '/' is missing, as in cpu/event=0x3c/", text);
	ev = events__add(p->list, text, e);
	if (!ev)
		return -1;
	pmu = strndup(text, slash - text);
	terms = strndup(slash + 1, end - slash - 1);
	ret = pmu && terms ? sysfs__fill(p, ev, pmu, terms, e) : err__set(e, "out of memory");
	free(pmu);
	free(terms);
	/* perf takes modifiers with and without a colon here */
	end += end[1] == ':';
	if (!ret && end[1])
		ret = event__modifiers(ev, p->src, end + 1, e);
	return ret ? -1 : 1;
}
