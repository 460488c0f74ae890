/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terms over the fields of tracepoints, which no expression knows beforehand:
 * "field.next_pid == 3" of any tracepoint, "sched_switch.next_comm == make" of
 * one. The literal says nothing of the field's type, so it is kept both ways.
 */
#include <string.h>

#include "filter/internal.h"

/* Of bytes of the expression, terminated. */
static uint32_t filter__keep(struct filter *f, const char *s, uint32_t len)
{
	uint32_t at = f->strings_len;

	memcpy(f->strings + at, s, len);
	f->strings[at + len] = '\0';
	f->strings_len += len + 1;
	return at;
}

/* A number that stands alone; anything else is a name. */
static bool literal__number(const char *s, uint32_t len, struct number *n)
{
	bool negative = *s == '-';

	if (len > 64 || !number__parse(n, s + negative, len - negative) || !n->integer)
		return false;
	n->negative = negative;
	return true;
}

static int parser__literal(struct parser *p, struct node *n, enum token_kind op)
{
	struct token t = lexer__take_string(&p->lex);
	const char *s = p->lex.text + t.start;
	struct number number;

	if (t.kind == TOK_BAD)
		return lexer__fail(&p->lex, t, "this quote is not closed");
	if (t.kind != TOK_STRING)
		return lexer__fail(&p->lex, t, "expected a number or a name");
	n->trace.numeric = *s != '"' && *s != '\'' && literal__number(s, t.len, &number);
	if (n->trace.numeric) {
		n->trace.negative = number.negative;
		n->trace.number = number.magnitude;
	} else if (op != TOK_EQ && op != TOK_NE) {
		return lexer__fail(&p->lex, t, "a name is compared with == and !=; expected a number");
	}
	node__set_pattern(p->f, n, s, t.len);
	return 0;
}

int parser__trace(struct parser *p, struct token event)
{
	struct token part, whole = event;
	enum token_kind op;
	struct node *n;
	int nr;

	lexer__take(&p->lex);		/* the dot */
	part = lexer__take(&p->lex);
	if (part.kind != TOK_WORD)
		return lexer__fail(&p->lex, part, "expected the name of a tracepoint's field, as in field.next_pid");
	op = parser__operator(p, part);
	if (op == TOK_BAD)
		return -1;
	whole.len = part.start + part.len - whole.start;
	nr = parser__node(p, NODE_TRACE, whole);
	if (nr < 0)
		return -1;
	n = &p->f->node[nr];
	n->cost = COST_STRING;
	n->needs = FILTER_NEEDS_TRACE;
	n->trace.op = op;
	n->trace.any_event = token__is(&p->lex, event, "field");
	n->trace.event = filter__keep(p->f, p->lex.text + event.start, event.len);
	n->trace.name = filter__keep(p->f, p->lex.text + part.start, part.len);
	if (parser__literal(p, n, op))
		return -1;
	n->end = p->lex.last.start + p->lex.last.len;
	return nr;
}

/* -1, 0, 1: a field's value against the literal, whatever the signs. */
static int number__compare(const struct trace_value *v, const struct node *n)
{
	__int128 a = v->is_signed ? (__int128)(int64_t)v->number : (__int128)v->number;
	__int128 b = n->trace.negative ? -(__int128)n->trace.number : (__int128)n->trace.number;

	return (a > b) - (a < b);
}

static bool number__holds(const struct trace_value *v, const struct node *n)
{
	int c = number__compare(v, n);

	switch ((enum token_kind)n->trace.op) {
	case TOK_EQ:	return c == 0;
	case TOK_NE:	return c != 0;
	case TOK_GT:	return c > 0;
	case TOK_GE:	return c >= 0;
	case TOK_LT:	return c < 0;
	case TOK_LE:	return c <= 0;
	default:	return v->number & n->trace.number;
	}
}

/* A name of a numeric field, and the other way round, is no value that it could have. */
enum filter_result node__eval_trace(const struct filter *f, const struct node *n,
				    const struct filter_source *src)
{
	const char *event = n->trace.any_event ? NULL : f->strings + n->trace.event;
	const char *pattern = f->strings + n->pattern;
	struct trace_value v;
	bool same;

	if (!src->ops || !src->ops->field || !src->ops->field(src->ctx, event, f->strings + n->trace.name, &v))
		return FILTER_UNKNOWN;
	if (!v.string)
		return n->trace.numeric ? number__holds(&v, n) : FILTER_UNKNOWN;
	same = n->glob ? string__matches(pattern, v.string) : !strcmp(pattern, v.string);
	if (n->trace.op == TOK_EQ || n->trace.op == TOK_NE)
		return same == (n->trace.op == TOK_EQ);
	return FILTER_UNKNOWN;
}
