# SPDX-License-Identifier: GPL-2.0-only
"""perf.data written from the format's documents, not from our own encoder.

[tools/perf/Documentation/perf.data-file-format.txt, include/uapi/linux/perf_event.h;
our group: kernel-patches; the SIMD ABI: Linux 7.4]
"""
import struct

(IP, TID, TIME, ADDR, READ, CALLCHAIN, ID, CPU, PERIOD, STREAM_ID, RAW, BRANCH_STACK,
 REGS_USER, STACK_USER, WEIGHT, DATA_SRC, IDENTIFIER, TRANSACTION, REGS_INTR, PHYS_ADDR, AUX,
 CGROUP, DATA_PAGE_SIZE, CODE_PAGE_SIZE, WEIGHT_STRUCT, XSTATE) = (1 << i for i in range(26))

USER = 2
FINISHED_ROUND, COMPRESSED, COMPRESSED2 = 68, 81, 83


def u64(*v):
    return struct.pack("<%dQ" % len(v), *v)


def string(s):
    b = s.encode() + b"\0"
    return b + b"\0" * (-len(b) % 8)


def feature_string(s):
    b = s.encode() + b"\0"
    b += b"\0" * (-len(b) % 64)
    return struct.pack("<I", len(b)) + b


def record(kind, body, misc=USER):
    return struct.pack("<IHH", kind, misc, 8 + len(body)) + body


class Attr:
    """An event: type 1 config 1 is task-clock."""

    def __init__(self, sample_type, ids=(), size=128, regs_user=0, regs_intr=0, read_format=0,
                 branch=0, simd=None, xfeatures=0, xstate=0, id_all=True):
        self.sample_type, self.ids, self.size = sample_type, list(ids), size
        self.simd = simd or {}
        self.read_format, self.branch = read_format, branch
        self.regs_user, self.regs_intr = regs_user, regs_intr
        self.xfeatures, self.xstate, self.id_all = xfeatures, xstate, id_all

    def encode(self):
        s = self.simd
        b = struct.pack("<IIQQQQQ", 1, self.size, 1, 1000000, self.sample_type, self.read_format,
                        (1 << 18) if self.id_all else 0)         # sample_id_all is bit 18
        b += struct.pack("<IIQQ", 0, 0, 0, 0)                    # wakeup, bp_type, config1, config2
        b += struct.pack("<QQIiQIIHHIQ", self.branch, self.regs_user, 0, 0, self.regs_intr, 0, 0, 0, 0, 0, 0)
        assert len(b) == 128, len(b)
        b += struct.pack("<QQHHHHIIQQ", 0, 0, 1 if s else 0, s.get("pred_qwords", 0), s.get("vec_qwords", 0), 0,
                         s.get("pred_intr", 0), s.get("pred_user", 0), s.get("vec_intr", 0), s.get("vec_user", 0))
        b += struct.pack("<QII", self.xfeatures, self.xstate, 0)
        assert len(b) == 192
        return b[:self.size]


def sample(attr, **v):
    """A PERF_RECORD_SAMPLE; every field has a value that is not 0."""
    t, b = attr.sample_type, b""

    def put(bit, data):
        nonlocal b
        if t & bit:
            b += data
    put(IDENTIFIER, u64(v.get("id", 1)))
    put(IP, u64(v.get("ip", 0x401000)))
    put(TID, struct.pack("<II", v.get("pid", 100), v.get("tid", 101)))
    put(TIME, u64(v.get("time", 1000)))
    put(ADDR, u64(0xadd7))
    put(ID, u64(v.get("id", 1)))
    put(STREAM_ID, u64(0x57ea))
    put(CPU, struct.pack("<II", v.get("cpu", 3), 0))
    put(PERIOD, u64(v.get("period", 250000)))
    put(READ, v.get("read", u64(1)))
    chain = v.get("callchain", [0xfffffffffffffe00, 0x401000, 0x402000])
    put(CALLCHAIN, u64(len(chain), *chain))
    raw = v.get("raw", b"")
    raw += b"\0" * (-(len(raw) + 4) % 8)
    put(RAW, struct.pack("<I", len(raw)) + raw)
    put(BRANCH_STACK, v.get("branches", u64(0)))
    put(REGS_USER, v.get("regs_user", u64(0)))
    stack = v.get("stack", b"")
    put(STACK_USER, u64(len(stack)) + stack + (u64(len(stack)) if stack else b""))
    put(WEIGHT | WEIGHT_STRUCT, u64(0x3e16))
    put(DATA_SRC, u64(0xda7a))
    put(TRANSACTION, u64(0x7a))
    put(REGS_INTR, v.get("regs_intr", u64(0)))
    put(PHYS_ADDR, u64(0x9415))
    put(CGROUP, u64(0xc6))
    put(DATA_PAGE_SIZE, u64(4096))
    put(CODE_PAGE_SIZE, u64(2 << 20))
    aux = v.get("aux", b"")
    put(AUX, u64(len(aux)) + aux)
    put(XSTATE, v.get("xstate", b""))
    return record(9, b, v.get("misc", USER))


def sample_id(attr, time, **v):
    t, b = attr.sample_type, b""
    if not attr.id_all:
        return b
    if t & TID:
        b += struct.pack("<II", v.get("pid", 100), v.get("tid", 101))
    if t & TIME:
        b += u64(time)
    if t & ID:
        b += u64(v.get("id", 1))
    if t & STREAM_ID:
        b += u64(0x57ea)
    if t & CPU:
        b += struct.pack("<II", 3, 0)
    if t & IDENTIFIER:
        b += u64(v.get("id", 1))
    return b


def comm(attr, time, pid, tid, name):
    return record(3, struct.pack("<II", pid, tid) + string(name) + sample_id(attr, time, pid=pid, tid=tid))


def block(context, requested, captured, data, flags=0, xinuse=0, xfd=0, mxcsr=0x1f80):
    """data: {component: bytes}; the canonical block."""
    body = b"".join(d + b"\0" * (-len(d) % 8) for _, d in sorted(data.items()))
    have = sum(1 << nr for nr in data)
    return struct.pack("<IHHQQQQQII", 56 + len(body), context, flags, requested, captured, have, xinuse, xfd, mxcsr, 0) + body


def raw_payload(*blocks):
    return struct.pack("<IHH", 0x54535258, 1, len(blocks)) + b"".join(blocks)


def layout(components):
    """{nr: (size, offset, flags)}: the XSTL record."""
    b = struct.pack("<IHH", 0x4c545358, 1, len(components))
    for nr, (size, offset, flags) in sorted(components.items()):
        b += struct.pack("<IIII", nr, size, offset, flags)
    return b


def chunk(kind, data):
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def meta(**kv):
    return chunk(2, b"".join(k.replace("_", "-").encode() + b"\0" + str(v).encode() + b"\0" for k, v in kv.items()))


def attr_tail(index, attr):
    full = Attr.encode(type("A", (), dict(vars(attr), size=192))())
    return chunk(3, struct.pack("<II", index, 0) + full[128:])


def file(attrs, data, features=None, unfinished=False, early=b""):
    """features: {bit: bytes}."""
    features = features or {}
    entry = attrs[0].size + 16
    out = b"PERFILE2" + bytes(96)
    ids_at = len(out) + entry * len(attrs)
    table = b""
    for a in attrs:
        table += a.encode() + u64(ids_at, 8 * len(a.ids))
        ids_at += 8 * len(a.ids)
    out += table + b"".join(u64(*a.ids) for a in attrs)
    if early:
        out += b"XPXREGS1" + u64(len(early)) + early
    data_at = len(out)
    out += data
    sections = b""
    if not unfinished:
        at = len(out) + 16 * len(features)
        for nr in sorted(features):
            out += u64(at, len(features[nr]))
            at += len(features[nr])
        sections = b"".join(features[nr] for nr in sorted(features))
    flags = [0, 0, 0, 0]
    for nr in features:
        flags[nr // 64] |= 1 << nr % 64
    header = b"PERFILE2" + u64(104, entry, 104, entry * len(attrs), data_at, 0 if unfinished else len(data), 0, 0, *flags)
    return header + out[104:] + sections


def pipe(attrs, data, features=None):
    out = b"PERFILE2" + u64(16)
    for a in attrs:
        out += record(64, a.encode() + u64(*a.ids), 0)
    for nr, f in sorted((features or {}).items()):
        out += record(80, u64(nr) + f, 0)
    return out + data
