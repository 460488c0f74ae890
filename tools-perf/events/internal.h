/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef PERF_XREGS_EVENTS_INTERNAL_H
#define PERF_XREGS_EVENTS_INTERNAL_H

#include "events/events.h"
#include "util/suggest.h"

struct event_parser {
	struct event_list *list;
	const struct event_source *src;
};

/*
 * One way to spell an event.
 * Return: 1 when @text was one of its own and is in the list now, 0 when it is
 * not its own, -1 with @e.
 */
typedef int event_parse_fn(struct event_parser *p, const char *text, struct err *e);

event_parse_fn named__parse, sysfs__parse, pfm__parse, breakpoint__parse, uprobe__parse,
	tracepoint__parse;

/** event__modifiers - the letters behind the last colon; "" is none of them */
int event__modifiers(struct event *ev, const struct event_source *src, const char *letters,
		     struct err *e);

/** named__suggest - all names of names.c as candidates */
void named__suggest(struct suggest *s);
/** tracepoint__suggest - tracepoints of the subsystem that @text begins with */
void tracepoint__suggest(const struct event_source *src, const char *text, struct suggest *s);

/** file__line - the first line of a file, without its end; false when there is none */
bool file__line(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** number__whole - @text is a number of C and nothing else */
bool number__whole(const char *text, uint64_t *v);

/* A place in an ELF file. */
struct elf_place {
	uint64_t address;		/* as in its headers */
	uint64_t offset;		/* in the file */
	uint64_t size;			/* of the symbol, 0: not known */
	int type;			/* STT_FUNC, STT_OBJECT ... */
	bool fixed;			/* loaded where the headers say (ET_EXEC) */
};

/**
 * elfsym__find - where a symbol is defined
 * Return: 0, or -1 with @e: not readable, no such symbol, in no segment.
 */
int elfsym__find(const char *path, const char *symbol, struct elf_place *place, struct err *e);
/** elfsym__at - the place of an address; -1 when no segment has it */
int elfsym__at(const char *path, uint64_t address, struct elf_place *place, struct err *e);

#endif
