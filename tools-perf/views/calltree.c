/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/callchain.h"
#include "views/calltree.h"

/* ---- counting ------------------------------------------------------------------------ */

static const char no_frame[] = "no frame pointer where the sample hit";

/*
 * Does the frame behind the first one hold its caller? A list by frame pointers
 * skips it where the sampled function has not set up its own; unwind tables and
 * the kernel's own unwinder don't.
 */
static bool chain__has_caller(struct machine *m, const struct facts *f, const struct callchain *c)
{
	return c->unwound || c->frame[0].cpumode != PERF_RECORD_MISC_USER || machine__has_frame(m, f->loc);
}

const struct symbol *calltree__first_caller(struct machine *m, const struct facts *f, const char **why)
{
	const struct callchain *c = facts__chain(f);

	*why = NULL;
	if (!c || c->end == CHAIN_NONE)
		return NULL;
	if (c->nr && !chain__has_caller(m, f, c))
		*why = no_frame;
	else if (c->nr < 2)
		*why = chain_end__why(c->end) ? chain_end__why(c->end) : "the call chain ends there";
	else
		return machine__frame(m, f->s, &c->frame[1])->sym;
	return NULL;
}

/* The caller of @at with this symbol or reason, its count raised. */
static struct call_node *node__caller(struct hist *h, struct call_node *at, const struct symbol *sym,
				      const char *why)
{
	struct call_node *n;

	for (n = at ? at->callers : NULL; n && (n->sym != sym || n->why != why); n = n->next)
		;
	if (!n && at) {
		n = hist__alloc(h, sizeof(*n));
		if (!n)
			return NULL;
		*n = (struct call_node){ .sym = sym, .why = why, .next = at->callers };
		at->callers = n;
	}
	if (n)
		n->samples++;
	return n;
}

void calltree__add(struct hist *h, struct call_node **root, const struct facts *f)
{
	const struct callchain *c = facts__chain(f);
	struct call_node *n;
	unsigned int i;

	if (!c || c->end == CHAIN_NONE)
		return;
	if (!*root)
		*root = hist__alloc(h, sizeof(**root));
	n = *root;
	if (n)
		n->samples++;
	if (!f->depth && c->nr && !chain__has_caller(h->machine, f, c))
		n = node__caller(h, n, NULL, no_frame);
	for (i = f->depth + 1; n && i < c->nr; i++)
		n = node__caller(h, n, machine__frame(h->machine, f->s, &c->frame[i])->sym, NULL);
	if (chain_end__why(c->end))
		node__caller(h, n, NULL, chain_end__why(c->end));
}

/* ---- printing --------------------------------------------------------------------------- */

enum { LINE_COLUMNS = 98, LINE_BYTES = 1024, NAME_COLUMNS = 60, MAX_INDENT = 50, MAX_CALLERS = 8 };

/* A line of text that is being filled with names. */
struct call_line {
	struct output *o;
	char text[LINE_BYTES];
	unsigned int indent;
};

static void line__flush(struct call_line *l)
{
	if (l->text[strspn(l->text, " ")])
		l->o->ops->detail(l->o, "call", l->text, NULL, NULL, 0);
	*l->text = '\0';
}

static void line__put(struct call_line *l, const char *before, const char *name)
{
	size_t n = text__bytes(name, NAME_COLUMNS), len = strlen(l->text);

	if (text__columns(l->text) + strlen(before) + text__columns(name) > LINE_COLUMNS && l->text[strspn(l->text, " ")]) {
		line__flush(l);
		len = snprintf(l->text, sizeof(l->text), "%*s", (int)l->indent + 9, "");
	}
	if (len < sizeof(l->text))
		snprintf(l->text + len, sizeof(l->text) - len, "%s%.*s", before, (int)n, name);
}

static void node__cells(const struct call_node *n, unsigned int depth, uint64_t whole, struct output *o)
{
	static const struct column columns[] = {
		{ "depth", "Depth", CELL_COUNT }, { "caller", "Caller", CELL_TEXT }, { "object", "Object", CELL_TEXT },
		{ "why", "Why unknown", CELL_TEXT }, { "samples", "Samples", CELL_COUNT }, { "share", "Share", CELL_SHARE },
	};
	const struct cell cells[] = {
		{ .kind = CELL_COUNT, .count = depth },
		{ .kind = n->sym ? CELL_TEXT : CELL_UNKNOWN, .text = n->sym ? n->sym->name : NULL },
		{ .kind = n->sym ? CELL_TEXT : CELL_UNKNOWN, .text = n->sym ? n->sym->dso->name : NULL },
		{ .kind = n->why ? CELL_TEXT : CELL_UNKNOWN, .text = n->why },
		{ .kind = CELL_COUNT, .count = n->samples }, cell__share(n->samples, whole),
	};

	o->ops->detail(o, "call", NULL, columns, cells, sizeof(cells) / sizeof(cells[0]));
}

static int node__compare(const void *x, const void *y)
{
	const struct call_node *a = *(struct call_node *const *)x, *b = *(struct call_node *const *)y;

	if (a->samples != b->samples)
		return a->samples < b->samples ? 1 : -1;
	return strcmp(a->sym ? a->sym->name : a->why, b->sym ? b->sym->name : b->why);
}

static struct call_node **node__sorted(const struct call_node *at, size_t *n)
{
	struct call_node *c, **list;

	for (*n = 0, c = at->callers; c; c = c->next)
		++*n;
	list = calloc(*n + 1, sizeof(*list));
	if (!list)
		*n = 0;
	for (*n = 0, c = list ? at->callers : NULL; c; c = c->next)
		list[(*n)++] = c;
	if (*n)
		qsort(list, *n, sizeof(*list), node__compare);
	return list;
}

static void node__put(struct call_line *l, const struct call_node *n)
{
	line__put(l, n->sym ? " < " : " < ? ", n->sym ? n->sym->name : n->why);
}

/* A caller and, on the same line, those that all of its samples come from. */
static const struct call_node *node__print_run(const struct call_node *n, unsigned int *depth, unsigned int indent,
					       uint64_t whole, struct output *o)
{
	struct call_line l = { .o = o, .indent = indent };
	struct cell c = cell__share(n->samples, whole);
	char share[24];

	snprintf(l.text, sizeof(l.text), "%*s%7s ", (int)indent, "", cell__format(&c, share, sizeof(share)));
	node__cells(n, ++*depth, whole, o);
	node__put(&l, n);
	while (n->callers && n->callers->samples == n->samples) {
		n = n->callers;
		node__cells(n, ++*depth, whole, o);
		node__put(&l, n);
	}
	line__flush(&l);
	return n;
}

static void node__print_callers(const struct call_node *at, unsigned int depth, unsigned int indent,
				uint64_t whole, struct output *o)
{
	struct call_node **list;
	uint64_t rest = 0;
	unsigned int d;
	char text[128], share[24];
	struct cell c;
	size_t i, n;

	list = node__sorted(at, &n);
	for (i = 0; i < n; i++) {
		d = depth;
		/* machines get all of them, people those that matter */
		if (i >= MAX_CALLERS || list[i]->samples * 200 < whole)
			rest += list[i]->samples;
		else
			node__print_callers(node__print_run(list[i], &d, indent, whole, o), d, indent < MAX_INDENT ? indent + 2 : indent, whole, o);
	}
	free(list);
	if (rest * 200 < whole || !rest)
		return;
	c = cell__share(rest, whole);
	snprintf(text, sizeof(text), "%*s%7s  < others", (int)indent, "", cell__format(&c, share, sizeof(share)));
	o->ops->detail(o, "call", text, NULL, NULL, 0);
}

void calltree__print(const struct call_node *root, struct output *o)
{
	if (root)
		node__print_callers(root, 0, 10, root->samples, o);
}
