/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/mxcsr.h"
#include "output/numfmt.h"
#include "output/regview.h"

enum {
	NAME_COLUMN	= 11,		/* four blanks, the longest common name, a gap */
	TILE_ROW	= 64,
	/* the widest line: 64 lanes of a byte, or a raw line of 64 bytes */
	LINE_MAX	= 64 * (NUMFMT_MAX + 16) + 256,
};
_Static_assert((int)LINE_MAX < (int)OBUF_ROOM_MAX, "a line fits the buffer");

/* ---- types -------------------------------------------------------------------------- */

static bool is_vector(unsigned int class)
{
	return class == XSTATE_CLASS_XMM || class == XSTATE_CLASS_YMM || class == XSTATE_CLASS_ZMM;
}

void regtypes__init(struct regtypes *t, const enum xstate_type *type)
{
	unsigned int i;

	memset(t, 0, sizeof(*t));
	for (i = 0; type && i < 32; i++)
		t->vector[i] = (struct regtype){ .from = REGTYPE_OPTION, .type = *type, .bytes = 64 };
}

/* What an instruction reads counts more than what it will overwrite. */
static void regtypes__learn_vector(struct regtypes *t, const struct insn_operand *op)
{
	struct regtype *r = &t->vector[op->reg.index];

	if (!op->typed || r->from == REGTYPE_OPTION ||
	    (r->from != REGTYPE_NONE && !(op->access & INSN_READ)))
		return;
	r->from = op->computes ? REGTYPE_INSN : REGTYPE_MOVE;
	r->type = op->type;
	r->bytes = op->bytes;
	t->set |= UINT32_C(1) << op->reg.index;
}

void regtypes__learn(struct regtypes *t, const struct insn *insn)
{
	const struct insn_operand *op = insn->operand;
	const struct insn_operand *end = op + insn->nr_operands;

	for (; op < end; op++) {
		if (is_vector(op->reg.class) && op->reg.index < 32)
			regtypes__learn_vector(t, op);
		if (op->reg.class == XSTATE_CLASS_OPMASK && op->reg.index < 8)
			t->mask_lanes[op->reg.index] = op->lanes;
	}
}

void regtypes__learn_ahead(struct regtypes *t, const struct insn_read *reads, unsigned int nr)
{
	const struct insn_operand *op;
	struct regtype *r;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		op = reads[i].op;
		if (!reads[i].computes || !op->typed || !is_vector(op->reg.class) || op->reg.index >= 32)
			continue;
		r = &t->vector[op->reg.index];
		if (r->from != REGTYPE_NONE)
			continue;
		*r = (struct regtype){ .from = REGTYPE_AHEAD, .type = op->type, .bytes = op->bytes };
		t->set |= UINT32_C(1) << op->reg.index;
	}
}

void regtypes__forget(struct regtypes *t)
{
	for (; t->set; t->set &= t->set - 1)
		t->vector[__builtin_ctz(t->set)].from = REGTYPE_NONE;
	memset(t->mask_lanes, 0, sizeof(t->mask_lanes));
}

/* ---- columns ------------------------------------------------------------------------ */

static void regcolumn__init(struct regcolumn *c, struct xstate_reg reg)
{
	c->reg = reg;
	c->size = xstate_reg__size(reg);
	c->vector = is_vector(reg.class);
	xstate_reg__name(reg, c->name);
	c->text_len = snprintf(c->text, sizeof(c->text), "    %-6s ", c->name);
	c->json_len = snprintf(c->json, sizeof(c->json), "\"%s\":{", c->name);
}

int regview__init(struct regview *v, const struct reglist *list)
{
	struct xstate_reg reg;
	unsigned int it = 0;

	v->nr = 0;
	v->column = calloc(XSTATE_CLASS_NR * 32, sizeof(*v->column));
	if (!v->column)
		return -1;
	while (reglist__next(list, &it, &reg))
		regcolumn__init(&v->column[v->nr++], reg);
	return 0;
}

void regview__free(struct regview *v)
{
	free(v->column);
	v->column = NULL;
	v->nr = 0;
}

const char *regview__why_unknown(const struct xstate_regs *r, struct xstate_reg reg)
{
	uint64_t missing = xstate_reg__xfeatures(reg) & ~r->captured;

	if (missing & r->xfd)
		return "XFD is armed: no state to read";
	if (r->context == XSTATE_CTX_NONE && !r->captured)
		return "no registers in this sample";
	if (missing & ~r->requested)
		return "not requested";
	return "not captured";
}

/* ---- text --------------------------------------------------------------------------- */

static const char *const lane_marks[XSTATE_FP_NR] = {
	[XSTATE_FP_SUBNORMAL] = " subnormal",
};

/* {1.5, 4.12e-42 subnormal, 0, 1}; "..." stands for lanes the type does not cover */
static char *put_lanes(char *to, const uint8_t *bytes, size_t size, size_t known,
		       struct regtype t)
{
	unsigned int each = xstate_type__size(t.type), i;
	bool fp = xstate_type__is_fp(t.type);
	size_t used = t.bytes < size ? t.bytes : size;
	const char *mark;
	uint64_t bits;

	to = put_text(put_text(put_text(to, t.from == REGTYPE_MOVE ? "as " : t.from == REGTYPE_AHEAD ? "next " : ""),
			       xstate_type__name(t.type)), " {");
	for (i = 0; (i + 1) * each <= used; i++) {
		if (i)
			to = put_text(to, ", ");
		if ((i + 1) * each > known) {
			*to++ = '?';
			continue;
		}
		bits = xstate_lane__bits(bytes, t.type, i);
		to = numfmt__lane(to, t.type, bits);
		mark = fp && bits ? lane_marks[xstate_lane__class(t.type, bits)] : NULL;
		if (mark)
			to = put_text(to, mark);
	}
	return put_text(to, used < size ? ", ...}\n" : "}\n");
}

/* x87 registers have 64 bits of mantissa: long double, by the C library. */
static char *put_st(char *to, const uint8_t bytes[10])
{
	long double v = 0, again;
	int digits = 17, n;

	memcpy(&v, bytes, 10);
	do {
		n = sprintf(to, "  f80 {%.*Lg}\n", ++digits, v);
		again = strtold(to + 7, NULL);
	} while (digits < 21 && memcmp(&again, &v, 10));
	return to + n;
}

static char *put_mxcsr(char *to, const uint8_t *bytes)
{
	static uint32_t last = ~UINT32_C(0);
	static char text[MXCSR_TEXT_MAX];
	uint32_t v;

	memcpy(&v, bytes, 4);
	to = numfmt__hex(put_text(to, "0x"), v, 4);
	if (v != last)
		mxcsr__describe(v, text);
	last = v;
	return put_text(put_text(put_text(to, "  "), text), "\n");
}

static char *put_opmask(char *to, const uint8_t *bytes, unsigned int lanes)
{
	uint64_t k;

	memcpy(&k, bytes, 8);
	to = numfmt__bytes(to, bytes, 8, 8);
	if (lanes) {
		k &= lanes < 64 ? (UINT64_C(1) << lanes) - 1 : ~UINT64_C(0);
		to = numfmt__u64(put_text(to, "  "), __builtin_popcountll(k));
		to = put_text(numfmt__u64(put_text(to, " of "), lanes), " lanes");
	}
	return put_text(to, "\n");
}

static void print_tile(struct obuf *o, const struct regcolumn *c, const uint8_t *bytes)
{
	unsigned int row;
	char *to;

	for (row = 0; row * TILE_ROW < c->size; row++) {
		to = obuf__room(o, LINE_MAX);
		to += sprintf(to, row ? "%*s" : "%.*s", c->text_len, row ? "" : c->text);
		to += sprintf(to, "row %-2u ", row);
		to = numfmt__bytes(to, bytes + row * TILE_ROW, TILE_ROW, TILE_ROW);
		obuf__set(o, put_text(to, "\n"));
	}
}

static bool all_zero(const uint8_t *p, size_t n)
{
	uint64_t word;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&word, p, 8);
		if (word)
			return false;
	}
	while (n)
		if (p[--n])
			return false;
	return true;
}

/* Bits that are left of a vector register without its upper 128-bit lanes of 0. */
static size_t bytes_in_use(const struct regcolumn *c, const struct xstate_value *v)
{
	size_t size = c->size;

	while (size > 16 && all_zero(v->bytes + size - 16, 16))
		size -= 16;
	return size;
}

static char *put_raw(char *to, const struct regcolumn *c, const struct xstate_value *v, bool brief)
{
	size_t size = c->size;

	if (brief && c->vector && v->state == XSTATE_VALUE)
		size = bytes_in_use(c, v);
	to = numfmt__bytes(to, v->bytes, size, v->known < size ? v->known : size);
	if (size == c->size)
		return to;
	to = numfmt__u64(put_text(to, "  (bits "), 8 * c->size - 1);
	return put_text(numfmt__u64(put_text(to, ":"), 8 * size), " are 0)");
}

static char *put_value(char *to, const struct regcolumn *c, const struct xstate_value *v,
		       const struct regtypes *t, bool brief)
{
	const struct regtype *type;

	if (c->reg.class == XSTATE_CLASS_MXCSR)
		return put_mxcsr(to, v->bytes);
	if (c->reg.class == XSTATE_CLASS_OPMASK)
		return put_opmask(to, v->bytes, t->mask_lanes[c->reg.index]);
	to = put_raw(to, c, v, brief);
	if (c->reg.class == XSTATE_CLASS_ST)
		return put_st(to, v->bytes);
	*to++ = '\n';
	if (!c->vector)
		return to;
	type = &t->vector[c->reg.index];
	if (type->from == REGTYPE_NONE)
		return to;
	memset(to, ' ', NAME_COLUMN);
	return put_lanes(to + NAME_COLUMN, v->bytes, c->size, v->known, *type);
}

static bool has_bytes(const struct xstate_value *v)
{
	return v->state == XSTATE_VALUE || (v->state == XSTATE_UNKNOWN && v->known && v->bytes);
}

static void print_register(struct obuf *o, const struct regcolumn *c,
			   const struct xstate_regs *r, const struct regtypes *t,
			   const struct xstate_value *v, bool brief)
{
	char *to;

	if (v->state == XSTATE_VALUE && c->size > TILE_ROW) {
		print_tile(o, c, v->bytes);
		return;
	}
	to = obuf__room(o, LINE_MAX);
	memcpy(to, c->text, sizeof(c->text));
	to += c->text_len;
	if (has_bytes(v) && c->size <= TILE_ROW)
		to = put_value(to, c, v, t, brief);
	else if (v->state == XSTATE_INIT)
		to = put_text(to, "init\n");
	else
		to = put_text(put_text(put_text(to, "?  "), regview__why_unknown(r, c->reg)), "\n");
	obuf__set(o, to);
}

/*
 * What a register has in common with its neighbours, so that one line can say
 * it for all; NULL: it needs a line of its own.
 */
static const char *in_common(const struct regcolumn *c, const struct xstate_regs *r,
			     const struct regtypes *t, const struct xstate_value *v)
{
	if (c->reg.class == XSTATE_CLASS_X87 ||
	    (c->vector && t->vector[c->reg.index].from != REGTYPE_NONE) ||
	    (c->reg.class == XSTATE_CLASS_OPMASK && t->mask_lanes[c->reg.index]))
		return NULL;
	if (v->state == XSTATE_INIT)
		return "init";
	if (!has_bytes(v))
		return regview__why_unknown(r, c->reg);
	return v->state == XSTATE_VALUE && all_zero(v->bytes, c->size) ? "all bits 0" : NULL;
}

/* A run of registers that have the same to say. */
struct run {
	const struct regcolumn *first, *last;
	const char *what;
	bool unknown;
};

static void run__print(struct run *run, struct obuf *o)
{
	const char *number;
	char *to;

	if (!run->what)
		return;
	to = obuf__room(o, LINE_MAX);
	number = run->last->name + strcspn(run->last->name, "0123456789");
	if (run->first == run->last)
		to += sprintf(to, "    %-6s ", run->first->name);
	else
		to += sprintf(to, "    %s-%s ", run->first->name, number);
	to = put_text(put_text(to, run->unknown ? "?  " : ""), run->what);
	obuf__set(o, put_text(to, "\n"));
	run->what = NULL;
}

static void run__add(struct run *run, struct obuf *o, const struct regcolumn *c,
		     const char *what, bool unknown)
{
	if (run->what && (run->what != what || run->last->reg.class != c->reg.class ||
			  run->last->reg.index + 1 != c->reg.index))
		run__print(run, o);
	if (!run->what)
		*run = (struct run){ .first = c, .what = what, .unknown = unknown };
	run->last = c;
}

bool regview__text(const struct regview *v, struct obuf *o,
		   const struct xstate_regs *r, const struct regtypes *t)
{
	const struct regcolumn *c, *end = v->column + v->nr;
	struct run run = { .what = NULL };
	struct xstate_value value;
	const char *what;

	if (!r->captured && r->mxcsr_state == XSTATE_UNKNOWN)
		return false;
	for (c = v->column; c < end; c++) {
		value.bytes = NULL;
		value.known = 0;
		value.state = xstate_regs__get(r, c->reg, &value);
		what = v->each ? NULL : in_common(c, r, t, &value);
		if (what) {
			run__add(&run, o, c, what, value.state == XSTATE_UNKNOWN);
			continue;
		}
		run__print(&run, o);
		print_register(o, c, r, t, &value, !v->each);
	}
	run__print(&run, o);
	return true;
}

/* ---- JSON --------------------------------------------------------------------------- */

/* 64-bit integers do not fit a double, which is what JSON readers make of numbers. */
static char *json_lane(char *to, enum xstate_type t, uint64_t bits)
{
	char *from = to, *end;

	if (t == XSTATE_I64 || t == XSTATE_U64) {
		to = numfmt__hex(put_text(to, "\"0x"), bits, 1);
		return put_text(to, "\"");
	}
	end = numfmt__lane(to, t, bits);
	if (end[-1] != 'n' && end[-1] != 'f')
		return end;
	memmove(from + 1, from, end - from);	/* nan and inf are no JSON */
	*from = '"';
	end[1] = '"';
	return end + 2;
}

static char *json_lanes(char *to, const uint8_t *bytes, size_t known, struct regtype t)
{
	static const char *const from[] = {
		[REGTYPE_OPTION] = "option", [REGTYPE_INSN] = "insn", [REGTYPE_MOVE] = "move", [REGTYPE_AHEAD] = "ahead",
	};
	unsigned int each = xstate_type__size(t.type), i;
	size_t used = t.bytes < known ? t.bytes : known;

	to = put_text(put_text(to, ",\"type\":\""), xstate_type__name(t.type));
	to = put_text(put_text(put_text(to, "\",\"type_from\":\""), from[t.from]), "\",\"lanes\":[");
	for (i = 0; (i + 1) * each <= used; i++) {
		if (i)
			*to++ = ',';
		to = json_lane(to, t.type, xstate_lane__bits(bytes, t.type, i));
	}
	return put_text(to, "]");
}

/* 0x and the known bytes, the highest first, without gaps. */
static char *json_hex(char *to, const uint8_t *bytes, size_t known)
{
	uint64_t v;

	to = put_text(to, "\"hex\":\"0x");
	for (; known % 8; known--)
		to = numfmt__hex(to, bytes[known - 1], 2);
	for (; known; known -= 8) {
		memcpy(&v, bytes + known - 8, 8);
		to = numfmt__hex16(to, v);
	}
	return put_text(to, "\"");
}

static char *json_mxcsr(char *to, const uint8_t *bytes)
{
	uint32_t v;
	size_t i;
	char *start;

	memcpy(&v, bytes, 4);
	to = put_text(put_text(put_text(to, ",\"rounding\":\""), mxcsr__rounding(v)), "\",\"bits\":[");
	start = to;
	for (i = 0; i < sizeof(mxcsr__bits) / sizeof(mxcsr__bits[0]); i++)
		if (v & mxcsr__bits[i].bit)
			to = put_text(put_text(put_text(to, to == start ? "\"" : ",\""), mxcsr__bits[i].name), "\"");
	return put_text(to, "]");
}

static char *json_value(char *to, const struct regcolumn *c, const struct xstate_value *v,
			const struct regtypes *t)
{
	to = json_hex(to, v->bytes, v->known < c->size ? v->known : c->size);
	if (c->reg.class == XSTATE_CLASS_MXCSR)
		return json_mxcsr(to, v->bytes);
	if (c->reg.class == XSTATE_CLASS_OPMASK && t->mask_lanes[c->reg.index])
		return numfmt__u64(put_text(to, ",\"lanes_governed\":"), t->mask_lanes[c->reg.index]);
	if (c->vector && t->vector[c->reg.index].from != REGTYPE_NONE)
		return json_lanes(to, v->bytes, v->known, t->vector[c->reg.index]);
	return to;
}

/* Unknown registers are absent; one of which the low bytes are known says so. */
static bool json_register(struct obuf *o, const struct regcolumn *c, bool first,
			  const struct xstate_regs *r, const struct regtypes *t)
{
	struct xstate_value v;
	int state = xstate_regs__get(r, c->reg, &v);
	char *to = obuf__room(o, LINE_MAX);

	if (state < 0 || (state == XSTATE_UNKNOWN && !(v.known && v.bytes)))
		return false;
	if (!first)
		*to++ = ',';
	memcpy(to, c->json, sizeof(c->json));
	to += c->json_len;
	if (state == XSTATE_INIT) {
		to = put_text(to, "\"state\":\"init\"");
	} else {
		to = put_text(to, state == XSTATE_VALUE ? "\"state\":\"value\"," : "\"state\":\"partial\",");
		if (state == XSTATE_UNKNOWN)
			to = put_text(numfmt__u64(put_text(to, "\"known_bytes\":"), v.known), ",");
		to = json_value(to, c, &v, t);
	}
	obuf__set(o, put_text(to, "}"));
	return true;
}

void regview__json(const struct regview *v, struct obuf *o,
		   const struct xstate_regs *r, const struct regtypes *t)
{
	bool first = true;
	unsigned int i;

	for (i = 0; i < v->nr; i++)
		if (json_register(o, &v->column[i], first, r, t))
			first = false;
}
