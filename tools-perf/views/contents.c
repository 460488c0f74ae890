/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>

#include "output/numfmt.h"
#include "views/contents.h"

enum { RECURS = 5 };

bool lanes__equal(const struct fp_lanes *l, unsigned int *nr_read)
{
	uint64_t first = 0, bits;
	bool equal = true;
	unsigned int i;

	*nr_read = 0;
	for (i = 0; i < l->nr_lanes; i++) {
		if (!(l->active >> i & 1))
			continue;
		bits = xstate_lane__bits(l->bytes, l->type, i);
		first = *nr_read ? first : bits;
		equal &= bits == first;
		++*nr_read;
	}
	return equal && *nr_read >= 2;
}

/* Neighbours are often equal: they are counted at once. */
void sketch__add_lanes(struct sketch *s, const struct fp_lanes *l)
{
	const uint8_t type = l->read->op->typed ? l->type : XSTATE_TYPE_NR;
	uint64_t last = 0, bits, n = 0;
	unsigned int i;

	for (i = 0; i < l->nr_lanes; i++) {
		if (!(l->active >> i & 1))
			continue;
		bits = xstate_lane__bits(l->bytes, l->type, i);
		if (n && bits != last) {
			sketch__add(s, type, last, n);
			n = 0;
		}
		last = bits;
		n++;
	}
	if (n)
		sketch__add(s, type, last, n);
}

static void item__text(const struct sketch_item *i, char *buf, size_t size)
{
	char number[NUMFMT_MAX + 1];

	if (i->type == XSTATE_TYPE_NR)
		snprintf(number, sizeof(number), "0x%llx", (unsigned long long)i->bits);
	else
		*numfmt__lane(number, i->type, i->bits) = '\0';
	snprintf(buf, size, "%s", number);
}

/* "24.8 %", or "24.1 % .. 24.8 %" where the sketch is not certain. */
static void item__share(const struct sketch_item *i, uint64_t total, char *buf, size_t size)
{
	struct cell low = cell__share(i->count - i->err, total), high = cell__share(i->count, total);
	char a[24], b[24];

	if (i->err)
		snprintf(buf, size, "%s .. %s", cell__format(&low, a, sizeof(a)), cell__format(&high, b, sizeof(b)));
	else
		snprintf(buf, size, "%s", cell__format(&high, b, sizeof(b)));
}

/* What recurs: seen at least five times for certain, and 1 % of all. */
static bool item__recurs(const struct sketch_item *i, uint64_t total)
{
	uint64_t sure = i->count - i->err;

	return sure >= RECURS && sure * 100 >= total;
}

void sketch__details(struct sketch *s, unsigned int max, const char *reg, struct output *o)
{
	static const struct column columns[] = {
		{ "register", "Register", CELL_TEXT }, { "lane_type", "Type", CELL_TEXT },
		{ "value", "Value", CELL_TEXT }, { "share_at_least", "At least", CELL_SHARE },
		{ "share_at_most", "At most", CELL_SHARE },
	};
	const char *type;
	char text[160], value[40], share[64];
	unsigned int i;

	sketch__sort(s);
	for (i = 0; i < s->used && i < max && item__recurs(&s->item[i], s->total); i++) {
		type = s->item[i].type == XSTATE_TYPE_NR ? "untyped" : xstate_type__name(s->item[i].type);
		item__text(&s->item[i], value, sizeof(value));
		item__share(&s->item[i], s->total, share, sizeof(share));
		struct cell c[] = {
			{ .kind = CELL_TEXT, .text = reg }, { .kind = CELL_TEXT, .text = type },
			{ .kind = CELL_TEXT, .text = value }, cell__share(s->item[i].count - s->item[i].err, s->total),
			cell__share(s->item[i].count, s->total),
		};

		snprintf(text, sizeof(text), "          %18s  %-7s %s", share, type, value);
		o->ops->detail(o, "value", text, reg ? columns : columns + 1, reg ? c : c + 1, reg ? 5 : 4);
	}
}
