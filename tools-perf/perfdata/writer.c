/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file as perf record writes it: header, attrs, ids, our section, data,
 * feature table, features. The header is written twice: at the start with a
 * data size of 0, which readers take for "up to the end of the file", so that
 * a recorder that is killed leaves a file that can be read; and at the end.
 *
 * Where the data cannot be written (no space, a limit), the file ends with its
 * last record that is whole, and is completed all the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "perfdata/deflate.h"
#include "perfdata/format.h"

enum {
	BUFFER_SIZE	= 1 << 20,
	/* perf sorts what lies between two FINISHED_ROUND records */
	ROUND_BYTES	= 1 << 20,
	SECTION_MAX	= 1 << 20,
	STRING_ALIGN	= 64,		/* perf's NAME_ALIGN */
	OWN_FEATURES	= 14,		/* that writer__put_feature() knows */
	/* for the features, of a file that cannot grow */
	FEATURE_ROOM	= 64 << 10,
};

/* A place where the data can end: after a record, or all that zstd was given. */
struct mark {
	uint64_t size;			/* of the data up to here */
	uint64_t samples;		/* in it */
	uint64_t last_time;		/* of them */
};

struct perfdata_writer {
	int fd;
	char *path;
	struct perfdata_attr *attrs;
	unsigned int nr_attrs;
	size_t attr_size;
	uint64_t attrs_offset, data_offset, data_size;
	uint64_t offset;		/* of the first byte in the buffer */
	uint64_t round;			/* data bytes since the last FINISHED_ROUND */
	uint64_t first_time, last_time, max_time;
	bool in_order;
	struct out buf;
	struct deflate *deflate;	/* NULL: records are written as they are */
	uint64_t samples;		/* in records taken over */
	struct mark *marks;		/* in the buffer */
	size_t nr_marks, room_marks;
	struct mark written;		/* the last that the file has */
	struct mark earlier[2];		/* FEATURE_ROOM apart, the first that far from written */
	bool gave_up;			/* the data ends here */
	struct perfdata_build_id *build_ids;
	size_t nr_build_ids;
	struct foreign {		/* sections of another file */
		const void *data;
		size_t size;
		bool there;
	} foreign[PERFDATA_FEAT_BITS];
	unsigned int nr_foreign;
};

static int writer__fail(struct perfdata_writer *w, const char *what, struct err *e)
{
	int code = errno;

	return err__set(e, "cannot %s '%s': %s%s", what, w->path, strerror(code),
			code == ENOSPC || code == EDQUOT ? "; free some space or choose another place with -o" : "");
}

static int writer__write_at(struct perfdata_writer *w, const void *data,
			    size_t size, uint64_t offset, struct err *e)
{
	const uint8_t *p = data;
	ssize_t n;

	while (size) {
		n = pwrite(w->fd, p, size, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return writer__fail(w, "write to", e);
		p += n;
		size -= n;
		offset += n;
	}
	return 0;
}

/* ---- where the data can end ------------------------------------------------------------ */

static int writer__mark(struct perfdata_writer *w, struct err *e)
{
	size_t room = w->room_marks ? 2 * w->room_marks : 1024;
	struct mark *m;

	if (w->nr_marks == w->room_marks) {
		m = realloc(w->marks, room * sizeof(*m));
		if (!m)
			return err__set(e, "cannot write '%s': out of memory", w->path);
		w->marks = m;
		w->room_marks = room;
	}
	w->marks[w->nr_marks++] = (struct mark){ w->data_size, w->samples, w->last_time };
	return 0;
}

/* The marks up to @end of the file are written. */
static void writer__pass_marks(struct perfdata_writer *w, uint64_t end)
{
	size_t i;

	for (i = 0; i < w->nr_marks && w->data_offset + w->marks[i].size <= end; i++) {
		w->written = w->marks[i];
		if (w->written.size - w->earlier[1].size < FEATURE_ROOM)
			continue;
		w->earlier[0] = w->earlier[1];
		w->earlier[1] = w->written;
	}
	w->nr_marks = 0;
}

/* The file ends at @m, and holds room for its features. */
static bool writer__end_at(struct perfdata_writer *w, struct mark m)
{
	static const uint8_t zero[FEATURE_ROOM];
	uint64_t end = w->data_offset + m.size;
	struct err ignored;

	w->data_size = m.size;
	w->samples = m.samples;
	w->last_time = m.last_time;
	w->offset = end;
	w->buf.len = 0;
	return !ftruncate(w->fd, end) && !writer__write_at(w, zero, sizeof(zero), end, &ignored);
}

/* Up to the last mark, or to one so far before it that the features have room. */
static void writer__give_up(struct perfdata_writer *w)
{
	struct stat st;

	if (w->gave_up || !w->data_offset || fstat(w->fd, &st))
		return;
	w->gave_up = true;
	writer__pass_marks(w, st.st_size);
	if (!writer__end_at(w, w->written))
		writer__end_at(w, w->earlier[0].size ? w->earlier[0] : w->written);
}

static int writer__drain(struct perfdata_writer *w, struct err *e)
{
	if (writer__write_at(w, w->buf.buf, w->buf.len, w->offset, e)) {
		writer__give_up(w);
		return -1;
	}
	w->offset += w->buf.len;
	w->buf.len = 0;
	writer__pass_marks(w, w->offset);
	return 0;
}

static int writer__append(struct perfdata_writer *w, const void *data,
			  size_t size, struct err *e)
{
	if (size > w->buf.size - w->buf.len && writer__drain(w, e))
		return -1;
	if (size <= w->buf.size) {
		out__bytes(&w->buf, data, size);
		return 0;
	}
	if (writer__write_at(w, data, size, w->offset, e))
		return -1;
	w->offset += size;
	return 0;
}

uint64_t perfdata_writer__size(const struct perfdata_writer *w)
{
	return w->offset + w->buf.len;
}

uint64_t perfdata_writer__samples(const struct perfdata_writer *w)
{
	return w->samples;
}

/* ---- header ------------------------------------------------------------------------- */

static int writer__put_header(struct perfdata_writer *w, const uint64_t features[4],
			      struct err *e)
{
	uint8_t bytes[PERFDATA_HEADER_SIZE];
	struct out o = out__of(bytes, sizeof(bytes));
	int i;

	out__u64(&o, PERFDATA_MAGIC);
	out__u64(&o, PERFDATA_HEADER_SIZE);
	out__u64(&o, w->attr_size + 16);
	out__u64(&o, w->attrs_offset);
	out__u64(&o, w->nr_attrs * (w->attr_size + 16));
	out__u64(&o, w->data_offset);
	out__u64(&o, w->data_size);
	out__zero(&o, 16);			/* event_types: not used any more */
	for (i = 0; i < 4; i++)
		out__u64(&o, features[i]);
	return writer__write_at(w, bytes, o.len, 0, e);
}

static int writer__put_attrs(struct perfdata_writer *w, struct err *e)
{
	uint64_t ids = w->attrs_offset + w->nr_attrs * (w->attr_size + 16);
	uint8_t bytes[PERFDATA_ATTR_SIZE_OURS + 16];
	struct out o;
	unsigned int i;

	for (i = 0; i < w->nr_attrs; i++) {
		o = out__of(bytes, sizeof(bytes));
		perfdata_attr__encode(&w->attrs[i], &o, w->attr_size);
		out__u64(&o, ids);
		out__u64(&o, w->attrs[i].nr_ids * UINT64_C(8));
		ids += w->attrs[i].nr_ids * UINT64_C(8);
		if (writer__append(w, bytes, o.len, e))
			return -1;
	}
	for (i = 0; i < w->nr_attrs; i++)
		if (writer__append(w, w->attrs[i].ids, w->attrs[i].nr_ids * UINT64_C(8), e))
			return -1;
	return 0;
}

static int writer__put_section(struct perfdata_writer *w, const struct perfdata_info *info,
			       bool framed, struct err *e)
{
	uint64_t frame[2] = { PERFDATA_XREGS_MAGIC };
	uint8_t *buf = malloc(SECTION_MAX);
	size_t size;
	int r = 0;

	if (!buf)
		return err__set(e, "out of memory");
	size = perfdata_section__write(w->attrs, w->nr_attrs, info, w->in_order && !framed, buf, SECTION_MAX);
	frame[1] = size;
	if (!size)
		r = err__set(e, "cannot write '%s': layout and facts of the recording exceed %d bytes", w->path, SECTION_MAX);
	if (!r && framed)
		r = writer__append(w, frame, sizeof(frame), e);
	if (!r)
		r = writer__append(w, buf, size, e);
	free(buf);
	return r;
}

/* ---- open --------------------------------------------------------------------------- */

/* As perf does: what stands there is kept under another name. */
static int writer__keep_old(struct perfdata_writer *w, struct err *e)
{
	char old[PATH_MAX];
	struct stat st;

	if (stat(w->path, &st) || !S_ISREG(st.st_mode) || !st.st_size)
		return 0;
	if ((size_t)snprintf(old, sizeof(old), "%s.old", w->path) >= sizeof(old))
		return err__set(e, "cannot write '%s': the name is too long", w->path);
	if (rename(w->path, old))
		return err__set(e, "cannot rename '%s' to '%s': %s", w->path, old, strerror(errno));
	return 0;
}

/* Register contents are secrets: nobody else may read the file. */
static int writer__create(struct perfdata_writer *w, struct err *e)
{
	struct stat st;

	if (!strcmp(w->path, "-"))
		return err__usage(e, "cannot write to a pipe: the header is completed at the end; name a file with -o");
	if (writer__keep_old(w, e))
		return -1;
	w->fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return writer__fail(w, "create", e);
	if (fstat(w->fd, &st))
		return writer__fail(w, "look at", e);
	if (S_ISREG(st.st_mode) && fchmod(w->fd, 0600))
		return writer__fail(w, "protect", e);
	return 0;
}

static int writer__copy_attrs(struct perfdata_writer *w, const struct perfdata_attr *attrs,
			      unsigned int nr)
{
	unsigned int i;
	size_t size;

	w->attrs = calloc(nr, sizeof(*w->attrs));
	if (!w->attrs)
		return -1;
	for (i = 0; i < nr; i++) {
		w->attrs[i] = attrs[i];
		w->attrs[i].ids = NULL;
		w->nr_attrs++;
		w->attrs[i].ids = malloc(attrs[i].nr_ids * sizeof(uint64_t) + 1);
		if (!w->attrs[i].ids)
			return -1;
		if (attrs[i].nr_ids)
			memcpy(w->attrs[i].ids, attrs[i].ids, attrs[i].nr_ids * sizeof(uint64_t));
		size = perfdata_attr__size(&attrs[i]);
		if (size > w->attr_size)
			w->attr_size = size;
	}
	return 0;
}

static void writer__free(struct perfdata_writer *w)
{
	size_t i;

	if (w->fd >= 0)
		close(w->fd);
	deflate__free(w->deflate);
	for (i = 0; i < w->nr_attrs; i++)
		free(w->attrs[i].ids);
	for (i = 0; i < w->nr_build_ids; i++)
		free(w->build_ids[i].filename);
	free(w->build_ids);
	free(w->attrs);
	free(w->marks);
	free(w->buf.buf);
	free(w->path);
	free(w);
}

static int writer__start(struct perfdata_writer *w, const struct perfdata_info *info,
			 struct err *e)
{
	static const uint64_t no_features[4];

	if (writer__create(w, e))
		return -1;
	w->attrs_offset = w->offset = PERFDATA_HEADER_SIZE;
	if (writer__put_attrs(w, e) || writer__put_section(w, info, true, e))
		return -1;
	w->data_offset = perfdata_writer__size(w);
	return writer__put_header(w, no_features, e) ? -1 : writer__drain(w, e);
}

int perfdata_writer__open(const char *path, const struct perfdata_attr *attrs,
			  unsigned int nr, const struct perfdata_info *info,
			  struct perfdata_writer **out, struct err *e)
{
	struct perfdata_writer *w = calloc(1, sizeof(*w));
	void *buf = malloc(BUFFER_SIZE);

	if (!w || !buf) {
		free(w);
		free(buf);
		return err__set(e, "out of memory");
	}
	w->fd = -1;
	w->in_order = true;
	w->buf = out__of(buf, BUFFER_SIZE);
	w->path = strdup(path);
	if (!w->path || writer__copy_attrs(w, attrs, nr))
		err__set(e, "out of memory");
	else if (!writer__start(w, info, e))
		return *out = w, 0;
	writer__free(w);
	return -1;
}

/* ---- data --------------------------------------------------------------------------- */

static const struct perfdata_attr *writer__attr(const struct perfdata_writer *w, uint32_t type,
						const void *body, size_t size)
{
	unsigned int i, k;
	uint64_t id;

	if (w->nr_attrs < 2 || !sample__peek_id(&w->attrs[0], type, body, size, &id))
		return &w->attrs[0];
	for (i = 0; i < w->nr_attrs; i++)
		for (k = 0; k < w->attrs[i].nr_ids; k++)
			if (w->attrs[i].ids[k] == id)
				return &w->attrs[i];
	return &w->attrs[0];
}

static void writer__note_time(struct perfdata_writer *w, const struct perf_event_header *h,
			      const uint8_t *body)
{
	size_t size = h->size - sizeof(*h);
	uint64_t time;

	if (!w->nr_attrs || h->type >= PERFDATA_USER_TYPE_START ||
	    !sample__peek_time(writer__attr(w, h->type, body, size), h->type, body, size, &time) || !time)
		return;
	if (time < w->max_time)
		w->in_order = false;
	else
		w->max_time = time;
	if (h->type != PERF_RECORD_SAMPLE)
		return;
	if (!w->first_time)
		w->first_time = time;
	w->last_time = time;
}

/* A record into the data section. */
static int writer__put_data(struct perfdata_writer *w, const void *record, size_t size,
			    struct err *e)
{
	if (writer__append(w, record, size, e))
		return -1;
	w->data_size += size;
	return 0;
}

/* What waits for compression, as COMPRESSED records. */
static int writer__put_compressed(struct perfdata_writer *w, struct err *e)
{
	const void *record;
	long n = 0;

	while (w->deflate && (n = deflate__next(w->deflate, &record)) > 0)
		if (writer__put_data(w, record, n, e))
			return -1;
	if (n < 0)
		return err__set(e, "cannot write '%s': zstd could not compress", w->path);
	return writer__mark(w, e);
}

int perfdata_writer__flush(struct perfdata_writer *w, struct err *e)
{
	return writer__put_compressed(w, e) ? -1 : writer__drain(w, e);
}

int perfdata_writer__compress(struct perfdata_writer *w, int level, struct err *e)
{
	if (level < 1 || level > 22)
		return err__usage(e, "compression level %d is none of zstd's; they are 1 to 22", level);
	w->deflate = deflate__new(level);
	return w->deflate ? 0 : err__set(e, "out of memory");
}

static int writer__put_record(struct perfdata_writer *w, const void *record, size_t size,
			      uint64_t samples, struct err *e)
{
	if (!w->deflate) {
		if (writer__put_data(w, record, size, e))
			return -1;
		w->samples += samples;
		return writer__mark(w, e);
	}
	if (!deflate__add(w->deflate, record, size)) {
		if (writer__put_compressed(w, e))
			return -1;
		deflate__add(w->deflate, record, size);
	}
	w->samples += samples;
	return 0;
}

/* Never compressed: perf looks for it between COMPRESSED records. */
static int writer__finish_round(struct perfdata_writer *w, struct err *e)
{
	struct perf_event_header h = { .type = PERFDATA_FINISHED_ROUND, .size = sizeof(h) };

	w->round = 0;
	if (writer__put_compressed(w, e) || writer__put_data(w, &h, sizeof(h), e))
		return -1;
	return writer__mark(w, e);
}

int perfdata_writer__record(struct perfdata_writer *w, const void *record,
			    size_t size, struct err *e)
{
	struct perf_event_header h;

	if (size < sizeof(h))
		return err__set(e, "cannot write '%s': a record of %zu bytes has no header", w->path, size);
	memcpy(&h, record, sizeof(h));
	if (h.size != size || size % 8)
		return err__set(e, "cannot write '%s': a record of %zu bytes says %u, or is not padded to 8", w->path, size, h.size);
	if (w->gave_up)
		return err__set(e, "cannot write to '%s': it could not take what came before", w->path);
	writer__note_time(w, &h, (const uint8_t *)record + sizeof(h));
	if (writer__put_record(w, record, size, h.type == PERF_RECORD_SAMPLE, e))
		return -1;
	w->round += size;
	return w->round >= ROUND_BYTES ? writer__finish_round(w, e) : 0;
}

int perfdata_writer__build_id(struct perfdata_writer *w, const char *filename,
			      const uint8_t *id, size_t size, struct err *e)
{
	struct perfdata_build_id *list, *b;
	size_t i;

	if (!size || size > PERFDATA_BUILD_ID_MAX)
		return err__set(e, "cannot write '%s': a build-id of %zu bytes for '%s'; 1 to %d are possible",
				w->path, size, filename, PERFDATA_BUILD_ID_MAX);
	for (i = 0; i < w->nr_build_ids; i++)
		if (!strcmp(w->build_ids[i].filename, filename))
			return 0;
	list = realloc(w->build_ids, (w->nr_build_ids + 1) * sizeof(*list));
	if (!list)
		return err__set(e, "out of memory");
	w->build_ids = list;
	b = &list[w->nr_build_ids];
	memset(b, 0, sizeof(*b));
	memcpy(b->id, id, size);
	b->size = size;
	b->filename = strdup(filename);
	if (!b->filename)
		return err__set(e, "out of memory");
	w->nr_build_ids++;
	return 0;
}

/* ---- features ----------------------------------------------------------------------- */

static int writer__put_u32(struct perfdata_writer *w, uint32_t v, struct err *e)
{
	return writer__append(w, &v, sizeof(v), e);
}

static int writer__put_string(struct perfdata_writer *w, const char *s, struct err *e)
{
	static const uint8_t zero[STRING_ALIGN];
	uint32_t len = strlen(s) + 1, padded = (len + STRING_ALIGN - 1) / STRING_ALIGN * STRING_ALIGN;

	return writer__put_u32(w, padded, e) || writer__append(w, s, len, e) ||
	       writer__append(w, zero, padded - len, e) ? -1 : 0;
}

static int writer__put_build_ids(struct perfdata_writer *w, struct err *e)
{
	uint8_t bytes[PATH_MAX + 128];
	struct perf_event_header h = { .type = PERFDATA_HEADER_BUILD_ID };
	const struct perfdata_build_id *b;
	struct out o;
	size_t i;

	for (i = 0; i < w->nr_build_ids; i++) {
		b = &w->build_ids[i];
		o = out__of(bytes, sizeof(bytes));
		out__zero(&o, sizeof(h));
		out__u32(&o, UINT32_MAX);		/* any process */
		out__bytes(&o, b->id, sizeof(b->id));
		out__bytes(&o, (uint8_t[]){ b->size, 0, 0, 0 }, 4);
		out__bytes(&o, b->filename, strlen(b->filename) + 1);
		out__align(&o, STRING_ALIGN);
		if (o.full)
			continue;
		h.size = o.len;
		h.misc = PERFDATA_MISC_BUILD_ID_SIZE |
			 (b->filename[0] == '[' && strcmp(b->filename, "[vdso]") ? PERF_RECORD_MISC_KERNEL : PERF_RECORD_MISC_USER);
		memcpy(bytes, &h, sizeof(h));
		if (writer__append(w, bytes, o.len, e))
			return -1;
	}
	return 0;
}

static int writer__put_event_desc(struct perfdata_writer *w, struct err *e)
{
	uint8_t bytes[PERFDATA_ATTR_SIZE_OURS];
	struct out o;
	unsigned int i;

	if (writer__put_u32(w, w->nr_attrs, e) || writer__put_u32(w, w->attr_size, e))
		return -1;
	for (i = 0; i < w->nr_attrs; i++) {
		o = out__of(bytes, sizeof(bytes));
		perfdata_attr__encode(&w->attrs[i], &o, w->attr_size);
		if (writer__append(w, bytes, o.len, e) ||
		    writer__put_u32(w, w->attrs[i].nr_ids, e) ||
		    writer__put_string(w, w->attrs[i].name, e) ||
		    writer__append(w, w->attrs[i].ids, w->attrs[i].nr_ids * UINT64_C(8), e))
			return -1;
	}
	return 0;
}

static int writer__put_cmdline(struct perfdata_writer *w, char *const *cmdline, struct err *e)
{
	uint32_t n = 0;

	while (cmdline[n])
		n++;
	if (writer__put_u32(w, n, e))
		return -1;
	for (; *cmdline; cmdline++)
		if (writer__put_string(w, *cmdline, e))
			return -1;
	return 0;
}

/* What perf needs to read COMPRESSED records [util/header.c: write_compressed()]. */
static int writer__put_compression(struct perfdata_writer *w, struct err *e)
{
	const uint32_t words[5] = {
		1, 1, deflate__level(w->deflate), deflate__ratio(w->deflate), DEFLATE_CHUNK,
	};

	return writer__append(w, words, sizeof(words), e);
}

int perfdata_writer__section(struct perfdata_writer *w, unsigned int nr,
			     const void *data, size_t size, struct err *e)
{
	if (nr >= PERFDATA_FEAT_BITS)
		return err__set(e, "cannot write '%s': there is no feature %u", w->path, nr);
	w->nr_foreign += !w->foreign[nr].there;
	w->foreign[nr] = (struct foreign){ data, size, true };
	return 0;
}

/* One feature; nothing is written where there is nothing to say. */
static int writer__put_feature(struct perfdata_writer *w, unsigned int nr,
			       const struct perfdata_info *info, struct err *e)
{
	const uint32_t cpus[2] = { info->nrcpus_available, info->nrcpus_online };
	const uint64_t times[2] = { w->first_time, w->last_time };
	char **s = perfdata_info__string((struct perfdata_info *)info, nr);

	switch (nr) {
	case PERFDATA_FEAT_BUILD_ID:
		return writer__put_build_ids(w, e);
	case PERFDATA_FEAT_NRCPUS:
		return cpus[0] ? writer__append(w, cpus, sizeof(cpus), e) : 0;
	case PERFDATA_FEAT_TOTAL_MEM:
		return info->total_mem_kb ? writer__append(w, &info->total_mem_kb, 8, e) : 0;
	case PERFDATA_FEAT_CMDLINE:
		return info->cmdline ? writer__put_cmdline(w, info->cmdline, e) : 0;
	case PERFDATA_FEAT_EVENT_DESC:
		return writer__put_event_desc(w, e);
	case PERFDATA_FEAT_SAMPLE_TIME:
		return w->first_time ? writer__append(w, times, sizeof(times), e) : 0;
	case PERFDATA_FEAT_COMPRESSED:
		return w->deflate ? writer__put_compression(w, e) : 0;
	case PERFDATA_FEAT_XREGS:
		return writer__put_section(w, info, false, e);
	default:
		return s && *s ? writer__put_string(w, *s, e) : 0;
	}
}

/* Return: 1 when there is such a section, be it empty, 0 when not, -1 with @e. */
static int writer__put_section_nr(struct perfdata_writer *w, unsigned int nr,
				  const struct perfdata_info *info, struct err *e)
{
	const struct foreign *f = &w->foreign[nr];
	uint64_t start = perfdata_writer__size(w);

	if (f->there)
		return writer__append(w, f->data, f->size, e) ? -1 : 1;
	if (writer__put_feature(w, nr, info, e))
		return -1;
	return perfdata_writer__size(w) > start;
}

/*
 * The table of sections precedes them, in the order of their bits: room for all
 * is left, then filled with those there are.
 */
static int writer__put_features(struct perfdata_writer *w, const struct perfdata_info *info,
				uint64_t features[4], struct err *e)
{
	uint64_t table[2 * PERFDATA_FEAT_BITS], end = w->data_offset + w->data_size;
	unsigned int i;
	size_t n = 0;
	int r;

	w->offset = end + (OWN_FEATURES + w->nr_foreign) * 16;
	for (i = 0; i < PERFDATA_FEAT_BITS; i++) {
		table[n] = perfdata_writer__size(w);
		r = writer__put_section_nr(w, i, info, e);
		if (r < 0)
			return -1;
		if (!r)
			continue;
		table[n + 1] = perfdata_writer__size(w) - table[n];
		n += 2;
		features[i / 64] |= UINT64_C(1) << i % 64;
	}
	return writer__drain(w, e) ? -1 :
	       writer__write_at(w, table, n * sizeof(table[0]), end, e);
}

static int writer__end_data(struct perfdata_writer *w, struct err *e)
{
	/* callers know how many samples there are: no going back any more */
	w->earlier[0] = w->written;
	return writer__finish_round(w, e) || writer__drain(w, e) ? -1 : 0;
}

/* Without room for its features a file has its data and the section before it. */
static int writer__complete(struct perfdata_writer *w, const struct perfdata_info *info,
			    struct err *e)
{
	uint64_t features[4] = { 0 };
	struct err late;
	int r = writer__put_features(w, info, features, e);

	if (r) {
		memset(features, 0, sizeof(features));
		w->buf.len = 0;
		w->offset = w->data_offset + w->data_size;
	}
	if ((r || w->gave_up) && ftruncate(w->fd, w->offset))
		r = writer__fail(w, "shorten", e);
	return writer__put_header(w, features, r ? &late : e) ? -1 : r;
}

static int writer__end_file(struct perfdata_writer *w, const struct perfdata_info *info, struct err *e)
{
	struct err late;
	int r = w->gave_up ? 0 : writer__end_data(w, e);

	if (writer__complete(w, info, r ? &late : e))
		r = -1;
	if (close(w->fd) && !r)
		r = writer__fail(w, "close", e);
	w->fd = -1;
	return r;
}

/* As after open(), but for what is remembered for every file. */
static void writer__forget_file(struct perfdata_writer *w)
{
	w->data_size = w->round = w->samples = 0;
	w->first_time = w->last_time = w->max_time = 0;
	w->in_order = true;
	w->buf.len = w->nr_marks = 0;
	w->written = w->earlier[0] = w->earlier[1] = (struct mark){ 0 };
}

int perfdata_writer__next_file(struct perfdata_writer *w, const char *keep,
			       const struct perfdata_info *info,
			       const struct perfdata_info *next, struct err *e)
{
	int level = w->deflate ? deflate__level(w->deflate) : 0;

	if (writer__end_file(w, info, e))
		return -1;
	if (rename(w->path, keep))
		return err__set(e, "cannot rename '%s' to '%s': %s", w->path, keep, strerror(errno));
	writer__forget_file(w);
	deflate__free(w->deflate);	/* each file's stream is its own */
	w->deflate = NULL;
	if (writer__start(w, next, e))
		return -1;
	return level ? perfdata_writer__compress(w, level, e) : 0;
}

int perfdata_writer__close(struct perfdata_writer *w,
			   const struct perfdata_info *info, struct err *e)
{
	int r = w->fd < 0 ? err__set(e, "cannot complete '%s': it is gone", w->path) : writer__end_file(w, info, e);

	writer__free(w);
	return r;
}
