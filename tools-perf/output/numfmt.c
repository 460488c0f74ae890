/* SPDX-License-Identifier: GPL-2.0-only */
#include <emmintrin.h>
#include <string.h>

#include "output/numfmt.h"
#include "output/pow10.h"

static const char pairs[201] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	"40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

/* ---- integers ----------------------------------------------------------------------- */

static unsigned int count_digits(uint64_t v)
{
	unsigned int n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* Exactly @n digits, from the last one on. */
static void put_digits(char *to, uint64_t v, unsigned int n)
{
	char *p = to + n;

	for (; n >= 2; n -= 2, v /= 100)
		memcpy(p -= 2, pairs + v % 100 * 2, 2);
	if (n)
		*to = '0' + v % 10;
}

char *numfmt__u64(char *to, uint64_t v)
{
	unsigned int n = count_digits(v);

	put_digits(to, v, n);
	return to + n;
}

char *numfmt__i64(char *to, int64_t v)
{
	if (v >= 0)
		return numfmt__u64(to, v);
	*to = '-';
	return numfmt__u64(to + 1, -(uint64_t)v);
}

char *numfmt__u64_width(char *to, uint64_t v, unsigned int width, char fill)
{
	unsigned int n = count_digits(v);

	for (; width > n; width--)
		*to++ = fill;
	return numfmt__u64(to, v);
}

char *numfmt__hex(char *to, uint64_t v, unsigned int digits)
{
	unsigned int n = v ? 16 - __builtin_clzll(v) / 4 : 1, i;

	n = n < digits ? digits : n;
	for (i = n; i--; v >>= 4)
		to[i] = "0123456789abcdef"[v & 15];
	return to + n;
}

/* ---- shortest decimal ---------------------------------------------------------------- */

/*
 * Schubfach [R. Giulietti, "The Schubfach way to render doubles", 2021]: of all
 * decimals that round to c * 2^q take the one with the fewest digits, and among
 * those the closest. It needs three products with a 128-bit power of ten. The
 * constants are those of the paper: floor(log10(2^q)) and relatives by one
 * multiplication, exact for the exponents of a double. Formats with fewer bits
 * are the same problem with smaller numbers.
 */
struct decimal {
	uint64_t digits;
	int exponent;
};

static int floor_log10_pow2(int q)
{
	return (q * 1262611) >> 22;
}

static int floor_log10_three_quarters_pow2(int q)
{
	return (q * 1262611 - 524031) >> 22;
}

static int floor_log2_pow10(int k)
{
	return (k * 1741647) >> 19;
}

/* The high 64 bits of g * c, with the lowest bit set if anything was cut off. */
static uint64_t round_to_odd(const uint64_t g[2], uint64_t c)
{
	unsigned __int128 low = (unsigned __int128)g[1] * c;
	unsigned __int128 high = (unsigned __int128)g[0] * c + (uint64_t)(low >> 64);

	return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

static struct decimal shortest(uint64_t c, int q, int lower_is_closer)
{
	int k = lower_is_closer ? floor_log10_three_quarters_pow2(q) : floor_log10_pow2(q);
	int h = q + floor_log2_pow10(-k) + 1;
	const uint64_t *g = pow10_bits[-k - POW10_FIRST];
	uint64_t odd = c & 1, v = round_to_odd(g, 4 * c << h);
	uint64_t lower = round_to_odd(g, (4 * c - 2 + lower_is_closer) << h) + odd;
	uint64_t upper = round_to_odd(g, (4 * c + 2) << h) - odd;
	uint64_t s = v / 4, tens = s / 10;
	int below, above;

	if (s >= 10) {
		below = lower <= 40 * tens;
		above = 40 * tens + 40 <= upper;
		if (below != above)
			return (struct decimal){ tens + above, k + 1 };
	}
	below = lower <= 4 * s;
	above = 4 * s + 4 <= upper;
	if (below != above)
		return (struct decimal){ s + above, k };
	return (struct decimal){ s + (v > 4 * s + 2 || (v == 4 * s + 2 && (s & 1))), k };
}

static struct decimal without_trailing_zeros(struct decimal d)
{
	for (; d.digits % 10000 == 0; d.digits /= 10000)
		d.exponent += 4;
	for (; d.digits % 10 == 0; d.digits /= 10)
		d.exponent++;
	return d;
}

static char *put_exponent(char *to, int e)
{
	*to++ = 'e';
	*to++ = e < 0 ? '-' : '+';
	return numfmt__u64_width(to, e < 0 ? -e : e, 2, '0');
}

/* d.dddde+XX; the digits are written one place to the right, then the first moved */
static char *put_scientific(char *to, uint64_t digits, unsigned int n, int e)
{
	put_digits(to + 1, digits, n);
	to[0] = to[1];
	if (n == 1)
		return put_exponent(to + 1, e);
	to[1] = '.';
	return put_exponent(to + 1 + n, e);
}

/* Plain notation from 0.0001 up to @plain digits before the point, as %g does. */
static char *put_decimal(char *to, struct decimal d, int plain)
{
	unsigned int n = count_digits(d.digits);
	int point = (int)n + d.exponent;	/* digits before the point */

	if (point < -3 || point > plain)
		return put_scientific(to, d.digits, n, point - 1);
	if (d.exponent >= 0) {
		put_digits(to, d.digits, n);
		memset(to + n, '0', d.exponent);
		return to + point;
	}
	if (point <= 0) {
		memcpy(to, "0.0000", 6);
		put_digits(to + 2 - point, d.digits, n);
		return to + 2 - point + n;
	}
	put_digits(to + 1, d.digits, n);
	memmove(to, to + 1, point);
	to[point] = '.';
	return to + n + 1;
}

/* IEEE 754 interchange formats and bf16. */
static const struct fp_format {
	uint8_t mantissa;		/* bits stored */
	uint8_t exponent;
} fp_formats[XSTATE_TYPE_NR] = {
	[XSTATE_F16]	= { 10, 5 },
	[XSTATE_BF16]	= { 7, 8 },
	[XSTATE_F32]	= { 23, 8 },
	[XSTATE_F64]	= { 52, 11 },
};

static char *put_fp(char *to, enum xstate_type t, uint64_t bits)
{
	const struct fp_format *f = &fp_formats[t];
	unsigned int max = (1u << f->exponent) - 1;
	uint64_t m = bits & ((UINT64_C(1) << f->mantissa) - 1);
	unsigned int e = bits >> f->mantissa & max;
	int q = (int)(e ? e : 1) - (int)(max >> 1) - f->mantissa;
	uint64_t c = m | (e ? UINT64_C(1) << f->mantissa : 0);

	if (bits >> (f->mantissa + f->exponent) & 1)
		*to++ = '-';
	if (e == max && !m)
		return put_text(to, "inf");
	if (e == max)
		return put_text(to, m >> (f->mantissa - 1) ? "nan" : "snan");
	if (!c)
		return put_text(to, "0");
	/* whole numbers below 2^mantissa are exact and need no search */
	if (q <= 0 && -q <= f->mantissa && !(c & ((UINT64_C(1) << -q) - 1)))
		return numfmt__u64(to, c >> -q);
	return put_decimal(to, without_trailing_zeros(shortest(c, q, !m && e > 1)),
			   t == XSTATE_F64 ? 16 : 9);
}

char *numfmt__lane(char *to, enum xstate_type t, uint64_t bits)
{
	unsigned int unused = 64 - 8 * xstate_type__size(t);

	switch (t) {
	case XSTATE_I8:
	case XSTATE_I16:
	case XSTATE_I32:
	case XSTATE_I64:
		return numfmt__i64(to, (int64_t)(bits << unused) >> unused);
	case XSTATE_U8:
	case XSTATE_U16:
	case XSTATE_U32:
	case XSTATE_U64:
		return numfmt__u64(to, bits);
	default:
		return put_fp(to, t, bits);
	}
}

/* ---- hexadecimal registers ----------------------------------------------------------- */

/* 16 digits of 8 bytes, the highest first: SSE2 is part of x86-64. */
static __m128i hex_digits(uint64_t v)
{
	__m128i b = _mm_cvtsi64_si128(__builtin_bswap64(v));
	__m128i high = _mm_and_si128(_mm_srli_epi64(b, 4), _mm_set1_epi8(15));
	__m128i d = _mm_unpacklo_epi8(high, _mm_and_si128(b, _mm_set1_epi8(15)));
	__m128i letter = _mm_cmpgt_epi8(d, _mm_set1_epi8(9));

	d = _mm_add_epi8(d, _mm_set1_epi8('0'));
	return _mm_add_epi8(d, _mm_and_si128(letter, _mm_set1_epi8('a' - '9' - 1)));
}

char *numfmt__hex16(char *to, uint64_t v)
{
	_mm_storeu_si128((__m128i *)(void *)to, hex_digits(v));
	return to + 16;
}

/* dddddddd'dddddddd */
static char *put_quadword(char *to, const uint8_t *p)
{
	__m128i d;
	uint64_t v;

	memcpy(&v, p, 8);
	d = hex_digits(v);
	_mm_storel_epi64((__m128i *)(void *)to, d);
	to[8] = '\'';
	_mm_storel_epi64((__m128i *)(void *)(to + 9), _mm_srli_si128(d, 8));
	return to + 17;
}

/* A part of which not all bytes are known, or that is no quadword. */
static char *put_part(char *to, const uint8_t *p, size_t size, size_t known)
{
	size_t i;

	for (i = size; i--; ) {
		to = i < known ? numfmt__hex(to, p[i], 2) : put_text(to, "??");
		if (size == 8 && i == 4)
			*to++ = '\'';
	}
	return to;
}

char *numfmt__bytes(char *to, const uint8_t *bytes, size_t size, size_t known)
{
	size_t at = (size - 1) / 8 * 8, n = size - at;

	to = put_text(to, "0x");
	for (;; n = 8) {
		if (n == 8 && at + 8 <= known)
			to = put_quadword(to, bytes + at);
		else
			to = put_part(to, bytes + at, n, known > at ? known - at : 0);
		if (!at)
			return to;
		*to++ = ' ';
		at -= 8;
	}
}
