/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A value becomes another one with the same signature: the bits that make up
 * its classes are kept, the others go through a Feistel network over just as
 * many bits, again until the result's signature is the value's ("cycle
 * walking"). A permutation of each signature's values, hence of all.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include "convert/redact.h"
#include "convert/siphash.h"

int redact__open(struct redact *r, struct err *e)
{
	memset(r, 0, sizeof(*r));
	if (getrandom(r->key, sizeof(r->key), 0) != sizeof(r->key))
		return err__set(e, "cannot redact: no random key from the system: %s", strerror(errno));
	return 0;
}

void redact__close(struct redact *r)
{
	explicit_bzero(r, sizeof(*r));
}

/* ---- a permutation of n bits --------------------------------------------------------- */

enum { ROUNDS = 8 };

/* What a permutation depends on besides the key. */
struct tweak {
	uint32_t kind, mask, fixed, bits;
};

static uint32_t feistel__round(const struct redact *r, const struct tweak *t,
			       uint32_t round, uint32_t half)
{
	const uint32_t message[6] = { t->kind, t->mask, t->fixed, t->bits, round, half };

	return siphash24(r->key, message, sizeof(message));
}

static uint32_t feistel(const struct redact *r, const struct tweak *t, uint32_t v)
{
	uint32_t low_bits = t->bits / 2, low_mask = (UINT32_C(1) << low_bits) - 1;
	uint32_t high_mask = (UINT64_C(1) << (t->bits - low_bits)) - 1;
	uint32_t low = v & low_mask, high = v >> low_bits, round;

	for (round = 0; round < ROUNDS; round += 2) {
		high ^= feistel__round(r, t, round, low) & high_mask;
		low ^= feistel__round(r, t, round + 1, high) & low_mask;
	}
	return high << low_bits | low;
}

/* The bits of @v that have one in @mask, side by side, and back. */
static uint32_t bits__gather(uint32_t v, uint32_t mask)
{
	uint32_t to = 0, bit = 1;

	for (; mask; mask &= mask - 1, bit <<= 1)
		to |= v & mask & -mask ? bit : 0;
	return to;
}

static uint32_t bits__scatter(uint32_t v, uint32_t mask)
{
	uint32_t to = 0;

	for (; mask; mask &= mask - 1, v >>= 1)
		to |= v & 1 ? mask & -mask : 0;
	return to;
}

/* ---- signatures of a dword ----------------------------------------------------------- */

/* Where a format has its fields; of an f64 the high dword. */
static const struct format {
	uint32_t exponent, mantissa, quiet;
} formats[] = {
	{ 0x00007c00, 0x000003ff, 0x00000200 },		/* f16, low and high */
	{ 0x7c000000, 0x03ff0000, 0x02000000 },
	{ 0x00007f80, 0x0000007f, 0x00000040 },		/* bf16 */
	{ 0x7f800000, 0x007f0000, 0x00400000 },
	{ 0x7f800000, 0x007fffff, 0x00400000 },		/* f32 */
	{ 0x7ff00000, 0x000fffff, 0x00080000 },		/* f64 */
};
enum { NR_FORMATS = sizeof(formats) / sizeof(formats[0]) };

/* The bits that decide about classes; a function of the signature alone. */
static uint32_t dword__forced(uint32_t v)
{
	uint32_t forced = 0, byte;
	unsigned int i;

	for (byte = 0xff; byte; byte <<= 8)
		if (!(v & byte))
			forced |= byte;
	for (i = 0; i < NR_FORMATS; i++) {
		const struct format *f = &formats[i];
		bool ones = (v & f->exponent) == f->exponent;

		if (!ones && v & f->exponent)
			continue;
		forced |= f->exponent;
		if (!(v & f->mantissa))
			forced |= f->mantissa;
		else if (ones)
			forced |= f->quiet;
	}
	return forced;
}

/* Equal for values that no class and no zero byte tells apart. */
static uint64_t dword__signature(uint32_t v)
{
	uint64_t s = 0;
	uint32_t byte;
	unsigned int i;

	for (byte = 0xff; byte; byte <<= 8)
		s = s << 1 | !(v & byte);
	for (i = 0; i < NR_FORMATS; i++) {
		const struct format *f = &formats[i];
		bool ones = (v & f->exponent) == f->exponent, zero = !(v & f->exponent);

		s = s << 2 | ones << 1 | zero;
		s = s << 2 | ((ones || zero) && v & f->mantissa) << 1 | (ones && v & f->quiet);
	}
	return s;
}

static uint32_t dword__walk(const struct redact *r, uint32_t v)
{
	uint32_t forced = dword__forced(v), now = v;
	uint64_t signature = dword__signature(v);
	const struct tweak t = {
		.kind = 0, .mask = forced, .fixed = v & forced,
		.bits = __builtin_popcount(~forced),
	};

	if (!t.bits)
		return v;
	do
		now = t.fixed | bits__scatter(feistel(r, &t, bits__gather(now, ~forced)), ~forced);
	while (dword__signature(now) != signature);
	return now;
}

uint32_t redact__dword(struct redact *r, uint32_t v)
{
	uint32_t slot = v * UINT32_C(2654435769) >> 18;

	_Static_assert(REDACT_CACHE == 1 << 14, "as many slots as bits are left");
	if (!r->cache[slot].used || r->cache[slot].from != v) {
		r->cache[slot].to = dword__walk(r, v);
		r->cache[slot].from = v;
		r->cache[slot].used = 1;
	}
	return r->cache[slot].to;
}

uint64_t redact__u64(struct redact *r, uint64_t v)
{
	return (uint64_t)redact__dword(r, v >> 32) << 32 | redact__dword(r, v);
}

/* ---- opmasks --------------------------------------------------------------------------- */

/* @bits lanes from @at on: others, but as many. */
static uint64_t mask__group(const struct redact *r, uint64_t k, unsigned int at, unsigned int bits)
{
	uint32_t v = k >> at & ((1u << bits) - 1), now = v;
	const struct tweak t = { .kind = 1, .mask = at, .fixed = __builtin_popcount(v), .bits = bits };

	do
		now = feistel(r, &t, now);
	while (__builtin_popcount(now) != __builtin_popcount(v));
	return (uint64_t)now << at;
}

uint64_t redact__mask(struct redact *r, uint64_t k)
{
	uint64_t to = mask__group(r, k, 0, 2) | mask__group(r, k, 2, 2) | mask__group(r, k, 4, 4);
	unsigned int at;

	for (at = 8; at < 64; at += 8)
		to |= mask__group(r, k, at, 8);
	return to;
}

/* ---- x87 ------------------------------------------------------------------------------- */

enum {
	X87_FDP		= 16,
	X87_ST		= 32,
	X87_ST_STRIDE	= 16,
	EXPONENT_80	= 0x7fff,
	/* the integer bit and, of a NaN, the quiet bit [SDM vol. 1, 4.2.2] */
	SIGNIFICAND_KEEP = 0xc0000000u,
};

/* Other bits of those in @free; what is 0 there stays 0, other values do not get it. */
static uint32_t x87__bits(const struct redact *r, uint32_t v, uint32_t free, uint32_t kind, uint32_t avoid)
{
	const struct tweak t = { .kind = kind, .mask = free, .fixed = v & ~free, .bits = __builtin_popcount(free) };
	uint32_t now = v;

	if (!(v & free))
		return v;
	do
		now = t.fixed | bits__scatter(feistel(r, &t, bits__gather(now, free)), free);
	while (!(now & free) || (now & free) == avoid);
	return now;
}

static void x87__st(struct redact *r, uint8_t *st)
{
	uint32_t low, high;
	uint16_t exponent;

	memcpy(&low, st, 4);
	memcpy(&high, st + 4, 4);
	memcpy(&exponent, st + 8, 2);
	low = redact__dword(r, low);
	high = x87__bits(r, high, ~SIGNIFICAND_KEEP, 2, 0);
	if (exponent & EXPONENT_80 && (exponent & EXPONENT_80) != EXPONENT_80)
		exponent = x87__bits(r, exponent, EXPONENT_80, 3, EXPONENT_80);
	memcpy(st, &low, 4);
	memcpy(st + 4, &high, 4);
	memcpy(st + 8, &exponent, 2);
}

/* Reserved bytes may hold anything: only the fields go on. */
static void x87__component(struct redact *r, uint8_t *c)
{
	uint8_t to[XSTATE_X87_SIZE] = { 0 };
	uint64_t fdp;
	unsigned int i;

	memcpy(to, c, X87_FDP);
	memcpy(&fdp, c + X87_FDP, 8);
	fdp = redact__u64(r, fdp);
	memcpy(to + X87_FDP, &fdp, 8);
	for (i = 0; i < 8; i++) {
		memcpy(to + X87_ST + i * X87_ST_STRIDE, c + X87_ST + i * X87_ST_STRIDE, 10);
		x87__st(r, to + X87_ST + i * X87_ST_STRIDE);
	}
	memcpy(c, to, sizeof(to));
}

/* ---- all registers ----------------------------------------------------------------------- */

static void redact__bytes(struct redact *r, uint8_t *p, size_t size)
{
	uint32_t v;

	for (; size >= 4; size -= 4, p += 4) {
		memcpy(&v, p, 4);
		v = redact__dword(r, v);
		memcpy(p, &v, 4);
	}
}

static void redact__register(struct redact *r, unsigned int bank, uint8_t *p, size_t size)
{
	uint64_t k;

	switch (bank) {
	case XSTATE_BANK_PKRU:
	case XSTATE_BANK_TILECFG:
		break;
	case XSTATE_BANK_X87:
		x87__component(r, p);
		break;
	case XSTATE_BANK_OPMASK:
		memcpy(&k, p, 8);
		k = redact__mask(r, k);
		memcpy(p, &k, 8);
		break;
	default:
		redact__bytes(r, p, size);
	}
}

void redact__snapshot(struct redact *r, struct snapshot *s)
{
	unsigned int bank, i;
	uint8_t *p;

	for (bank = 0; bank < XSTATE_BANK_NR; bank++)
		for (i = 0; i < 32; i++) {
			p = snapshot__reg(s, bank, i);
			if (p)
				redact__register(r, bank, p, s->regs.bank[bank].bytes);
		}
}
