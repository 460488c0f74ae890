/* SPDX-License-Identifier: GPL-2.0-only */
#include <asm/perf_regs.h>
#include <stdio.h>

#include "output/args.h"
#include "output/numfmt.h"

/* A part's bytes, low end first; NULL: unknown. */
static const uint8_t *part__bytes(const struct arg_part *p, const struct sample *s, const struct xstate_regs *r,
				  struct xstate_value *v)
{
	static const uint8_t class_of[] = { XSTATE_CLASS_XMM, XSTATE_CLASS_YMM, XSTATE_CLASS_ZMM };
	unsigned int bytes = xstate_type__size(p->type) * p->lanes, i;
	uint64_t below;

	if (p->place == ARG_VECTOR) {
		for (i = 0; i < 2 && bytes > 16U << i; i++)
			;
		xstate_regs__get(r, (struct xstate_reg){ .class = class_of[i], .index = p->reg }, v);
		return v->known >= bytes ? v->bytes : NULL;
	}
	if (p->place != ARG_GPR || !s->has_regs_user || !(s->regs_user.mask >> p->reg & 1))
		return NULL;
	below = s->regs_user.mask & ((UINT64_C(1) << p->reg) - 1);
	return s->regs_user.gprs + 8 * __builtin_popcountll(below);
}

/* JSON has no number for some. */
static bool lane__is_word(const char *text)
{
	return strpbrk(text, "in") != NULL;	/* inf, nan, snan */
}

static void lane__put(struct obuf *o, const struct arg_part *p, const uint8_t *bytes, unsigned int i, bool json)
{
	uint64_t bits = xstate_lane__bits(bytes, p->type, i);
	char text[NUMFMT_MAX + 8];
	bool quoted;

	if (p->hex)
		*numfmt__hex(put_text(text, "0x"), bits, 1) = '\0';
	else
		*numfmt__lane(text, p->type, bits) = '\0';
	quoted = json && (p->hex || lane__is_word(text));
	obuf__text(o, quoted ? "\"" : "");
	obuf__text(o, text);
	obuf__text(o, quoted ? "\"" : "");
}

/* All lanes of all parts, with ", " or "," between. */
static void arg__values(struct obuf *o, const struct arg *a, const struct sample *s, const struct xstate_regs *r,
			bool json)
{
	struct xstate_value v;
	const uint8_t *bytes;
	unsigned int i, k, n = 0;

	for (i = 0; i < a->nr_parts; i++) {
		const struct arg_part *p = &a->part[i];

		bytes = part__bytes(p, s, r, &v);
		for (k = 0; k < (bytes ? p->lanes : 1U); k++) {
			obuf__text(o, n++ ? json ? "," : ", " : "");
			if (bytes)
				lane__put(o, p, bytes, k, json);
			else
				obuf__text(o, json ? "null" : "?");
		}
	}
}

void args__text(struct obuf *o, const struct args *a, const struct sample *s, const struct xstate_regs *r)
{
	unsigned int i;

	for (i = 0; i < a->nr; i++) {
		const struct arg *x = &a->arg[i];
		bool many = x->nr_parts != 1 || x->part[0].lanes > 1;

		obuf__text(o, i ? ", " : "");
		obuf__name(o, x->name);
		obuf__text(o, many ? "={" : "=");
		arg__values(o, x, s, r, false);
		obuf__text(o, many ? "}" : "");
	}
	if (a->more)
		obuf__text(o, ", ...");
}

static void part__register(struct obuf *o, const struct arg_part *p)
{
	static const char *const gpr[] = {
		[PERF_REG_X86_DI] = "rdi", [PERF_REG_X86_SI] = "rsi", [PERF_REG_X86_DX] = "rdx",
		[PERF_REG_X86_CX] = "rcx", [PERF_REG_X86_R8] = "r8", [PERF_REG_X86_R9] = "r9",
	};
	unsigned int bytes = xstate_type__size(p->type) * p->lanes;

	if (p->place == ARG_GPR)
		obuf__text(o, gpr[p->reg]);
	else if (p->place == ARG_VECTOR)
		obuf__printf(o, "%cmm%u", bytes > 32 ? 'z' : bytes > 16 ? 'y' : 'x', p->reg);
	else
		obuf__text(o, "memory");
}

static void arg__json(struct obuf *o, const struct arg *a, const struct sample *s, const struct xstate_regs *r)
{
	unsigned int i;

	obuf__text(o, "{\"name\":");
	obuf__json_string(o, a->name);
	obuf__text(o, ",\"regs\":[");
	for (i = 0; i < a->nr_parts; i++) {
		obuf__text(o, i ? ",\"" : "\"");
		part__register(o, &a->part[i]);
		obuf__char(o, '"');
	}
	obuf__text(o, "],\"types\":[");
	for (i = 0; i < a->nr_parts; i++)
		obuf__printf(o, "%s\"%s\"", i ? "," : "", a->part[i].place ? xstate_type__name(a->part[i].type) : "?");
	obuf__text(o, "],\"values\":[");
	arg__values(o, a, s, r, true);
	obuf__text(o, "]}");
}

void args__json(struct obuf *o, const struct args *a, const struct sample *s, const struct xstate_regs *r)
{
	unsigned int i;

	obuf__char(o, '[');
	for (i = 0; i < a->nr; i++) {
		obuf__text(o, i ? "," : "");
		arg__json(o, &a->arg[i], s, r);
	}
	obuf__char(o, ']');
}
