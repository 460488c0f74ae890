# SPDX-License-Identifier: GPL-2.0-only
"""foreign_layout.py IN OUT: a perf.data file whose last component lies 64 bytes further on."""
import struct
import sys

data = bytearray(open(sys.argv[1], "rb").read())
at = data.find(b"XSTL")
done = False
while at >= 0:
    count = struct.unpack_from("<H", data, at + 6)[0]
    entries = [(struct.unpack_from("<IIII", data, at + 8 + 16 * i), at + 8 + 16 * i) for i in range(count)]
    last = max((e for e in entries if not e[0][3] & 1), key=lambda e: e[0][2])
    struct.pack_into("<I", data, last[1] + 8, last[0][2] + 64)
    done = True
    at = data.find(b"XSTL", at + 4)
if done:
    open(sys.argv[2], "wb").write(data)
