/* SPDX-License-Identifier: GPL-2.0-only */
/* What makes findings: sentences and commands, inside of this folder. */
#ifndef PERF_XREGS_FINDINGS_H
#define PERF_XREGS_FINDINGS_H

#include "views/pass.h"

struct maker {
	struct findings *f;
	struct pass *pass;
	bool all;			/* no option leaves samples out, so that "only" can be said */
};

enum { MAX_NAMED = 3 };

/** maker__printf - a text that lives as long as the findings; "" without memory */
const char *maker__printf(struct maker *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** maker__percent - "12.4 %" */
const char *maker__percent(struct maker *m, uint64_t part, uint64_t whole);
/** maker__name - of a symbol, for a sentence: with its object where it is only an address */
const char *maker__name(struct maker *m, const struct symbol *s);
/** maker__place - "step.c:118 (vmulps ...)", or "+0x24 (...)" without debug information */
const char *maker__place(struct maker *m, const struct location *loc);
/**
 * maker__add - a finding
 * @text: the sentence
 * @view: that shows more, of @s alone if that is not NULL
 */
void maker__add(struct maker *m, const char *kind, const char *text, const struct view *view, const struct symbol *s);

/* By what they are about. */
void maker__threads(struct maker *m);

#endif
