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

/* What is lost behind the end of a section cut at @n, or with other bytes. */
static void check_cut(const char *data, size_t n)
{
	struct sample s = sample(&record, sizeof(record));
	char *copy = malloc(n + 1);
	struct trace_value v;
	struct trace *t;
	struct err e;

	memcpy(copy, data, n);
	assert_int_equal(trace__parse(copy, n, &t, &e), 0);
	if (trace__unknown(t, &s)) {
		assert_null(trace__text(t, &s));
		assert_false(trace__field(t, &s, NULL, "error", &v));
		assert_non_null(strstr(trace__why(t), " at offset "));
	} else {
		assert_true(trace__field(t, &s, NULL, "error", &v));
		assert_int_equal((int64_t)v.number, -22);
	}
	trace__free(t);
	free(copy);
}

/* Cut at every byte: unknown with a place, or all that matters was there. */
static void truncated(void **state)
{
	size_t size, n;
	char *data = section("heart:beat", &size);
	struct sample s = sample(&record, sizeof(record));
	struct trace *t;
	struct err e;

	(void)state;
	for (n = 0; n < size; n++)
		check_cut(data, n);
	data[14] = 1;			/* byte order */
	assert_int_equal(trace__parse(data, size, &t, &e), 0);
	assert_true(trace__unknown(t, &s));
	assert_non_null(strstr(trace__why(t), "byte order"));
	assert_non_null(strstr(trace__why(t), "at offset 14 "));
	trace__free(t);
	free(data);
}

static void parse_format(const char *text, struct trace **t)
{
	size_t size;
	struct err e;
	char *data;

	put("events/heart/beat/format", text);
	data = section("heart:beat", &size);
	assert_int_equal(trace__parse(data, size, t, &e), 0);
	free(data);
	put("events/heart/beat/format", format);
}

/* Print formats that follow the record's numbers anywhere: the fields stand for them. */
static void no_print_format(void **state)
{
	static const char *const prints[] = {
		"\"%s\", __print_hex(REC->comm, REC->error)", "\"%s\", __print_array(REC->comm, REC->error, 1)",
		"\"%d\", REC->comm[REC->error]", "\"%*d\", REC->error, 1", "\"%9999999d\", REC->error", "\"%d\", (((REC->error)",
		"\"%s", "\"%d\", ((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))",
	};
	struct sample s = sample(&record, sizeof(record));
	const char *end = strstr(format, "print fmt: ");
	struct trace *t;
	char text[2048];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(prints) / sizeof(prints[0]); i++) {
		snprintf(text, sizeof(text), "%.*sprint fmt: %s\n", (int)(end - format), format, prints[i]);
		parse_format(text, &t);
		assert_string_equal(trace__text(t, &s), "comm=no end!! error=-22 text=hello addr=18446744071578845184");
		trace__free(t);
	}
}

/* Fields that lie outside of any record. */
static void no_format(void **state)
{
	static const char *const formats[] = {
		"name: beat\nID: 77\nformat:\n\tfield:char a[8];\toffset:65536;\tsize:8;\tsigned:0;\n\nprint fmt: \"\"\n",
		"name: beat\nID: 77\nformat:\n\tfield:char a[8];\toffset:-8;\tsize:8;\tsigned:0;\n\nprint fmt: \"\"\n",
		"name: beat\nID: 77\nformat:\n\tfield:char a[8];\toffset:8;\tsize:99999999999;\tsigned:0;\n\nprint fmt: \"\"\n",
		"name: beat\nID: 77\nformat:\n\tfield:int a;\toffset:8;\tsize:4;\tsigned:0;\n", "name: beat\nID: 77\n", "", "\n",
	};
	struct sample s = sample(&record, sizeof(record));
	struct trace *t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		parse_format(formats[i], &t);
		assert_true(trace__unknown(t, &s));
		assert_non_null(strstr(trace__why(t), "a format is not one of the kernel's at offset "));
		trace__free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(short_records),
		cmocka_unit_test(other_samples),
		cmocka_unit_test(truncated),
		cmocka_unit_test(no_print_format),
		cmocka_unit_test(no_format),
	};

	return cmocka_run_group_tests(tests, tracefs__make, tracefs__remove);
}
