/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/idset.h"

static bool number__parse(const char **text, uint32_t *v)
{
	unsigned long long n;
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	n = strtoull(*text, &end, 10);
	*text = end;
	*v = n;
	return !errno && n <= UINT32_MAX;
}

/* NUMBER or NUMBER-NUMBER, up to a comma or the end. */
static bool range__parse(const char **text, uint32_t *first, uint32_t *last)
{
	if (!number__parse(text, first))
		return false;
	*last = *first;
	if (**text == '-') {
		++*text;
		if (!number__parse(text, last))
			return false;
	}
	return (!**text || **text == ',') && *first <= *last;
}

int idset__parse(struct idset *s, const char *option, const char *text, struct err *e)
{
	const char *p = text, *c;
	size_t items = 1;

	memset(s, 0, sizeof(*s));
	if (!text)
		return 0;
	for (c = text; *c; c++)
		items += *c == ',';
	s->range = malloc(items * sizeof(*s->range));
	if (!s->range)
		return err__set(e, "out of memory");
	for (;; p++) {
		if (!range__parse(&p, &s->range[s->nr].first, &s->range[s->nr].last)) {
			idset__free(s);
			return err__usage(e, "%s '%s' is no list of numbers; lists are 3 or 1,5 or 0-3,8", option, text);
		}
		s->nr++;
		if (!*p)
			return 0;
	}
}

bool idset__has(const struct idset *s, uint32_t id)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (id >= s->range[i].first && id <= s->range[i].last)
			return true;
	return false;
}

void idset__free(struct idset *s)
{
	free(s->range);
	memset(s, 0, sizeof(*s));
}
