/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be asked of a sample beside its registers: one table. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "filter/internal.h"

static void field_value__set(struct field_value *v, bool known, uint64_t value)
{
	*v = (struct field_value){ .value = value, .known = known ? UINT64_MAX : 0 };
}

/* ---- of the record: known when its event asked for them ---------------------------- */

static void get_pid(const struct filter_source *s, struct field_value *v)
{
	field_value__set(v, s->sample->type & PERF_SAMPLE_TID, s->sample->pid);
}

static void get_tid(const struct filter_source *s, struct field_value *v)
{
	field_value__set(v, s->sample->type & PERF_SAMPLE_TID, s->sample->tid);
}

static void get_cpu(const struct filter_source *s, struct field_value *v)
{
	field_value__set(v, s->sample->type & PERF_SAMPLE_CPU, s->sample->cpu);
}

static void get_ip(const struct filter_source *s, struct field_value *v)
{
	field_value__set(v, s->sample->type & PERF_SAMPLE_IP, s->sample->ip);
}

static void get_addr(const struct filter_source *s, struct field_value *v)
{
	field_value__set(v, s->sample->type & PERF_SAMPLE_ADDR, s->sample->addr);
}

static void get_time(const struct filter_source *s, struct field_value *v)
{
	field_value__set(v, s->sample->type & PERF_SAMPLE_TIME, s->sample->time);
}

/* An event with a fixed period does not repeat it in every sample. */
static void get_period(const struct filter_source *s, struct field_value *v)
{
	const struct perfdata_attr *a = s->sample->attr;

	if (s->sample->type & PERF_SAMPLE_PERIOD)
		field_value__set(v, true, s->sample->period);
	else
		field_value__set(v, a && !a->attr.freq, a ? a->attr.sample_period : 0);
}

static const char *string_event(const struct filter_source *s)
{
	return s->sample->attr && *s->sample->attr->name ? s->sample->attr->name : NULL;
}

static const char *string_comm(const struct filter_source *s)
{
	return s->ops && s->ops->comm ? s->ops->comm(s->ctx) : NULL;
}

static const char *string_sym(const struct filter_source *s)
{
	return s->ops && s->ops->sym ? s->ops->sym(s->ctx) : NULL;
}

static const char *string_dso(const struct filter_source *s)
{
	return s->ops && s->ops->dso ? s->ops->dso(s->ctx) : NULL;
}

/* ---- of the register header ------------------------------------------------------------ */

static const struct xstate_regs *source__regs(const struct filter_source *s)
{
	return s->ops && s->ops->regs ? s->ops->regs(s->ctx) : NULL;
}

static void get_mxcsr(const struct filter_source *s, struct field_value *v)
{
	const struct xstate_regs *r = source__regs(s);

	if (!r)
		return;
	field_value__set(v, r->mxcsr_state != XSTATE_UNKNOWN,
			 r->mxcsr_state == XSTATE_INIT ? MXCSR_INIT : r->mxcsr);
}

static void get_rounding(const struct filter_source *s, struct field_value *v)
{
	get_mxcsr(s, v);
	v->value = (v->value & MXCSR_RC) >> MXCSR_RC_SHIFT;
}

/*
 * With IA32_XFD[i]=1 a clear XINUSE[i] says nothing: the component may have
 * been dropped or never looked at [SDM vol. 1, 13.14].
 */
static void get_xinuse(const struct filter_source *s, struct field_value *v)
{
	const struct xstate_regs *r = source__regs(s);

	if (!r || !r->xinuse_known)
		return;
	v->value = r->xinuse;
	v->known = ~(r->xfd & ~r->xinuse & r->supported);
}

/* A component that the machine does not have is not in use. */
static void get_xstate(const struct filter_source *s, struct field_value *v)
{
	const struct xstate_regs *r = source__regs(s);

	if (!r)
		return;
	v->value = r->xfeatures;
	v->known = r->captured | ~r->supported;
}

static bool bank__nonzero(const struct xstate_bank *b)
{
	const uint8_t *p;
	unsigned int i, j;

	for (i = 0; i < 16; i++) {
		p = xstate_bank__reg(b, i);
		for (j = 0; p && j < b->bytes; j++)
			if (p[j])
				return true;
	}
	return false;
}

/*
 * Is a component in use? Told by XINUSE, else by XSTATE_BV. A SIMD ABI record
 * has neither: what is not zero there is in use, but zero may be init, not
 * captured or a value.
 */
static enum filter_result source__in_use(const struct filter_source *s,
					 unsigned int nr, enum xstate_bank_nr bank)
{
	const struct xstate_regs *r = source__regs(s);
	struct field_value v = { 0, 0 };

	if (r->zero_is_ambiguous)
		return bank__nonzero(&r->bank[bank]) ? FILTER_TRUE : FILTER_UNKNOWN;
	get_xinuse(s, &v);
	if (!(v.known >> nr & 1))
		get_xstate(s, &v);
	if (!(v.known >> nr & 1))
		return FILTER_UNKNOWN;
	return v.value >> nr & 1;
}

/*
 * Bits above 127 of the registers that legacy SSE code can name, 0 to 15.
 * Hi16_ZMM is kept apart: code that uses ymm16-31 only (glibc's EVEX string
 * functions) puts it in use as well, and vzeroupper leaves it alone [SDM vol. 2,
 * VZEROUPPER].
 */
struct upper {
	enum filter_result ymm, zmm;
};

static bool upper__read(struct upper *u, const struct filter_source *s)
{
	if (!source__regs(s))
		return false;
	u->ymm = source__in_use(s, XFEATURE_YMM, XSTATE_BANK_YMM_HI);
	u->zmm = source__in_use(s, XFEATURE_ZMM_Hi256, XSTATE_BANK_ZMM_HI);
	return true;
}

static void get_upper(const struct filter_source *s, struct field_value *v)
{
	struct upper u;

	if (!upper__read(&u, s))
		return;
	if (u.ymm == FILTER_TRUE || u.zmm == FILTER_TRUE)
		field_value__set(v, true, 1);
	else
		field_value__set(v, u.ymm == FILTER_FALSE && u.zmm == FILTER_FALSE, 0);
}

static void get_width(const struct filter_source *s, struct field_value *v)
{
	struct upper u;

	if (!upper__read(&u, s))
		return;
	if (u.zmm == FILTER_TRUE)
		field_value__set(v, true, 512);
	else
		field_value__set(v, u.zmm == FILTER_FALSE && u.ymm != FILTER_UNKNOWN,
				 u.ymm == FILTER_TRUE ? 256 : 128);
}

static void get_width_nonzero(const struct filter_source *s, struct field_value *v)
{
	const struct xstate_regs *r = source__regs(s);
	unsigned int width = r ? xstate_regs__width_nonzero(r) : 0;

	field_value__set(v, width, width == 1 ? 0 : width);
}

/* ---- words --------------------------------------------------------------------------------- */

static const struct word mxcsr_words[] = {
	{ "ie", MXCSR_IE }, { "de", MXCSR_DE }, { "ze", MXCSR_ZE },
	{ "oe", MXCSR_OE }, { "ue", MXCSR_UE }, { "pe", MXCSR_PE },
	{ "daz", MXCSR_DAZ },
	{ "im", MXCSR_IM }, { "dm", MXCSR_DM }, { "zm", MXCSR_ZM },
	{ "om", MXCSR_OM }, { "um", MXCSR_UM }, { "pm", MXCSR_PM },
	{ "ftz", MXCSR_FTZ },
	{ NULL, 0 },
};

static const struct word rounding_words[] = {
	{ "nearest", 0 }, { "down", 1 }, { "up", 2 }, { "zero", 3 },
	{ NULL, 0 },
};

static const struct word component_words[] = {
	{ "x87", XFEATURE_MASK(XFEATURE_FP) },
	{ "sse", XFEATURE_MASK(XFEATURE_SSE) },
	{ "avx", XFEATURE_MASK(XFEATURE_YMM) },
	{ "ymm_hi128", XFEATURE_MASK(XFEATURE_YMM) },
	{ "avx512", XFEATURE_MASK(XFEATURE_OPMASK) | XFEATURE_MASK(XFEATURE_ZMM_Hi256) |
		    XFEATURE_MASK(XFEATURE_Hi16_ZMM) },
	{ "opmask", XFEATURE_MASK(XFEATURE_OPMASK) },
	{ "zmm_hi256", XFEATURE_MASK(XFEATURE_ZMM_Hi256) },
	{ "hi16_zmm", XFEATURE_MASK(XFEATURE_Hi16_ZMM) },
	{ "pkru", XFEATURE_MASK(XFEATURE_PKRU) },
	{ "cet_u", XFEATURE_MASK(XFEATURE_CET_USER) },
	{ "cet_s", XFEATURE_MASK(XFEATURE_CET_KERNEL) },
	{ "amx", XFEATURE_MASK(XFEATURE_XTILE_CFG) | XFEATURE_MASK(XFEATURE_XTILE_DATA) },
	{ "tilecfg", XFEATURE_MASK(XFEATURE_XTILE_CFG) },
	{ "tiledata", XFEATURE_MASK(XFEATURE_XTILE_DATA) },
	{ "apx", XFEATURE_MASK(XFEATURE_APX) },
	{ NULL, 0 },
};

static const struct word upper_words[] = {
	{ "clean", 0 }, { "dirty", 1 },
	{ NULL, 0 },
};

/* ---- the table ---------------------------------------------------------------------------------- */

static const struct field fields[] = {
	{ "comm", FIELD_STRING, COST_STRING, FILTER_NEEDS_COMM, .string = string_comm },
	{ "pid", FIELD_NUMBER, COST_FIELD, .get = get_pid },
	{ "tid", FIELD_NUMBER, COST_FIELD, .get = get_tid },
	{ "cpu", FIELD_NUMBER, COST_FIELD, .get = get_cpu },
	{ "event", FIELD_STRING, COST_HEADER, .string = string_event },
	{ "ip", FIELD_NUMBER, COST_FIELD, .get = get_ip },
	{ "addr", FIELD_NUMBER, COST_FIELD, .get = get_addr },
	{ "sym", FIELD_STRING, COST_STRING, FILTER_NEEDS_SYM, .string = string_sym },
	{ "dso", FIELD_STRING, COST_STRING, FILTER_NEEDS_DSO, .string = string_dso },
	{ "time", FIELD_TIME, COST_FIELD, .get = get_time },
	{ "period", FIELD_NUMBER, COST_FIELD, .get = get_period },
	{ "mxcsr", FIELD_FLAGS, COST_HEADER, FILTER_NEEDS_REGS, "MXCSR flag", mxcsr_words, get_mxcsr },
	{ "mxcsr.rc", FIELD_CHOICE, COST_HEADER, FILTER_NEEDS_REGS, "rounding mode", rounding_words, get_rounding },
	{ "xinuse", FIELD_FLAGS, COST_HEADER, FILTER_NEEDS_REGS, "state component", component_words, get_xinuse },
	{ "xstate", FIELD_PARTS, COST_HEADER, FILTER_NEEDS_REGS, "state component", component_words, get_xstate },
	{ "upper", FIELD_CHOICE, COST_HEADER, FILTER_NEEDS_REGS, "state of the upper halves", upper_words, get_upper },
	{ "width", FIELD_NUMBER, COST_HEADER, FILTER_NEEDS_REGS, .get = get_width },
	{ "width.nonzero", FIELD_NUMBER, COST_REGS, FILTER_NEEDS_REGS, .get = get_width_nonzero },
};

const struct field *field__at(unsigned int i)
{
	return i < sizeof(fields) / sizeof(fields[0]) ? &fields[i] : NULL;
}

const struct field *field__find(const char *name, uint32_t len)
{
	const struct field *f;
	unsigned int i;

	for (i = 0; (f = field__at(i)); i++)
		if (strlen(f->name) == len && !strncasecmp(f->name, name, len))
			return f;
	return NULL;
}

const struct word *word__find(const struct word *w, const char *name, uint32_t len)
{
	for (; w->name; w++)
		if (strlen(w->name) == len && !strncasecmp(w->name, name, len))
			return w;
	return NULL;
}

const char *words__list(const struct word *w, char *buf, size_t size)
{
	size_t n = 0;

	for (buf[0] = '\0'; w->name && n < size; w++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? " " : "", w->name);
	return buf;
}
