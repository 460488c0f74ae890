/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/reglist.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct class_word {
	const char *name;
	struct { uint8_t class, count; } part[2];
} class_words[] = {
	{ "xmm",    { { XSTATE_CLASS_XMM, 16 } } },
	{ "ymm",    { { XSTATE_CLASS_YMM, 16 } } },
	{ "zmm",    { { XSTATE_CLASS_ZMM, 32 } } },
	{ "opmask", { { XSTATE_CLASS_OPMASK, 8 } } },
	{ "egpr",   { { XSTATE_CLASS_EGPR, 16 } } },
	{ "mxcsr",  { { XSTATE_CLASS_MXCSR, 1 } } },
	{ "pkru",   { { XSTATE_CLASS_PKRU, 1 } } },
	{ "x87",    { { XSTATE_CLASS_ST, 8 }, { XSTATE_CLASS_X87, XSTATE_X87_NR } } },
	{ "ssp",    { { XSTATE_CLASS_SSP, 1 } } },
	{ "amx",    { { XSTATE_CLASS_TILECFG, 1 }, { XSTATE_CLASS_TMM, 8 } } },
};

static const struct reglist_class class_help[] = {
	{ "vector", "the widest of xmm, ymm, zmm that is there, opmasks, mxcsr (default)" },
	{ "xmm",    "xmm0-15" },
	{ "ymm",    "ymm0-15" },
	{ "zmm",    "zmm0-31" },
	{ "opmask", "k0-7" },
	{ "egpr",   "r16-31 (APX)" },
	{ "mxcsr",  "SSE control and status" },
	{ "pkru",   "protection keys" },
	{ "x87",    "st0-7, fcw, fsw, ftw, fop, fip, fdp" },
	{ "ssp",    "shadow stack pointer" },
	{ "amx",    "tilecfg, tmm0-7" },
	{ "header", "XINUSE, MXCSR and XFD, which always come along" },
};

const struct reglist_class *reglist__classes(size_t *nr)
{
	*nr = ARRAY_SIZE(class_help);
	return class_help;
}

void reglist__add(struct reglist *l, struct xstate_reg reg)
{
	l->reg[reg.class] |= UINT32_C(1) << reg.index;
	l->xfeatures |= xstate_reg__xfeatures(reg);
}

bool reglist__has(const struct reglist *l, struct xstate_reg reg)
{
	return reg.class < XSTATE_CLASS_NR && reg.index < 32 &&
	       (l->reg[reg.class] >> reg.index & 1);
}

bool reglist__next(const struct reglist *l, unsigned int *it,
		   struct xstate_reg *reg)
{
	for (; *it < XSTATE_CLASS_NR * 32; ++*it) {
		reg->class = *it / 32;
		reg->index = *it % 32;
		if (reglist__has(l, *reg)) {
			++*it;
			return true;
		}
	}
	return false;
}

static void reglist__add_range(struct reglist *l, unsigned int class,
			       unsigned int first, unsigned int last)
{
	unsigned int i;

	for (i = first; i <= last; i++)
		reglist__add(l, (struct xstate_reg){ .class = class, .index = i });
}

static bool reglist__add_class(struct reglist *l, const char *s, size_t len)
{
	const struct class_word *w;
	size_t i;

	for (w = class_words; w < class_words + ARRAY_SIZE(class_words); w++) {
		if (strlen(w->name) != len || memcmp(w->name, s, len))
			continue;
		for (i = 0; i < ARRAY_SIZE(w->part); i++)
			if (w->part[i].count)
				reglist__add_range(l, w->part[i].class, 0, w->part[i].count - 1);
		return true;
	}
	return false;
}

/* The widest class: AVX-512 is there when all three of its components are. */
static void reglist__add_vector(struct reglist *l, uint64_t machine)
{
	if ((machine & XFEATURE_MASK_AVX512) == XFEATURE_MASK_AVX512)
		reglist__add_class(l, "zmm", 3);
	else if (machine & XFEATURE_MASK(XFEATURE_YMM))
		reglist__add_class(l, "ymm", 3);
	else
		reglist__add_class(l, "xmm", 3);
	if (machine & XFEATURE_MASK(XFEATURE_OPMASK))
		reglist__add_class(l, "opmask", 6);
	reglist__add_class(l, "mxcsr", 5);
}

/* The end of a range: a number, or a register of the same class. */
static bool range__end(const char *s, size_t len, struct xstate_reg first,
		       struct xstate_reg *last)
{
	char name[32], first_name[12];
	size_t prefix;

	if (!len || len > 12)
		return false;
	if (s[0] < '0' || s[0] > '9')
		return !xstate_reg__parse(s, len, last) && last->class == first.class;
	if (!xstate_reg__name(first, first_name))
		return false;
	prefix = strcspn(first_name, "0123456789");
	snprintf(name, sizeof(name), "%.*s%.*s", (int)prefix, first_name, (int)len, s);
	return !xstate_reg__parse(name, strlen(name), last) &&
	       last->class == first.class;
}

static int item__fail(const char *s, size_t len, const char *text,
		      const char *why, struct err *e)
{
	return err__usage(e, "register list '%s': '%.*s' at character %zu %s; "
			  "known are xmm ymm zmm opmask egpr mxcsr pkru x87 ssp amx header vector, "
			  "registers (ymm3, k1, st0) and ranges (ymm0-3)",
			  text, (int)len, s, (size_t)(s - text) + 1, why);
}

static int reglist__add_item(struct reglist *l, const char *text, const char *s,
			     size_t len, uint64_t machine, struct err *e)
{
	const char *dash = memchr(s, '-', len);
	size_t left = dash ? (size_t)(dash - s) : len;
	struct xstate_reg first, last;

	if (!len)
		return item__fail(s, 0, text, "is empty", e);
	if (len == 6 && !memcmp(s, "vector", 6))
		return reglist__add_vector(l, machine), 0;
	if (len == 6 && !memcmp(s, "header", 6))
		return l->header = true, 0;
	if (reglist__add_class(l, s, len))
		return 0;
	if (xstate_reg__parse(s, left, &first))
		return item__fail(s, len, text, "is no register and no class", e);
	last = first;
	if (dash && !range__end(dash + 1, len - left - 1, first, &last))
		return item__fail(s, len, text, "is a range whose end is no register of the same class", e);
	if (last.index < first.index)
		return item__fail(s, len, text, "is a range that runs backwards", e);
	reglist__add_range(l, first.class, first.index, last.index);
	return 0;
}

int reglist__parse(struct reglist *l, const char *text, uint64_t machine,
		   struct err *e)
{
	struct reglist list = { .xfeatures = 0 };
	const char *s = text;
	size_t len;

	for (;;) {
		len = strcspn(s, ",");
		if (reglist__add_item(&list, text, s, len, machine, e))
			return -1;
		if (!s[len])
			break;
		s += len + 1;
	}
	*l = list;
	return 0;
}

struct text {
	char *buf;
	size_t size, len;
};

static void text__add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (t->len + n < t->size)
		memcpy(t->buf + t->len, s, n + 1);
	t->len += n;
}

static void text__add_run(struct text *t, char sep, struct xstate_reg reg,
			  struct xstate_reg last)
{
	char name[12];

	if (t->len)
		text__add(t, (char[]){ sep, 0 });
	if (!xstate_reg__name(reg, name))
		return;
	text__add(t, name);
	if (last.index == reg.index || !xstate_reg__name(last, name))
		return;
	text__add(t, "-");
	text__add(t, name + strcspn(name, "0123456789"));
}

/* Runs of registers; the x87 words have names without numbers, so no ranges. */
size_t reglist__format(const struct reglist *l, char sep, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size };
	struct xstate_reg reg, last;
	unsigned int it = 0;

	if (size)
		buf[0] = '\0';
	while (reglist__next(l, &it, &reg)) {
		last = reg;
		while (reg.class != XSTATE_CLASS_X87 && last.index < 31 &&
		       (l->reg[reg.class] >> (last.index + 1) & 1))
			last.index++;
		it += last.index - reg.index;
		text__add_run(&t, sep, reg, last);
	}
	if (l->header) {
		if (t.len)
			text__add(&t, (char[]){ sep, 0 });
		text__add(&t, "header");
	}
	return t.len;
}
