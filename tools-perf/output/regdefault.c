/* SPDX-License-Identifier: GPL-2.0-only */
/* Which registers of a file are shown when nobody names any. */
#include <string.h>

#include "output/regdefault.h"

static void reglist__add_classes(struct reglist *l, const char *names)
{
	struct reglist more;
	unsigned int i;
	struct err e;

	if (reglist__parse(&more, names, 0, &e))
		return;
	for (i = 0; i < XSTATE_CLASS_NR; i++)
		l->reg[i] |= more.reg[i];
	l->xfeatures |= more.xfeatures;
}

/* What components hold, in the widest form. */
static void reglist__add_xfeatures(struct reglist *l, uint64_t x)
{
	static const struct { unsigned int nr; const char *names; } rows[] = {
		{ XFEATURE_FP, "x87" }, { XFEATURE_OPMASK, "opmask" }, { XFEATURE_PKRU, "pkru" },
		{ XFEATURE_CET_USER, "ssp" }, { XFEATURE_XTILE_CFG, "tilecfg" },
		{ XFEATURE_XTILE_DATA, "tmm0-7" }, { XFEATURE_APX, "egpr" },
	};
	size_t i;

	if (x & (XFEATURE_MASK(XFEATURE_Hi16_ZMM) | XFEATURE_MASK(XFEATURE_ZMM_Hi256)))
		reglist__add_classes(l, "zmm");
	else if (x & XFEATURE_MASK(XFEATURE_YMM))
		reglist__add_classes(l, "ymm");
	else if (x & XFEATURE_MASK(XFEATURE_SSE))
		reglist__add_classes(l, "xmm");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (x & XFEATURE_MASK(rows[i].nr))
			reglist__add_classes(l, rows[i].names);
	reglist__add_classes(l, "mxcsr");
}

/* Bits 24..40 of the general mask and whole vector classes [SIMD sample ABI]. */
static void reglist__add_simd(struct reglist *l, const struct perfdata_attr *a)
{
	uint64_t gprs = a->attr.sample_regs_user | a->attr.sample_regs_intr;

	if (!a->simd_enabled) {
		if (gprs >> 32)
			reglist__add_classes(l, "xmm");
		return;
	}
	if (a->simd_vec_intr | a->simd_vec_user)
		reglist__add_classes(l, a->simd_vec_qwords == 8 ? "zmm" : a->simd_vec_qwords == 4 ? "ymm" : "xmm");
	if (a->simd_pred_intr | a->simd_pred_user)
		reglist__add_classes(l, "opmask");
	if (gprs >> 24 & 0xffff)
		reglist__add_classes(l, "egpr");
	if (gprs >> 40 & 1)
		reglist__add_classes(l, "ssp");
}

void regdefault__of_file(struct reglist *l, const struct perfdata_info *info,
			 const struct perfdata_attr *a, unsigned int nr)
{
	const char *requested = info->meta[PERFDATA_META_REQUESTED];
	char list[512];
	unsigned int i;
	struct err e;
	char *p;

	memset(l, 0, sizeof(*l));
	if (requested && strlen(requested) < sizeof(list)) {
		strcpy(list, requested);
		for (p = list; *p; p++)
			*p = *p == ' ' ? ',' : *p;
		if (!reglist__parse(l, list, info->layout.xfeatures, &e))
			return;
	}
	for (i = 0; i < nr; i++) {
		reglist__add_simd(l, &a[i]);
		if (a[i].xstate)
			reglist__add_xfeatures(l, a[i].xfeatures);
	}
	if (info->has_layout && !l->xfeatures)
		reglist__add_xfeatures(l, info->layout.xfeatures & ~XFEATURE_MASK(XFEATURE_FP));
}
