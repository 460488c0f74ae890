/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction at an address, in terms of the registers it works on.
 *
 * Zydis decodes and names an element type for each operand. Where that is not
 * what the SDM says an operand holds, the tables here correct it. They go by
 * mnemonic, because its numbers differ between Zydis 4.0 and 4.1.
 */
#include <stdio.h>
#include <string.h>

#include <Zydis/Zydis.h>

#include "machine/internal.h"

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n >= k && !strcmp(s + n - k, suffix);
}

static bool prefix_in_table(const char *s, const char *const *table, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (starts_with(s, table[i]))
			return true;
	return false;
}

#define PREFIX_IN(s, table) prefix_in_table(s, table, sizeof(table) / sizeof(table[0]))

/*
 * Instructions that move or combine bits whatever they mean, though their
 * mnemonics end in ps or pd. Compilers copy structures by movups and make
 * integer zeroes by xorps, so their lanes say nothing about numbers.
 */
static const char *const movers[] = {
	"and", "blend", "extract", "insert", "maskmov", "mov", "or", "shuf", "unpck", "xor",
	"vand", "vblend", "vbroadcast", "vcompress", "vexpand", "vextract", "vgather",
	"vinsert", "vmaskmov", "vmov", "vor", "vperm", "vscatter", "vshuf", "vtest", "vunpck", "vxor",
};

/* Scalar forms whose VEX.vvvv operand only gives the upper lanes. */
static const char *const scalar_unary[] = {
	"vcvt", "vgetexp", "vgetmant", "vrcp", "vreduce", "vrndscale", "vround", "vrsqrt", "vsqrt",
};

/*
 * Legacy SSE that writes one part of its first operand and keeps the rest as
 * it is: Zydis 4.1 says so, 4.0 does not.
 */
static const char *const mergers[] = {
	"movhp", "movlp", "movhlps", "movlhps", "rcpss", "rsqrtss", "sqrtss", "sqrtsd", "roundss", "roundsd",
};

/* Destinations that are a source as well, also under a merging mask. */
static const char *const destructive[] = {
	"vdp", "vfcm", "vfixup", "vfm", "vfnm", "vpd", "vpmadd52", "v4f", "vp4",
};

/*
 * Scalar: the mnemonic ends in ss, sd or sh, or names one on either side of a
 * conversion. Integer mnemonics that end so (pabsd, vpdpbusd) begin with p.
 */
static bool mnemonic__is_scalar(const char *s)
{
	static const char *const part[] = { "ss2", "sd2", "sh2", "2ss", "2sd", "2sh" };
	static const char *const suffix[] = { "ss", "sd", "sh" };
	static const char *const not[] = { "p", "vp", "vbroadcast", "aes", "vaes", "sha", "vsha", "insert", "vinsert" };
	size_t i;

	if (PREFIX_IN(s, not))
		return false;
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		if (strstr(s, part[i]))
			return true;
	for (i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++)
		if (ends_with(s, suffix[i]))
			return true;
	return !strcmp(s, "movd") || !strcmp(s, "vmovd") || !strcmp(s, "movq") || !strcmp(s, "vmovq") ||
	       !strcmp(s, "vmovw");
}

/* ---- lane types ------------------------------------------------------------ */

/*
 * Instructions whose operands the SDM does not divide into lanes: whole
 * registers, 128-bit parts, or what an immediate says.
 */
static const char *const untyped[] = {
	"movdq", "vmovdqa ", "vmovdqu ", "movntdq", "vmovntdq", "lddqu", "vlddqu",
	"pand ", "pandn ", "por ", "pxor ", "ptest", "vpand ", "vpandn ", "vpor ", "vpxor ", "vptest ",
	"pslldq", "psrldq", "vpslldq", "vpsrldq", "palignr", "vpalignr", "pcmpestr", "pcmpistr", "vpcmpestr",
	"vpcmpistr", "vperm2f128", "vperm2i128", "vinsertf128", "vinserti128", "vextractf128", "vextracti128",
	"vbroadcastf128", "vbroadcasti128", "tileload",
};

/* Which of an instruction's operands a correction is for. */
enum which { ALL, DEST, SOURCES, VVVV, RM, THIRD };

struct correction {
	const char *prefix;
	enum which which;
	enum xstate_type type;
};

/* The first that matches counts; sources the SDM, vol. 2, of each. */
static const struct correction corrections[] = {
	{ "vcvtne2ps2bf16",	DEST,	 XSTATE_BF16 },
	{ "vcvtneps2bf16",	DEST,	 XSTATE_BF16 },
	{ "vcvtnee",		SOURCES, XSTATE_BF16 },
	{ "vcvtneo",		SOURCES, XSTATE_BF16 },
	{ "vdpbf16ps",		SOURCES, XSTATE_BF16 },
	{ "tdpbf16ps",		SOURCES, XSTATE_BF16 },
	{ "tdpfp16ps",		SOURCES, XSTATE_F16 },
	{ "tcmm",		SOURCES, XSTATE_F16 },
	{ "tdpbssd",		SOURCES, XSTATE_I8 },
	{ "tdpbsud",		VVVV,	 XSTATE_U8 },
	{ "tdpbsud",		RM,	 XSTATE_I8 },
	{ "tdpbusd",		VVVV,	 XSTATE_I8 },
	{ "tdpbusd",		RM,	 XSTATE_U8 },
	{ "tdpbuud",		SOURCES, XSTATE_U8 },
	{ "vfixupimmps",	RM,	 XSTATE_I32 },	/* a table of nibbles */
	{ "vfixupimmss",	RM,	 XSTATE_I32 },
	{ "vfixupimmpd",	RM,	 XSTATE_I64 },
	{ "vfixupimmsd",	RM,	 XSTATE_I64 },
	{ "vpdpws",		SOURCES, XSTATE_I16 },
	{ "vpermilps",		THIRD,	 XSTATE_I32 },
	{ "vpermilpd",		THIRD,	 XSTATE_I64 },
	{ "vpermt2ps",		VVVV,	 XSTATE_I32 },
	{ "vpermt2pd",		VVVV,	 XSTATE_I64 },
	{ "vpermi2ps",		DEST,	 XSTATE_I32 },	/* as read: indices */
	{ "vpermi2pd",		DEST,	 XSTATE_I64 },
	{ "vpermps",		VVVV,	 XSTATE_I32 },
	{ "vpermpd",		VVVV,	 XSTATE_I64 },
	{ "movddup",		ALL,	 XSTATE_F64 },
	{ "vmovddup",		ALL,	 XSTATE_F64 },
	{ "maskmovdqu",		ALL,	 XSTATE_U8 },
	{ "vmaskmovdqu",	ALL,	 XSTATE_U8 },
	{ "pmuludq",		ALL,	 XSTATE_U32 },
	{ "pmuldq",		ALL,	 XSTATE_I32 },
	{ "vpmuludq",		SOURCES, XSTATE_U32 },
	{ "vpmuldq",		SOURCES, XSTATE_I32 },
	{ "packuswb",		ALL,	 XSTATE_I16 },
	{ "packsswb",		ALL,	 XSTATE_I16 },
	{ "packusdw",		ALL,	 XSTATE_I32 },
	{ "packssdw",		ALL,	 XSTATE_I32 },
	{ "vpackuswb",		SOURCES, XSTATE_I16 },
	{ "vpacksswb",		SOURCES, XSTATE_I16 },
	{ "vpackusdw",		SOURCES, XSTATE_I32 },
	{ "vpackssdw",		SOURCES, XSTATE_I32 },
	{ "punpcklbw",		ALL,	 XSTATE_I8 },
	{ "punpckhbw",		ALL,	 XSTATE_I8 },
	{ "punpcklwd",		ALL,	 XSTATE_I16 },
	{ "punpckhwd",		ALL,	 XSTATE_I16 },
	{ "punpckldq",		ALL,	 XSTATE_I32 },
	{ "punpckhdq",		ALL,	 XSTATE_I32 },
	{ "vpunpcklbw",		ALL,	 XSTATE_I8 },
	{ "vpunpckhbw",		ALL,	 XSTATE_I8 },
	{ "vpunpcklwd",		ALL,	 XSTATE_I16 },
	{ "vpunpckhwd",		ALL,	 XSTATE_I16 },
	{ "vpunpckldq",		ALL,	 XSTATE_I32 },
	{ "vpunpckhdq",		ALL,	 XSTATE_I32 },
	{ "aes",		ALL,	 XSTATE_U8 },
	{ "vaes",		ALL,	 XSTATE_U8 },
	{ "gf2p8",		ALL,	 XSTATE_U8 },
	{ "vgf2p8",		ALL,	 XSTATE_U8 },
	{ "sha512",		ALL,	 XSTATE_U64 },
	{ "sha",		ALL,	 XSTATE_U32 },
	{ "pclmul",		ALL,	 XSTATE_U64 },
	{ "vpclmul",		ALL,	 XSTATE_U64 },
	{ "pshufb",		ALL,	 XSTATE_U8 },
	{ "vpshufb",		ALL,	 XSTATE_U8 },
	{ "psadbw",		DEST,	 XSTATE_U64 },
	{ "vpsadbw",		DEST,	 XSTATE_U64 },
	{ "psadbw",		RM,	 XSTATE_U8 },
	{ "vpsadbw",		SOURCES, XSTATE_U8 },
	{ "pmaddubsw",		RM,	 XSTATE_I8 },
	{ "vpmaddubsw",		VVVV,	 XSTATE_U8 },
	{ "vpmaddubsw",		RM,	 XSTATE_I8 },
};

/* ... and by suffix, where Zydis leaves a floating point operand integer. */
static const struct { const char *suffix; enum xstate_type type; } suffixes[] = {
	{ "ps", XSTATE_F32 }, { "ss", XSTATE_F32 },
	{ "pd", XSTATE_F64 }, { "sd", XSTATE_F64 },
	{ "ph", XSTATE_F16 }, { "sh", XSTATE_F16 },
};

static const char *const fp_by_suffix[] = {
	"and", "or", "xor", "vand", "vor", "vxor", "round", "vround", "unpckl", "unpckh", "extractps", "vextractps",
};

static bool operand__is(const ZydisDecodedOperand *z, unsigned int nr, enum which w)
{
	switch (w) {
	case ALL:	return true;
	case DEST:	return nr == 0;
	case SOURCES:	return nr != 0;
	case VVVV:	return z->encoding == ZYDIS_OPERAND_ENCODING_NDSNDD;
	case RM:	return nr != 0 && z->encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM;
	case THIRD:	return nr == 2;
	}
	return false;
}

static bool type__from_integer(unsigned int bits, bool is_signed, enum xstate_type *t)
{
	switch (bits) {
	case 8:	 *t = is_signed ? XSTATE_I8 : XSTATE_U8;   return true;
	case 16: *t = is_signed ? XSTATE_I16 : XSTATE_U16; return true;
	case 32: *t = is_signed ? XSTATE_I32 : XSTATE_U32; return true;
	case 64: *t = is_signed ? XSTATE_I64 : XSTATE_U64; return true;
	default: return false;
	}
}

static bool type__from_zydis(const ZydisDecodedOperand *z, enum xstate_type *t)
{
	switch (z->element_type) {
	case ZYDIS_ELEMENT_TYPE_FLOAT16: *t = XSTATE_F16; return true;
	case ZYDIS_ELEMENT_TYPE_FLOAT32: *t = XSTATE_F32; return true;
	case ZYDIS_ELEMENT_TYPE_FLOAT64: *t = XSTATE_F64; return true;
	case ZYDIS_ELEMENT_TYPE_INT:	 return type__from_integer(z->element_size, true, t);
	case ZYDIS_ELEMENT_TYPE_UINT:	 return type__from_integer(z->element_size, false, t);
	default:			 return false;
	}
}

/*
 * Integer lanes of the many instructions that end in b, w, d or q: Zydis
 * gives the legacy ones 32 bits throughout. Unsigned where the mnemonic says
 * so (pminub, paddusw) or the operation is (pavgb); else signed.
 */
static bool type__from_letter(const char *s, const ZydisDecodedOperand *z, enum xstate_type *t)
{
	static const char *const mixed[] = { "pmov", "vpmov", "pmadd", "vpmadd", "vpdp", "vp4", "vp2", "vpbroadcastm" };
	static const char *const averages[] = { "pavg", "vpavg" };
	const char *p = *s == 'v' ? s + 1 : s;
	size_t n = strlen(s);
	bool is_unsigned;

	if (*p != 'p' || (PREFIX_IN(s, mixed)) || n < 4)
		return false;
	if (z->element_type != ZYDIS_ELEMENT_TYPE_INT && z->element_type != ZYDIS_ELEMENT_TYPE_UINT)
		return false;
	is_unsigned = s[n - 2] == 'u' || (s[n - 2] == 's' && s[n - 3] == 'u') || PREFIX_IN(s, averages);
	switch (s[n - 1]) {
	case 'b': return type__from_integer(8, !is_unsigned, t);
	case 'w': return type__from_integer(16, !is_unsigned, t);
	case 'd': return type__from_integer(32, !is_unsigned, t);
	case 'q': return type__from_integer(64, !is_unsigned, t);
	default:  return false;
	}
}

/* As PREFIX_IN(), where a blank in the table stands for the mnemonic's end. */
static bool mnemonic__is_untyped(const char *s)
{
	char padded[40];

	snprintf(padded, sizeof(padded), "%s ", s);
	return PREFIX_IN(padded, untyped);
}

static bool operand__type(const char *s, const ZydisDecodedOperand *z, unsigned int nr,
			  enum xstate_type *t)
{
	size_t i;

	if (mnemonic__is_untyped(s))
		return false;

	for (i = 0; i < sizeof(corrections) / sizeof(corrections[0]); i++)
		if (starts_with(s, corrections[i].prefix) && operand__is(z, nr, corrections[i].which)) {
			*t = corrections[i].type;
			return true;
		}
	if (PREFIX_IN(s, fp_by_suffix))
		for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
			if (ends_with(s, suffixes[i].suffix)) {
				*t = suffixes[i].type;
				return true;
			}
	return type__from_letter(s, z, t) || type__from_zydis(z, t);
}

/* ---- operands ------------------------------------------------------------------ */

static bool register__translate(ZydisRegister r, struct xstate_reg *reg)
{
	static const struct { ZydisRegisterClass from; enum xstate_class to; } classes[] = {
		{ ZYDIS_REGCLASS_XMM, XSTATE_CLASS_XMM }, { ZYDIS_REGCLASS_YMM, XSTATE_CLASS_YMM },
		{ ZYDIS_REGCLASS_ZMM, XSTATE_CLASS_ZMM }, { ZYDIS_REGCLASS_MASK, XSTATE_CLASS_OPMASK },
		{ ZYDIS_REGCLASS_TMM, XSTATE_CLASS_TMM },
	};
	ZydisRegisterClass c = ZydisRegisterGetClass(r);
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (classes[i].from == c) {
			*reg = (struct xstate_reg){ .class = classes[i].to, .index = ZydisRegisterGetId(r) };
			return true;
		}
	return false;
}

static unsigned int register__bytes(enum xstate_class c)
{
	switch (c) {
	case XSTATE_CLASS_XMM:	  return 16;
	case XSTATE_CLASS_YMM:	  return 32;
	case XSTATE_CLASS_ZMM:	  return 64;
	case XSTATE_CLASS_TMM:	  return 1024;
	case XSTATE_CLASS_OPMASK: return 8;
	default:		  return 0;
	}
}

/* Bits of a mask register that an instruction on mask registers looks at. */
static unsigned int mnemonic__mask_bits(const char *s)
{
	switch (s[strlen(s) - 1]) {
	case 'b': return 8;
	case 'w': return 16;
	case 'd': return 32;
	default:  return 64;
	}
}

static uint8_t operand__access(const char *s, const ZydisDecodedOperand *z)
{
	uint8_t access = 0;

	if (z->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		access |= INSN_READ;
	if (z->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		access |= INSN_WRITE;
	if (access == INSN_WRITE && PREFIX_IN(s, mergers))
		access |= INSN_READ;
	return access;
}

/* Whether the old contents of operand @nr are numbers that are computed with. */
static bool operand__computes(const struct insn *insn, const char *s,
			      const ZydisDecodedOperand *z, unsigned int nr,
			      const struct insn_operand *op)
{
	if (!op->typed || !xstate_type__is_fp(op->type) || !(op->access & INSN_READ) || PREFIX_IN(s, movers))
		return false;
	if (insn->scalar && z->encoding == ZYDIS_OPERAND_ENCODING_NDSNDD && PREFIX_IN(s, scalar_unary))
		return false;
	if (nr == 0 && (starts_with(s, "cvt") || PREFIX_IN(s, mergers)) && (op->access & INSN_WRITE))
		return false;		/* merged into, not computed with */
	if (nr == 0 && (z->actions & ZYDIS_OPERAND_ACTION_CONDWRITE) && (op->access & INSN_READ))
		return PREFIX_IN(s, destructive);
	return true;
}

static uint16_t operand__bytes(const struct insn *insn, const char *s,
			       const ZydisDecodedOperand *z, const struct insn_operand *op)
{
	unsigned int whole = register__bytes(op->reg.class);

	if (op->reg.class == XSTATE_CLASS_OPMASK)
		return whole;
	if (insn->scalar && op->typed && xstate_type__is_fp(op->type))
		return xstate_type__size(op->type);
	if (insn->scalar && z->size <= 64)
		return z->size / 8;
	/* these pick a part of the register that need not be its lowest */
	if (starts_with(s, "vextract") || starts_with(s, "extract") || starts_with(s, "movh") ||
	    starts_with(s, "vmovh") || starts_with(s, "movl") || starts_with(s, "vmovl") ||
	    starts_with(s, "unpck") || starts_with(s, "punpck"))
		return whole;
	return z->size && z->size / 8 < whole ? z->size / 8 : whole;
}

static void insn__add_operand(struct insn *insn, const char *s,
			      const ZydisDecodedOperand *z, unsigned int nr)
{
	struct insn_operand op = { 0 };

	if (insn->nr_operands == sizeof(insn->operand) / sizeof(insn->operand[0]))
		return;
	if (z->type != ZYDIS_OPERAND_TYPE_REGISTER || !register__translate(z->reg.value, &op.reg))
		return;
	op.access = operand__access(s, z);
	op.is_mask = z->encoding == ZYDIS_OPERAND_ENCODING_MASK;
	if (op.is_mask && z->reg.value == ZYDIS_REGISTER_K0)
		return;			/* k0 there means: no mask [SDM 15.6.1] */
	if (op.reg.class != XSTATE_CLASS_OPMASK)
		op.typed = operand__type(s, z, nr, &op.type);
	op.computes = operand__computes(insn, s, z, nr, &op);
	op.result = op.typed && xstate_type__is_fp(op.type) && (op.access & INSN_WRITE) && !PREFIX_IN(s, movers);
	op.bytes = operand__bytes(insn, s, z, &op);
	insn->operand[insn->nr_operands++] = op;
}

/* The index register of a gather or scatter: dword or qword indices. */
static void insn__add_index(struct insn *insn, const char *s, const ZydisDecodedOperand *z)
{
	struct insn_operand op = { .access = INSN_READ, .typed = true };
	const char *at;

	if (z->type != ZYDIS_OPERAND_TYPE_MEMORY || z->mem.type != ZYDIS_MEMOP_TYPE_VSIB ||
	    !register__translate(z->mem.index, &op.reg) ||
	    insn->nr_operands == sizeof(insn->operand) / sizeof(insn->operand[0]))
		return;
	at = strstr(s, "gather");
	at = at ? at + strlen("gather") : strstr(s, "scatter");
	if (at && starts_with(at, "scatter"))
		at += strlen("scatter");
	op.type = at && *at == 'q' ? XSTATE_I64 : XSTATE_I32;
	op.bytes = register__bytes(op.reg.class);
	insn->operand[insn->nr_operands++] = op;
}

/* Lanes that a predicate counts for: those of the operand with fewest. */
static unsigned int insn__lanes(const ZydisDecodedOperand *z, unsigned int n, bool scalar)
{
	unsigned int i, lanes = 64, size;
	struct xstate_reg reg;

	if (scalar)
		return 1;
	for (i = 0; i < n; i++) {
		if (z[i].type != ZYDIS_OPERAND_TYPE_REGISTER || !z[i].element_size ||
		    !register__translate(z[i].reg.value, &reg) || reg.class == XSTATE_CLASS_OPMASK)
			continue;
		size = z[i].size / z[i].element_size;
		if (size && size < lanes)
			lanes = size;
	}
	return lanes;
}

static void insn__set_mask_lanes(struct insn *insn, const char *s, bool kmask, unsigned int lanes)
{
	unsigned int i;

	for (i = 0; i < insn->nr_operands; i++) {
		if (insn->operand[i].reg.class != XSTATE_CLASS_OPMASK)
			continue;
		insn->operand[i].lanes = kmask ? mnemonic__mask_bits(s) : lanes;
		if (starts_with(s, "kunpck") && (insn->operand[i].access & INSN_READ))
			insn->operand[i].lanes /= 2;
	}
}

/* ---- the instruction --------------------------------------------------------------- */

static bool uses_mmx_or_x87(const ZydisDecodedInstruction *z, const ZydisDecodedOperand *op)
{
	unsigned int i;
	ZydisRegisterClass c;

	for (i = 0; i < z->operand_count; i++) {
		c = op[i].type == ZYDIS_OPERAND_TYPE_REGISTER ? ZydisRegisterGetClass(op[i].reg.value) : ZYDIS_REGCLASS_INVALID;
		if (c == ZYDIS_REGCLASS_MMX || c == ZYDIS_REGCLASS_X87)
			return true;
	}
	return false;
}

/*
 * Legacy SSE is what touches an XMM register without a VEX or EVEX prefix:
 * it leaves the upper bits as they are, and that is what costs when they are
 * dirty [Intel optimization manual, "Mixing AVX Code with SSE Code"]. SHA-NI
 * and unprefixed AES belong to it.
 */
static enum insn_encoding insn__encoding(const struct insn *insn, const ZydisDecodedInstruction *z,
					 const ZydisDecodedOperand *op)
{
	if (z->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX || z->encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX)
		return INSN_EVEX;
	if (insn->clears_upper)
		return INSN_VEX;
	if (z->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX || z->encoding == ZYDIS_INSTRUCTION_ENCODING_XOP)
		return insn->nr_operands ? INSN_VEX : INSN_OTHER;
	if (insn->nr_operands)
		return INSN_LEGACY_SSE;
	return uses_mmx_or_x87(z, op) ? INSN_X87_MMX : INSN_OTHER;
}

static uint16_t insn__vector_bits(const struct insn *insn)
{
	unsigned int i, bits = 0, reg;

	for (i = 0; i < insn->nr_operands; i++) {
		if (insn->operand[i].reg.class > XSTATE_CLASS_ZMM)
			continue;
		reg = register__bytes(insn->operand[i].reg.class) * 8;
		if (reg > bits)
			bits = reg;
	}
	return bits;
}

static void insn__format(struct insn *insn, const ZydisDecodedInstruction *z,
			 const ZydisDecodedOperand *op, uint64_t addr)
{
	static ZydisFormatter f;
	static bool ready;

	if (!ready) {
		ZydisFormatterInit(&f, ZYDIS_FORMATTER_STYLE_INTEL);
		ZydisFormatterSetProperty(&f, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
		ZydisFormatterSetProperty(&f, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED);
		ZydisFormatterSetProperty(&f, ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED);
		ZydisFormatterSetProperty(&f, ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED);
		ready = true;
	}
	if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&f, z, op, z->operand_count_visible, insn->text,
							   sizeof(insn->text), addr, NULL)))
		insn->text[0] = '\0';
}

static void insn__set_flow(struct insn *insn, const ZydisDecodedInstruction *z,
			   const ZydisDecodedOperand *op, uint64_t addr)
{
	switch (z->meta.category) {
	case ZYDIS_CATEGORY_COND_BR:
		insn->flow = INSN_BRANCH;
		break;
	case ZYDIS_CATEGORY_UNCOND_BR:
		insn->flow = INSN_JUMP;
		break;
	case ZYDIS_CATEGORY_CALL:
	case ZYDIS_CATEGORY_RET:
	case ZYDIS_CATEGORY_INTERRUPT:
	case ZYDIS_CATEGORY_SYSCALL:
	case ZYDIS_CATEGORY_SYSRET:
	case ZYDIS_CATEGORY_SYSTEM:
		insn->flow = INSN_LEAVES;
		return;
	default:
		return;
	}
	if (op[0].type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
	    !ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(z, &op[0], addr, &insn->target)))
		insn->flow = INSN_LEAVES;
}

/* Most code has nothing of what the tables of mnemonics tell apart. */
static bool uses_vectors(const ZydisDecodedInstruction *z, const ZydisDecodedOperand *op)
{
	struct xstate_reg reg;
	unsigned int i;

	for (i = 0; i < z->operand_count; i++)
		if ((op[i].type == ZYDIS_OPERAND_TYPE_REGISTER && register__translate(op[i].reg.value, &reg)) ||
		    (op[i].type == ZYDIS_OPERAND_TYPE_MEMORY && op[i].mem.type == ZYDIS_MEMOP_TYPE_VSIB))
			return true;
	return false;
}

static void insn__operands(struct insn *insn, const ZydisDecodedInstruction *z,
			   const ZydisDecodedOperand *op)
{
	const char *s = ZydisMnemonicGetString(z->mnemonic);
	unsigned int i;

	insn->scalar = mnemonic__is_scalar(s);
	for (i = 0; i < z->operand_count; i++) {
		insn__add_operand(insn, s, &op[i], i);
		insn__add_index(insn, s, &op[i]);
	}
	insn__set_mask_lanes(insn, s, z->meta.category == ZYDIS_CATEGORY_KMASK,
			     insn__lanes(op, z->operand_count, insn->scalar));
	insn->vector_bits = insn__vector_bits(insn);
	insn->scalar = insn->scalar && insn->vector_bits;
}

void insn__decode(struct insn *insn, const uint8_t *bytes, size_t size, uint64_t addr)
{
	ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction z;
	ZydisDecoder d;

	memset(insn, 0, sizeof(*insn));
	ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&d, bytes, size, &z, op)))
		return;
	insn->known = true;
	insn->length = z.length;
	insn->zeroing = z.avx.mask.mode == ZYDIS_MASK_MODE_ZEROING;
	insn->clears_upper = z.mnemonic == ZYDIS_MNEMONIC_VZEROUPPER || z.mnemonic == ZYDIS_MNEMONIC_VZEROALL;
	if (uses_vectors(&z, op))
		insn__operands(insn, &z, op);
	insn->encoding = insn__encoding(insn, &z, op);
	insn__set_flow(insn, &z, op, addr);
	insn__format(insn, &z, op, addr);
}
