/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Places in a program:
 *
 *	mem:WHERE[/LEN][:ACCESS[:MODIFIERS]]	debug registers, any place of the process
 *	brk:FILE:WHERE[:MODIFIERS]		the same, on execution, in a file
 *	uprobe:FILE:WHERE[:MODIFIERS]		the kernel's, any number of them
 *	uretprobe:FILE:WHERE[:MODIFIERS]	where the function returns
 *
 * WHERE is an address, as in FILE's headers where there is one, or SYMBOL[+OFFSET].
 */
#include <elf.h>
#include <limits.h>
#include <linux/hw_breakpoint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/internal.h"

enum {
	LEN_DEFAULT	= HW_BREAKPOINT_LEN_4,
	LEN_EXECUTE	= sizeof(long),		/* the only one that x86 takes for :x */
};

/* ---- files ----------------------------------------------------------------------------- */

/* A program of PATH or a library of the usual folders. */
static bool file__search(const char *name, char *path)
{
	static const char *const libraries = "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib64:/usr/lib64:/lib:/usr/lib";
	const char *lists[] = { getenv("PATH"), libraries }, *dir, *end;
	char full[PATH_MAX];
	size_t i;

	for (i = 0; i < 2; i++) {
		for (dir = lists[i]; dir && *dir; dir = *end ? end + 1 : end) {
			end = strchrnul(dir, ':');
			if ((size_t)snprintf(full, sizeof(full), "%.*s/%s", (int)(end - dir), dir, name) < sizeof(full) &&
			    !access(full, R_OK) && realpath(full, path))
				return true;
		}
	}
	return false;
}

static int event__object(struct event *ev, const char *name, struct err *e)
{
	char path[PATH_MAX];

	if (strchr(name, '/') ? !realpath(name, path) : !file__search(name, path))
		return err__usage(e, "cannot record event '%s': there is no file '%s'; a path is best, as in ./%s", ev->name,
				  name, strchr(name, '/') ? "a.out" : name);
	ev->object = strdup(path);
	return ev->object ? 0 : err__set(e, "out of memory");
}

/* ---- places ------------------------------------------------------------------------------ */

/* "SYMBOL+0x10": the symbol's length, and the offset. */
static int symbol__split(const char *text, size_t *len, uint64_t *offset, struct err *e)
{
	*len = strcspn(text, "+");
	*offset = 0;
	if (text[*len] && !number__whole(text + *len + 1, offset))
		return err__usage(e, "cannot use '%s': SYMBOL+OFFSET takes a number, as in main+0x10", text);
	return 0;
}

/* Look up ev->symbol in ev->object. */
static int event__look_up(struct event *ev, struct elf_place *place, struct err *e)
{
	char name[512];
	uint64_t offset;
	size_t len;

	if (symbol__split(ev->symbol, &len, &offset, e))
		return -1;
	if (len >= sizeof(name))
		return err__usage(e, "cannot record event '%.64s...': the symbol's name is too long", ev->name);
	memcpy(name, ev->symbol, len);
	name[len] = '\0';
	if (elfsym__find(ev->object, name, place, e))
		return -1;
	place->address += offset;
	place->offset += offset;
	return 0;
}

static int event__where(struct event *ev, const char *where, struct elf_place *place, struct err *e)
{
	uint64_t address;
	struct err why;

	ev->symbol = strdup(where);
	if (!ev->symbol)
		return err__set(e, "out of memory");
	if (number__whole(where, &address) ? elfsym__at(ev->object, address, place, &why) :
					     event__look_up(ev, place, &why))
		return err__usage(e, "cannot record event '%s': %.1500s", ev->name, why.msg);
	ev->address = place->address;
	ev->moves = !place->fixed;
	return 0;
}

/* ---- breakpoints --------------------------------------------------------------------------- */

static bool access__parse(uint32_t *type, const char *text)
{
	static const struct { char letter; uint32_t bit; } bits[] = {
		{ 'r', HW_BREAKPOINT_R }, { 'w', HW_BREAKPOINT_W }, { 'x', HW_BREAKPOINT_X },
	};
	size_t i;

	*type = 0;
	for (; *text; text++) {
		for (i = 0; i < 3 && bits[i].letter != *text; i++)
			;
		if (i == 3 || *type & bits[i].bit)
			return false;
		*type |= bits[i].bit;
	}
	return *type;
}

/* x86's debug registers: execution, writes, reads and writes [SDM vol. 3, 18.2.4]. */
static int breakpoint__check(const struct event *ev, struct err *e)
{
	if (ev->bp_type == HW_BREAKPOINT_R)
		return err__usage(e, "cannot record event '%s': x86 has no breakpoints on reads alone; use :rw", ev->name);
	if (ev->bp_type & HW_BREAKPOINT_X && ev->bp_type != HW_BREAKPOINT_X)
		return err__usage(e, "cannot record event '%s': x86 has breakpoints on execution or on data, not on both", ev->name);
	if (ev->config2 != 1 && ev->config2 != 2 && ev->config2 != 4 && ev->config2 != 8)
		return err__usage(e, "cannot record event '%s': a breakpoint covers 1, 2, 4 or 8 bytes", ev->name);
	if (ev->config1 % ev->config2 && ev->bp_type != HW_BREAKPOINT_X)
		return err__usage(e, "cannot record event '%s': its address must be a multiple of its length, %llu", ev->name,
				  (unsigned long long)ev->config2);
	return 0;
}

/* What was not asked for follows from what is there. */
static void breakpoint__defaults(struct event *ev, const struct elf_place *place)
{
	bool fits = place->type == STT_OBJECT && (place->size == 1 || place->size == 2 || place->size == 4 || place->size == 8);

	if (!ev->bp_type)
		ev->bp_type = place->type == STT_FUNC ? HW_BREAKPOINT_X : HW_BREAKPOINT_RW;
	if (ev->bp_type == HW_BREAKPOINT_X)
		ev->config2 = LEN_EXECUTE;
	else if (!ev->config2)
		ev->config2 = fits ? place->size : LEN_DEFAULT;
}

static int breakpoint__finish(struct event *ev, const struct elf_place *place, struct err *e)
{
	breakpoint__defaults(ev, place);
	if (!ev->moves)
		ev->config1 = ev->address;
	return breakpoint__check(ev, e);
}

/* @text: a copy that is cut into its parts. */
static int mem__fill(struct event_parser *p, struct event *ev, char *text, struct err *e)
{
	char *access = strchr(text, ':'), *mods = access ? strchr(access + 1, ':') : NULL, *len;
	struct elf_place none = { .type = STT_NOTYPE };

	if (access)
		*access++ = '\0';
	if (mods)
		*mods++ = '\0';
	len = strchr(text, '/');
	if (len)
		*len++ = '\0';
	if (len && !number__whole(len, &ev->config2))
		return err__usage(e, "cannot record event '%s': '%s' is no length", ev->name, len);
	if (access && !access__parse(&ev->bp_type, access))
		return err__usage(e, "cannot record event '%s': '%s' is no access; it is r, w, x or rw", ev->name, access);
	if (mods && event__modifiers(ev, p->src, mods, e))
		return -1;
	if (number__whole(text, &ev->address))
		return breakpoint__finish(ev, &none, e);
	/* of the program that is recorded, which events__resolve() knows */
	ev->symbol = strdup(text);
	return ev->symbol ? 0 : err__set(e, "out of memory");
}

/* "FILE:WHERE[:MODIFIERS]" of a copy, cut into its parts. */
static int file__fill(struct event_parser *p, struct event *ev, char *text, struct elf_place *place,
		      struct err *e)
{
	char *where = strchr(text, ':'), *mods = where ? strchr(where + 1, ':') : NULL;

	if (!where || where == text || !where[1])
		return err__usage(e, "cannot record event '%s': a file and a symbol or address are needed, as in %.*s:./a.out:main",
				  ev->name, (int)strcspn(ev->name, ":"), ev->name);
	*where++ = '\0';
	if (mods)
		*mods++ = '\0';
	if (mods && event__modifiers(ev, p->src, mods, e))
		return -1;
	return event__object(ev, text, e) || event__where(ev, where, place, e) ? -1 : 0;
}

int breakpoint__parse(struct event_parser *p, const char *text, struct err *e)
{
	bool in_file = !strncmp(text, "brk:", 4);
	struct elf_place place;
	struct event *ev;
	char *copy;
	int ret;

	if (!in_file && strncmp(text, "mem:", 4))
		return 0;
	ev = events__add(p->list, text, e);
	copy = ev ? strdup(text + 4) : NULL;
	if (!copy)
		return ev ? err__set(e, "out of memory") : -1;
	ev->kind = EVENT_BREAKPOINT;
	ev->type = PERF_TYPE_BREAKPOINT;
	if (!in_file) {
		ret = mem__fill(p, ev, copy, e);
	} else {
		ev->bp_type = HW_BREAKPOINT_X;
		ret = file__fill(p, ev, copy, &place, e) || breakpoint__finish(ev, &place, e);
	}
	free(copy);
	return ret ? -1 : 1;
}

/* ---- uprobes ----------------------------------------------------------------------------------- */

static int uprobe__fill(struct event_parser *p, struct event *ev, const char *text, struct err *e)
{
	struct elf_place place;
	char line[32], *copy;
	uint64_t type;
	int ret;

	if (!file__line(line, sizeof(line), "%s/bus/event_source/devices/uprobe/type", p->src->sysfs) ||
	    !number__whole(line, &type))
		return err__set(e, "cannot record event '%s': this kernel has no uprobes (CONFIG_UPROBE_EVENTS); brk:%s uses a debug register",
				ev->name, strchr(ev->name, ':') + 1);
	copy = strdup(text);
	if (!copy)
		return err__set(e, "out of memory");
	ev->type = type;
	ret = file__fill(p, ev, copy, &place, e);
	free(copy);
	/* config bit 0: at the return; config1: the path; config2: the offset */
	ev->config = ev->retprobe;
	ev->config2 = ret ? 0 : place.offset;
	return ret;
}

int uprobe__parse(struct event_parser *p, const char *text, struct err *e)
{
	static const char *const words[] = { "uprobe:", "uretprobe:" };
	int ret = !strncmp(text, words[1], strlen(words[1]));
	struct event *ev;

	if (strncmp(text, words[ret], strlen(words[ret])))
		return 0;
	ev = events__add(p->list, text, e);
	if (!ev)
		return -1;
	ev->kind = EVENT_UPROBE;
	ev->retprobe = ret;
	return uprobe__fill(p, ev, text + strlen(words[ret]), e) ? -1 : 1;
}

/* ---- what waited for the program ------------------------------------------------------------------ */

int events__resolve(struct event_list *l, const char *program, struct err *e)
{
	struct elf_place place;
	struct event *ev;
	struct err why;

	for (ev = l->ev; ev < l->ev + l->nr; ev++) {
		if (ev->kind != EVENT_BREAKPOINT || !ev->symbol || ev->object)
			continue;
		if (!program)
			return err__usage(e, "cannot record event '%s': a symbol needs its file where no program is started, as in brk:FILE:%s",
					  ev->name, ev->symbol);
		ev->object = strdup(program);
		if (!ev->object)
			return err__set(e, "out of memory");
		if (event__look_up(ev, &place, &why))
			return err__usage(e, "cannot record event '%s': %.1500s", ev->name, why.msg);
		ev->address = place.address;
		ev->moves = !place.fixed;
		if (breakpoint__finish(ev, &place, e))
			return -1;
	}
	return 0;
}
