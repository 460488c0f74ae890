/* SPDX-License-Identifier: GPL-2.0-only */
/* Terms over registers, evaluated. */
#include <string.h>

#include "filter/internal.h"

/* What one register adds: units that satisfy the test, of those that are known. */
struct tally {
	unsigned int hits, known;
};

/* Low parts may be known where the whole is not: XMM3 without YMM3's upper half. */
static struct tally tally__lanes(const struct selection *s,
				 const struct xstate_value *v)
{
	unsigned int lanes = v->known / xstate_type__size(s->type);
	unsigned int n = 0;

	if (lanes > s->lane)
		n = lanes - s->lane < s->nr_lanes ? lanes - s->lane : s->nr_lanes;
	if (!n || !v->bytes)
		return (struct tally){ 0, 0 };
	return (struct tally){ test__lanes(&s->test, s->type, v->bytes, s->lane, n), n };
}

/* Two known lanes that differ decide it, whatever the unknown ones hold. */
static struct tally tally__equal(const struct selection *s,
				 const struct xstate_value *v)
{
	unsigned int size = xstate_type__size(s->type), i;
	unsigned int lanes = v->known / size;
	const uint8_t *first;

	if (!v->bytes || lanes <= s->lane)
		return (struct tally){ 0, 0 };
	first = v->bytes + (size_t)s->lane * size;
	for (i = 1; i < s->nr_lanes && s->lane + i < lanes; i++)
		if (memcmp(first, first + (size_t)i * size, size))
			return (struct tally){ 0, 1 };
	return (struct tally){ i == s->nr_lanes, i == s->nr_lanes };
}

static struct tally tally__popcount(const struct selection *s,
				    const struct xstate_value *v)
{
	uint64_t word, n = 0;
	unsigned int i, len;

	if (v->state == XSTATE_UNKNOWN || !v->bytes)
		return (struct tally){ 0, 0 };
	for (i = 0; i < v->size; i += sizeof(word)) {
		len = v->size - i < sizeof(word) ? v->size - i : sizeof(word);
		word = 0;
		memcpy(&word, v->bytes + i, len);
		n += (unsigned int)__builtin_popcountll(word);
	}
	return (struct tally){ test__interval(&s->test, n, n) == FILTER_TRUE, 1 };
}

static struct tally tally__state(const struct selection *s,
				 const struct xstate_value *v)
{
	return (struct tally){ test__interval(&s->test, v->state, v->state) == FILTER_TRUE, 1 };
}

static struct tally (*const tallies[])(const struct selection *s,
				       const struct xstate_value *v) = {
	[UNIT_LANE] = tally__lanes, [UNIT_EQUAL] = tally__equal,
	[UNIT_POPCOUNT] = tally__popcount, [UNIT_STATE] = tally__state,
};

/*
 * The number of units that satisfy the test lies between the hits so far and
 * the hits with all that is not known or not yet looked at. As soon as the
 * count's test has the same verdict over all of that, it is decided.
 */
enum filter_result selection__eval(const struct selection *s,
				   const struct xstate_regs *r)
{
	unsigned int units = s->unit == UNIT_LANE ? s->nr_lanes : 1;
	unsigned int open = units * (s->last - s->first + 1U), hits = 0, i;
	enum filter_result result = FILTER_UNKNOWN;
	struct xstate_value v;
	struct tally t;

	for (i = s->first; i <= s->last; i++) {
		if (xstate_regs__get(r, (struct xstate_reg){ s->class, i }, &v) < 0)
			continue;
		t = tallies[s->unit](s, &v);
		hits += t.hits;
		open -= t.known;
		result = test__interval(&s->count, hits, hits + open);
		if (result != FILTER_UNKNOWN)
			break;
	}
	return result;
}
