// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the upper half of a golden file - bytes in readable form - and prints
 * what the library makes of them. Directives, one a line, # is a comment:
 *
 *	layout NAME		of tests/data/layouts
 *	image|sigframe|block|raw|simd SIZE FILL		all bytes FILL (hex)
 *	examined HEX, xfd HEX	for image and sigframe
 *	mask HEX, enabled 0|1	for simd
 *	at OFFSET TYPE VALUES	TYPE: x8 x16 x32 x64 (hex), f32 f64
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

static struct {
	struct xstate_layout layout;
	char kind[16];
	uint8_t *bytes;
	size_t size;
	uint64_t examined, xfd, mask, enabled;
} in = { .examined = ~UINT64_C(0) };

static void die(unsigned int line, const char *what)
{
	fprintf(stderr, "line %u: %s\n", line, what);
	exit(2);
}

/* One value of type @t at @p. Return: its bytes. */
static size_t put_value(uint8_t *p, const char *t, const char *word)
{
	uint64_t v = strtoull(word, NULL, 16);
	double d = strtod(word, NULL);
	float f = d;

	if (!strcmp(t, "f32"))
		memcpy(&v, &f, sizeof(f));
	if (!strcmp(t, "f64"))
		memcpy(&v, &d, sizeof(d));
	memcpy(p, &v, atoi(t + 1) / 8);
	return atoi(t + 1) / 8;
}

static void put_values(unsigned int line, char *rest)
{
	char *save, *word = strtok_r(rest, " \t", &save);
	size_t at = word ? strtoul(word, NULL, 10) : 0;
	const char *type = strtok_r(NULL, " \t", &save);

	if (!type || (type[0] != 'x' && type[0] != 'f'))
		die(line, "at needs an offset, a type and values");
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (at + atoi(type + 1) / 8 > in.size)
			die(line, "beyond the end");
		at += put_value(in.bytes + at, type, word);
	}
}

static void make_bytes(unsigned int line, const char *kind, const char *rest)
{
	unsigned int fill;

	if (sscanf(rest, "%zu %x", &in.size, &fill) != 2)
		die(line, "needs a size and a byte");
	snprintf(in.kind, sizeof(in.kind), "%s", kind);
	in.bytes = malloc(in.size ? in.size : 1);
	if (!in.bytes)
		die(line, "no memory");
	memset(in.bytes, fill, in.size);
}

static void directive(unsigned int line, char *word, char *rest)
{
	static const struct {
		const char *name;
		uint64_t *value;
	} numbers[] = {
		{ "examined", &in.examined }, { "xfd", &in.xfd },
		{ "mask", &in.mask }, { "enabled", &in.enabled },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(word, numbers[i].name)) {
			*numbers[i].value = strtoull(rest, NULL, 16);
			return;
		}
	if (!strcmp(word, "layout"))
		fixture__layout(&in.layout, rest);
	else if (!strcmp(word, "at"))
		put_values(line, rest);
	else if (strstr(" image sigframe block raw simd ", word))
		make_bytes(line, word, rest);
	else
		die(line, "no such directive");
}

static void print_error(int err, size_t where)
{
	printf("error at %zu: %s\n", where, xstate_strerror(err));
}

static void print_image(void)
{
	struct xstate_image img;
	struct xstate_regs r;
	size_t where;
	int err;

	if (in.kind[0] == 's')
		err = xstate_image__open_sigframe(&img, &in.layout, in.bytes, in.size, in.xfd, &where);
	else
		err = xstate_image__open(&img, &in.layout, in.bytes, in.size, in.examined, in.xfd, &where);
	if (err) {
		print_error(err, where);
		return;
	}
	xstate_regs__from_image(&r, &img);
	regs__print(stdout, &r);
}

static void print_block(const struct xstate_block *b)
{
	struct xstate_regs r;

	printf("block     %u bytes, context %u, flags %u\n", b->size, b->context, b->flags);
	xfeatures__print(stdout, "requested", b->requested);
	xstate_regs__from_block(&r, b);
	regs__print(stdout, &r);
}

static void print_raw(void)
{
	struct xstate_raw raw;
	struct xstate_block b;
	size_t where;
	int err = xstate_raw__open(&raw, &in.layout, in.bytes, in.size, &where);

	while (!err && (err = xstate_raw__next(&raw, &b, &where)) == 1) {
		print_block(&b);
		err = 0;
		if (raw.next == raw.nr_blocks && raw.offset == raw.size)
			break;
	}
	if (err)
		print_error(err, where);
}

static void print_simd(void)
{
	struct xstate_simd s;
	struct xstate_regs r;
	uint64_t v;
	unsigned int i;
	size_t where;
	int err = xstate_simd__read(&s, in.mask, in.enabled, in.bytes, in.size, &where);

	if (err) {
		print_error(err, where);
		return;
	}
	printf("group     %zu bytes, abi %llu\n", s.size, (unsigned long long)s.abi);
	for (i = 0; i < 64; i++)
		if (!xstate_simd__gpr(&s, i, &v))
			printf("gpr %-2u    %016llx\n", i, (unsigned long long)v);
	xstate_regs__from_simd(&r, &s);
	regs__print(stdout, &r);
}

static void print(void)
{
	struct xstate_block b;
	size_t where;
	int err;

	if (!strcmp(in.kind, "simd")) {
		print_simd();
	} else if (!strcmp(in.kind, "raw")) {
		print_raw();
	} else if (!strcmp(in.kind, "block")) {
		err = xstate_block__read(&b, &in.layout, in.bytes, in.size, &where);
		if (err)
			print_error(err, where);
		else
			print_block(&b);
	} else {
		print_image();
	}
}

int main(void)
{
	char line[1024];
	unsigned int nr = 0;

	xstate_layout__init(&in.layout);
	while (fgets(line, sizeof(line), stdin)) {
		char *rest, *word;

		nr++;
		line[strcspn(line, "#\n")] = '\0';
		word = strtok_r(line, " \t", &rest);
		if (word)
			directive(nr, word, rest + strspn(rest, " \t"));
	}
	if (!in.bytes)
		die(nr, "no image, sigframe, block, raw or simd");
	print();
	free(in.bytes);
	return 0;
}
