/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel runs of a filter, against the filter itself: the same
 * verdict for every hit, also where a field is unknown.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hit.h"
#include "random_sample.h"

static const char *const names[] = {
	"", "a", "ab", "worker", "worker-3", "worker-31", "solver", "swapper", "kworker/0:1", "fifteen-letters",
	"aaaaaaaaaaaaaaa", "with space", "\303\244\303\266",
};

static const char *const patterns[] = {
	"*", "?", "a", "a*", "*a", "a*a", "*a*a*", "worker*", "worker-?", "w*r-3*", "*er", "?????", "fifteen-letters",
	"fifteen-letters-and-more", "*-*-*", "s*p*r", "'with space'", "with*", "a??", "**", "?*?", "\303\244*",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

enum { NAMES = sizeof(names) / sizeof(names[0]), PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };

struct subject {
	struct sample sample;
	struct perfdata_attr attr;
	const char *comm;
};

static const char *subject__comm(void *ctx)
{
	return ((struct subject *)ctx)->comm;
}

static uint64_t pick(uint64_t *seed, uint64_t n)
{
	return random__next(seed) % n;
}

/* Small numbers, so that terms are true of some. */
static void subject__make(struct subject *s, uint64_t *seed)
{
	static const uint64_t kinds[] = { PERF_SAMPLE_IP, PERF_SAMPLE_TID, PERF_SAMPLE_CPU, PERF_SAMPLE_PERIOD };
	size_t i;

	*s = (struct subject){ .comm = pick(seed, 6) ? names[pick(seed, NAMES)] : NULL };
	s->sample = (struct sample){
		.attr = &s->attr, .ip = pick(seed, 8) ? pick(seed, 10) : UINT64_MAX - pick(seed, 2),
		.pid = pick(seed, 6), .tid = pick(seed, 6), .cpu = pick(seed, 4), .period = pick(seed, 5),
	};
	s->attr.attr.freq = pick(seed, 2);
	s->attr.attr.sample_period = pick(seed, 5);
	for (i = 0; i < 4; i++)
		s->sample.type |= pick(seed, 5) ? kinds[i] : 0;
}

/* ---- expressions ---------------------------------------------------------------------- */

static size_t put_term(char *buf, size_t size, uint64_t *seed)
{
	static const char *const fields[] = { "pid", "tid", "cpu", "ip", "period" };
	static const char *const ops[] = { "==", "!=", ">", ">=", "<", "<=" };

	if (!pick(seed, 4))
		return snprintf(buf, size, "comm %s %s", pick(seed, 2) ? "==" : "!=", patterns[pick(seed, PATTERNS)]);
	if (!pick(seed, 8))
		return snprintf(buf, size, "ip >= 0xfffffffffffffffe");
	if (!pick(seed, 6))
		return snprintf(buf, size, "%s & %d", fields[pick(seed, 5)], (int)pick(seed, 7) + 1);
	return snprintf(buf, size, "%s %s %d", fields[pick(seed, 5)], ops[pick(seed, 6)], (int)pick(seed, 8));
}

static size_t put_expression(char *buf, size_t size, uint64_t *seed, int depth)
{
	size_t n = 0, operands, i;

	if (!pick(seed, 4))
		n += snprintf(buf, size, "!");
	if (!depth || !pick(seed, 4))
		return n + put_term(buf + n, size - n, seed);
	operands = 1 + pick(seed, 4);
	n += snprintf(buf + n, size - n, "(");
	for (i = 0; i < operands; i++) {
		n += snprintf(buf + n, size - n, "%s", !i ? "" : pick(seed, 2) ? ", " : " || ");
		n += put_expression(buf + n, size - n, seed, depth - 1);
	}
	return n + snprintf(buf + n, size - n, ")");
}

static void same_verdict(const char *text, const struct filter *f, const struct hit_program *p, uint64_t *seed)
{
	static const struct filter_ops ops = { .comm = subject__comm };
	struct subject s;
	struct filter_source src = { .sample = &s.sample, .ops = &ops, .ctx = &s };
	struct hit h;
	int i;

	for (i = 0; i < 60; i++) {
		subject__make(&s, seed);
		h = hit__of_sample(&s.sample, s.comm);
		if ((int)hit_program__run(p, &h) != (int)filter__eval(f, &src))
			fail_msg("%s: pid %u tid %u cpu %u ip %lx period %lu comm %s: filter %d, program %d", text,
				 s.sample.pid, s.sample.tid, s.sample.cpu, (unsigned long)s.sample.ip,
				 (unsigned long)h.value[HIT_PERIOD], s.comm ? s.comm : "unknown", filter__eval(f, &src),
				 hit_program__run(p, &h));
	}
}

static void random_expressions(void **state)
{
	static struct hit_program p;
	char text[4097];
	struct filter *f;
	uint64_t seed = 20261124;
	int i, fit = 0;
	struct err e;

	(void)state;
	for (i = 0; i < 3000; i++) {
		if (put_expression(text, sizeof(text), &seed, (int)pick(&seed, 5)) >= sizeof(text))
			continue;
		if (filter__compile(&f, text, &e) || filter__check_hits(f, &e))
			fail_msg("%s", e.msg);
		if (filter__program(f, &p)) {
			same_verdict(text, f, &p, &seed);
			fit++;
		}
		filter__free(f);
	}
	assert_true(fit > 2000);
}

/* ---- limits and refusals -------------------------------------------------------------- */

static bool fits(const char *text)
{
	static struct hit_program p;
	struct filter *f;
	struct err e;
	bool ret;

	assert_int_equal(filter__compile(&f, text, &e), 0);
	assert_int_equal(filter__check_hits(f, &e), 0);
	ret = filter__program(f, &p);
	filter__free(f);
	return ret;
}

static void limits(void **state)
{
	char text[4096] = "pid == 0";
	int i;

	(void)state;
	/* a group is an operation as well */
	for (i = 1; i < HIT_OPS_MAX - 1; i++)
		sprintf(text + strlen(text), " || pid == %d", i);
	assert_true(fits(text));
	strcat(text, " || pid == 1000");
	assert_false(fits(text));
	strcpy(text, "comm == a0");
	for (i = 1; i < HIT_PATTERNS_MAX; i++)
		sprintf(text + strlen(text), " || comm == a%d", i);
	assert_true(fits(text));
	strcat(text, ", comm != a0");
	assert_true(fits(text));
	strcat(text, ", comm != b");
	assert_false(fits(text));
}

static void refused(void **state)
{
	static const struct { const char *text, *term, *why; } rows[] = {
		{ "mxcsr & daz", "'mxcsr & daz'", "registers are read after" },
		{ "pid == 1, any(ymm.f64) == nan", "'any(ymm.f64) == nan'", "column 11" },
		{ "sym == kern, comm == a", "'sym == kern'", "symbols and objects are looked up" },
		{ "dso == libm.so.6", "'dso == libm.so.6'", "symbols and objects" },
		{ "time > 12.5", "'time > 12.5'", "once the sample is written" },
		{ "comm == a || (pid == 1, addr > 4)", "'addr > 4'", "column 25" },
		{ "xinuse & avx512", "'xinuse & avx512'", "--filter of report and script" },
	};
	struct filter *f;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(filter__compile(&f, rows[i].text, &e), 0);
		assert_int_equal(filter__check_hits(f, &e), -1);
		assert_int_equal(e.status, XREGS_USAGE);
		assert_non_null(strstr(e.msg, rows[i].term));
		assert_non_null(strstr(e.msg, rows[i].why));
		assert_non_null(strstr(e.msg, "^~"));
		filter__free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_expressions), cmocka_unit_test(limits), cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests_name("hits", tests, NULL, NULL);
}
