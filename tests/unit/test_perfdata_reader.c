/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading: order, events, compression, damage. Files live in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#include "perfdata/format.h"

/* ---- files in memory ------------------------------------------------------------------ */

struct memfile {
	int fd;
	char path[64];
};

static struct memfile memfile_new(void)
{
	struct memfile f = { .fd = memfd_create("perf.data", 0) };

	assert_true(f.fd >= 0);
	snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

static struct memfile memfile_of(const void *data, size_t size)
{
	struct memfile f = memfile_new();

	assert_int_equal(write(f.fd, data, size), size);
	return f;
}

static uint8_t *memfile_bytes(const struct memfile *f, size_t *size)
{
	struct stat st;
	uint8_t *p;

	assert_int_equal(fstat(f->fd, &st), 0);
	p = malloc(st.st_size);
	assert_int_equal(pread(f->fd, p, st.st_size, 0), st.st_size);
	*size = st.st_size;
	return p;
}

static uint64_t id_a[] = { 7 }, id_b[] = { 8, 9 };

static const struct perfdata_attr attrs[2] = {
	{ .attr = { .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK, .sample_id_all = 1,
		    .sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN },
	  .name = "task-clock", .ids = id_a, .nr_ids = 1 },
	{ .attr = { .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS, .sample_id_all = 1,
		    .sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD },
	  .name = "page-faults", .ids = id_b, .nr_ids = 2 },
};

static void must(int r, const struct err *e)
{
	if (r)
		fail_msg("%s", e->msg);
}

static struct perfdata_writer *start(const struct memfile *f)
{
	struct perfdata_info info = { .has_layout = true };
	struct perfdata_writer *w;
	struct err e;

	xstate_layout__init(&info.layout);
	must(perfdata_writer__open(f->path, attrs, 2, &info, &w, &e), &e);
	return w;
}

static void finish(struct perfdata_writer *w, const char *arch)
{
	struct perfdata_info info = { .has_layout = true, .arch = (char *)arch };
	struct err e;

	xstate_layout__init(&info.layout);
	must(perfdata_writer__close(w, &info, &e), &e);
}

static size_t build_sample(uint8_t *buf, int event, uint64_t time)
{
	static const uint64_t chain[2] = { 0x401000, 0x402000 };
	struct sample s = {
		.id = event ? 9 : 7, .ip = 0x401000, .pid = 1, .tid = 2, .time = time, .period = 77,
		.callchain = (const uint8_t *)chain, .nr_callchain = 2, .cpumode = PERF_RECORD_MISC_USER,
	};

	return perfdata_build__sample(buf, 1024, &attrs[event], &s);
}

static void put_sample(struct perfdata_writer *w, int event, uint64_t time)
{
	uint8_t buf[1024];
	struct err e;

	must(perfdata_writer__record(w, buf, build_sample(buf, event, time), &e), &e);
}

static void put_user_record(struct perfdata_writer *w, uint32_t type, const void *data, size_t size)
{
	static uint8_t buf[65536];
	struct perf_event_header h = { .type = type, .size = sizeof(h) + size };
	struct err e;

	memcpy(buf, &h, sizeof(h));
	if (size)
		memcpy(buf + sizeof(h), data, size);
	must(perfdata_writer__record(w, buf, h.size, &e), &e);
}

static struct perfdata_reader *open_it(const struct memfile *f)
{
	struct perfdata_reader *r;
	struct err e;

	must(perfdata_reader__open(f->path, &r, &e), &e);
	return r;
}

/* All samples' times; other records only counted. */
static size_t read_times(struct perfdata_reader *r, uint64_t *times, size_t max)
{
	struct perfdata_record rec;
	size_t n = 0;
	struct err e;
	int got;

	while ((got = perfdata_reader__next(r, &rec, &e)) > 0)
		if (rec.kind == PERFDATA_SAMPLE && n < max)
			times[n++] = rec.sample.time;
	must(got, &e);
	return n;
}

/* ---- order ---------------------------------------------------------------------------- */

static void rounds_are_sorted(void **state)
{
	/* two CPUs' buffers, twice: what perf record writes */
	static const uint64_t in[] = { 10, 30, 20, 40, 0, 50, 70, 35, 60, 0, 80, 65, 0 };
	static const uint64_t want[] = { 10, 20, 30, 35, 40, 50, 60, 65, 70, 80 };
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	struct perfdata_reader *r;
	uint64_t times[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		if (in[i])
			put_sample(w, 0, in[i]);
		else
			put_user_record(w, PERFDATA_FINISHED_ROUND, NULL, 0);
	}
	finish(w, NULL);
	r = open_it(&f);
	assert_int_equal(read_times(r, times, 16), 10);
	assert_memory_equal(times, want, sizeof(want));
	assert_true(perfdata_reader__stats(r)->unordered == 0);
	perfdata_reader__close(r);
	close(f.fd);
}

static void several_events(void **state)
{
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	struct perfdata_reader *r;
	struct perfdata_record rec;
	struct err e;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		put_sample(w, i & 1, 10 + i);
	finish(w, "x86_64");
	r = open_it(&f);
	for (i = 0; i < 4; i++) {
		assert_int_equal(perfdata_reader__next(r, &rec, &e), 1);
		assert_string_equal(rec.sample.attr->name, i & 1 ? "page-faults" : "task-clock");
		assert_true(rec.sample.nr_callchain == (i & 1 ? 0 : 2));
		assert_true(rec.sample.period == (i & 1 ? 77 : 0));
	}
	assert_int_equal(perfdata_reader__next(r, &rec, &e), 0);
	perfdata_reader__close(r);
	close(f.fd);
}

/* ---- compression ---------------------------------------------------------------------- */

/* One zstd stream over many records, cut into COMPRESSED records anywhere. */
static void write_compressed(struct perfdata_writer *w, size_t piece)
{
	static uint8_t plain[100 * 128], packed[65536], record[8 + 65536];
	ZSTD_CStream *z = ZSTD_createCStream();
	size_t size = 0, at, n;
	int i;

	for (i = 0; i < 100; i++)
		size += build_sample(plain + size, 0, 10 + i);
	for (at = 0; at < size; at += piece) {
		ZSTD_inBuffer in = { plain + at, at + piece < size ? piece : size - at, 0 };
		ZSTD_outBuffer out = { packed, sizeof(packed), 0 };

		assert_int_equal(ZSTD_compressStream2(z, &out, &in, ZSTD_e_flush), 0);
		n = out.pos;
		memcpy(record, &n, 8);
		memcpy(record + 8, packed, out.pos);
		memset(record + 8 + out.pos, 0xee, 8);
		put_user_record(w, PERFDATA_COMPRESSED2, record, 8 + (out.pos + 7) / 8 * 8);
	}
	ZSTD_freeCStream(z);
}

static void compressed_records(void **state)
{
	static const size_t pieces[] = { 1, 13, 80, 1000, 5000, 12800 };
	uint64_t times[128];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct memfile f = memfile_new();
		struct perfdata_writer *w = start(&f);
		struct perfdata_reader *r;

		write_compressed(w, pieces[i]);
		finish(w, NULL);
		r = open_it(&f);
		assert_int_equal(read_times(r, times, 128), 100);
		for (k = 0; k < 100; k++)
			assert_true(times[k] == 10 + k);
		assert_true(!perfdata_reader__stats(r)->bad_records && !perfdata_reader__stats(r)->truncated);
		perfdata_reader__close(r);
		close(f.fd);
	}
}

/* One small record that holds @nr samples: more than any buffer. */
static void inflate_far(size_t nr)
{
	size_t size = 0, i, n;
	uint8_t *plain = malloc(nr * 128), *packed = malloc(65536);
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	struct perfdata_reader *r;
	uint64_t times[1];

	for (i = 0; i < nr; i++)
		size += build_sample(plain + size, 0, 10);
	n = ZSTD_compress(packed + 8, 65536 - 16, plain, size, 3);
	assert_false(ZSTD_isError(n));
	memcpy(packed, &n, 8);
	put_user_record(w, PERFDATA_COMPRESSED2, packed, 8 + (n + 7) / 8 * 8);
	finish(w, NULL);
	r = open_it(&f);
	read_times(r, times, 1);
	assert_true(perfdata_reader__stats(r)->samples == nr);
	assert_true(perfdata_reader__stats(r)->decompressed == size);
	assert_true(!perfdata_reader__stats(r)->truncated);
	perfdata_reader__close(r);
	close(f.fd);
	free(plain);
	free(packed);
}

/* zstd may have taken all input and still hold output that found no room. */
static void a_record_that_inflates_far(void **state)
{
	size_t nr;

	(void)state;
	for (nr = 6500; nr < 9500; nr += 100)
		inflate_far(nr);
	inflate_far(40000);
}

static void damaged_stream(void **state)
{
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	struct perfdata_reader *r;
	uint64_t times[4], junk[8];

	(void)state;
	memset(junk, 0x5a, sizeof(junk));
	put_user_record(w, PERFDATA_COMPRESSED, junk, sizeof(junk));
	put_sample(w, 0, 10);
	finish(w, NULL);
	r = open_it(&f);
	assert_int_equal(read_times(r, times, 4), 1);
	assert_true(perfdata_reader__stats(r)->bad_records == 1);
	assert_true(perfdata_reader__stats(r)->first_bad_offset > 104);
	perfdata_reader__close(r);
	close(f.fd);
}

/* ---- damage --------------------------------------------------------------------------- */

static uint8_t *small_file(size_t *size)
{
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	uint8_t *bytes;
	int i;

	for (i = 0; i < 4; i++)
		put_sample(w, 0, 10 + i);
	finish(w, "x86_64");
	bytes = memfile_bytes(&f, size);
	close(f.fd);
	return bytes;
}

static uint64_t word_at(const uint8_t *p, size_t at)
{
	uint64_t v;

	memcpy(&v, p + at, 8);
	return v;
}

/* Cut anywhere: an error or exactly the samples that are whole, never a crash. */
static void truncation_at_every_byte(void **state)
{
	size_t size, cut, whole;
	uint8_t *bytes = small_file(&size);
	uint64_t data = word_at(bytes, 40), end = data + word_at(bytes, 48), times[8];
	size_t each = (end - data - 8) / 4;

	(void)state;
	for (cut = 0; cut < size; cut++) {
		struct memfile f = memfile_of(bytes, cut);
		struct perfdata_reader *r;
		struct err e;
		int opened = !perfdata_reader__open(f.path, &r, &e);

		assert_int_equal(opened, cut >= data);
		if (!opened) {
			assert_non_null(strstr(e.msg, f.path));
			close(f.fd);
			continue;
		}
		whole = (cut - data) / each;
		assert_int_equal(read_times(r, times, 8), whole > 4 ? 4 : whole);
		if (cut < end)
			assert_true(perfdata_reader__stats(r)->truncated);
		/* the layout survives by its copy before the data */
		assert_true(perfdata_reader__info(r)->has_layout);
		perfdata_reader__close(r);
		close(f.fd);
	}
	free(bytes);
}

/* Every byte flipped in turn: any answer, but no crash and no endless loop. */
static void every_byte_flipped(void **state)
{
	size_t size, i;
	uint8_t *bytes = small_file(&size);
	uint64_t times[16];

	(void)state;
	for (i = 0; i < size; i++) {
		struct perfdata_reader *r;
		struct memfile f;
		struct perfdata_record rec;
		struct err e;

		bytes[i] ^= 0xff;
		f = memfile_of(bytes, size);
		if (!perfdata_reader__open(f.path, &r, &e)) {
			while (perfdata_reader__next(r, &rec, &e) > 0)
				times[0] = rec.time;
			perfdata_reader__close(r);
		}
		close(f.fd);
		bytes[i] ^= 0xff;
	}
	(void)times;
	free(bytes);
}

/* What a recorder leaves that was killed: no data size, no features. */
static void unfinished_file(void **state)
{
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	struct perfdata_reader *r;
	uint64_t times[8];
	struct err e;

	(void)state;
	put_sample(w, 0, 10);
	put_sample(w, 0, 11);
	must(perfdata_writer__flush(w, &e), &e);
	r = open_it(&f);
	assert_true(perfdata_reader__info(r)->has_layout);
	assert_int_equal(read_times(r, times, 8), 2);
	assert_true(perfdata_reader__stats(r)->unfinished);
	perfdata_reader__close(r);
	finish(w, NULL);
	r = open_it(&f);
	assert_int_equal(read_times(r, times, 8), 2);
	assert_false(perfdata_reader__stats(r)->unfinished);
	perfdata_reader__close(r);
	close(f.fd);
}

static void empty_recording(void **state)
{
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	struct perfdata_reader *r = open_it(&f);
	uint64_t times[1];

	(void)state;
	assert_int_equal(read_times(r, times, 1), 0);
	assert_true(perfdata_reader__stats(r)->unfinished);
	perfdata_reader__close(r);
	finish(w, NULL);
	r = open_it(&f);
	assert_int_equal(read_times(r, times, 1), 0);
	assert_false(perfdata_reader__stats(r)->unfinished);
	perfdata_reader__close(r);
	close(f.fd);
}

/* A record that is malformed inside is skipped by its size and counted. */
static void a_malformed_record_is_skipped(void **state)
{
	struct perfdata_reader *r;
	size_t size;
	uint8_t *bytes = small_file(&size);
	uint64_t data = word_at(bytes, 40), each = (word_at(bytes, 48) - 8) / 4, times[8];
	struct memfile f;

	(void)state;
	bytes[data + each + 8 + 32] = 0xff;	/* callchain nr of the second */
	f = memfile_of(bytes, size);
	r = open_it(&f);
	assert_int_equal(read_times(r, times, 8), 3);
	assert_true(times[0] == 10 && times[1] == 12 && times[2] == 13);
	assert_true(perfdata_reader__stats(r)->bad_records == 1);
	assert_true(perfdata_reader__stats(r)->first_bad_offset == data + each);
	perfdata_reader__close(r);
	close(f.fd);
	free(bytes);
}

/* A size below that of the header: where the next record is, nobody knows. */
static void a_record_without_size_ends_the_data(void **state)
{
	struct perfdata_reader *r;
	size_t size;
	uint8_t *bytes = small_file(&size);
	uint64_t data = word_at(bytes, 40), each = (word_at(bytes, 48) - 8) / 4, times[8];
	struct memfile f;

	(void)state;
	bytes[data + 2 * each + 6] = 4;
	bytes[data + 2 * each + 7] = 0;
	f = memfile_of(bytes, size);
	r = open_it(&f);
	assert_int_equal(read_times(r, times, 8), 2);
	assert_true(perfdata_reader__stats(r)->truncated && perfdata_reader__stats(r)->bad_records == 1);
	assert_true(perfdata_reader__stats(r)->truncated_offset == data + 2 * each);
	assert_true(perfdata_reader__stats(r)->bytes_missing == 2 * each + 8);
	perfdata_reader__close(r);
	close(f.fd);
	free(bytes);
}

/* An id that no event declared: not a sample of any of them. */
static void an_unknown_id_is_counted(void **state)
{
	struct perfdata_reader *r;
	size_t size;
	uint8_t *bytes = small_file(&size);
	uint64_t data = word_at(bytes, 40), times[8];
	struct memfile f;

	(void)state;
	bytes[data + 8] = 99;
	f = memfile_of(bytes, size);
	r = open_it(&f);
	assert_int_equal(read_times(r, times, 8), 3);
	assert_true(perfdata_reader__stats(r)->bad_records == 1);
	perfdata_reader__close(r);
	close(f.fd);
	free(bytes);
}

/* ---- refusals ------------------------------------------------------------------------- */

static void refuse(const void *data, size_t size, const char *like)
{
	struct memfile f = memfile_of(data, size);
	struct perfdata_reader *r;
	struct err e;

	assert_int_equal(perfdata_reader__open(f.path, &r, &e), -1);
	assert_int_equal(e.status, XREGS_FAILED);
	if (!strstr(e.msg, like) || !strstr(e.msg, f.path))
		fail_msg("no '%s' and path in: %s", like, e.msg);
	close(f.fd);
}

static void foreign_files(void **state)
{
	uint8_t header[104] = { 0 };

	(void)state;
	refuse("", 0, "empty");
	refuse("PERF", 4, "4 bytes, too few");
	refuse("\x7f" "ELF, but long enough to be a header", 32, "no perf.data file");
	memcpy(header, "PERFFILE", 8);
	refuse(header, 104, "before Linux 3.4");
	memcpy(header, "2ELIFREP", 8);
	refuse(header, 104, "byte order");
	memcpy(header, "PERFILE2", 8);
	refuse(header, 104, "damaged or cut");
}

/* Overwrite 8 bytes of a good file. */
static void refuse_patched(size_t at, uint64_t v, const char *like)
{
	size_t size;
	uint8_t *bytes = small_file(&size);

	memcpy(bytes + at, &v, 8);
	refuse(bytes, size, like);
	free(bytes);
}

static void damaged_headers(void **state)
{
	size_t size;
	uint8_t *bytes = small_file(&size);

	(void)state;
	refuse_patched(16, 0, "attr size 0");
	refuse_patched(16, UINT64_MAX, "attr size");
	refuse_patched(16, 1 << 20, "attr size");
	refuse_patched(16, 100, "attr size 100");
	refuse_patched(24, UINT64_MAX, "attrs at offset");
	refuse_patched(32, UINT64_MAX / 144 * 144, "attrs at offset");
	refuse_patched(32, 0, "describes no event");
	refuse_patched(40, UINT64_MAX, "data is said to be at offset");
	refuse_patched(40, 8, "data is said to be at offset");
	/* the ids of the first attr: offset, size */
	refuse_patched(104 + 128, UINT64_MAX - 4, "event ids at offset");
	refuse_patched(104 + 136, UINT64_C(1) << 60, "event ids at offset");
	free(bytes);
}

/* Many attrs that share one large list of ids must not multiply it. */
static void shared_ids_do_not_multiply(void **state)
{
	enum { ATTRS = 16000, ENTRY = 144, IDS = 100000 };
	size_t size = 104 + ATTRS * ENTRY + IDS * 8, i;
	uint64_t ids_at = 104 + ATTRS * ENTRY, v;
	uint8_t *bytes = calloc(1, size), *attr;

	(void)state;
	memcpy(bytes, "PERFILE2", 8);
	for (i = 0; i < 6; i++) {
		v = (uint64_t[]){ 104, ENTRY, 104, ATTRS * ENTRY, ids_at, 8 }[i];
		memcpy(bytes + 8 + i * 8, &v, 8);
	}
	for (i = 0; i < ATTRS; i++) {
		attr = bytes + 104 + i * ENTRY;
		attr[4] = 128;
		v = ids_at;
		memcpy(attr + 128, &v, 8);
		v = IDS * 8;
		memcpy(attr + 136, &v, 8);
	}
	refuse(bytes, size, "event ids");
	free(bytes);
}

/* Decoding with a wrong layout would show wrong registers: refused. */
static void a_damaged_layout(void **state)
{
	size_t size, i;
	uint8_t *bytes = small_file(&size);

	(void)state;
	for (i = 0; i + 4 < size; i++)
		if (!memcmp(bytes + i, "XSTL", 4))
			bytes[i + 4] = 9;	/* version */
	refuse(bytes, size, "the layout record is damaged at its byte");
	free(bytes);
}

static void other_architecture(void **state)
{
	struct memfile f = memfile_new();
	struct perfdata_writer *w = start(&f);
	size_t size;
	uint8_t *bytes;

	(void)state;
	finish(w, "aarch64");
	bytes = memfile_bytes(&f, &size);
	refuse(bytes, size, "recorded on 'aarch64'");
	free(bytes);
	close(f.fd);
}

/* ---- attrs ---------------------------------------------------------------------------- */

static void attr_sizes_of_all_kernels(void **state)
{
	static const size_t sizes[] = { 64, 72, 80, 96, 104, 112, 120, 128, 136, 144, 176, 192, 200 };
	struct perfdata_attr full = { .config3 = 1, .config4 = 2, .xfeatures = 0xe7, .xstate = 3 }, a;
	uint8_t bytes[256] = { 0 };
	struct out o = out__of(bytes, sizeof(bytes));
	struct err e;
	size_t i;

	(void)state;
	full.attr.config = 5;
	full.attr.sample_regs_user = 6;
	full.attr.sig_data = 7;
	perfdata_attr__encode(&full, &o, 192);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		must(perfdata_attr__decode(&a, bytes, sizes[i], &e), &e);
		assert_true(a.attr.config == 5);
		assert_true(a.attr.sample_regs_user == (sizes[i] >= 96 ? 6 : 0));
		assert_true(a.attr.sig_data == (sizes[i] >= 128 ? 7 : 0));
		assert_true(a.config3 == (sizes[i] >= 136 ? 1 : 0));
		assert_true(a.config4 == (sizes[i] >= 144 ? 2 : 0));
		assert_true(a.xfeatures == (sizes[i] >= 192 ? 0xe7 : 0));
		assert_true(a.xstate == (sizes[i] >= 192 ? 3 : 0));
	}
	assert_int_equal(perfdata_attr__decode(&a, bytes, 56, &e), -1);
	assert_non_null(strstr(e.msg, "56 bytes"));
}

static void the_smallest_size_that_perf_needs(void **state)
{
	struct perfdata_attr a = { .config3 = 0 };

	(void)state;
	assert_int_equal(perfdata_attr__size(&a), 128);
	a.xfeatures = 1;
	a.xstate = 1;
	assert_int_equal(perfdata_attr__size(&a), 128);
	assert_true(perfdata_attr__has_tail(&a));
	a.config3 = 1;
	assert_int_equal(perfdata_attr__size(&a), 136);
	a.config4 = 1;
	assert_int_equal(perfdata_attr__size(&a), 144);
	/* the SIMD fields stay in our section where the registers end the record */
	a = (struct perfdata_attr){ .simd_enabled = 1, .attr.sample_type = PERF_SAMPLE_REGS_USER | PERF_SAMPLE_CALLCHAIN };
	assert_int_equal(perfdata_attr__size(&a), 128);
	a.attr.sample_type |= PERF_SAMPLE_STACK_USER;
	assert_int_equal(perfdata_attr__size(&a), 176);
	a.attr.sample_type = PERF_SAMPLE_REGS_INTR | PERF_SAMPLE_WEIGHT;
	assert_int_equal(perfdata_attr__size(&a), 128);
	a.attr.sample_type |= PERF_SAMPLE_REGS_USER;
	assert_int_equal(perfdata_attr__size(&a), 176);
}

/* The posted versions 2 to 7 of the SIMD ABI: other fields at the same place. */
static void never_merged_abis(void **state)
{
	uint8_t bytes[192] = { 0 };
	struct perfdata_attr a;
	struct err e;

	(void)state;
	bytes[144] = 1;
	bytes[148] = 8;			/* merged: enabled, 8 quadwords each, ... */
	memset(bytes + 160, 0xff, 4);	/* ... 32 vectors */
	must(perfdata_attr__decode(&a, bytes, 176, &e), &e);
	assert_true(a.simd_enabled && a.simd_vec_qwords == 8 && a.simd_vec_intr == 0xffffffff);
	bytes[148] = 0;
	bytes[146] = 8;			/* posted: the quadwords of vectors follow at once */
	assert_int_equal(perfdata_attr__decode(&a, bytes, 176, &e), -1);
	assert_non_null(strstr(e.msg, "never merged"));
	memset(bytes, 0, sizeof(bytes));
	bytes[144] = 1;
	bytes[160] = 0xff;
	assert_int_equal(perfdata_attr__decode(&a, bytes, 168, &e), -1);
	assert_non_null(strstr(e.msg, "never merged"));
}

/* ---- writing -------------------------------------------------------------------------- */

static void full_disk(void **state)
{
	struct perfdata_info info = { .has_layout = false };
	struct perfdata_writer *w;
	struct err e;

	(void)state;
	assert_int_equal(perfdata_writer__open("/dev/full", attrs, 2, &info, &w, &e), -1);
	assert_non_null(strstr(e.msg, "'/dev/full': No space left on device"));
}

static void an_old_file_is_kept(void **state)
{
	char dir[] = "/tmp/xregs-test-XXXXXX", path[64], old[64];
	struct perfdata_info info = { .has_layout = false };
	struct perfdata_writer *w;
	struct stat st;
	struct err e;
	int i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	snprintf(old, sizeof(old), "%s/f.old", dir);
	for (i = 0; i < 3; i++) {
		must(perfdata_writer__open(path, attrs, 2, &info, &w, &e), &e);
		put_sample(w, 0, i + 1);
		must(perfdata_writer__close(w, &info, &e), &e);
		assert_int_equal(!stat(old, &st), i > 0);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	unlink(path);
	unlink(old);
	rmdir(dir);
	assert_int_equal(perfdata_writer__open(path, attrs, 2, &info, &w, &e), -1);
	assert_non_null(strstr(e.msg, "No such file"));
	assert_int_equal(perfdata_writer__open("-", attrs, 2, &info, &w, &e), -1);
	assert_int_equal(e.status, XREGS_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_are_sorted),
		cmocka_unit_test(several_events),
		cmocka_unit_test(compressed_records),
		cmocka_unit_test(a_record_that_inflates_far),
		cmocka_unit_test(damaged_stream),
		cmocka_unit_test(truncation_at_every_byte),
		cmocka_unit_test(every_byte_flipped),
		cmocka_unit_test(unfinished_file),
		cmocka_unit_test(empty_recording),
		cmocka_unit_test(a_malformed_record_is_skipped),
		cmocka_unit_test(a_record_without_size_ends_the_data),
		cmocka_unit_test(an_unknown_id_is_counted),
		cmocka_unit_test(foreign_files),
		cmocka_unit_test(damaged_headers),
		cmocka_unit_test(shared_ids_do_not_multiply),
		cmocka_unit_test(a_damaged_layout),
		cmocka_unit_test(other_architecture),
		cmocka_unit_test(attr_sizes_of_all_kernels),
		cmocka_unit_test(the_smallest_size_that_perf_needs),
		cmocka_unit_test(never_merged_abis),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(an_old_file_is_kept),
	};

	return cmocka_run_group_tests_name("perfdata reader", tests, NULL, NULL);
}
