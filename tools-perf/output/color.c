/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/output.h"

int output__check_color(const char *when, struct err *e)
{
	if (strcmp(when, "always") && strcmp(when, "never") && strcmp(when, "auto"))
		return err__usage(e, "'--color=%s': WHEN is always, never or auto", when);
	return 0;
}

bool output__want_color(const char *when)
{
	const char *no = getenv("NO_COLOR");

	if (strcmp(when, "auto"))
		return !strcmp(when, "always");
	return isatty(STDOUT_FILENO) && (!no || !*no);
}
