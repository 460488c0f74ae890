/* SPDX-License-Identifier: GPL-2.0-only */
/* The head of a file: magic, attrs, ids, features. */
#ifndef PERF_XREGS_PERFDATA_HEADER_H
#define PERF_XREGS_PERFDATA_HEADER_H

#include "perfdata/format.h"
#include "perfdata/ids.h"

struct perfdata_head {
	bool pipe;			/* 16 bytes and records that say the rest */
	uint64_t file_size;
	uint64_t data_offset, data_end;
	bool unfinished;		/* never completed by its recorder */
	uint64_t missing;		/* bytes that the file should have and has not */
	struct perfdata_features features;
	struct ids ids;
	size_t nr_ids;			/* of all attrs, equal ones counted each */
};

/**
 * perfdata_head__read - everything before the records
 * @fd: regular file of @size bytes
 */
int perfdata_head__read(struct perfdata_head *h, int fd, uint64_t size,
			struct err *e);
/** perfdata_head__check_magic - is this the start of a file of ours? */
int perfdata_head__check_magic(const uint8_t first[16], bool *pipe, struct err *e);
/** perfdata_head__add_attr - an attr and the bytes of its ids */
int perfdata_head__add_attr(struct perfdata_head *h, const void *attr,
			    size_t size, const void *ids, size_t ids_size,
			    struct err *e);
void perfdata_head__free(struct perfdata_head *h);

#endif
