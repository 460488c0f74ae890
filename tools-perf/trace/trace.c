/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>
#include <traceevent/trace-seq.h>

#include "perfdata/format.h"
#include "trace/format.h"
#include "trace/trace.h"

enum {
	/*
	 * A field's place and length in a record have 16 bits each, and the
	 * library follows them wherever they lead: this much may be read.
	 */
	RAW_ROOM	= 3 << 16,
	STRING_ROOM	= 256,
};

struct trace {
	struct tep_handle *tep;
	struct trace_seq seq;
	uint8_t *raw;			/* RAW_ROOM bytes: a record, the rest 0 */
	size_t raw_len;
	char string[STRING_ROOM];
	char damage[200];		/* of the section; "": none */
};

/* ---- the section -------------------------------------------------------------------------- */

struct section {
	struct span s;
	const uint8_t *start;
	struct trace *t;
};

/* What stands before the damage is read all the same. */
static int section__damaged(const struct section *x, const char *what, size_t at)
{
	if (!*x->t->damage)
		snprintf(x->t->damage, sizeof(x->t->damage), "%s at offset %zu of the section TRACING_DATA", what, at);
	return -1;
}

static int section__missing(const struct section *x, const char *what)
{
	char text[80];

	snprintf(text, sizeof(text), "%s is damaged or missing", what);
	return section__damaged(x, text, x->s.p - x->start);
}

/* A text of u64 length; NULL when it is not whole. */
static const char *section__text(struct section *x, uint64_t *size)
{
	*size = span__u64(&x->s);
	if (x->s.bad || *size > span__left(&x->s))
		return NULL;
	return (const char *)span__take(&x->s, *size);
}

static int section__head(struct section *x)
{
	static const char magic[] = { 23, 8, 68, 't', 'r', 'a', 'c', 'i', 'n', 'g' };
	const uint8_t *p = span__take(&x->s, sizeof(magic)), *order, *of_long;
	const char *version = p && !memcmp(p, magic, sizeof(magic)) ? span__string(&x->s) : NULL;

	if (!version)
		return section__missing(x, "its magic number");
	order = span__take(&x->s, 1);
	of_long = span__take(&x->s, 1);
	if (!order || !of_long)
		return section__missing(x, "the byte order");
	if (*order || *of_long != 8)
		return section__damaged(x, "they are of a machine of another byte order or word size:", order - x->start);
	tep_set_file_bigendian(x->t->tep, TEP_LITTLE_ENDIAN);
	tep_set_local_bigendian(x->t->tep, TEP_LITTLE_ENDIAN);
	tep_set_long_size(x->t->tep, *of_long);
	tep_set_page_size(x->t->tep, span__u32(&x->s));
	return 0;
}

/* Of ftrace's ring, which perf does not use: stepped over. */
static int section__ring_formats(struct section *x)
{
	static const char *const names[] = { "header_page", "header_event" };
	const char *name;
	uint64_t size;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		name = span__string(&x->s);
		if (!name || strcmp(name, names[i]) || !section__text(x, &size))
			return section__missing(x, names[i]);
	}
	return 0;
}

/* One that is no format leaves its event without fields; the first of an event holds. */
static void section__format(struct section *x, const char *system, const char *text, size_t size)
{
	struct format f;
	bool bad = format__make(&f, text, size);

	if (!bad && !tep_find_event(x->t->tep, f.id))
		bad = tep_parse_event(x->t->tep, f.text, f.size, system);
	if (bad)
		section__damaged(x, "a format is not one of the kernel's", (const uint8_t *)text - x->start);
	free(f.text);
}

static int section__formats(struct section *x, const char *system)
{
	uint32_t nr = span__u32(&x->s);
	const char *text;
	uint64_t size;

	for (; nr && !x->s.bad; nr--) {
		text = section__text(x, &size);
		if (!text)
			break;
		section__format(x, system, text, size);
	}
	return nr || x->s.bad ? section__missing(x, "a format") : 0;
}

static int section__systems(struct section *x)
{
	uint32_t nr = span__u32(&x->s);
	const char *name;

	for (; nr && !x->s.bad; nr--) {
		name = span__string(&x->s);
		if (!name)
			return section__missing(x, "a system's name");
		if (section__formats(x, name))
			return -1;
	}
	return x->s.bad ? section__missing(x, "the list of systems") : 0;
}

/*
 * "0xffffffff81234567 : "text"" a line: strings that print formats refer to. The
 * library takes a newline and a quote away from the end of each, and looks for
 * them before the begin of a shorter text: it gets both.
 */
static void trace__strings(struct trace *t, char *text)
{
	char *line, *save, *from, *to, ended[512];
	uint64_t addr;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		from = strchr(line, '"');
		to = from ? strrchr(from + 1, '"') : NULL;
		if (!to || sscanf(line, "%" SCNx64, &addr) != 1)
			continue;
		snprintf(ended, sizeof(ended), "%.*s\\n\"", (int)(to - from - 1), from + 1);
		tep_register_print_string(t->tep, ended, addr);
	}
}

/* "4711 name" a line. */
static void trace__names(struct trace *t, char *text)
{
	char *line, *save, name[64];
	int pid;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%d %63[^\n]", &pid, name) == 2)
			tep_register_comm(t->tep, name, pid);
}

/* The rest may be missing: older versions of perf end earlier. */
static void section__strings(struct section *x)
{
	uint64_t size = span__u32(&x->s);
	const char *text;
	char *copy;

	span__take(&x->s, size);		/* kallsyms */
	size = span__u32(&x->s);
	text = (const char *)span__take(&x->s, size);
	copy = text && size ? strndup(text, size) : NULL;
	if (copy)
		trace__strings(x->t, copy);
	free(copy);
	text = section__text(x, &size);
	copy = text && size ? strndup(text, size) : NULL;
	if (copy)
		trace__names(x->t, copy);
	free(copy);
}

/* ---- open ------------------------------------------------------------------------------------ */

static struct trace *trace__new(void)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->raw = calloc(1, RAW_ROOM);
	t->tep = tep_alloc();
	trace_seq_init(&t->seq);
	if (t->raw && t->tep) {
		tep_set_loglevel(TEP_LOG_NONE);
		return t;
	}
	trace__free(t);
	return NULL;
}

int trace__parse(const void *data, size_t size, struct trace **out, struct err *e)
{
	struct section x = { .s = span__of(data, size), .start = data, .t = trace__new() };

	if (!x.t)
		return err__set(e, "out of memory");
	if (!section__head(&x) && !section__ring_formats(&x) && !section__formats(&x, "ftrace") &&
	    !section__systems(&x))
		section__strings(&x);
	*out = x.t;
	return 0;
}

int trace__open(struct perfdata_reader *r, struct trace **t, struct err *e)
{
	struct perfdata_section s;
	size_t i;
	int ret;

	*t = NULL;
	for (i = 0; (ret = perfdata_reader__section(r, i, &s, e)) > 0; i++)
		if (s.nr == PERFDATA_FEAT_TRACING_DATA && s.data)
			return trace__parse(s.data, s.size, t, e);
	return ret;
}

void trace__free(struct trace *t)
{
	if (!t)
		return;
	trace_seq_destroy(&t->seq);
	tep_free(t->tep);
	free(t->raw);
	free(t);
}

/* ---- samples ------------------------------------------------------------------------------------ */

static bool sample__is_trace(const struct sample *s)
{
	return s->attr && s->attr->attr.type == PERF_TYPE_TRACEPOINT;
}

static struct tep_event *trace__event(struct trace *t, const struct sample *s)
{
	if (!t || !sample__is_trace(s) || !s->raw || !s->raw_size || s->attr->attr.config > INT_MAX)
		return NULL;
	return tep_find_event(t->tep, s->attr->attr.config);
}

bool trace__unknown(struct trace *t, const struct sample *s)
{
	return sample__is_trace(s) && !trace__event(t, s);
}

const char *trace__why(const struct trace *t)
{
	if (!t)
		return "the file has no formats of tracepoints";
	return *t->damage ? t->damage : "the file has no format of theirs, or they carry no data";
}

/* The record where the library may read beyond its end. */
static void *trace__raw(struct trace *t, const struct sample *s)
{
	size_t len = s->raw_size < 1 << 16 ? s->raw_size : 1 << 16;

	if (len < t->raw_len)
		memset(t->raw + len, 0, t->raw_len - len);
	memcpy(t->raw, s->raw, len);
	t->raw_len = len;
	return t->raw;
}

/* An array of char, in the record or elsewhere in it, as a string. */
static bool field__string(struct trace *t, struct tep_format_field *f, const uint8_t *raw, struct trace_value *v)
{
	unsigned long long where;
	size_t at = f->offset, len = f->size;

	if (f->flags & TEP_FIELD_IS_DYNAMIC) {
		if (tep_read_number_field(f, raw, &where))
			return false;
		at = where & 0xffff;
		len = where >> 16 & 0xffff;
		if (f->flags & TEP_FIELD_IS_RELATIVE)
			at += f->offset + f->size;
	}
	if (at > t->raw_len || len > t->raw_len - at)
		return false;
	if (len >= sizeof(t->string))
		len = sizeof(t->string) - 1;
	memcpy(t->string, raw + at, len);
	t->string[len] = '\0';
	*v = (struct trace_value){ .string = t->string };
	return true;
}

static bool field__value(struct trace *t, struct tep_format_field *f, const struct sample *s, struct trace_value *v)
{
	const uint8_t *raw = trace__raw(t, s);
	unsigned long long number;

	if (f->offset < 0 || f->size <= 0 || (size_t)f->offset + f->size > t->raw_len)
		return false;
	if (f->flags & TEP_FIELD_IS_STRING)
		return field__string(t, f, raw, v);
	if (f->flags & TEP_FIELD_IS_ARRAY || tep_read_number_field(f, raw, &number))
		return false;
	*v = (struct trace_value){ .number = number, .is_signed = f->flags & TEP_FIELD_IS_SIGNED };
	/* the library reads them as they stand */
	if (v->is_signed && f->size < 8)
		v->number = (uint64_t)((int64_t)(number << (64 - 8 * f->size)) >> (64 - 8 * f->size));
	return true;
}

bool trace__field(struct trace *t, const struct sample *s, const char *event, const char *name,
		  struct trace_value *v)
{
	struct tep_event *ev = trace__event(t, s);
	struct tep_format_field *f;

	if (!ev || (event && strcmp(event, ev->name)))
		return false;
	f = tep_find_any_field(ev, name);
	return f && field__value(t, f, s, v);
}

bool trace__field_at(struct trace *t, const struct sample *s, unsigned int i, const char **name,
		     struct trace_value *v)
{
	struct tep_event *ev = trace__event(t, s);
	struct tep_format_field *f;
	unsigned int k;

	if (!ev)
		return false;
	for (f = ev->format.fields, k = 0; f && k < i; f = f->next, k++)
		;
	if (!f)
		return false;
	*name = f->name;
	if (!field__value(t, f, s, v))
		*v = (struct trace_value){ .string = "?" };
	return true;
}

/* Fields one by one, where there is no print format to go by. */
static void trace__print_fields(struct trace *t, const struct sample *s)
{
	struct trace_value v;
	const char *name;
	unsigned int i;

	for (i = 0; trace__field_at(t, s, i, &name, &v); i++) {
		trace_seq_printf(&t->seq, "%s%s=", i ? " " : "", name);
		if (v.string)
			trace_seq_puts(&t->seq, v.string);
		else
			trace_seq_printf(&t->seq, v.is_signed ? "%" PRId64 : "%" PRIu64, v.number);
	}
}

const char *trace__text(struct trace *t, const struct sample *s)
{
	struct tep_event *ev = trace__event(t, s);
	struct tep_record record = { .cpu = s->cpu, .ts = s->time };

	if (!ev)
		return NULL;
	trace_seq_reset(&t->seq);
	if (ev->print_fmt.format && strcmp(ev->print_fmt.format, FORMAT_NO_PRINT)) {
		record.data = trace__raw(t, s);
		record.size = record.record_size = t->raw_len;
		tep_print_event(t->tep, &t->seq, &record, "%s", TEP_PRINT_INFO);
	} else {
		trace__print_fields(t, s);
	}
	trace_seq_terminate(&t->seq);
	return t->seq.state == TRACE_SEQ__GOOD ? t->seq.buffer : NULL;
}
