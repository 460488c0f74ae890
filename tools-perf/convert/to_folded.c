/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flame graph text, as stackcollapse-perf.pl and inferno write it: a stack a
 * line, outermost frame first, ';' between frames, a blank and the number of
 * samples. Sorted, so that equal recordings give equal files.
 */
#include <stdlib.h>
#include <string.h>

#include "convert/convert.h"
#include "output/escape.h"
#include "output/numfmt.h"
#include "util/htab.h"

struct folded_line {
	uint64_t samples;
	size_t len;
	const char *text;
};

struct folded {
	struct htab lines;
	struct arena arena;
	struct stack stack;
	char text[64 << 10];
	size_t len;
};

static int folded__open(struct convert *c, struct err *e)
{
	c->priv = calloc(1, sizeof(struct folded));
	return c->priv ? 0 : err__set(e, "out of memory");
}

/* A frame's name must not hold what separates frames and lines. */
static void folded__frame(struct folded *f, const char *name, bool kernel)
{
	static const char mark[] = "_[k]";
	size_t room = sizeof(f->text) - sizeof(mark) - ESCAPE_MAX - 1;
	char *to;

	if (f->len)
		f->text[f->len++] = ';';
	while (*name && f->len < room) {
		to = f->text + f->len;
		f->len = escape__char(to, &name) - f->text;
		*to = *to == ';' ? ':' : *to;
	}
	if (kernel) {
		memcpy(f->text + f->len, mark, sizeof(mark) - 1);
		f->len += sizeof(mark) - 1;
	}
}

struct folded_key {
	const char *text;
	size_t len;
};

static bool folded__equal(const void *item, const void *key)
{
	const struct folded_line *l = item;
	const struct folded_key *k = key;

	return l->len == k->len && !memcmp(l->text, k->text, k->len);
}

static int folded__count(struct folded *f, struct err *e)
{
	const struct folded_key k = { f->text, f->len };
	uint64_t hash = hash_bytes(1, f->text, f->len);
	struct folded_line *l = htab__find(&f->lines, hash, folded__equal, &k);

	if (!l) {
		l = arena__alloc(&f->arena, sizeof(*l));
		if (!l || !(l->text = arena__copy(&f->arena, f->text, f->len)) || htab__add(&f->lines, hash, l))
			return err__set(e, "out of memory");
		l->len = f->len;
	}
	l->samples++;
	return 0;
}

static int folded__sample(struct convert *c, const struct convert_sample *x, struct err *e)
{
	struct folded *f = c->priv;
	const char *root = convert__root(c, x);
	unsigned int i;

	f->len = 0;
	stack__of(&f->stack, c, x);
	if (root)
		folded__frame(f, root, false);
	folded__frame(f, x->comm, false);
	for (i = f->stack.nr; i--; )
		if (f->len < sizeof(f->text) / 2)
			folded__frame(f, f->stack.frame[i]->sym->name, f->stack.kernel[i]);
	return folded__count(f, e);
}

static int line__compare(const void *a, const void *b)
{
	const struct folded_line *const *x = a, *const *y = b;

	return strcmp((*x)->text, (*y)->text);
}

static int folded__close(struct convert *c, bool failed, struct err *e)
{
	struct folded *f = c->priv;
	struct folded_line **list = malloc((f->lines.used + 1) * sizeof(*list));
	size_t i, n = 0;
	int r = 0;

	if (!list)
		r = err__set(e, "out of memory");
	for (i = 0; !r && i < f->lines.size; i++)
		if (f->lines.slot[i].item)
			list[n++] = f->lines.slot[i].item;
	if (n)
		qsort(list, n, sizeof(*list), line__compare);
	for (i = 0; i < n && !failed; i++) {
		obuf__bytes(&c->out, list[i]->text, list[i]->len);
		obuf__char(&c->out, ' ');
		obuf__set(&c->out, numfmt__u64(obuf__room(&c->out, 32), list[i]->samples));
		obuf__char(&c->out, '\n');
	}
	free(list);
	htab__free(&f->lines);
	arena__free(&f->arena);
	free(f);
	return r;
}

const struct converter convert_folded = {
	.name = "folded", .help = "stacks with sample counts, for flame graphs", .text = true,
	.open = folded__open, .sample = folded__sample, .close = folded__close,
};
