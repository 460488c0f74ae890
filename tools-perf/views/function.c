/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/calltree.h"
#include "views/function.h"
#include "views/mask.h"
#include "views/operands.h"

/* What was counted of one function, by address. */
struct function {
	const struct hist *at, *reads, *masks;
	struct machine *machine;
	const struct hist_entry *entry;	/* of reads */
	const struct symbol *sym;
	struct hist_entry **hit;	/* samples at an address */
	const struct hist_pair **read, **mask;
	size_t nr_hits, nr_reads, nr_masks;
	uint64_t mask_uses;
	uint64_t astray;		/* samples between two instructions */
};

/* ---- counts ----------------------------------------------------------------------------- */

int function_hists__add(struct function_hists *h, struct pass *p, struct err *e)
{
	const struct {
		struct hist **hist;
		const struct view *view;
		const char *sort;
	} wanted[] = {
		{ &h->at, &view_dirty, "symbol,addr" }, { &h->reads, &view_operands, "symbol" }, { &h->masks, &view_mask, "symbol" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (*wanted[i].hist)
			continue;
		if (pass__add_view(p, wanted[i].view, wanted[i].sort, e))
			return -1;
		*wanted[i].hist = &p->hist[p->nr_hists - 1];
	}
	/* of the function, not of each instruction */
	h->reads->want_callers = true;
	return 0;
}

static int entry__by_address(const void *x, const void *y)
{
	const struct hist_entry *a = *(struct hist_entry *const *)x, *b = *(struct hist_entry *const *)y;

	return (a->loc->addr > b->loc->addr) - (a->loc->addr < b->loc->addr);
}

/* Operands of one instruction in its own order: they lie in one array. */
static int pair__by_address(const void *x, const void *y)
{
	const struct hist_pair *a = *(const struct hist_pair *const *)x, *b = *(const struct hist_pair *const *)y;

	if (a->loc->addr != b->loc->addr)
		return a->loc->addr < b->loc->addr ? -1 : 1;
	return (a->thing > b->thing) - (a->thing < b->thing);
}

const struct hist_entry *hist__of_symbol(const struct hist *h, const struct symbol *sym)
{
	const struct hist_entry *e;
	size_t i;

	for (i = 0; i < h->table.size; i++) {
		e = h->table.slot[i].item;
		if (e && e->loc->sym == sym)
			return e;
	}
	return NULL;
}

static void function__collect(struct function *f)
{
	const struct operands_acc *reads = f->entry->acc;
	const struct hist_entry *m = hist__of_symbol(f->masks, f->sym);
	const struct mask_acc *masks = m ? m->acc : NULL;
	struct hist_entry **all;
	size_t i, n;

	all = hist__sorted(f->at, &n);
	for (i = 0; i < n; i++)
		if (all[i]->loc->sym == f->sym)
			all[f->nr_hits++] = all[i];
	if (f->nr_hits)
		qsort(all, f->nr_hits, sizeof(*all), entry__by_address);
	f->hit = all;
	f->read = hist_pair__sorted(reads->list, 0, &f->nr_reads);
	if (f->nr_reads)
		qsort(f->read, f->nr_reads, sizeof(*f->read), pair__by_address);
	f->mask = hist_pair__sorted(masks ? masks->insns : NULL, 0, &f->nr_masks);
	if (f->nr_masks)
		qsort(f->mask, f->nr_masks, sizeof(*f->mask), pair__by_address);
	f->mask_uses = masks ? masks->uses : 0;
}

static void function__free(struct function *f)
{
	free(f->hit);
	free(f->read);
	free(f->mask);
}

/* ---- an instruction -------------------------------------------------------------------- */

/* Where the walk over the function is in each of the sorted lists. */
struct cursors {
	size_t hit, read, mask;
	const char *file;
	int line;
};

struct line {
	const struct location *loc;
	const struct insn *insn;
	const struct hist_entry *hit;	/* NULL: no sample */
	size_t first_read, nr_reads, first_mask, nr_masks;
};

static size_t pairs__at(const struct hist_pair *const *list, size_t n, size_t *at, uint64_t addr, size_t *first)
{
	while (*at < n && list[*at]->loc->addr < addr)
		++*at;
	*first = *at;
	while (*at < n && list[*at]->loc->addr == addr)
		++*at;
	return *at - *first;
}

static void line__find(struct function *f, struct cursors *c, struct line *l)
{
	const uint64_t addr = l->loc->addr;

	for (; c->hit < f->nr_hits && f->hit[c->hit]->loc->addr < addr; c->hit++)
		f->astray += f->hit[c->hit]->samples;
	l->hit = c->hit < f->nr_hits && f->hit[c->hit]->loc->addr == addr ? f->hit[c->hit++] : NULL;
	l->nr_reads = pairs__at(f->read, f->nr_reads, &c->read, addr, &l->first_read);
	l->nr_masks = pairs__at(f->mask, f->nr_masks, &c->mask, addr, &l->first_mask);
}

/* Appends to a list of what an instruction reads; returns the new length. */
static size_t list__add(char *buf, size_t size, size_t n, const struct insn_operand *op, const char *what, bool mark)
{
	char name[12];

	if (n < size)
		n += snprintf(buf + n, size - n, "%s%s %s%s", n ? "; " : "", xstate_reg__name(op->reg, name), what, mark ? " !" : "");
	return n;
}

static size_t line__add_masks(const struct function *f, const struct line *l, char *buf, size_t size, size_t n)
{
	const struct insn_operand *op;
	const struct hist_pair *p;
	char text[64], share[24];
	struct cell on;
	size_t i;

	for (i = l->first_mask; i < l->first_mask + l->nr_masks; i++) {
		p = f->mask[i];
		op = p->thing;
		on = cell__share(p->count[PAIR_ON], p->count[PAIR_LANES]);
		snprintf(text, sizeof(text), "%s on", on.kind == CELL_NONE ? "none" : cell__format(&on, share, sizeof(share)));
		n = list__add(buf, size, n, op, text, false);
	}
	return n;
}

/* Operands in which nothing is to be seen only where there are no others. */
static struct cell line__reads(const struct function *f, const struct line *l, char *buf, size_t size)
{
	const struct hist_pair *p;
	char classes[128];
	size_t i, plain, n = line__add_masks(f, l, buf, size, 0);

	for (plain = 0; plain < 2 && !(plain && n); plain++)
		for (i = l->first_read; i < l->first_read + l->nr_reads; i++) {
			p = f->read[i];
			if (p->data && operand__is_plain(p) == plain)
				n = list__add(buf, size, n, p->thing, operand__classes(p, classes, sizeof(classes)), operand__mark(p));
		}
	return (struct cell){ .kind = n ? CELL_TEXT : CELL_NONE, .text = n ? buf : "" };
}

/* As in view dirty: of the samples at this instruction, if it is legacy SSE or scalar. */
static struct cell line__upper(const struct line *l)
{
	const struct dirty_acc *a = l->hit ? l->hit->acc : NULL;
	struct cell c = { .kind = CELL_NONE };

	if (a && a->legacy) {
		c = cell__share(a->legacy_in_use, a->legacy_known);
		c.mark = proves(a->legacy_nonzero, a->legacy_nonzero_known, FLOOR_DIRTY);
	} else if (a && a->scalar) {
		c = cell__share(a->scalar_in_use, a->scalar_known);
	}
	return c;
}

static const struct column columns[] = {
	{ "symbol",	  "Symbol", CELL_TEXT, COLUMN_DATA },
	{ "object",	  "Object", CELL_TEXT, COLUMN_DATA },
	{ "overhead",	  "Overhead", CELL_SHARE },
	{ "samples",	  "Samples", CELL_COUNT, COLUMN_DATA },
	{ "offset",	  "Offset", CELL_HEX, COLUMN_KEY },
	{ "instruction",  "Instruction", CELL_TEXT, COLUMN_LEFT | COLUMN_FLEX | COLUMN_KEY },
	{ "source",	  "Source", CELL_TEXT, COLUMN_DATA },
	{ "upper_in_use", "Upper", CELL_SHARE },
	{ "operands",	  "Reads", CELL_TEXT, COLUMN_LEFT | COLUMN_FLEX },
};

enum { NR_COLUMNS = sizeof(columns) / sizeof(columns[0]), LINE_MAX_TEXT = 512 };

/* "step.c:118  v = ...", where it is another line than before. */
static void line__source(struct function *f, struct cursors *c, const struct line *l, char *place, size_t size, struct output *o)
{
	const char *file, *slash, *code;
	char text[LINE_MAX_TEXT];
	int line;

	*place = '\0';
	if (!machine__srcline(f->machine, l->loc, &file, &line))
		return;
	slash = strrchr(file, '/');
	snprintf(place, size, "%s:%d", slash ? slash + 1 : file, line);
	if (c->file == file && c->line == line)
		return;
	c->file = file;
	c->line = line;
	code = machine__source_text(f->machine, l->loc, file, line);
	/* a line of text has 100 columns, and a detail begins at the third */
	snprintf(text, sizeof(text), "          %.40s%s%.200s", place, code ? "  " : "", code ? code : "");
	text[text__bytes(text, 98)] = '\0';
	o->ops->detail(o, "source", text, NULL, NULL, 0);
}

static void line__print(struct function *f, struct cursors *c, const struct line *l, struct output *o)
{
	char operands[LINE_MAX_TEXT], place[256];
	struct cell cells[NR_COLUMNS] = {
		{ .kind = CELL_TEXT, .text = f->sym->name }, { .kind = CELL_TEXT, .text = f->sym->dso->name },
		cell__share(l->hit ? l->hit->weight : 0, f->entry->weight),
		{ .kind = l->hit ? CELL_COUNT : CELL_NONE, .count = l->hit ? l->hit->samples : 0 },
		{ .kind = CELL_HEX, .count = l->loc->addr - f->sym->start },
		{ .kind = l->insn->known ? CELL_TEXT : CELL_UNKNOWN, .text = l->insn->text },
	};
	size_t i;

	line__source(f, c, l, place, sizeof(place), o);
	cells[6] = (struct cell){ .kind = *place ? CELL_TEXT : CELL_UNKNOWN, .text = place };
	cells[7] = line__upper(l);
	cells[8] = line__reads(f, l, operands, sizeof(operands));
	o->ops->row(o, cells);
	for (i = 0; i < l->nr_reads; i++)
		if (f->read[l->first_read + i]->data)
			operand__detail(f->reads, f->read[l->first_read + i], NULL, o);
	for (i = 0; i < l->nr_masks; i++)
		mask__detail(f->masks, f->mask[l->first_mask + i], f->mask_uses, false, o);
}

/* ---- the table ---------------------------------------------------------------------------- */

static void function__title(const struct function *f, struct output *o)
{
	struct cell c = cell__share(f->entry->weight, f->reads->weight);
	char text[LINE_MAX_TEXT], share[24];

	snprintf(text, sizeof(text), "%s of %s: %" PRIu64 " sample%s, %s of all", f->sym->name, f->sym->dso->name, f->entry->samples,
		 f->entry->samples == 1 ? "" : "s", cell__format(&c, share, sizeof(share)));
	o->ops->note(o, text);
}

static void function__table(struct function *f, struct output *o)
{
	struct table t = { .view = "annotate", .help = "", .nr_columns = NR_COLUMNS };
	struct cursors c = { 0 };
	struct line l;
	char text[128];
	uint64_t addr;
	unsigned int i;

	for (i = 0; i < NR_COLUMNS; i++)
		t.column[i] = &columns[i];
	function__title(f, o);
	o->ops->table_begin(o, &t);
	calltree__print(f->entry->callers, o);
	for (addr = f->sym->start; addr < f->sym->end; addr += l.insn->length ? l.insn->length : 1) {
		l.loc = machine__beside(f->machine, f->entry->loc, addr - f->entry->loc->addr);
		l.insn = machine__insn(f->machine, l.loc);
		line__find(f, &c, &l);
		line__print(f, &c, &l, o);
	}
	o->ops->table_end(o);
	for (; c.hit < f->nr_hits; c.hit++)
		f->astray += f->hit[c.hit]->samples;
	if (!f->astray)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " samples are between two of these instructions and not shown", f->astray);
	o->ops->note(o, text);
}

void function__print(const struct function_hists *h, const struct hist_entry *entry, struct output *o)
{
	struct function f = { .at = h->at, .reads = h->reads, .masks = h->masks, .machine = h->reads->machine,
			      .entry = entry, .sym = entry->loc->sym };

	function__collect(&f);
	function__table(&f, o);
	function__free(&f);
}

int function__check(struct machine *m, const struct hist_entry *entry, struct err *e)
{
	const struct symbol *sym = entry->loc->sym;

	if (!sym->end)
		return err__set(e, "'%s' has no known end; perf xregs report --sort=addr,insn -S '%s' shows its samples",
				sym->name, sym->name);
	if (!machine__insn(m, entry->loc)->known)
		return err__set(e, "the instructions of '%s' cannot be read from %s; --symfs names the folder below which files lie",
				sym->name, sym->dso->path);
	return 0;
}
