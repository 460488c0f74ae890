// SPDX-License-Identifier: GPL-2.0-only
/*
 * u8 simd_enabled, u64 mask, then the group. Its registers lie within it, and
 * a group that is cut is refused.
 */
#include "fixture.h"
#include "replay.h"

enum { HEADER = 9 };

static void check_within(const struct xstate_simd *s, const uint8_t *p)
{
	struct xstate_regs r;
	struct xstate_value v;
	unsigned int b, i;
	uint64_t value;

	xstate_regs__from_simd(&r, s);
	for (b = 0; b < XSTATE_BANK_NR; b++)
		for (i = 0; i < 32; i++) {
			const uint8_t *q = xstate_bank__reg(&r.bank[b], i);

			CHECK(!q || (q >= p && q + r.bank[b].bytes <= p + s->size));
		}
	for (i = 0; i < 32; i++)
		xstate_regs__get(&r, (struct xstate_reg){ XSTATE_CLASS_ZMM, i }, &v);
	for (i = 0; i < 70; i++)
		CHECK(xstate_simd__gpr(s, i, &value) == 0 ||
		      !s->gprs || i >= (s->simd_enabled ? 64 : 32) || !(s->mask >> i & 1));
	CHECK(r.zero_is_ambiguous);
	CHECK(xstate_regs__width_in_use(&r) == 0);
	xstate_regs__width_nonzero(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xstate_simd s, cut;
	uint64_t mask;
	size_t n, where = 0;
	uint8_t *p;
	int err;

	if (size < HEADER)
		return 0;
	memcpy(&mask, data + 1, 8);
	n = size - HEADER;
	p = exact_copy(data + HEADER, n);
	err = xstate_simd__read(&s, mask, data[0] & 1, p, n, &where);
	CHECK(where <= n && err <= 0);
	if (!err) {
		CHECK(s.size <= n && s.size % 8 == 0);
		check_within(&s, p);
		CHECK(xstate_simd__read(&cut, mask, data[0] & 1, p, s.size - 1, NULL) == XSTATE_E_TRUNCATED);
	}
	free(p);
	return 0;
}
