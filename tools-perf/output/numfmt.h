/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers to text, fast: the shortest decimal that reads back as the same
 * value, plain integers, hexadecimal. No terminating NUL; each function
 * returns the end of what it wrote.
 */
#ifndef PERF_XREGS_OUTPUT_NUMFMT_H
#define PERF_XREGS_OUTPUT_NUMFMT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <xstate/xstate.h>

/** put_text - a string, as the numbers below: without a NUL */
static inline char *put_text(char *to, const char *s)
{
	size_t n = strlen(s);

	memcpy(to, s, n);
	return to + n;
}

enum {
	NUMFMT_MAX	= 32,	/* bytes that any of these writes at most, hex lines apart */
};

char *numfmt__u64(char *to, uint64_t v);
char *numfmt__i64(char *to, int64_t v);
/** numfmt__u64_width - right-aligned or zero-filled (@fill) in @width columns */
char *numfmt__u64_width(char *to, uint64_t v, unsigned int width, char fill);
/** numfmt__hex - without 0x, at least @digits */
char *numfmt__hex(char *to, uint64_t v, unsigned int digits);
/** numfmt__hex16 - all sixteen digits */
char *numfmt__hex16(char *to, uint64_t v);

/**
 * numfmt__lane - one typed lane
 * @bits: as xstate_lane__bits() gives them
 *
 * Integers are decimal. Floating point is the shortest decimal that a correctly
 * rounding reader of that format turns into the same bits: 1.5, 4.12e-42,
 * 0, -0, inf, -inf, nan, -nan, snan, -snan.
 */
char *numfmt__lane(char *to, enum xstate_type t, uint64_t bits);

/**
 * numfmt__bytes - a register, most significant byte first
 * @to: 0x3f800000'00000000 00000b7c'3fc00000 for @size 16: blanks between
 *	quadwords, ' in their middle; others of 1..7 bytes plain
 * @bytes: @size bytes, little endian
 * @known: low bytes that are known; the others are written as ??
 *
 * Writes up to 2 + 9 * @size / 4 + 1 bytes.
 */
char *numfmt__bytes(char *to, const uint8_t *bytes, size_t size, size_t known);

#endif
