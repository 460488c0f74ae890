/* SPDX-License-Identifier: GPL-2.0-only */
/* The section TRACING_DATA: written from a tracefs of our own, read back, damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "events/events.h"
#include "trace/trace.h"

static char root[64];
static struct event_source src = { .sysfs = "/nowhere", .tracefs = root };

static const char format[] =
"name: beat\nID: 77\nformat:\n"
"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
"\n"
"\tfield:char comm[8];\toffset:8;\tsize:8;\tsigned:0;\n"
"\tfield:int error;\toffset:16;\tsize:4;\tsigned:1;\n"
"\tfield:__data_loc char[] text;\toffset:20;\tsize:4;\tsigned:0;\n"
"\tfield:unsigned long addr;\toffset:24;\tsize:8;\tsigned:0;\n"
"\nprint fmt: \"comm=%s error=%d text=%s addr=%lx\", REC->comm, REC->error, __get_str(text), REC->addr\n";

/* The record of that format; "no end" fills its field without a NUL. */
static struct {
	uint16_t type;
	uint8_t flags, preempt;
	int32_t pid;
	char comm[8];
	int32_t error;
	uint32_t text;
	uint64_t addr;
	char at_text[8];
} record = {
	.type = 77, .pid = 5, .comm = "no end!!", .error = -22,
	.text = 32 | 6 << 16, .addr = 0xffffffff81000000, .at_text = "hello",
};

static const struct perfdata_attr attr = { .attr = { .type = PERF_TYPE_TRACEPOINT, .config = 77 } };

static void put(const char *name, const char *text)
{
	char path[256], *slash;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (slash = path + strlen(root); (slash = strchr(slash + 1, '/')); *slash = '/') {
		*slash = '\0';
		mkdir(path, 0755);
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int tracefs__make(void **state)
{
	(void)state;
	strcpy(root, "/tmp/xregs-trace-XXXXXX");
	assert_non_null(mkdtemp(root));
	put("events/header_page", "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n");
	put("events/header_event", "# compressed entry header\n");
	put("events/heart/beat/id", "77\n");
	put("events/heart/beat/format", format);
	put("events/heart/stop/id", "78\n");
	put("events/heart/stop/format", "this is none\n");
	put("printk_formats", "0xffffffff81000000 : \"a string\"\n0xffffffff81000010 : \"\"\n0xffffffff81000020 : \"x\"\n");
	put("saved_cmdlines", "5 beater\n");
	return 0;
}

static int tracefs__remove(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static char *section(const char *events, size_t *size)
{
	struct event_list l = { .ev = NULL };
	char *data = NULL;
	struct err e;

	assert_int_equal(events__parse(&l, events, &src, &e), 0);
	assert_int_equal(events__tracing_data(&l, &src, &data, size, &e), 0);
	events__free(&l);
	return data;
}

static struct sample sample(const void *raw, uint32_t size)
{
	return (struct sample){ .attr = &attr, .raw = raw, .raw_size = size };
}

static void fields(void **state)
{
	size_t size;
	char *data = section("heart:*,heart:beat:u", &size);
	struct sample s = sample(&record, sizeof(record));
	struct trace_value v;
	struct trace *t;
	const char *name;
	struct err e;

	(void)state;
	assert_int_equal(trace__parse(data, size, &t, &e), 0);
	assert_string_equal(trace__text(t, &s), "comm=no end!! error=-22 text=hello addr=ffffffff81000000");
	assert_true(trace__field(t, &s, "beat", "error", &v) && v.is_signed && (int64_t)v.number == -22);
	assert_true(trace__field(t, &s, NULL, "addr", &v) && !v.is_signed && v.number == record.addr);
	assert_true(trace__field(t, &s, NULL, "common_pid", &v) && v.number == 5);
	assert_true(trace__field(t, &s, NULL, "comm", &v));
	assert_string_equal(v.string, "no end!!");
	assert_true(trace__field(t, &s, NULL, "text", &v));
	assert_string_equal(v.string, "hello");
	assert_false(trace__field(t, &s, "stop", "error", &v));
	assert_false(trace__field(t, &s, NULL, "nothing", &v));
	assert_true(trace__field_at(t, &s, 1, &name, &v));
	assert_string_equal(name, "error");
	assert_false(trace__field_at(t, &s, 4, &name, &v));
	trace__free(t);
	free(data);
}

/* Records that end early or point beyond their end. */
static void short_records(void **state)
{
	size_t size;
	char *data = section("heart:beat", &size);
	uint8_t copy[sizeof(record)];
	struct trace_value v;
	struct trace *t;
	struct sample s;
	struct err e;
	uint32_t n;

	(void)state;
	assert_int_equal(trace__parse(data, size, &t, &e), 0);
	for (n = 0; n < sizeof(record); n++) {
		s = sample(&record, n);
		trace__text(t, &s);
		assert_int_equal(trace__field(t, &s, NULL, "error", &v), n >= 20);
		assert_int_equal(trace__field(t, &s, NULL, "text", &v), n >= 38);
	}
	memcpy(copy, &record, sizeof(copy));
	memset(copy + 20, 0xff, 4);
	s = sample(copy, sizeof(copy));
	assert_false(trace__field(t, &s, NULL, "text", &v));
	trace__text(t, &s);
	trace__free(t);
	free(data);
}

static void other_samples(void **state)
{
	const struct perfdata_attr clock = { .attr = { .type = PERF_TYPE_SOFTWARE, .config = 77 } };
	size_t size;
	char *data = section("heart:beat", &size);
	struct sample s = sample(&record, sizeof(record));
	struct trace_value v;
	struct trace *t;
	struct err e;

	(void)state;
	assert_int_equal(trace__parse(data, size, &t, &e), 0);
	s.attr = &clock;
	assert_null(trace__text(t, &s));
	assert_false(trace__field(t, &s, NULL, "error", &v));
	s.attr = &attr;
	assert_false(trace__field(NULL, &s, NULL, "error", &v));
	assert_null(section("task-clock", &size));
	trace__free(t);
	free(data);
}

/* Cut at every byte: an error with a place, or all that matters was there. */
static void truncated(void **state)
{
	size_t size, n;
	char *data = section("heart:beat", &size), *copy;
	struct trace *t;
	struct err e;

	(void)state;
	for (n = 0; n < size; n++) {
		copy = malloc(n + 1);
		memcpy(copy, data, n);
		if (trace__parse(copy, n, &t, &e))
			assert_non_null(strstr(e.msg, "cannot read the tracepoints' formats"));
		else
			trace__free(t);
		free(copy);
	}
	data[14] = 1;			/* byte order */
	assert_int_equal(trace__parse(data, size, &t, &e), -1);
	assert_non_null(strstr(e.msg, "byte order"));
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(short_records),
		cmocka_unit_test(other_samples),
		cmocka_unit_test(truncated),
	};

	return cmocka_run_group_tests(tests, tracefs__make, tracefs__remove);
}
