/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * xstate.h - from the bytes of an x86 XSAVE state to registers and lanes
 *
 * The library allocates nothing, does no I/O, has no writable globals, does
 * not look at errno and needs no C library beyond memcpy(), memset() and
 * memcmp(). Everything it hands out points into the caller's bytes, which
 * must outlive it.
 *
 * Contents
 *	1  Names and numbers	xfeatures, MXCSR bits
 *	2  Errors		XSTATE_E_*
 *	3  Layout		where each component lies
 *	4  Image		an XSAVE area: signal frame, ptrace, core note
 *	5  Block		our sample group and PERF_SAMPLE_RAW payload
 *	6  SIMD records		PERF_SAMPLE_REGS_ABI_SIMD and legacy XMM
 *	7  Registers		value, init or unknown, each of them
 *	8  Lanes		types, classes, exponents, masks
 *	9  Encoder		registers to images and blocks
 *
 * Terms are those of the Intel SDM, vol. 1 chapter 13 ("Managing State Using
 * the XSAVE Feature Set"), and of the kernel's asm/fpu/types.h.
 */
#ifndef XSTATE_XSTATE_H
#define XSTATE_XSTATE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library is built with -fvisibility=hidden; what stands here is public. */
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* ---- 1  Names and numbers ---------------------------------------------- */

/* State components [SDM 13.1; arch/x86/include/asm/fpu/types.h]. */
enum xfeature {
	XFEATURE_FP		= 0,	/* x87: legacy area 0..159 */
	XFEATURE_SSE		= 1,	/* XMM0-15: legacy area 160..415 */
	XFEATURE_YMM		= 2,	/* bits 255:128 of YMM0-15 */
	XFEATURE_BNDREGS	= 3,
	XFEATURE_BNDCSR		= 4,
	XFEATURE_OPMASK		= 5,	/* k0-k7 */
	XFEATURE_ZMM_Hi256	= 6,	/* bits 511:256 of ZMM0-15 */
	XFEATURE_Hi16_ZMM	= 7,	/* ZMM16-31, whole */
	XFEATURE_PT		= 8,
	XFEATURE_PKRU		= 9,
	XFEATURE_PASID		= 10,
	XFEATURE_CET_USER	= 11,
	XFEATURE_CET_KERNEL	= 12,
	XFEATURE_LBR		= 15,
	XFEATURE_XTILE_CFG	= 17,
	XFEATURE_XTILE_DATA	= 18,
	XFEATURE_APX		= 19,	/* R16-R31 */
	XFEATURE_MAX		= 63,	/* bit 63 of XCOMP_BV is the format */
};

#define XFEATURE_MASK(nr)	(UINT64_C(1) << (nr))

static const uint64_t XFEATURE_MASK_FPSSE = XFEATURE_MASK(XFEATURE_FP) |
					    XFEATURE_MASK(XFEATURE_SSE);
static const uint64_t XFEATURE_MASK_AVX512 = XFEATURE_MASK(XFEATURE_OPMASK) |
					     XFEATURE_MASK(XFEATURE_ZMM_Hi256) |
					     XFEATURE_MASK(XFEATURE_Hi16_ZMM);
static const uint64_t XCOMP_BV_COMPACTED_FORMAT = XFEATURE_MASK(63);

enum {
	XSTATE_LEGACY_SIZE	= 512,	/* x87, MXCSR, XMM and software bytes */
	XSTATE_HEADER_SIZE	= 64,	/* XSTATE_BV, XCOMP_BV, reserved */
	XSTATE_EXTENDED_OFFSET	= 576,	/* first byte of the extended region */
	XSTATE_X87_SIZE		= 160,	/* component 0, with MXCSR at 24 */
	XSTATE_MXCSR_OFFSET	= 24,
	XSTATE_SSE_OFFSET	= 160,
};

/* MXCSR [SDM vol. 1, 10.2.3]. */
enum xstate_mxcsr_bits {
	MXCSR_IE = 0x0001, MXCSR_DE = 0x0002, MXCSR_ZE = 0x0004,
	MXCSR_OE = 0x0008, MXCSR_UE = 0x0010, MXCSR_PE = 0x0020,
	MXCSR_DAZ = 0x0040,
	MXCSR_IM = 0x0080, MXCSR_DM = 0x0100, MXCSR_ZM = 0x0200,
	MXCSR_OM = 0x0400, MXCSR_UM = 0x0800, MXCSR_PM = 0x1000,
	MXCSR_RC = 0x6000,		/* 0 nearest, 1 down, 2 up, 3 to zero */
	MXCSR_RC_SHIFT = 13,
	MXCSR_FTZ = 0x8000,
	MXCSR_FLAGS = 0x003f,		/* sticky exception flags */
	MXCSR_MASKS = 0x1f80,		/* exception masks */
	MXCSR_INIT = 0x1f80,
};

/**
 * xfeature__name - the SDM's and kernel's name of a component
 * @nr: component number
 *
 * Return: "x87", "SSE", "YMM_Hi128", ...; NULL for a number without a name.
 */
const char *xfeature__name(unsigned int nr);

/* ---- 2  Errors ----------------------------------------------------------- */

/* One list makes the codes, the strings and the man page. */
#define XSTATE_ERRORS(X)						\
	X(TRUNCATED,	 1, "the data ends before the structure does")	\
	X(MAGIC,	 2, "the magic number is not the expected one")	\
	X(VERSION,	 3, "the format version is not supported")	\
	X(SIZE,		 4, "a size field contradicts the content")	\
	X(RESERVED,	 5, "a reserved field is not zero")		\
	X(FEATURES,	 6, "a feature mask contradicts another one")	\
	X(LAYOUT,	 7, "the layout does not describe a component that the data holds") \
	X(OVERLAP,	 8, "two components of the layout overlap")	\
	X(NOSPACE,	 9, "the output buffer is too small")		\
	X(RANGE,	10, "a number is out of range")			\
	X(NAME,		11, "no register or component has this name")	\
	X(ABI,		12, "the register ABI word is not a known one")	\
	X(ARGUMENT,	13, "an argument is not valid")

enum xstate_error {
#define XSTATE_ERROR_ENUM(name, nr, text) XSTATE_E_##name = -(nr),
	XSTATE_ERRORS(XSTATE_ERROR_ENUM)
#undef XSTATE_ERROR_ENUM
};

/**
 * xstate_strerror - a code in words
 * @code: 0 or a negative XSTATE_E_*
 *
 * Return: a static string without a full stop, never NULL.
 */
const char *xstate_strerror(int code);

/* ---- 3  Layout ------------------------------------------------------------ */

enum xstate_component_flags {
	XSTATE_COMP_SUPERVISOR	= 1,	/* CPUID.(D,i).ECX[0] */
	XSTATE_COMP_ALIGN64	= 2,	/* CPUID.(D,i).ECX[1] */
	XSTATE_COMP_XFD		= 4,	/* CPUID.(D,i).ECX[2] */
};

struct xstate_component {
	uint32_t size;		/* bytes */
	uint32_t offset;	/* standard format; 0 for supervisor state */
	uint32_t flags;		/* XSTATE_COMP_* */
};

/*
 * Where each component lies in the data of one machine. Offsets of the
 * standard format differ between vendors (opmask: 1088 on Intel, behind the
 * place of MPX even on parts without it; 832 on AMD), so a layout always comes
 * with the data and never from a table in the code.
 */
struct xstate_layout {
	uint64_t xfeatures;	/* components that are described */
	struct xstate_component comp[XFEATURE_MAX];
};

/* CPUID.(EAX=0DH,ECX=nr) [SDM vol. 2, CPUID]. */
struct xstate_cpuid_leaf {
	uint32_t nr;		/* sub-leaf = component, 2..62 */
	uint32_t eax;		/* size in bytes */
	uint32_t ebx;		/* standard offset */
	uint32_t ecx;		/* supervisor, align64, XFD */
};

/**
 * xstate_layout__init - a layout of the legacy components alone
 * @l: written: x87 and SSE, whose place the architecture fixes
 */
void xstate_layout__init(struct xstate_layout *l);

/** xstate_layout__sizes - the sizes that the SDM fixes (13.5), to read blocks by;
 * all marked supervisor state, which has no place in standard format: no image
 * opens by it */
void xstate_layout__sizes(struct xstate_layout *l);

/**
 * xstate_layout__add - describe one more component
 * @l: layout
 * @nr: component number, 2..62
 * @c: its size, standard offset and flags
 *
 * Return: 0; XSTATE_E_RANGE for a number, size, offset or flag that cannot be,
 * and for a size other than the architecture's where registers are read from
 * the component; XSTATE_E_OVERLAP when it is described already or user
 * components would overlap in standard format. @l is unchanged on error.
 */
int xstate_layout__add(struct xstate_layout *l, unsigned int nr,
		       const struct xstate_component *c);

/**
 * xstate_layout__from_cpuid - a layout from CPUID leaf 0xD values
 * @l: written
 * @leaves: @n sub-leaves, any order; those of size 0 are skipped
 *
 * Return: 0 or an error of xstate_layout__add().
 */
int xstate_layout__from_cpuid(struct xstate_layout *l,
			      const struct xstate_cpuid_leaf *leaves, size_t n);

/**
 * xstate_layout__from_note - a layout from an NT_X86_XSAVE_LAYOUT core note
 * @desc: @size bytes: struct x86_xfeat_component {u32 type, size, offset,
 *	flags}, repeated [arch/x86/include/uapi/asm/elf.h]
 *
 * Return: 0, XSTATE_E_TRUNCATED or an error of xstate_layout__add().
 */
int xstate_layout__from_note(struct xstate_layout *l, const void *desc,
			     size_t size);

/**
 * xstate_layout__read - a layout from its record in a perf.data file
 * @l: written on success
 * @data: @size bytes: u32 magic 0x4c545358 ("XSTL"), u16 version 1, u16 count,
 *	then count times {u32 nr, size, offset, flags}, ascending by nr, little
 *	endian; components 0 and 1 are part of it. What follows is not read.
 * @where: if not NULL: byte offset of what is wrong, on error
 *
 * Return: 0, XSTATE_E_TRUNCATED, _MAGIC, _VERSION, _LAYOUT (0 or 1 missing) or
 * an error of xstate_layout__add(); _RANGE also where nr does not ascend.
 */
int xstate_layout__read(struct xstate_layout *l, const void *data, size_t size,
			size_t *where);

/**
 * xstate_layout__write - the record that xstate_layout__read() reads
 * @written: bytes written
 *
 * Return: 0 or XSTATE_E_NOSPACE.
 */
int xstate_layout__write(const struct xstate_layout *l, void *buf, size_t size,
			 size_t *written);

/**
 * xstate_layout__offset - where a component starts
 * @xcomp_bv: XCOMP_BV of the image; without bit 63 the standard format
 * @offset: written on success
 *
 * Return: 0; XSTATE_E_LAYOUT when @nr or, in compacted format, a component
 * before it is not described; XSTATE_E_FEATURES when it is not part of
 * @xcomp_bv or is supervisor state in standard format. [SDM 13.4.2, 13.4.3]
 */
int xstate_layout__offset(const struct xstate_layout *l, unsigned int nr,
			  uint64_t xcomp_bv, size_t *offset);

/**
 * xstate_layout__image_size - bytes of an image with these components
 * @xfeatures: components; with bit 63 in compacted format
 * @size: written on success, at least 576
 *
 * Return: 0; XSTATE_E_LAYOUT for a component that is not described, _FEATURES
 * for supervisor state in standard format.
 */
int xstate_layout__image_size(const struct xstate_layout *l, uint64_t xfeatures,
			      size_t *size);

/* ---- 4  Image -------------------------------------------------------------- */

/* An XSAVE area: validated once by xstate_image__open(), then trusted. */
struct xstate_image {
	const uint8_t *data;
	size_t size;
	const struct xstate_layout *layout;
	uint64_t xstate_bv;
	uint64_t xcomp_bv;
	uint64_t examined;	/* components that the save looked at (RFBM) */
	uint64_t xfd;		/* IA32_XFD at the save */
	uint32_t mxcsr;
	uint8_t mxcsr_known;	/* the save wrote MXCSR, or its init state holds */
};

/**
 * xstate_image__open - validate an XSAVE area
 * @img: written on success
 * @l: layout of the machine that made it
 * @data: @size bytes; the extended region may be cut behind the last
 *	component in use
 * @examined: components that the save instruction was asked for (RFBM); what
 *	is outside is unknown. In compacted format it is XCOMP_BV that counts.
 * @xfd: IA32_XFD at the time of the save, 0 where the CPU has none. A
 *	component with a bit there is unknown, whatever XSTATE_BV says [13.14].
 * @where: if not NULL: byte offset of what is wrong, on error
 *
 * Return: 0; XSTATE_E_TRUNCATED, _RESERVED (header bytes), _FEATURES
 * (XSTATE_BV beyond XCOMP_BV, or XCOMP_BV without its bit 63), _LAYOUT (a
 * component in use that the layout does not describe). [SDM 13.4.2, 13.8]
 */
int xstate_image__open(struct xstate_image *img, const struct xstate_layout *l,
		       const void *data, size_t size, uint64_t examined,
		       uint64_t xfd, size_t *where);

/**
 * xstate_image__open_sigframe - the image behind uc_mcontext.fpregs
 * @data: @size bytes from fpregs on; sw_reserved at 464 names the features and
 *	size [arch/x86/include/uapi/asm/sigcontext.h]; a frame without
 *	FP_XSTATE_MAGIC1 is an FXSAVE image: x87 and SSE are known, no more
 *
 * Return: 0; XSTATE_E_MAGIC (FP_XSTATE_MAGIC2 missing), _SIZE, or an error of
 * xstate_image__open(). The kernel sets XSTATE_BV[1:0] in every signal frame
 * (save_xstate_epilog()), so that x87 and SSE are values there, never init.
 */
int xstate_image__open_sigframe(struct xstate_image *img,
				const struct xstate_layout *l, const void *data,
				size_t size, uint64_t xfd, size_t *where);

/**
 * xstate_image__component - the bytes of a component
 *
 * Return: pointer into the image, or NULL when it is init or unknown.
 */
const uint8_t *xstate_image__component(const struct xstate_image *img,
				       unsigned int nr);

/* ---- 5  Block --------------------------------------------------------------- */

enum xstate_context {
	XSTATE_CTX_NONE		= 0,
	XSTATE_CTX_USER_LIVE	= 1,	/* user state, from the registers */
	XSTATE_CTX_USER_SAVED	= 2,	/* user state, from the saved fpstate */
	XSTATE_CTX_KERNEL_LIVE	= 3,	/* interrupted kernel */
};

enum xstate_block_flags {
	XSTATE_BLOCK_KERNEL_FPU	= 1,	/* hit inside kernel FPU use */
	XSTATE_BLOCK_GUEST_FPU	= 2,	/* guest FPU loaded */
	XSTATE_BLOCK_NMI	= 4,	/* taken in NMI */
	XSTATE_BLOCK_NO_XINUSE	= 8,	/* xinuse not available */
	XSTATE_BLOCK_NO_MXCSR	= 16,	/* mxcsr not available (converted) */
	XSTATE_BLOCK_ZERO_AMBIGUOUS = 32, /* converted from the SIMD ABI */
};

enum {
	XSTATE_BLOCK_HEADER_SIZE = 56,
	XSTATE_RAW_MAGIC	 = 0x54535258,	/* "XRST" */
	XSTATE_RAW_VERSION	 = 1,
	XSTATE_RAW_HEADER_SIZE	 = 8,
};

/*
 * The canonical form of one register state, as the kernel group carries it
 * and as PERF_SAMPLE_RAW payload [kernel-patches: PERF_SAMPLE_XSTATE]. All
 * little endian: u32 size, u16 context, u16 flags, u64 requested, captured,
 * xfeatures, xinuse, xfd, u32 mxcsr, u32 0, then the bytes of each component
 * of xfeatures in ascending order, each padded to 8.
 */
struct xstate_block {
	uint32_t size;		/* whole block, multiple of 8 */
	uint16_t context;	/* enum xstate_context */
	uint16_t flags;		/* enum xstate_block_flags */
	uint64_t requested;	/* components asked for */
	uint64_t captured;	/* examined; requested & ~captured: unknown */
	uint64_t xfeatures;	/* with data; captured & ~xfeatures: init */
	uint64_t xinuse;	/* XGETBV(1), also of what was not requested */
	uint64_t xfd;		/* IA32_XFD; captured has no bit of it */
	uint32_t mxcsr;
	const uint8_t *data;	/* size - 56 bytes */
	const struct xstate_layout *layout;
};

/**
 * xstate_block__read - validate and open a block
 * @b: written on success
 * @l: layout of the machine that made it (for the component sizes)
 * @data: @size bytes, of which the block may fill only the first
 * @where: if not NULL: byte offset of what is wrong, on error
 *
 * Return: 0; XSTATE_E_TRUNCATED, _SIZE (not a multiple of 8, below 56, or not
 * what the components add up to), _RANGE (context or flags), _RESERVED,
 * _FEATURES (captured beyond requested, xfeatures beyond captured, or captured
 * in xfd or in context XSTATE_CTX_NONE), _LAYOUT.
 */
int xstate_block__read(struct xstate_block *b, const struct xstate_layout *l,
		       const void *data, size_t size, size_t *where);

/**
 * xstate_block__component - the bytes of a component
 *
 * Return: pointer into the block, or NULL when it is init or unknown.
 */
const uint8_t *xstate_block__component(const struct xstate_block *b,
				       unsigned int nr);

/* A PERF_SAMPLE_RAW payload: u32 magic, u16 version, u16 blocks, blocks. */
struct xstate_raw {
	uint16_t nr_blocks;
	uint16_t next;		/* number of the block to come */
	const uint8_t *data;
	size_t size, offset;
	const struct xstate_layout *layout;
};

/**
 * xstate_raw__open - start to read a payload
 * @data: @size bytes; trailing padding below 8 bytes is allowed (perf rounds)
 *
 * Return: 0; XSTATE_E_TRUNCATED, _MAGIC (someone else's raw data), _VERSION.
 */
int xstate_raw__open(struct xstate_raw *raw, const struct xstate_layout *l,
		     const void *data, size_t size, size_t *where);

/**
 * xstate_raw__next - the next block of a payload
 *
 * Return: 1 with @b written; 0 at the end; an error of xstate_block__read();
 * XSTATE_E_SIZE when 8 or more bytes follow the last block.
 */
int xstate_raw__next(struct xstate_raw *raw, struct xstate_block *b,
		     size_t *where);

/**
 * xstate_raw__write_header - the 8 bytes before the blocks
 *
 * Return: 0; XSTATE_E_NOSPACE; _RANGE for more than 65535 blocks.
 */
int xstate_raw__write_header(void *buf, size_t size, unsigned int nr_blocks);

/**
 * xstate_block__from_image - the canonical block of an image
 * @img: source
 * @requested: components wanted
 * @context: enum xstate_context
 * @flags: enum xstate_block_flags
 * @xinuse: XGETBV(1) at the sample, 0 with XSTATE_BLOCK_NO_XINUSE
 * @buf: @size bytes, written
 * @written: bytes written, multiple of 8
 *
 * captured is what the image examined and XFD does not hide; component 0 or 1
 * in @requested is what carries x87 and XMM; MXCSR always comes along.
 *
 * Return: 0; XSTATE_E_NOSPACE; _LAYOUT; _RANGE for @context or @flags;
 * _FEATURES when the image does not hold MXCSR, which a block always says, or
 * when @context is XSTATE_CTX_NONE and something was captured.
 */
int xstate_block__from_image(const struct xstate_image *img, uint64_t requested,
			     unsigned int context, unsigned int flags,
			     uint64_t xinuse, void *buf, size_t size,
			     size_t *written);

/* ---- 6  SIMD records --------------------------------------------------------- */

enum xstate_regs_abi {
	PERF_REGS_ABI_NONE	= 0,
	PERF_REGS_ABI_32	= 1,
	PERF_REGS_ABI_64	= 2,
	PERF_REGS_ABI_SIMD	= 4,	/* a flag beside 32 or 64 */
};

/*
 * One REGS_USER or REGS_INTR group of a sample. Without the SIMD flag the
 * four counts are 0, and bits 32-63 of the mask are XMM pairs.
 */
struct xstate_simd {
	uint64_t abi;
	uint64_t mask;		/* sample_regs_user or _intr */
	const uint8_t *gprs;	/* popcount(mask) u64 */
	uint64_t nr_vectors, vector_qwords, nr_pred, pred_qwords;
	const uint8_t *vectors, *preds;
	int simd_enabled;	/* attr.sample_simd_regs_enabled */
	size_t size;		/* bytes of the whole group */
};

/**
 * xstate_simd__read - open the register group at the start of @data
 * @s: written on success
 * @mask: attr.sample_regs_user or _intr
 * @simd_enabled: attr.sample_simd_regs_enabled: bits 24..39 of @mask are
 *	R16..R31 and bit 40 is SSP; else bits 32..63 are halves of XMM0-15
 *
 * Return: 0; XSTATE_E_TRUNCATED, _ABI, _RANGE (counts or widths that no x86
 * has), _FEATURES (SIMD flag in a group whose attr did not ask for it).
 */
int xstate_simd__read(struct xstate_simd *s, uint64_t mask, int simd_enabled,
		      const void *data, size_t size, size_t *where);

/**
 * xstate_simd__gpr - a general register
 * @nr: PERF_REG_X86_* (also 24..40 of the SIMD ABI)
 * @value: written on success
 *
 * Return: 0, or XSTATE_E_RANGE when it is not in the group.
 */
int xstate_simd__gpr(const struct xstate_simd *s, unsigned int nr,
		     uint64_t *value);

/* ---- 7  Registers ------------------------------------------------------------- */

/* Unknown is 0, so that what nobody wrote is unknown. */
enum xstate_state {
	XSTATE_UNKNOWN	= 0,	/* not requested, not captured, XFD, excluded */
	XSTATE_INIT	= 1,	/* initial configuration [SDM 13.6] */
	XSTATE_VALUE	= 2,
};

enum xstate_class {
	XSTATE_CLASS_XMM,	/* 0..31, 16 bytes */
	XSTATE_CLASS_YMM,	/* 0..31, 32 bytes */
	XSTATE_CLASS_ZMM,	/* 0..31, 64 bytes */
	XSTATE_CLASS_OPMASK,	/* k0..k7, 8 bytes */
	XSTATE_CLASS_EGPR,	/* r16..r31, 8 bytes; index 0 is r16 */
	XSTATE_CLASS_MXCSR,	/* 4 bytes */
	XSTATE_CLASS_PKRU,	/* 4 bytes */
	XSTATE_CLASS_SSP,	/* 8 bytes */
	XSTATE_CLASS_ST,	/* st0..st7, 10 bytes */
	XSTATE_CLASS_X87,	/* fcw fsw ftw fop fip fdp: enum xstate_x87 */
	XSTATE_CLASS_TILECFG,	/* 64 bytes */
	XSTATE_CLASS_TMM,	/* tmm0..tmm7, 1024 bytes */
	XSTATE_CLASS_NR,
};

enum xstate_x87 {
	XSTATE_X87_FCW, XSTATE_X87_FSW, XSTATE_X87_FTW, XSTATE_X87_FOP,
	XSTATE_X87_FIP, XSTATE_X87_FDP, XSTATE_X87_NR,
};

struct xstate_reg {
#ifdef __cplusplus
	uint8_t class_;		/* the other name is a keyword there */
#else
	uint8_t class;		/* enum xstate_class */
#endif
	uint8_t index;
};

/* What the registers come from, piece by piece. */
enum xstate_bank_nr {
	XSTATE_BANK_X87,	/* component 0, whole */
	XSTATE_BANK_XMM,	/* 16 x 16 */
	XSTATE_BANK_YMM_HI,	/* 16 x 16 */
	XSTATE_BANK_ZMM_HI,	/* 16 x 32 */
	XSTATE_BANK_HI16,	/* 16 x 64; shorter where only XMM/YMM16-31 came */
	XSTATE_BANK_OPMASK,	/* 8 x 8 */
	XSTATE_BANK_EGPR,	/* 16 x 8 */
	XSTATE_BANK_PKRU,
	XSTATE_BANK_SSP,
	XSTATE_BANK_TILECFG,
	XSTATE_BANK_TILE,	/* 8 x 1024 */
	XSTATE_BANK_NR,
};

/*
 * Where packed is 0, register i stands at base + i * stride. Else only the
 * qwords with a bit in packed came, one behind the other, stride / 8 bits a
 * register (the masks of sample_regs_user and _intr): xstate_bank__reg() finds
 * its way in both.
 */
struct xstate_bank {
	const uint8_t *base;
	uint64_t packed;
	uint32_t stride;
	uint32_t bytes;		/* known bytes of each register */
	uint32_t value;		/* bitmap: registers with a value */
	uint32_t init;		/* bitmap: registers in init state */
};

/* The register view in which all sources end. */
struct xstate_regs {
	struct xstate_bank bank[XSTATE_BANK_NR];
	uint64_t requested;	/* components asked for */
	uint64_t captured;	/* components known: value or init */
	uint64_t xfeatures;	/* components with a value */
	uint64_t supported;	/* components that the machine has */
	uint64_t xinuse;	/* valid when xinuse_known */
	uint64_t xfd;
	uint32_t mxcsr;
	uint8_t mxcsr_state;	/* enum xstate_state */
	uint8_t xinuse_known;
	uint8_t zero_is_ambiguous; /* SIMD ABI: 0 may be init or not captured */
	uint16_t context;	/* enum xstate_context */
	uint16_t flags;		/* enum xstate_block_flags */
};

/**
 * xstate_bank__reg - the bytes of a bank's register that has a value
 * @i: number within the bank
 *
 * Return: pointer to @b->bytes bytes, or NULL when it is init or unknown.
 */
const uint8_t *xstate_bank__reg(const struct xstate_bank *b, unsigned int i);

/** xstate_regs__init - everything unknown */
void xstate_regs__init(struct xstate_regs *r);

/** xstate_regs__from_block - the view of an open block */
void xstate_regs__from_block(struct xstate_regs *r, const struct xstate_block *b);

/**
 * xstate_regs__from_image - the view of an open image
 *
 * XINUSE is unknown: XSTATE_BV says it for what was examined, and that is in
 * @r->xfeatures. The context is XSTATE_CTX_USER_SAVED.
 */
void xstate_regs__from_image(struct xstate_regs *r, const struct xstate_image *i);

/**
 * xstate_regs__from_simd - the view of a SIMD or legacy XMM group
 *
 * What came is a value, all else unknown, MXCSR among it; half an XMM register
 * is unknown. @r->zero_is_ambiguous is set: a zero may be init or not captured.
 * A component counts as captured when all of its registers came.
 */
void xstate_regs__from_simd(struct xstate_regs *r, const struct xstate_simd *s);

/* One register, read. */
struct xstate_value {
	uint8_t state;		/* enum xstate_state */
	uint16_t size;		/* bytes of the register */
	uint16_t known;		/* low bytes that are known, <= size */
	const uint8_t *bytes;	/* size bytes: in buf or in the source */
	uint8_t buf[64] __attribute__((aligned(64)));
};

/**
 * xstate_regs__get - read one register
 * @reg: which
 * @v: written: XSTATE_VALUE and its bytes; XSTATE_INIT and the bytes of the
 *	init state; XSTATE_UNKNOWN, with @v->bytes NULL unless low parts are
 *	known (@v->known > 0: e.g. YMM with the upper half not captured).
 *	A ZMM is a value when one of its pieces is, and unknown when one is.
 *
 * Return: the state; XSTATE_E_RANGE when no such register exists.
 */
int xstate_regs__get(const struct xstate_regs *r, struct xstate_reg reg,
		     struct xstate_value *v);

/** xstate_regs__state - only the state of a register, as xstate_regs__get() */
int xstate_regs__state(const struct xstate_regs *r, struct xstate_reg reg);

/** xstate_regs__component_state - value, init or unknown, of a component */
enum xstate_state xstate_regs__component_state(const struct xstate_regs *r,
					       unsigned int nr);

/**
 * xstate_regs__width_in_use - widest vector state that is not in init state
 *
 * Return: 512 (ZMM_Hi256 or Hi16_ZMM in use), 256 (YMM_Hi128), 128, or 0 when
 * unknown. Taken from XINUSE where known (it covers what was not requested),
 * else from the captured components. @r with upper components neither in
 * XINUSE nor captured gives 0.
 */
unsigned int xstate_regs__width_in_use(const struct xstate_regs *r);

/**
 * xstate_regs__width_nonzero - widest vector part that holds a non-zero bit
 *
 * Return: 512, 256, 128; 1 when all vector registers are zero; 0 when unknown
 * (a part that could hold more was not captured and is in use or unknown).
 */
unsigned int xstate_regs__width_nonzero(const struct xstate_regs *r);

/**
 * xstate_reg__name - "ymm3", "k1", "r16", "mxcsr", "st0"
 * @buf: at least 12 bytes, written
 *
 * Return: @buf, or NULL for a register that does not exist.
 */
const char *xstate_reg__name(struct xstate_reg reg, char *buf);

/**
 * xstate_reg__parse - a register by its name
 * @name: @len characters, lower case
 *
 * Return: 0 or XSTATE_E_NAME.
 */
int xstate_reg__parse(const char *name, size_t len, struct xstate_reg *reg);

/** xstate_reg__size - bytes of a register, 0 if it does not exist */
unsigned int xstate_reg__size(struct xstate_reg reg);

/** xstate_class__count - how many registers a class has */
unsigned int xstate_class__count(enum xstate_class c);

/** xstate_reg__xfeatures - the components that hold it (MXCSR: 0, always along) */
uint64_t xstate_reg__xfeatures(struct xstate_reg reg);

/* ---- 8  Lanes -------------------------------------------------------------------- */

enum xstate_type {
	XSTATE_I8, XSTATE_U8, XSTATE_I16, XSTATE_U16, XSTATE_I32, XSTATE_U32,
	XSTATE_I64, XSTATE_U64, XSTATE_F16, XSTATE_BF16, XSTATE_F32, XSTATE_F64,
	XSTATE_TYPE_NR,
};

/* Classes of a lane [IEEE 754; SDM vol. 1, 4.8.3]. Integers: zero or normal. */
enum xstate_fp_class {
	XSTATE_FP_ZERO, XSTATE_FP_SUBNORMAL, XSTATE_FP_NORMAL, XSTATE_FP_INF,
	XSTATE_FP_QNAN, XSTATE_FP_SNAN, XSTATE_FP_NR,
};

struct xstate_counts {
	uint64_t lane[XSTATE_FP_NR];	/* lanes of each class */
};

/** xstate_type__name - "i8" .. "f64"; NULL beyond */
const char *xstate_type__name(enum xstate_type t);
/** xstate_type__parse - 0 or XSTATE_E_NAME */
int xstate_type__parse(const char *name, size_t len, enum xstate_type *t);
/** xstate_type__size - bytes of a lane: 1, 2, 4, 8 */
unsigned int xstate_type__size(enum xstate_type t);
/** xstate_type__is_fp - f16, bf16, f32, f64 */
int xstate_type__is_fp(enum xstate_type t);
/** xstate_fp_class__name - "zero", "subnormal", ... */
const char *xstate_fp_class__name(enum xstate_fp_class c);

/** xstate_lane__bits - lane @i of @bytes, zero-extended */
uint64_t xstate_lane__bits(const uint8_t *bytes, enum xstate_type t,
			   unsigned int i);
/** xstate_lane__class - the class of one lane's bits */
enum xstate_fp_class xstate_lane__class(enum xstate_type t, uint64_t bits);
/** xstate_lane__double - a floating point lane's value, exact (payload of NaN lost) */
double xstate_lane__double(enum xstate_type t, uint64_t bits);
/**
 * xstate_lane__exponent - unbiased exponent of a normal or subnormal lane
 * @exp: written on success; of a subnormal that of its leading bit
 *
 * Return: 0, or XSTATE_E_RANGE for zero, infinity, NaN and integers.
 */
int xstate_lane__exponent(enum xstate_type t, uint64_t bits, int *exp);

/**
 * xstate_lanes__classify - count the classes of all lanes
 * @bytes: @size bytes, a multiple of the lane size
 * @add: counts are added to
 */
void xstate_lanes__classify(const uint8_t *bytes, size_t size,
			    enum xstate_type t, struct xstate_counts *add);

/**
 * xstate_regs__classify - count the classes of all lanes of many registers
 * @c: XSTATE_CLASS_XMM, _YMM or _ZMM
 * @regs: bitmap of registers
 * @add: counts are added to; registers in init state are zeros, unknown and
 *	partly unknown ones are not counted
 *
 * Several times faster than xstate_regs__get() for each.
 *
 * Return: bitmap of the registers that were counted.
 */
uint32_t xstate_regs__classify(const struct xstate_regs *r, enum xstate_class c,
			       uint32_t regs, enum xstate_type t,
			       struct xstate_counts *add);

/* Populations of an opmask, in the words of Intel SDE's -mask_profile. */
enum xstate_mask_class {
	XSTATE_MASK_ALL_ZEROS, XSTATE_MASK_ONE_HOT, XSTATE_MASK_PARTIAL,
	XSTATE_MASK_ALL_ONES,
};

/** xstate_mask__class - the population of the low @lanes bits (1..64) of @k */
enum xstate_mask_class xstate_mask__class(uint64_t k, unsigned int lanes);

/* ---- 9  Encoder --------------------------------------------------------------------- */

/*
 * A machine state to encode, by component. value: components with bytes;
 * bytes[nr] points to the component's size bytes.
 */
struct xstate_build {
	const struct xstate_layout *layout;
	uint64_t value;
	const uint8_t *bytes[XFEATURE_MAX];
	uint32_t mxcsr;
	uint32_t mxcsr_mask;
};

/**
 * xstate_build__image - an XSAVE area, standard or compacted
 * @xfeatures: RFBM; with bit 63 in compacted format (XCOMP_BV)
 * @fill: byte that stands in what XSAVE leaves as it was (stale bytes)
 *
 * XSTATE_BV becomes @xfeatures & @s->value, and SSE where only MXCSR keeps it
 * in use, as XSAVEC has it [SDM 13.10].
 *
 * Return: 0; XSTATE_E_NOSPACE; an error of xstate_layout__image_size().
 */
int xstate_build__image(const struct xstate_build *s, uint64_t xfeatures,
			uint8_t fill, void *buf, size_t size, size_t *written);

/**
 * xstate_build__block - the canonical block
 * @head: context, flags, requested, captured, xinuse, xfd, mxcsr are taken
 *	from it; xfeatures is captured & @s->value
 *
 * Return: 0, XSTATE_E_NOSPACE, _LAYOUT or _FEATURES.
 */
int xstate_build__block(const struct xstate_build *s,
			const struct xstate_block *head, void *buf, size_t size,
			size_t *written);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* XSTATE_XSTATE_H */
