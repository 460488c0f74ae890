/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An expression. One that is refused is refused with a place inside it; one
 * that is taken keeps its meaning in parentheses, twice, and under two "!",
 * and means the opposite under one. What the kernel would run of it, where it
 * can be decided at the hit, comes to the same verdict.
 */
#include <stdio.h>

#include "hit.h"
#include "random_sample.h"
#include "replay.h"

enum { SAMPLES = 6 };

static struct filter *compile(const char *format, const char *text)
{
	struct filter *f = NULL;
	struct err e;
	char *wrapped = NULL;

	CHECK(asprintf(&wrapped, format, text, text) >= 0);
	if (filter__compile(&f, wrapped, &e))
		f = NULL;
	free(wrapped);
	return f;
}

static void check_error(const char *text, const struct err *e)
{
	unsigned int column, lines = 0;
	const char *p;

	CHECK(e->status == XREGS_USAGE);
	for (p = e->msg; *p; p++) {
		CHECK((unsigned char)*p >= ' ' || *p == '\n');
		lines += *p == '\n';
	}
	if (strlen(text) > 4096)
		return;
	CHECK(lines == 2);
	CHECK(sscanf(e->msg, "filter, column %u: ", &column) == 1);
	CHECK(column >= 1 && column <= strlen(text) + 1);
}

static enum filter_result negation(enum filter_result r)
{
	return r == FILTER_UNKNOWN ? r : (enum filter_result)!r;
}

/* Half of what the limits allow: so much that it may be doubled and wrapped. */
static bool is_small(const char *text)
{
	unsigned int levels = 0;
	const char *p;

	for (p = text; *p; p++)
		levels += *p == '!' || *p == '(';
	return strlen(text) < 1000 && levels < 32;
}

static void check_value(struct filter *f, const char *text)
{
	static struct random_sample s;
	struct filter *paren = compile("(%s)", text), *not = compile("!(%s)", text);
	struct filter *twice = compile("%s , ( %s )", text), *either = compile("(%s) || (%s)", text);
	struct filter_source src;
	enum filter_result r;
	uint64_t seed = 5;
	int i, unknown = 0;

	for (i = 0; i < SAMPLES; i++) {
		random_sample__make(&s, &seed);
		src = random_sample__source(&s);
		r = filter__eval(f, &src);
		CHECK(r == FILTER_FALSE || r == FILTER_TRUE || r == FILTER_UNKNOWN);
		CHECK(!paren || filter__eval(paren, &src) == r);
		CHECK(!not || filter__eval(not, &src) == negation(r));
		CHECK(!twice || filter__eval(twice, &src) == r);
		CHECK(!either || filter__eval(either, &src) == r);
		CHECK(filter__pass(f, &src) == (r == FILTER_TRUE));
		unknown += r == FILTER_UNKNOWN;
	}
	CHECK(filter__stats(f)->samples == SAMPLES);
	CHECK(filter__stats(f)->unknown == (uint64_t)unknown);
	CHECK(!is_small(text) || (paren && not && twice && either));
	filter__free(paren);
	filter__free(not);
	filter__free(twice);
	filter__free(either);
}

/* The kernel cuts names after 15 bytes, so there are no longer ones at a hit. */
static void check_program(const struct filter *f, const char *text)
{
	static struct random_sample s;
	static struct hit_program p;
	struct filter_source src;
	struct hit h;
	struct err e;
	uint64_t seed = 7;
	int i;

	if (filter__check_hits(f, &e)) {
		check_error(text, &e);
		return;
	}
	if (!filter__program(f, &p))
		return;
	for (i = 0; i < SAMPLES; i++) {
		random_sample__make(&s, &seed);
		if (s.comm && strlen(s.comm) >= HIT_COMM)
			continue;
		src = random_sample__source(&s);
		h = hit__of_sample(&s.sample, s.comm);
		CHECK((int)hit_program__run(&p, &h) == (int)filter__eval(f, &src));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), buf[64];
	struct filter *f;
	struct err e;

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (filter__compile(&f, text, &e)) {
		check_error(text, &e);
	} else {
		CHECK(!strcmp(filter__text(f), text));
		check_value(f, text);
		check_program(f, text);
		CHECK(filter__summary(f, buf, sizeof(buf)) > 0);
		filter__free(f);
	}
	free(text);
	return 0;
}
