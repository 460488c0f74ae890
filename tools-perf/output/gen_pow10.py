#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Print pow10.h: 10^k as 128 significant bits, rounded up, for the shortest
decimal of every double (k from -292 to 324; Giulietti, "The Schubfach way to
render doubles", section 9)."""
FIRST, LAST = -292, 324


def significant(k):
    num, den = (10**k, 1) if k >= 0 else (1, 10**-k)
    shift = 128 - num.bit_length() + den.bit_length()
    for s in (shift, shift - 1, shift + 1):
        g = (num << s) // den if s >= 0 else num // (den << -s)
        if 1 << 127 <= g < 1 << 128:
            exact = den == 1 and (s >= 0 or num % (1 << -s) == 0)
            return g if exact else g + 1


print("/* SPDX-License-Identifier: GPL-2.0-only */")
print("/* Made by gen_pow10.py: 10^k as 128 bits, rounded up; high half, low half. */")
print("enum { POW10_FIRST = %d, POW10_LAST = %d };\n" % (FIRST, LAST))
print("static const uint64_t pow10_bits[POW10_LAST - POW10_FIRST + 1][2] = {")
for k in range(FIRST, LAST + 1):
    g = significant(k)
    print("\t{ 0x%016x, 0x%016x }," % (g >> 64, g & (1 << 64) - 1))
print("};")
