/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_sample.h"

uint64_t random__next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t below(uint64_t *seed, uint64_t n)
{
	return (random__next(seed) >> 32) % n;
}

/* One in @n. */
static bool chance(uint64_t *seed, unsigned int n)
{
	return below(seed, n) == 0;
}

/* Bits whose class differs by lane type; 0 and 1.0 come up often in programs. */
static const uint64_t special[] = {
	0, 0, 0, 0x3ff0000000000000, 0x3f8000003f800000, 0x3c003c003c003c00,
	1, 0x000fffffffffffff, 0x8000000000000000, 0x0000000180000000,
	0x7ff0000000000000, 0xfff0000000000000, 0x7f800000ff800000, 0x7c00fc007c007f80,
	0x7ff8000000000000, 0x7ff0000000000001, 0x7fc000007f800001, 0x7e007d007fc07f81,
	0x3dcccccd3f333333, 0x3fb999999999999a, 0x00800000007fffff, 0x0400008003ff007f,
	0xffffffffffffffff, 0x7fffffffffffffff, 0x0706050403020100,
};

static uint64_t qword(uint64_t *seed)
{
	uint64_t v = random__next(seed);

	if (chance(seed, 4))
		return v;
	v = special[below(seed, sizeof(special) / sizeof(special[0]))];
	return chance(seed, 4) ? v << 32 | v >> 32 : v;
}

/* Some stretches repeat one value, so that ".equal" can hold. */
static void fill(uint64_t *seed, uint8_t *p, size_t size)
{
	uint64_t v = qword(seed);
	bool repeat = chance(seed, 3);
	size_t i;

	for (i = 0; i + 8 <= size; i += 8) {
		if (!repeat || chance(seed, 16))
			v = qword(seed);
		if (chance(seed, 12))
			repeat = !repeat;
		memcpy(p + i, &v, 8);
	}
}

static void add(struct xstate_layout *l, unsigned int nr, uint32_t size, uint32_t offset)
{
	struct xstate_component c = { .size = size, .offset = offset };

	if (xstate_layout__add(l, nr, &c))
		abort();
}

static void make_layout(struct xstate_layout *l, bool avx512)
{
	xstate_layout__init(l);
	add(l, XFEATURE_YMM, 256, 576);
	if (!avx512)
		return;
	add(l, XFEATURE_OPMASK, 64, 1088);
	add(l, XFEATURE_ZMM_Hi256, 512, 1152);
	add(l, XFEATURE_Hi16_ZMM, 1024, 1664);
	add(l, XFEATURE_PKRU, 8, 2688);
	add(l, XFEATURE_XTILE_CFG, 64, 2752);
	add(l, XFEATURE_XTILE_DATA, 8192, 2816);
	add(l, XFEATURE_APX, 128, 960);
}

static uint64_t some_of(uint64_t *seed, uint64_t mask, unsigned int often)
{
	uint64_t out = 0, bit;

	for (bit = 1; bit && bit <= mask; bit <<= 1)
		if ((mask & bit) && !chance(seed, often))
			out |= bit;
	return out;
}

static uint32_t make_mxcsr(uint64_t *seed)
{
	return chance(seed, 2) ? MXCSR_INIT : random__next(seed) & 0xffff;
}

/* As our kernel group or the RAW payload carries it. */
static void make_block(struct random_sample *s, uint64_t *seed)
{
	struct xstate_build build = { .layout = &s->layout };
	struct xstate_block head = { .context = XSTATE_CTX_USER_LIVE }, b;
	uint64_t rare = XFEATURE_MASK(XFEATURE_XTILE_DATA);
	size_t at = 0, written;
	unsigned int i;

	head.requested = some_of(seed, s->layout.xfeatures, 8);
	if (!chance(seed, 4))
		head.requested &= ~rare;
	head.xfd = chance(seed, 4) ? some_of(seed, s->layout.xfeatures & ~UINT64_C(3), 2) : 0;
	head.captured = some_of(seed, head.requested & ~head.xfd, 10);
	head.flags = chance(seed, 4) ? XSTATE_BLOCK_NO_XINUSE : 0;
	head.xinuse = head.flags ? 0 : some_of(seed, s->layout.xfeatures, 2);
	head.mxcsr = make_mxcsr(seed);
	head.context = chance(seed, 20) ? XSTATE_CTX_NONE : XSTATE_CTX_USER_LIVE;
	if (head.context == XSTATE_CTX_NONE)
		head.captured = head.xinuse = head.xfd = head.mxcsr = 0;
	for (i = 0; i < XFEATURE_MAX; i++) {
		if (!(s->layout.xfeatures >> i & 1))
			continue;
		fill(seed, s->state + at, s->layout.comp[i].size);
		build.bytes[i] = s->state + at;
		at += s->layout.comp[i].size;
		if (!chance(seed, 3))
			build.value |= XFEATURE_MASK(i);
	}
	if (xstate_build__block(&build, &head, s->carrier, sizeof(s->carrier), &written) ||
	    xstate_block__read(&b, &s->layout, s->carrier, written, NULL))
		abort();
	xstate_regs__from_block(&s->regs, &b);
}

/* As the SIMD ABI carries it: user ABI word, no general registers, vectors, masks. */
static void make_simd(struct random_sample *s, uint64_t *seed)
{
	static const uint64_t widths[] = { 2, 4, 8 };
	uint64_t head[5] = { PERF_REGS_ABI_64 | PERF_REGS_ABI_SIMD };
	size_t size = sizeof(head);
	struct xstate_simd group;

	head[2] = widths[below(seed, 3)];
	head[1] = head[2] == 8 ? 32 : 16;
	head[4] = chance(seed, 2);
	head[3] = head[4] ? 8 : 0;
	memcpy(s->carrier, head, sizeof(head));
	size += 8 * (head[1] * head[2] + head[3] * head[4]);
	if (chance(seed, 3))
		memset(s->carrier + sizeof(head), 0, size - sizeof(head));
	else
		fill(seed, s->carrier + sizeof(head), size - sizeof(head));
	if (xstate_simd__read(&group, 0, 1, s->carrier, size, NULL))
		abort();
	xstate_regs__from_simd(&s->regs, &group);
}

static const char *pick(uint64_t *seed, const char *const *names, unsigned int n)
{
	return chance(seed, 8) ? NULL : names[below(seed, n)];
}

static void make_fields(struct random_sample *s, uint64_t *seed)
{
	static const char *const comms[] = { "solver", "worker-3", "my prog", "sh" };
	static const char *const syms[] = { "kern", "main", "step_stencil", "std::sort(int*, int*)", "[unknown]" };
	static const char *const dsos[] = { "/usr/lib/libc.so.6", "/opt/solver", "[vdso]", "//anon" };
	uint64_t all = PERF_SAMPLE_TID | PERF_SAMPLE_CPU | PERF_SAMPLE_IP |
		       PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD | PERF_SAMPLE_ADDR;

	s->attr.attr.freq = chance(seed, 2);
	s->attr.attr.sample_period = 1 + below(seed, 5);
	s->sample = (struct sample){
		.type = some_of(seed, all, 8),
		.pid = (uint32_t)below(seed, 6), .tid = (uint32_t)below(seed, 8),
		.cpu = (uint32_t)below(seed, 4), .ip = 0x400000 + below(seed, 64),
		.addr = below(seed, 16), .time = UINT64_C(12000000000) + below(seed, 8) * 250000000,
		.period = 1 + below(seed, 9), .attr = &s->attr,
	};
	s->comm = pick(seed, comms, 4);
	s->sym = pick(seed, syms, 5);
	s->dso = pick(seed, dsos, 4);
}

void random_sample__make(struct random_sample *s, uint64_t *seed)
{
	memset(s, 0, sizeof(*s));
	make_fields(s, seed);
	make_layout(&s->layout, !chance(seed, 3));
	if (chance(seed, 5))
		make_simd(s, seed);
	else
		make_block(s, seed);
}

static const struct xstate_regs *source_regs(void *ctx)
{
	return &((struct random_sample *)ctx)->regs;
}

static const char *source_comm(void *ctx)
{
	return ((struct random_sample *)ctx)->comm;
}

static const char *source_sym(void *ctx)
{
	return ((struct random_sample *)ctx)->sym;
}

static const char *source_dso(void *ctx)
{
	return ((struct random_sample *)ctx)->dso;
}

struct filter_source random_sample__source(struct random_sample *s)
{
	static const struct filter_ops ops = {
		source_regs, source_comm, source_sym, source_dso,
	};

	return (struct filter_source){ .sample = &s->sample, .ops = &ops, .ctx = s };
}
