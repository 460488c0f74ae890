/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The section TRACING_DATA behind a record of its events. Bytes 0-1 say where
 * the section is cut, byte 2 how long the record is, byte 3 is not used.
 * Whatever the bytes are, it can be read and printed; and of what is cut off
 * fields become unknown or stay what they were.
 */
#include "perfdata/format.h"
#include "replay.h"
#include "trace/trace.h"

enum { HEAD = 4, FIELDS_MOST = 64, EVENTS = 4 };

struct seen {
	char name[64], string[256];
	struct trace_value v;
};

/* libtraceevent forgets tokens of formats that it cannot parse. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libtraceevent.so\n";
}

static struct trace *parse(const uint8_t *data, size_t size)
{
	uint8_t *copy = exact_copy(data, size);
	struct trace *t;
	struct err e;

	CHECK(!trace__parse(copy, size, &t, &e));
	free(copy);
	return t;
}

static unsigned int fields(struct trace *t, const struct sample *s, struct seen *to)
{
	const char *name;
	unsigned int i;

	for (i = 0; i < FIELDS_MOST && trace__field_at(t, s, i, &name, &to[i].v); i++) {
		snprintf(to[i].name, sizeof(to[i].name), "%s", name);
		snprintf(to[i].string, sizeof(to[i].string), "%s", to[i].v.string ? to[i].v.string : "");
	}
	return i;
}

static bool equal(const struct seen *a, const struct seen *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->string, b->string) && !a->v.string == !b->v.string &&
	       a->v.number == b->v.number && a->v.is_signed == b->v.is_signed;
}

static void print(struct trace *t, const struct sample *s)
{
	const char *text = trace__text(t, s);
	struct trace_value v;

	CHECK(!text == trace__unknown(t, s));
	if (text)
		touch(text, strlen(text) + 1);
	trace__field(t, s, NULL, "common_pid", &v);
	CHECK(*trace__why(t));
}

static void check_sample(struct trace *whole, struct trace *cut, const struct sample *s)
{
	static struct seen a[FIELDS_MOST], b[FIELDS_MOST];
	unsigned int i, n;

	print(whole, s);
	print(cut, s);
	if (trace__unknown(cut, s))
		return;
	CHECK(!trace__unknown(whole, s));
	n = fields(whole, s, a);
	CHECK(fields(cut, s, b) == n);
	for (i = 0; i < n; i++)
		CHECK(equal(&a[i], &b[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct perfdata_attr attr = { .attr = { .type = PERF_TYPE_TRACEPOINT } };
	struct sample s = { .attr = &attr };
	struct trace *whole, *cut;
	size_t left, at;
	uint8_t *raw;
	uint64_t id = 0;

	if (size < HEAD || size - HEAD < data[2])
		return 0;
	left = size - HEAD - data[2];
	at = (data[0] | data[1] << 8) % (left + 1);
	raw = exact_copy(data + HEAD, data[2]);
	s.raw = raw;
	s.raw_size = data[2];
	whole = parse(data + HEAD + data[2], left);
	cut = parse(data + HEAD + data[2], at);
	memcpy(&id, raw, data[2] < 2 ? data[2] : 2);
	for (attr.attr.config = id; attr.attr.config < id + EVENTS; attr.attr.config++)
		check_sample(whole, cut, &s);
	trace__free(cut);
	trace__free(whole);
	free(raw);
	return 0;
}
