/* SPDX-License-Identifier: GPL-2.0-only */
/* A compiled expression over one sample. */
#include <stdio.h>
#include <string.h>

#include "filter/internal.h"

/* Back up to the last '*' on a mismatch: linear in space, no recursion. */
bool string__matches(const char *pattern, const char *s)
{
	const char *star = NULL, *retry = NULL;

	while (*s) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

/* The last part of a path; "//anon" and "[vdso]" are names, not paths. */
static const char *path__name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash || !strncmp(path, "//", 2) ? path : slash + 1;
}

static enum filter_result node__eval_string(const struct filter *f,
					    const struct node *n,
					    const struct filter_source *src)
{
	const char *pattern = f->strings + n->pattern;
	const char *s = n->text->string(src);

	if (!s)
		return FILTER_UNKNOWN;
	if (n->text->needs == FILTER_NEEDS_DSO && !n->path)
		s = path__name(s);
	return n->glob ? string__matches(pattern, s) : !strcmp(pattern, s);
}

static enum filter_result node__eval_regs(const struct node *n,
					  const struct filter_source *src)
{
	const struct xstate_regs *r = NULL;

	if (src->ops && src->ops->regs)
		r = src->ops->regs(src->ctx);
	return r ? selection__eval(&n->sel, r) : FILTER_UNKNOWN;
}

static enum filter_result node__eval_field(const struct node *n,
					   const struct filter_source *src)
{
	struct field_value v = { 0, 0 };

	n->field->get(src, &v);
	return test__masked(&n->test, v.value, v.known);
}

static enum filter_result node__eval(const struct filter *f, int nr,
				     const struct filter_source *src, int *blame);

/*
 * Kleene's logic: the decisive value ends it, and an unknown operand is only
 * given up on when no later one decides.
 */
static enum filter_result node__eval_group(const struct filter *f,
					   const struct node *n,
					   const struct filter_source *src,
					   int *blame)
{
	enum filter_result decisive = n->kind == NODE_OR ? FILTER_TRUE : FILTER_FALSE;
	enum filter_result result = !decisive, r;
	int i, who = -1;

	for (i = n->child; i >= 0; i = f->node[i].next) {
		r = node__eval(f, i, src, &who);
		if (r == decisive)
			return r;
		if (r == FILTER_UNKNOWN && result != FILTER_UNKNOWN) {
			result = r;
			*blame = who;
		}
	}
	return result;
}

static enum filter_result node__eval(const struct filter *f, int nr,
				     const struct filter_source *src, int *blame)
{
	const struct node *n = &f->node[nr];
	enum filter_result r = FILTER_UNKNOWN;

	*blame = nr;
	switch ((enum node_kind)n->kind) {
	case NODE_AND:
	case NODE_OR:
		r = node__eval_group(f, n, src, blame);
		break;
	case NODE_FIELD:
		r = node__eval_field(n, src);
		break;
	case NODE_STRING:
		r = node__eval_string(f, n, src);
		break;
	case NODE_TRACE:
		r = node__eval_trace(f, n, src);
		break;
	case NODE_REGS:
		r = node__eval_regs(n, src);
		break;
	}
	return n->negate && r != FILTER_UNKNOWN ? !r : r;
}

enum filter_result filter__eval(const struct filter *f,
				const struct filter_source *src)
{
	int blame;

	return node__eval(f, f->root, src, &blame);
}

bool filter__pass(struct filter *f, const struct filter_source *src)
{
	int blame;
	enum filter_result r = node__eval(f, f->root, src, &blame);

	f->stats.samples++;
	if (r == FILTER_UNKNOWN) {
		f->stats.unknown++;
		f->node[blame].unknown++;
	}
	f->stats.passed += r == FILTER_TRUE;
	return r == FILTER_TRUE;
}

const struct filter_stats *filter__stats(const struct filter *f)
{
	return &f->stats;
}

const char *filter__text(const struct filter *f)
{
	return f->text;
}

unsigned int filter__needs(const struct filter *f)
{
	return f->node[f->root].needs;
}

/* The term over which most samples fell out. */
static const struct node *filter__worst(const struct filter *f)
{
	const struct node *worst = NULL;
	int i;

	for (i = 0; i < f->nr; i++)
		if (f->node[i].unknown && (!worst || f->node[i].unknown > worst->unknown))
			worst = &f->node[i];
	return worst;
}

size_t filter__summary(const struct filter *f, char *buf, size_t size)
{
	const struct node *worst = filter__worst(f);
	int n, more = 0;

	n = snprintf(buf, size, "%llu of %llu samples pass",
		     (unsigned long long)f->stats.passed,
		     (unsigned long long)f->stats.samples);
	if (n < 0 || !worst)
		return n < 0 ? 0 : (size_t)n;
	more = snprintf((size_t)n < size ? buf + n : NULL, (size_t)n < size ? size - n : 0,
			"; %llu fell out, unknown in them: %.*s (%llu)",
			(unsigned long long)f->stats.unknown,
			(int)(worst->end - worst->start), f->text + worst->start,
			(unsigned long long)worst->unknown);
	return (size_t)n + (more < 0 ? 0 : (size_t)more);
}
