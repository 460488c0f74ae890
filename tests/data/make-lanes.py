#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes lanes.txt: type, bits, class, value and exponent of lanes at every
boundary of each format. Values come from Python's struct and math modules, not
from the library under test.

Usage: tests/data/make-lanes.py > tests/data/lanes.txt
"""
import math
import struct

FORMATS = {  # bits, mantissa bits, struct codes of the float and its integer
    "f16": (16, 10, "<e", "<H"),
    "bf16": (16, 7, "<f", "<I"),  # widened: the upper half of an f32
    "f32": (32, 23, "<f", "<I"),
    "f64": (64, 52, "<d", "<Q"),
}


def value(name, bits):
    _, _, code, integer = FORMATS[name]
    if name == "bf16":
        bits <<= 16
    return struct.unpack(code, struct.pack(integer, bits))[0]


def classify(v, bits, mantissa, smallest):
    if math.isnan(v):
        return "qnan" if bits >> (mantissa - 1) & 1 else "snan"
    if math.isinf(v):
        return "inf"
    if v == 0:
        return "zero"
    return "subnormal" if abs(v) < smallest else "normal"


def main():
    for name, (size, mantissa, _, _) in FORMATS.items():
        one = 1 << mantissa
        exponents = (1 << (size - 1 - mantissa)) - 1
        smallest = value(name, one)
        mantissas = {0, 1, 2, one // 2 - 1, one // 2, one // 2 + 1, one - 2, one - 1}
        step = max(1, exponents // 32)
        picked = sorted({0, 1, 2, exponents - 2, exponents - 1, exponents, *range(0, exponents, step)})
        for sign in 0, 1:
            for e in picked:
                for m in sorted(mantissas):
                    bits = sign << (size - 1) | e << mantissa | m
                    v = value(name, bits)
                    c = classify(v, bits, mantissa, smallest)
                    finite = c in ("normal", "subnormal")
                    print(name, f"{bits:0{size // 4}x}", c,
                          v.hex() if c not in ("qnan", "snan") else "nan",
                          math.frexp(v)[1] - 1 if finite else "-")


main()
