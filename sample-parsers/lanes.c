// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lanes.c - typed lanes: their values, classes and exponents
 *
 * Without the sign, IEEE encodings are ordered: zero, subnormals, normals,
 * infinity, signalling NaNs, quiet NaNs. Each class is a range of integers,
 * and counting lanes above five bounds counts all classes without a branch.
 */
#include "cursor.h"

/* An IEEE interchange format, or bfloat16, which is f32's upper half. */
struct format {
	uint8_t bits;
	uint8_t mantissa;	/* explicit bits */
	int16_t bias;
};

static const struct format formats[XSTATE_TYPE_NR] = {
	[XSTATE_F16]	= { 16, 10, 15 },
	[XSTATE_BF16]	= { 16, 7, 127 },
	[XSTATE_F32]	= { 32, 23, 127 },
	[XSTATE_F64]	= { 64, 52, 1023 },
};

/* Integers, and what is no type, have no bits of a format. */
static const struct format *type__format(enum xstate_type t)
{
	return &formats[(unsigned int)t < XSTATE_TYPE_NR ? t : XSTATE_U8];
}

static uint64_t format__abs(const struct format *f, uint64_t bits)
{
	return bits & ((UINT64_C(1) << (f->bits - 1)) - 1);
}

static uint64_t format__inf(const struct format *f)
{
	return format__abs(f, ~UINT64_C(0)) >> f->mantissa << f->mantissa;
}

uint64_t xstate_lane__bits(const uint8_t *bytes, enum xstate_type t,
			   unsigned int i)
{
	switch (xstate_type__size(t)) {
	case 1:
		return bytes[i];
	case 2:
		return le16(bytes + 2 * (size_t)i);
	case 4:
		return le32(bytes + 4 * (size_t)i);
	case 8:
		return le64(bytes + 8 * (size_t)i);
	default:
		return 0;
	}
}

enum xstate_fp_class xstate_lane__class(enum xstate_type t, uint64_t bits)
{
	const struct format *f = type__format(t);
	uint64_t a, inf;

	if (!f->bits)
		return bits ? XSTATE_FP_NORMAL : XSTATE_FP_ZERO;
	a = format__abs(f, bits);
	inf = format__inf(f);
	if (!a)
		return XSTATE_FP_ZERO;
	if (a >> f->mantissa == 0)
		return XSTATE_FP_SUBNORMAL;
	if (a < inf)
		return XSTATE_FP_NORMAL;
	if (a == inf)
		return XSTATE_FP_INF;
	/* The mantissa's leading bit makes a NaN quiet [SDM vol. 1, 4.8.3.4]. */
	return a >> (f->mantissa - 1) & 1 ? XSTATE_FP_QNAN : XSTATE_FP_SNAN;
}

int xstate_lane__exponent(enum xstate_type t, uint64_t bits, int *exp)
{
	const struct format *f = type__format(t);
	enum xstate_fp_class c = xstate_lane__class(t, bits);
	uint64_t a;

	if (!f->bits || (c != XSTATE_FP_NORMAL && c != XSTATE_FP_SUBNORMAL))
		return XSTATE_E_RANGE;
	a = format__abs(f, bits);
	if (c == XSTATE_FP_NORMAL)
		*exp = (int)(a >> f->mantissa) - f->bias;
	else
		*exp = 63 - __builtin_clzll(a) - f->mantissa + 1 - f->bias;
	return 0;
}

/*
 * Every f16, bf16 and f32 is an f64: rebuild the encoding. A subnormal's
 * leading bit becomes the implicit one.
 */
static uint64_t format__widen(enum xstate_type t, uint64_t bits)
{
	const struct format *f = type__format(t), *d = &formats[XSTATE_F64];
	uint64_t sign = bits >> (f->bits - 1) & 1;
	uint64_t a = format__abs(f, bits);
	unsigned int shift = d->mantissa - f->mantissa;
	int exp;

	if (xstate_lane__exponent(t, bits, &exp)) {
		if (a)	/* infinity and NaN: quiet bit and payload move up */
			a = format__inf(d) | (a - format__inf(f)) << shift;
	} else {
		if (a >> f->mantissa == 0)
			a <<= f->mantissa - (63 - __builtin_clzll(a));
		a &= (UINT64_C(1) << f->mantissa) - 1;
		a = (uint64_t)(exp + d->bias) << d->mantissa | a << shift;
	}
	return sign << 63 | a;
}

double xstate_lane__double(enum xstate_type t, uint64_t bits)
{
	double value;

	if (t != XSTATE_F64 && xstate_type__is_fp(t))
		bits = format__widen(t, bits);
	__builtin_memcpy(&value, &bits, sizeof(value));
	return value;
}

/*
 * Counting many lanes, with gcc's vector types: SSE2 on every x86-64 and plain
 * code elsewhere. A comparison is -1 in each lane where it holds; subtracting
 * it counts.
 */
typedef int8_t v16i8 __attribute__((vector_size(16)));
typedef int16_t v8i16 __attribute__((vector_size(16)));
typedef int32_t v4i32 __attribute__((vector_size(16)));
typedef uint32_t v4u32 __attribute__((vector_size(16)));
typedef uint64_t v2u64 __attribute__((vector_size(16)));

enum {
	VECTOR_SIZE	= 16,
	/* At most 240 lanes at a time: what is counted fits into 8 bits. */
	BATCH_SIZE	= 15 * VECTOR_SIZE,
};

/* Lanes above: 0, subnormals, normals, infinity, signalling NaNs. */
struct bounds {
	int32_t b[5];
};

static const struct bounds f16_bounds = {
	{ 0, 0x03ff, 0x7bff, 0x7c00, 0x7dff }
};
static const struct bounds bf16_bounds = {
	{ 0, 0x007f, 0x7f7f, 0x7f80, 0x7fbf }
};
static const struct bounds f32_bounds = {
	{ 0, 0x007fffff, 0x7f7fffff, 0x7f800000, 0x7fbfffff }
};
/* Of an f64's upper half, into whose last bit the lower half is folded. */
static const struct bounds f64_bounds = {
	{ 0, 0x000fffff, 0x7fefffff, 0x7ff00000, 0x7ff7ffff }
};

#define inline_always static inline __attribute__((always_inline))

inline_always v4i32 vector(const uint8_t *p)
{
	v4i32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* The lanes of @low and of @high added up, in the halves of a u64. */
inline_always uint64_t sums(v4u32 low, v4u32 high)
{
	v4u32 s = __builtin_shufflevector(low, high, 0, 4, 1, 5) +
		  __builtin_shufflevector(low, high, 2, 6, 3, 7);

	s += __builtin_shufflevector(s, s, 2, 3, 0, 1);
	return ((v2u64)s)[0];
}

inline_always void above32(v4i32 *n, v4i32 v, const struct bounds *b)
{
	unsigned int i;

	v &= INT32_MAX;
	for (i = 0; i < 5; i++)
		n[i] -= v > b->b[i];
}

inline_always uint64_t sums32(const v4i32 *n)
{
	return sums((v4u32)(n[0] | n[1] << 8 | n[2] << 16 | n[3] << 24),
		    (v4u32)n[4]);
}

static uint64_t count_f32(const uint8_t *p, size_t size)
{
	v4i32 n[5] = { 0 };

	for (; size; size -= VECTOR_SIZE, p += VECTOR_SIZE)
		above32(n, vector(p), &f32_bounds);
	return sums32(n);
}

/* Of two vectors of f64: the upper halves, with a bit for a lower half set. */
inline_always v4i32 fold(v4i32 a, v4i32 b)
{
	v4i32 low = __builtin_shufflevector(a, b, 0, 2, 4, 6);
	v4i32 high = __builtin_shufflevector(a, b, 1, 3, 5, 7);

	return high | ((low == 0) + 1);
}

static uint64_t count_f64(const uint8_t *p, size_t size)
{
	v4i32 n[5] = { 0 };

	for (; size >= 2 * VECTOR_SIZE; size -= 2 * VECTOR_SIZE) {
		above32(n, fold(vector(p), vector(p + VECTOR_SIZE)), &f64_bounds);
		p += 2 * VECTOR_SIZE;
	}
	if (size)	/* zeros are above nothing */
		above32(n, fold(vector(p), (v4i32){ 0 }), &f64_bounds);
	return sums32(n);
}

/* Two counters of 8 bits in each lane of 16; neighbours are added up. */
inline_always v4u32 pairs(v8i16 low, v8i16 high)
{
	v4u32 v = (v4u32)(low | high << 8);

	return (v & 0xffff) + (v >> 16);
}

inline_always uint64_t count16(const uint8_t *p, size_t size,
			       const struct bounds *b)
{
	v8i16 n[5] = { 0 };
	unsigned int i;

	for (; size; size -= VECTOR_SIZE, p += VECTOR_SIZE) {
		v8i16 v = (v8i16)vector(p) & INT16_MAX;

		for (i = 0; i < 5; i++)
			n[i] -= v > (int16_t)b->b[i];
	}
	return sums(pairs(n[0], n[1]) | pairs(n[2], n[3]) << 16,
		    pairs(n[4], (v8i16){ 0 }));
}

static uint64_t count_f16(const uint8_t *p, size_t size)
{
	return count16(p, size, &f16_bounds);
}

static uint64_t count_bf16(const uint8_t *p, size_t size)
{
	return count16(p, size, &bf16_bounds);
}

/* Lanes that are not 0; an i64's halves both say so. */
inline_always v4i32 nonzero(v4i32 v, unsigned int width)
{
	switch (width) {
	case 1:
		return (v4i32)((v16i8)v != 0);
	case 2:
		return (v4i32)((v8i16)v != 0);
	case 4:
		return v != 0;
	default:
		v |= __builtin_shufflevector(v, v, 1, 0, 3, 2);
		return v != 0;
	}
}

/* Integers that are not 0 are normal: above the first two bounds. */
inline_always uint64_t count_int(const uint8_t *p, size_t size,
				 unsigned int width)
{
	v16i8 n = { 0 };
	v4u32 u;
	uint64_t s;

	/* 15 vectors do not overflow a byte, and each byte of a lane counts. */
	for (; size; size -= VECTOR_SIZE, p += VECTOR_SIZE)
		n -= (v16i8)nonzero(vector(p), width);
	u = (v4u32)n;
	u = (u & 0x00ff00ff) + (u >> 8 & 0x00ff00ff);
	u = (u & 0xffff) + (u >> 16);
	s = sums(u, (v4u32){ 0 }) / width;
	return s | s << 8;
}

/*
 * A batch of whole vectors. Return: the number of lanes in the lowest byte,
 * and in those above it how many lanes lie above each bound.
 */
static uint64_t count(const uint8_t *p, size_t size, enum xstate_type t)
{
	switch (t) {
	case XSTATE_F16:
		return count_f16(p, size) << 8 | size / 2;
	case XSTATE_BF16:
		return count_bf16(p, size) << 8 | size / 2;
	case XSTATE_F32:
		return count_f32(p, size) << 8 | size / 4;
	case XSTATE_F64:
		return count_f64(p, size) << 8 | size / 8;
	case XSTATE_I8:
	case XSTATE_U8:
		return count_int(p, size, 1) << 8 | size;
	case XSTATE_I16:
	case XSTATE_U16:
		return count_int(p, size, 2) << 8 | size / 2;
	case XSTATE_I32:
	case XSTATE_U32:
		return count_int(p, size, 4) << 8 | size / 4;
	case XSTATE_I64:
	case XSTATE_U64:
		return count_int(p, size, 8) << 8 | size / 8;
	default:
		return 0;
	}
}

/* No count exceeds the one before it: one subtraction does all classes. */
inline_always void counts__add(struct xstate_counts *c, uint64_t above)
{
	uint64_t n = above - (above >> 8);

	c->lane[XSTATE_FP_ZERO] += n & 0xff;
	c->lane[XSTATE_FP_SUBNORMAL] += n >> 8 & 0xff;
	c->lane[XSTATE_FP_NORMAL] += n >> 16 & 0xff;
	c->lane[XSTATE_FP_INF] += n >> 24 & 0xff;
	c->lane[XSTATE_FP_SNAN] += n >> 32 & 0xff;
	c->lane[XSTATE_FP_QNAN] += n >> 40;
}

static void classify_each(const uint8_t *p, size_t size, enum xstate_type t,
			  struct xstate_counts *add)
{
	size_t width = xstate_type__size(t);

	for (; width && size >= width; p += width, size -= width)
		add->lane[xstate_lane__class(t, xstate_lane__bits(p, t, 0))]++;
}

void xstate_lanes__classify(const uint8_t *bytes, size_t size,
			    enum xstate_type t, struct xstate_counts *add)
{
	while (size >= VECTOR_SIZE) {
		size_t n = size < BATCH_SIZE ? size & ~(size_t)(VECTOR_SIZE - 1) :
			   BATCH_SIZE;

		counts__add(add, count(bytes, n, t));
		bytes += n;
		size -= n;
	}
	if (size)
		classify_each(bytes, size, t, add);
}

enum xstate_mask_class xstate_mask__class(uint64_t k, unsigned int lanes)
{
	uint64_t all = lanes < 64 ? (UINT64_C(1) << lanes) - 1 : ~UINT64_C(0);

	k &= all;
	if (!k)
		return XSTATE_MASK_ALL_ZEROS;
	if (k == all)
		return XSTATE_MASK_ALL_ONES;
	return k & (k - 1) ? XSTATE_MASK_PARTIAL : XSTATE_MASK_ONE_HOT;
}
