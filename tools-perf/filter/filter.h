/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The --filter expression: which samples are looked at. GRAMMAR.md in this
 * folder is the description for users.
 *
 * An expression is compiled once and evaluated for each sample, without
 * allocation. Three-valued: a term over a register (or field) that the sample
 * does not have is unknown, "!" of unknown is unknown, "||" is true when any
 * operand is and "," false when any operand is; what stays unknown does not
 * pass and is counted.
 */
#ifndef PERF_XREGS_FILTER_H
#define PERF_XREGS_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xstate/xstate.h>

#include "perfdata/perfdata.h"
#include "trace/value.h"
#include "util/err.h"

struct filter;

/*
 * What a sample itself does not hold, asked for when a term needs it and not
 * before. A callback may be NULL, and may return NULL: unknown.
 */
struct filter_ops {
	const struct xstate_regs *(*regs)(void *ctx);
	const char *(*comm)(void *ctx);	/* name of the thread */
	const char *(*sym)(void *ctx);	/* symbol at ip */
	const char *(*dso)(void *ctx);	/* path of the object at ip */
	/** field - of a tracepoint, of this one if @event; false: it has none such */
	bool (*field)(void *ctx, const char *event, const char *name, struct trace_value *v);
};

struct filter_source {
	const struct sample *sample;
	const struct filter_ops *ops;
	void *ctx;
};

enum filter_result {
	FILTER_FALSE	= 0,
	FILTER_TRUE	= 1,
	FILTER_UNKNOWN	= 2,
};

/**
 * filter__compile - an expression, ready for samples
 * @f: written on success; filter__free() it
 * @text: the expression, at most 4096 bytes
 *
 * Return: 0, or -1 with a usage error that names what was expected and what
 * may have been meant, and shows the place with a caret below the expression.
 */
int filter__compile(struct filter **f, const char *text, struct err *e);

void filter__free(struct filter *f);

/** filter__eval - the expression's value for one sample; counts nothing */
enum filter_result filter__eval(const struct filter *f,
				const struct filter_source *src);

/** filter__pass - is the sample one to look at? Counts it. */
bool filter__pass(struct filter *f, const struct filter_source *src);

struct filter_stats {
	uint64_t samples;	/* that filter__pass() saw */
	uint64_t passed;
	uint64_t unknown;	/* fell out: neither true nor false */
};

/** filter__stats - what filter__pass() counted so far */
const struct filter_stats *filter__stats(const struct filter *f);

/** filter__text - the expression as it was given */
const char *filter__text(const struct filter *f);

/**
 * filter__summary - the counts in words, for the head of a report
 * @buf: @size bytes, always terminated: "1203 of 18204 samples pass; 57 fell
 *	out, unknown in them: ymm3.f32[2] > 1 (57)"
 *
 * Return: the length, which is @size or more when the text was cut.
 */
size_t filter__summary(const struct filter *f, char *buf, size_t size);

/* What an expression looks at. */
enum filter_needs {
	FILTER_NEEDS_REGS	= 1,
	FILTER_NEEDS_COMM	= 2,
	FILTER_NEEDS_SYM	= 4,
	FILTER_NEEDS_DSO	= 8,
	FILTER_NEEDS_TRACE	= 16,
};

/** filter__needs - the callbacks that it may call: FILTER_NEEDS_* */
unsigned int filter__needs(const struct filter *f);

#endif
