/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "util/amount.h"

struct unit {
	char letter;
	uint64_t factor;
};

static bool amount__parse(const char *text, const struct unit *units, uint64_t *v)
{
	const struct unit *u;
	unsigned long long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	for (u = units; u->letter && u->letter != *end; u++)
		;
	if (errno || !u->letter || end[1] || !n || n > UINT64_MAX / u->factor)
		return false;
	*v = n * u->factor;
	return true;
}

bool amount__bytes(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ 'B', 1 }, { 'K', UINT64_C(1) << 10 }, { 'M', UINT64_C(1) << 20 }, { 'G', UINT64_C(1) << 30 }, { '\0', 0 },
	};

	return amount__parse(text, units, bytes);
}

bool amount__ns(const char *text, uint64_t *ns)
{
	static const uint64_t second = 1000000000;
	const struct unit units[] = {
		{ 's', second }, { 'm', 60 * second }, { 'h', 3600 * second }, { 'd', 86400 * second }, { '\0', 0 },
	};

	return amount__parse(text, units, ns);
}
