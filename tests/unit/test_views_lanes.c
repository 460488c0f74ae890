/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views of lanes, masks, operands, values and CPUs over a recording whose
 * samples are written by hand below; what the views must say is counted by
 * hand as well. The sketch and the test by strata against slow counts.
 *
 * "test_views_lanes FILE" writes the recording, for golden and command tests.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recording.h"
#include "views/operands.h"
#include "views/pass.h"
#include "views/stats.h"

/* Each label is the address of its first instruction. */
static const char source[] =
	".globl mask_mul, mask_keep, compare, bytes, tail_reduce, stencil\n.globl \"<b>&evil\"\n"
	".type mask_mul,@function\n.type mask_keep,@function\n.type compare,@function\n.type bytes,@function\n"
	".type tail_reduce,@function\n.type stencil,@function\n.type bare,@function\n.type outer,@function\n"
	".type framed,@function\n.type unwound,@function\n"
	"mask_mul:\n vmulps zmm0{k1}{z}, zmm1, zmm2\n ret\n.size mask_mul,.-mask_mul\n"
	"mask_keep:\n vmovaps ymm0{k2}, ymm1\n ret\n.size mask_keep,.-mask_keep\n"
	"compare:\n vcmpltpd k3{k1}, zmm1, zmm2\n kxorw k4, k1, k1\n vaddps zmm0{k4}, zmm1, zmm2\n"
	" vaddpd zmm3, zmm1, zmm7\n ret\n.size compare,.-compare\n"
	"bytes:\n vpaddb zmm1, zmm2, zmm3\n ret\n.size bytes,.-bytes\n"
	"tail_reduce:\n vaddps ymm0, ymm0, ymm1\n ret\n.size tail_reduce,.-tail_reduce\n"
	"stencil:\n vfmadd231ps ymm0, ymm1, ymm2\n ret\n.size stencil,.-stencil\n"
	"bare:\n paddd xmm1, xmm2\n ret\n.size bare,.-bare\n"
	"framed:\n push rbp\n mov rbp, rsp\n paddd xmm1, xmm2\n pop rbp\n ret\n.size framed,.-framed\n"
	"unwound:\n.cfi_startproc\n paddd xmm1, xmm2\n.cfi_def_cfa rbp, 16\n paddd xmm1, xmm2\n.cfi_def_cfa rsp, 8\n"
	" ret\n.cfi_endproc\n.size unwound,.-unwound\n"
	"outer:\n call bare\n ret\n.size outer,.-outer\n"
	"\"<b>&evil\":\n vaddps ymm0, ymm0, ymm1\n ret\n.size \"<b>&evil\",.-\"<b>&evil\"\n.type \"<b>&evil\",@function\n";

enum {
	SSE = 1 << XFEATURE_SSE, YMM = 1 << XFEATURE_YMM, OPMASK = 1 << XFEATURE_OPMASK, ZMM = 1 << XFEATURE_ZMM_Hi256,
	ALL = SSE | YMM | OPMASK | ZMM,
	NR_MUL = 50, NR_KEEP = 20, NR_COMPARE = 10, NR_BYTES = 30, NR_TAIL = 40, NR_STENCIL = 200, NR_BARE = 24, NR_EVIL = 6,
};

static const float SUBNORMAL = 1e-40f;

static uint64_t ms;

static void add(struct recording *r, struct recording_sample *s)
{
	s->ms = ms++;
	recording__add(r, s);
}

/*
 * 16 lanes under k1: 20 samples all_ones, 10 one_hot, 5 all_zeros, 15 partial
 * with 4 lanes on; bits above the lanes are set throughout. On: 390 of 800.
 */
static void write_mul(struct recording *r)
{
	static const uint64_t k[] = { 0xffff, 0x0100, 0, 0x0f00 };
	static const int until[] = { 20, 30, 35, 50 };
	struct recording_sample s = { .ip = recording__symbol(r, "mask_mul"), .value = ALL };
	int i, at = 0;

	for (i = 0; i < 8; i++)
		s.ymm[1][i] = s.zmm_hi[1][i] = s.ymm[2][i] = 2.0f;
	for (i = 0; i < NR_MUL; i++) {
		at += i == until[at];
		s.k[1] = 0xabcd0000 | k[at];
		add(r, &s);
	}
}

/* Merging: of ymm0 the lanes 2-7 are kept, of ymm1 lanes 0 and 1 are moved. */
static void write_keep(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "mask_keep"), .value = ALL };
	int i;

	s.k[2] = 3;
	s.ymm[0][2] = s.ymm[1][0] = s.ymm[1][5] = 1.0f;
	for (i = 0; i < NR_KEEP; i++)
		add(r, &s);
}

/* k1 predicates the compare; what k4 will hold at the addition is not there yet. */
static void write_compare(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "compare"), .value = ALL };
	int i;

	s.k[1] = 0x81;
	for (i = 0; i < NR_COMPARE; i++) {
		if (i == NR_COMPARE - 2)
			s.captured = SSE | YMM;	/* masks unknown in two */
		add(r, &s);
	}
}

/* 64 lanes: of zmm2 the first is 1 in every sample, the last in a third of them. */
static void write_bytes(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "bytes"), .value = ALL };
	uint8_t *low = (uint8_t *)s.ymm[2], *high = (uint8_t *)s.zmm_hi[2];
	int i;

	low[0] = 1;
	for (i = 0; i < NR_BYTES; i++) {
		high[31] = i % 3 == 0;
		add(r, &s);
	}
}

/* ymm0: lower half full, upper never used; ymm1: lane 0 always, the rest in a quarter. */
static void write_tail(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "tail_reduce"), .value = SSE | YMM };
	int i, k;

	for (i = 0; i < NR_TAIL; i++) {
		for (k = 0; k < 8; k++) {
			s.ymm[0][k] = k < 4 ? 0.5f : 0.0f;
			s.ymm[1][k] = !k ? 7.0f : i % 4 ? 0.0f : 3.0f;
		}
		add(r, &s);
	}
}

/*
 * A constant in ymm1, data in ymm2 of which lanes 0-2 are subnormal in 120 of
 * 200 samples. CPU 3 has a quarter of them, and NaN in ymm0 in 10 of its 50.
 */
static void write_stencil(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "stencil"), .value = SSE | YMM };
	int i, k;

	for (i = 0; i < NR_STENCIL; i++) {
		s.cpu = i % 4;
		for (k = 0; k < 8; k++) {
			s.ymm[0][k] = 1.0f + i;
			s.ymm[1][k] = 0.25f;
			s.ymm[2][k] = k < 3 && i % 5 < 3 ? SUBNORMAL : 2.0f;
		}
		if (i % 4 == 3 && i % 20 == 3)
			s.ymm[0][5] = 0.0f / 0.0f;
		add(r, &s);
	}
}

/* Legacy SSE without a frame: outer() is on the chain, and not its caller for certain. */
static void write_bare(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "bare"), .value = SSE | YMM };
	int i;

	s.caller = recording__symbol(r, "outer") + 5;
	s.ymm[15][7] = 1.0f;
	for (i = 0; i < NR_BARE; i++)
		add(r, &s);
}

static void write_evil(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "<b>&evil"), .value = SSE | YMM, .tid = 101 };
	int i;

	s.mxcsr = MXCSR_INIT | MXCSR_DAZ;
	for (i = 0; i < NR_EVIL; i++)
		add(r, &s);
}

static void write_recording(struct recording *r, const char *path)
{
	recording__open(r, path, source);
	recording__comm(r, 101, "</script>\"'", 0);
	write_mul(r);
	write_keep(r);
	write_compare(r);
	write_bytes(r);
	write_tail(r);
	write_stencil(r);
	write_bare(r);
	write_evil(r);
	recording__close(r);
}

/* ---- a pass, and what it counted --------------------------------------------------- */

static struct recording rec;
static char path[] = "/tmp/test_views_lanes.XXXXXX";
static struct pass_options options = { .input = path };
static struct pass pass;

/* Rows and details as JSON, so that what is checked is what users get. */
static char *report(const struct view *v, const char *sort)
{
	const struct hist_print print = { 0 };
	struct err e = { 0 };
	struct output o;
	char *text = NULL;
	size_t size;
	FILE *f;

	memset(&pass, 0, sizeof(pass));
	assert_int_equal(pass__open(&pass, &options, &e), 0);
	assert_int_equal(pass__add_view(&pass, v, sort, &e), 0);
	assert_int_equal(pass__read(&pass, &e), 0);
	f = open_memstream(&text, &size);
	output__open(&o, &output_json, f, false);
	hist__print(&pass.hist[0], &print, &o);
	fclose(f);
	return text;
}

static void done(char *text)
{
	free(text);
	pass__free(&pass);
}

/* The line, of those behind the row of @symbol, that has all of the words. */
static void expect(const char *text, const char *symbol, const char *words)
{
	char key[64], line[2048], word[256];
	const char *at, *end, *w;
	bool inside = false, found = false, all;
	size_t n;

	snprintf(key, sizeof(key), "\"symbol\":\"%s\"", symbol);
	for (at = text; *at && !found; at = *end ? end + 1 : end) {
		end = at + strcspn(at, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
		if (strstr(line, "\"type\":\"row\""))
			inside = strstr(line, key);
		for (all = inside, w = words; all && *w; w += n + (w[n] == ' ')) {
			n = strcspn(w, " ");
			snprintf(word, sizeof(word), "%.*s", (int)n, w);
			all = strstr(line, word);
		}
		found = all;
	}
	if (!found)
		fail_msg("no line of %s with: %s\n%s", symbol, words, text);
}

/* What must stand on one line of a symbol: words between blanks, in that order. */
struct expected {
	const char *symbol, *words;
};

/* A view, with contents or without; @absent: what must not be in it. */
static void check_view(const struct view *v, bool show_values, const struct expected *e, size_t n, const char *absent)
{
	char *t;

	options.show_values = show_values;
	t = report(v, NULL);
	options.show_values = false;
	while (n-- > 0)
		expect(t, e[n].symbol, e[n].words);
	if (absent)
		assert_null(strstr(t, absent));
	done(t);
}

#define CHECK_VIEW(v, show_values, rows, absent) \
	check_view(v, show_values, rows, sizeof(rows) / sizeof(rows[0]), absent)

static void test_mask(void **state)
{
	static const struct expected rows[] = {
		{ "mask_mul", "\"type\":\"row\" \"samples\":50 \"masks\":50 \"all_ones\":0.4 \"partial\":0.3 \"one_hot\":0.2 \"all_zeros\":0.1 \"utilisation\":0.4875" },
		{ "mask_mul", "\"type\":\"popcount\" \"mask_lanes\":16 \"lanes_on\":4, \"masks\":15" },
		{ "mask_mul", "\"type\":\"popcount\" \"lanes_on\":16, \"masks\":20" },
		{ "mask_mul", "\"type\":\"instruction\" \"register\":\"k1\" \"masking\":\"zero\" \"mask_lanes\":16," },
		{ "mask_keep", "\"type\":\"instruction\" \"register\":\"k2\" \"masking\":\"merge\" \"mask_lanes\":8, \"utilisation\":0.25" },
		/* 8 samples known, one use each: k4 is written before it predicates */
		{ "compare", "\"type\":\"row\" \"samples\":8, \"masks\":8, \"partial\":1, \"utilisation\":0.25, \"unknown\":0.2" },
		{ "compare", "\"type\":\"instruction\" \"masking\":\"zero\" \"mask_lanes\":8," },
	};

	(void)state;
	CHECK_VIEW(&view_mask, false, rows, "bytes");
}

static void test_lanes(void **state)
{
	static const struct expected rows[] = {
		{ "tail_reduce", "\"register\":\"ymm0\" \"lane_type\":\"f32\" \"samples\":40 \"nonzero\":[1,1,1,1,0,0,0,0]" },
		{ "tail_reduce", "\"register\":\"ymm1\" \"nonzero\":[1,0.25,0.25,0.25,0.25,0.25,0.25,0.25]" },
		/* under a mask: lanes of ymm1 that are moved, lanes of ymm0 that are kept */
		{ "mask_keep", "\"register\":\"ymm1\" \"nonzero\":[1,0,null,null,null,null,null,null]" },
		{ "mask_keep", "\"register\":\"ymm0\" \"nonzero\":[null,null,1,0,0,0,0,0]" },
		{ "bytes", "\"register\":\"zmm2\" \"lane_type\":\"i8\" \"samples\":30 \"nonzero\":[1,0,0 0,0.333333333]" },
		/* lane 8 is on in all but the five all_zeros, lane 0 in all_ones alone */
		{ "mask_mul", "\"register\":\"zmm1\" \"samples\":50 \"nonzero\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]" },
		{ "mask_mul", "\"register\":\"zmm2\" \"nonzero\":[1,1,1,1,1,1,1,1,0,0,0,0,0,0,0,0]" },
	};

	(void)state;
	CHECK_VIEW(&view_lanes, false, rows, NULL);
}

static void test_operands(void **state)
{
	static const struct expected rows[] = {
		/* 360 of ymm2's 1600 lanes; the constant beside it has none */
		{ "stencil", "\"type\":\"operand\" \"register\":\"ymm2\" \"samples\":200 \"lanes\":1600 \"subnormal\":0.225, \"normal\":0.775," },
		{ "stencil", "\"type\":\"operand\" \"register\":\"ymm1\" \"subnormal\":0, \"normal\":1," },
		{ "stencil", "\"type\":\"operand\" \"register\":\"ymm0\" \"nan\":0.00625," },
		{ "bytes", "\"type\":\"operand\" \"register\":\"zmm3\" \"lane_type\":\"i8\" \"lanes\":1920 \"zero\":1," },
		{ "bare", "\"type\":\"operand\" \"register\":\"xmm2\" \"lane_type\":\"i32\"" },
	};
	static const struct expected shown[] = {
		{ "stencil", "\"type\":\"value\" \"register\":\"ymm1\" \"value\":\"0.25\" \"share_at_least\":1, \"share_at_most\":1" },
	};

	(void)state;
	CHECK_VIEW(&view_operands, false, rows, "\"type\":\"value\"");
	CHECK_VIEW(&view_operands, true, shown, NULL);
}

static void test_values(void **state)
{
	static const struct expected rows[] = {
		/* zero: half of ymm0's 320 lanes, and 7 of 8 of ymm1's in 30 of 40 samples */
		{ "tail_reduce", "\"lanes\":640, \"zero\":0.578125, \"all_equal\":0, \"top_value\":0.578125, \"error\":0," },
		/* ymm1 in all 200, ymm0 in 190, ymm2 in the 80 without subnormals: 470 of 600 */
		{ "stencil", "\"all_equal\":0.783333333," },
	};
	static const struct expected shown[] = {
		{ "tail_reduce", "\"type\":\"value\" \"value\":\"0.5\" \"share_at_least\":0.25, \"share_at_most\":0.25" },
	};

	(void)state;
	CHECK_VIEW(&view_values, false, rows, "\"type\":\"value\"");
	CHECK_VIEW(&view_values, true, shown, NULL);
}

static void test_cpu(void **state)
{
	char *t = report(&view_cpu, NULL);
	const char *anomaly = strstr(t, "\"type\":\"anomaly\"");

	(void)state;
	/* NaN on CPU 3 alone; subnormals come on all alike */
	assert_non_null(anomaly);
	assert_non_null(strstr(anomaly, "\"class\":\"nan\",\"samples\":50,\"with\":10,\"expected\":0,"));
	assert_null(strstr(anomaly + 1, "\"type\":\"anomaly\""));
	assert_int_equal(pass.hist[0].table.used, 4);
	done(t);
}

/* What a chain by frame pointers says in a function without one is not shown. */
static void test_no_frame(void **state)
{
	char *t = report(&view_dirty, NULL);

	(void)state;
	expect(t, "bare", "\"type\":\"caller\" \"why\":\"no \"samples\":24, \"share\":1");
	assert_null(strstr(t, "outer"));
	done(t);
}

static bool has_frame(const char *symbol, unsigned int offset)
{
	const uint64_t ip = RECORDING_BASE + recording__symbol(&rec, symbol) + offset;

	return machine__has_frame(pass.machine, machine__caller(pass.machine, RECORDING_PID, ip, PERF_RECORD_MISC_USER));
}

static void test_frame(void **state)
{
	char *t = report(&view_dirty, NULL);

	(void)state;
	/* by its bytes: push 1, mov 3, paddd 4, pop 1 */
	assert_false(has_frame("framed", 0));
	assert_false(has_frame("framed", 1));
	assert_true(has_frame("framed", 4));
	assert_true(has_frame("framed", 8));
	assert_false(has_frame("framed", 9));
	assert_false(has_frame("bare", 0));
	/* by its unwind table, whatever the bytes are */
	assert_false(has_frame("unwound", 0));
	assert_true(has_frame("unwound", 4));
	assert_false(has_frame("unwound", 8));
	assert_false(has_frame("outer", 0xf000));
	done(t);
}

static void test_mxcsr_timeline(void **state)
{
	char *t = report(&view_mxcsr, "symbol");

	(void)state;
	expect(t, "<b>&evil", "\"type\":\"row\" \"mxcsr\":8128, \"first_seen\":0.374");
	/* 379 ms in 48 bins of 1 ms, doubled three times */
	expect(t, "<b>&evil", "\"type\":\"timeline\" \"from\":0.368, \"to\":0.376, \"samples\":2}");
	expect(t, "<b>&evil", "\"type\":\"timeline\" \"from\":0.376, \"to\":0.384, \"samples\":4}");
	expect(t, "mask_mul", "\"type\":\"timeline\" \"from\":0, \"to\":0.008, \"samples\":8}");
	done(t);
}

/* ---- the sketch ---------------------------------------------------------------------- */

enum { STREAM = 20000, VALUES = 1000, COUNTERS = 64 };

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	return *x ^= *x << 5;
}

/* Half of the stream is a few values, the other half many; counted exactly beside. */
static void test_sketch(void **state)
{
	static uint64_t exact[VALUES];
	struct sketch *s = calloc(1, sketch__bytes(COUNTERS));
	uint32_t x = 2463534242u, v;
	unsigned int i, found = 0, heavy = 0;

	(void)state;
	s->size = COUNTERS;
	for (i = 0; i < STREAM; i++) {
		v = next_random(&x);
		v = v & 1 ? (v >> 8) % VALUES : (v >> 8) % 4 + (v >> 12) % 4;
		exact[v]++;
		sketch__add(s, XSTATE_U32, v, 1);
	}
	assert_int_equal(s->total, STREAM);
	assert_int_equal(s->used, COUNTERS);
	sketch__sort(s);
	for (i = 0; i < COUNTERS; i++) {
		assert_true(s->item[i].count >= exact[s->item[i].bits]);
		assert_true(s->item[i].count - s->item[i].err <= exact[s->item[i].bits]);
		assert_true(s->item[i].err <= STREAM / COUNTERS);
		found += exact[s->item[i].bits] > STREAM / COUNTERS;
	}
	for (i = 0; i < VALUES; i++)
		heavy += exact[i] > STREAM / COUNTERS;
	assert_true(heavy >= 4);
	assert_int_equal(found, heavy);
	assert_true(sketch__bound(s) <= STREAM / COUNTERS);
	/* the type is part of a value */
	sketch__add(s, XSTATE_F32, s->item[0].bits, 7);
	assert_int_equal(s->total, STREAM + 7);
	free(s);
}

/* ---- the test by strata ----------------------------------------------------------------- */

static void test_strata(void **state)
{
	struct stratum one = { .all = 20, .all_with = 5, .group = 10, .group_with = 5 };
	struct stratum two[] = { { 20, 5, 10, 5 }, { 8, 4, 4, 2 } };
	struct stratum none[] = { { 20, 0, 10, 0 }, { 30, 30, 10, 10 }, { 5, 2, 5, 2 } };
	struct stratum many = { .all = 20000, .all_with = 8000, .group = 10000, .group_with = 4200 };
	struct strata_test t, u;

	(void)state;
	/* Fisher's exact test: C(10,5) / C(20,5) = 252 / 15504, doubled */
	strata__test(&one, 1, &t);
	assert_true(fabs(t.p - 2 * 252.0 / 15504) < 1e-12);
	assert_true(t.with == 5 && t.expected == 0);
	/* the same, told by those without the property */
	one.all_with = 15;
	one.group_with = 5;
	strata__test(&one, 1, &u);
	assert_true(fabs(u.p - t.p) < 1e-12);
	/* X = 5 + Y with Y hypergeometric (8, 4, 4): P(Y >= 2 | X1 = 5) + ..., by hand:
	 * P(X >= 7) = sum over x1 of P(X1 = x1) P(Y >= 7 - x1) */
	strata__test(two, 2, &t);
	/* none of the first stratum's others have it, half of the second's four */
	assert_true(t.with == 7 && fabs(t.expected - 2) < 1e-12);
	assert_true(fabs(t.p - 2 * (252.0 / 15504 * 53 / 70 + 2100.0 / 15504 * 17 / 70 + 5400.0 / 15504 * 1 / 70)) < 1e-12);
	/* all alike, or nobody to compare with: no evidence */
	strata__test(none, 3, &t);
	assert_true(t.p == 1 && t.samples == 20);
	/* large: z = (200 - 0.5) / sqrt(N / 4 * 0.4 * 0.6 * N / (N - 1)) = 5.7586 */
	strata__test(&many, 1, &t);
	assert_true(fabs(t.p - erfc(199.5 / sqrt(1200.0 * 20000 / 19999) / sqrt(2))) < 1e-15);
	strata__test(NULL, 0, &t);
	assert_true(t.p == 1);
}

static int set_up(void **state)
{
	(void)state;
	return recording__temporary(&rec, path, write_recording);
}

static int tear_down(void **state)
{
	(void)state;
	recording__remove(&rec);
	return unlink(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mask), cmocka_unit_test(test_lanes), cmocka_unit_test(test_operands),
		cmocka_unit_test(test_values), cmocka_unit_test(test_cpu), cmocka_unit_test(test_no_frame), cmocka_unit_test(test_frame),
		cmocka_unit_test(test_mxcsr_timeline), cmocka_unit_test(test_sketch), cmocka_unit_test(test_strata),
	};

	if (argc == 2) {
		write_recording(&rec, argv[1]);
		puts(rec.folder);
		return 0;
	}
	return cmocka_run_group_tests_name("views_lanes", tests, set_up, tear_down);
}
