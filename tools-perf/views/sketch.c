/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>

#include "views/sketch.h"

size_t sketch__bytes(unsigned int size)
{
	return sizeof(struct sketch) + size * sizeof(struct sketch_item);
}

static struct sketch_item *sketch__find(struct sketch *s, uint8_t type, uint64_t bits)
{
	unsigned int i;

	for (i = 0; i < s->used; i++)
		if (s->item[i].bits == bits && s->item[i].type == type)
			return &s->item[i];
	return NULL;
}

static struct sketch_item *sketch__smallest(struct sketch *s)
{
	struct sketch_item *min = s->item;
	unsigned int i;

	for (i = 1; i < s->used; i++)
		if (s->item[i].count < min->count)
			min = &s->item[i];
	return min;
}

/* A value without a counter takes over the smallest, with what that had. */
void sketch__add(struct sketch *s, uint8_t type, uint64_t bits, uint64_t n)
{
	struct sketch_item *i = sketch__find(s, type, bits);

	s->total += n;
	if (i) {
		i->count += n;
		return;
	}
	if (s->used < s->size) {
		s->item[s->used++] = (struct sketch_item){ .bits = bits, .type = type, .count = n };
		return;
	}
	i = sketch__smallest(s);
	*i = (struct sketch_item){ .bits = bits, .type = type, .count = i->count + n, .err = i->count };
}

static int item__compare(const void *x, const void *y)
{
	const struct sketch_item *a = x, *b = y;
	uint64_t ca = a->count - a->err, cb = b->count - b->err;

	if (ca != cb)
		return ca < cb ? 1 : -1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return (a->bits > b->bits) - (a->bits < b->bits);
}

void sketch__sort(struct sketch *s)
{
	if (s->used)
		qsort(s->item, s->used, sizeof(s->item[0]), item__compare);
}

uint64_t sketch__bound(const struct sketch *s)
{
	uint64_t max = 0;
	unsigned int i;

	for (i = 0; i < s->used; i++)
		max = s->item[i].err > max ? s->item[i].err : max;
	return max;
}
