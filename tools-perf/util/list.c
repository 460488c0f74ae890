/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "util/list.h"

bool list__has(const char *list, const char *name)
{
	size_t len, n = strlen(name);

	if (!strcmp(list, name))
		return true;
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		if (len == n && !strncmp(list, name, n))
			return true;
		if (!list[len])
			return false;
	}
}
