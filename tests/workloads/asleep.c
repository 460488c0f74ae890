/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * asleep STATE: sleep with vector state in use, until standard input ends.
 * Whatever libc used before is put into its init state by XRSTOR first.
 *
 *	none	every component but x87 and SSE in its init state
 *	ymm	bits 255:128 of ymm3
 *	zmm	bits 511:256 of zmm3
 *	hi16	zmm17
 *	mask	k3
 *	daz	none, and MXCSR.DAZ
 */
#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint8_t image[4096] __attribute__((aligned(64)));
static const uint8_t ones[64] = { [0 ... 63] = 0x5a };

static uint64_t xcr0(void)
{
	uint32_t a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return a | (uint64_t)d << 32;
}

/* XSTATE_BV of the image is 0: every component of mask goes into its init state. */
#define STATE(name, insn)							\
static void sleep_##name(uint32_t mask, char *buf, uint32_t *mxcsr)		\
{										\
	long ret;								\
										\
	__asm__ volatile("xor %%edx, %%edx\n\txrstor64 (%[image])\n\t"		\
			 "ldmxcsr (%[mxcsr])\n\t" insn "\n\t"			\
			 "mov %[nr], %%eax\n\txor %%edi, %%edi\n\t"		\
			 "mov %[buf], %%rsi\n\tmov $1, %%edx\n\tsyscall"	\
			 : "=a"(ret)						\
			 : [image] "r"(image), "a"(mask), [mxcsr] "r"(mxcsr),	\
			   [ones] "r"(ones), [nr] "i"(SYS_read), [buf] "r"(buf)	\
			 : "rcx", "r11", "rdx", "rdi", "rsi", "memory");	\
	(void)ret;								\
}

STATE(none, "")
STATE(ymm, "vmovdqu (%[ones]), %%ymm3")
STATE(zmm, "vmovdqu64 (%[ones]), %%zmm3")
STATE(hi16, "vmovdqu64 (%[ones]), %%zmm17")
STATE(mask, "kmovw (%[ones]), %%k3")

static const struct {
	const char *name;
	void (*sleep)(uint32_t mask, char *buf, uint32_t *mxcsr);
	uint64_t needs;
	uint32_t mxcsr;
} states[] = {
	{ "none", sleep_none, 0, 0x1f80 }, { "daz", sleep_none, 0, 0x1fc0 },
	{ "ymm", sleep_ymm, 0x4, 0x1f80 }, { "zmm", sleep_zmm, 0xe4, 0x1f80 },
	{ "hi16", sleep_hi16, 0xe4, 0x1f80 }, { "mask", sleep_mask, 0xe4, 0x1f80 },
};

int main(int argc, char **argv)
{
	uint64_t has = xcr0();
	uint32_t mxcsr;
	char c;
	size_t i;

	for (i = 0; argc == 2 && i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(argv[1], states[i].name))
			continue;
		if (!has || (has & states[i].needs) != states[i].needs) {
			fprintf(stderr, "asleep: this CPU does not have it\n");
			return 77;
		}
		puts("ready");
		fflush(stdout);
		mxcsr = states[i].mxcsr;
		states[i].sleep(has & 0xe7, &c, &mxcsr);
		return 0;
	}
	fputs("usage: asleep none|daz|ymm|zmm|hi16|mask\n", stderr);
	return 2;
}
