/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of tracepoints, by libtraceevent, from the formats that stand in
 * the file's section TRACING_DATA: of our files and of those of perf record.
 */
#ifndef PERF_XREGS_TRACE_TRACE_H
#define PERF_XREGS_TRACE_TRACE_H

#include "perfdata/perfdata.h"
#include "trace/value.h"

struct trace;

/**
 * trace__open - read the formats of a file
 * @t: written: NULL when the file has none
 *
 * Of a section that is damaged or cut there are those before the damage.
 * Return: 0, or -1 with @e: the file cannot be read, no memory.
 */
int trace__open(struct perfdata_reader *r, struct trace **t, struct err *e);
/** trace__parse - the same from the section's bytes */
int trace__parse(const void *data, size_t size, struct trace **t, struct err *e);
void trace__free(struct trace *t);

/** trace__why - why fields may be unknown: what is damaged at which offset; @t may be NULL */
const char *trace__why(const struct trace *t);

/*
 * All of these take @t NULL and samples of any event; strings are valid until
 * the next call.
 */

/** trace__unknown - a sample of a tracepoint whose fields cannot be told */
bool trace__unknown(struct trace *t, const struct sample *s);
/** trace__text - the fields as the kernel's own format prints them; NULL: not known */
const char *trace__text(struct trace *t, const struct sample *s);
/**
 * trace__field - one field of a sample
 * @event: the tracepoint's name without its system, NULL: any
 * Return: false when the sample has no such field.
 */
bool trace__field(struct trace *t, const struct sample *s, const char *event, const char *name,
		  struct trace_value *v);
/** trace__field_at - its fields one by one, behind the common ones; false behind the last */
bool trace__field_at(struct trace *t, const struct sample *s, unsigned int i, const char **name,
		     struct trace_value *v);

#endif
