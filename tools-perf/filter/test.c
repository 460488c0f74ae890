/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of single values and of lanes, and the numbers they compare with. */
#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filter/internal.h"

/* ---- numbers ------------------------------------------------------------------- */

static bool parse_digits(const char *s, uint32_t len, unsigned int base, uint64_t *v)
{
	uint64_t n = 0;
	uint32_t i;
	int digit;

	if (!len)
		return false;
	for (i = 0; i < len; i++) {
		digit = isdigit((unsigned char)s[i]) ? s[i] - '0' :
			isxdigit((unsigned char)s[i]) ? tolower((unsigned char)s[i]) - 'a' + 10 : 99;
		if (digit >= (int)base || __builtin_mul_overflow(n, base, &n) ||
		    __builtin_add_overflow(n, (uint64_t)digit, &n))
			return false;
	}
	*v = n;
	return true;
}

/* A terminal interface may have set a locale with another decimal point. */
static bool parse_double(const char *s, uint32_t len, double *v)
{
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	char buf[64], *end;

	if (!c || len >= sizeof(buf)) {
		if (c)
			freelocale(c);
		return false;
	}
	memcpy(buf, s, len);
	buf[len] = '\0';
	*v = strtod_l(buf, &end, c);
	freelocale(c);
	return len && !*end && isfinite(*v);
}

bool number__parse(struct number *n, const char *s, uint32_t len)
{
	bool hex = len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');

	*n = (struct number){ .integer = true, .hex = hex };
	if (hex ? parse_digits(s + 2, len - 2, 16, &n->magnitude) :
		  parse_digits(s, len, 10, &n->magnitude)) {
		n->value = (double)n->magnitude;
		return true;
	}
	n->integer = n->hex = false;
	return parse_double(s, len, &n->value);
}

bool number__u64(const struct number *n, uint64_t *v)
{
	if (n->integer) {
		*v = n->magnitude;
		return !n->negative || !n->magnitude;
	}
	if (n->negative || n->value != trunc(n->value) || n->value >= 0x1p64)
		return false;
	*v = (uint64_t)n->value;
	return true;
}

void type__bounds(enum xstate_type t, int64_t *min, uint64_t *max)
{
	unsigned int bits = 8 * xstate_type__size(t);
	bool is_signed = t == XSTATE_I8 || t == XSTATE_I16 || t == XSTATE_I32 ||
			 t == XSTATE_I64;

	*max = UINT64_MAX >> (64 - bits + is_signed);
	*min = is_signed ? -(int64_t)*max - 1 : 0;
}

/* IEEE 754 binary16, binary32, binary64 and bfloat16. */
static const struct format {
	int digits;			/* of the significand */
	int min_exp;			/* of the smallest normal number */
	double max;
} formats[XSTATE_TYPE_NR] = {
	[XSTATE_F16]  = { 11, -14, 65504.0 },
	[XSTATE_BF16] = { 8, -126, 0x1.fep127 },
	[XSTATE_F32]  = { FLT_MANT_DIG, FLT_MIN_EXP - 1, FLT_MAX },
	[XSTATE_F64]  = { DBL_MANT_DIG, DBL_MIN_EXP - 1, DBL_MAX },
};

/*
 * So that "f32 == 0.1" finds the lanes that are printed as 0.1. A number that
 * would turn into 0 or infinity is an error instead: "> 1e-60" is not "> 0".
 */
const char *type__round(enum xstate_type t, double v, double *rounded)
{
	const struct format *f = &formats[t];
	int exp;

	frexp(v, &exp);
	exp = (exp - 1 < f->min_exp ? f->min_exp : exp - 1) - (f->digits - 1);
	*rounded = v == 0.0 || isinf(v) ? v : ldexp(rint(ldexp(v, -exp)), exp);
	if (!isinf(v) && fabs(*rounded) > f->max)
		return "is beyond the largest number";
	if (v != 0.0 && *rounded == 0.0)
		return "is below the smallest number";
	return NULL;
}

/* ---- tests ------------------------------------------------------------------------ */

/* An empty interval: true for nothing. */
#define TEST__ORDERED(t, m, op, v, MIN, MAX, ABOVE, BELOW)			\
	do {									\
		(t)->negate = (op) == TOK_NE;					\
		(t)->m.lo = MIN;						\
		(t)->m.hi = MAX;						\
		if ((op) == TOK_GT)						\
			(t)->m.lo = ABOVE;					\
		else if ((op) == TOK_LT)					\
			(t)->m.hi = BELOW;					\
		if ((op) == TOK_GE || (op) == TOK_EQ || (op) == TOK_NE)		\
			(t)->m.lo = (v);					\
		if ((op) == TOK_LE || (op) == TOK_EQ || (op) == TOK_NE)		\
			(t)->m.hi = (v);					\
		if (((op) == TOK_GT && (v) == (MAX)) ||				\
		    ((op) == TOK_LT && (v) == (MIN))) {				\
			(t)->m.lo = MAX;					\
			(t)->m.hi = MIN;					\
		}								\
	} while (0)

void test__unsigned(struct test *t, enum token_kind op, uint64_t v)
{
	*t = (struct test){ .kind = TEST_UNSIGNED };
	if (op == TOK_AND) {
		t->kind = TEST_BITS;
		t->bits = v;
		return;
	}
	TEST__ORDERED(t, u, op, v, 0, UINT64_MAX, v + 1, v - 1);
}

void test__signed(struct test *t, enum token_kind op, int64_t v)
{
	*t = (struct test){ .kind = TEST_SIGNED };
	if (op == TOK_AND) {
		t->kind = TEST_BITS;
		t->bits = (uint64_t)v;
		return;
	}
	TEST__ORDERED(t, s, op, v, INT64_MIN, INT64_MAX,
		      (int64_t)((uint64_t)v + 1), (int64_t)((uint64_t)v - 1));
}

void test__float(struct test *t, enum token_kind op, double v)
{
	*t = (struct test){ .kind = TEST_FLOAT };
	TEST__ORDERED(t, f, op, v, -INFINITY, INFINITY,
		      nextafter(v, INFINITY), nextafter(v, -INFINITY));
}

enum filter_result test__interval(const struct test *t, uint64_t lo, uint64_t hi)
{
	if (t->kind == TEST_BITS)
		return lo != hi ? FILTER_UNKNOWN : (lo & t->bits) != 0;
	if (lo >= t->u.lo && hi <= t->u.hi)
		return !t->negate;
	if (hi < t->u.lo || lo > t->u.hi || t->u.lo > t->u.hi)
		return t->negate;
	return FILTER_UNKNOWN;
}

enum filter_result test__masked(const struct test *t, uint64_t v, uint64_t known)
{
	if (t->kind != TEST_BITS)
		return known == UINT64_MAX ? test__interval(t, v, v) : FILTER_UNKNOWN;
	if (v & known & t->bits)
		return FILTER_TRUE;
	return t->bits & ~known ? FILTER_UNKNOWN : FILTER_FALSE;
}

/* One loop a lane type, so that the compiler can make vector code of it. */
#define DEFINE_COUNT(name, ctype, cmp, m)					\
static unsigned int count_##name(const struct test *t, const uint8_t *p,	\
				 unsigned int n)				\
{										\
	const cmp lo = t->m.lo, hi = t->m.hi;					\
	unsigned int i, hits = 0;						\
	ctype v;								\
										\
	for (i = 0; i < n; i++) {						\
		memcpy(&v, p + i * sizeof(v), sizeof(v));			\
		hits += ((cmp)v >= lo) & ((cmp)v <= hi);			\
	}									\
	return hits;								\
}

DEFINE_COUNT(i8, int8_t, int64_t, s)
DEFINE_COUNT(u8, uint8_t, uint64_t, u)
DEFINE_COUNT(i16, int16_t, int64_t, s)
DEFINE_COUNT(u16, uint16_t, uint64_t, u)
DEFINE_COUNT(i32, int32_t, int64_t, s)
DEFINE_COUNT(u32, uint32_t, uint64_t, u)
DEFINE_COUNT(i64, int64_t, int64_t, s)
DEFINE_COUNT(u64, uint64_t, uint64_t, u)
DEFINE_COUNT(f32, float, double, f)
DEFINE_COUNT(f64, double, double, f)

/* The compiler has no half types here; the library knows their bits. */
static unsigned int count_half(const struct test *t, enum xstate_type type,
			       const uint8_t *p, unsigned int n)
{
	unsigned int i, hits = 0;
	double v;

	for (i = 0; i < n; i++) {
		v = xstate_lane__double(type, xstate_lane__bits(p, type, i));
		hits += v >= t->f.lo && v <= t->f.hi;
	}
	return hits;
}

static unsigned int count_f16(const struct test *t, const uint8_t *p, unsigned int n)
{
	return count_half(t, XSTATE_F16, p, n);
}

static unsigned int count_bf16(const struct test *t, const uint8_t *p, unsigned int n)
{
	return count_half(t, XSTATE_BF16, p, n);
}

typedef unsigned int (*count_fn)(const struct test *t, const uint8_t *p, unsigned int n);

static const count_fn counters[] = {
	[XSTATE_I8] = count_i8, [XSTATE_U8] = count_u8,
	[XSTATE_I16] = count_i16, [XSTATE_U16] = count_u16,
	[XSTATE_I32] = count_i32, [XSTATE_U32] = count_u32,
	[XSTATE_I64] = count_i64, [XSTATE_U64] = count_u64,
	[XSTATE_F16] = count_f16, [XSTATE_BF16] = count_bf16,
	[XSTATE_F32] = count_f32, [XSTATE_F64] = count_f64,
};

_Static_assert(sizeof(counters) / sizeof(counters[0]) == XSTATE_TYPE_NR,
	       "a counter for each lane type");

static unsigned int count_bits(const struct test *t, enum xstate_type type,
			       const uint8_t *p, unsigned int n)
{
	unsigned int i, hits = 0;

	for (i = 0; i < n; i++)
		hits += (xstate_lane__bits(p, type, i) & t->bits) != 0;
	return hits;
}

static unsigned int count_classes(const struct test *t, enum xstate_type type,
				  const uint8_t *p, unsigned int n)
{
	struct xstate_counts c = { { 0 } };
	unsigned int i, hits = 0;

	xstate_lanes__classify(p, (size_t)n * xstate_type__size(type), type, &c);
	for (i = 0; i < XSTATE_FP_NR; i++)
		if (t->classes >> i & 1)
			hits += c.lane[i];
	return hits;
}

unsigned int test__lanes(const struct test *t, enum xstate_type type,
			 const uint8_t *bytes, unsigned int first, unsigned int n)
{
	const uint8_t *p = bytes + (size_t)first * xstate_type__size(type);
	unsigned int hits;

	if (t->kind == TEST_BITS)
		hits = count_bits(t, type, p, n);
	else if (t->kind == TEST_CLASS)
		hits = count_classes(t, type, p, n);
	else
		hits = counters[type](t, p, n);
	return t->negate ? n - hits : hits;
}
