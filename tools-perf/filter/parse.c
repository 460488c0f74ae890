/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tokens to nodes, by recursive descent:
 *
 *	filter	:= or { "," or }
 *	or	:= unary { "||" unary }
 *	unary	:= "!" unary | "(" filter ")" | term
 *
 * "||" binds more tightly than ",": that is the grammar of perf record
 * --filter [tools/perf/util/bpf-filter.y]. The terms are in parse_term.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/internal.h"

int parser__node(struct parser *p, enum node_kind kind, struct token at)
{
	struct filter *f = p->f;

	if (f->nr >= FILTER_MAX_NODES)
		return lexer__fail(&p->lex, at, "the expression has more than %d terms and groups",
				   FILTER_MAX_NODES);
	f->node[f->nr] = (struct node){ .kind = kind, .child = -1, .next = -1,
					.start = at.start, .end = at.start + at.len };
	return f->nr++;
}

/* Operands by cost, so that a process number is compared before registers are read. */
static void group__add(struct filter *f, int group, int operand)
{
	struct node *g = &f->node[group], *o = &f->node[operand];
	int16_t *at = &g->child;

	while (*at >= 0 && f->node[*at].cost <= o->cost)
		at = &f->node[*at].next;
	o->next = *at;
	*at = operand;
	if (g->cost < o->cost)
		g->cost = o->cost;
	g->needs |= o->needs;
}

static int parser__filter(struct parser *p);

static int parser__term(struct parser *p)
{
	struct token t = lexer__take(&p->lex);
	const char *word = p->lex.text + t.start;
	struct suggest s;
	char near[64];
	const struct field *f;
	unsigned int i;

	if (t.kind != TOK_WORD)
		return lexer__fail(&p->lex, t, "%s; expected a field (pid, sym, mxcsr, ...), a register (ymm3.f32[0]), any(), all(), count(), '!' or '('",
				   t.kind != TOK_END ? "no term starts like this" :
				   p->f->nr || t.start ? "the expression ends where a term should follow" :
							 "the expression is empty");
	if (token__is(&p->lex, t, "any") || token__is(&p->lex, t, "all") ||
	    token__is(&p->lex, t, "count"))
		return parser__quantified(p, t);
	f = field__find(word, t.len);
	if (f)
		return parser__field(p, f, t);
	if (parser__is_register(p, t))
		return parser__register(p, t);
	if (token__is(&p->lex, t, "field") && lexer__peek(&p->lex).kind == TOK_DOT)
		return parser__trace(p, t);
	suggest__start(&s, word, t.len);
	for (i = 0; (f = field__at(i)); i++)
		suggest__add(&s, f->name);
	suggest__registers(&s);
	suggest__add(&s, "any");
	suggest__add(&s, "all");
	suggest__add(&s, "count");
	if (!s.name[0] && lexer__peek(&p->lex).kind == TOK_DOT)
		return parser__trace(p, t);
	return lexer__fail(&p->lex, t, "'%.*s' is no field and no register%s",
			   (int)t.len, word,
			   s.name[0] ? suggest__text(&s, near, sizeof(near)) :
			   "; fields are comm pid tid cpu event ip addr sym dso time period mxcsr xinuse xstate upper width");
}

static int parser__parentheses(struct parser *p, struct token open)
{
	int n = parser__filter(p);
	struct token t;

	if (n < 0)
		return -1;
	t = lexer__peek(&p->lex);
	if (t.kind == TOK_END)
		return lexer__fail(&p->lex, open, "this '(' is not closed");
	if (!lexer__accept(&p->lex, TOK_CLOSE))
		return lexer__fail(&p->lex, t, "expected ',' (and), '||' (or) or ')'");
	return n;
}

static int parser__unary(struct parser *p)
{
	struct token t = lexer__peek(&p->lex);
	int n;

	if (t.kind != TOK_NOT && t.kind != TOK_OPEN)
		return parser__term(p);
	lexer__take(&p->lex);
	if (++p->depth > FILTER_MAX_DEPTH)
		return lexer__fail(&p->lex, t, "more than %d levels of '(' and '!'",
				   FILTER_MAX_DEPTH);
	n = t.kind == TOK_NOT ? parser__unary(p) : parser__parentheses(p, t);
	p->depth--;
	if (n >= 0 && t.kind == TOK_NOT)
		p->f->node[n].negate = !p->f->node[n].negate;
	return n;
}

/* Operands with @sign between them; a single one needs no group. */
static int parser__group(struct parser *p, enum token_kind sign,
			 enum node_kind kind, int (*operand)(struct parser *p))
{
	int n = operand(p), group = -1;

	while (n >= 0 && lexer__accept(&p->lex, sign)) {
		if (group < 0) {
			group = parser__node(p, kind, p->lex.last);
			if (group < 0)
				return -1;
			group__add(p->f, group, n);
		}
		n = operand(p);
		if (n >= 0)
			group__add(p->f, group, n);
	}
	return n < 0 || group < 0 ? n : group;
}

static int parser__or(struct parser *p)
{
	return parser__group(p, TOK_OR, NODE_OR, parser__unary);
}

static int parser__filter(struct parser *p)
{
	return parser__group(p, TOK_COMMA, NODE_AND, parser__or);
}

/* What is right in other languages gets an answer of its own. */
static int parser__trailing(struct parser *p, struct token t)
{
	const char *s = p->lex.text + t.start;

	if (t.kind == TOK_CLOSE)
		return lexer__fail(&p->lex, t, "this ')' closes nothing");
	if ((t.kind == TOK_BAD && *s == '&') || token__is(&p->lex, t, "and"))
		return lexer__fail(&p->lex, t, "expected ',' or '||'; 'and' is written ',' here, as in perf record --filter, and binds less tightly than '||'");
	if ((t.kind == TOK_BAD && *s == '|') || token__is(&p->lex, t, "or"))
		return lexer__fail(&p->lex, t, "expected ',' or '||'; 'or' is written '||'");
	return lexer__fail(&p->lex, t, "expected ',' (and), '||' (or) or the end");
}

int filter__parse(struct filter *f, struct err *e)
{
	struct parser p = { .lex = { .text = f->text, .err = e }, .f = f };
	struct token t;
	int root = parser__filter(&p);

	if (root < 0)
		return -1;
	t = lexer__peek(&p.lex);
	if (t.kind != TOK_END)
		return parser__trailing(&p, t);
	f->root = root;
	return 0;
}

/* The parser's room is that of the longest expression; what is kept is not. */
static void filter__shrink(struct filter *f)
{
	struct node *n = realloc(f->node, (size_t)f->nr * sizeof(*n));

	if (n)
		f->node = n;
}

int filter__compile(struct filter **out, const char *text, struct err *e)
{
	size_t len = strlen(text);
	struct filter *f;

	if (len > FILTER_MAX_TEXT)
		return err__usage(e, "filter: the expression has %zu bytes; at most %d are read",
				  len, FILTER_MAX_TEXT);
	f = calloc(1, sizeof(*f));
	if (f) {
		f->text = strdup(text);
		f->strings = malloc(2 * len + 1);
		f->node = calloc(FILTER_MAX_NODES, sizeof(*f->node));
	}
	if (!f || !f->text || !f->strings || !f->node) {
		filter__free(f);
		return err__set(e, "filter: out of memory");
	}
	if (filter__parse(f, e)) {
		filter__free(f);
		return -1;
	}
	filter__shrink(f);
	*out = f;
	return 0;
}

void filter__free(struct filter *f)
{
	if (!f)
		return;
	free(f->text);
	free(f->strings);
	free(f->node);
	free(f);
}
