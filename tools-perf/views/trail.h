/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads of a recording: what each was seen to do before the sample at hand. */
#ifndef PERF_XREGS_TRAIL_H
#define PERF_XREGS_TRAIL_H

#include "perfdata/perfdata.h"
#include "views/view.h"

struct trails {
	struct htab table;
	struct arena arena;
	struct trail *last;
	bool no_memory;
};

/** trails__mapped - a thread has mapped a file to be executed */
void trails__mapped(struct trails *t, const struct perfdata_mmap *m);
/** trails__find - the thread of a sample; NULL: no memory, noted in @t */
struct trail *trails__find(struct trails *t, const struct sample *s);
/** trail__sampled - from here on @f is the thread's latest sample */
void trail__sampled(struct trail *t, const struct facts *f);
void trails__free(struct trails *t);

#endif
