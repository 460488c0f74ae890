/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Feature sections, read [tools/perf/Documentation/perf.data-file-format.txt].
 * A section that is damaged leaves its facts missing; only what would make
 * everything else wrong is an error.
 */
#include <stdlib.h>
#include <string.h>

#include "perfdata/format.h"

/* More binaries than any machine maps: a stream without end must not fill the memory. */
enum { BUILD_IDS_MAX = 1 << 20 };

/* u32 len, len bytes with a NUL among them (perf pads to 64). */
static char *feature__string(struct span *s)
{
	uint32_t len = span__u32(s);
	const uint8_t *p = span__take(s, len);

	return p ? strndup((const char *)p, len) : NULL;
}

static bool arch__is_x86(const char *a)
{
	return !strcmp(a, "x86_64") || !strcmp(a, "x86") ||
	       (a[0] == 'i' && a[1] >= '3' && a[1] <= '6' && !strcmp(a + 2, "86"));
}

/* Hostname, release, ...: one string each. */
static int string__parse(struct perfdata_features *f, unsigned int nr, struct span *s,
			 struct err *e)
{
	char **to = perfdata_info__string(&f->info, nr);

	free(*to);
	*to = feature__string(s);
	if (nr == PERFDATA_FEAT_ARCH && *to && !arch__is_x86(*to))
		return err__set(e, "it was recorded on '%.32s'; perf-xregs reads files of x86 machines", *to);
	return 0;
}

static int nrcpus__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	(void)e;
	f->info.nrcpus_available = span__u32(s);
	f->info.nrcpus_online = span__u32(s);
	return 0;
}

static int total_mem__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	(void)e;
	f->info.total_mem_kb = span__u64(s);
	return 0;
}

static int sample_time__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	(void)e;
	f->info.first_time = span__u64(s);
	f->info.last_time = span__u64(s);
	return 0;
}

static int cmdline__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	uint32_t i, nr = span__u32(s);
	char **args;

	(void)e;
	/* each argument takes 4 bytes at least */
	if (f->info.cmdline || nr > span__left(s) / 4)
		return 0;
	args = calloc(nr + 1, sizeof(*args));
	for (i = 0; args && i < nr; i++) {
		args[i] = feature__string(s);
		if (!args[i])
			break;
	}
	f->info.cmdline = args;
	return 0;
}

/* Names go to the attrs in order: perf writes both from the same list. */
static int event_desc__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	uint32_t nr = span__u32(s), size = span__u32(s), i, ids;
	char *name;

	(void)e;
	for (i = 0; i < nr && i < f->nr_attrs && !s->bad; i++) {
		span__take(s, size);
		ids = span__u32(s);
		name = feature__string(s);
		span__array(s, ids, 8);
		if (name && !s->bad)
			strncpy(f->attrs[i].name, name, sizeof(f->attrs[i].name) - 1);
		free(name);
	}
	return 0;
}

static int dir_format__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	(void)s;
	(void)e;
	f->dir_format = true;
	return 0;
}

/*
 * build_id_event: pid, 20 bytes of id, its size where MISC_BUILD_ID_SIZE says
 * so, padding to 24, file name. Before Linux 5.12 the size was always 20.
 */
void perfdata_features__add_build_id(struct perfdata_features *f, uint16_t misc,
				     const void *body, size_t size)
{
	struct span s = span__of(body, size);
	struct perfdata_build_id b = { .size = PERFDATA_BUILD_ID_MAX }, *list;
	const uint8_t *id;
	const char *name;

	span__u32(&s);
	id = span__take(&s, 24);
	name = span__string(&s);
	if (!id || !name)
		return;
	memcpy(b.id, id, sizeof(b.id));
	if (misc & PERFDATA_MISC_BUILD_ID_SIZE)
		b.size = id[20];
	if (!b.size || b.size > PERFDATA_BUILD_ID_MAX || f->nr_build_ids >= BUILD_IDS_MAX)
		return;
	/* grown by doubling; entries are bounded by the bytes they come from */
	if (!(f->nr_build_ids & (f->nr_build_ids - 1))) {
		list = realloc(f->build_ids, (f->nr_build_ids ? 2 * f->nr_build_ids : 1) * sizeof(*list));
		if (!list)
			return;
		f->build_ids = list;
	}
	b.filename = strdup(name);
	if (!b.filename)
		return;
	f->build_ids[f->nr_build_ids++] = b;
	f->info.build_ids = f->nr_build_ids;
}

static int build_id__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	struct perf_event_header h;
	const uint8_t *p;

	(void)e;
	while (span__left(s) >= sizeof(h)) {
		p = span__take(s, sizeof(h));
		memcpy(&h, p, sizeof(h));
		if (h.size < sizeof(h))
			break;
		p = span__take(s, h.size - sizeof(h));
		if (!p)
			break;
		perfdata_features__add_build_id(f, h.misc, p, h.size - sizeof(h));
	}
	return 0;
}

/* ---- our section ------------------------------------------------------------------- */

static int layout__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	struct xstate_layout l;
	size_t where;
	int r = xstate_layout__read(&l, s->p, span__left(s), &where);

	if (r)
		return err__set(e, "the layout record is damaged at its byte %zu: %s", where, xstate_strerror(r));
	f->info.layout = l;
	f->info.has_layout = true;
	return 0;
}

static void meta__add(struct perfdata_features *f, const char *key, const char *value)
{
	int k;

	if (!strcmp(key, "order"))
		f->in_order = !strcmp(value, "time");
	for (k = 0; k < PERFDATA_META_NR; k++)
		if (!strcmp(key, perfdata_meta__name(k)))
			perfdata_info__set(&f->info, k, "%s", value);
}

static int meta__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	const char *key, *value;

	(void)e;
	while (span__left(s)) {
		key = span__string(s);
		value = span__string(s);
		if (!key || !value)
			break;
		meta__add(f, key, value);
	}
	return 0;
}

static int attr_tail__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	uint32_t index = span__u32(s);

	span__u32(s);
	if (s->bad || index >= f->nr_attrs)
		return 0;
	return perfdata_attr__decode_tail(&f->attrs[index], s->p, span__left(s), e);
}

typedef int (*parse_fn)(struct perfdata_features *f, struct span *s, struct err *e);

static const parse_fn chunk_parsers[] = {
	[PERFDATA_CHUNK_LAYOUT]		= layout__parse,
	[PERFDATA_CHUNK_META]		= meta__parse,
	[PERFDATA_CHUNK_ATTR_TAIL]	= attr_tail__parse,
};

static int xregs__parse(struct perfdata_features *f, struct span *s, struct err *e)
{
	uint32_t type, size;
	const uint8_t *p;
	struct span chunk;

	while (span__left(s) >= 8) {
		type = span__u32(s);
		size = span__u32(s);
		p = span__take(s, size);
		if (!p)
			return 0;
		span__take(s, (8 - size % 8) % 8);
		chunk = span__of(p, size);
		if (type < sizeof(chunk_parsers) / sizeof(chunk_parsers[0]) && chunk_parsers[type] &&
		    chunk_parsers[type](f, &chunk, e))
			return -1;
	}
	return 0;
}

static const parse_fn feature_parsers[PERFDATA_FEAT_BITS] = {
	[PERFDATA_FEAT_BUILD_ID]	= build_id__parse,
	[PERFDATA_FEAT_NRCPUS]		= nrcpus__parse,
	[PERFDATA_FEAT_TOTAL_MEM]	= total_mem__parse,
	[PERFDATA_FEAT_CMDLINE]		= cmdline__parse,
	[PERFDATA_FEAT_EVENT_DESC]	= event_desc__parse,
	[PERFDATA_FEAT_SAMPLE_TIME]	= sample_time__parse,
	[PERFDATA_FEAT_DIR_FORMAT]	= dir_format__parse,
	[PERFDATA_FEAT_XREGS]		= xregs__parse,
};

bool perfdata_features__knows(unsigned int nr)
{
	struct perfdata_info none;

	return nr < PERFDATA_FEAT_BITS && (feature_parsers[nr] || perfdata_info__string(&none, nr));
}

int perfdata_features__parse(struct perfdata_features *f, unsigned int nr,
			     const void *data, size_t size, struct err *e)
{
	struct span s = span__of(data, size);

	if (perfdata_info__string(&f->info, nr))
		return string__parse(f, nr, &s, e);
	if (nr >= PERFDATA_FEAT_BITS || !feature_parsers[nr])
		return 0;
	return feature_parsers[nr](f, &s, e);
}

void perfdata_features__free(struct perfdata_features *f)
{
	size_t i;

	for (i = 0; i < f->nr_attrs; i++)
		free(f->attrs[i].ids);
	free(f->attrs);
	for (i = 0; i < f->nr_build_ids; i++)
		free(f->build_ids[i].filename);
	free(f->build_ids);
	perfdata_sections__free(f);
	perfdata_info__free(&f->info);
	memset(f, 0, sizeof(*f));
}

/* ---- our section, written ------------------------------------------------------------ */

/* A chunk's size is only known when it is written: patched in afterwards. */
static size_t chunk__begin(struct out *o, uint32_t type)
{
	size_t at = o->len;

	out__u32(o, type);
	out__u32(o, 0);
	return at;
}

static void chunk__end(struct out *o, size_t at)
{
	uint32_t size = o->len - at - 8;

	if (!o->full)
		memcpy(o->buf + at + 4, &size, 4);
	out__align(o, 8);
}

static void layout__write(struct out *o, const struct xstate_layout *l)
{
	size_t at = chunk__begin(o, PERFDATA_CHUNK_LAYOUT), written = 0;

	if (xstate_layout__write(l, o->buf + o->len, o->size - o->len, &written))
		o->full = true;
	o->len += written;
	chunk__end(o, at);
}

static void meta__put(struct out *o, const char *key, const char *value)
{
	out__bytes(o, key, strlen(key) + 1);
	out__bytes(o, value, strlen(value) + 1);
}

static void meta__write(struct out *o, const struct perfdata_info *info, bool in_order)
{
	size_t at = chunk__begin(o, PERFDATA_CHUNK_META);
	int k;

	if (in_order)
		meta__put(o, "order", "time");
	for (k = 0; k < PERFDATA_META_NR; k++)
		if (info->meta[k])
			meta__put(o, perfdata_meta__name(k), info->meta[k]);
	chunk__end(o, at);
}

size_t perfdata_section__write(const struct perfdata_attr *attrs, unsigned int nr,
			       const struct perfdata_info *info, bool in_order,
			       void *buf, size_t size)
{
	struct out o = out__of(buf, size);
	unsigned int i;
	size_t at;

	if (info->has_layout)
		layout__write(&o, &info->layout);
	for (i = 0; i < nr; i++) {
		if (!perfdata_attr__has_tail(&attrs[i]))
			continue;
		at = chunk__begin(&o, PERFDATA_CHUNK_ATTR_TAIL);
		out__u32(&o, i);
		out__u32(&o, 0);
		perfdata_attr__encode_tail(&attrs[i], &o);
		chunk__end(&o, at);
	}
	meta__write(&o, info, in_order);
	return o.full ? 0 : o.len;
}
