/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/internal.h"

const struct event_source *events__machine(void)
{
	static const char *const tracefs[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	static struct event_source src;
	char path[64];
	size_t i;

	src.sysfs = "/sys";
	for (i = 0; !src.tracefs && i < sizeof(tracefs) / sizeof(tracefs[0]); i++) {
		snprintf(path, sizeof(path), "%s/events", tracefs[i]);
		if (!access(path, F_OK))
			src.tracefs = tracefs[i];
	}
	return &src;
}

/* ---- small things -------------------------------------------------------------------- */

bool file__line(char *buf, size_t size, const char *fmt, ...)
{
	char path[4096];
	va_list args;
	FILE *f;
	bool ok;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(buf, size, f);
	fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	return ok;
}

bool number__whole(const char *text, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 0);
	return isdigit((unsigned char)*text) && !*end && !errno;
}

struct event *events__add(struct event_list *l, const char *name, struct err *e)
{
	struct event *bigger = realloc(l->ev, (l->nr + 1) * sizeof(*bigger));

	if (!bigger) {
		err__set(e, "out of memory");
		return NULL;
	}
	l->ev = bigger;
	l->ev[l->nr] = (struct event){ .kind = EVENT_SOFTWARE };
	snprintf(l->ev[l->nr].name, sizeof(l->ev[l->nr].name), "%s", name);
	return &l->ev[l->nr++];
}

void events__free(struct event_list *l)
{
	size_t i;

	for (i = 0; i < l->nr; i++) {
		free(l->ev[i].object);
		free(l->ev[i].symbol);
	}
	free(l->ev);
	*l = (struct event_list){ .ev = NULL };
}

/* ---- modifiers ------------------------------------------------------------------------ */

enum { PRECISE_MOST = 3 };

/* What the CPU's PMU can do at the most; 0 where there is none. */
static uint8_t pmu__max_precise(const struct event_source *src)
{
	char line[16];
	uint64_t v = 0;

	if (!file__line(line, sizeof(line), "%s/bus/event_source/devices/cpu/caps/max_precise", src->sysfs) ||
	    !number__whole(line, &v) || v > PRECISE_MOST)
		return 0;
	return v;
}

static bool *event__flag(struct event *ev, char letter)
{
	switch (letter) {
	case 'u': return &ev->user;
	case 'k': return &ev->kernel;
	case 'h': return &ev->hv;
	case 'G': return &ev->guest;
	case 'H': return &ev->host;
	case 'D': return &ev->pinned;
	case 'e': return &ev->exclusive;
	case 'I': return &ev->no_idle;
	default:  return NULL;
	}
}

static bool event__modifier(struct event *ev, const struct event_source *src, char letter)
{
	bool *flag = event__flag(ev, letter);

	if (flag)
		*flag = true;
	else if (letter == 'P')
		ev->precise = pmu__max_precise(src);
	else if (letter == 'p' && ev->precise < PRECISE_MOST)
		ev->precise++;
	else
		return false;
	return true;
}

int event__modifiers(struct event *ev, const struct event_source *src, const char *letters,
		     struct err *e)
{
	const char *m = letters;

	while (*m && event__modifier(ev, src, *m))
		m++;
	if (!*letters || *m)
		return err__usage(e, "cannot record event '%s': modifiers behind ':' are u (user), k (kernel), h (hypervisor), p, pp, ppp, P (precise), G and H (guest, host), D (pinned), e (exclusive), I (not idle)",
				  ev->name);
	return 0;
}

/* ---- the list --------------------------------------------------------------------------- */

static event_parse_fn *const parsers[] = {
	breakpoint__parse, uprobe__parse, sysfs__parse, named__parse, tracepoint__parse, pfm__parse,
};

static int event__unknown(const struct event_parser *p, const char *text, struct err *e)
{
	char near[SUGGEST_NAME_MAX + 32];
	struct suggest s;

	suggest__start(&s, text, strlen(text));
	named__suggest(&s);
	tracepoint__suggest(p->src, text, &s);
	return err__usage(e, "cannot record event '%s': not known%s%s; --event=? tells what is known here",
			  text, suggest__text(&s, near, sizeof(near)),
			  strchr(text, ':') && !p->src->tracefs ? "; tracepoints are only seen by root here, or tracefs is not mounted" : "");
}

static int event__parse(struct event_parser *p, const char *text, struct err *e)
{
	size_t i;
	int ret;

	if (!*text)
		return err__usage(e, "cannot record event '': a name is needed before and behind each comma");
	if (*text == '{')
		return err__usage(e, "cannot record the group '%s': events are sampled each by itself here; list them without braces", text);
	for (i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		ret = parsers[i](p, text, e);
		if (ret)
			return ret < 0 ? -1 : 0;
	}
	return event__unknown(p, text, e);
}

/* A PMU's terms and a group have commas of their own; a probe's path has slashes. */
static size_t event__length(const char *text)
{
	static const char *const with_paths[] = { "uprobe:", "uretprobe:", "brk:", "mem:" };
	size_t i, open;
	const char *end;

	for (i = 0; i < sizeof(with_paths) / sizeof(with_paths[0]); i++)
		if (!strncmp(text, with_paths[i], strlen(with_paths[i])))
			return strcspn(text, ",");
	open = strcspn(text, ",/{");
	if (text[open] != '/' && text[open] != '{')
		return open;
	end = strchr(text + open + 1, text[open] == '/' ? '/' : '}');
	return end ? end - text + strcspn(end, ",") : strlen(text);
}

int events__parse(struct event_list *l, const char *text, const struct event_source *src,
		  struct err *e)
{
	struct event_parser p = { .list = l, .src = src };
	char *one;
	size_t len;
	int ret;

	for (;; text += len + 1) {
		len = event__length(text);
		one = strndup(text, len);
		ret = one ? event__parse(&p, one, e) : err__set(e, "out of memory");
		free(one);
		if (ret || !text[len])
			return ret;
	}
}

/* ---- what the kernel is told -------------------------------------------------------------- */

void event__fill(const struct event *ev, struct perf_event_attr *a)
{
	bool one_side = ev->user || ev->kernel || ev->hv;

	a->type = ev->type;
	a->config = ev->config;
	a->config1 = ev->config1;
	a->config2 = ev->config2;
	a->bp_type = ev->bp_type;
	a->exclude_user = one_side && !ev->user;
	a->exclude_kernel = one_side && !ev->kernel;
	a->exclude_hv = !ev->hv;
	a->exclude_idle = ev->no_idle;
	a->exclude_host = ev->guest && !ev->host;
	/* a guest's hit shows the host's registers, which are not its */
	a->exclude_guest = !ev->guest && ev->type != PERF_TYPE_SOFTWARE;
	a->pinned = ev->pinned;
	a->exclusive = ev->exclusive;
	a->precise_ip = ev->precise;
}

void event__point(const struct event *ev, struct perf_event_attr *a)
{
	if (ev->kind == EVENT_UPROBE)
		a->config1 = (uintptr_t)ev->object;	/* attr.uprobe_path */
}

bool event__is_hit(const struct event *ev)
{
	return ev->kind == EVENT_BREAKPOINT || ev->kind == EVENT_TRACEPOINT || ev->kind == EVENT_UPROBE;
}

bool event__in_kernel(const struct event *ev)
{
	return ev->kind == EVENT_TRACEPOINT ||
	       (ev->kind == EVENT_SOFTWARE && (ev->config == PERF_COUNT_SW_CONTEXT_SWITCHES ||
					       ev->config == PERF_COUNT_SW_CPU_MIGRATIONS));
}
