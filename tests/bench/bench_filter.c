/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench_filter: samples a second that --filter expressions decide, on one core.
 * The samples hold full AVX-512 state, decoded, in memory; reading them is measured by the report's
 * and script's benches.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random_sample.h"

enum { SAMPLES = 128 };

static const double SECONDS = 0.25;

static const char *const expressions[] = {
	"pid == 3",
	"comm == worker*",
	"pid == 3, any(ymm.f64) == subnormal",
	"mxcsr & daz",
	"upper == dirty",
	"k1.popcount < 4",
	"ymm3.f32[2] > 1e30",
	"any(ymm.f64) == subnormal",
	"any(ymm.f64) > 1e300",
	"count(ymm.f32 == zero) > 100",
	"count(zmm.f32 == nan) >= 8",
	"all(ymm.u8) != 0xa5",
	"any(ymm.f32.equal)",
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void measure(const char *text, struct random_sample *s)
{
	double start = now(), end;
	uint64_t n = 0, passed = 0;
	struct filter_source src;
	struct filter *f;
	struct err e;
	int i;

	if (filter__compile(&f, text, &e)) {
		fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
	do {
		for (i = 0; i < SAMPLES; i++) {
			src = random_sample__source(&s[i]);
			passed += filter__eval(f, &src) == FILTER_TRUE;
		}
		n += SAMPLES;
		end = now();
	} while (end - start < SECONDS);
	printf("  %-40s %8.1f million samples/s, %5.1f %% pass\n", text,
	       (double)n / (end - start) / 1e6, 100.0 * (double)passed / (double)n);
	filter__free(f);
}

/* A recording delivers nearly always all that it was asked for. */
static void make_complete(struct random_sample *s, uint64_t *seed)
{
	const uint64_t vectors = 0xe7;

	do
		random_sample__make(s, seed);
	while (!s->regs.xinuse_known || s->regs.xfd ||
	       (s->regs.captured & vectors) != vectors);
}

int main(void)
{
	struct random_sample *s = calloc(SAMPLES, sizeof(*s));
	uint64_t seed = 7;
	size_t i;

	if (!s)
		return 1;
	for (i = 0; i < SAMPLES; i++)
		make_complete(&s[i], &seed);
	for (i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
		measure(expressions[i], s);
	free(s);
	return 0;
}
