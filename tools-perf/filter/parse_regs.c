/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terms over registers:
 *
 *	term	 := selector op value | selector ".equal"
 *		  | ("any" | "all") "(" selector ")" op value
 *		  | ("any" | "all") "(" test ")"
 *		  | "count" "(" test ")" op number
 *	test	 := selector op value | selector ".equal"
 *	selector := registers [ "." type [ "[" lane [ "-" lane ] "]" ] ]
 *		  | registers "." ("popcount" | "state")
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "filter/internal.h"

/* As in a register list: xmm and ymm are 0-15, zmm is 0-31. */
static const struct class_word {
	const char *name;
	uint8_t class, count;
} class_words[] = {
	{ "xmm", XSTATE_CLASS_XMM, 16 }, { "ymm", XSTATE_CLASS_YMM, 16 },
	{ "zmm", XSTATE_CLASS_ZMM, 32 }, { "k", XSTATE_CLASS_OPMASK, 8 },
	{ "opmask", XSTATE_CLASS_OPMASK, 8 }, { "egpr", XSTATE_CLASS_EGPR, 16 },
	{ "st", XSTATE_CLASS_ST, 8 }, { "tmm", XSTATE_CLASS_TMM, 8 },
};

static const struct word state_words[] = {
	{ "value", XSTATE_VALUE }, { "init", XSTATE_INIT }, { "unknown", XSTATE_UNKNOWN },
	{ NULL, 0 },
};

static const struct word fp_words[] = {
	{ "zero", 1 << XSTATE_FP_ZERO }, { "subnormal", 1 << XSTATE_FP_SUBNORMAL },
	{ "normal", 1 << XSTATE_FP_NORMAL }, { "inf", 1 << XSTATE_FP_INF },
	{ "nan", 1 << XSTATE_FP_QNAN | 1 << XSTATE_FP_SNAN },
	{ "qnan", 1 << XSTATE_FP_QNAN }, { "snan", 1 << XSTATE_FP_SNAN },
	{ NULL, 0 },
};

static const struct class_word *class__find(const char *s, uint32_t len)
{
	size_t i;

	for (i = 0; i < sizeof(class_words) / sizeof(class_words[0]); i++)
		if (strlen(class_words[i].name) == len && !strncasecmp(class_words[i].name, s, len))
			return &class_words[i];
	return NULL;
}

void suggest__registers(struct suggest *s)
{
	struct xstate_reg reg;
	unsigned int class, i;
	char name[16];

	for (i = 0; i < sizeof(class_words) / sizeof(class_words[0]); i++)
		suggest__add(s, class_words[i].name);
	for (class = 0; class < XSTATE_CLASS_NR; class++) {
		for (i = 0; i < xstate_class__count(class); i++) {
			reg = (struct xstate_reg){ class, i };
			if (class != XSTATE_CLASS_MXCSR && xstate_reg__name(reg, name))
				suggest__add(s, name);
		}
	}
}

/* MXCSR is a field of its own, with words for its flags. */
static bool register__find(const char *s, uint32_t len, struct xstate_reg *reg)
{
	char name[16];
	uint32_t i;

	if (len >= sizeof(name))
		return false;
	for (i = 0; i < len; i++)
		name[i] = tolower((unsigned char)s[i]);
	return !xstate_reg__parse(name, len, reg) && reg->class != XSTATE_CLASS_MXCSR;
}

bool parser__is_register(const struct parser *p, struct token t)
{
	const char *s = p->lex.text + t.start;
	struct xstate_reg reg;

	return class__find(s, t.len) || register__find(s, t.len, &reg);
}

/* ---- which registers ------------------------------------------------------------- */

/* The text of a selector, for messages. */
static struct token span(struct token from, struct token to)
{
	return (struct token){ TOK_WORD, from.start, to.start + to.len - from.start };
}

static int parser__range_end(struct parser *p, struct selection *s)
{
	struct token t = lexer__take(&p->lex);
	const char *text = p->lex.text + t.start;
	struct xstate_reg reg = { s->class, 0 };
	struct number n = { 0 };
	unsigned int base = s->class == XSTATE_CLASS_EGPR ? 16 : 0;

	if (t.kind == TOK_NUMBER && number__parse(&n, text, t.len) && n.integer &&
	    n.magnitude >= base && n.magnitude - base < xstate_class__count(s->class))
		reg.index = (uint8_t)(n.magnitude - base);
	else if (t.kind != TOK_WORD || !register__find(text, t.len, &reg) ||
		 reg.class != s->class)
		return lexer__fail(&p->lex, t, "expected the last register of the range, of the same class");
	if (reg.index < s->first)
		return lexer__fail(&p->lex, t, "this range runs backwards");
	s->last = reg.index;
	return 0;
}

static int parser__no_register(struct parser *p, struct token t)
{
	struct suggest s;
	char near[64];

	suggest__start(&s, p->lex.text + t.start, t.kind == TOK_WORD ? t.len : 0);
	suggest__registers(&s);
	return lexer__fail(&p->lex, t, "expected a register (ymm3), a range (ymm0-3) or a class (xmm ymm zmm k egpr st tmm)%s",
			   suggest__text(&s, near, sizeof(near)));
}

static int parser__registers(struct parser *p, struct token name, struct selection *s)
{
	const char *text = p->lex.text + name.start;
	const struct class_word *w = class__find(text, name.len);
	struct xstate_reg reg;

	*s = (struct selection){ .unit = UNIT_LANE };
	if (w) {
		s->class = w->class;
		s->last = w->count - 1;
		return 0;
	}
	if (!register__find(text, name.len, &reg))
		return parser__no_register(p, name);
	s->class = reg.class;
	s->first = s->last = reg.index;
	if (!lexer__accept(&p->lex, TOK_MINUS))
		return 0;
	if (reg.class == XSTATE_CLASS_X87)
		return lexer__fail(&p->lex, p->lex.last, "the x87 control words differ in size and make no range");
	return parser__range_end(p, s);
}

/* ---- which lanes ------------------------------------------------------------------- */

static unsigned int selection__lanes(const struct selection *s)
{
	struct xstate_reg reg = { s->class, s->first };

	return xstate_reg__size(reg) / xstate_type__size(s->type);
}

static int parser__lane_index(struct parser *p, const struct selection *s, uint16_t *lane)
{
	struct token t = lexer__take(&p->lex);
	struct number n = { 0 };
	unsigned int lanes = selection__lanes(s);

	if (t.kind != TOK_NUMBER || !number__parse(&n, p->lex.text + t.start, t.len) || !n.integer)
		return lexer__fail(&p->lex, t, "expected a lane: 0 to %u", lanes - 1);
	if (n.magnitude >= lanes)
		return lexer__fail(&p->lex, t, "there is no such lane; %s lanes are 0 to %u",
				   xstate_type__name(s->type), lanes - 1);
	*lane = (uint16_t)n.magnitude;
	return 0;
}

static int parser__lane_range(struct parser *p, struct selection *s)
{
	uint16_t last;

	s->lane = 0;
	s->nr_lanes = (uint16_t)selection__lanes(s);
	if (!lexer__accept(&p->lex, TOK_LEFT))
		return 0;
	if (parser__lane_index(p, s, &s->lane))
		return -1;
	last = s->lane;
	if (lexer__accept(&p->lex, TOK_MINUS) && parser__lane_index(p, s, &last))
		return -1;
	if (last < s->lane)
		return lexer__fail(&p->lex, p->lex.last, "this range runs backwards");
	s->nr_lanes = last - s->lane + 1;
	if (!lexer__accept(&p->lex, TOK_RIGHT))
		return lexer__fail(&p->lex, lexer__peek(&p->lex), "expected ']'");
	return 0;
}

static int parser__equal(struct parser *p, struct selection *s)
{
	struct token t;

	if (!lexer__accept(&p->lex, TOK_DOT))
		return 0;
	t = lexer__take(&p->lex);
	if (!token__is(&p->lex, t, "equal"))
		return lexer__fail(&p->lex, t, "expected 'equal', which is true when the lanes hold the same bits");
	s->unit = UNIT_EQUAL;
	return 0;
}

static int parser__bad_part(struct parser *p, struct token t)
{
	const char *word = p->lex.text + t.start;
	struct suggest s;
	char near[64];
	unsigned int i;

	if (token__is(&p->lex, t, "equal"))
		return lexer__fail(&p->lex, t, "'equal' compares lanes and needs their type before it, as in ymm0.f32.equal");
	suggest__start(&s, word, t.kind == TOK_WORD ? t.len : 0);
	for (i = 0; i < XSTATE_TYPE_NR; i++)
		suggest__add(&s, xstate_type__name(i));
	suggest__add(&s, "popcount");
	suggest__add(&s, "state");
	return lexer__fail(&p->lex, t, "expected a lane type (i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64), popcount or state%s",
			   suggest__text(&s, near, sizeof(near)));
}

/* Registers of 1, 2, 4 or 8 bytes are one number and need no lane type. */
static int parser__untyped(struct parser *p, struct token name, struct selection *s)
{
	struct xstate_reg reg = { s->class, s->first };

	switch (xstate_reg__size(reg)) {
	case 1:
		s->type = XSTATE_U8;
		break;
	case 2:
		s->type = XSTATE_U16;
		break;
	case 4:
		s->type = XSTATE_U32;
		break;
	case 8:
		s->type = XSTATE_U64;
		break;
	default:
		if (s->class == XSTATE_CLASS_ST)
			return lexer__fail(&p->lex, name, "x87 registers have no lanes; only '.state' and '.popcount' can be asked of them");
		return lexer__fail(&p->lex, name, "'%.*s' needs a lane type: .f32 .f64 .u64 ..., or .state; a whole register is zero when all(%.*s.u64) == zero",
				   (int)name.len, p->lex.text + name.start,
				   (int)name.len, p->lex.text + name.start);
	}
	s->nr_lanes = 1;
	return 0;
}

static int parser__selector(struct parser *p, struct token *name, struct selection *s)
{
	enum xstate_type type;
	struct token t;

	if (parser__registers(p, *name, s))
		return -1;
	*name = span(*name, p->lex.last);
	if (!lexer__accept(&p->lex, TOK_DOT))
		return parser__untyped(p, *name, s);
	t = lexer__take(&p->lex);
	if (token__is(&p->lex, t, "popcount")) {
		s->unit = UNIT_POPCOUNT;
	} else if (token__is(&p->lex, t, "state")) {
		s->unit = UNIT_STATE;
	} else if (t.kind == TOK_WORD && !xstate_type__parse(p->lex.text + t.start, t.len, &type)) {
		s->type = type;
		if (s->class == XSTATE_CLASS_ST || !selection__lanes(s))
			return lexer__fail(&p->lex, t, "'%.*s' has no %s lanes", (int)name->len,
					   p->lex.text + name->start, xstate_type__name(type));
		if (parser__lane_range(p, s) || parser__equal(p, s))
			return -1;
	} else {
		return parser__bad_part(p, t);
	}
	*name = span(*name, p->lex.last);
	return 0;
}

/* ---- what is asked of them ------------------------------------------------------------ */

static int parser__class_word(struct parser *p, enum token_kind op,
			      struct selection *s, struct token t)
{
	const char *text = p->lex.text + t.start;
	const struct word *w = word__find(fp_words, text, t.len);
	struct suggest near;
	char buf[64], list[128];
	const struct word *i;

	if (!w && token__is(&p->lex, t, "denormal"))
		w = word__find(fp_words, "subnormal", 9);
	if (!w) {
		suggest__start(&near, text, t.len);
		for (i = fp_words; i->name; i++)
			suggest__add(&near, i->name);
		return lexer__fail(&p->lex, t, "expected a number or a class (%s)%s",
				   words__list(fp_words, list, sizeof(list)),
				   suggest__text(&near, buf, sizeof(buf)));
	}
	if (op != TOK_EQ && op != TOK_NE)
		return lexer__fail(&p->lex, t, "'%s' is a class and goes with == and != only", w->name);
	if (!xstate_type__is_fp(s->type) &&
	    !(w->value & (1 << XSTATE_FP_ZERO | 1 << XSTATE_FP_NORMAL)))
		return lexer__fail(&p->lex, t, "%s lanes are never %s", xstate_type__name(s->type), w->name);
	s->test = (struct test){ .kind = TEST_CLASS, .negate = op == TOK_NE,
				 .classes = (uint32_t)w->value };
	return 0;
}

static int parser__float_test(struct parser *p, enum token_kind op,
			      struct selection *s, const struct number *n, struct token t)
{
	const char *type = xstate_type__name(s->type), *wrong;
	double v;

	if (op == TOK_AND)
		return lexer__fail(&p->lex, t, "'&' needs integer lanes: u%u instead of %s",
				   8 * xstate_type__size(s->type), type);
	if (n->hex)
		return lexer__fail(&p->lex, t, "bit patterns are compared in integer lanes: u%u instead of %s",
				   8 * xstate_type__size(s->type), type);
	wrong = type__round(s->type, n->value, &v);
	if (wrong)
		return lexer__fail(&p->lex, t, "this %s that %s holds", wrong, type);
	test__float(&s->test, op, v);
	return 0;
}

static int parser__integer_test(struct parser *p, enum token_kind op,
				struct selection *s, const struct number *n, struct token t)
{
	const char *type = xstate_type__name(s->type);
	uint64_t v, max;
	int64_t min;

	type__bounds(s->type, &min, &max);
	if (n->negative && n->integer && min < 0 && n->magnitude <= max + 1) {
		test__signed(&s->test, op, (int64_t)(0 - n->magnitude));
		return 0;
	}
	if (!number__u64(n, &v) || v > (op == TOK_AND && min < 0 ? 2 * max + 1 : max))
		return lexer__fail(&p->lex, t, "%s lanes are whole numbers from %lld to %llu", type,
				   (long long)min, (unsigned long long)max);
	if (op == TOK_AND && !v)
		return lexer__fail(&p->lex, t, "'& 0' is never true");
	if (min < 0)
		test__signed(&s->test, op, (int64_t)v);
	else
		test__unsigned(&s->test, op, v);
	return 0;
}

static int parser__lane_test(struct parser *p, enum token_kind op, struct selection *s)
{
	struct token t = lexer__peek(&p->lex);
	struct number n;

	if (t.kind == TOK_WORD)
		return parser__class_word(p, op, s, lexer__take(&p->lex));
	if (parser__number(p, &n, &t, "a number or a class (zero subnormal normal inf nan qnan snan)"))
		return -1;
	if (xstate_type__is_fp(s->type))
		return parser__float_test(p, op, s, &n, t);
	return parser__integer_test(p, op, s, &n, t);
}

static int parser__state_test(struct parser *p, enum token_kind op, struct selection *s)
{
	struct token t = lexer__take(&p->lex);
	const struct word *w = NULL;

	if (t.kind == TOK_WORD)
		w = word__find(state_words, p->lex.text + t.start, t.len);
	if (!w)
		return lexer__fail(&p->lex, t, "expected value, init or unknown");
	if (op != TOK_EQ && op != TOK_NE)
		return lexer__fail(&p->lex, t, "a state goes with == and != only");
	test__unsigned(&s->test, op, w->value);
	return 0;
}

static int parser__whole_test(struct parser *p, enum token_kind op, const char *what,
			      struct test *test)
{
	struct token t;
	struct number n;
	uint64_t v;

	if (op == TOK_AND)
		return lexer__fail(&p->lex, p->lex.last, "%s is a number: == != > >= < <=", what);
	if (parser__number(p, &n, &t, "a number"))
		return -1;
	if (!number__u64(&n, &v))
		return lexer__fail(&p->lex, t, "%s is a whole number, 0 or more", what);
	test__unsigned(test, op, v);
	return 0;
}

/* The comparison of one unit; UNIT_EQUAL is one by itself. */
static int parser__unit_test(struct parser *p, struct token name, struct selection *s)
{
	enum token_kind op;

	if (s->unit == UNIT_EQUAL)
		return 0;
	op = parser__operator(p, name);
	if (op == TOK_BAD)
		return -1;
	if (s->unit == UNIT_STATE)
		return parser__state_test(p, op, s);
	if (s->unit == UNIT_POPCOUNT)
		return parser__whole_test(p, op, "a popcount", &s->test);
	return parser__lane_test(p, op, s);
}

/* ---- terms ---------------------------------------------------------------------------------- */

static int parser__selection(struct parser *p, struct token name, const struct selection *s)
{
	int nr = parser__node(p, NODE_REGS, span(name, p->lex.last));
	struct node *n;

	if (nr < 0)
		return -1;
	n = &p->f->node[nr];
	n->sel = *s;
	n->needs = FILTER_NEEDS_REGS;
	n->cost = COST_REGS + (s->first != s->last);
	return nr;
}

/* How much of a selector stands before its lanes: "ymm3.f32" of "ymm3.f32[2-4]". */
static size_t parser__before_lanes(const struct parser *p, struct token name)
{
	size_t n = strcspn(p->lex.text + name.start, "[");

	return n < name.len ? n : name.len;
}

int parser__register(struct parser *p, struct token name)
{
	struct token start = name;
	struct selection s;

	if (parser__selector(p, &name, &s))
		return -1;
	if (s.first != s.last)
		return lexer__fail(&p->lex, name, "these are %d registers; say of how many it must hold: any(...), all(...) or count(...)",
				   s.last - s.first + 1);
	if (s.unit == UNIT_LANE && s.nr_lanes != 1)
		return lexer__fail(&p->lex, name, "these are %d lanes; choose one, as in %.*s[0], or say of how many it must hold: any(...), all(...) or count(...)",
				   s.nr_lanes, (int)parser__before_lanes(p, name),
				   p->lex.text + name.start);
	if (parser__unit_test(p, name, &s))
		return -1;
	test__unsigned(&s.count, TOK_GE, 1);
	return parser__selection(p, start, &s);
}

/* Between the parentheses; @tested: the comparison stood there, too. */
static int parser__inside(struct parser *p, struct token word, struct selection *s,
			  struct token *name, bool *tested)
{
	struct token open = lexer__peek(&p->lex);

	if (!lexer__accept(&p->lex, TOK_OPEN))
		return lexer__fail(&p->lex, open, "expected '(' after '%.*s'", (int)word.len,
				   p->lex.text + word.start);
	*name = lexer__take(&p->lex);
	if (parser__selector(p, name, s))
		return -1;
	*tested = s->unit == UNIT_EQUAL || lexer__peek(&p->lex).kind != TOK_CLOSE;
	if (*tested && parser__unit_test(p, *name, s))
		return -1;
	if (lexer__accept(&p->lex, TOK_CLOSE))
		return 0;
	if (lexer__peek(&p->lex).kind == TOK_END)
		return lexer__fail(&p->lex, open, "this '(' is not closed");
	return lexer__fail(&p->lex, lexer__peek(&p->lex), "expected ')'");
}

int parser__quantified(struct parser *p, struct token word)
{
	bool all = token__is(&p->lex, word, "all"), tested = false;
	struct selection s;
	enum token_kind op;
	struct token name;
	unsigned int units;

	if (parser__inside(p, word, &s, &name, &tested))
		return -1;
	if (token__is(&p->lex, word, "count")) {
		if (!tested)
			return lexer__fail(&p->lex, p->lex.last, "expected a comparison inside count(), as in count(%.*s == 0) > 2",
					   (int)name.len, p->lex.text + name.start);
		op = parser__operator(p, span(word, p->lex.last));
		if (op == TOK_BAD || parser__whole_test(p, op, "a count", &s.count))
			return -1;
	} else {
		if (!tested && parser__unit_test(p, span(word, p->lex.last), &s))
			return -1;
		units = (s.unit == UNIT_LANE ? s.nr_lanes : 1) * (s.last - s.first + 1U);
		test__unsigned(&s.count, TOK_GE, all ? units : 1);
	}
	return parser__selection(p, word, &s);
}
