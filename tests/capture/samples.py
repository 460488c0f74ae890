#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Read a recording without any of the project's code.

usage: samples.py FILE parked     compare with what tests/workloads/parked parks
       samples.py FILE summary    records and samples by process

The format is that of tools/perf/Documentation/perf.data-file-format.txt and,
for the payload of PERF_SAMPLE_RAW, of xstate.h.
"""
import collections
import struct
import sys

IP, TID, TIME, CALLCHAIN, CPU, PERIOD, RAW, REGS_USER, STACK_USER = 1, 2, 4, 0x20, 0x80, 0x100, 0x400, 0x1000, 0x2000
SIZES = {0: 160, 1: 256, 2: 256, 5: 64, 6: 512, 7: 1024, 9: 8, 11: 16, 17: 64, 18: 8192, 19: 128}
PERF_R15 = 23


def blocks(raw):
    magic, version, count = struct.unpack_from("<IHH", raw)
    assert (magic, version) == (0x54535258, 1), "payload header"
    at = 8
    for _ in range(count):
        size, context, flags, requested, captured, xfeatures, xinuse, xfd, mxcsr, zero = \
            struct.unpack_from("<IHHQQQQQII", raw, at)
        comps, data = {}, at + 56
        for nr in range(63):
            if xfeatures >> nr & 1:
                comps[nr] = raw[data:data + SIZES[nr]]
                data += SIZES[nr] + 7 & ~7
        assert data == at + size and zero == 0, "block size"
        yield dict(context=context, flags=flags, requested=requested, captured=captured,
                   xfeatures=xfeatures, xinuse=xinuse, xfd=xfd, mxcsr=mxcsr, comps=comps)
        at += size
    assert len(raw) - at < 8, "bytes behind the blocks"


def sample(body, sample_type, regs_mask):
    s, at = {}, 0

    def take(fmt):
        nonlocal at
        v = struct.unpack_from("<" + fmt, body, at)
        at += struct.calcsize("<" + fmt)
        return v if len(v) > 1 else v[0]
    if sample_type & IP:
        s["ip"] = take("Q")
    if sample_type & TID:
        s["pid"], s["tid"] = take("II")
    if sample_type & TIME:
        s["time"] = take("Q")
    if sample_type & CPU:
        s["cpu"], _ = take("II")
    if sample_type & PERIOD:
        s["period"] = take("Q")
    if sample_type & CALLCHAIN:
        s["chain"] = [take("Q") for _ in range(take("Q"))]
    if sample_type & RAW:
        n = take("I")
        s["raw"] = body[at:at + n]
        at += n
    if sample_type & REGS_USER:
        s["abi"], s["regs"] = take("Q"), {}
        if s["abi"]:
            for nr in range(64):
                if regs_mask >> nr & 1:
                    s["regs"][nr] = take("Q")
    if sample_type & STACK_USER:
        n = take("Q")
        s["stack"] = body[at:at + n]
        at += n
        if n:
            s["stack"] = s["stack"][:take("Q")]
    assert at == len(body), f"{len(body) - at} bytes left of a sample"
    return s


def records(path):
    f = open(path, "rb").read()
    assert f[:8] == b"PERFILE2"
    _, _, attr_size, attrs, _, data, data_size = struct.unpack_from("<8sQQQQQQ", f)
    sample_type = struct.unpack_from("<Q", f, attrs + 24)[0]
    regs_mask = struct.unpack_from("<Q", f, attrs + 80)[0]
    at, end = data, data + data_size if data_size else len(f)
    while at + 8 <= end:
        kind, misc, size = struct.unpack_from("<IHH", f, at)
        if not data_size and at + size > end:
            break    # its writer was killed in the middle
        body = f[at + 8:at + size]
        yield kind, misc, sample(body, sample_type, regs_mask) if kind == 9 else body
        at += size


def vector(comps, i):
    """Register i as wide as the block has it; parts in init state are zero."""
    zero = bytes(64)
    if i >= 16:
        return comps.get(7, bytes(1024))[(i - 16) * 64:][:64]
    return (comps.get(1, bytes(256))[i * 16:][:16] + comps.get(2, bytes(256))[i * 16:][:16] +
            comps.get(6, bytes(512))[i * 32:][:32] or zero)


def parked_row(seed, i):
    return bytes((seed * 37 + i * 11 + j * 3 + 1) & 0xff for j in range(64))


def check_parked(seed, block, flags):
    width = 64 if "avx512f" in flags else 32 if "avx" in flags else 16
    for i in range(32 if width == 64 else 16):
        got, want = vector(block["comps"], i)[:width], parked_row(seed, i)[:width]
        if got != want:
            return f"register {i} is {got.hex()}, not {want.hex()}"
    for k in range(1, 8 if width == 64 else 1):
        got = struct.unpack_from("<Q", block["comps"].get(5, bytes(64)), k * 8)[0]
        if got != struct.unpack_from("<H", parked_row(seed, 32 + k))[0]:
            return f"k{k} is {got:#x}"
    if block["mxcsr"] != 0x9fc0 + (seed & 1) * 0x2000:
        return f"mxcsr is {block['mxcsr']:#x}"
    need = {16: 2, 32: 6, 64: 0xe6}[width]
    if block["xinuse"] & need != need:
        return f"xinuse is {block['xinuse']:#x}"
    return None


def parked(path):
    """Lines "seed N: G good, B bad" and the first thing that is wrong."""
    flags = next(l for l in open("/proc/cpuinfo") if l.startswith("flags")).split()
    good, bad, first, tids = collections.Counter(), collections.Counter(), {}, collections.defaultdict(set)
    other = 0
    for kind, _, s in records(path):
        if kind != 9:
            continue
        marker = s["regs"].get(PERF_R15, 0)
        if marker >> 32 != 0x7061726b:
            other += 1
            continue
        seed, (block,) = marker & 0xffffffff, blocks(s["raw"])
        wrong = check_parked(seed, block, flags)
        tids[seed].add(s["tid"])
        if wrong:
            bad[seed] += 1
            first.setdefault(seed, wrong)
        else:
            good[seed] += 1
    for seed in sorted(tids):
        print(f"seed {seed}: {'some' if good[seed] >= 3 else good[seed]} good, {bad[seed]} bad, "
              f"{len(tids[seed])} thread{'s' if len(tids[seed]) > 1 else ''}")
        if seed in first:
            print(f"  {first[seed]}")


def summary(path):
    kinds = {3: "COMM", 4: "EXIT", 7: "FORK", 9: "SAMPLE", 10: "MMAP2", 2: "LOST"}
    count, last, ordered, contexts, depth, late, stack = collections.Counter(), 0, True, set(), 0, 0, 0
    for kind, _, s in records(path):
        count[kinds.get(kind, str(kind))] += 1
        if kind == 9:
            ordered &= s["time"] >= last
            last = s["time"]
            # SYSCALL leaves RIP in RCX: a hit in user mode is never just behind it.
            late += s["regs"].get(2) == s["ip"]
            depth = max(depth, len(s.get("chain", [])))
            stack = max(stack, len(s.get("stack", b"")))
            if s["raw"]:
                contexts |= {b["context"] for b in blocks(s["raw"])}
    print(" ".join(f"{k}={v}" for k, v in sorted(count.items())))
    print(f"ordered={int(ordered)} contexts={sorted(contexts)} late={late} stack={stack} chain={depth}")


if __name__ == "__main__":
    {"parked": parked, "summary": summary}[sys.argv[2]](sys.argv[1])
