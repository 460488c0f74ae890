/* SPDX-License-Identifier: GPL-2.0-only */
/* Terms over fields, and the operators and numbers that all terms share. */
#include <math.h>
#include <string.h>

#include "filter/internal.h"
#include "util/time.h"

static bool token__is_operator(struct token t)
{
	return t.kind >= TOK_EQ && t.kind <= TOK_AND;
}

enum token_kind parser__operator(struct parser *p, struct token of)
{
	struct token t = lexer__take(&p->lex);
	const char *s = p->lex.text;

	if (token__is_operator(t))
		return t.kind;
	if (t.kind == TOK_BAD && s[t.start] == '=')
		lexer__fail(&p->lex, t, "'=' is no operator; did you mean '=='?");
	else
		lexer__fail(&p->lex, t, "expected a comparison (== != > >= < <= &) after '%.*s'",
			    (int)of.len, s + of.start);
	return TOK_BAD;
}

int parser__number(struct parser *p, struct number *n, struct token *at,
		   const char *wanted)
{
	struct token sign = lexer__peek(&p->lex), t;
	bool has_sign = sign.kind == TOK_MINUS || sign.kind == TOK_PLUS;

	if (has_sign)
		lexer__take(&p->lex);
	t = lexer__take(&p->lex);
	*at = t;
	if (has_sign) {
		at->start = sign.start;
		at->len = t.start + t.len - sign.start;
	}
	*n = (struct number){ .value = INFINITY };
	if (!(has_sign && token__is(&p->lex, t, "inf"))) {
		if (t.kind != TOK_NUMBER)
			return lexer__fail(&p->lex, t, "expected %s", wanted);
		if (!number__parse(n, p->lex.text + t.start, t.len))
			return lexer__fail(&p->lex, t, "'%.*s' is no number, or one that is too large",
					   (int)t.len, p->lex.text + t.start);
	}
	if (sign.kind == TOK_MINUS) {
		n->negative = true;
		n->value = -n->value;
	}
	return 0;
}

/* ---- values of fields ----------------------------------------------------------- */

static const struct {
	unsigned int ops;		/* 1 << enum token_kind */
	const char *text;
} field_ops[] = {
	[FIELD_NUMBER] = { ~0U, "" },
	[FIELD_TIME]   = { ~0U & ~(1U << TOK_AND), "a time; it takes == != > >= < <=" },
	[FIELD_FLAGS]  = { 1U << TOK_AND | 1U << TOK_EQ | 1U << TOK_NE, "a set of bits; it takes & == !=" },
	[FIELD_PARTS]  = { 1U << TOK_AND, "a set of bits of which some may be unknown; it takes & only" },
	[FIELD_CHOICE] = { 1U << TOK_EQ | 1U << TOK_NE, "one of several; it takes == and !=" },
	[FIELD_STRING] = { 1U << TOK_EQ | 1U << TOK_NE, "a name; it takes == and !=" },
};

static int field__unknown_word(struct parser *p, const struct field *f, struct token t)
{
	const char *word = p->lex.text + t.start;
	struct suggest s;
	const struct word *w;
	char near[64], list[256];

	suggest__start(&s, word, t.len);
	for (w = f->words; w->name; w++)
		suggest__add(&s, w->name);
	return lexer__fail(&p->lex, t, "'%.*s' is no %s; expected %s or a number%s",
			   (int)t.len, word, f->what,
			   words__list(f->words, list, sizeof(list)),
			   suggest__text(&s, near, sizeof(near)));
}

static int parser__field_number(struct parser *p, const struct field *f, uint64_t *v)
{
	struct token t = lexer__peek(&p->lex);
	const struct word *w;
	struct number n;

	if (t.kind == TOK_WORD && f->words) {
		lexer__take(&p->lex);
		w = word__find(f->words, p->lex.text + t.start, t.len);
		if (!w)
			return field__unknown_word(p, f, t);
		*v = w->value;
		return 0;
	}
	if (parser__number(p, &n, &t, f->words ? f->what : "a number"))
		return -1;
	if (!number__u64(&n, v))
		return lexer__fail(&p->lex, t, "%s is a whole number, 0 or more", f->name);
	return 0;
}

static int parser__field_time(struct parser *p, uint64_t *v)
{
	struct token t = lexer__take(&p->lex);
	const char *s = p->lex.text + t.start, *wrong;

	if (t.kind != TOK_NUMBER)
		return lexer__fail(&p->lex, t, "expected a time: seconds as perf script prints them (12.345678), or with a unit (12s 3ms 5us 7ns)");
	/* a whole number alone may be meant in nanoseconds, too */
	if (strspn(s, "0123456789") >= t.len)
		wrong = "is a time without a unit: s, ms, us or ns";
	else
		wrong = time__parse(v, s, t.len);
	return wrong ? lexer__fail(&p->lex, t, "'%.*s' %s", (int)t.len, s, wrong) : 0;
}

static int parser__field_value(struct parser *p, const struct field *f,
			       enum token_kind op, struct test *test)
{
	struct token at = lexer__peek(&p->lex);
	uint64_t v;

	if (f->kind == FIELD_TIME ? parser__field_time(p, &v) : parser__field_number(p, f, &v))
		return -1;
	if (op == TOK_AND && !v)
		return lexer__fail(&p->lex, at, "'& 0' is never true");
	test__unsigned(test, op, v);
	return 0;
}

/* Without its quotes; a backslash in quotes takes the next character as it is. */
void node__set_pattern(struct filter *f, struct node *n, const char *s, uint32_t len)
{
	char *out = f->strings + f->strings_len;
	bool quoted = *s == '"' || *s == '\'';
	uint32_t i = quoted, end = len - quoted;

	n->pattern = f->strings_len;
	for (; i < end; i++) {
		if (quoted && s[i] == '\\' && i + 1 < end)
			i++;
		*out++ = s[i];
	}
	*out++ = '\0';
	f->strings_len = (uint32_t)(out - f->strings);
	n->length = f->strings_len - n->pattern - 1;
	n->glob = strpbrk(f->strings + n->pattern, "*?") != NULL;
	n->path = strchr(f->strings + n->pattern, '/') != NULL;
}

/* Does what follows look like more of a name that has no quotes? */
static bool string__goes_on(struct parser *p, struct token name)
{
	struct token next = lexer__peek(&p->lex);

	if (strchr("\"'", p->lex.text[name.start]))
		return false;
	return next.kind == TOK_OPEN ||
	       (next.kind == TOK_WORD && !token__is(&p->lex, next, "and") &&
		!token__is(&p->lex, next, "or"));
}

static int parser__string(struct parser *p, const struct field *f,
			  enum token_kind op, struct token name)
{
	struct token t = lexer__take_string(&p->lex);
	struct node *n;
	int nr;

	if (t.kind == TOK_BAD)
		return lexer__fail(&p->lex, t, "this quote is not closed");
	if (t.kind != TOK_STRING)
		return lexer__fail(&p->lex, t, "expected a name after '%s'; quote it when it has spaces, commas or parentheses", f->name);
	if (string__goes_on(p, t))
		return lexer__fail(&p->lex, lexer__peek(&p->lex), "expected ',' (and), '||' (or) or the end; quote a name that has spaces, commas or parentheses");
	name.len = t.start + t.len - name.start;
	nr = parser__node(p, NODE_STRING, name);
	if (nr < 0)
		return -1;
	n = &p->f->node[nr];
	n->text = f;
	n->negate = op == TOK_NE;
	n->cost = f->cost;
	n->needs = f->needs;
	node__set_pattern(p->f, n, p->lex.text + t.start, t.len);
	return nr;
}

/* "mxcsr.rc": the field whose name goes on behind the dot. */
static const struct field *parser__subfield(struct parser *p, const struct field *f,
					    struct token *name)
{
	const struct field *sub;
	struct token part;
	struct suggest s;
	char near[64];
	unsigned int i;

	if (!lexer__accept(&p->lex, TOK_DOT))
		return f;
	part = lexer__take(&p->lex);
	name->len = part.start + part.len - name->start;
	sub = field__find(p->lex.text + name->start, name->len);
	if (sub)
		return sub;
	suggest__start(&s, p->lex.text + name->start, name->len);
	for (i = 0; (sub = field__at(i)); i++)
		if (strchr(sub->name, '.'))
			suggest__add(&s, sub->name);
	if (!strcmp(f->name, "mxcsr") && word__find(f->words, p->lex.text + part.start, part.len))
		lexer__fail(&p->lex, part, "a flag is tested with '&': mxcsr & %.*s",
			    (int)part.len, p->lex.text + part.start);
	else
		lexer__fail(&p->lex, part, "'%s' has no part of this name%s", f->name,
			    suggest__text(&s, near, sizeof(near)));
	return NULL;
}

int parser__field(struct parser *p, const struct field *f, struct token name)
{
	enum token_kind op;
	struct test test;
	struct node *n;
	int nr;

	f = parser__subfield(p, f, &name);
	if (!f)
		return -1;
	op = parser__operator(p, name);
	if (op == TOK_BAD)
		return -1;
	if (!(field_ops[f->kind].ops >> op & 1))
		return lexer__fail(&p->lex, p->lex.last, "%s is %s", f->name, field_ops[f->kind].text);
	if (f->kind == FIELD_STRING)
		return parser__string(p, f, op, name);
	if (parser__field_value(p, f, op, &test))
		return -1;
	name.len = p->lex.last.start + p->lex.last.len - name.start;
	nr = parser__node(p, NODE_FIELD, name);
	if (nr < 0)
		return -1;
	n = &p->f->node[nr];
	n->field = f;
	n->test = test;
	n->cost = f->cost;
	n->needs = f->needs;
	return nr;
}
