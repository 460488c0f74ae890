/* SPDX-License-Identifier: GPL-2.0-only */
/* The name that somebody may have meant. */
#ifndef PERF_XREGS_UTIL_SUGGEST_H
#define PERF_XREGS_UTIL_SUGGEST_H

#include <stddef.h>
#include <stdint.h>

enum { SUGGEST_NAME_MAX = 40 };

struct suggest {
	const char *word;
	uint32_t len;
	unsigned int best;
	char name[SUGGEST_NAME_MAX + 1];
};

/** suggest__start - look for names near @len bytes at @word */
void suggest__start(struct suggest *s, const char *word, uint32_t len);
/** suggest__add - one more name that would have been right here */
void suggest__add(struct suggest *s, const char *name);
/** suggest__text - "; did you mean 'sym'?", or "" */
const char *suggest__text(const struct suggest *s, char *buf, size_t size);

#endif
