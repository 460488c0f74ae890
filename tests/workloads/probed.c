/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions with known arguments, told on standard output as they are passed:
 * one line a call, the numbers in hexadecimal floating point. Usage: probed [CALLS]
 */
#include <complex.h>
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/syscall.h>

struct pair { float x, y; };
struct mixed { double d; long n; };
struct large { double d[4]; };

volatile double sink;

/* a in xmm0, f in xmm1, b in xmm2, n in edi */
__attribute__((noipa)) void scalars(double a, float f, double b, int n)
{
	sink = a * f + b + n;
}

/* p in xmm0, m in xmm1 and rdi, c in xmm2 and xmm3, v in xmm4, l on the stack, text in rsi, last in xmm5 */
__attribute__((noipa)) void aggregates(struct pair p, struct mixed m, double complex c, __m128 v, struct large l,
				       const char *text, double last)
{
	sink = p.x + m.d + creal(c) + v[0] + l.d[0] + text[0] + last;
}

/* nine doubles: the last one has no register left */
__attribute__((noipa)) void nine(double a, double b, double c, double d, double e, double f, double g, double h, double i)
{
	sink = a + b + c + d + e + f + g + h + i;
}

/* begins with an instruction that touches no register of interest */
__attribute__((noipa)) double stored(double a, double b)
{
	sink = 0;
	__asm__ volatile("" ::: "memory");
	return a - b;
}

/* returns in memory: its place is passed in rdi, n in esi */
__attribute__((noipa)) struct large widened(double a, int n)
{
	return (struct large){ { a, n } };
}

int main(int argc, char **argv)
{
	int i, calls = argc > 1 ? atoi(argv[1]) : 10;

	for (i = 0; i < calls; i++) {
		double a = i + 0.5, b = -1.0 / (i + 3), c = i * 1e100;
		float f = i / 7.0f;
		__m128 v = _mm_setr_ps(f, -f, 2, i);

		printf("scalars %a %a %a %d\n", a, f, b, i);
		scalars(a, f, b, i);
		printf("aggregates %a %a %a %d %a %a %a %a %a %a %a\n", f, f + 1, b, -i, a, c, v[0], v[1], v[2], v[3], c);
		aggregates((struct pair){ f, f + 1 }, (struct mixed){ b, -i }, a + c * I, v, (struct large){ { a } }, argv[0], c);
		printf("nine %a %a %a\n", a, b, c);
		nine(a, b, c, a, b, c, a, b, c);
		printf("stored %a %a\n", b, c);
		printf("returned %a\n", stored(b, c));
		printf("widened %a %d\n", c, i);
		sink = widened(c, i).d[0];
		/* nothing between here and the system call touches xmm7 */
		__asm__ volatile("movsd %0, %%xmm7\n\tmov %1, %%eax\n\tsyscall"
				 :: "m"(a), "i"(SYS_getppid) : "xmm7", "rax", "rcx", "r11", "memory");
	}
	return 0;
}
