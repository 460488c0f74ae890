/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz drivers share. A driver is LLVMFuzzerTestOneInput(), which
 * CHECK()s properties. Built with clang's fuzzer (make fuzz, XREGS_LIBFUZZER)
 * it gets its main() from there; else from here: it then replays the files and
 * folders of its command line with any compiler.
 */
#ifndef XREGS_TESTS_REPLAY_H
#define XREGS_TESTS_REPLAY_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: does not hold: %s\n",	\
				__FILE__, __LINE__, #condition);	\
			abort();					\
		}							\
	} while (0)

/* The bytes alone in a block of the heap, where a sanitizer sees their end. */
static inline uint8_t *exact_copy(const uint8_t *data, size_t size)
{
	uint8_t *p = malloc(size ? size : 1);

	if (!p)
		abort();
	if (size)
		memcpy(p, data, size);
	return p;
}

/* Every byte that a pointer promises: a sanitizer sees what is not there. */
static inline void touch(const void *p, uint64_t n)
{
	const uint8_t *b = p;
	uint8_t sum = 0;
	uint64_t i;

	CHECK(!n || p);
	for (i = 0; i < n; i++)
		sum += b[i];
	__asm__ volatile("" : : "r"(sum));
}

#ifndef XREGS_LIBFUZZER
static int replay_file(const char *path, long size)
{
	uint8_t *data = malloc(size ? size : 1);
	FILE *f = fopen(path, "rb");

	if (!f || !data || fread(data, 1, size, f) != (size_t)size) {
		perror(path);
		exit(1);
	}
	fclose(f);
	fprintf(stderr, "# %s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static int replay(const char *path)
{
	char sub[4096];
	struct dirent *d;
	struct stat st;
	int n = 0;
	DIR *dir;

	if (stat(path, &st)) {
		perror(path);
		exit(1);
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path, st.st_size);
	dir = opendir(path);
	if (!dir) {
		perror(path);
		exit(1);
	}
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, d->d_name);
		n += replay(sub);
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	int i, n = 0;

	for (i = 1; i < argc; i++)
		n += replay(argv[i]);
	printf("%d inputs\n", n);
	return n ? 0 : 1;
}
#endif

#endif
