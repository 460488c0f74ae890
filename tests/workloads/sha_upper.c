/* SPDX-License-Identifier: GPL-2.0-only */
/* cflags: -fno-optimize-sibling-calls */
/*
 * SHA-NI in the middle of AVX code: digest_rows() sums rows with AVX2 and
 * forgets VZEROUPPER; sha256_rounds() is compiled for SHA-NI, whose
 * instructions have legacy SSE encodings alone, and so are the moves around
 * them. digest_clean() is the same with VZEROUPPER and calls a twin.
 *
 * usage: sha_upper [SECONDS]; exits with 77 without AVX2 and SHA-NI
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <immintrin.h>
#include <stdio.h>

#include "workload.h"

enum { ROUNDS = 4000 };

static __m128i state[2], message;
static __m256i row[64], total;

#define SHA256_ROUNDS(name)						\
static __attribute__((noipa, target("sha,sse4.1"))) void name(void)	\
{									\
	__m128i a = state[0], b = state[1], t;				\
	int i;								\
									\
	WITH_FRAME;							\
	for (i = 0; i < ROUNDS; i++) {					\
		b = _mm_sha256rnds2_epu32(b, a, message);		\
		t = _mm_shuffle_epi32(message, 0x0e);			\
		a = _mm_sha256rnds2_epu32(a, b, t);			\
	}								\
	state[0] = a;							\
	state[1] = b;							\
}

SHA256_ROUNDS(sha256_rounds)
SHA256_ROUNDS(sha256_rounds_clean)

/*
 * A compiler ends AVX functions by VZEROUPPER; what people write in assembly,
 * or build with -mno-vzeroupper, does not.
 */
#define SUM_ROWS							\
	__asm__ volatile("vmovdqu %1, %%ymm15\n\t"			\
			 "vpaddd %2, %%ymm15, %%ymm15\n\t"		\
			 "vmovdqu %%ymm15, %0"				\
			 : "=m"(total) : "m"(row[0]), "m"(row[1]) : "xmm15")

static __attribute__((noipa)) void digest_rows(void)
{
	SUM_ROWS;
	sha256_rounds();
}

static __attribute__((noipa)) void digest_clean(void)
{
	SUM_ROWS;
	__asm__ volatile("vzeroupper" ::: "xmm15");
	sha256_rounds_clean();
}

/* CPUID.(EAX=7,ECX=0):EBX, bit 5 AVX2, bit 29 SHA [SDM vol. 2, CPUID] */
static int has_both(void)
{
	const unsigned int both = 1u << 5 | 1u << 29;
	unsigned int a, b, c, d;

	return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & both) == both;
}

int main(int argc, char **argv)
{
	const double end = cpu_seconds() + seconds_argument(argc, argv);
	unsigned int i;

	if (!has_both()) {
		fprintf(stderr, "sha_upper: this CPU has no AVX2, or no SHA-NI\n");
		return 77;
	}
	for (i = 0; i < sizeof(row) / 4; i++)
		((unsigned int *)row)[i] = i + 1;
	message = _mm_set_epi32(0x428a2f98, 0x71374491, 0x3956c25b, 0x59f111f1);
	while (cpu_seconds() < end) {
		digest_rows();
		digest_clean();
	}
	return _mm_cvtsi128_si32(state[0]) == 42;
}
