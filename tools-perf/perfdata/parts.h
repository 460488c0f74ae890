/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory of perf record --threads: DIR/data has the header and what was
 * there at the start, each DIR/data.N the records that one thread wrote, in its
 * own order and its own zstd stream. Each is read by a reader of its own; their
 * records are merged by time.
 */
#ifndef PERF_XREGS_PERFDATA_PARTS_H
#define PERF_XREGS_PERFDATA_PARTS_H

#include "perfdata/header.h"

struct perfdata_parts;

/**
 * perfdata_parts__open - the files of a directory
 * @main: reader of DIR/data, which stays its owner's
 * @head: what all of them share
 */
int perfdata_parts__open(const char *dir, struct perfdata_reader *main,
			 struct perfdata_head *head, struct perfdata_parts **out,
			 struct err *e);
/** perfdata_parts__next - as perfdata_reader__next() */
int perfdata_parts__next(struct perfdata_parts *p, struct perfdata_record *rec,
			 struct err *e);
/** perfdata_parts__stats - the counts of all files together */
void perfdata_parts__stats(const struct perfdata_parts *p, struct perfdata_stats *sum);
void perfdata_parts__free(struct perfdata_parts *p);

/* ---- of reader.c ---------------------------------------------------------------- */

/** perfdata_reader__open_part - a file of records alone */
int perfdata_reader__open_part(const char *path, struct perfdata_head *head,
			       uint64_t queue_bytes, struct perfdata_reader **out,
			       struct err *e);
/** perfdata_reader__next_own - the next record of this file alone */
int perfdata_reader__next_own(struct perfdata_reader *r,
			      struct perfdata_record *rec, struct err *e);
const struct perfdata_stats *perfdata_reader__stats_own(const struct perfdata_reader *r);

#endif
