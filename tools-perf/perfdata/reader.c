/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records, ordered by time, in bounded memory.
 *
 * perf record writes the buffers of its CPUs one after the other and ends each
 * round with FINISHED_ROUND: what is not later than the latest record of the
 * round before can be handed on [tools/perf/util/ordered-events.c]. Our own
 * files say that they are in order and are handed through without a copy.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "perfdata/header.h"
#include "perfdata/parts.h"
#include "perfdata/queue.h"
#include "perfdata/source.h"

/* Copies that may wait; beyond it the earlier half goes. */
static const uint64_t QUEUE_BYTES = 48 << 20;

struct perfdata_reader {
	char *path;
	struct perfdata_head *head;	/* of a part: that of the whole */
	struct perfdata_parts *parts;	/* of a directory, this file among them */
	struct perfdata_stats *sum;	/* ... and their counts together */
	uint64_t queue_bytes;		/* copies that may wait for their turn */
	struct source src;
	struct inflate inflate;
	struct queue queue;
	struct perfdata_stats stats;
	uint64_t queue_limit;		/* drain the queue up to this time */
	uint64_t queue_floor;		/* ... and down to this many bytes */
	uint64_t round_max, max_time;	/* of the rounds before, and so far */
	uint64_t last_time;		/* delivered */
	uint64_t compressed_at;		/* offset of the COMPRESSED record */
	uint8_t *held;			/* delivered copy, freed at the next call */
	bool draining, ended;
	bool is_part;
	bool opened;			/* callers know attrs and info: they stay as they are */
};

/* A record on its way, in the source's or the queue's memory. */
struct raw {
	struct perf_event_header h;
	const uint8_t *bytes;
	uint64_t offset;
};

static const uint8_t *raw__body(const struct raw *w)
{
	return w->bytes + sizeof(w->h);
}

static size_t raw__body_size(const struct raw *w)
{
	return w->h.size - sizeof(w->h);
}

static void reader__bad(struct perfdata_reader *r, uint64_t offset)
{
	if (!r->stats.bad_records++)
		r->stats.first_bad_offset = offset;
}

static void reader__truncate(struct perfdata_reader *r, uint64_t offset)
{
	if (!r->stats.truncated)
		r->stats.truncated_offset = offset;
	r->stats.truncated = true;
}

static int reader__no_memory(struct perfdata_reader *r, struct err *e)
{
	return err__set(e, "cannot read '%s': out of memory", r->path);
}

/* ---- raw records -------------------------------------------------------------------- */

static bool reader__next_inflated(struct perfdata_reader *r, struct raw *w)
{
	bool bad = false;

	w->offset = r->compressed_at;
	w->bytes = inflate__peek(&r->inflate, sizeof(w->h), &bad);
	if (w->bytes) {
		memcpy(&w->h, w->bytes, sizeof(w->h));
		if (w->h.size < sizeof(w->h))
			bad = true;
		else
			w->bytes = inflate__peek(&r->inflate, w->h.size, &bad);
	}
	if (bad) {
		/* the stream cannot be entered again in its middle */
		reader__bad(r, r->compressed_at);
		inflate__close(&r->inflate);
		return false;
	}
	if (!w->bytes)
		return false;
	inflate__skip(&r->inflate, w->h.size);
	r->stats.decompressed = r->inflate.total;
	return true;
}

/*
 * From the file: false at its end. A header that says less than its own size
 * cannot be skipped: where the next record starts is not known any more, and
 * guessing could make records out of register contents.
 */
static bool reader__next_stored(struct perfdata_reader *r, struct raw *w)
{
	const uint8_t *p = source__peek(&r->src, sizeof(w->h));

	w->offset = r->src.offset;
	if (!p) {
		if (source__left(&r->src))
			reader__truncate(r, w->offset);
		return false;
	}
	memcpy(&w->h, p, sizeof(w->h));
	if (w->h.size < sizeof(w->h)) {
		reader__bad(r, w->offset);
		reader__truncate(r, w->offset);
		r->stats.bytes_missing += r->src.limit == UINT64_MAX ? 0 : r->src.limit - w->offset;
		return false;
	}
	w->bytes = source__peek(&r->src, w->h.size);
	if (!w->bytes) {
		reader__truncate(r, w->offset);
		return false;
	}
	source__skip(&r->src, w->h.size);
	return true;
}

/* ---- records of perf itself ------------------------------------------------------------ */

static int reader__feed(struct perfdata_reader *r, const struct raw *w, const uint8_t *data,
			uint64_t size, struct err *e)
{
	r->compressed_at = w->offset;
	return inflate__feed(&r->inflate, data, size) ? reader__no_memory(r, e) : 0;
}

static int reader__compressed(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	return reader__feed(r, w, raw__body(w), raw__body_size(w), e);
}

static int reader__compressed2(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	struct span s = span__of(raw__body(w), raw__body_size(w));
	uint64_t size = span__u64(&s);
	const uint8_t *p = span__take(&s, size);

	if (!p)
		return reader__bad(r, w->offset), 0;
	return reader__feed(r, w, p, size, e);
}

static int reader__finished_round(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	(void)w;
	(void)e;
	r->draining = true;
	r->queue_limit = r->round_max;
	r->queue_floor = 0;
	r->round_max = r->max_time;
	return 0;
}

static int reader__fail(struct perfdata_reader *r, const struct err *why, struct err *e)
{
	return err__set(e, "cannot read '%s': %s", r->path, why->msg);
}

/* Pipe mode: {attr, ids up to the end of the record}. */
static int reader__header_attr(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	const uint8_t *body = raw__body(w);
	size_t left = raw__body_size(w);
	uint32_t size = 0;
	struct err why;

	if (left >= PERFDATA_ATTR_SIZE_MIN)
		memcpy(&size, body + offsetof(struct perf_event_attr, size), 4);
	if (!size)
		size = PERFDATA_ATTR_SIZE_MIN;	/* Linux before 2.6.32 said nothing */
	if (size > left)
		return reader__bad(r, w->offset), 0;
	if (r->opened)
		return reader__bad(r, w->offset), 0;
	if (perfdata_head__add_attr(r->head, body, size, body + size, left - size, &why))
		return reader__fail(r, &why, e);
	return 0;
}

static int reader__header_feature(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	struct span s = span__of(raw__body(w), raw__body_size(w));
	uint64_t nr = span__u64(&s);
	struct err why;

	if (s.bad || r->opened)
		return reader__bad(r, w->offset), 0;
	if (nr >= PERFDATA_FEAT_BITS)
		return 0;
	if (perfdata_features__keep_section(&r->head->features, nr, s.p, span__left(&s)))
		return reader__no_memory(r, e);
	if (perfdata_features__parse(&r->head->features, nr, s.p, span__left(&s), &why))
		return reader__fail(r, &why, e);
	return 0;
}

static int reader__header_build_id(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	(void)e;
	perfdata_features__add_build_id(&r->head->features, w->h.misc, raw__body(w), raw__body_size(w));
	return 0;
}

/* Data behind the record that its size does not count. */
static int reader__skip_payload(struct perfdata_reader *r, const struct raw *w, uint64_t size)
{
	if (!source__skip(&r->src, size))
		reader__truncate(r, w->offset);
	return 0;
}

static int reader__auxtrace(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	struct span s = span__of(raw__body(w), raw__body_size(w));
	uint64_t size = span__u64(&s);

	(void)e;
	r->stats.aux_bytes += size;
	return reader__skip_payload(r, w, size);
}

/* Up to @size bytes into @to, in pieces that the source can hand out. */
static bool reader__take_payload(struct perfdata_reader *r, uint8_t *to, uint64_t size)
{
	enum { PIECE = 4096 };
	const uint8_t *p;
	uint64_t n;

	for (; size; size -= n) {
		n = size < PIECE ? size : PIECE;
		p = source__peek(&r->src, n);
		if (!p)
			return false;
		memcpy(to, p, n);
		source__skip(&r->src, n);
		to += n;
	}
	return true;
}

/* What a stream has in place of the feature section TRACING_DATA. */
static int reader__tracing_data(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	struct span s = span__of(raw__body(w), raw__body_size(w));
	uint64_t size = span__u32(&s), padded = (size + 7) & ~UINT64_C(7);
	uint8_t *data;
	int ret = 0;

	if (r->opened || size > PERFDATA_SECTION_MAX) {
		r->stats.skipped++;
		return reader__skip_payload(r, w, padded);
	}
	data = malloc(padded + 1);
	if (!data)
		return reader__no_memory(r, e);
	if (!reader__take_payload(r, data, padded))
		reader__truncate(r, w->offset);
	else if (perfdata_features__keep_section(&r->head->features, PERFDATA_FEAT_TRACING_DATA, data, size))
		ret = reader__no_memory(r, e);
	free(data);
	return ret;
}

/* Facts that perf record adds and that stay true of a copy. */
static bool raw__is_tool(const struct raw *w)
{
	static const bool types[] = {
		[PERFDATA_ID_INDEX] = true, [PERFDATA_THREAD_MAP] = true, [PERFDATA_CPU_MAP] = true,
		[PERFDATA_STAT_CONFIG] = true, [PERFDATA_STAT] = true, [PERFDATA_STAT_ROUND] = true,
		[PERFDATA_EVENT_UPDATE] = true, [PERFDATA_TIME_CONV] = true, [PERFDATA_FINISHED_INIT] = true,
		[PERFDATA_BPF_METADATA] = true, [PERFDATA_SCHEDSTAT_CPU] = true, [PERFDATA_SCHEDSTAT_DOMAIN] = true,
	};

	return w->h.type < sizeof(types) && types[w->h.type];
}

static void reader__unknown(struct perfdata_reader *r, uint32_t type)
{
	if (!r->stats.unknown++)
		r->stats.unknown_type = type;
}

static int reader__user_record(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	static int (*const fn[])(struct perfdata_reader *r, const struct raw *w, struct err *e) = {
		[PERFDATA_HEADER_ATTR - PERFDATA_USER_TYPE_START]	= reader__header_attr,
		[PERFDATA_HEADER_TRACING_DATA - PERFDATA_USER_TYPE_START] = reader__tracing_data,
		[PERFDATA_HEADER_BUILD_ID - PERFDATA_USER_TYPE_START]	= reader__header_build_id,
		[PERFDATA_FINISHED_ROUND - PERFDATA_USER_TYPE_START]	= reader__finished_round,
		[PERFDATA_AUXTRACE - PERFDATA_USER_TYPE_START]		= reader__auxtrace,
		[PERFDATA_HEADER_FEATURE - PERFDATA_USER_TYPE_START]	= reader__header_feature,
		[PERFDATA_COMPRESSED - PERFDATA_USER_TYPE_START]	= reader__compressed,
		[PERFDATA_COMPRESSED2 - PERFDATA_USER_TYPE_START]	= reader__compressed2,
	};
	uint32_t i = w->h.type - PERFDATA_USER_TYPE_START;
	bool nested = w->offset == r->compressed_at && r->inflate.z && w->bytes != NULL &&
		      w->bytes >= r->inflate.buf && w->bytes < r->inflate.buf + r->inflate.end;

	if (w->h.type >= PERFDATA_USER_TYPE_END)
		reader__unknown(r, w->h.type);
	if (i >= sizeof(fn) / sizeof(fn[0]) || !fn[i]) {
		r->stats.skipped += w->h.type < PERFDATA_USER_TYPE_END;
		return 0;
	}
	/* inside a compressed record only rounds make sense */
	if (nested && w->h.type != PERFDATA_FINISHED_ROUND) {
		reader__bad(r, w->offset);
		return 0;
	}
	return fn[i](r, w, e);
}

/* ---- kernel records -------------------------------------------------------------------- */

/* The attr of a record; NULL for a sample whose id nobody declared. */
static const struct perfdata_attr *reader__attr(const struct perfdata_reader *r, const struct raw *w)
{
	const struct perfdata_features *f = &r->head->features;
	uint32_t index;
	uint64_t id;

	if (!f->nr_attrs)
		return NULL;
	if (f->nr_attrs == 1)
		return &f->attrs[0];
	if (!sample__peek_id(&f->attrs[0], w->h.type, raw__body(w), raw__body_size(w), &id))
		return &f->attrs[0];
	if (ids__find(&r->head->ids, id, &index))
		return &f->attrs[index];
	return w->h.type == PERF_RECORD_SAMPLE && id ? NULL : &f->attrs[0];
}

static void reader__count(struct perfdata_reader *r, const struct perfdata_record *rec)
{
	r->stats.records++;
	r->stats.deferred_chains += rec->type == PERFDATA_CALLCHAIN_DEFERRED;
	if (rec->type >= PERFDATA_KERNEL_TYPE_END && rec->kind == PERFDATA_OTHER)
		reader__unknown(r, rec->type);
	if (rec->time && rec->time != UINT64_MAX) {
		r->stats.unordered += rec->time < r->last_time;
		r->last_time = rec->time;
	}
	if (rec->kind == PERFDATA_SAMPLE)
		r->stats.samples++;
	if (rec->kind == PERFDATA_THROTTLE)
		r->stats.throttled++;
	if (rec->kind != PERFDATA_LOST)
		return;
	r->stats.lost += rec->lost.lost;
	r->stats.lost_records++;
}

/* 1 with @rec, 0 when the record is malformed and counted. */
static int reader__deliver(struct perfdata_reader *r, const struct raw *w,
			   struct perfdata_record *rec)
{
	const struct perfdata_attr *a = reader__attr(r, w);

	rec->type = w->h.type;
	rec->misc = w->h.misc;
	rec->body = raw__body(w);
	rec->body_size = raw__body_size(w);
	rec->offset = w->offset;
	if (!a || !perfdata_record__decode(rec, a, raw__body(w), raw__body_size(w))) {
		reader__bad(r, w->offset);
		return 0;
	}
	reader__count(r, rec);
	return 1;
}

/* Records without a time go at once, as perf hands them on. */
static bool reader__must_wait(struct perfdata_reader *r, const struct raw *w, uint64_t *time)
{
	const struct perfdata_attr *a;

	if (r->head->features.in_order)
		return false;
	a = reader__attr(r, w);
	return a && sample__peek_time(a, w->h.type, raw__body(w), raw__body_size(w), time) &&
	       *time && *time != UINT64_MAX;
}

static int reader__enqueue(struct perfdata_reader *r, const struct raw *w, uint64_t time,
			   struct err *e)
{
	if (time > r->max_time)
		r->max_time = time;
	if (queue__push(&r->queue, time, w->offset, w->bytes, w->h.size))
		return reader__no_memory(r, e);
	if (r->queue.bytes + r->queue.nr * sizeof(struct queued) > r->queue_bytes) {
		r->draining = true;
		r->queue_limit = UINT64_MAX;
		r->queue_floor = r->queue.bytes / 2;
	}
	return 0;
}

static int reader__drain(struct perfdata_reader *r, struct perfdata_record *rec)
{
	struct queued q;
	struct raw w;

	while (r->queue.nr && r->queue.heap[0].time <= r->queue_limit &&
	       r->queue.bytes > r->queue_floor && queue__pop(&r->queue, &q)) {
		free(r->held);
		r->held = q.bytes;
		memcpy(&w.h, q.bytes, sizeof(w.h));
		w.bytes = q.bytes;
		w.offset = q.offset;
		if (reader__deliver(r, &w, rec))
			return 1;
	}
	r->draining = false;
	return 0;
}

static void reader__end(struct perfdata_reader *r)
{
	r->ended = true;
	if (r->inflate.end > r->inflate.start)
		reader__truncate(r, r->compressed_at);
	r->draining = true;
	r->queue_limit = UINT64_MAX;
	r->queue_floor = 0;
}

/* One record from the file: 1 delivered, 0 not (yet), -1 error. */
static int reader__step(struct perfdata_reader *r, struct perfdata_record *rec, struct err *e)
{
	uint64_t time;
	struct raw w;

	if (!reader__next_inflated(r, &w) && !reader__next_stored(r, &w)) {
		if (r->src.error)
			return err__set(e, "cannot read '%s' at offset %llu: %s", r->path,
					(unsigned long long)r->src.offset, strerror(r->src.error));
		reader__end(r);
		return 0;
	}
	if (raw__is_tool(&w))
		return reader__deliver(r, &w, rec);
	if (w.h.type >= PERFDATA_USER_TYPE_START)
		return reader__user_record(r, &w, e);
	if (reader__must_wait(r, &w, &time))
		return reader__enqueue(r, &w, time, e);
	return reader__deliver(r, &w, rec);
}

int perfdata_reader__next_own(struct perfdata_reader *r,
			      struct perfdata_record *rec, struct err *e)
{
	int n = 0;

	while (!n) {
		if (r->draining)
			n = reader__drain(r, rec);
		else if (r->ended)
			return 0;
		else
			n = reader__step(r, rec, e);
	}
	return n;
}

int perfdata_reader__next(struct perfdata_reader *r,
			  struct perfdata_record *rec, struct err *e)
{
	return r->parts ? perfdata_parts__next(r->parts, rec, e) : perfdata_reader__next_own(r, rec, e);
}

/* Only what lies in the buffer as it will be handed out. */
bool perfdata_reader__upcoming(const struct perfdata_reader *r, struct upcoming *u)
{
	const struct perfdata_features *f = &r->head->features;
	struct perf_event_header h;
	const uint8_t *p = source__at_hand(&r->src, sizeof(h));

	if (!p || r->parts || !f->in_order || f->nr_attrs != 1 || r->inflate.end > r->inflate.start)
		return false;
	memcpy(&h, p, sizeof(h));
	u->cpumode = h.misc & PERF_RECORD_MISC_CPUMODE_MASK;
	return h.type == PERF_RECORD_SAMPLE && h.size > sizeof(h) && source__at_hand(&r->src, h.size) &&
	       sample__peek_place(&f->attrs[0], p + sizeof(h), h.size - sizeof(h), &u->pid, &u->ip);
}

/* ---- open ----------------------------------------------------------------------------- */

static int reader__open_pipe(struct perfdata_reader *r, int fd, struct err *e)
{
	const uint8_t *first;
	struct err why;

	if (source__open(&r->src, fd, false))
		return err__set(e, "out of memory");
	first = source__peek(&r->src, PERFDATA_PIPE_HEADER_SIZE);
	if (!first)
		return err__set(e, "cannot read '%s': it ends after %zu bytes, before the header of a perf.data stream does; was anything recorded?",
				r->path, source__left(&r->src));
	if (perfdata_head__check_magic(first, &r->head->pipe, &why))
		return reader__fail(r, &why, e);
	if (!r->head->pipe)
		return err__set(e, "cannot read '%s': a file that was recorded to disk needs to be read from there; name it with -i", r->path);
	source__skip(&r->src, PERFDATA_PIPE_HEADER_SIZE);
	return 0;
}

static int reader__open_file(struct perfdata_reader *r, int fd, uint64_t size, struct err *e)
{
	struct err why;

	if (source__open(&r->src, fd, true))
		return err__set(e, "out of memory");
	if (!size)
		return err__set(e, "cannot read '%s': the file is empty; was the recorder killed before it began?", r->path);
	if (perfdata_head__read(r->head, fd, size, &why))
		return reader__fail(r, &why, e);
	source__seek(&r->src, r->head->data_offset, r->head->data_end);
	r->stats.unfinished = r->head->unfinished;
	r->stats.bytes_missing = r->head->missing;
	if (r->head->missing)
		reader__truncate(r, size);
	return 0;
}

static int reader__open_fd(struct perfdata_reader *r, int fd, struct err *e)
{
	struct stat st;

	if (fd < 0)
		return err__set(e, "cannot open '%s': %s%s", r->path, strerror(errno),
				errno == ENOENT ? "; record one with 'perf xregs record', or name it with -i" : "");
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return reader__open_file(r, fd, st.st_size, e);
	return reader__open_pipe(r, fd, e);
}

/* perf record --threads: DIR/data has the header, DIR/data.N the records of threads. */
static int reader__open_dir(struct perfdata_reader *r, struct err *e)
{
	char *dir = r->path;

	if (asprintf(&r->path, "%s/data", dir) < 0)
		r->path = NULL;
	else if (access(r->path, F_OK))
		err__set(e, "cannot read '%s': it is a directory without a file 'data', so not one of 'perf record --threads'", dir);
	else if (!reader__open_fd(r, open(r->path, O_RDONLY | O_CLOEXEC), e) &&
		 !perfdata_parts__open(dir, r, r->head, &r->parts, e))
		r->sum = calloc(1, sizeof(*r->sum));
	free(dir);
	return r->sum ? 0 : -1;
}

static int reader__open_path(struct perfdata_reader *r, struct err *e)
{
	struct stat st;

	if (!strcmp(r->path, "-"))
		return reader__open_pipe(r, STDIN_FILENO, e);
	if (!stat(r->path, &st) && S_ISDIR(st.st_mode))
		return reader__open_dir(r, e);
	if (reader__open_fd(r, open(r->path, O_RDONLY | O_CLOEXEC), e))
		return -1;
	if (r->head->features.dir_format)
		return err__set(e, "cannot read '%s' alone: it is part of a directory that 'perf record --threads' made; name the directory with -i", r->path);
	return 0;
}

/* What comes between them waits, to be handed out first. */
static int reader__first(struct perfdata_reader *r, const struct raw *w, struct err *e)
{
	r->draining = true;
	r->queue_limit = 0;
	return queue__push(&r->queue, 0, w->offset, w->bytes, w->h.size) ? reader__no_memory(r, e) : 0;
}

/*
 * In pipe mode the attrs and features are records at the start: read up to the
 * first record of the kernel, so that they are known when open returns.
 */
static int reader__read_ahead(struct perfdata_reader *r, struct err *e)
{
	const uint8_t *p;
	struct raw w;

	while (r->head->pipe && !r->ended) {
		p = source__peek(&r->src, sizeof(w.h));
		if (!p)
			return 0;
		memcpy(&w.h, p, sizeof(w.h));
		if (w.h.type < PERFDATA_USER_TYPE_START || w.h.type == PERFDATA_COMPRESSED ||
		    w.h.type == PERFDATA_COMPRESSED2)
			return 0;
		if (!reader__next_stored(r, &w))
			return reader__end(r), 0;
		if (raw__is_tool(&w) ? reader__first(r, &w, e) : reader__user_record(r, &w, e))
			return -1;
	}
	return 0;
}

static void reader__name_events(struct perfdata_reader *r)
{
	struct perfdata_features *f = &r->head->features;
	unsigned int i;

	for (i = 0; i < f->nr_attrs; i++)
		if (!f->attrs[i].name[0])
			strncpy(f->attrs[i].name, perfdata_attr__generic_name(&f->attrs[i]),
				sizeof(f->attrs[i].name) - 1);
}

static struct perfdata_reader *reader__new(const char *path)
{
	struct perfdata_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->src.fd = -1;
	r->queue_bytes = QUEUE_BYTES;
	r->path = strdup(path);
	return r;
}

static int reader__open(struct perfdata_reader *r, struct err *e)
{
	r->head = calloc(1, sizeof(*r->head));
	if (!r->path || !r->head)
		return err__set(e, "out of memory");
	if (reader__open_path(r, e) || reader__read_ahead(r, e))
		return -1;
	if (!r->head->features.nr_attrs)
		return err__set(e, "cannot read '%s': it describes no event; was the recorder killed before it began?", r->path);
	reader__name_events(r);
	r->opened = true;
	return 0;
}

int perfdata_reader__open(const char *path, struct perfdata_reader **out,
			  struct err *e)
{
	struct perfdata_reader *r = reader__new(path);

	err__set(e, "out of memory");
	if (!r || reader__open(r, e)) {
		perfdata_reader__close(r);
		return -1;
	}
	*out = r;
	return 0;
}

int perfdata_reader__open_part(const char *path, struct perfdata_head *head,
			       uint64_t queue_bytes, struct perfdata_reader **out,
			       struct err *e)
{
	struct perfdata_reader *r = reader__new(path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (!r || !r->path || source__open(&r->src, fd, true) || fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		err__set(e, "cannot open '%s': %s", path, fd < 0 ? strerror(errno) : "no regular file");
		if (fd >= 0 && (!r || r->src.fd != fd))
			close(fd);
		perfdata_reader__close(r);
		return -1;
	}
	source__seek(&r->src, 0, st.st_size);
	r->head = head;
	r->queue_bytes = queue_bytes;
	r->opened = r->is_part = true;
	*out = r;
	return 0;
}

void perfdata_reader__close(struct perfdata_reader *r)
{
	if (!r)
		return;
	perfdata_parts__free(r->parts);
	source__close(&r->src);
	inflate__close(&r->inflate);
	queue__free(&r->queue);
	if (r->head && !r->is_part) {
		perfdata_head__free(r->head);
		free(r->head);
	}
	free(r->sum);
	free(r->held);
	free(r->path);
	free(r);
}

/* ---- what is known -------------------------------------------------------------------- */

const struct perfdata_info *perfdata_reader__info(const struct perfdata_reader *r)
{
	return &r->head->features.info;
}

const struct perfdata_stats *perfdata_reader__stats(const struct perfdata_reader *r)
{
	if (!r->parts)
		return &r->stats;
	perfdata_parts__stats(r->parts, r->sum);
	return r->sum;
}

const struct perfdata_stats *perfdata_reader__stats_own(const struct perfdata_reader *r)
{
	return &r->stats;
}

const struct perfdata_attr *perfdata_reader__attrs(const struct perfdata_reader *r,
						   unsigned int *nr)
{
	*nr = r->head->features.nr_attrs;
	return r->head->features.attrs;
}

const uint8_t *perfdata_reader__build_id(const struct perfdata_reader *r,
					 const char *filename, size_t *size)
{
	const struct perfdata_features *f = &r->head->features;
	size_t i;

	for (i = 0; i < f->nr_build_ids; i++) {
		if (strcmp(f->build_ids[i].filename, filename))
			continue;
		*size = f->build_ids[i].size;
		return f->build_ids[i].id;
	}
	return NULL;
}

int perfdata_reader__section(struct perfdata_reader *r, size_t i,
			     struct perfdata_section *s, struct err *e)
{
	struct perfdata_features *f = &r->head->features;
	struct perfdata_section *x;

	if (i >= f->nr_sections)
		return 0;
	x = &f->sections[i];
	if (x->stays && perfdata_section__load(x, r->src.fd))
		return err__set(e, "cannot read '%s': feature section %u at offset %llu, %llu bytes: %s", r->path, x->nr,
				(unsigned long long)x->offset, (unsigned long long)x->size,
				errno ? strerror(errno) : "end of file");
	*s = *x;
	return 1;
}

uint64_t perfdata_reader__size(const struct perfdata_reader *r, uint64_t *done)
{
	*done = r->src.offset;
	return r->head->pipe ? 0 : r->head->file_size;
}
