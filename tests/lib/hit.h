/* SPDX-License-Identifier: GPL-2.0-only */
/* A sample as the kernel's filter sees it, and that filter outside the kernel. */
#ifndef TESTS_HIT_H
#define TESTS_HIT_H

#include "filter/program.h"

/** hit__of_sample - @comm: at most 15 bytes, or NULL: unknown */
struct hit hit__of_sample(const struct sample *s, const char *comm);
/** hit_program__run - its verdict, as hits.bpf.c comes to it */
enum hit_result hit_program__run(const struct hit_program *p, const struct hit *h);

#endif
