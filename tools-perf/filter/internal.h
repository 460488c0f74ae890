/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the filter share; nothing outside this folder includes it. */
#ifndef PERF_XREGS_FILTER_INTERNAL_H
#define PERF_XREGS_FILTER_INTERNAL_H

#include "filter/filter.h"
#include "util/suggest.h"

enum {
	FILTER_MAX_TEXT		= 4096,
	FILTER_MAX_NODES	= 512,
	FILTER_MAX_DEPTH	= 64,
};

/* ---- text to tokens (lex.c) ------------------------------------------------ */

enum token_kind {
	TOK_END, TOK_WORD, TOK_NUMBER, TOK_STRING,
	TOK_EQ, TOK_NE, TOK_GT, TOK_GE, TOK_LT, TOK_LE, TOK_AND,
	TOK_COMMA, TOK_OR, TOK_NOT, TOK_OPEN, TOK_CLOSE, TOK_LEFT, TOK_RIGHT,
	TOK_DOT, TOK_MINUS, TOK_PLUS, TOK_BAD,
};

struct token {
	enum token_kind kind;
	uint32_t start, len;		/* bytes of the expression */
};

struct lexer {
	const char *text;
	uint32_t pos;
	struct token ahead;
	bool has_ahead;
	struct token last;		/* taken last */
	struct err *err;
};

/** lexer__peek - the next token, not consumed */
struct token lexer__peek(struct lexer *l);
/** lexer__take - the next token, consumed */
struct token lexer__take(struct lexer *l);
/** lexer__accept - consume the next token if it is of @kind */
bool lexer__accept(struct lexer *l, enum token_kind kind);
/**
 * lexer__take_string - a name: quoted, or up to white space , | ( ) ! or a quote
 * No token may have been peeked at. TOK_STRING (quotes included), TOK_END when
 * there is none, TOK_BAD when a quote is not closed.
 */
struct token lexer__take_string(struct lexer *l);
/** token__is - is it this word? Case does not matter. */
bool token__is(const struct lexer *l, struct token t, const char *word);

/** lexer__fail - a usage error at @t, with the caret below it; returns -1 */
int lexer__fail(struct lexer *l, struct token t, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- tests of one value (test.c) ----------------------------------------------- */

/*
 * Every comparison of ordered values is a closed interval: "> v" is from the
 * next value on, "!= v" the negated [v, v]. NaN is in no interval, so that it
 * is != to every number and otherwise false, as in IEEE 754.
 */
enum test_kind { TEST_UNSIGNED, TEST_SIGNED, TEST_FLOAT, TEST_BITS, TEST_CLASS };

struct test {
	uint8_t kind;
	bool negate;
	union {
		struct { uint64_t lo, hi; } u;
		struct { int64_t lo, hi; } s;
		struct { double lo, hi; } f;
		uint64_t bits;		/* any of them set */
		uint32_t classes;	/* bit 1 << enum xstate_fp_class */
	};
};

/* A value as it stands in an expression. */
struct number {
	bool negative, integer, hex;
	uint64_t magnitude;		/* when integer */
	double value;			/* always */
};

/** test__unsigned - compare an unsigned value: @op is TOK_EQ .. TOK_AND */
void test__unsigned(struct test *t, enum token_kind op, uint64_t v);
void test__signed(struct test *t, enum token_kind op, int64_t v);
void test__float(struct test *t, enum token_kind op, double v);

/** test__interval - the verdict over a value known to lie in [lo, hi] */
enum filter_result test__interval(const struct test *t, uint64_t lo, uint64_t hi);
/** test__masked - the verdict over a value of which @known bits are known */
enum filter_result test__masked(const struct test *t, uint64_t v, uint64_t known);
/** test__lanes - how many of @n lanes from @first on satisfy the test */
unsigned int test__lanes(const struct test *t, enum xstate_type type,
			 const uint8_t *bytes, unsigned int first, unsigned int n);

/** number__parse - a number's text; false when it is none */
bool number__parse(struct number *n, const char *s, uint32_t len);
/** number__u64 - its value, when that is a whole number >= 0 that fits */
bool number__u64(const struct number *n, uint64_t *v);

/** type__fits - bounds of an integer lane type; signed values as two's complement */
void type__bounds(enum xstate_type t, int64_t *min, uint64_t *max);
/**
 * type__round - @v as the lane type holds it, nearest even
 * Return: NULL, or why not: beyond its largest, below its smallest number.
 */
const char *type__round(enum xstate_type t, double v, double *rounded);

/* ---- fields (fields.c) ---------------------------------------------------------- */

struct word {
	const char *name;
	uint64_t value;
};

enum field_kind {
	FIELD_NUMBER,			/* == != > >= < <= & number */
	FIELD_TIME,			/* without & */
	FIELD_FLAGS,			/* & words or number, == != number */
	FIELD_PARTS,			/* flags of which some may be unknown: & only */
	FIELD_CHOICE,			/* == != word or number */
	FIELD_STRING,			/* == != name */
};

struct field_value {
	uint64_t value;
	uint64_t known;			/* bits; all or none but for FIELD_PARTS */
};

struct field {
	const char *name;
	enum field_kind kind;
	uint8_t cost;
	uint8_t needs;			/* FILTER_NEEDS_* */
	const char *what;		/* of its words: "MXCSR flag" */
	const struct word *words;	/* ends with a NULL name */
	void (*get)(const struct filter_source *s, struct field_value *v);
	const char *(*string)(const struct filter_source *s);
};

/** field__find - by name; NULL */
const struct field *field__find(const char *name, uint32_t len);
/** field__at - the fields one by one; NULL behind the last */
const struct field *field__at(unsigned int i);
/** word__find - in a list that ends with a NULL name; NULL */
const struct word *word__find(const struct word *w, const char *name, uint32_t len);
/** words__list - "ie de ze" into @buf */
const char *words__list(const struct word *w, char *buf, size_t size);

/* ---- terms over registers (regs.c) ----------------------------------------------- */

enum unit_kind {
	UNIT_LANE,			/* each selected lane of each register */
	UNIT_EQUAL,			/* each register: the selected lanes hold the same bits */
	UNIT_POPCOUNT,			/* each register: bits set */
	UNIT_STATE,			/* each register: enum xstate_state */
};

/* How many of the selected units satisfy a test, and is that count the wanted one? */
struct selection {
	uint8_t class;			/* enum xstate_class */
	uint8_t first, last;		/* registers */
	uint8_t type;			/* enum xstate_type */
	uint8_t unit;			/* enum unit_kind */
	uint16_t lane, nr_lanes;	/* of each register */
	struct test test;		/* of one unit; UNIT_EQUAL has none */
	struct test count;		/* of the number that satisfy it */
};

enum filter_result selection__eval(const struct selection *s,
				   const struct xstate_regs *r);

/* ---- the compiled form ------------------------------------------------------------- */

enum node_kind { NODE_AND, NODE_OR, NODE_FIELD, NODE_STRING, NODE_REGS, NODE_TRACE };

/* Costs decide the order of operands: cheap ones first. */
enum { COST_FIELD = 1, COST_HEADER = 4, COST_REGS = 6, COST_STRING = 8 };

struct node {
	uint8_t kind;
	bool negate;
	uint8_t cost;
	uint8_t needs;			/* of it and what is below */
	int16_t child, next;		/* -1: none */
	uint32_t start, end;		/* bytes of the expression */
	uint64_t unknown;		/* samples that fell out over this term */
	union {
		struct { const struct field *field; struct test test; };
		struct {
			const struct field *text;
			uint32_t pattern, length; /* in filter.strings */
			bool glob, path;
			struct {		/* NODE_TRACE: the pattern is its literal */
				uint32_t event, name;	/* in filter.strings */
				uint8_t op;	/* enum token_kind */
				bool any_event, numeric, negative;
				uint64_t number;
			} trace;
		};
		struct selection sel;
	};
};

struct filter {
	char *text;
	char *strings;			/* patterns, unquoted, each terminated */
	uint32_t strings_len;
	struct node *node;
	int16_t nr, root;
	struct filter_stats stats;
};

/** string__matches - * and ? in @pattern stand for any text, any character */
bool string__matches(const char *pattern, const char *s);

enum filter_result node__eval_trace(const struct filter *f, const struct node *n,
				    const struct filter_source *src);

/** filter__parse - fill node[], strings and root of @f from its text */
int filter__parse(struct filter *f, struct err *e);

/* ---- parts of the parser ------------------------------------------------------------ */

struct parser {
	struct lexer lex;
	struct filter *f;
	int depth;
};

/** parser__node - a new node of the filter; -1 with an error when there are too many */
int parser__node(struct parser *p, enum node_kind kind, struct token at);
/** parser__field - the rest of a term that starts with a field; the node */
int parser__field(struct parser *p, const struct field *f, struct token name);
/** parser__trace - the rest of a term behind "field" or a tracepoint's name; the node */
int parser__trace(struct parser *p, struct token event);
/** node__set_pattern - a name as it stands in an expression, without its quotes */
void node__set_pattern(struct filter *f, struct node *n, const char *s, uint32_t len);
/** parser__quantified - the rest of any(...), all(...), count(...); the node */
int parser__quantified(struct parser *p, struct token name);
/** parser__register - the rest of a term that starts with a register; the node */
int parser__register(struct parser *p, struct token name);
/** parser__is_register - does a word name a register or a class of them? */
bool parser__is_register(const struct parser *p, struct token name);
/** parser__operator - a comparison; TOK_BAD with an error */
enum token_kind parser__operator(struct parser *p, struct token of);
/** parser__number - a number, with sign; -1 with an error that says @wanted */
int parser__number(struct parser *p, struct number *n, struct token *at,
		   const char *wanted);
/** suggest__registers - class words and register names as candidates */
void suggest__registers(struct suggest *s);

#endif
