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
	default:
		return le64(bytes + 8 * (size_t)i);
	}
}

enum xstate_fp_class xstate_lane__class(enum xstate_type t, uint64_t bits)
{
	const struct format *f = &formats[t];
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
	const struct format *f = &formats[t];
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
	const struct format *f = &formats[t], *d = &formats[XSTATE_F64];
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
	memcpy(&value, &bits, sizeof(value));
	return value;
}

void xstate_lanes__classify(const uint8_t *bytes, size_t size,
			    enum xstate_type t, struct xstate_counts *add)
{
	size_t n = size / xstate_type__size(t), i;

	for (i = 0; i < n; i++)
		add->lane[xstate_lane__class(t, xstate_lane__bits(bytes, t, i))]++;
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
