/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter over samples made by hand. What random samples and expressions
 * show is in tests/golden/filter_property.t.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filter/filter.h"

/* A sample with AVX state: ymm0 to ymm15 as xmm[] and high[] say. */
static struct machine {
	struct xstate_layout layout;
	struct xstate_regs regs;
	uint8_t x87[160], sse[256], high[256], opmask[64];
	uint8_t block[1024];
	struct perfdata_attr attr;
	struct sample sample;
	const char *comm, *sym, *dso;
	unsigned int regs_asked, names_asked;
} m;

static const struct xstate_regs *ask_regs(void *ctx)
{
	m.regs_asked++;
	return ctx ? &m.regs : NULL;
}

static const char *ask_comm(void *ctx)
{
	(void)ctx;
	m.names_asked++;
	return m.comm;
}

static const char *ask_sym(void *ctx)
{
	(void)ctx;
	m.names_asked++;
	return m.sym;
}

static const char *ask_dso(void *ctx)
{
	(void)ctx;
	m.names_asked++;
	return m.dso;
}

/* A tracepoint "sched_switch" with a field of each type. */
static bool ask_field(void *ctx, const char *event, const char *name, struct trace_value *v)
{
	static const struct { const char *name; struct trace_value v; } fields[] = {
		{ "next_pid", { .number = 3, .is_signed = true } },
		{ "error", { .number = (uint64_t)-2, .is_signed = true } },
		{ "huge", { .number = UINT64_MAX } },
		{ "next_comm", { .string = "kworker/0:1" } },
	};
	size_t i;

	(void)ctx;
	if (event && strcmp(event, "sched_switch"))
		return false;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name))
			continue;
		*v = fields[i].v;
		return true;
	}
	return false;
}

static const struct filter_ops ops = { ask_regs, ask_comm, ask_sym, ask_dso, ask_field };
static const struct filter_source source = { &m.sample, &ops, &m };

static void add_component(unsigned int nr, uint32_t size, uint32_t offset)
{
	struct xstate_component c = { .size = size, .offset = offset };

	assert_int_equal(xstate_layout__add(&m.layout, nr, &c), 0);
}

static int setup(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	xstate_layout__init(&m.layout);
	add_component(XFEATURE_YMM, 256, 576);
	add_component(XFEATURE_OPMASK, 64, 832);
	m.attr.attr.freq = 1;
	m.sample = (struct sample){
		.type = PERF_SAMPLE_TID | PERF_SAMPLE_CPU | PERF_SAMPLE_IP |
			PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD | PERF_SAMPLE_ADDR,
		.pid = 100, .tid = 101, .cpu = 3, .ip = 0x401000, .addr = 0x10,
		.time = UINT64_C(12345678901), .period = 1000000, .attr = &m.attr,
	};
	m.comm = "solver";
	m.sym = "step_stencil";
	m.dso = "/usr/lib/libc.so.6";
	return 0;
}

/* Encode what sse, high and opmask hold; @captured, @value: components. */
static void make_regs(uint64_t captured, uint64_t value, uint64_t xinuse, uint32_t mxcsr)
{
	struct xstate_build b = {
		.layout = &m.layout, .value = value,
		.bytes = { [XFEATURE_FP] = m.x87, [XFEATURE_SSE] = m.sse,
			   [XFEATURE_YMM] = m.high, [XFEATURE_OPMASK] = m.opmask },
	};
	struct xstate_block head = {
		.context = XSTATE_CTX_USER_LIVE, .requested = m.layout.xfeatures,
		.captured = captured, .xinuse = xinuse, .mxcsr = mxcsr,
	}, block;
	size_t n;

	assert_int_equal(xstate_build__block(&b, &head, m.block, sizeof(m.block), &n), 0);
	assert_int_equal(xstate_block__read(&block, &m.layout, m.block, n, NULL), 0);
	xstate_regs__from_block(&m.regs, &block);
}

static void set_f32(unsigned int ymm, unsigned int lane, float v)
{
	uint8_t *p = lane < 4 ? m.sse : m.high;

	memcpy(p + ymm * 16 + lane % 4 * 4, &v, 4);
}

static void set_u32(unsigned int ymm, unsigned int lane, uint32_t v)
{
	uint8_t *p = lane < 4 ? m.sse : m.high;

	memcpy(p + ymm * 16 + lane % 4 * 4, &v, 4);
}

static void set_k(unsigned int k, uint64_t v)
{
	memcpy(m.opmask + 8 * k, &v, 8);
}

static char eval(const char *text)
{
	struct filter *f;
	struct err e;
	char c;

	if (filter__compile(&f, text, &e))
		fail_msg("%s", e.msg);
	c = "FTU"[filter__eval(f, &source)];
	filter__free(f);
	return c;
}

/* Rows of "T expression". */
static void check(const char *const *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (eval(rows[i] + 2) != rows[i][0])
			fail_msg("%s: got %c", rows[i], eval(rows[i] + 2));
}
#define CHECK(...) do {								\
	static const char *const rows[] = { __VA_ARGS__ };			\
	check(rows, sizeof(rows) / sizeof(rows[0]));				\
} while (0)

static void sample_fields(void **state)
{
	(void)state;
	CHECK("T pid == 100", "F pid != 100", "F pid > 100", "T pid >= 100",
	      "F pid < 100", "T pid <= 100", "T pid > 99", "T pid < 101",
	      "T pid & 4", "F pid & 3", "T tid == 101", "T cpu == 3",
	      "F cpu == 4", "T ip == 0x401000", "T ip >= 0x400000, ip < 0x402000",
	      "T addr == 0x10", "T PID == 100",
	      "T period == 1000000", "T period == 1e6", "F period > 1e6",
	      "F pid > 18446744073709551615", "T pid <= 18446744073709551615",
	      "F pid < 0", "T pid >= 0");
}

static void times(void **state)
{
	(void)state;
	CHECK("T time == 12.345678901", "T time == 12345678901ns", "T time > 12s",
	      "T time > 12.3", "F time > 12.345678901", "T time >= 12.345678901",
	      "T time < 12345.679ms", "T time > 12345678.9us", "F time > 13000ms",
	      "T time < 13.", "T time > .5");
}

static void names(void **state)
{
	(void)state;
	CHECK("T comm == solver", "F comm != solver", "F comm == solve", "T comm == solv*",
	      "T comm == s?lver", "F comm == ?solver", "T comm == *", "T comm != x*",
	      "T comm == \"solver\"", "T comm == 'sol*'",
	      "T sym == step_stencil", "T sym == *sten*", "F sym == *sten",
	      "T sym == **l", "F sym == step_stencil?",
	      "T dso == libc.so.6", "T dso == /usr/lib/libc.so.6", "F dso == lib/libc.so.6",
	      "T dso == */libc*", "F dso == libc.so", "F dso == solver",
	      "T sym == step_stencil,dso == libc.so.6", "T (sym == step_stencil)",
	      "T sym==step_stencil||pid==1");
}

static void tracepoints(void **state)
{
	(void)state;
	CHECK("T field.next_pid == 3", "T sched_switch.next_pid == 3", "U sched_wakeup.next_pid == 3",
	      "U field.prev_pid == 3", "F field.next_pid > 3", "T field.next_pid >= 0x3", "T field.next_pid & 2",
	      "T field.error == -2", "T field.error < 0", "F field.error > 0", "T field.error != 2",
	      "T field.huge == 18446744073709551615", "T field.huge > -1", "F field.huge == -1",
	      "T field.next_comm == kworker*", "F field.next_comm != \"kworker/0:1\"", "F field.next_comm == make",
	      "F field.next_comm == 3, pid == 100", "U field.next_pid == three", "T !(field.next_pid == 4)",
	      "T sched_switch.next_pid==3,pid==100", "T field.next_comm == 3 || pid == 100");
}

static void names_in_quotes(void **state)
{
	(void)state;
	m.sym = "std::sort(int*, int*)";
	m.comm = "my \"prog\"";
	m.dso = "[vdso]";
	CHECK("T sym == \"std::sort(int*, int*)\"", "T sym == 'std::sort(*)'",
	      "T comm == \"my \\\"prog\\\"\"", "T comm == 'my \"prog\"'",
	      "T dso == [vdso]", "F comm == \"\"");
	m.dso = "//anon";
	CHECK("T dso == //anon", "T dso == \"//anon\"");
}

static void mxcsr(void **state)
{
	(void)state;
	make_regs(3, 3, 3, 0x1f80 | MXCSR_DAZ | MXCSR_FTZ | MXCSR_IE | (1 << MXCSR_RC_SHIFT));
	CHECK("T mxcsr & daz", "T mxcsr & FTZ", "T mxcsr & ie", "F mxcsr & de",
	      "F mxcsr & ze", "F mxcsr & oe", "F mxcsr & ue", "F mxcsr & pe",
	      "T mxcsr & im", "T mxcsr & dm", "T mxcsr & zm", "T mxcsr & om",
	      "T mxcsr & um", "T mxcsr & pm", "T mxcsr & 0x40", "T mxcsr == 0xbfc1",
	      "F mxcsr == 0x1f80", "T mxcsr.rc == down", "F mxcsr.rc == nearest",
	      "T mxcsr.rc == 1", "T mxcsr.rc != up", "T !mxcsr & de");
	m.regs.mxcsr_state = XSTATE_INIT;
	CHECK("F mxcsr & daz", "T mxcsr == 0x1f80", "T mxcsr.rc == nearest");
	m.regs.mxcsr_state = XSTATE_UNKNOWN;
	CHECK("U mxcsr & daz", "U mxcsr.rc == down", "U mxcsr != 0");
}

static void components(void **state)
{
	(void)state;
	make_regs(7, 3, 7, 0x1f80);
	CHECK("T xinuse & avx", "T xinuse & ymm_hi128", "F xinuse & avx512", "T xinuse == 7",
	      "T xinuse & sse", "T xinuse & x87", "F xinuse & opmask", "F xinuse & pkru",
	      "F xstate & avx", "T xstate & sse",
	      /* opmask was not captured, the rest of AVX-512 is not there */
	      "U xstate & avx512", "U xstate & opmask", "F xstate & zmm_hi256", "F xstate & apx",
	      "F xstate & amx", "F xstate & hi16_zmm", "F xstate & cet_u",
	      "T width == 256", "T upper == dirty", "F upper == clean");
	m.regs.xinuse |= XFEATURE_MASK(XFEATURE_Hi16_ZMM);
	CHECK("T width == 256", "T xinuse & avx512");
	m.regs.xinuse |= XFEATURE_MASK(XFEATURE_ZMM_Hi256);
	CHECK("T width == 512", "T width > 256", "T upper == dirty", "T width.nonzero == 0");
	m.regs.xinuse = 7;
	m.regs.xfd = XFEATURE_MASK(XFEATURE_OPMASK);
	CHECK("U xinuse & opmask", "U xinuse & avx512", "T xinuse & avx", "U xinuse == 7");
	m.regs.xfd = 0;
	m.regs.xinuse_known = 0;
	CHECK("U xinuse & avx", "U xinuse == 7", "F upper == dirty", "T upper == clean");
	make_regs(3, 3, 3, 0x1f80);
	CHECK("F upper == dirty", "T upper == clean", "T width == 128");
	m.regs.xinuse_known = 0;
	CHECK("U upper == dirty", "U upper == clean", "U !upper == dirty", "U width == 128");
}

static void lanes(void **state)
{
	(void)state;
	set_f32(3, 2, 2e30f);
	set_f32(3, 5, -1.5f);
	set_u32(3, 6, 0x7fc00000);
	set_u32(3, 7, 1);
	set_f32(4, 0, 0.1f);
	make_regs(7, 7, 7, 0x1f80);
	CHECK("T ymm3.f32[2] > 1e30", "F ymm3.f32[2] > 2e30", "T ymm3.f32[2] >= 2e30",
	      "T xmm3.f32[2] == 2e30", "T ymm3.f32[5] == -1.5", "T ymm3.f32[5] < 0",
	      "F ymm3.f32[0] < 0", "T ymm3.f32[0] <= 0", "T ymm3.f32[0] == 0", "T ymm3.f32[0] == -0.0",
	      /* NaN: in no order, different from every number */
	      "F ymm3.f32[6] == 0", "T ymm3.f32[6] != 0", "F ymm3.f32[6] < 0", "F ymm3.f32[6] >= 0",
	      "F ymm3.f32[6] >= -inf", "T !ymm3.f32[6] >= 0",
	      /* a number is rounded to the lane's type, as it is printed */
	      "T ymm4.f32[0] == 0.1", "F ymm4.f32[0] > 0.1", "T ymm4.f32[0] <= 0.1",
	      "F ymm3.f32[2] == +inf", "T ymm3.f32[2] < +inf",
	      "T ymm3.u32[7] == 1", "T ymm3.i32[5] < 0", "T ymm3.u32[5] & 0x80000000",
	      "T ymm3.i32[5] & 0x80000000", "F ymm3.u32[7] & 2", "T ymm3.u8[28] == 1",
	      "T ymm3.i64[3] > 0", "T ymm3.i16[11] == -16448", "T ymm3.u64[0] == zero");
}

static void classes(void **state)
{
	(void)state;
	set_f32(0, 0, 1.0f);
	set_u32(0, 1, 1);
	set_u32(0, 2, 0x7f800000);
	set_u32(0, 3, 0x7fc00001);
	set_u32(0, 4, 0x7f800001);
	make_regs(7, 7, 7, 0x1f80);
	CHECK("T ymm0.f32[0] == normal", "T ymm0.f32[1] == subnormal", "T ymm0.f32[1] == denormal",
	      "T ymm0.f32[2] == inf", "T ymm0.f32[3] == nan", "T ymm0.f32[3] == qnan",
	      "F ymm0.f32[3] == snan", "T ymm0.f32[4] == nan", "T ymm0.f32[4] == snan",
	      "F ymm0.f32[4] == qnan", "T ymm0.f32[5] == zero", "F ymm0.f32[5] != zero",
	      "T ymm0.f32[0] != nan",
	      "T any(ymm.f32) == subnormal", "F any(ymm1-15.f32) == subnormal",
	      "T any(ymm0.f32) == nan", "F all(ymm0.f32) == nan", "T all(ymm0.f32[3-4]) == nan",
	      "T all(ymm1-15.f32) == zero", "F all(ymm.f32) == zero",
	      "T count(ymm.f32 == nan) == 2", "T count(ymm.f32 != zero) == 5",
	      "F count(ymm.f32 == nan) > 2", "T count(ymm0.f32[0-3] == nan) == 1",
	      "T count(ymm.f32 == zero) == 123", "T any(ymm.f32 == inf)", "F all(ymm0.f32 == inf)",
	      "T !any(xmm1-15.f32) != 0");
}

static void halves(void **state)
{
	uint16_t half[8] = { 0x3c00, 0x0001, 0x7c00, 0xc000, 0x7bff, 0x2e66 };

	(void)state;
	memcpy(m.sse, half, sizeof(half));
	make_regs(7, 7, 7, 0x1f80);
	CHECK("T xmm0.f16[0] == 1", "T xmm0.f16[1] == subnormal", "T xmm0.f16[1] > 0",
	      "T xmm0.f16[2] == inf", "T xmm0.f16[3] == -2", "T xmm0.f16[4] == 65504",
	      "T xmm0.f16[5] == 0.1", "T xmm0.bf16[3] == -2", "T xmm0.bf16[3] < -1.99");
}

static void lanes_that_are_equal(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 8; i++) {
		set_f32(1, i, 1.5f);
		set_f32(2, i, i < 4 ? 1.5f : 2.5f);
		set_u32(3, i, i & 1 ? 0x80000000 : 0);
	}
	make_regs(7, 7, 7, 0x1f80);
	CHECK("T ymm0.f32.equal", "T ymm1.f32.equal", "F ymm2.f32.equal", "T xmm2.f32.equal",
	      "T ymm2.f32[0-3].equal", "T ymm2.f32[4-7].equal", "F ymm2.f32[3-4].equal",
	      /* the same bits, not the same value: 0 and -0 differ */
	      "F ymm3.f32.equal", "T ymm3.u64.equal", "F !ymm1.f32.equal",
	      "T any(ymm.f32.equal)", "F all(ymm.f32.equal)", "T count(ymm.f32.equal) == 14",
	      "T all(ymm4-15.u8.equal)");
}

static void masks_and_plain_registers(void **state)
{
	(void)state;
	set_k(1, 0x7);
	set_k(2, ~UINT64_C(0));
	m.x87[0] = 0x7f;
	m.x87[1] = 0x02;
	make_regs(0x27, 0x27, 0x27, 0x1f80);
	CHECK("T k1.popcount < 4", "F k1.popcount < 3", "T k1 == 7", "T k1 & 4", "F k1 & 8",
	      "T k2.popcount == 64", "T any(k.popcount) == 64", "F all(k.popcount) < 64",
	      "T count(k != 0) == 2", "T count(k0-1.popcount == 0) == 1", "T k2 == 0xffffffffffffffff",
	      "T any(k) == 7", "T any(opmask) == 7", "T k1.u8[0] == 7", "T fcw == 0x27f", "T ftw == 0",
	      "T xmm0.popcount == 0", "T st0.popcount == 0", "T st0.state == value");
}

static void unknown_stays_unknown(void **state)
{
	(void)state;
	set_f32(0, 0, 1.0f);
	make_regs(3, 3, 7, 0x1f80);		/* the upper halves were not captured */
	CHECK("T xmm0.f32[0] == 1", "T ymm0.f32[0] == 1", "U ymm0.f32[4] == 1", "U ymm0.f32[4] != 1",
	      "U !ymm0.f32[4] == 1", "U k1 == 0", "U !k1 == 0", "U k1.popcount < 4",
	      /* decided by what is known */
	      "T any(ymm0.f32) == 1", "U any(ymm0.f32) == 2", "F all(ymm0.f32) == 2", "U all(ymm1.f32) == 0",
	      "T count(ymm0.f32 == 1) >= 1", "U count(ymm0.f32 == 1) >= 2", "F count(ymm0.f32 == 1) > 5",
	      "U count(ymm0.f32 == 1) == 1", "F ymm0.f32.equal", "U ymm1.f32.equal",
	      "T ymm0.state == unknown", "T xmm0.state == value", "T k1.state == unknown",
	      "F k1.state != unknown", "T any(ymm.state) == unknown", "U zmm0.u64[4] == 0",
	      /* Kleene's logic */
	      "F pid == 1, k1 == 0", "F k1 == 0, pid == 1", "U pid == 100, k1 == 0",
	      "T pid == 100 || k1 == 0", "T k1 == 0 || pid == 100", "U pid == 1 || k1 == 0",
	      "U !(pid == 100, k1 == 0)", "T !(pid == 1, k1 == 0)");
}

static void init_is_a_value(void **state)
{
	(void)state;
	memset(m.high, 0xff, sizeof(m.high));
	memset(m.opmask, 0xff, sizeof(m.opmask));
	make_regs(0x27, 2, 2, 0x1f80);
	CHECK("T k1 == 0", "T k1.state == init", "T all(ymm.u64[2-3]) == 0", "T ymm0.state == value",
	      "T fcw == 0x37f", "T fcw.state == init", "T st0.state == init", "T k1.popcount == 0");
}

static void fields_may_be_missing(void **state)
{
	(void)state;
	m.sample.type = 0;
	m.comm = m.sym = m.dso = NULL;
	CHECK("U pid == 100", "U pid != 100", "U tid == 1", "U cpu == 3", "U ip == 1", "U addr == 1",
	      "U time > 1s", "U period > 1", "U comm == solver", "U sym != x", "U dso == *");
	m.attr.attr.freq = 0;
	m.attr.attr.sample_period = 4000;
	CHECK("T period == 4000");
}

/* "||" binds more tightly than ",": perf record --filter's grammar. */
static void precedence(void **state)
{
	(void)state;
	CHECK("F pid == 1, cpu == 3 || tid == 101", "T pid == 1 || pid == 100, cpu == 3",
	      "F pid == 100 || pid == 1, cpu == 4", "T (pid == 100, cpu == 3) || tid == 5",
	      "T pid == 9 || (cpu == 3, tid == 101)", "T !pid == 1, cpu == 3",
	      "F !(pid == 100 || cpu == 9)", "T !!pid == 100", "F !!!pid == 100",
	      "T !pid == 1 || cpu == 9", "T ((((pid == 100))))",
	      "T pid==100,cpu==3,tid==101,ip!=0", "F pid==100,cpu==3,tid==102,ip!=0");
}

static void cheap_terms_come_first(void **state)
{
	(void)state;
	make_regs(7, 7, 7, 0x1f80);
	m.regs_asked = m.names_asked = 0;
	assert_int_equal(eval("sym == kern, any(ymm.f64) == subnormal, pid == 1"), 'F');
	assert_int_equal(m.regs_asked + m.names_asked, 0);
	assert_int_equal(eval("any(ymm.f64) == 0 || sym == x || pid == 100"), 'T');
	assert_int_equal(m.regs_asked + m.names_asked, 0);
	assert_int_equal(eval("sym == kern, any(ymm.f64) == 0, pid == 100"), 'F');
	assert_int_equal(m.names_asked, 1);
	m.regs_asked = m.names_asked = 0;
	assert_int_equal(eval("pid == 1, mxcsr & daz, sym == kern"), 'F');
	assert_int_equal(eval("cpu == 9, any(ymm.f64) == 0"), 'F');
	assert_int_equal(eval("(sym == kern || k1 == 9), (sym == x || pid == 100), pid == 1"), 'F');
	assert_int_equal(m.regs_asked + m.names_asked, 0);
}

static void no_callbacks_means_unknown(void **state)
{
	static const struct filter_ops none = { NULL, NULL, NULL, NULL };
	const struct filter_source without[] = { { &m.sample, &none, NULL }, { &m.sample, NULL, NULL },
						 { &m.sample, &ops, NULL } };
	struct filter *f;
	struct err e;
	size_t i;

	(void)state;
	m.sym = NULL;
	assert_int_equal(filter__compile(&f, "k1 == 0 || mxcsr & daz || upper == dirty || width == 256 || xinuse & avx || xstate & avx || width.nonzero == 0 || sym == x", &e), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(filter__eval(f, &without[i]), FILTER_UNKNOWN);
	filter__free(f);
}

static void what_fell_out_is_counted(void **state)
{
	const struct filter_stats *s;
	struct filter *f;
	struct err e;
	char buf[128], cut[10];

	(void)state;
	assert_int_equal(filter__compile(&f, "pid == 100, !k1 == 5", &e), 0);
	make_regs(0x27, 0x27, 0x27, 0x1f80);
	assert_true(filter__pass(f, &source));
	make_regs(7, 7, 7, 0x1f80);
	assert_false(filter__pass(f, &source));
	m.sample.pid = 1;
	assert_false(filter__pass(f, &source));
	s = filter__stats(f);
	assert_int_equal(s->samples, 3);
	assert_int_equal(s->passed, 1);
	assert_int_equal(s->unknown, 1);
	assert_string_equal(filter__text(f), "pid == 100, !k1 == 5");
	filter__summary(f, buf, sizeof(buf));
	assert_string_equal(buf, "1 of 3 samples pass; 1 fell out, unknown in them: k1 == 5 (1)");
	assert_int_equal(filter__summary(f, cut, sizeof(cut)), strlen(buf));
	assert_string_equal(cut, "1 of 3 sa");
	filter__free(f);
}

static void needs(void **state)
{
	static const struct { const char *text; unsigned int needs; } rows[] = {
		{ "pid == 1, time > 1s", 0 }, { "sym == x", FILTER_NEEDS_SYM },
		{ "(pid == 1 || comm == x), !(dso == y)", FILTER_NEEDS_COMM | FILTER_NEEDS_DSO },
		{ "mxcsr & daz", FILTER_NEEDS_REGS }, { "any(k) == 0 || sym == x", FILTER_NEEDS_REGS | FILTER_NEEDS_SYM },
	};
	struct filter *f;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(filter__compile(&f, rows[i].text, &e), 0);
		assert_int_equal(filter__needs(f), rows[i].needs);
		filter__free(f);
	}
}

static void simd_records(void **state)
{
	uint64_t group[5 + 16 * 4] = { PERF_REGS_ABI_64 | PERF_REGS_ABI_SIMD, 16, 4 };
	struct xstate_simd s;

	(void)state;
	group[5] = 0x3ff0000000000000;
	assert_int_equal(xstate_simd__read(&s, 0, 1, group, sizeof(group), NULL), 0);
	xstate_regs__from_simd(&m.regs, &s);
	/* zero there may be init or not captured: no word on the upper halves */
	CHECK("T ymm0.f64[0] == 1", "T ymm1.f64[3] == 0", "U mxcsr & daz", "U xinuse & avx",
	      "U upper == dirty", "U upper == clean", "U k1 == 0", "U zmm0.f64[7] == 0");
	group[5 + 7] = 1;
	CHECK("T upper == dirty", "F upper == clean");
}

/* PEBS: only the registers of the mask came, one behind the other. */
static void legacy_xmm(void **state)
{
	uint64_t group[1 + 2 * 4] = { PERF_REGS_ABI_64, 1, 1, 1, 1, 2, 2, 1, 1 };
	struct xstate_simd s;

	(void)state;
	assert_int_equal(xstate_simd__read(&s, UINT64_C(0xff) << (32 + 2 * 4), 0, group, sizeof(group), NULL), 0);
	xstate_regs__from_simd(&m.regs, &s);
	CHECK("T all(xmm4-5.u64) == 1", "T all(xmm6.u64) == 2", "T xmm7.u64[1] == 1", "T count(xmm4-7.u64 == 2) == 2",
	      "F all(xmm6-7.u64) == 1", "U all(xmm0-3.u64) == 1", "U all(xmm4-8.u64) != 3", "T any(xmm.u64) == 2",
	      "T xmm8.state == unknown");
}

static void limits(void **state)
{
	static char text[8192];
	struct filter *f;
	struct err e;
	size_t n = 0;
	int i;

	(void)state;
	memset(text, '(', 65);
	strcpy(text + 65, "pid == 1");
	memset(text + 73, ')', 65);
	assert_int_equal(filter__compile(&f, text, &e), -1);
	assert_non_null(strstr(e.msg, "levels"));
	text[138 - 1] = '\0';
	assert_int_equal(filter__compile(&f, text + 1, &e), 0);
	filter__free(f);
	for (i = 0; i < 512; i++)
		n += (size_t)sprintf(text + n, "%scpu<9", i ? "||" : "");
	assert_int_equal(filter__compile(&f, text, &e), -1);
	assert_non_null(strstr(e.msg, "512 terms"));
	memset(text, ' ', 4097);
	text[4097] = '\0';
	assert_int_equal(filter__compile(&f, text, &e), -1);
	assert_non_null(strstr(e.msg, "4097 bytes"));
	assert_int_equal(e.status, XREGS_USAGE);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sample_fields), TEST(times), TEST(names), TEST(names_in_quotes), TEST(tracepoints),
		TEST(mxcsr), TEST(components), TEST(lanes), TEST(classes), TEST(halves),
		TEST(lanes_that_are_equal), TEST(masks_and_plain_registers),
		TEST(unknown_stays_unknown), TEST(init_is_a_value), TEST(fields_may_be_missing),
		TEST(precedence), TEST(cheap_terms_come_first), TEST(no_callbacks_means_unknown),
		TEST(what_fell_out_is_counted), TEST(needs), TEST(simd_records), TEST(legacy_xmm), TEST(limits),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
