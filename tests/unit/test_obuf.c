/* SPDX-License-Identifier: GPL-2.0-only */
/* Buffered output: strings made harmless, long output, errors. MXCSR in words. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/mxcsr.h"
#include "output/obuf.h"

static char result[4096];

static const char *written(void (*put)(struct obuf *o, const char *s), const char *s)
{
	int fd = memfd_create("out", 0);
	struct obuf o;
	struct err e;
	ssize_t n;

	assert_int_equal(obuf__open(&o, fd), 0);
	put(&o, s);
	assert_int_equal(obuf__close(&o, "x", &e), 0);
	n = pread(fd, result, sizeof(result) - 1, 0);
	assert_true(n >= 0);
	result[n] = '\0';
	close(fd);
	return result;
}

static void json_strings(void **state)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\x01\n\x1f\x7f", "\"\\u0001\\u000a\\u001f\\u007f\"" },
		{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\\ufffd\"" },
		{ "\xc2\x9b", "\"\\u009b\"" },
		{ "\x80" "a", "\"\\ufffda\"" },
		{ "\xc3", "\"\\ufffd\"" },			/* cut */
		{ "\xe2\x82", "\"\\ufffd\\ufffd\"" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"" },		/* overlong */
		{ "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },	/* surrogate */
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },	/* beyond U+10FFFF */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(written(obuf__json_string, rows[i].in), rows[i].out);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(written(obuf__name, "main"), "main");
	assert_string_equal(written(obuf__name, "\x1b[31m\n\x7f"), "\\x1b[31m\\n\\x7f");
	assert_string_equal(written(obuf__name, "\xc3\xa9"), "\xc3\xa9");
	assert_string_equal(written(obuf__name, "\t\r\x80\xc2\x9b\xc2\xa0"), "\\t\\r\\x80\\xc2\\x9b\xc2\xa0");
	assert_string_equal(written(obuf__csv_string, "a\"b\n"), "\"a\"\"b\\n\"");
}

static void long_output_is_whole(void **state)
{
	enum { SIZE = 3 * OBUF_SIZE + 17 };
	int fd = memfd_create("out", 0);
	char *in = malloc(SIZE), *out = malloc(SIZE);
	struct obuf o;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < SIZE; i++)
		in[i] = 'a' + i % 23;
	assert_int_equal(obuf__open(&o, fd), 0);
	for (i = 0; i < 1000; i++)
		obuf__char(&o, in[i]);
	obuf__bytes(&o, in + 1000, SIZE - 1000);
	assert_int_equal(obuf__close(&o, "x", &e), 0);
	assert_int_equal(pread(fd, out, SIZE, 0), SIZE);
	assert_memory_equal(in, out, SIZE);
	close(fd);
	free(in);
	free(out);
}

static void an_error_is_kept(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct obuf o;
	struct err e;

	(void)state;
	assert_int_equal(obuf__open(&o, fd), 0);
	obuf__text(&o, "lost");
	obuf__flush(&o);
	obuf__text(&o, "more");
	assert_int_equal(obuf__close(&o, "the output", &e), -1);
	assert_string_equal(e.msg, "cannot write the output: No space left on device");
	close(fd);
}

static void mxcsr_in_words(void **state)
{
	static const struct { uint32_t v; const char *text; } rows[] = {
		{ 0x1f80, "round to nearest, all exceptions masked" },
		{ 0x9fc0, "FTZ DAZ, round to nearest, all exceptions masked" },
		{ 0x9f80, "FTZ, round to nearest, all exceptions masked" },
		{ 0x3f80, "round down, all exceptions masked" },
		{ 0x5f80, "round up, all exceptions masked" },
		{ 0x7f80, "round to zero, all exceptions masked" },
		{ 0x1fa1, "round to nearest, all exceptions masked, raised: IE PE" },
		{ 0x1d00, "round to nearest, not masked: IM ZM" },
		{ 0x0000, "round to nearest, not masked: IM DM ZM OM UM PM" },
		{ 0xffff, "FTZ DAZ, round to zero, all exceptions masked, raised: IE DE ZE OE UE PE" },
		{ 0x007f, "DAZ, round to nearest, not masked: IM DM ZM OM UM PM, raised: IE DE ZE OE UE PE" },
	};
	char buf[MXCSR_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(mxcsr__describe(rows[i].v, buf), rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_strings),
		cmocka_unit_test(names),
		cmocka_unit_test(long_output_is_whole),
		cmocka_unit_test(an_error_is_kept),
		cmocka_unit_test(mxcsr_in_words),
	};

	return cmocka_run_group_tests_name("buffered output", tests, NULL, NULL);
}
