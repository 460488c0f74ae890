#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Images and blocks made by tests/fuzz/make-corpus (Python's struct, its own
idea of both formats) are read by the library, and every register must be what
was put in. Nothing here is taken from the library.
"""
import importlib.machinery
import importlib.util
import os
import random
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("XREGS_BUILD", os.path.join(TOP, "build"))
PROGRAM = os.path.join(BUILD, "tests/programs/xstate_text")


def load_corpus():
    path = os.path.join(TOP, "tests/fuzz/make-corpus")
    loader = importlib.machinery.SourceFileLoader("corpus", path)
    spec = importlib.util.spec_from_loader("corpus", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def run(kind, layout, data, examined):
    text = f"layout {layout}\n{kind} {len(data)} 0\nexamined {examined:x}\n"
    for at in range(0, len(data), 64):
        text += f"at {at} x8 {data[at:at + 64].hex(' ')}\n"
    return subprocess.run([PROGRAM], input=text, capture_output=True, text=True,
                          cwd=TOP, check=True).stdout


def parse(out):
    """{"zmm3": "value 1 2 ...", ...} with runs taken apart."""
    regs = {}
    for line in out.splitlines():
        name, _, rest = line.partition(" ")
        first, dots, last = name.partition("..")
        if dots and first[-1].isdigit():
            stem = first.rstrip("0123456789")
            for i in range(int(first[len(stem):]), int(last[len(stem):]) + 1):
                regs[f"{stem}{i}"] = rest.strip()
        regs[first] = rest.strip()
    return regs


def piece(corpus, comps, examined, bv, nr, start, size):
    """None if unknown, False if init, else the bytes."""
    if not examined >> nr & 1 or nr not in comps:
        return None
    return corpus.pattern(nr, comps[nr][0])[start:start + size] if bv >> nr & 1 else False


def expect(pieces, sizes):
    if None in pieces:
        known = sum(sizes[:pieces.index(None)])
        return f"unknown above {known} bytes" if known else "unknown"
    if not any(pieces):
        return "init"
    data = b"".join(p or bytes(n) for p, n in zip(pieces, sizes))
    words = [int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data), 8)]
    return "value " + " ".join(f"{w:x}" for w in words)


def wanted(get):
    want = {}
    for i in range(16):
        parts = [get(1, 16 * i, 16), get(2, 16 * i, 16), get(6, 32 * i, 32)]
        want[f"zmm{i}"] = expect(parts, [16, 16, 32])
        want[f"zmm{i + 16}"] = expect([get(7, 64 * i, 64)], [64])
        want[f"r{i + 16}"] = expect([get(19, 8 * i, 8)], [8])
    for i in range(8):
        want[f"k{i}"] = expect([get(5, 8 * i, 8)], [8])
        want[f"st{i}"] = expect([get(0, 32 + 16 * i, 10)], [10])
    want["pkru"] = expect([get(9, 0, 4)], [4])
    want["tilecfg"] = expect([get(17, 0, 64)], [64])
    return want


def check(corpus, layout, kind, examined, bv, mxcsr):
    comps = corpus.layout(layout)
    if kind == "block":
        data = corpus.block(comps, examined, bv)
    elif kind == "sigframe":
        data = corpus.sigframe(comps, examined, bv)
    else:
        data = corpus.image(comps, examined, bv, kind == "compacted")
    program_kind = kind if kind in ("block", "sigframe") else "image"
    got = parse(run(program_kind, layout, data, examined))
    want = wanted(lambda nr, start, size: piece(corpus, comps, examined, bv, nr, start, size))
    want["mxcsr"] = f"value {mxcsr:x}"
    return [f"{r}: got {got.get(r)}, wanted {w}" for r, w in want.items() if got.get(r) != w]


def main():
    corpus, rng, count = load_corpus(), random.Random(1), 0
    for layout in corpus.LAYOUTS:
        comps = corpus.layout(layout)
        user = sum(1 << nr for nr in comps if not comps[nr][2] & 1)
        for kind in "standard", "compacted", "sigframe", "block":
            bad = []
            for _ in range(6):
                examined = user & (rng.getrandbits(20) | 2)
                # A compacted image says MXCSR with SSE alone.
                bv = examined & (rng.getrandbits(20) | 2)
                bad += check(corpus, layout, kind, examined, bv, 0x1fa0 if kind == "block" else 0x9fc0)
            count += 1
            print(f"{'not ok' if bad else 'ok'} {count} - {layout}, {kind}")
            for line in bad[:5]:
                print(f"# {line}")
    print(f"1..{count}")


main()
