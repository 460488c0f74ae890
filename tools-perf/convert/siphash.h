/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_XREGS_CONVERT_SIPHASH_H
#define PERF_XREGS_CONVERT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/**
 * siphash24 - SipHash-2-4, a keyed hash [Aumasson, Bernstein: SipHash, 2012]
 * @key: 16 bytes as two little endian words
 */
uint64_t siphash24(const uint64_t key[2], const void *data, size_t size);

#endif
