/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What does this instruction chew on? By instruction and register the classes
 * of the lanes that it reads; shares are of that operand alone, so that a
 * constant beside it does not thin them out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "views/operands.h"

enum { SKETCH_SIZE = 16, MAX_VALUES = 3, MAX_INSNS = 10 };

static struct operand_data *operand__data(struct hist *h, struct hist_pair *p, const struct insn_read *read,
					  const struct facts *f)
{
	const struct insn_operand *op = read->op;
	struct operand_data *d = hist__pair_data(h, p, sizeof(*d));
	enum xstate_type t = f->opt->type_given ? f->opt->type : op->type;
	bool typed = op->typed || f->opt->type_given;

	if (!d || d->type)
		return d;
	d->type = typed ? xstate_type__name(t) : "untyped";
	d->fp = typed && xstate_type__is_fp(t);
	d->computes = f->opt->type_given || read->computes;
	d->sketch = h->show_values ? hist__alloc(h, sketch__bytes(SKETCH_SIZE)) : NULL;
	if (d->sketch)
		d->sketch->size = SKETCH_SIZE;
	return d;
}

static void operand__count(struct hist_pair *p, struct operand_data *d, const struct fp_lanes *l)
{
	unsigned int c;

	d->samples++;
	for (c = 0; c < XSTATE_FP_NR; c++) {
		p->count[0] += l->counts.lane[c];
		p->count[1 + c] += l->counts.lane[c];
		d->with[c] += l->counts.lane[c] > 0;
	}
	if (d->sketch)
		sketch__add_lanes(d->sketch, l);
}

void operands_acc__add(struct hist *h, struct operands_acc *a, const struct facts *f)
{
	bool known = false, unknown = false;
	struct operand_data *d;
	struct hist_pair *p;
	struct fp_lanes l;
	unsigned int i;
	int ret;

	for (i = 0; i < f->nr_reads; i++) {
		ret = facts__operand(f, i, &l);
		if (ret < 0)
			continue;
		known |= ret > 0;
		unknown |= ret == 0;
		p = hist__pair(h, &a->list, f->reads[i].op, f->reads[i].loc);
		d = p ? operand__data(h, p, &f->reads[i], f) : NULL;
		if (d && ret)
			operand__count(p, d, &l);
		else if (d)
			d->unknown++;
	}
	a->seen.samples += known;
	a->seen.unknown += unknown;
}

/* ---- in words ------------------------------------------------------------------ */

struct class_group {
	const char *name;
	enum xstate_fp_class first, last;
	double floor;
};

static const struct class_group groups[] = {
	{ "zero",	XSTATE_FP_ZERO,	     XSTATE_FP_ZERO,	  2 },
	{ "subnormal",	XSTATE_FP_SUBNORMAL, XSTATE_FP_SUBNORMAL, FLOOR_SUBNORMAL },
	{ "inf",	XSTATE_FP_INF,	     XSTATE_FP_INF,	  FLOOR_INF },
	{ "nan",	XSTATE_FP_QNAN,	     XSTATE_FP_SNAN,	  FLOOR_NAN },
};

enum { NR_GROUPS = sizeof(groups) / sizeof(groups[0]) };

static uint64_t operand__lanes(const struct hist_pair *p, const struct class_group *g)
{
	uint64_t n = 0;
	unsigned int c;

	for (c = g->first; c <= g->last; c++)
		n += p->count[1 + c];
	return n;
}

char *operand__classes(const struct hist_pair *p, char *buf, size_t size)
{
	const struct operand_data *d = p->data;
	struct cell share;
	char number[24];
	uint64_t n;
	unsigned int i;
	size_t at = 0;

	*buf = '\0';
	for (i = 0; i < NR_GROUPS; i++) {
		n = operand__lanes(p, &groups[i]);
		share = cell__share(n, p->count[0]);
		if (n && at < size)
			at += snprintf(buf + at, size - at, "%s%s %s", at ? ", " : "", groups[i].name,
				       cell__format(&share, number, sizeof(number)));
	}
	if (!at)
		snprintf(buf, size, "%s", !p->count[0] ? "unknown" : d->fp ? "normal" : "not zero");
	return buf;
}

bool operand__is_plain(const struct hist_pair *p)
{
	return p->count[0] == p->count[1 + XSTATE_FP_NORMAL];
}

/* What is only moved or masked (andps) need not be a number: no mark. */
bool operand__mark(const struct hist_pair *p)
{
	const struct operand_data *d = p->data;
	uint64_t with;
	unsigned int i, c;

	for (i = 0; i < NR_GROUPS && d->computes; i++) {
		for (with = 0, c = groups[i].first; c <= groups[i].last; c++)
			with += d->with[c];
		if (proves(with < d->samples ? with : d->samples, d->samples, groups[i].floor))
			return true;
	}
	return false;
}

void operand__detail(const struct hist *h, const struct hist_pair *p, const char *text, struct output *o)
{
	static const struct column columns[] = {
		{ "offset", "Offset", CELL_HEX }, { "instruction", "Instruction", CELL_TEXT },
		{ "register", "Register", CELL_TEXT }, { "lane_type", "Type", CELL_TEXT },
		{ "samples", "Samples", CELL_COUNT }, { "lanes", "Lanes", CELL_COUNT },
		{ "zero", "Zero", CELL_SHARE }, { "subnormal", "Subnormal", CELL_SHARE },
		{ "infinite", "Inf", CELL_SHARE }, { "nan", "NaN", CELL_SHARE },
		{ "normal", "Normal", CELL_SHARE }, { "unknown", "Unknown", CELL_SHARE },
	};
	const struct insn_operand *op = p->thing;
	const struct operand_data *d = p->data;
	char name[12];
	unsigned int i;
	struct cell c[6 + NR_GROUPS + 2] = {
		{ .kind = CELL_HEX, .count = p->loc->addr - p->loc->sym->start },
		{ .kind = CELL_TEXT, .text = machine__insn(h->machine, p->loc)->text },
		{ .kind = CELL_TEXT, .text = xstate_reg__name(op->reg, name) },
		{ .kind = CELL_TEXT, .text = d->type },
		{ .kind = CELL_COUNT, .count = d->samples }, { .kind = CELL_COUNT, .count = p->count[0] },
	};

	for (i = 0; i < NR_GROUPS; i++)
		c[6 + i] = cell__share(operand__lanes(p, &groups[i]), p->count[0]);
	c[6 + NR_GROUPS] = cell__share(p->count[1 + XSTATE_FP_NORMAL], p->count[0]);
	c[7 + NR_GROUPS] = cell__share(d->unknown, d->samples + d->unknown);
	o->ops->detail(o, "operand", text, columns, c, sizeof(c) / sizeof(c[0]));
}

/* ---- the view -------------------------------------------------------------------- */

static void operands__add(struct hist *h, void *acc, const struct facts *f)
{
	operands_acc__add(h, acc, f);
}

static const struct column columns[] = {
	{ "samples",	  "Samples", CELL_COUNT },
	{ "operands",	  "Operands", CELL_COUNT },
	{ "lanes",	  "Lanes", CELL_COUNT },
	{ "zero",	  "Zero", CELL_SHARE },
	{ "unknown",	  "Unknown", CELL_SHARE },
};

static void operands__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct operands_acc *a = e->acc;
	uint64_t n = 0, lanes = 0, zero = 0;
	const struct hist_pair *p;

	(void)h;
	for (p = a->list; p; p = p->next) {
		n++;
		lanes += p->count[0];
		zero += p->count[1 + XSTATE_FP_ZERO];
	}
	*c++ = (struct cell){ .kind = CELL_COUNT, .count = a->seen.samples };
	*c++ = (struct cell){ .kind = n ? CELL_COUNT : CELL_NONE, .count = n };
	*c++ = (struct cell){ .kind = lanes ? CELL_COUNT : CELL_NONE, .count = lanes };
	*c++ = cell__share(zero, lanes);
	*c++ = cell__share(a->seen.unknown, e->samples);
}

static void operand__print(const struct hist *h, const struct hist_pair *p, bool shown, struct output *o)
{
	const struct insn_operand *op = p->thing;
	const struct operand_data *d = p->data;
	char text[256], classes[128], unknown[24] = "", name[12];
	struct cell c = cell__share(d->unknown, d->samples + d->unknown);

	operand__classes(p, classes, sizeof(classes));
	snprintf(text, sizeof(text), "                %-6s %-7s %s%s%s%s", xstate_reg__name(op->reg, name), d->type, classes,
		 operand__mark(p) ? " !" : "", d->unknown && d->samples ? ", unknown in " : "",
		 d->unknown && d->samples ? cell__format(&c, unknown, sizeof(unknown)) : "");
	operand__detail(h, p, shown ? text : NULL, o);
	if (d->sketch)
		sketch__details(d->sketch, MAX_VALUES, name, o);
}

static uint64_t pair__seen(const struct hist_pair *p)
{
	const struct operand_data *d = p->data;

	return d ? d->samples + d->unknown : 0;
}

/* Its operands, in the order of the instruction. */
static void insn__print(const struct hist *h, const struct hist_pair *const *list, size_t n, bool shown, struct output *o)
{
	const struct location *loc = list[0]->loc;
	const struct insn *insn = machine__insn(h->machine, loc);
	const uint64_t seen = pair__seen(list[0]);
	char text[256];
	unsigned int k;
	size_t i;

	if (shown) {
		snprintf(text, sizeof(text), "          +0x%-4llx %-52.96s %llu sample%s",
			 (unsigned long long)(loc->addr - loc->sym->start), insn->text, (unsigned long long)seen, seen == 1 ? "" : "s");
		o->ops->detail(o, "instruction", text, NULL, NULL, 0);
	}
	for (k = 0; k < insn->nr_operands; k++)
		for (i = 0; i < n; i++)
			if (list[i]->loc->addr == loc->addr && list[i]->loc->sym == loc->sym &&
			    list[i]->thing == &insn->operand[k] && list[i]->data)
				operand__print(h, list[i], shown, o);
}

static bool list__had(const struct hist_pair *const *list, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (list[k]->loc->addr == list[i]->loc->addr && list[k]->loc->sym == list[i]->loc->sym)
			return true;
	return false;
}

static void operands__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	const struct operands_acc *a = e->acc;
	const struct hist_pair **list;
	unsigned int shown = 0, more = 0;
	char text[96];
	size_t i, n;

	list = hist_pair__sorted(a->list, 0, &n);
	for (i = 0; i < n; i++) {
		if (!list[i]->data || list__had(list, i))
			continue;
		shown += shown < MAX_INSNS;
		more += shown == MAX_INSNS;
		insn__print(h, &list[i], n - i, more <= 1, o);
	}
	free(list);
	if (more <= 1)
		return;
	snprintf(text, sizeof(text), "          %u more instructions; --json and perf xregs annotate show all", more - 1);
	o->ops->detail(o, "more", text, NULL, NULL, 0);
}

const struct view view_operands = {
	.name = "operands", .help = "what instructions read: classes by operand, and with --show-values what recurs",
	.sort = "symbol,dso",
	.acc_size = sizeof(struct operands_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.add = operands__add, .cells = operands__cells, .rank = entry__rank_seen, .details = operands__details,
	.left_out = "samples of code that reads vector registers",
};
