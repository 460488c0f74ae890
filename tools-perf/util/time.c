/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdbool.h>
#include <string.h>

#include "util/time.h"

static const struct unit {
	const char *name;
	unsigned int digits;		/* behind the decimal point, down to 1 ns */
} units[] = {
	{ "ns", 0 }, { "us", 3 }, { "ms", 6 }, { "s", 9 },
};

static const struct unit *unit__find(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && !memcmp(units[i].name, s, len))
			return &units[i];
	return NULL;
}

/* Appends a decimal digit to @v; false: 64 bits do not hold it. */
static bool digit__append(uint64_t *v, char c)
{
	return !__builtin_mul_overflow(*v, UINT64_C(10), v) && !__builtin_add_overflow(*v, (uint64_t)(c - '0'), v);
}

const char *time__parse(uint64_t *ns, const char *s, size_t len)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(s, digits), frac = 0, at, i;
	const struct unit *u;
	uint64_t v = 0;

	whole = whole < len ? whole : len;
	at = whole;
	if (at < len && s[at] == '.') {
		frac = strspn(s + ++at, digits);
		frac = frac < len - at ? frac : len - at;
	}
	u = at + frac == len ? unit__find("s", 1) : unit__find(s + at + frac, len - at - frac);
	if (!u || !(whole + frac))
		return "is no time: 12.345678, 12s, 3ms, 5us, 7ns";
	if (frac > u->digits)
		return "is finer than a nanosecond";
	for (i = 0; i < whole + u->digits; i++)
		if (!digit__append(&v, i < whole ? s[i] : i - whole < frac ? s[at + i - whole] : '0'))
			return "is more nanoseconds than 64 bits hold";
	*ns = v;
	return NULL;
}
