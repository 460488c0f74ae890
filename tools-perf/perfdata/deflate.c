/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "perfdata/deflate.h"
#include "perfdata/format.h"

struct deflate {
	ZSTD_CStream *z;
	int level;
	ZSTD_inBuffer in;		/* the chunk; in.size bytes of it are used */
	bool flushing;
	uint64_t plain, packed;
	uint8_t chunk[DEFLATE_CHUNK];
	uint8_t record[PERFDATA_RECORD_MAX];
};

struct deflate *deflate__new(int level)
{
	struct deflate *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->z = ZSTD_createCStream();
	d->in.src = d->chunk;
	d->level = level;
	if (!d->z || ZSTD_isError(ZSTD_CCtx_setParameter(d->z, ZSTD_c_compressionLevel, level))) {
		deflate__free(d);
		return NULL;
	}
	return d;
}

void deflate__free(struct deflate *d)
{
	if (!d)
		return;
	ZSTD_freeCStream(d->z);
	free(d);
}

int deflate__add(struct deflate *d, const void *record, size_t size)
{
	if (size > sizeof(d->chunk) - d->in.size)
		return 0;
	memcpy(d->chunk + d->in.size, record, size);
	d->in.size += size;
	d->flushing = true;
	return 1;
}

long deflate__next(struct deflate *d, const void **record)
{
	struct perf_event_header h = { .type = PERFDATA_COMPRESSED };
	ZSTD_outBuffer out = { d->record + sizeof(h), sizeof(d->record) - sizeof(h), 0 };
	size_t left;

	if (!d->flushing)
		return 0;
	left = ZSTD_compressStream2(d->z, &out, &d->in, ZSTD_e_flush);
	if (ZSTD_isError(left))
		return -1;
	if (!left) {
		d->plain += d->in.size;
		d->in.size = d->in.pos = 0;
		d->flushing = false;
	}
	h.size = sizeof(h) + out.pos;
	memcpy(d->record, &h, sizeof(h));
	d->packed += out.pos;
	*record = d->record;
	return h.size;
}

uint32_t deflate__ratio(const struct deflate *d)
{
	uint64_t ratio = d->packed ? (d->plain + d->packed / 2) / d->packed : 1;

	return ratio ? ratio : 1;
}

int deflate__level(const struct deflate *d)
{
	return d->level;
}
