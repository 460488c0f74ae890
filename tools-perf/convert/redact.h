/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register values replaced by keyed hashes. What stays:
 *
 *  - equality: equal dwords of a run become equal dwords, different ones stay
 *    different, so lanes, registers and samples of 4 bytes and more compare as
 *    before;
 *  - classes: zero, subnormal, normal, infinite, quiet and signalling NaN as
 *    f16, bf16, f32 and f64, and which bytes are zero;
 *  - of opmasks the population of the lowest 2, 4, 8, 16 ... 64 lanes;
 *  - control state: MXCSR, x87 control and status words, PKRU, TILECFG, the
 *    header (XINUSE, XFD), and of the general registers IP, flags and segments.
 *
 * Signs, exponents of normal numbers, mantissas, addresses and integers go.
 * The hash is a permutation, keyed anew for each run by 128 random bits that are
 * never written anywhere; without them it cannot be undone, but somebody who
 * knows the value of one lane finds its equals.
 */
#ifndef PERF_XREGS_CONVERT_REDACT_H
#define PERF_XREGS_CONVERT_REDACT_H

#include <stdint.h>

#include <xstate/xstate.h>

#include "convert/snapshot.h"
#include "util/err.h"

enum { REDACT_CACHE = 1 << 14 };

struct redact {
	uint64_t key[2];
	struct { uint32_t from, to; uint8_t used; } cache[REDACT_CACHE];
};

/** redact__open - draw a key; -1 with @e when the system gives none */
int redact__open(struct redact *r, struct err *e);
/** redact__close - wipe the key */
void redact__close(struct redact *r);

/** redact__dword - the stand-in for four bytes */
uint32_t redact__dword(struct redact *r, uint32_t v);
/** redact__mask - the stand-in for an opmask */
uint64_t redact__mask(struct redact *r, uint64_t k);
/** redact__u64 - of an integer or address, by dwords */
uint64_t redact__u64(struct redact *r, uint64_t v);
/** redact__snapshot - every register of a view */
void redact__snapshot(struct redact *r, struct snapshot *s);

#endif
