// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * simd.c - REGS_USER and REGS_INTR groups: PERF_SAMPLE_REGS_ABI_SIMD and the
 * XMM bits that sample_regs_intr had before
 *
 * [include/uapi/linux/perf_event.h and arch/x86/include/uapi/asm/perf_regs.h
 * of Linux 7.4.] u64 abi; if not 0: u64 regs[popcount(mask)]; with the SIMD
 * flag: u64 nr_vectors, vector_qwords, nr_pred, pred_qwords and the data,
 * vectors first, each whole and least significant qword first.
 */
#include "cursor.h"

enum {
	SIMD_MAX_VECTORS	= 32,
	SIMD_MAX_PREDS		= 8,
};

static int counts_valid(const struct xstate_simd *s)
{
	uint64_t vq = s->vector_qwords, pq = s->pred_qwords;

	if (s->nr_vectors > SIMD_MAX_VECTORS || s->nr_pred > SIMD_MAX_PREDS)
		return 0;
	if (s->nr_vectors ? vq != 2 && vq != 4 && vq != 8 : vq > 8)
		return 0;
	return pq <= 1 && (pq || !s->nr_pred);
}

static int simd__read_data(struct xstate_simd *s, struct cursor *c,
			   size_t *where)
{
	size_t start = c->pos;

	s->nr_vectors = cursor__u64(c);
	s->vector_qwords = cursor__u64(c);
	s->nr_pred = cursor__u64(c);
	s->pred_qwords = cursor__u64(c);
	if (c->err)
		return fail_at(where, c->pos, c->err);
	if (!counts_valid(s))
		return fail_at(where, start, XSTATE_E_RANGE);
	s->vectors = cursor__bytes(c, 8 * s->nr_vectors * s->vector_qwords);
	s->preds = cursor__bytes(c, 8 * s->nr_pred * s->pred_qwords);
	return c->err ? fail_at(where, c->size, c->err) : 0;
}

static int abi_valid(uint64_t abi)
{
	uint64_t base = abi & ~(uint64_t)PERF_REGS_ABI_SIMD;

	return abi == PERF_REGS_ABI_NONE || base == PERF_REGS_ABI_32 ||
	       base == PERF_REGS_ABI_64;
}

int xstate_simd__read(struct xstate_simd *s, uint64_t mask, int simd_enabled,
		      const void *data, size_t size, size_t *where)
{
	struct cursor c = cursor__init(data, size);
	struct xstate_simd new = { .mask = mask, .simd_enabled = !!simd_enabled };
	int err;

	new.abi = cursor__u64(&c);
	if (c.err)
		return fail_at(where, c.pos, c.err);
	if (!abi_valid(new.abi))
		return fail_at(where, 0, XSTATE_E_ABI);
	if (new.abi & PERF_REGS_ABI_SIMD && !simd_enabled)
		return fail_at(where, 0, XSTATE_E_FEATURES);
	if (new.abi != PERF_REGS_ABI_NONE) {
		new.gprs = cursor__bytes(&c, 8 * popcount64(mask));
		if (c.err)
			return fail_at(where, c.size, c.err);
	}
	if (new.abi & PERF_REGS_ABI_SIMD) {
		err = simd__read_data(&new, &c, where);
		if (err)
			return err;
	}
	new.size = c.pos;
	*s = new;
	return 0;
}

int xstate_simd__gpr(const struct xstate_simd *s, unsigned int nr,
		     uint64_t *value)
{
	/* Without the SIMD ABI bit 32 and up are halves of XMM registers. */
	unsigned int end = s->simd_enabled ? 64 : 32;

	if (!s->gprs || nr >= end || !has_bit(s->mask, nr))
		return XSTATE_E_RANGE;
	*value = le64(s->gprs + 8 * popcount64(s->mask & (XFEATURE_MASK(nr) - 1)));
	return 0;
}
