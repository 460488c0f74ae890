/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings with known answers: a perf.data file as our recorder writes it,
 * whose samples are at instructions that are assembled on the spot.
 */
#ifndef XREGS_TESTS_RECORDING_H
#define XREGS_TESTS_RECORDING_H

#include "perfdata/perfdata.h"

enum { RECORDING_PID = 100, RECORDING_BASE = 0x400000 };

/* A sample; what is not set is 0, init or of the defaults below. */
struct recording_sample {
	uint32_t pid, tid;		/* 0: RECORDING_PID */
	uint32_t cpu;
	uint64_t ip;			/* of the object, RECORDING_BASE is added */
	uint64_t ms;			/* since the first */
	uint64_t caller;		/* 0: no call chain; else as ip */
	uint64_t captured;		/* components; 0: all of the layout's vectors */
	uint64_t xinuse;		/* 0: as value */
	uint64_t value;			/* components with a value */
	bool no_registers;
	uint32_t mxcsr;			/* 0: MXCSR_INIT */
	float ymm[16][8];
	float zmm_hi[16][8];
	uint64_t k[8];
	uint8_t cpumode;		/* 0: user */
};

struct recording {
	struct perfdata_writer *w;
	struct perfdata_attr attr;
	struct perfdata_info info;
	char object[256];		/* the shared object with the code */
	char folder[64];
};

/**
 * recording__open - start a recording into @path
 * @source: assembler source of the mapped object, Intel syntax
 * What cannot be done ends the test program.
 */
void recording__open(struct recording *r, const char *path, const char *source);
/** recording__symbol - the address of a symbol in the object */
uint64_t recording__symbol(const struct recording *r, const char *name);
void recording__comm(struct recording *r, uint32_t tid, const char *comm, uint64_t ms);
void recording__add(struct recording *r, const struct recording_sample *s);
/** recording__close - complete the file; the object stays until recording__remove() */
void recording__close(struct recording *r);
void recording__remove(struct recording *r);
/** recording__temporary - have @write make one in a new file; @path is mkstemp()'s template; -1: it cannot */
int recording__temporary(struct recording *r, char *path, void (*write)(struct recording *r, const char *path));

#endif
