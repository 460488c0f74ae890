/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter as a table that BPF runs (bpf/hit_program.h). */
#include <string.h>

#include "filter/internal.h"
#include "filter/program.h"

/* ---- what can be decided at the hit ------------------------------------------------ */

static const struct {
	const char *name;
	enum hit_field field;
} hit_fields[] = {
	{ "pid", HIT_PID }, { "tid", HIT_TID }, { "cpu", HIT_CPU }, { "ip", HIT_IP }, { "period", HIT_PERIOD },
};

/* HIT_FIELDS: it is none of a hit. */
static enum hit_field field__of_hit(const struct field *f)
{
	size_t i;

	for (i = 0; i < sizeof(hit_fields) / sizeof(hit_fields[0]); i++)
		if (!strcmp(f->name, hit_fields[i].name))
			return hit_fields[i].field;
	return HIT_FIELDS;
}

/* NULL: it can be decided. */
static const char *node__undecidable(const struct node *n)
{
	static const char symbols[] = "symbols and objects are looked up when the recording is read";

	if (n->kind == NODE_REGS || n->needs & FILTER_NEEDS_REGS)
		return "registers are read after a hit has passed the filter";
	if (n->kind == NODE_TRACE)
		return "the fields of tracepoints are read when the recording is";
	if (n->kind == NODE_STRING && !n->needs)
		return "what is recorded is said by -e";
	if (n->kind == NODE_STRING)
		return n->needs == FILTER_NEEDS_COMM ? NULL : symbols;
	return field__of_hit(n->field) == HIT_FIELDS ? "its value is only known once the sample is written" : NULL;
}

int filter__check_hits(const struct filter *f, struct err *e)
{
	struct lexer l = { .text = f->text, .err = e };
	const struct node *n, *first = NULL;
	struct token t;

	for (n = f->node; n < f->node + f->nr; n++)
		if (n->kind != NODE_AND && n->kind != NODE_OR && node__undecidable(n) && (!first || n->start < first->start))
			first = n;
	if (!first)
		return 0;
	t = (struct token){ .kind = TOK_WORD, .start = first->start, .len = first->end - first->start };
	return lexer__fail(&l, t, "'%.*s' cannot be decided at the hit: %s; a recording is filtered by comm pid tid cpu ip period, the rest by --filter of report and script",
			   (int)t.len, f->text + t.start, node__undecidable(first));
}

/* ---- names --------------------------------------------------------------------------- */

static void pattern__char(struct hit_pattern *p, unsigned int at, char c, bool any)
{
	unsigned int i;

	if (!any)
		p->matches[(unsigned char)c] |= 1U << at;
	for (i = 0; any && i < 256; i++)
		p->matches[i] |= 1U << at;
}

/* More characters than any name has: it matches none. */
static void pattern__compile(struct hit_pattern *p, const char *s, bool glob)
{
	unsigned int at = 0;

	*p = (struct hit_pattern){ .loops = 0 };
	for (; *s; s++) {
		if (glob && *s == '*') {
			p->loops |= 1U << at;
			continue;
		}
		if (at == HIT_PATTERN_CHARS)
			return;
		pattern__char(p, at++, *s, glob && *s == '?');
	}
	p->accept = 1U << at;
}

static int program__pattern(struct hit_program *p, const char *s, bool glob)
{
	struct hit_pattern new;
	unsigned int i;

	pattern__compile(&new, s, glob);
	for (i = 0; i < p->nr_patterns; i++)
		if (!memcmp(&p->pattern[i], &new, sizeof(new)))
			return i;
	if (i == HIT_PATTERNS_MAX)
		return -1;
	p->pattern[p->nr_patterns++] = new;
	return i;
}

/* ---- terms and groups ------------------------------------------------------------------ */

/* The negated interval of "!=" and the "!" before a term are one. */
static bool term__op(const struct filter *f, const struct node *n, struct hit_program *p, struct hit_op *op)
{
	int pattern;

	if (n->kind == NODE_STRING) {
		pattern = program__pattern(p, f->strings + n->pattern, n->glob);
		*op = (struct hit_op){ .kind = HIT_NAME, .arg = pattern, .negate = n->negate };
		return pattern >= 0;
	}
	*op = (struct hit_op){
		.kind = n->test.kind == TEST_BITS ? HIT_BITS : HIT_RANGE,
		.arg = field__of_hit(n->field),
		.negate = n->negate,
	};
	if (op->kind == HIT_BITS) {
		op->lo = n->test.bits;
	} else {
		op->lo = n->test.u.lo;
		op->hi = n->test.u.hi;
		op->negate ^= n->test.negate;
	}
	return true;
}

/* Results come to lie on a stack of HIT_OPS_MAX bits, so no depth is too much for it. */
static bool node__program(const struct filter *f, int nr, struct hit_program *p)
{
	const struct node *n = &f->node[nr];
	struct hit_op op = { .negate = n->negate };
	int i, operands = 0;

	if (n->kind != NODE_AND && n->kind != NODE_OR) {
		if (!term__op(f, n, p, &op))
			return false;
	} else {
		op.kind = n->kind == NODE_AND ? HIT_ALL : HIT_ANY;
		for (i = n->child; i >= 0; i = f->node[i].next, operands++)
			if (!node__program(f, i, p))
				return false;
		op.arg = operands;
	}
	if (p->nr_ops == HIT_OPS_MAX)
		return false;
	p->op[p->nr_ops++] = op;
	return true;
}

bool filter__program(const struct filter *f, struct hit_program *p)
{
	*p = (struct hit_program){ .nr_ops = 0 };
	return node__program(f, f->root, p);
}
