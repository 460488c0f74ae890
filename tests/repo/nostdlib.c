// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library without any other: what it asks of the outside is these three
 * functions. Built with -nostdlib -static by nostdlib.t; exit status 0 when an
 * image went through a block to its registers.
 */
#include <xstate/xstate.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void start(void);

void *memcpy(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	while (n--)
		*d++ = *s++;
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	unsigned char *d = dst;

	while (n--)
		*d++ = c;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n--; x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

static uint8_t image[4096], block[4096], sse[256], ymm[256];

static int decode(const struct xstate_layout *l, size_t size)
{
	struct xstate_image img;
	struct xstate_block b;
	struct xstate_regs r;
	struct xstate_reg reg;
	struct xstate_value v;
	struct xstate_counts counts = { { 0 } };
	size_t n;

	if (xstate_image__open(&img, l, image, size, 7, 0, NULL))
		return 2;
	if (xstate_block__from_image(&img, 7, 1, 8, 0, block, sizeof(block), &n))
		return 3;
	if (xstate_block__read(&b, l, block, n, NULL))
		return 4;
	xstate_regs__from_block(&r, &b);
	if (xstate_reg__parse("ymm3", 4, &reg))
		return 5;
	if (xstate_regs__get(&r, reg, &v) != XSTATE_VALUE || v.bytes[31] != 0x3f)
		return 6;
	xstate_lanes__classify(v.bytes, v.size, XSTATE_F64, &counts);
	return counts.lane[XSTATE_FP_NORMAL] == 4 ? 0 : 7;
}

static int run(void)
{
	const struct xstate_component avx = { 256, 576, 0 };
	struct xstate_layout l;
	struct xstate_build s = { .layout = &l, .value = 6, .mxcsr = MXCSR_INIT };
	size_t n;

	memset(sse, 0x3f, sizeof(sse));
	memset(ymm, 0x3f, sizeof(ymm));
	s.bytes[XFEATURE_SSE] = sse;
	s.bytes[XFEATURE_YMM] = ymm;
	xstate_layout__init(&l);
	if (xstate_layout__add(&l, XFEATURE_YMM, &avx))
		return 1;
	if (xstate_build__image(&s, 7, 0xee, image, sizeof(image), &n))
		return 1;
	return decode(&l, n);
}

__attribute__((force_align_arg_pointer, noreturn)) void start(void)
{
	__asm__ volatile("syscall" : : "a"(231L), "D"((long)run()));	/* exit_group */
	__builtin_unreachable();
}
