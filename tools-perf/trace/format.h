/* SPDX-License-Identifier: GPL-2.0-only */
/* A tracepoint's format, looked through before libtraceevent gets it. */
#ifndef PERF_XREGS_TRACE_FORMAT_H
#define PERF_XREGS_TRACE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* Stands for a print format that was left out; the kernel has none of a blank. */
#define FORMAT_NO_PRINT " "

struct format {
	char *text;			/* for the library, to be freed */
	size_t size;
	unsigned int id;
};

/**
 * format__make - what of a format the library can take
 * @data: the kernel's text [Documentation/trace/events.rst, "Event formats"]
 *
 * Fields must lie in a record of 64 KiB. A print format that reads as many
 * bytes as the record says, or nests deeper than any of the kernel's, is left
 * out: the fields are then printed one by one.
 * Return: 0 with @f, -1: this is no format, or there is no memory.
 */
int format__make(struct format *f, const char *data, size_t size);

#endif
