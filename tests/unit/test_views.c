/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views over a recording whose every number is known: the samples are written
 * by hand below, and what the views must say is counted by hand as well.
 *
 * "test_views FILE" writes that recording, for the golden and command tests.
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
#include "machine/callchain.h"
#include "util/shell.h"
#include "views/pass.h"

/*
 * Each label is the address of its first instruction. step_stencil reads ymm3
 * and ymm1 at once, and ymm4 after ymm0 was written; sha_block is legacy SSE;
 * tail_reduce is scalar; masked reads under a mask.
 */
static const char source[] =
	".globl step_stencil, sha_block, tail_reduce, masked, hash_rows, hash_columns\n"
	".type step_stencil,@function\n.type sha_block,@function\n.type tail_reduce,@function\n"
	".type masked,@function\n.type hash_rows,@function\n.type hash_columns,@function\n"
	"step_stencil:\n vmulps ymm0, ymm1, ymm3\n vaddps ymm0, ymm0, ymm4\n ret\n.size step_stencil,.-step_stencil\n"
	/* as behind a prologue, so that the chain begins with the caller */
	"sha_block:\n.cfi_startproc\n.cfi_def_cfa rbp, 16\n"
	" paddd xmm1, xmm2\n pxor xmm1, xmm2\n ret\n.cfi_endproc\n.size sha_block,.-sha_block\n"
	"tail_reduce:\n vaddss xmm0, xmm1, xmm2\n ret\n.size tail_reduce,.-tail_reduce\n"
	"masked:\n vmulps ymm0{k1}, ymm1, ymm2\n ret\n.size masked,.-masked\n"
	"hash_rows:\n call sha_block\n ret\n.size hash_rows,.-hash_rows\n"
	"hash_columns:\n call sha_block\n ret\n.size hash_columns,.-hash_columns\n";

enum {
	SSE = 1 << XFEATURE_SSE, YMM = 1 << XFEATURE_YMM, OPMASK = 1 << XFEATURE_OPMASK,
	ZMM = 1 << XFEATURE_ZMM_Hi256, HI16 = 1 << XFEATURE_Hi16_ZMM,
	NR_STENCIL = 40, NR_SHA = 30, NR_TAIL = 20, NR_MASKED = 6, NR_KERNEL = 2, NR_UNKNOWN = 2,
	NR_ALL = NR_STENCIL + NR_SHA + NR_TAIL + NR_MASKED + NR_KERNEL + NR_UNKNOWN,
	WORKER = 101,
};

static const float SUBNORMAL = 1e-40f;

static uint64_t ms;

/* 40 samples: ymm1 normal; ymm3 with 2 of 8 lanes subnormal; ymm4 with 1 of 8 zero. */
static void write_stencil(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "step_stencil"), .value = SSE | YMM | HI16 };
	int i;

	for (i = 0; i < 8; i++) {
		s.ymm[1][i] = 1.5f;
		s.ymm[3][i] = i < 2 ? SUBNORMAL : 2.0f;
		s.ymm[4][i] = i ? 3.0f : 0.0f;
	}
	for (i = 0; i < NR_STENCIL; i++) {
		s.ms = ms++;
		recording__add(r, &s);
	}
}

/*
 * 30 samples: upper state is in use and non-zero in 20, in use and zero in 5,
 * not in use in 5. Of the 25 in use hash_rows calls 20 and hash_columns 5.
 */
static void write_sha(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "sha_block") };
	int i;

	s.ymm[1][0] = 1.0f;
	for (i = 0; i < NR_SHA; i++) {
		s.value = SSE | (i < 25 ? YMM : 0);
		s.ymm[15][7] = i < 20 ? 1.0f : 0.0f;
		s.caller = recording__symbol(r, i % 5 ? "hash_rows" : "hash_columns") + 5;
		s.ms = ms++;
		recording__add(r, &s);
	}
}

/*
 * 20 samples in thread "worker", with FTZ and DAZ from the 11th on, where the
 * upper half of ymm is in use; xmm1 is NaN in 5, xmm2 always infinite.
 */
static void write_tail(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "tail_reduce"), .tid = WORKER };
	int i;

	s.ymm[2][0] = 1.0f / 0.0f;
	for (i = 0; i < NR_TAIL; i++) {
		s.value = SSE | (i >= 10 ? YMM : 0);
		s.ymm[9][4] = 1.0f;
		s.ymm[1][0] = i < 5 ? 0.0f / 0.0f : 1.0f;
		s.mxcsr = i >= 10 ? MXCSR_INIT | MXCSR_FTZ | MXCSR_DAZ | MXCSR_PE : MXCSR_INIT;
		s.ms = ms++;
		recording__add(r, &s);
	}
}

/* 6 samples: of ymm1's subnormal lanes 0-3 the mask lets only lane 0 through. */
static void write_masked(struct recording *r)
{
	struct recording_sample s = { .ip = recording__symbol(r, "masked"), .value = SSE | YMM | OPMASK | ZMM };
	int i;

	for (i = 0; i < 8; i++) {
		s.ymm[1][i] = i < 4 ? SUBNORMAL : 1.0f;
		s.ymm[2][i] = 1.0f;
	}
	s.k[1] = 0x31;			/* lanes 0, 4, 5 */
	s.zmm_hi[7][7] = 1.0f;
	for (i = 0; i < NR_MASKED; i++) {
		s.ms = ms++;
		recording__add(r, &s);
	}
}

/* In the kernel without registers; and of a user sample only XMM was captured. */
static void write_unknown(struct recording *r)
{
	struct recording_sample kernel = { .ip = UINT64_C(0xffffffff80000000), .no_registers = true,
					   .cpumode = PERF_RECORD_MISC_KERNEL };
	struct recording_sample part = { .ip = recording__symbol(r, "step_stencil"), .captured = SSE, .value = SSE };
	int i;

	for (i = 0; i < NR_KERNEL; i++) {
		kernel.ms = ms++;
		recording__add(r, &kernel);
	}
	part.xinuse = SSE | YMM;
	for (i = 0; i < NR_UNKNOWN; i++) {
		part.ms = ms++;
		recording__add(r, &part);
	}
}

static void write_recording(struct recording *r, const char *path)
{
	recording__open(r, path, source);
	recording__comm(r, WORKER, "worker", 0);
	write_stencil(r);
	write_sha(r);
	write_tail(r);
	write_masked(r);
	write_unknown(r);
	recording__close(r);
}

/* ---- one pass, as the command makes it ------------------------------------------ */

static struct recording rec;
static char path[] = "/tmp/test_views.XXXXXX";
static struct machine *machine;
static struct facts_options options;

static void count(struct hist *h, struct perfdata_reader *r, const struct perfdata_record *record)
{
	const struct sample *s = &record->sample;
	struct callchain room;
	struct facts_chain chain = { .machine = machine, .c = &room };
	struct facts f = { .s = s, .weight = 1, .seconds = (s->time - 1) / 1e9, .chain = &chain };
	struct xstate_regs regs;

	assert_int_equal(sample__regs(s, &perfdata_reader__info(r)->layout, &regs, NULL), 0);
	f.loc = machine__find(machine, s->pid, s->ip, s->cpumode);
	f.insn = machine__insn(machine, f.loc);
	f.nr_reads = machine__reads(machine, f.loc, &f.reads);
	f.comm = machine__comm(machine, s->pid, s->tid);
	facts__regs(&f, &regs, &options);
	hist__add(h, &f);
}

static void fill(struct hist *h, const struct view *v, const char *sort)
{
	struct perfdata_reader *r;
	struct perfdata_record record;
	struct err e;
	int ret;

	assert_int_equal(machine__new(NULL, &machine, &e), 0);
	assert_int_equal(hist__init(h, v, machine, sort, &e), 0);
	assert_int_equal(perfdata_reader__open(path, &r, &e), 0);
	while ((ret = perfdata_reader__next(r, &record, &e)) > 0) {
		if (record.kind == PERFDATA_SAMPLE)
			count(h, r, &record);
		else
			assert_int_equal(machine__record(machine, &record, &e), 0);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(h->samples, NR_ALL);
	perfdata_reader__close(r);
}

static void empty(struct hist *h)
{
	hist__free(h);
	machine__free(machine);
	options = (struct facts_options){ 0 };
}

static const void *acc_of(const struct hist *h, const char *symbol)
{
	const void *acc = NULL;
	struct hist_entry **list;
	size_t i, n;

	list = hist__sorted(h, &n);
	for (i = 0; i < n; i++)
		if (!strcmp(entry__symbol_name(list[i]), symbol))
			acc = list[i]->acc;
	free(list);
	assert_non_null(acc);
	return acc;
}

static void test_width(void **state)
{
	const struct width_acc *a;
	struct hist h;

	(void)state;
	options.want_nonzero = true;
	fill(&h, &view_width, NULL);
	a = acc_of(&h, "step_stencil");
	/* 42 samples; of two only XINUSE says that YMM is in use */
	assert_int_equal(a->known, NR_STENCIL + NR_UNKNOWN);
	assert_int_equal(a->width[1], NR_STENCIL + NR_UNKNOWN);
	assert_int_equal(a->nonzero_known, NR_STENCIL);
	assert_int_equal(a->nonzero[2], NR_STENCIL);
	assert_int_equal(a->hi16, NR_STENCIL);
	a = acc_of(&h, "sha_block");
	assert_int_equal(a->width[0], 5);
	assert_int_equal(a->width[1], 25);
	assert_int_equal(a->nonzero[1], 10);
	assert_int_equal(a->nonzero[2], 20);
	a = acc_of(&h, "masked");
	assert_int_equal(a->width[2], NR_MASKED);
	assert_int_equal(a->nonzero[3], NR_MASKED);
	empty(&h);
}

static void test_dirty(void **state)
{
	const struct dirty_acc *a;
	const struct hist_pair *p;
	struct hist h;

	(void)state;
	fill(&h, &view_dirty, NULL);
	a = acc_of(&h, "sha_block");
	assert_int_equal(a->legacy, NR_SHA);
	assert_int_equal(a->legacy_known, NR_SHA);
	assert_int_equal(a->legacy_in_use, 25);
	assert_int_equal(a->legacy_nonzero, 20);
	assert_int_equal(a->scalar, 0);
	p = hist_pair__max(a->callers, 0);
	assert_string_equal(((const struct symbol *)p->thing)->name, "hash_rows");
	assert_int_equal(p->count[0], 20);
	a = acc_of(&h, "tail_reduce");
	assert_int_equal(a->legacy, 0);
	assert_int_equal(a->scalar, NR_TAIL);
	assert_int_equal(a->scalar_in_use, 10);
	assert_int_equal(a->scalar_nonzero, 10);
	empty(&h);
}

static void test_mxcsr(void **state)
{
	const struct mxcsr_acc *a;
	struct hist_entry **list;
	struct hist h;
	size_t i, n, seen = 0;

	(void)state;
	fill(&h, &view_mxcsr, NULL);
	list = hist__sorted(&h, &n);
	for (i = 0; i < n; i++) {
		a = list[i]->acc;
		if (list[i]->tid != WORKER || !(a->control & MXCSR_FTZ))
			continue;
		assert_int_equal(a->control, MXCSR_INIT | MXCSR_FTZ | MXCSR_DAZ);
		assert_int_equal(a->known, 10);
		assert_int_equal(a->sticky[5], 10);
		assert_true(a->first_seen > 0.0799 && a->first_seen < 0.0801);
		seen++;
	}
	/* main, worker before and after, kernel samples of which nothing is known */
	assert_int_equal(n, 4);
	assert_int_equal(seen, 1);
	free(list);
	empty(&h);
}

/* ymm1 and ymm3 are read by vmulps, ymm4 by the vaddps behind it: 24 lanes a sample. */
static void test_fp(void **state)
{
	const struct fp_acc *a;
	struct hist h;

	(void)state;
	fill(&h, &view_fp, NULL);
	a = acc_of(&h, "step_stencil");
	assert_int_equal(a->all, NR_STENCIL + NR_UNKNOWN);
	assert_int_equal(a->samples, NR_STENCIL);
	assert_int_equal(a->unknown, NR_UNKNOWN);
	assert_int_equal(a->lane_total, NR_STENCIL * 24);
	assert_int_equal(a->lane[XSTATE_FP_SUBNORMAL], NR_STENCIL * 2);
	assert_int_equal(a->lane[XSTATE_FP_ZERO], NR_STENCIL * 1);
	assert_int_equal(a->lane[XSTATE_FP_NORMAL], NR_STENCIL * 21);
	assert_int_equal(a->with[XSTATE_FP_SUBNORMAL], NR_STENCIL);
	assert_int_equal(a->types, 1 << XSTATE_F32);
	a = acc_of(&h, "tail_reduce");
	assert_int_equal(a->lane_total, NR_TAIL * 2);
	assert_int_equal(a->lane[XSTATE_FP_INF], NR_TAIL);
	assert_int_equal(a->lane[XSTATE_FP_QNAN], 5);
	a = acc_of(&h, "masked");
	assert_int_equal(a->lane_total, NR_MASKED * 2 * 3);
	assert_int_equal(a->lane[XSTATE_FP_SUBNORMAL], NR_MASKED);
	a = acc_of(&h, "sha_block");
	assert_int_equal(a->lane_total, 0);
	empty(&h);
}

/* Then paddd's xmm1 and xmm2 count as well, four lanes each. */
static void test_type_given(void **state)
{
	const struct fp_acc *a;
	struct hist h;

	(void)state;
	options = (struct facts_options){ .type_given = true, .type = XSTATE_F32 };
	fill(&h, &view_fp, NULL);
	a = acc_of(&h, "sha_block");
	assert_int_equal(a->lane_total, NR_SHA * 8);
	assert_int_equal(a->lane[XSTATE_FP_ZERO], NR_SHA * 7);
	empty(&h);
}

static void test_sort_keys(void **state)
{
	struct err e;
	struct hist h;

	(void)state;
	fill(&h, &view_summary, "comm");
	assert_int_equal(h.table.used, 2);
	empty(&h);
	fill(&h, &view_summary, "tid,symbol");
	assert_int_equal(h.table.used, 5);
	empty(&h);
	assert_int_equal(hist__init(&h, &view_summary, NULL, "symbol,colour", &e), -1);
	assert_int_equal(e.status, XREGS_USAGE);
	assert_non_null(strstr(e.msg, "'colour'"));
	assert_int_equal(hist__init(&h, &view_summary, NULL, "pid,tid,cpu,pid,tid,cpu,pid", &e), -1);
}

static void look(const struct pass_options *o, struct findings *f)
{
	struct pass pass = { 0 };
	struct err e;

	assert_int_equal(pass__open(&pass, o, &e), 0);
	assert_int_equal(pass__add_findings(&pass, &e), 0);
	assert_int_equal(pass__read(&pass, &e), 0);
	findings__make(f, &pass);
	pass__free(&pass);
}

static unsigned int count_kind(const struct findings *f, const char *kind)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < f->nr; i++)
		n += !strcmp(f->list[i].kind, kind);
	return n;
}

static void test_findings(void **state)
{
	const struct pass_options o = { .input = path };
	struct findings f;

	(void)state;
	look(&o, &f);
	/* masked has subnormals in all of its samples, but only 6 of them */
	assert_int_equal(count_kind(&f, "subnormal"), 1);
	assert_int_equal(count_kind(&f, "dirty"), 1);
	assert_int_equal(count_kind(&f, "mxcsr"), 1);
	assert_int_equal(count_kind(&f, "nan"), 1);
	assert_int_equal(count_kind(&f, "mask"), 0);
	assert_int_equal(count_kind(&f, "cpu"), 0);
	findings__free(&f);
}

/* The command is for the same samples as the finding. */
static void test_findings_commands(void **state)
{
	const struct pass_options o = { .input = path, .filter = "comm != 'x' , xinuse & avx", .symbols = "step_stencil,tail_reduce", .no_demangle = true };
	char want[256];
	struct findings f;
	size_t i;

	(void)state;
	look(&o, &f);
	assert_int_equal(count_kind(&f, "subnormal"), 1);
	for (i = 0; i < f.nr; i++) {
		snprintf(want, sizeof(want), "perf xregs report -i %s --filter 'comm != '\\''x'\\'' , xinuse & avx' --no-demangle --view=", path);
		assert_memory_equal(f.list[i].more, want, strlen(want));
		snprintf(want, sizeof(want), " -S %s", !strcmp(f.list[i].kind, "subnormal") ? "step_stencil" : "step_stencil,tail_reduce");
		if (!strcmp(f.list[i].kind, "subnormal") || !strcmp(f.list[i].kind, "mxcsr"))
			assert_string_equal(f.list[i].more + strlen(f.list[i].more) - strlen(want), want);
	}
	findings__free(&f);
}

static void test_shell_quote(void **state)
{
	static const struct { const char *word, *quoted; } cases[] = {
		{ "a.b/c-d_1,2:x", "a.b/c-d_1,2:x" }, { "", "''" }, { "a b", "'a b'" }, { "it's", "'it'\\''s'" },
		{ "$(x)\\", "'$(x)\\'" }, { "a\nb'\\", "$'a\\012b\\'\\\\'" }, { "\x1b[1m9", "$'\\033[1m9'" },
	};
	struct arena a = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(shell__quote(&a, cases[i].word), cases[i].quoted);
	arena__free(&a);
}

/*
 * The bound is the share from which the observed one is z standard errors
 * away; that is what is checked here, by its definition.
 */
static void check_wilson(double k, double n)
{
	double low = wilson_lower(k, n), away = k / n - low;

	assert_true(low >= 0 && low <= k / n);
	assert_true(fabs(away - 1.96 * sqrt(low * (1 - low) / n)) < 1e-9);
}

static void test_wilson(void **state)
{
	(void)state;
	check_wilson(5, 20);
	check_wilson(20, 20);
	check_wilson(1, 100000);
	check_wilson(99, 100);
	assert_true(wilson_lower(0, 50) < 1e-12);
	assert_false(proves(19, 19, 0.01));
	assert_false(proves(4, 1000, 0.0001));
	assert_true(proves(20, 20, 0.01));
	assert_false(proves(20, 20, 0.9));
}

static void test_cells(void **state)
{
	static const struct {
		struct cell cell;
		const char *text;
	} cases[] = {
		{ { .kind = CELL_UNKNOWN }, "?" },
		{ { .kind = CELL_NONE }, "-" },
		{ { .kind = CELL_SHARE, .share = 0.124 }, "12.4 %" },
		{ { .kind = CELL_SHARE, .share = 0.0001 }, "<0.1 %" },
		{ { .kind = CELL_SHARE, .share = 0.99999 }, ">99.9 %" },
		{ { .kind = CELL_SHARE, .share = 1, .mark = true }, "100 % !" },
		{ { .kind = CELL_COUNT_SHARE, .count = 256, .share = 0.98 }, "256  98 %" },
		{ { .kind = CELL_TEXT_SHARE, .text = "FTZ", .share = 1 }, "FTZ" },
		{ { .kind = CELL_HEX, .count = 0x9fc0 }, "0x9fc0" },
	};
	char buf[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(cell__format(&cases[i].cell, buf, sizeof(buf)), cases[i].text);
	assert_int_equal(cell__share(0, 0).kind, CELL_UNKNOWN);
	assert_int_equal(cell__share(0, 5).kind, CELL_NONE);
}

static void test_mxcsr_text(void **state)
{
	char buf[MXCSR_TEXT_MAX];

	(void)state;
	assert_string_equal(mxcsr__text(MXCSR_INIT, buf), "");
	assert_string_equal(mxcsr__text(MXCSR_INIT | 0x3f, buf), "");
	assert_string_equal(mxcsr__text(0x9fc0, buf), "FTZ DAZ");
	assert_string_equal(mxcsr__text(0x7f80, buf), "round zero");
	assert_string_equal(mxcsr__text(0x1d80, buf), "unmasked ZM");
	assert_string_equal(mxcsr__text(0xe000, buf), "FTZ round zero unmasked IM DM ZM OM UM PM");
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
		cmocka_unit_test(test_width), cmocka_unit_test(test_dirty), cmocka_unit_test(test_mxcsr),
		cmocka_unit_test(test_fp), cmocka_unit_test(test_type_given), cmocka_unit_test(test_sort_keys),
		cmocka_unit_test(test_findings), cmocka_unit_test(test_findings_commands),
		cmocka_unit_test(test_shell_quote), cmocka_unit_test(test_wilson), cmocka_unit_test(test_cells),
		cmocka_unit_test(test_mxcsr_text),
	};

	if (argc == 2) {
		write_recording(&rec, argv[1]);
		puts(rec.folder);
		return 0;
	}
	return cmocka_run_group_tests_name("views", tests, set_up, tear_down);
}
