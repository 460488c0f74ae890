/* SPDX-License-Identifier: GPL-2.0-only */
/* perf xregs annotate: the instructions of a function, and what each reads. */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "output/output.h"
#include "util/options.h"
#include "views/mask.h"
#include "views/operands.h"
#include "views/pass.h"

struct annotate {
	struct pass_options opt;
	const char *symbol, *color;
	const struct output_ops *output;
	bool no_pager, help;
	struct pass pass;
	/* all of the pass: by address; by symbol */
	struct hist *at, *reads, *masks;
};

/* What was counted of one function, by address. */
struct function {
	struct hist *at, *reads, *masks;
	struct machine *machine;
	const struct hist_entry *entry;	/* of reads */
	const struct symbol *sym;
	struct hist_entry **hit;	/* samples at an address */
	const struct hist_pair **read, **mask;
	size_t nr_hits, nr_reads, nr_masks;
	uint64_t mask_uses;
	uint64_t astray;		/* samples between two instructions */
};

/* ---- options ------------------------------------------------------------------------ */

enum option_id {
	OPT_PID = OPTION_LONG, OPT_TID, OPT_FILTER, OPT_TYPE, OPT_INTR, OPT_SYMFS, OPT_NO_DEMANGLE, OPT_STDIO, OPT_JSON, OPT_CSV,
	OPT_COLOR, OPT_NO_PAGER,
};

static const struct cmd_option option_table[] = {
	{ "input",	 'i',		  "FILE", "read FILE instead of perf.data; '-' is standard input" },
	{ "comms",	 'c',		  "LIST", "only samples of these commands" },
	{ "dsos",	 'd',		  "LIST", "only in these objects" },
	{ "pid",	 OPT_PID,	  "LIST", "only samples of these processes" },
	{ "tid",	 OPT_TID,	  "LIST", "only samples of these threads" },
	{ "filter",	 OPT_FILTER,	  "EXPR", "only samples for which EXPR is true, as in 'cpu == 3'" },
	{ "type",	 OPT_TYPE,	  "TYPE", "take all vector registers that are read as lanes of f16, bf16, f32, f64" },
	{ "intr",	 OPT_INTR,	  NULL,	  "the interrupted state, where the file has it, not the user's" },
	{ "symfs",	 OPT_SYMFS,	  "DIR",  "look for the recorded files below DIR" },
	{ "no-demangle", OPT_NO_DEMANGLE, NULL,	  "SYMBOL is as it is in the file" },
	{ "stdio",	 OPT_STDIO,	  NULL,	  "text (the default)" },
	{ "json",	 OPT_JSON,	  NULL,	  "one JSON object a line" },
	{ "csv",	 OPT_CSV,	  NULL,	  "comma-separated values of the instructions" },
	{ "color",	 OPT_COLOR,	  "WHEN", "always, never or auto" },
	{ "no-pager",	 OPT_NO_PAGER,	  NULL,	  "never start a pager" },
	{ "help",	 'h',		  NULL,	  "show this" },
};

static int option__set(void *ctx, int id, const char *arg, struct err *e)
{
	struct annotate *a = ctx;

	switch (id) {
	case 'i':		a->opt.input = arg;		return 0;
	case 'c':		a->opt.comms = arg;		return 0;
	case 'd':		a->opt.dsos = arg;		return 0;
	case 'h':		a->help = true;			return 0;
	case OPT_PID:		a->opt.pids = arg;		return 0;
	case OPT_TID:		a->opt.tids = arg;		return 0;
	case OPT_FILTER:	a->opt.filter = arg;		return 0;
	case OPT_INTR:		a->opt.intr = true;		return 0;
	case OPT_SYMFS:		a->opt.symfs = arg;		return 0;
	case OPT_NO_DEMANGLE:	a->opt.no_demangle = true;	return 0;
	case OPT_NO_PAGER:	a->no_pager = true;		return 0;
	case OPT_STDIO:		a->output = &output_text;	return 0;
	case OPT_JSON:		a->output = &output_json;	return 0;
	case OPT_CSV:		a->output = &output_csv;	return 0;
	case OPT_TYPE:		return pass_options__type(&a->opt, arg, e);
	case OPT_COLOR:		a->color = arg;
				return output__check_color(arg, e);
	}
	return -1;
}

static const struct cmd_options options = {
	.verb = "annotate", .table = option_table, .nr = sizeof(option_table) / sizeof(option_table[0]), .set = option__set,
};

static void usage(FILE *f)
{
	fputs("usage: perf xregs annotate [OPTIONS] SYMBOL\n\n"
	      "Print the instructions of a function with their share of its samples and, beside\n"
	      "each, the classes of the lanes that it reads.\n\n", f);
	cmd_options__help(&options, f);
}

static int options__parse(struct annotate *a, int argc, char **argv, struct err *e)
{
	int first;

	*a = (struct annotate){ .output = &output_text, .color = "auto" };
	first = cmd_options__parse(&options, argc, argv, a, e);
	if (first < 0 || a->help)
		return first < 0 ? -1 : 0;
	if (first == argc)
		return err__usage(e, "no symbol is named; 'perf xregs report' lists those with samples");
	if (first + 1 < argc)
		return err__usage(e, "one symbol at a time; '%s' is one too many (quote names with blanks)", argv[first + 1]);
	a->symbol = argv[first];
	return 0;
}

/* ---- a function ---------------------------------------------------------------------- */

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

static const struct hist_entry *hist__of_symbol(const struct hist *h, const struct symbol *sym)
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
	return (struct cell){ .kind = n ? CELL_TEXT : CELL_NONE, .text = buf };
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

/* ---- all of it ----------------------------------------------------------------------- */

static void function__title(const struct function *f, struct output *o)
{
	struct cell c = cell__share(f->entry->weight, f->reads->weight);
	char text[LINE_MAX_TEXT], share[24];

	snprintf(text, sizeof(text), "%s of %s: %" PRIu64 " sample%s, %s of all", f->sym->name, f->sym->dso->name, f->entry->samples,
		 f->entry->samples == 1 ? "" : "s", cell__format(&c, share, sizeof(share)));
	o->ops->note(o, text);
}

static void function__print(struct function *f, struct output *o)
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

static int function__check(const struct function *f, const char *symbol, struct err *e)
{
	if (!f->sym->end)
		return err__set(e, "'%s' has no known end; perf xregs report --sort=addr,insn -S '%s' shows its samples", symbol, symbol);
	if (!machine__insn(f->machine, f->entry->loc)->known)
		return err__set(e, "the instructions of '%s' cannot be read from %s; --symfs names the folder below which files lie",
				symbol, f->sym->dso->path);
	return 0;
}

/* The symbols with most samples, for who mistyped one. */
static int annotate__no_symbol(const struct annotate *a, struct err *e)
{
	struct hist_entry **list;
	char names[512] = "";
	size_t i, n, at = 0;

	list = hist__sorted(a->reads, &n);
	for (i = 0; i < n && i < 3 && at < sizeof(names); i++)
		at += snprintf(names + at, sizeof(names) - at, "%s%.100s", i ? ", " : "", entry__symbol_name(list[i]));
	free(list);
	return err__set(e, "no sample is in '%s'; most are in: %s", a->symbol, n ? names : "nothing, the options leave all out");
}

/* A name may be that of functions in several objects: each is shown. */
static int annotate__print(struct annotate *a, struct output *o, struct err *e)
{
	struct hist_entry **list;
	size_t i, n, shown = 0;
	int ret = 0;

	list = hist__sorted(a->reads, &n);
	for (i = 0; i < n && !ret; i++) {
		struct function f = { .at = a->at, .reads = a->reads, .masks = a->masks, .machine = a->pass.machine,
				      .entry = list[i], .sym = list[i]->loc->sym };

		if (strcmp(f.sym->name, a->symbol))
			continue;
		ret = function__check(&f, a->symbol, e);
		if (ret)
			break;
		if (!shown++)
			pass__head(&a->pass, o);
		function__collect(&f);
		function__print(&f, o);
		function__free(&f);
	}
	free(list);
	return ret || shown ? ret : annotate__no_symbol(a, e);
}

static int annotate__open(struct annotate *a, struct err *e)
{
	static const struct {
		const struct view *view;
		const char *sort;
	} views[] = { { &view_dirty, "symbol,addr" }, { &view_operands, "symbol" }, { &view_mask, "symbol" } };
	unsigned int i;

	if (pass__open(&a->pass, &a->opt, e))
		return -1;
	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (pass__add_view(&a->pass, views[i].view, views[i].sort, e))
			return -1;
	a->at = pass__hist(&a->pass, &view_dirty);
	a->reads = pass__hist(&a->pass, &view_operands);
	a->masks = pass__hist(&a->pass, &view_mask);
	return 0;
}

/* What was read before an error is shown all the same. */
static int annotate__run(struct annotate *a, struct err *e)
{
	struct pager *pager;
	struct err later;
	struct output o;
	bool color;
	int ret;

	if (annotate__open(a, e))
		return -1;
	ret = pass__read(&a->pass, e);
	if (!a->pass.tally.samples)
		return ret;
	color = output__want_color(a->color);
	pager = a->no_pager || a->output != &output_text ? NULL : pager__start();
	output__open(&o, a->output, stdout, color);
	ret |= annotate__print(a, &o, ret ? &later : e);
	if ((fflush(stdout) || ferror(stdout)) && !ret)
		ret = err__set(e, "cannot write: %s", strerror(errno));
	pager__finish(pager);
	return ret;
}

int cmd_annotate(int argc, char **argv)
{
	struct annotate a;
	struct err e = { 0 };
	int ret;

	setlocale(LC_CTYPE, "");
	ret = options__parse(&a, argc, argv, &e);
	if (!ret && a.help) {
		usage(stdout);
		return XREGS_OK;
	}
	if (!ret)
		ret = annotate__run(&a, &e);
	pass__free(&a.pass);
	if (!ret)
		return XREGS_OK;
	return cmd__fail("annotate", &e);
}
