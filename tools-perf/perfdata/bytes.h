/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only code of this folder that touches raw bytes: a reader that cannot
 * leave its span and a writer that cannot leave its buffer. Both remember that
 * they were asked for too much; results after that are 0, NULL or not written.
 * Files are little endian, as is every machine that makes or reads them here.
 */
#ifndef PERF_XREGS_PERFDATA_BYTES_H
#define PERF_XREGS_PERFDATA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "perf.data of x86 is little endian");

struct span {
	const uint8_t *p, *end;
	bool bad;			/* a read beyond the end was refused */
};

static inline struct span span__of(const void *data, size_t size)
{
	return (struct span){ .p = data, .end = (const uint8_t *)data + size };
}

static inline size_t span__left(const struct span *s)
{
	return s->end - s->p;
}

/** span__take - the next @n bytes, or NULL */
static inline const uint8_t *span__take(struct span *s, uint64_t n)
{
	const uint8_t *p = s->p;

	if (n > span__left(s)) {
		s->bad = true;
		s->p = s->end;
		return NULL;
	}
	s->p += n;
	return p;
}

static inline uint64_t span__u64(struct span *s)
{
	const uint8_t *p = span__take(s, 8);
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, 8);
	return v;
}

static inline uint32_t span__u32(struct span *s)
{
	const uint8_t *p = span__take(s, 4);
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, 4);
	return v;
}

static inline uint16_t span__u16(struct span *s)
{
	const uint8_t *p = span__take(s, 2);
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, 2);
	return v;
}

/** span__array - @n items of @each bytes, or NULL; the product cannot wrap */
static inline const uint8_t *span__array(struct span *s, uint64_t n, size_t each)
{
	if (n > span__left(s) / each) {
		s->bad = true;
		s->p = s->end;
		return NULL;
	}
	return span__take(s, n * each);
}

/** span__string - a string that ends inside the span, or NULL */
static inline const char *span__string(struct span *s)
{
	const uint8_t *p = s->p;
	const uint8_t *nul = memchr(p, 0, span__left(s));

	if (!nul) {
		s->bad = true;
		s->p = s->end;
		return NULL;
	}
	s->p = nul + 1;
	return (const char *)p;
}

struct out {
	uint8_t *buf;
	size_t size, len;
	bool full;			/* something did not fit */
};

static inline struct out out__of(void *buf, size_t size)
{
	return (struct out){ .buf = buf, .size = size };
}

static inline void out__bytes(struct out *o, const void *data, uint64_t n)
{
	if (n > o->size - o->len) {
		o->full = true;
		return;
	}
	if (n)
		memcpy(o->buf + o->len, data, n);
	o->len += n;
}

static inline void out__zero(struct out *o, uint64_t n)
{
	if (n > o->size - o->len) {
		o->full = true;
		return;
	}
	memset(o->buf + o->len, 0, n);
	o->len += n;
}

static inline void out__u64(struct out *o, uint64_t v)
{
	out__bytes(o, &v, 8);
}

static inline void out__u32(struct out *o, uint32_t v)
{
	out__bytes(o, &v, 4);
}

static inline void out__u16(struct out *o, uint16_t v)
{
	out__bytes(o, &v, 2);
}

/** out__align - zero bytes up to a multiple of @to */
static inline void out__align(struct out *o, size_t to)
{
	out__zero(o, (to - o->len % to) % to);
}

#endif
