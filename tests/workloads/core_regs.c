/* SPDX-License-Identifier: GPL-2.0-only */
/* cflags: -O2 */
/*
 * Two threads whose vector registers hold patterns that are never 0, then
 * SIGILL (argument "abort") or a pause to be dumped in ("pause"). What the CPU
 * does not have stays alone: AVX-512 is used where CPUID and XCR0 offer it.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint8_t pattern[2][33][64] __attribute__((aligned(64)));
static int has_avx, has_avx512;

#define LOAD(i) "vmovups 64*" #i "(%0), %%ymm" #i "\n"
#define LOADZ(i) "vmovups 64*" #i "(%0), %%zmm" #i "\n"
#define LOADX(i) "movups 64*" #i "(%0), %%xmm" #i "\n"
#define ALL16(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15)
#define HIGH16(F) F(16) F(17) F(18) F(19) F(20) F(21) F(22) F(23) F(24) F(25) F(26) F(27) F(28) F(29) F(30) F(31)

static void load(const void *p, uint32_t mxcsr)
{
	__asm__ volatile("fninit\nfldpi\nfldl2e\nldmxcsr %0" : : "m"(mxcsr));
	if (has_avx512)
		__asm__ volatile(ALL16(LOADZ) HIGH16(LOADZ)
				 "kmovw 2048(%0), %%k1\nkmovw 2050(%0), %%k7" : : "r"(p) : "memory");
	else if (has_avx)
		__asm__ volatile(ALL16(LOAD) : : "r"(p) : "memory");
	else
		__asm__ volatile(ALL16(LOADX) : : "r"(p) : "memory");
}

static void *sleeper(void *arg)
{
	load(pattern[1], 0x9fc0);
	/* pause() by hand: a call of libc's could change the registers */
	for (;;)
		__asm__ volatile("syscall" : "+a"(*(long *){ &(long){ 34 } }) : : "rcx", "r11", "memory");
	return arg;
}

int main(int argc, char **argv)
{
	/* decided first: a call of libc's after load() would change registers */
	int dump = argc > 1 && !strcmp(argv[1], "abort");
	pthread_t t;
	size_t i;

	__builtin_cpu_init();
	has_avx = __builtin_cpu_supports("avx");
	has_avx512 = __builtin_cpu_supports("avx512f");
	for (i = 0; i < sizeof(pattern); i++)
		((uint8_t *)pattern)[i] = 1 + (i * 7 + i / 251 * 13) % 255;
	pthread_create(&t, NULL, sleeper, NULL);
	usleep(100000);
	printf("ready\n");
	fflush(stdout);
	load(pattern[0], 0x1fa0);
	if (dump)
		__asm__ volatile("ud2");
	for (;;)
		__asm__ volatile("syscall" : "+a"(*(long *){ &(long){ 34 } }) : : "rcx", "r11", "memory");
}
