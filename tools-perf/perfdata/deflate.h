/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records on their way into COMPRESSED records: one zstd stream, flushed after
 * each chunk, so that what is written can be read even if no more follows.
 */
#ifndef PERF_XREGS_PERFDATA_DEFLATE_H
#define PERF_XREGS_PERFDATA_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Plain bytes between two flushes: perf needs to know the largest (comp_mmap_len). */
enum { DEFLATE_CHUNK = 256 << 10 };

struct deflate;

/** deflate__new - NULL without memory, or for a level that zstd does not have */
struct deflate *deflate__new(int level);
void deflate__free(struct deflate *d);

/** deflate__add - keep a record; false when the chunk has no room left for it */
int deflate__add(struct deflate *d, const void *record, size_t size);
/**
 * deflate__next - a COMPRESSED record of what was added
 * @record: written: the record, valid until the next call
 * Return: its size, 0 when the chunk is empty, -1 when zstd fails.
 */
long deflate__next(struct deflate *d, const void **record);
/** deflate__ratio - plain bytes by compressed ones, rounded; 1 at least */
uint32_t deflate__ratio(const struct deflate *d);
int deflate__level(const struct deflate *d);

#endif
