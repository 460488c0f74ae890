/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings of more than one file: rotation by size, time or signal, and
 * snapshots of the last seconds. Every file is complete by itself: it begins
 * with the names and maps of all that is alive then.
 */
#ifndef PERF_XREGS_CAPTURE_FILES_H
#define PERF_XREGS_CAPTURE_FILES_H

#include "capture/capture.h"

/* ---- alive.c: what the records say is alive ---------------------------------------- */

struct alive;

struct alive *alive__new(void);
void alive__free(struct alive *a);
/**
 * alive__note - learn from a record: COMM, FORK, EXIT, MMAP; others are ignored
 * Return: 0, or -1: no memory.
 */
int alive__note(struct alive *a, const uint8_t *rec, size_t size);
/**
 * alive__replay - hand on the records that make a reader know it
 * @time: that they get
 * Return: 0, or what @fn returned if not 0.
 */
int alive__replay(struct alive *a, const struct perfdata_attr *attr, uint64_t time,
		  int (*fn)(void *ctx, const uint8_t *rec, size_t size, struct err *e),
		  void *ctx, struct err *e);

/* ---- window.c: the records of the last seconds -------------------------------------- */

struct window;

/** window__new - keep what is younger than @ns, in @bytes at the most */
struct window *window__new(uint64_t ns, size_t bytes);
void window__free(struct window *w);
/** window__add - a record, in time order; -1: no memory */
int window__add(struct window *w, uint64_t time, const uint8_t *rec, size_t size);
/** window__pop - the oldest record, when it is too old or too much; NULL: none is */
const uint8_t *window__pop(struct window *w, size_t *size, uint64_t *time);
/** window__each - hand on all of them, the oldest first; 0 or what @fn returned */
int window__each(const struct window *w,
		 int (*fn)(void *ctx, const uint8_t *rec, size_t size, struct err *e),
		 void *ctx, struct err *e);

#endif
