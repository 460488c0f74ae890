// SPDX-License-Identifier: GPL-2.0-only
/*
 * Throughput of libxstate on one core: "name value unit", medians of RUNS.
 * GB are 1e9 bytes of registers (headers do not count); "classify" is one call
 * for all registers of a sample, "each" one for each register.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture.h"

enum {
	RUNS	= 9,
	SAMPLES	= 256,		/* fits into the second-level cache */
	ROUNDS	= 40,
};

static struct machine m;
static uint8_t blocks[SAMPLES][4096] __attribute__((aligned(64)));
static uint8_t images[SAMPLES][4096] __attribute__((aligned(64)));
static size_t block_size, image_size;
static uint64_t xfeatures;
static struct xstate_counts counts;
static volatile uint64_t sink;

/* Of this thread alone: what else runs here is not the question. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Seconds of @f over all samples, ROUNDS times: the median of RUNS. */
static double measure(void (*f)(unsigned int sample))
{
	double t[RUNS];
	unsigned int run, i;

	for (run = 0; run < RUNS; run++) {
		double start = now();

		for (i = 0; i < ROUNDS * SAMPLES; i++)
			f(i % SAMPLES);
		t[run] = now() - start;
	}
	qsort(t, RUNS, sizeof(t[0]), by_value);
	return t[RUNS / 2] / ((double)ROUNDS * SAMPLES);
}

static void open_block(struct xstate_regs *r, unsigned int i)
{
	struct xstate_block b;

	if (xstate_block__read(&b, &m.layout, blocks[i], block_size, NULL))
		abort();
	xstate_regs__from_block(r, &b);
}

static void decode_block(unsigned int i)
{
	struct xstate_regs r;

	open_block(&r, i);
	sink += r.xfeatures;
}

static void decode_image(unsigned int i)
{
	struct xstate_image img;
	struct xstate_regs r;

	if (xstate_image__open(&img, &m.layout, images[i], image_size, xfeatures, 0, NULL))
		abort();
	xstate_regs__from_image(&r, &img);
	sink += r.xfeatures;
}

static void image_to_block(unsigned int i)
{
	static uint8_t out[4096];
	struct xstate_image img;
	size_t n;

	if (xstate_image__open(&img, &m.layout, images[i], image_size, xfeatures, 0, NULL) ||
	    xstate_block__from_image(&img, xfeatures, 1, 8, 0, out, sizeof(out), &n))
		abort();
	sink += n;
}

/* Register by register, as a view does that looks at some of them. */
static void each(unsigned int i, unsigned int class, enum xstate_type t)
{
	unsigned int k, n = class == XSTATE_CLASS_ZMM ? 32 : 16;
	struct xstate_regs r;
	struct xstate_value v;

	open_block(&r, i);
	for (k = 0; k < n; k++)
		if (xstate_regs__get(&r, (struct xstate_reg){ class, k }, &v) == XSTATE_VALUE)
			xstate_lanes__classify(v.bytes, v.size, t, &counts);
}

static void all(unsigned int i, unsigned int class, enum xstate_type t)
{
	struct xstate_regs r;

	open_block(&r, i);
	sink += xstate_regs__classify(&r, class, UINT32_MAX, t, &counts);
}

static void each_ymm_f32(unsigned int i) { each(i, XSTATE_CLASS_YMM, XSTATE_F32); }
static void each_zmm_f32(unsigned int i) { each(i, XSTATE_CLASS_ZMM, XSTATE_F32); }
static void all_ymm_f32(unsigned int i) { all(i, XSTATE_CLASS_YMM, XSTATE_F32); }
static void all_ymm_f64(unsigned int i) { all(i, XSTATE_CLASS_YMM, XSTATE_F64); }
static void all_zmm_f16(unsigned int i) { all(i, XSTATE_CLASS_ZMM, XSTATE_F16); }
static void all_zmm_bf16(unsigned int i) { all(i, XSTATE_CLASS_ZMM, XSTATE_BF16); }
static void all_zmm_f32(unsigned int i) { all(i, XSTATE_CLASS_ZMM, XSTATE_F32); }
static void all_zmm_f64(unsigned int i) { all(i, XSTATE_CLASS_ZMM, XSTATE_F64); }
static void all_zmm_i8(unsigned int i) { all(i, XSTATE_CLASS_ZMM, XSTATE_I8); }

static void widths(unsigned int i)
{
	struct xstate_regs r;

	open_block(&r, i);
	sink += xstate_regs__width_in_use(&r) + xstate_regs__width_nonzero(&r);
}

static void read_simd(unsigned int i)
{
	static uint64_t group[5 + 32 * 8 + 8] = { 6, 32, 8, 8, 1 };
	struct xstate_simd s;
	struct xstate_regs r;

	group[5] = i;
	if (xstate_simd__read(&s, 0, 1, group, sizeof(group), NULL))
		abort();
	xstate_regs__from_simd(&r, &s);
	sink += r.xfeatures;
}

static void make_samples(uint64_t features)
{
	const struct xstate_block head = {
		.context = XSTATE_CTX_USER_LIVE, .requested = features,
		.captured = features, .mxcsr = MXCSR_INIT,
	};
	unsigned int i;

	xfeatures = features;
	for (i = 0; i < SAMPLES; i++) {
		machine__fill(&m, "amd-zen4", features, i);
		if (xstate_build__block(&m.build, &head, blocks[i], sizeof(blocks[i]), &block_size) ||
		    xstate_build__image(&m.build, features, 0, images[i], sizeof(images[i]), &image_size))
			abort();
	}
}

static void print_rate(const char *name, double seconds, double bytes)
{
	printf("%-26s %8.2f GB/s\n", name, bytes / seconds * 1e-9);
}

int main(void)
{
	make_samples(0x6);
	print_rate("block-classify-ymm-f32", measure(all_ymm_f32), 512);
	print_rate("block-classify-ymm-f64", measure(all_ymm_f64), 512);
	print_rate("block-each-ymm-f32", measure(each_ymm_f32), 512);
	print_rate("block-decode-ymm", measure(decode_block), 512);
	print_rate("block-widths-ymm", measure(widths), 512);
	make_samples(0xe7);
	print_rate("block-classify-zmm-f16", measure(all_zmm_f16), 2048);
	print_rate("block-classify-zmm-bf16", measure(all_zmm_bf16), 2048);
	print_rate("block-classify-zmm-f32", measure(all_zmm_f32), 2048);
	print_rate("block-classify-zmm-f64", measure(all_zmm_f64), 2048);
	print_rate("block-classify-zmm-i8", measure(all_zmm_i8), 2048);
	print_rate("block-each-zmm-f32", measure(each_zmm_f32), 2048);
	print_rate("block-decode-zmm", measure(decode_block), 2048);
	print_rate("image-decode-zmm", measure(decode_image), 2048);
	print_rate("image-to-block-zmm", measure(image_to_block), 2048);
	print_rate("simd-decode-zmm", measure(read_simd), 2048);
	return counts.lane[XSTATE_FP_NORMAL] ? 0 : 1;
}
