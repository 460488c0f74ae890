/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdio.h>

#include "util/err.h"

static int err__fill(struct err *e, int status, const char *fmt, va_list ap)
{
	e->status = status;
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	return -1;
}

int err__set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err__fill(e, XREGS_FAILED, fmt, ap);
	va_end(ap);
	return -1;
}

int err__usage(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err__fill(e, XREGS_USAGE, fmt, ap);
	va_end(ap);
	return -1;
}
