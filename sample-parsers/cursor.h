/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * cursor.h - the bounds-checked reader and writer
 *
 * The only code of the library that touches raw bytes. A read or write that
 * would pass the end sets ->err and moves nothing; every later one fails too,
 * so that a caller may read a whole header and look once. The position then
 * still says where the first failure was.
 */
#ifndef XSTATE_CURSOR_H
#define XSTATE_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "xstate/xstate.h"

/*
 * memcpy(), memset() and memcmp() are all that is asked of the outside, and
 * are called by their builtin names: -ffreestanding takes the plain ones for
 * functions of which the compiler knows nothing, and calls them for 4 bytes.
 */

/* XSAVE areas and perf records of x86 are little endian, as are our readers. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "libxstate reads little endian data on little endian hosts");

static inline uint16_t le16(const uint8_t *p)
{
	uint16_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t le32(const uint8_t *p)
{
	uint32_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t le64(const uint8_t *p)
{
	uint64_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* __builtin_popcountll() would call libgcc where the CPU may lack POPCNT. */
static inline unsigned int popcount64(uint64_t x)
{
	x -= (x >> 1) & UINT64_C(0x5555555555555555);
	x = (x & UINT64_C(0x3333333333333333)) +
	    ((x >> 2) & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (x * UINT64_C(0x0101010101010101)) >> 56;
}

/* The number of the lowest set bit, which is cleared; @bits is not 0. */
static inline unsigned int next_bit(uint64_t *bits)
{
	unsigned int nr = __builtin_ctzll(*bits);

	*bits &= *bits - 1;
	return nr;
}

static inline int has_bit(uint64_t bits, unsigned int nr)
{
	return nr < 64 && (bits >> nr & 1);
}

static inline size_t pad8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* On error paths: the offset goes out, the code goes up. */
static inline int fail_at(size_t *where, size_t offset, int code)
{
	if (where)
		*where = offset;
	return code;
}

struct cursor {
	const uint8_t *data;
	size_t size;
	size_t pos;
	int err;
};

static inline struct cursor cursor__init(const void *data, size_t size)
{
	return (struct cursor){ .data = data, .size = data ? size : 0 };
}

/* @n bytes from here on, or NULL. */
static inline const uint8_t *cursor__bytes(struct cursor *c, size_t n)
{
	const uint8_t *p;

	if (c->err || n > c->size - c->pos) {
		c->err = XSTATE_E_TRUNCATED;
		return NULL;
	}
	p = c->data + c->pos;
	c->pos += n;
	return p;
}

static inline void cursor__seek(struct cursor *c, size_t pos)
{
	if (c->err || pos > c->size)
		c->err = XSTATE_E_TRUNCATED;
	else
		c->pos = pos;
}

static inline uint16_t cursor__u16(struct cursor *c)
{
	const uint8_t *p = cursor__bytes(c, 2);

	return p ? le16(p) : 0;
}

static inline uint32_t cursor__u32(struct cursor *c)
{
	const uint8_t *p = cursor__bytes(c, 4);

	return p ? le32(p) : 0;
}

static inline uint64_t cursor__u64(struct cursor *c)
{
	const uint8_t *p = cursor__bytes(c, 8);

	return p ? le64(p) : 0;
}

struct writer {
	uint8_t *data;
	size_t size;
	size_t pos;
	int err;
};

static inline struct writer writer__init(void *data, size_t size)
{
	return (struct writer){ .data = data, .size = data ? size : 0 };
}

/* Room for @n bytes, or NULL. */
static inline uint8_t *writer__room(struct writer *w, size_t n)
{
	uint8_t *p;

	if (w->err || n > w->size - w->pos) {
		w->err = XSTATE_E_NOSPACE;
		return NULL;
	}
	p = w->data + w->pos;
	w->pos += n;
	return p;
}

static inline void writer__bytes(struct writer *w, const void *src, size_t n)
{
	uint8_t *p = writer__room(w, n);

	if (p && n)
		__builtin_memcpy(p, src, n);
}

static inline void writer__fill(struct writer *w, uint8_t byte, size_t n)
{
	uint8_t *p = writer__room(w, n);

	if (p && n)
		__builtin_memset(p, byte, n);
}

static inline void writer__seek(struct writer *w, size_t pos)
{
	if (w->err || pos > w->size)
		w->err = XSTATE_E_NOSPACE;
	else
		w->pos = pos;
}

static inline void writer__u16(struct writer *w, uint16_t v)
{
	writer__bytes(w, &v, sizeof(v));
}

static inline void writer__u32(struct writer *w, uint32_t v)
{
	writer__bytes(w, &v, sizeof(v));
}

static inline void writer__u64(struct writer *w, uint64_t v)
{
	writer__bytes(w, &v, sizeof(v));
}

/* block.c: the 56 bytes before the data; xfeatures and size are @b's. */
void xstate_block__put_header(struct writer *w, const struct xstate_block *b);

#endif /* XSTATE_CURSOR_H */
