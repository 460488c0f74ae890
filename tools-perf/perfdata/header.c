/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "perfdata/header.h"

enum {
	/* more than any perf writes; keeps what a damaged header can ask for small */
	ATTRS_MAX	= 16384,
	ATTR_ENTRY_MAX	= 4096,
	IDS_MAX		= 4 << 20,
};

struct section {
	uint64_t offset, size;
};

static struct section span__section(struct span *s)
{
	struct section r;

	r.offset = span__u64(s);
	r.size = span__u64(s);
	return r;
}

static bool section__inside(const struct perfdata_head *h, struct section s)
{
	return s.offset <= h->file_size && s.size <= h->file_size - s.offset;
}

int perfdata__read_at(int fd, void *buf, size_t size, uint64_t offset)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = pread(fd, (uint8_t *)buf + done, size - done, offset + done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = 0;
		if (n <= 0)
			return -1;
		done += n;
	}
	return 0;
}

/* A section's bytes, to be freed; NULL when it is not whole in the file. */
static uint8_t *section__load(const struct perfdata_head *h, int fd, struct section s)
{
	uint8_t *p;

	if (!section__inside(h, s) || s.size > PERFDATA_SECTION_MAX)
		return NULL;
	p = malloc(s.size + 1);
	if (p && perfdata__read_at(fd, p, s.size, s.offset)) {
		free(p);
		return NULL;
	}
	return p;
}

int perfdata_head__check_magic(const uint8_t first[16], bool *pipe, struct err *e)
{
	struct span s = span__of(first, 16);
	uint64_t magic = span__u64(&s), size = span__u64(&s);

	*pipe = size == PERFDATA_PIPE_HEADER_SIZE;
	if (magic == PERFDATA_MAGIC)
		return 0;
	if (magic == PERFDATA_MAGIC1)
		return err__set(e, "its format is that of perf before Linux 3.4 ('PERFFILE'); record anew, or convert it with an old 'perf inject'");
	if (__builtin_bswap64(magic) == PERFDATA_MAGIC || __builtin_bswap64(magic) == PERFDATA_MAGIC1)
		return err__set(e, "its byte order is big endian, so it was not recorded on x86");
	return err__set(e, "it is no perf.data file: it starts with 0x%016llx instead of \"PERFILE2\" at offset 0", (unsigned long long)magic);
}

int perfdata_head__add_attr(struct perfdata_head *h, const void *attr, size_t size,
			    const void *ids, size_t ids_size, struct err *e)
{
	struct perfdata_features *f = &h->features;
	struct perfdata_attr *list, *a;
	size_t i, n = ids_size / 8;

	if (f->nr_attrs >= ATTRS_MAX || n > IDS_MAX - h->nr_ids)
		return err__set(e, "its header is damaged: more than %d events or %d event ids", ATTRS_MAX, IDS_MAX);
	list = realloc(f->attrs, (f->nr_attrs + 1) * sizeof(*list));
	if (!list)
		return err__set(e, "out of memory");
	f->attrs = list;
	a = &list[f->nr_attrs];
	if (perfdata_attr__decode(a, attr, size, e))
		return -1;
	a->ids = malloc(n * 8 + 1);
	if (!a->ids)
		return err__set(e, "out of memory");
	if (n)
		memcpy(a->ids, ids, n * 8);
	a->nr_ids = n;
	for (i = 0; i < n; i++)
		if (ids__add(&h->ids, a->ids[i], f->nr_attrs))
			return free(a->ids), err__set(e, "out of memory");
	f->nr_attrs++;
	h->nr_ids += n;
	return 0;
}

/* attr.size is what the writer filled; the entry may be larger. */
static size_t attr__own_size(const uint8_t *attr, size_t entry)
{
	uint32_t size;

	memcpy(&size, attr + offsetof(struct perf_event_attr, size), 4);
	return size >= PERFDATA_ATTR_SIZE_MIN && size < entry ? size : entry;
}

static int head__read_attr(struct perfdata_head *h, int fd, const uint8_t *entry,
			   size_t size, uint64_t *end, struct err *e)
{
	struct span s = span__of(entry + size, 16);
	struct section ids = span__section(&s);
	uint8_t *bytes = section__load(h, fd, ids);
	int r;

	if (!bytes)
		return err__set(e, "its header is damaged: event ids at offset %llu, %llu bytes, are not in the file",
				(unsigned long long)ids.offset, (unsigned long long)ids.size);
	if (ids.size && ids.offset + ids.size > *end)
		*end = ids.offset + ids.size;
	r = perfdata_head__add_attr(h, entry, attr__own_size(entry, size), bytes, ids.size, e);
	free(bytes);
	return r;
}

static int head__read_attrs(struct perfdata_head *h, int fd, struct section attrs,
			    uint64_t entry, uint64_t *end, struct err *e)
{
	uint8_t *bytes = NULL;
	uint64_t i, nr;
	int r = 0;

	if (entry < PERFDATA_ATTR_SIZE_MIN + 16 || entry > ATTR_ENTRY_MAX || attrs.size % entry)
		return err__set(e, "its header is damaged: attr size %llu at offset 16 does not fit the %llu bytes of attrs",
				(unsigned long long)entry, (unsigned long long)attrs.size);
	nr = attrs.size / entry;
	if (nr <= ATTRS_MAX)
		bytes = section__load(h, fd, attrs);
	if (!bytes)
		return err__set(e, "its header is damaged: attrs at offset %llu, %llu bytes, are not in the file",
				(unsigned long long)attrs.offset, (unsigned long long)attrs.size);
	*end = attrs.offset + attrs.size;
	for (i = 0; i < nr && !r; i++)
		r = head__read_attr(h, fd, bytes + i * entry, entry - 16, end, e);
	free(bytes);
	return r;
}

/* The copy of our section before the data: what a killed recorder leaves. */
static int head__read_early_section(struct perfdata_head *h, int fd, uint64_t end,
				    struct err *e)
{
	struct section frame = { .offset = (end + 7) & ~UINT64_C(7), .size = 16 };
	struct section body;
	uint8_t *bytes;
	struct span s;
	int r = 0;

	if (frame.offset + 16 > h->data_offset)
		return 0;
	bytes = section__load(h, fd, frame);
	if (!bytes)
		return 0;
	s = span__of(bytes, 16);
	body.offset = frame.offset + 16;
	r = span__u64(&s) != PERFDATA_XREGS_MAGIC;
	body.size = span__u64(&s);
	free(bytes);
	if (r || body.size > h->data_offset - body.offset)
		return 0;
	bytes = section__load(h, fd, body);
	if (bytes)
		r = perfdata_features__parse(&h->features, PERFDATA_FEAT_XREGS, bytes, body.size, e);
	free(bytes);
	return r;
}

static int head__read_feature(struct perfdata_head *h, int fd, unsigned int nr,
			      uint64_t entry, struct err *e)
{
	uint8_t *bytes = section__load(h, fd, (struct section){ entry, 16 });
	struct section body;
	struct span s;
	int r;

	if (!bytes)
		goto missing;
	s = span__of(bytes, 16);
	body = span__section(&s);
	free(bytes);
	if (!section__inside(h, body))
		goto missing;
	if (perfdata_features__place_section(&h->features, nr, body.offset, body.size))
		return err__set(e, "out of memory");
	if (!perfdata_features__knows(nr))
		return 0;
	bytes = section__load(h, fd, body);
	if (!bytes)
		return 0;
	r = perfdata_features__parse(&h->features, nr, bytes, body.size, e);
	free(bytes);
	return r;
missing:
	h->missing = h->missing ? h->missing : 1;
	return 0;
}

static int head__read_features(struct perfdata_head *h, int fd, const uint64_t flags[4],
			       struct err *e)
{
	uint64_t entry = h->data_end;
	unsigned int i;

	for (i = 0; i < PERFDATA_FEAT_BITS; i++) {
		if (!(flags[i / 64] >> i % 64 & 1))
			continue;
		if (head__read_feature(h, fd, i, entry, e))
			return -1;
		entry += 16;
	}
	return 0;
}

/*
 * data.size stays 0 until the recorder completes the header
 * [tools/perf/util/session.c says so and reads on].
 */
static void head__place_data(struct perfdata_head *h, struct section data)
{
	h->data_offset = data.offset;
	h->data_end = data.offset + data.size;
	if (!data.size) {
		h->unfinished = true;
		h->data_end = h->file_size;
	} else if (h->data_end > h->file_size || h->data_end < data.offset) {
		h->missing = data.size - (h->file_size - data.offset);
		h->data_end = h->file_size;
	}
}

/*
 * perf writes the feature bits at the start already. Where a file really has
 * no records, the table of sections follows and points behind itself; a record
 * there reads as an offset with its size in the uppermost bits.
 */
static bool head__has_table(const struct perfdata_head *h, int fd, uint64_t at,
			    const uint64_t flags[4])
{
	uint64_t first, nr = 0;
	int i;

	for (i = 0; i < 4; i++)
		nr += __builtin_popcountll(flags[i]);
	return nr && section__inside(h, (struct section){ at, nr * 16 }) &&
	       !perfdata__read_at(fd, &first, 8, at) && first >= at + nr * 16 && first <= h->file_size;
}

static int head__read_sections(struct perfdata_head *h, int fd, struct span *s, struct err *e)
{
	uint64_t entry = span__u64(s), flags[4], end = 0;
	struct section attrs = span__section(s), data = span__section(s);
	int i;

	span__section(s);		/* event_types, of Linux before 3.10 */
	for (i = 0; i < 4; i++)
		flags[i] = span__u64(s);
	if (data.offset > h->file_size || data.offset < PERFDATA_HEADER_SIZE)
		return err__set(e, "its header is damaged: the data is said to be at offset %llu of %llu bytes",
				(unsigned long long)data.offset, (unsigned long long)h->file_size);
	head__place_data(h, data);
	if (!data.size && head__has_table(h, fd, data.offset, flags)) {
		h->unfinished = false;
		h->data_end = data.offset;
	}
	if (head__read_attrs(h, fd, attrs, entry, &end, e) ||
	    head__read_early_section(h, fd, end, e))
		return -1;
	if (h->unfinished || (h->missing && !section__inside(h, data)))
		return 0;
	return head__read_features(h, fd, flags, e);
}

int perfdata_head__read(struct perfdata_head *h, int fd, uint64_t size, struct err *e)
{
	uint8_t bytes[PERFDATA_HEADER_SIZE] = { 0 };
	struct span s = span__of(bytes, sizeof(bytes));
	uint64_t header_size;

	memset(h, 0, sizeof(*h));
	h->file_size = size;
	if (perfdata__read_at(fd, bytes, size < sizeof(bytes) ? size : sizeof(bytes), 0))
		return err__set(e, "cannot read its header: %s", errno ? strerror(errno) : "end of file");
	if (size < 16)
		return err__set(e, "it has %llu bytes, too few for a perf.data header", (unsigned long long)size);
	if (perfdata_head__check_magic(bytes, &h->pipe, e))
		return -1;
	span__u64(&s);
	header_size = span__u64(&s);
	if (h->pipe) {
		h->data_offset = PERFDATA_PIPE_HEADER_SIZE;
		h->data_end = size;
		return 0;
	}
	if (size < sizeof(bytes) || header_size < sizeof(bytes))
		return err__set(e, "its header is damaged or cut: %llu bytes are needed, the file has %llu and its header says %llu",
				(unsigned long long)sizeof(bytes), (unsigned long long)size, (unsigned long long)header_size);
	return head__read_sections(h, fd, &s, e);
}

void perfdata_head__free(struct perfdata_head *h)
{
	perfdata_features__free(&h->features);
	ids__free(&h->ids);
}
