// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * names.c - components, registers, types, classes and errors by name
 */
#include "cursor.h"

/*
 * By number, never by position: a hole in such a table has named ZMM_Hi256
 * for opmask elsewhere [SDM 13.1; 13.5.1-13.5.14].
 */
static const char *const xfeature_names[] = {
	[XFEATURE_FP]		= "x87",
	[XFEATURE_SSE]		= "SSE",
	[XFEATURE_YMM]		= "YMM_Hi128",
	[XFEATURE_BNDREGS]	= "BNDREGS",
	[XFEATURE_BNDCSR]	= "BNDCSR",
	[XFEATURE_OPMASK]	= "opmask",
	[XFEATURE_ZMM_Hi256]	= "ZMM_Hi256",
	[XFEATURE_Hi16_ZMM]	= "Hi16_ZMM",
	[XFEATURE_PT]		= "PT",
	[XFEATURE_PKRU]		= "PKRU",
	[XFEATURE_PASID]	= "PASID",
	[XFEATURE_CET_USER]	= "CET_U",
	[XFEATURE_CET_KERNEL]	= "CET_S",
	[13]			= "HDC",
	[14]			= "UINTR",
	[XFEATURE_LBR]		= "LBR",
	[16]			= "HWP",
	[XFEATURE_XTILE_CFG]	= "TILECFG",
	[XFEATURE_XTILE_DATA]	= "TILEDATA",
	[XFEATURE_APX]		= "APX",
};

const char *xfeature__name(unsigned int nr)
{
	if (nr >= sizeof(xfeature_names) / sizeof(xfeature_names[0]))
		return NULL;
	return xfeature_names[nr];
}

const char *xstate_strerror(int code)
{
	switch (code) {
	case 0:
		return "success";
#define XSTATE_ERROR_TEXT(name, nr, text)	\
	case XSTATE_E_##name:			\
		return text;
	XSTATE_ERRORS(XSTATE_ERROR_TEXT)
#undef XSTATE_ERROR_TEXT
	}
	return "unknown error code";
}

#define BIT(nr) XFEATURE_MASK(XFEATURE_##nr)

/* A class's registers are prefix and number, or have names of their own. */
static const struct class_info {
	const char *prefix;
	const char *const *names;
	uint16_t size;
	uint8_t count;
	uint8_t first;		/* number that index 0 has in its name */
	uint64_t low;		/* components of registers 0..15 */
	uint64_t high;		/* of 16..31 */
} classes[XSTATE_CLASS_NR] = {
	[XSTATE_CLASS_XMM]	= { .prefix = "xmm", .count = 32, .size = 16,
				    .low = BIT(SSE), .high = BIT(Hi16_ZMM) },
	[XSTATE_CLASS_YMM]	= { .prefix = "ymm", .count = 32, .size = 32,
				    .low = BIT(SSE) | BIT(YMM),
				    .high = BIT(Hi16_ZMM) },
	[XSTATE_CLASS_ZMM]	= { .prefix = "zmm", .count = 32, .size = 64,
				    .low = BIT(SSE) | BIT(YMM) | BIT(ZMM_Hi256),
				    .high = BIT(Hi16_ZMM) },
	[XSTATE_CLASS_OPMASK]	= { .prefix = "k", .count = 8, .size = 8,
				    .low = BIT(OPMASK) },
	[XSTATE_CLASS_EGPR]	= { .prefix = "r", .count = 16, .size = 8,
				    .first = 16, .low = BIT(APX) },
	[XSTATE_CLASS_MXCSR]	= { .names = (const char *const[]){ "mxcsr" },
				    .count = 1, .size = 4 },
	[XSTATE_CLASS_PKRU]	= { .names = (const char *const[]){ "pkru" },
				    .count = 1, .size = 4, .low = BIT(PKRU) },
	[XSTATE_CLASS_SSP]	= { .names = (const char *const[]){ "ssp" },
				    .count = 1, .size = 8, .low = BIT(CET_USER) },
	[XSTATE_CLASS_ST]	= { .prefix = "st", .count = 8, .size = 10,
				    .low = BIT(FP) },
	[XSTATE_CLASS_X87]	= { .names = (const char *const[XSTATE_X87_NR]){
					[XSTATE_X87_FCW] = "fcw",
					[XSTATE_X87_FSW] = "fsw",
					[XSTATE_X87_FTW] = "ftw",
					[XSTATE_X87_FOP] = "fop",
					[XSTATE_X87_FIP] = "fip",
					[XSTATE_X87_FDP] = "fdp" },
				    .count = XSTATE_X87_NR, .low = BIT(FP) },
	[XSTATE_CLASS_TILECFG]	= { .names = (const char *const[]){ "tilecfg" },
				    .count = 1, .size = 64, .low = BIT(XTILE_CFG) },
	[XSTATE_CLASS_TMM]	= { .prefix = "tmm", .count = 8, .size = 1024,
				    .low = BIT(XTILE_DATA) },
};

static const uint8_t x87_size[XSTATE_X87_NR] = {
	[XSTATE_X87_FCW] = 2, [XSTATE_X87_FSW] = 2, [XSTATE_X87_FTW] = 1,
	[XSTATE_X87_FOP] = 2, [XSTATE_X87_FIP] = 8, [XSTATE_X87_FDP] = 8,
};

static const struct class_info *reg__class(struct xstate_reg reg)
{
	if (reg.class >= XSTATE_CLASS_NR || reg.index >= classes[reg.class].count)
		return NULL;
	return &classes[reg.class];
}

unsigned int xstate_class__count(enum xstate_class c)
{
	return (unsigned int)c < XSTATE_CLASS_NR ? classes[c].count : 0;
}

unsigned int xstate_reg__size(struct xstate_reg reg)
{
	const struct class_info *c = reg__class(reg);

	if (!c)
		return 0;
	return reg.class == XSTATE_CLASS_X87 ? x87_size[reg.index] : c->size;
}

uint64_t xstate_reg__xfeatures(struct xstate_reg reg)
{
	const struct class_info *c = reg__class(reg);

	if (!c)
		return 0;
	return c->high && reg.index >= 16 ? c->high : c->low;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static int equal(const char *name, size_t len, const char *s)
{
	return length(s) == len && !__builtin_memcmp(name, s, len);
}

const char *xstate_reg__name(struct xstate_reg reg, char *buf)
{
	const struct class_info *c = reg__class(reg);
	unsigned int nr;
	const char *s;
	char *p = buf;

	if (!c)
		return NULL;
	for (s = c->names ? c->names[reg.index] : c->prefix; *s; s++)
		*p++ = *s;
	if (c->prefix) {
		nr = c->first + reg.index;
		if (nr >= 10)
			*p++ = '0' + nr / 10;
		*p++ = '0' + nr % 10;
	}
	*p = '\0';
	return buf;
}

/* One or two digits without a leading zero; -1 for anything else. */
static int parse_number(const char *s, size_t len)
{
	if (len < 1 || len > 2 || s[0] < '0' || s[0] > '9')
		return -1;
	if (len == 1)
		return s[0] - '0';
	if (s[0] == '0' || s[1] < '0' || s[1] > '9')
		return -1;
	return (s[0] - '0') * 10 + s[1] - '0';
}

static int class__parse(const struct class_info *c, const char *name, size_t len)
{
	size_t skip;
	int i;

	for (i = 0; c->names && i < c->count; i++)
		if (equal(name, len, c->names[i]))
			return i;
	if (!c->prefix)
		return -1;
	skip = length(c->prefix);
	if (len <= skip || __builtin_memcmp(name, c->prefix, skip))
		return -1;
	i = parse_number(name + skip, len - skip) - c->first;
	return i < c->count ? i : -1;
}

int xstate_reg__parse(const char *name, size_t len, struct xstate_reg *reg)
{
	unsigned int c;

	for (c = 0; c < XSTATE_CLASS_NR; c++) {
		int index = class__parse(&classes[c], name, len);

		if (index >= 0) {
			*reg = (struct xstate_reg){ c, index };
			return 0;
		}
	}
	return XSTATE_E_NAME;
}

static const struct {
	const char *name;
	uint8_t size;
	uint8_t fp;
} types[XSTATE_TYPE_NR] = {
	[XSTATE_I8]	= { "i8", 1, 0 },	[XSTATE_U8]	= { "u8", 1, 0 },
	[XSTATE_I16]	= { "i16", 2, 0 },	[XSTATE_U16]	= { "u16", 2, 0 },
	[XSTATE_I32]	= { "i32", 4, 0 },	[XSTATE_U32]	= { "u32", 4, 0 },
	[XSTATE_I64]	= { "i64", 8, 0 },	[XSTATE_U64]	= { "u64", 8, 0 },
	[XSTATE_F16]	= { "f16", 2, 1 },	[XSTATE_BF16]	= { "bf16", 2, 1 },
	[XSTATE_F32]	= { "f32", 4, 1 },	[XSTATE_F64]	= { "f64", 8, 1 },
};

const char *xstate_type__name(enum xstate_type t)
{
	return (unsigned int)t < XSTATE_TYPE_NR ? types[t].name : NULL;
}

unsigned int xstate_type__size(enum xstate_type t)
{
	return (unsigned int)t < XSTATE_TYPE_NR ? types[t].size : 0;
}

int xstate_type__is_fp(enum xstate_type t)
{
	return (unsigned int)t < XSTATE_TYPE_NR && types[t].fp;
}

int xstate_type__parse(const char *name, size_t len, enum xstate_type *t)
{
	unsigned int i;

	for (i = 0; i < XSTATE_TYPE_NR; i++)
		if (equal(name, len, types[i].name)) {
			*t = i;
			return 0;
		}
	return XSTATE_E_NAME;
}

const char *xstate_fp_class__name(enum xstate_fp_class c)
{
	static const char *const names[XSTATE_FP_NR] = {
		[XSTATE_FP_ZERO]	= "zero",
		[XSTATE_FP_SUBNORMAL]	= "subnormal",
		[XSTATE_FP_NORMAL]	= "normal",
		[XSTATE_FP_INF]		= "inf",
		[XSTATE_FP_QNAN]	= "qnan",
		[XSTATE_FP_SNAN]	= "snan",
	};

	return (unsigned int)c < XSTATE_FP_NR ? names[c] : NULL;
}
