// SPDX-License-Identifier: GPL-2.0-only
/*
 * This CPU's own images: known bytes are loaded into the registers, saved by
 * XSAVE, XSAVEC and the kernel's signal delivery, and must be read back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cpuid.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <cmocka.h>

#include "fixture.h"

enum { AVX512 = 0xe0 };

static struct xstate_layout layout;
static uint64_t xcr0;
static int have_xsave, have_xsavec;

/* What goes into the registers: 32 ZMM, 8 opmasks, MXCSR. */
static struct {
	uint8_t zmm[32][64];
	uint64_t k[8];
	uint32_t mxcsr;
} pattern __attribute__((aligned(64)));

static uint8_t by_xsave[FIXTURE_SIZE] __attribute__((aligned(64)));
static uint8_t by_xsavec[FIXTURE_SIZE] __attribute__((aligned(64)));
static uint8_t by_signal[FIXTURE_SIZE] __attribute__((aligned(64)));
static size_t signal_size;
static uint32_t saved_mxcsr;

static int probe(void **state)
{
	uint32_t eax, ebx, ecx, edx;

	(void)state;
	if (native__layout(&layout, &xcr0))
		return 0;
	have_xsave = 1;
	__cpuid_count(0xd, 1, eax, ebx, ecx, edx);
	have_xsavec = eax >> 1 & 1;
	return 0;
}

#define SKIP_UNLESS(condition, reason)			\
	do {						\
		if (!(condition)) {			\
			print_message("%s\n", reason);	\
			skip();				\
		}					\
	} while (0)

/* MXCSR: reserved bits stay 0, and all exceptions masked. */
static void fill_pattern(uint64_t seed, uint32_t mxcsr)
{
	uint8_t *p = (uint8_t *)&pattern;
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		p[i] = fixture__random(&seed) % 255 + 1;
	pattern.mxcsr = mxcsr;
	memset(by_xsave, 0xee, sizeof(by_xsave));
	memset(by_xsavec, 0xee, sizeof(by_xsavec));
	memset(by_xsave + 512, 0, 64);
	memset(by_xsavec + 512, 0, 64);
}

#define EACH8(op, a, b, c, d, e, f, g, h) op(a) op(b) op(c) op(d) op(e) op(f) op(g) op(h)
#define LOAD_YMM(n)	"vmovdqu " #n "*64(%[p]), %%ymm" #n "\n\t"
#define LOAD_ZMM(n)	"vmovdqu64 " #n "*64(%[p]), %%zmm" #n "\n\t"
#define LOAD_K(n)	"kmovq 2048+" #n "*8(%[p]), %%k" #n "\n\t"
#define LOAD_K16(n)	"kmovw 2048+" #n "*8(%[p]), %%k" #n "\n\t"
#define LOAD_AVX	EACH8(LOAD_YMM, 0, 1, 2, 3, 4, 5, 6, 7)		\
			EACH8(LOAD_YMM, 8, 9, 10, 11, 12, 13, 14, 15)
#define LOAD_AVX512	EACH8(LOAD_ZMM, 0, 1, 2, 3, 4, 5, 6, 7)		\
			EACH8(LOAD_ZMM, 8, 9, 10, 11, 12, 13, 14, 15)	\
			EACH8(LOAD_ZMM, 16, 17, 18, 19, 20, 21, 22, 23)	\
			EACH8(LOAD_ZMM, 24, 25, 26, 27, 28, 29, 30, 31)
#define SAVE		"stmxcsr %[old]\n\t"				\
			"ldmxcsr 2112(%[p])\n\t"			\
			"mov $-1, %%eax\n\t"				\
			"mov $-1, %%edx\n\t"				\
			"xsave (%[a])\n\t"				\
			"test %[c], %[c]\n\t"				\
			"jz 1f\n\t"					\
			"xsavec (%[b])\n"				\
			"1:\tldmxcsr %[old]\n\t"
#define KILL		"stmxcsr %[old]\n\t"				\
			"ldmxcsr 2112(%[p])\n\t"			\
			"mov %[nr], %%eax\n\t"				\
			"syscall\n\t"					\
			"ldmxcsr %[old]\n\t"
#define XMMS		"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",	\
			"xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
			"xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory"
#define SAVE_ARGS	: [old] "=m"(saved_mxcsr)			\
			: [p] "r"(&pattern), [a] "r"(by_xsave),		\
			  [b] "r"(by_xsavec), [c] "r"(have_xsavec)	\
			: "eax", "edx", XMMS
#define KILL_ARGS	: [old] "=m"(saved_mxcsr)			\
			: [p] "r"(&pattern), [nr] "i"(SYS_tgkill),	\
			  "D"(pid), "S"(tid), "d"(SIGUSR1)		\
			: "rax", "rcx", "r11", XMMS

/* The compiler, told of no AVX-512, leaves its registers alone. */
static void save(void)
{
	int k64 = 0;
	uint32_t eax, ebx, ecx, edx;

	__cpuid_count(7, 0, eax, ebx, ecx, edx);
	k64 = ebx >> 30 & 1;	/* AVX512BW: KMOVQ */
	if (xcr0 & XFEATURE_MASK(XFEATURE_OPMASK)) {
		if (k64)
			__asm__ volatile(EACH8(LOAD_K, 0, 1, 2, 3, 4, 5, 6, 7)
					 LOAD_AVX512 SAVE "vzeroupper" SAVE_ARGS);
		else
			__asm__ volatile(EACH8(LOAD_K16, 0, 1, 2, 3, 4, 5, 6, 7)
					 LOAD_AVX512 SAVE "vzeroupper" SAVE_ARGS);
		if (!k64)
			for (eax = 0; eax < 8; eax++)
				pattern.k[eax] &= 0xffff;
	} else if (xcr0 & XFEATURE_MASK(XFEATURE_YMM)) {
		__asm__ volatile(LOAD_AVX SAVE "vzeroupper" SAVE_ARGS);
	} else {
		__asm__ volatile(SAVE SAVE_ARGS);
	}
}

static void on_signal(int sig, siginfo_t *si, void *ctx)
{
	const uint8_t *fp = (const uint8_t *)((ucontext_t *)ctx)->uc_mcontext.fpregs;
	uint32_t magic1, extended_size;

	(void)sig;
	(void)si;
	memcpy(&magic1, fp + 464, 4);
	memcpy(&extended_size, fp + 468, 4);
	signal_size = magic1 == 0x46505853 ? extended_size : 512;
	if (signal_size <= sizeof(by_signal))
		memcpy(by_signal, fp, signal_size);
}

static void save_by_signal(void)
{
	struct sigaction old, sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	long pid = getpid(), tid = syscall(SYS_gettid);

	assert_int_equal(sigaction(SIGUSR1, &sa, &old), 0);
	if (xcr0 & XFEATURE_MASK(XFEATURE_OPMASK))
		__asm__ volatile(EACH8(LOAD_K16, 0, 1, 2, 3, 4, 5, 6, 7)
				 LOAD_AVX512 KILL "vzeroupper" KILL_ARGS);
	else
		__asm__ volatile(LOAD_AVX KILL "vzeroupper" KILL_ARGS);
	assert_int_equal(sigaction(SIGUSR1, &old, NULL), 0);
}

static void check_reg(const struct xstate_regs *r, unsigned int class,
		      unsigned int i, const void *want)
{
	struct xstate_reg reg = { class, i };
	struct xstate_value v;

	assert_int_equal(xstate_regs__get(r, reg, &v), XSTATE_VALUE);
	assert_int_equal(v.known, v.size);
	assert_memory_equal(v.bytes, want, v.size);
}

static void check_pattern(const struct xstate_regs *r, uint64_t kmask)
{
	unsigned int i, class = XSTATE_CLASS_XMM;

	if (xcr0 & XFEATURE_MASK(XFEATURE_YMM))
		class = XSTATE_CLASS_YMM;
	if ((xcr0 & AVX512) == AVX512)
		class = XSTATE_CLASS_ZMM;
	for (i = 0; i < (class == XSTATE_CLASS_ZMM ? 32 : 16); i++)
		check_reg(r, class, i, pattern.zmm[i]);
	for (i = 0; class == XSTATE_CLASS_ZMM && i < 8; i++) {
		uint64_t k = pattern.k[i] & kmask;

		check_reg(r, XSTATE_CLASS_OPMASK, i, &k);
	}
	check_reg(r, XSTATE_CLASS_MXCSR, 0, &pattern.mxcsr);
}

static void test_xsave(void **state)
{
	struct xstate_image img;
	struct xstate_regs r;

	(void)state;
	SKIP_UNLESS(have_xsave, "this CPU or kernel has no XSAVE");
	SKIP_UNLESS(xcr0 & XFEATURE_MASK(XFEATURE_YMM), "no AVX to load patterns with");
	fill_pattern(1, 0x9fc0);
	save();
	assert_int_equal(xstate_image__open(&img, &layout, by_xsave, sizeof(by_xsave), xcr0, 0, NULL), 0);
	xstate_regs__from_image(&r, &img);
	check_pattern(&r, UINT64_MAX);
	assert_int_equal(xstate_regs__width_in_use(&r), (xcr0 & AVX512) == AVX512 ? 512 : 256);
}

/* The same registers at the same moment, saved in both formats. */
static void test_xsavec(void **state)
{
	struct xstate_image a, b;
	struct xstate_regs ra, rb;
	char why[128];

	(void)state;
	SKIP_UNLESS(have_xsavec, "this CPU has no XSAVEC");
	SKIP_UNLESS(xcr0 & XFEATURE_MASK(XFEATURE_YMM), "no AVX to load patterns with");
	fill_pattern(2, 0xbfa0);
	save();
	assert_int_equal(xstate_image__open(&a, &layout, by_xsave, sizeof(by_xsave), xcr0, 0, NULL), 0);
	assert_int_equal(xstate_image__open(&b, &layout, by_xsavec, sizeof(by_xsavec), 0, 0, NULL), 0);
	assert_true(b.xcomp_bv & XCOMP_BV_COMPACTED_FORMAT);
	assert_int_equal(a.xcomp_bv, 0);
	xstate_regs__from_image(&ra, &a);
	xstate_regs__from_image(&rb, &b);
	check_pattern(&rb, UINT64_MAX);
	if (regs__differ(&ra, &rb, why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(ra.mxcsr, rb.mxcsr);
}

/* XSAVEC leaves MXCSR's bytes alone when all of SSE is in init state. */
static void test_init_mxcsr(void **state)
{
	struct xstate_image img;
	uint64_t old = 0;

	(void)state;
	SKIP_UNLESS(have_xsavec, "this CPU has no XSAVEC");
	SKIP_UNLESS(xcr0 & XFEATURE_MASK(XFEATURE_YMM), "no AVX");
	fill_pattern(3, MXCSR_INIT);
	__asm__ volatile("stmxcsr %[old]\n\t"
			 "ldmxcsr 2112(%[p])\n\t"
			 "vzeroall\n\t"
			 "mov $-1, %%eax\n\t"
			 "mov $-1, %%edx\n\t"
			 "xsavec (%[b])\n\t"
			 "ldmxcsr %[old]"
			 : [old] "=m"(old)
			 : [p] "r"(&pattern), [b] "r"(by_xsavec)
			 : "eax", "edx", XMMS);
	assert_int_equal(xstate_image__open(&img, &layout, by_xsavec, sizeof(by_xsavec), 0, 0, NULL), 0);
	assert_true(img.mxcsr_known);
	assert_int_equal(img.mxcsr, MXCSR_INIT);
}

/* After VZEROALL the vectors are init or zero: some parts keep XINUSE set. */
static void test_zero(void **state)
{
	struct xstate_image img;
	struct xstate_regs r;
	struct xstate_value v;
	unsigned int i, b;

	(void)state;
	SKIP_UNLESS(xcr0 & XFEATURE_MASK(XFEATURE_YMM), "no AVX");
	fill_pattern(4, MXCSR_INIT);
	__asm__ volatile("vzeroall\n\t"
			 "mov $-1, %%eax\n\t"
			 "mov $-1, %%edx\n\t"
			 "xsave (%0)"
			 : : "r"(by_xsave) : "eax", "edx", XMMS);
	assert_int_equal(xstate_image__open(&img, &layout, by_xsave, sizeof(by_xsave), xcr0, 0, NULL), 0);
	xstate_regs__from_image(&r, &img);
	for (i = 0; i < 16; i++) {
		assert_int_not_equal(xstate_regs__get(&r, (struct xstate_reg){ XSTATE_CLASS_YMM, i }, &v), XSTATE_UNKNOWN);
		for (b = 0; b < 32; b++)
			assert_int_equal(v.bytes[b], 0);
	}
}

/* What the kernel put on the stack of a signal handler. */
static void test_signal_frame(void **state)
{
	struct xstate_image img;
	struct xstate_regs r;
	size_t n, where;

	(void)state;
	SKIP_UNLESS(xcr0 & XFEATURE_MASK(XFEATURE_YMM), "no AVX to load patterns with");
	fill_pattern(5, 0xdf80);
	save_by_signal();
	assert_true(signal_size > 512 && signal_size <= sizeof(by_signal));
	assert_int_equal(xstate_image__open_sigframe(&img, &layout, by_signal, signal_size, 0, &where), 0);
	assert_int_equal(img.examined & 7, 7);
	assert_int_equal(img.xstate_bv & 3, 3);
	xstate_regs__from_image(&r, &img);
	check_pattern(&r, 0xffff);
	for (n = 0; n < signal_size; n++)
		assert_int_equal(xstate_image__open_sigframe(&img, &layout, by_signal, n, 0, &where), XSTATE_E_TRUNCATED);
}

/* And through the block that a recorder makes of it. */
static void test_signal_block(void **state)
{
	static uint8_t buf[FIXTURE_SIZE];
	struct xstate_image img;
	struct xstate_block b;
	struct xstate_regs r;
	size_t n;

	(void)state;
	SKIP_UNLESS(xcr0 & XFEATURE_MASK(XFEATURE_YMM), "no AVX to load patterns with");
	fill_pattern(6, 0x9f80);
	save_by_signal();
	assert_int_equal(xstate_image__open_sigframe(&img, &layout, by_signal, signal_size, 0, NULL), 0);
	assert_int_equal(xstate_block__from_image(&img, xcr0, XSTATE_CTX_USER_LIVE, XSTATE_BLOCK_NO_XINUSE, 0, buf, sizeof(buf), &n), 0);
	assert_int_equal(xstate_block__read(&b, &layout, buf, n, NULL), 0);
	xstate_regs__from_block(&r, &b);
	check_pattern(&r, 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xsave),
		cmocka_unit_test(test_xsavec),
		cmocka_unit_test(test_init_mxcsr),
		cmocka_unit_test(test_zero),
		cmocka_unit_test(test_signal_frame),
		cmocka_unit_test(test_signal_block),
	};

	return cmocka_run_group_tests(tests, probe, NULL);
}
