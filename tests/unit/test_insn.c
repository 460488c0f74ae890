/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions assembled on the spot by as(1), against what the SDM says of
 * their operands; boundaries and mnemonics against objdump.
 *
 * An expectation is: encoding, then "scalar", "z" (zeroing), "clears"; bits;
 * then for each register "name access[type]bytes", with
 *	r, w	read, written
 *	=	computes with the lanes as numbers of that type
 *	~	the type is only the mnemonic's
 *	?	no type
 *	m	the predicate; xN: bits of a mask that count
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/internal.h"

static const struct {
	const char *text, *want;
} cases[] = {
	{ "addps xmm1, xmm2", "legacy 128, xmm1 rw=f32:16, xmm2 r=f32:16" },
	{ "addss xmm1, xmm2", "legacy scalar 128, xmm1 rw=f32:4, xmm2 r=f32:4" },
	{ "vaddss xmm1, xmm2, xmm3", "vex scalar 128, xmm1 w~f32:4, xmm2 r=f32:4, xmm3 r=f32:4" },
	{ "vaddpd ymm1, ymm2, ymm3", "vex 256, ymm1 w~f64:32, ymm2 r=f64:32, ymm3 r=f64:32" },
	{ "vaddph zmm1, zmm2, zmm3", "evex 512, zmm1 w~f16:64, zmm2 r=f16:64, zmm3 r=f16:64" },
	{ "vaddps zmm1{k2}{z}, zmm2, zmm3", "evex z 512, zmm1 w~f32:64, k2 rmx16, zmm2 r=f32:64, zmm3 r=f32:64" },
	{ "vaddps zmm1{k2}, zmm2, dword ptr [rdi]{1to16}", "evex 512, zmm1 rw~f32:64, k2 rmx16, zmm2 r=f32:64" },
	{ "vfmadd213sd xmm1, xmm2, xmm3", "vex scalar 128, xmm1 rw=f64:8, xmm2 r=f64:8, xmm3 r=f64:8" },
	{ "vfmadd231ps ymm1, ymm2, ymm3", "vex 256, ymm1 rw=f32:32, ymm2 r=f32:32, ymm3 r=f32:32" },
	{ "movaps xmm1, xmm2", "legacy 128, xmm1 w~f32:16, xmm2 r~f32:16" },
	{ "movss xmm1, xmm2", "legacy scalar 128, xmm1 w~f32:4, xmm2 r~f32:4" },
	{ "movss xmm1, dword ptr [rdi]", "legacy scalar 128, xmm1 w~f32:4" },
	{ "movsd qword ptr [rdi], xmm1", "legacy scalar 128, xmm1 r~f64:8" },
	{ "movdqa xmm1, xmm2", "legacy 128, xmm1 w?:16, xmm2 r?:16" },
	{ "vmovdqu32 zmm1{k1}, zmm2", "evex 512, zmm1 rw~u32:64, k1 rmx16, zmm2 r~u32:64" },
	{ "vmovups ymm1, [rdi]", "vex 256, ymm1 w~f32:32" },
	{ "movhps xmm1, [rdi]", "legacy 128, xmm1 rw~f32:16" },
	{ "movlpd xmm1, [rdi]", "legacy 128, xmm1 rw~f64:16" },
	{ "movlpd [rdi], xmm1", "legacy 128, xmm1 r~f64:16" },
	{ "movd xmm1, eax", "legacy scalar 128, xmm1 w~i32:16" },
	{ "movq rax, xmm1", "legacy scalar 128, xmm1 r~i64:8" },
	{ "movq xmm1, xmm2", "legacy scalar 128, xmm1 w~i32:16, xmm2 r~i64:8" },
	{ "paddd xmm1, xmm2", "legacy 128, xmm1 rw~i32:16, xmm2 r~i32:16" },
	{ "vpaddb ymm1, ymm2, ymm3", "vex 256, ymm1 w~i8:32, ymm2 r~i8:32, ymm3 r~i8:32" },
	{ "pabsd xmm1, xmm2", "legacy 128, xmm1 w~i32:16, xmm2 r~i32:16" },
	{ "cvtps2pd xmm1, xmm2", "legacy 128, xmm1 w~f64:16, xmm2 r=f32:8" },
	{ "vcvtps2pd ymm1, xmm2", "vex 256, ymm1 w~f64:32, xmm2 r=f32:16" },
	{ "vcvtpd2ps xmm1, ymm2", "vex 256, xmm1 w~f32:16, ymm2 r=f64:32" },
	{ "vcvtph2ps ymm1, xmm2", "vex 256, ymm1 w~f32:32, xmm2 r=f16:16" },
	{ "vcvtps2ph xmm1, ymm2, 0", "vex 256, xmm1 w~f16:16, ymm2 r=f32:32" },
	{ "cvtsi2sd xmm1, eax", "legacy scalar 128, xmm1 rw~f64:8" },
	{ "cvttss2si eax, xmm1", "legacy scalar 128, xmm1 r=f32:4" },
	{ "cvtdq2ps xmm1, xmm2", "legacy 128, xmm1 w~f32:16, xmm2 r~i32:16" },
	{ "vcvtne2ps2bf16 zmm1, zmm2, zmm3", "evex 512, zmm1 w~bf16:64, zmm2 r=f32:64, zmm3 r=f32:64" },
	{ "vcvtneps2bf16 ymm1, zmm2", "evex 512, ymm1 w~bf16:32, zmm2 r=f32:64" },
	{ "vdpbf16ps zmm1, zmm2, zmm3", "evex 512, zmm1 rw=f32:64, zmm2 r=bf16:64, zmm3 r=bf16:64" },
	{ "vpdpbusd zmm1, zmm2, zmm3", "evex 512, zmm1 rw~i32:64, zmm2 r~u8:64, zmm3 r~i8:64" },
	{ "vcmpps k1{k2}, zmm2, zmm3, 0", "evex z 512, k1 wx16, k2 rmx16, zmm2 r=f32:64, zmm3 r=f32:64" },
	{ "cmpps xmm1, xmm2, 1", "legacy 128, xmm1 rw=f32:16, xmm2 r=f32:16" },
	{ "cmpsd xmm1, xmm2, 1", "legacy scalar 128, xmm1 rw=f64:8, xmm2 r=f64:8" },
	{ "comiss xmm1, xmm2", "legacy scalar 128, xmm1 r=f32:4, xmm2 r=f32:4" },
	{ "ucomisd xmm1, xmm2", "legacy scalar 128, xmm1 r=f64:8, xmm2 r=f64:8" },
	{ "sqrtps xmm1, xmm2", "legacy 128, xmm1 w~f32:16, xmm2 r=f32:16" },
	{ "rcpss xmm1, xmm2", "legacy scalar 128, xmm1 rw~f32:4, xmm2 r=f32:4" },
	{ "shufps xmm1, xmm2, 0", "legacy 128, xmm1 rw~f32:16, xmm2 r~f32:16" },
	{ "unpcklps xmm1, xmm2", "legacy 128, xmm1 rw~f32:16, xmm2 r~f32:16" },
	{ "andps xmm1, xmm2", "legacy 128, xmm1 rw~f32:16, xmm2 r~f32:16" },
	{ "xorps xmm1, xmm1", "legacy 128, xmm1 rw~f32:16, xmm1 r~f32:16" },
	{ "vxorps ymm1, ymm2, ymm3", "vex 256, ymm1 w~f32:32, ymm2 r~f32:32, ymm3 r~f32:32" },
	{ "blendvps xmm1, xmm2, xmm0", "legacy 128, xmm1 rw~f32:16, xmm2 r~f32:16, xmm0 r~u32:16" },
	{ "vblendvps ymm1, ymm2, ymm3, ymm4", "vex 256, ymm1 w~f32:32, ymm2 r~f32:32, ymm3 r~f32:32, ymm4 r~u32:32" },
	{ "vbroadcastss ymm1, xmm2", "vex 256, ymm1 w~f32:32, xmm2 r~f32:16" },
	{ "insertps xmm1, xmm2, 0", "legacy 128, xmm1 rw~f32:16, xmm2 r~f32:16" },
	{ "extractps eax, xmm1, 1", "legacy 128, xmm1 r~f32:16" },
	{ "vinsertf128 ymm1, ymm2, xmm3, 1", "vex 256, ymm1 w?:32, ymm2 r?:32, xmm3 r?:16" },
	{ "vextractf128 xmm1, ymm2, 1", "vex 256, xmm1 w?:16, ymm2 r?:32" },
	{ "vperm2f128 ymm1, ymm2, ymm3, 1", "vex 256, ymm1 w?:32, ymm2 r?:32, ymm3 r?:32" },
	{ "vpermps ymm1, ymm2, ymm3", "vex 256, ymm1 w~f32:32, ymm2 r~i32:32, ymm3 r~f32:32" },
	{ "haddps xmm1, xmm2", "legacy 128, xmm1 rw=f32:16, xmm2 r=f32:16" },
	{ "dpps xmm1, xmm2, 0xff", "legacy 128, xmm1 rw=f32:16, xmm2 r=f32:16" },
	{ "roundsd xmm1, xmm2, 0", "legacy scalar 128, xmm1 rw~f64:8, xmm2 r=f64:8" },
	{ "movmskps eax, xmm1", "legacy 128, xmm1 r~f32:16" },
	{ "pmovmskb eax, xmm1", "legacy 128, xmm1 r~i8:16" },
	{ "ptest xmm1, xmm2", "legacy 128, xmm1 r?:16, xmm2 r?:16" },
	{ "pshufb xmm1, xmm2", "legacy 128, xmm1 rw~u8:16, xmm2 r~u8:16" },
	{ "pmaddwd xmm1, xmm2", "legacy 128, xmm1 rw~i16:16, xmm2 r~i16:16" },
	{ "pmulhuw xmm1, xmm2", "legacy 128, xmm1 rw~u16:16, xmm2 r~u16:16" },
	{ "psadbw xmm1, xmm2", "legacy 128, xmm1 rw~u64:16, xmm2 r~u8:16" },
	{ "aesenc xmm1, xmm2", "legacy 128, xmm1 rw~u8:16, xmm2 r~u8:16" },
	{ "sha256rnds2 xmm1, xmm2, xmm0", "legacy 128, xmm1 rw~u32:16, xmm2 r~u32:16, xmm0 r~u32:16" },
	{ "pclmulqdq xmm1, xmm2, 0", "legacy 128, xmm1 rw~u64:16, xmm2 r~u64:16" },
	{ "kmovw k1, eax", "vex, k1 wx16" },
	{ "kandq k1, k2, k3", "vex, k1 wx64, k2 rx64, k3 rx64" },
	{ "kortestb k1, k2", "vex, k1 rx8, k2 rx8" },
	{ "kunpckbw k1, k2, k3", "vex, k1 wx16, k2 rx8, k3 rx8" },
	{ "vptestmd k1, zmm2, zmm3", "evex 512, k1 wx16, zmm2 r~i32:64, zmm3 r~i32:64" },
	{ "vpmovm2b zmm1, k1", "evex 512, zmm1 w~u8:64, k1 rx64" },
	{ "vpblendmd zmm1{k1}, zmm2, zmm3", "evex 512, zmm1 w~i32:64, k1 rmx16, zmm2 r~i32:64, zmm3 r~i32:64" },
	{ "vblendmps zmm1{k1}, zmm2, zmm3", "evex 512, zmm1 w~f32:64, k1 rmx16, zmm2 r~f32:64, zmm3 r~f32:64" },
	{ "vgatherdps ymm1, [rdi+ymm2*4], ymm3", "vex 256, ymm1 rw~f32:32, ymm2 r~i32:32, ymm3 rw~i32:32" },
	{ "vgatherdps zmm1{k1}, [rdi+zmm2*4]", "evex 512, zmm1 rw~f32:64, k1 rwmx16, zmm2 r~i32:64" },
	{ "vscatterdpd [rdi+ymm2*8]{k1}, zmm3", "evex 512, ymm2 r~i32:32, k1 rwmx8, zmm3 r~f64:64" },
	{ "vcompressps zmm1{k1}{z}, zmm2", "evex z 512, zmm1 w~f32:64, k1 rmx16, zmm2 r~f32:64" },
	{ "vfpclassps k1, zmm2, 1", "evex 512, k1 wx16, zmm2 r=f32:64" },
	{ "vgetexpss xmm1, xmm2, xmm3", "evex scalar 128, xmm1 w~f32:4, xmm2 r~f32:4, xmm3 r=f32:4" },
	{ "vmaskmovps ymm1, ymm2, [rdi]", "vex 256, ymm1 w~f32:32, ymm2 r~i32:32" },
	{ "vzeroupper", "vex clears" },
	{ "vzeroall", "vex clears" },
	{ "ldmxcsr [rdi]", "other" },
	{ "emms", "other" },
	{ "paddb mm1, mm2", "x87" },
	{ "cvtpi2ps xmm1, mm2", "legacy 128, xmm1 w~f32:8" },
	{ "fadd st(0), st(1)", "x87" },
	{ "fld dword ptr [rdi]", "x87" },
	{ "movnti [rdi], eax", "other" },
	{ "crc32 eax, ebx", "other" },
	{ "vfixupimmps zmm1, zmm2, zmm3, 1", "evex 512, zmm1 rw=f32:64, zmm2 r=f32:64, zmm3 r~i32:64" },
	{ "vrangepd zmm1, zmm2, zmm3, 1", "evex 512, zmm1 w~f64:64, zmm2 r=f64:64, zmm3 r=f64:64" },
	{ "vscalefps zmm1, zmm2, zmm3", "evex 512, zmm1 w~f32:64, zmm2 r=f32:64, zmm3 r=f32:64" },
	{ "vfmaddcph zmm1, zmm2, zmm3", "evex 512, zmm1 rw=f16:64, zmm2 r=f16:64, zmm3 r=f16:64" },
	{ "vcvtuqq2pd zmm1, zmm2", "evex 512, zmm1 w~f64:64, zmm2 r~u64:64" },
	{ "vcvtw2ph zmm1, zmm2", "evex 512, zmm1 w~f16:64, zmm2 r~i16:64" },
	{ "tdpbf16ps tmm1, tmm2, tmm3", "vex, tmm1 rw=f32:1024, tmm2 r=bf16:1024, tmm3 r=bf16:1024" },
	{ "tdpbssd tmm1, tmm2, tmm3", "vex, tmm1 rw~i32:1024, tmm2 r~i8:1024, tmm3 r~i8:1024" },
	{ "tileloadd tmm1, [rdi+rsi]", "vex, tmm1 w?:1024" },
	{ "fxsave [rdi]", "other" },
	{ "xsave [rdi]", "other" },
	{ "syscall", "other" },
	{ "call rax", "other" },
	{ "pcmpestri xmm1, xmm2, 0", "legacy 128, xmm1 r?:16, xmm2 r?:16" },
	{ "pcmpistrm xmm1, xmm2, 0", "legacy 128, xmm1 r?:16, xmm2 r?:16, xmm0 w?:16" },
	{ "vaesenc zmm1, zmm2, zmm3", "evex 512, zmm1 w~u8:64, zmm2 r~u8:64, zmm3 r~u8:64" },
	{ "v4fmaddps zmm1, zmm4, [rdi]", "evex 512, zmm1 rw=f32:64, zmm4 r=f32:64" },
	{ "vpternlogd zmm1, zmm2, zmm3, 0xff", "evex 512, zmm1 rw~i32:64, zmm2 r~i32:64, zmm3 r~i32:64" },
	{ "maskmovdqu xmm1, xmm2", "legacy 128, xmm1 r~u8:16, xmm2 r~u8:16" },
	{ "vshufps ymm1, ymm2, ymm3, 1", "vex 256, ymm1 w~f32:32, ymm2 r~f32:32, ymm3 r~f32:32" },
	{ "vpextrd eax, xmm1, 1", "vex 128, xmm1 r~i32:16" },
	{ "vpinsrb xmm1, xmm2, eax, 1", "vex 128, xmm1 w~i8:16, xmm2 r~i8:16" },
	{ "vpmovzxbd zmm1, xmm2", "evex 512, zmm1 w~u32:64, xmm2 r~u8:16" },
	{ "vpmovdb xmm1, zmm2", "evex 512, xmm1 w~u8:16, zmm2 r~u32:64" },
	{ "vpcompressd zmm1{k1}, zmm2", "evex 512, zmm1 rw~i32:64, k1 rmx16, zmm2 r~i32:64" },
	{ "movddup xmm1, xmm2", "legacy 128, xmm1 w~f64:16, xmm2 r~f64:8" },
	{ "movshdup xmm1, xmm2", "legacy 128, xmm1 w~f32:16, xmm2 r~f32:16" },
	{ "movntps [rdi], xmm1", "legacy 128, xmm1 r~f32:16" },
	{ "lddqu xmm1, [rdi]", "legacy 128, xmm1 w?:16" },
	{ "vmovss xmm1, xmm2, xmm3", "vex scalar 128, xmm1 w~f32:4, xmm2 r~f32:4, xmm3 r~f32:4" },
	{ "vmovhlps xmm1, xmm2, xmm3", "vex 128, xmm1 w~f32:16, xmm2 r~f32:16, xmm3 r~f32:16" },
	{ "vpsllvd ymm1, ymm2, ymm3", "vex 256, ymm1 w~i32:32, ymm2 r~i32:32, ymm3 r~i32:32" },
	{ "pslld xmm1, xmm2", "legacy 128, xmm1 rw~i32:16, xmm2 r~i32:16" },
	{ "cvtss2sd xmm1, xmm2", "legacy scalar 128, xmm1 w~f64:8, xmm2 r=f32:4" },
	{ "vcvtss2sd xmm1, xmm2, xmm3", "vex scalar 128, xmm1 w~f64:8, xmm2 r~f64:8, xmm3 r=f32:4" },
	{ "vsqrtsd xmm1, xmm2, xmm3", "vex scalar 128, xmm1 w~f64:8, xmm2 r~f64:8, xmm3 r=f64:8" },
	{ "sqrtsd xmm1, xmm2", "legacy scalar 128, xmm1 rw~f64:8, xmm2 r=f64:8" },
	{ "vroundsd xmm1, xmm2, xmm3, 1", "vex scalar 128, xmm1 w~f64:8, xmm2 r~f64:8, xmm3 r=f64:8" },
	{ "vmaxss xmm1, xmm2, xmm3", "vex scalar 128, xmm1 w~f32:4, xmm2 r=f32:4, xmm3 r=f32:4" },
	{ "vfmadd231ps zmm1{k3}, zmm2, zmm3", "evex 512, zmm1 rw=f32:64, k3 rmx16, zmm2 r=f32:64, zmm3 r=f32:64" },
	{ "vaddps zmm1{k3}, zmm2, zmm3", "evex 512, zmm1 rw~f32:64, k3 rmx16, zmm2 r=f32:64, zmm3 r=f32:64" },
	{ "vaddsd xmm1{k3}{z}, xmm2, xmm3", "evex scalar z 128, xmm1 w~f64:8, k3 rmx1, xmm2 r=f64:8, xmm3 r=f64:8" },
	{ "vcvtps2pd zmm1{k3}, ymm2", "evex 512, zmm1 rw~f64:64, k3 rmx8, ymm2 r=f32:32" },
	{ "vcvtpd2ps ymm1{k3}, zmm2", "evex 512, ymm1 rw~f32:32, k3 rmx8, zmm2 r=f64:64" },
	{ "vcvtsi2ss xmm1, xmm2, eax", "vex scalar 128, xmm1 w~f32:4, xmm2 r~f32:4" },
	{ "vfpclasssd k1{k2}, xmm2, 3", "evex scalar z 128, k1 wx1, k2 rmx1, xmm2 r=f64:8" },
	{ "vcmpsd k1, xmm2, xmm3, 1", "evex scalar 128, k1 wx1, xmm2 r=f64:8, xmm3 r=f64:8" },
	{ "vfmaddcph zmm1{k1}, zmm2, zmm3", "evex 512, zmm1 rw=f16:64, k1 rmx16, zmm2 r=f16:64, zmm3 r=f16:64" },
	{ "vrsqrt14ps zmm1, zmm2", "evex 512, zmm1 w~f32:64, zmm2 r=f32:64" },
	{ "vpermilps ymm1, ymm2, ymm3", "vex 256, ymm1 w~f32:32, ymm2 r~f32:32, ymm3 r~i32:32" },
	{ "vpermilps ymm1, ymm2, 3", "vex 256, ymm1 w~f32:32, ymm2 r~f32:32" },
	{ "vpermi2ps zmm1, zmm2, zmm3", "evex 512, zmm1 rw~i32:64, zmm2 r~f32:64, zmm3 r~f32:64" },
	{ "vgatherqpd ymm1, [rdi+ymm2*8], ymm3", "vex 256, ymm1 rw~f64:32, ymm2 r~i64:32, ymm3 rw~i64:32" },
	{ "punpcklbw xmm1, xmm2", "legacy 128, xmm1 rw~i8:16, xmm2 r~i8:16" },
	{ "pshufd xmm1, xmm2, 0", "legacy 128, xmm1 w~i32:16, xmm2 r~i32:16" },
	{ "packuswb xmm1, xmm2", "legacy 128, xmm1 rw~i16:16, xmm2 r~i16:16" },
	{ "pmuludq xmm1, xmm2", "legacy 128, xmm1 rw~u32:16, xmm2 r~u32:16" },
	{ "vpmuludq ymm1, ymm2, ymm3", "vex 256, ymm1 w~i64:32, ymm2 r~u32:32, ymm3 r~u32:32" },
	{ "pminub xmm1, xmm2", "legacy 128, xmm1 rw~u8:16, xmm2 r~u8:16" },
	{ "vpcmpeqb k1, zmm2, zmm3", "evex 512, k1 wx64, zmm2 r~i8:64, zmm3 r~i8:64" },
	{ "vpcmpeqb ymm1, ymm2, ymm3", "vex 256, ymm1 w~i8:32, ymm2 r~i8:32, ymm3 r~i8:32" },
	{ "pcmpgtd xmm1, xmm2", "legacy 128, xmm1 rw~i32:16, xmm2 r~i32:16" },
	{ "vpcmpub k1{k2}, zmm2, zmm3, 1", "evex z 512, k1 wx64, k2 rmx64, zmm2 r~u8:64, zmm3 r~u8:64" },
	{ "psrldq xmm1, 3", "legacy 128, xmm1 rw?:16" },
	{ "vpmadd52luq zmm1, zmm2, zmm3", "evex 512, zmm1 rw~u64:64, zmm2 r~u64:64, zmm3 r~u64:64" },
	{ "vaddph xmm1, xmm2, xmm3", "evex 128, xmm1 w~f16:16, xmm2 r=f16:16, xmm3 r=f16:16" },
	{ "vcvtph2psx zmm1, ymm2", "evex 512, zmm1 w~f32:64, ymm2 r=f16:32" },
	{ "vaddsubps ymm1, ymm2, ymm3", "vex 256, ymm1 w~f32:32, ymm2 r=f32:32, ymm3 r=f32:32" },
	{ "movhpd [rdi], xmm1", "legacy 128, xmm1 r~f64:16" },
	{ "vpalignr ymm1, ymm2, ymm3, 4", "vex 256, ymm1 w?:32, ymm2 r?:32, ymm3 r?:32" },
	{ "vtestps ymm1, ymm2", "vex 256, ymm1 r~f32:32, ymm2 r~f32:32" },
	{ "kshiftlw k1, k2, 3", "vex, k1 wx16, k2 rx16" },
	{ "kortestq k1, k2", "vex, k1 rx64, k2 rx64" },
	{ "kmovb eax, k1", "vex, k1 rx8" },
	{ "vpabsd ymm1, ymm2", "vex 256, ymm1 w~i32:32, ymm2 r~i32:32" },
	{ "vpsadbw ymm1, ymm2, ymm3", "vex 256, ymm1 w~u64:32, ymm2 r~u8:32, ymm3 r~u8:32" },
	{ "vpmaddubsw ymm1, ymm2, ymm3", "vex 256, ymm1 w~i16:32, ymm2 r~u8:32, ymm3 r~i8:32" },
	{ "vpackusdw ymm1, ymm2, ymm3", "vex 256, ymm1 w~i16:32, ymm2 r~i32:32, ymm3 r~i32:32" },
	{ "vpunpckhdq ymm1, ymm2, ymm3", "vex 256, ymm1 w~i32:32, ymm2 r~i32:32, ymm3 r~i32:32" },
	{ "pavgb xmm1, xmm2", "legacy 128, xmm1 rw~u8:16, xmm2 r~u8:16" },
	{ "paddusw xmm1, xmm2", "legacy 128, xmm1 rw~u16:16, xmm2 r~u16:16" },
	{ "vfixupimmsd xmm1, xmm2, xmm3, 1", "evex scalar 128, xmm1 rw=f64:8, xmm2 r=f64:8, xmm3 r~i64:16" },
	{ "vpermt2pd zmm1, zmm2, zmm3", "evex 512, zmm1 rw~f64:64, zmm2 r~i64:64, zmm3 r~f64:64" },
	{ "tdpbsud tmm1, tmm2, tmm3", "vex, tmm1 rw~i32:1024, tmm2 r~i8:1024, tmm3 r~u8:1024" },
	{ "sha1rnds4 xmm1, xmm2, 1", "legacy 128, xmm1 rw~u32:16, xmm2 r~u32:16" },
	{ "gf2p8mulb xmm1, xmm2", "legacy 128, xmm1 rw~u8:16, xmm2 r~u8:16" },
	{ "vmovdqa ymm1, ymm2", "vex 256, ymm1 w?:32, ymm2 r?:32" },
	{ "vmovntdq [rdi], ymm1", "vex 256, ymm1 r?:32" },
	{ "vpand ymm1, ymm2, ymm3", "vex 256, ymm1 w?:32, ymm2 r?:32, ymm3 r?:32" },
	{ "vpandd zmm1, zmm2, zmm3", "evex 512, zmm1 w~i32:64, zmm2 r~i32:64, zmm3 r~i32:64" },
	{ "vunpckhpd ymm1, ymm2, ymm3", "vex 256, ymm1 w~f64:32, ymm2 r~f64:32, ymm3 r~f64:32" },
	{ "vaddps ymm17, ymm18, [rdi]", "evex 256, ymm17 w~f32:32, ymm18 r=f32:32" },
	{ "vcvtps2ph xmm1{k1}, ymm2, 0", "evex 256, xmm1 rw~f16:16, k1 rmx8, ymm2 r=f32:32" },
	{ "vsubsh xmm1, xmm2, xmm3", "evex scalar 128, xmm1 w~f16:2, xmm2 r=f16:2, xmm3 r=f16:2" },
};

enum { NR_CASES = sizeof(cases) / sizeof(cases[0]), CODE_MAX = 16 * 1024 };

static const char *const encodings[] = {
	[INSN_OTHER] = "other", [INSN_LEGACY_SSE] = "legacy", [INSN_VEX] = "vex",
	[INSN_EVEX] = "evex", [INSN_X87_MMX] = "x87",
};

static void describe_operand(const struct insn_operand *o, char *buf, size_t size)
{
	char name[12], lanes[8] = "";

	if (o->lanes)
		snprintf(lanes, sizeof(lanes), "x%u", o->lanes);
	snprintf(buf, size, ", %s %s%s%s%s%s", xstate_reg__name(o->reg, name),
		 o->access & INSN_READ ? "r" : "", o->access & INSN_WRITE ? "w" : "",
		 o->is_mask ? "m" : "", o->reg.class == XSTATE_CLASS_OPMASK ? "" :
		 o->computes ? "=" : o->typed ? "~" : "?", o->typed ? xstate_type__name(o->type) : "");
	if (o->reg.class == XSTATE_CLASS_OPMASK)
		strcat(buf, lanes);
	else
		snprintf(buf + strlen(buf), size - strlen(buf), ":%u", o->bytes);
}

static void describe(const struct insn *i, char *buf, size_t size)
{
	unsigned int k;
	char op[64];

	snprintf(buf, size, "%s%s%s%s", encodings[i->encoding], i->scalar ? " scalar" : "",
		 i->zeroing ? " z" : "", i->clears_upper ? " clears" : "");
	if (i->vector_bits)
		snprintf(buf + strlen(buf), size - strlen(buf), " %u", i->vector_bits);
	for (k = 0; k < i->nr_operands; k++) {
		describe_operand(&i->operand[k], op, sizeof(op));
		strncat(buf, op, size - strlen(buf) - 1);
	}
}

static char folder[] = "/tmp/test_insn.XXXXXX";
static uint8_t code[CODE_MAX];
static size_t code_size;

static void run(const char *fmt)
{
	char command[512];

	snprintf(command, sizeof(command), fmt, folder, folder, folder);
	assert_int_equal(system(command), 0);
}

static int assemble(void **state)
{
	char path[64];
	FILE *f;
	size_t i;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/t.s", folder);
	f = fopen(path, "w");
	if (!f)
		return -1;
	fputs(".intel_syntax noprefix\n", f);
	for (i = 0; i < NR_CASES; i++)
		fprintf(f, "%s\n", cases[i].text);
	fclose(f);
	run("as -o %s/t.o %s/t.s && objcopy -O binary -j .text %s/t.o");
	snprintf(path, sizeof(path), "%s/t.o", folder);
	f = fopen(path, "r");
	if (!f)
		return -1;
	code_size = fread(code, 1, sizeof(code), f);
	fclose(f);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	run("rm -rf %s");
	return 0;
}

static void test_operands(void **state)
{
	struct insn insn;
	char got[512];
	size_t i, at = 0, wrong = 0;

	(void)state;
	for (i = 0; i < NR_CASES; i++) {
		insn__decode(&insn, code + at, code_size - at, at);
		assert_true(insn.known);
		describe(&insn, got, sizeof(got));
		if (strcmp(got, cases[i].want)) {
			print_error("%s\n got    %s\n wanted %s\n", cases[i].text, got, cases[i].want);
			wrong++;
		}
		at += insn.length;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(at, code_size);
}

/* Offset and mnemonic of each line of "objdump -d", which knows nothing of Zydis. */
static void test_against_objdump(void **state)
{
	char line[256], mnemonic[32], command[256];
	struct insn insn;
	unsigned int at, n = 0;
	FILE *f;

	(void)state;
	snprintf(command, sizeof(command), "cd %s && as -o o.o t.s && objdump -d -M intel --no-show-raw-insn o.o", folder);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %x:\t%31s", &at, mnemonic) != 2)
			continue;
		insn__decode(&insn, code + at, code_size - at, at);
		assert_true(insn.known);
		if (strncmp(mnemonic, insn.text, strcspn(insn.text, " ")) &&
		    strncmp(mnemonic, "cmp", 3) && strncmp(mnemonic, "vcmp", 4) &&
		    strncmp(mnemonic, "vpcmp", 5) && strncmp(mnemonic, "pclmul", 6))
			fail_msg("at %x: objdump has %s, we %s", at, mnemonic, insn.text);
		n++;
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(n, NR_CASES);
}

static void test_bad_bytes(void **state)
{
	static const uint8_t bad[] = { 0x06 };		/* not in 64-bit mode */
	static const uint8_t cut[] = { 0x0f, 0x58 };
	struct insn insn;

	(void)state;
	insn__decode(&insn, bad, sizeof(bad), 0);
	assert_false(insn.known);
	insn__decode(&insn, cut, sizeof(cut), 0);
	assert_false(insn.known);
	assert_int_equal(insn.nr_operands, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_against_objdump),
		cmocka_unit_test(test_bad_bytes),
	};

	return cmocka_run_group_tests_name("insn", tests, assemble, clean);
}
