// SPDX-License-Identifier: GPL-2.0-only
/*
 * known MODE SECONDS [SEED [call]]: keeps known values in the vector registers
 * of this CPU and spins at known_spin_MODE for so much CPU time without touching
 * them; with "call" at known_call_MODE, which only makes system calls.
 *
 * MODE is xmm, ymm or zmm; "known list 0" prints those that this CPU has. Quadword q of
 * register r is 0xc0de0000SS00RRQQ (the seed, r and q in hexadecimal), opmask
 * register n is 0xb1a50000SS00000N, MXCSR is 0x9fc0 (FTZ and DAZ). Prints what
 * it holds, one "register hex..." a line, most significant quadword first.
 */
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { XMM, YMM, ZMM, MODES };
static const char *const mode_name[MODES] = { "xmm", "ymm", "zmm" };
static const int mode_regs[MODES] = { 16, 16, 32 };
static const int mode_qwords[MODES] = { 2, 4, 8 };
enum { FTZ_DAZ = 0x9fc0, INIT_MXCSR = 0x1f80 };

static uint64_t pattern[32][8] __attribute__((aligned(64)));
static uint64_t masks[8];
static volatile int over;

static uint64_t xcr0(void)
{
	uint32_t eax, ebx, ecx, edx;

	/* CPUID.1:ECX[27] OSXSAVE: XGETBV may be used [SDM vol. 1 13.2] */
	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & (1u << 27)))
		return 0;
	asm volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
	return eax | (uint64_t)edx << 32;
}

/* AVX512F and BW (for KMOVQ): CPUID.7:EBX[16] and [30]. AVX2: [5]. */
static int widest(void)
{
	uint32_t eax, ebx = 0, ecx, edx;
	uint64_t enabled = xcr0();

	__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx);
	if ((enabled & 0xe6) == 0xe6 && (ebx & (1u << 16)) && (ebx & (1u << 30)))
		return ZMM;
	return (enabled & 6) == 6 && (ebx & (1u << 5)) ? YMM : XMM;
}

static void fill(uint64_t seed)
{
	for (uint64_t r = 0; r < 32; r++)
		for (uint64_t q = 0; q < 8; q++)
			pattern[r][q] = 0xc0de000000000000u | seed << 24 | r << 8 | q;
	for (uint64_t n = 0; n < 8; n++)
		masks[n] = 0xb1a5000000000000u | seed << 24 | n;
}

static void print_held(int mode)
{
	for (int r = 0; r < mode_regs[mode]; r++) {
		printf("%s%d", mode_name[mode], r);
		for (int q = mode_qwords[mode] - 1; q >= 0; q--)
			printf(" %016llx", (unsigned long long)pattern[r][q]);
		putchar('\n');
	}
	for (int n = 0; mode == ZMM && n < 8; n++)
		printf("k%d %016llx\n", n, (unsigned long long)masks[n]);
	printf("mxcsr %x\n", FTZ_DAZ);
	fflush(stdout);
}

/* Nothing here may touch a vector register, hence the attribute. */
__attribute__((target("general-regs-only"))) static void on_alarm(int sig)
{
	(void)sig;
	over = 1;
}

#define LOAD(insn, reg, n) insn " " #n "*64(%0), %%" reg #n "\n\t"
#define LOAD16(insn, reg) \
	LOAD(insn, reg, 0) LOAD(insn, reg, 1) LOAD(insn, reg, 2) LOAD(insn, reg, 3) \
	LOAD(insn, reg, 4) LOAD(insn, reg, 5) LOAD(insn, reg, 6) LOAD(insn, reg, 7) \
	LOAD(insn, reg, 8) LOAD(insn, reg, 9) LOAD(insn, reg, 10) LOAD(insn, reg, 11) \
	LOAD(insn, reg, 12) LOAD(insn, reg, 13) LOAD(insn, reg, 14) LOAD(insn, reg, 15)
#define LOAD32(insn, reg) LOAD16(insn, reg) \
	LOAD(insn, reg, 16) LOAD(insn, reg, 17) LOAD(insn, reg, 18) LOAD(insn, reg, 19) \
	LOAD(insn, reg, 20) LOAD(insn, reg, 21) LOAD(insn, reg, 22) LOAD(insn, reg, 23) \
	LOAD(insn, reg, 24) LOAD(insn, reg, 25) LOAD(insn, reg, 26) LOAD(insn, reg, 27) \
	LOAD(insn, reg, 28) LOAD(insn, reg, 29) LOAD(insn, reg, 30) LOAD(insn, reg, 31)
#define KLOAD(n) "kmovq " #n "*8(%1), %%k" #n "\n\t"
#define KLOAD8 KLOAD(0) KLOAD(1) KLOAD(2) KLOAD(3) KLOAD(4) KLOAD(5) KLOAD(6) KLOAD(7)
/* A symbol of its own, so that a sample's address says whether all was loaded. */
#define SPIN(mode) \
	".type known_spin_" mode ", @function\n" \
	"known_spin_" mode ": cmpl $0, (%2)\n\t" \
	"je known_spin_" mode "\n\t" \
	".size known_spin_" mode ", . - known_spin_" mode "\n\t"
/* A system call takes RAX and clobbers RCX and R11; 24 is sched_yield(). */
#define CALL(mode) \
	".type known_call_" mode ", @function\n" \
	"known_call_" mode ": movl $24, %%eax\n\t" \
	"syscall\n\t" \
	"cmpl $0, (%2)\n\t" \
	"je known_call_" mode "\n\t" \
	".size known_call_" mode ", . - known_call_" mode "\n\t"
#define HOLD(mode, load, loop, clean) \
	asm volatile(load loop(mode) clean : : "r"(pattern), "r"(masks), "r"(&over) : "memory", \
		     "rax", "rcx", "r11", \
		     "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", \
		     "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

/* noinline and noclone: each symbol may exist once only. */
#define HOLDER(name, mode, load, loop, clean) \
	__attribute__((noinline, noclone)) static void name(void) { HOLD(mode, load, loop, clean); }
HOLDER(spin_xmm, "xmm", LOAD16("movups", "xmm"), SPIN, "")
HOLDER(spin_ymm, "ymm", LOAD16("vmovups", "ymm"), SPIN, "vzeroupper\n\t")
HOLDER(spin_zmm, "zmm", KLOAD8 LOAD32("vmovups", "zmm"), SPIN, "vzeroupper\n\t")
HOLDER(call_xmm, "xmm", LOAD16("movups", "xmm"), CALL, "")
HOLDER(call_ymm, "ymm", LOAD16("vmovups", "ymm"), CALL, "vzeroupper\n\t")
HOLDER(call_zmm, "zmm", KLOAD8 LOAD32("vmovups", "zmm"), CALL, "vzeroupper\n\t")

__attribute__((noinline)) void known_loop(int mode, int calls)
{
	static void (*const hold[2][MODES])(void) = {
		{ spin_xmm, spin_ymm, spin_zmm }, { call_xmm, call_ymm, call_zmm },
	};
	uint32_t mxcsr = FTZ_DAZ;

	asm volatile("ldmxcsr %0" : : "m"(mxcsr));
	hold[calls][mode]();
	mxcsr = INIT_MXCSR;
	asm volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static int list(int most)
{
	for (int mode = 0; mode <= most; mode++)
		puts(mode_name[mode]);
	return 0;
}

int main(int argc, char **argv)
{
	struct itimerval cpu_time = { 0 };
	int mode = 0, most = widest(), calls = argc == 5;

	if (argc == 3 && !strcmp(argv[1], "list"))
		return list(most);
	if (argc < 3 || argc > 5 || atoi(argv[2]) < 1 || (calls && strcmp(argv[4], "call"))) {
		fprintf(stderr, "usage: known xmm|ymm|zmm SECONDS [SEED [call]], known list 0\n");
		return 2;
	}
	while (mode < MODES && strcmp(argv[1], mode_name[mode]))
		mode++;
	if (mode > most) {
		fprintf(stderr, "known: this CPU has no %s\n", argv[1]);
		return 4;
	}
	cpu_time.it_value.tv_sec = atoi(argv[2]);
	fill(argc > 3 ? strtoul(argv[3], NULL, 0) & 0xff : 0);
	print_held(mode);
	/* calls are system time for the most part */
	signal(calls ? SIGPROF : SIGVTALRM, on_alarm);
	setitimer(calls ? ITIMER_PROF : ITIMER_VIRTUAL, &cpu_time, NULL);
	known_loop(mode, calls);
	return 0;
}
