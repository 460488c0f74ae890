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

/* Where the parts of vector registers lie one behind the other [xstate.h, banks]. */
static const struct run {
	uint8_t bank, first, bytes;	/* register that is its number 0; of a register */
	uint8_t narrowest;		/* enum xstate_class that it is part of */
} runs[] = {
	{ XSTATE_BANK_XMM, 0, 16, XSTATE_CLASS_XMM },
	{ XSTATE_BANK_YMM_HI, 0, 16, XSTATE_CLASS_YMM },
	{ XSTATE_BANK_ZMM_HI, 0, 32, XSTATE_CLASS_ZMM },
	{ XSTATE_BANK_HI16, 16, 64, XSTATE_CLASS_ZMM },
};

/* Hits in registers @first on of a bank; false unless all are values, packed, or all init. */
static bool run__count(const struct selection *s, const struct run *run,
		       const struct xstate_bank *b, unsigned int first,
		       unsigned int n, unsigned int *hits)
{
	static const uint8_t zeros[8];
	unsigned int lanes = n * run->bytes / xstate_type__size(s->type);
	uint32_t all = ((UINT32_C(1) << n) - 1) << first;

	if ((b->value & all) == all && b->stride == run->bytes &&
	    b->bytes == run->bytes && !b->packed)
		*hits += test__lanes(&s->test, s->type, b->base + first * b->stride, 0, lanes);
	else if ((b->init & all) == all)
		*hits += lanes * test__lanes(&s->test, s->type, zeros, 0, 1);
	else
		return false;
	return true;
}

/*
 * Most filters ask for whole registers of a class, most samples have all of
 * them: then no register needs to be put together from its parts, as a lane
 * never lies in two. False where that is not so.
 */
static bool selection__count_runs(const struct selection *s,
				  const struct xstate_regs *r, unsigned int *hits)
{
	struct xstate_reg reg = { s->class, s->first };
	unsigned int end = s->last + 1U, from, to, i;
	const struct run *run;

	if (s->unit != UNIT_LANE || s->class > XSTATE_CLASS_ZMM ||
	    s->nr_lanes * xstate_type__size(s->type) != xstate_reg__size(reg) ||
	    (end > 16 && s->class != XSTATE_CLASS_ZMM))
		return false;
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		run = &runs[i];
		from = s->first > run->first ? s->first : run->first;
		to = end < run->first + 16U ? end : run->first + 16U;
		if (s->class >= run->narrowest && from < to &&
		    !run__count(s, run, &r->bank[run->bank], from - run->first, to - from, hits))
			return false;
	}
	return true;
}

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

	if (selection__count_runs(s, r, &hits))
		return test__interval(&s->count, hits, hits);
	hits = 0;
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
