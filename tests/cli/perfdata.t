#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Files from another encoder (tests/lib/perfdata.py), read by script --json.

No file says anything about the machine that runs this: AVX-512, AMX and APX
state is decoded from what the file says alone.
"""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/lib"))
sys.dont_write_bytecode = True
import perfdata as p  # noqa: E402

XREGS = os.path.join(os.environ.get("XREGS_BUILD", os.path.join(TOP, "build")), "perf-xregs")
tmp = tempfile.mkdtemp()
count = failed = 0


def check(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        for line in str(detail).splitlines()[:20]:
            print(f"# {line}")


def equal(got, want, name):
    check(got == want, name, f"got:    {got}\nwanted: {want}")


def script(data, *options, stdin=False):
    """Objects of the samples, the end object, stderr, status."""
    path = os.path.join(tmp, "f.data")
    with open(path, "wb") as f:
        f.write(data)
    r = subprocess.run([XREGS, "script", "--json", "-i", "-" if stdin else path, *options],
                       input=data if stdin else None, stdin=None if stdin else subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = [json.loads(line) for line in r.stdout.decode().splitlines()]
    return [o for o in out if o["kind"] == "sample"], out[-1] if out else None, r.stderr.decode(), r.returncode


def pattern(n, seed):
    return bytes(1 + (i * 37 + seed * 11) % 255 for i in range(n))


def hexed(b):
    return "0x" + b[::-1].hex()


INTEL = {0: (160, 0, 0), 1: (256, 160, 0), 2: (256, 576, 0), 5: (64, 1088, 0), 6: (512, 1152, 0), 7: (1024, 1664, 0),
         9: (8, 2688, 0), 11: (16, 0, 1), 17: (64, 2752, 2), 18: (8192, 2816, 6), 19: (128, 960, 0)}
FEATURES = {6: p.feature_string("x86_64"), 200: p.chunk(1, p.layout(INTEL)) + p.meta(backend="kernel")}
XMM, YMMH, K, ZMMH, HI16 = pattern(256, 1), pattern(256, 2), pattern(64, 3), pattern(512, 4), pattern(1024, 5)


def zmm(i):
    if i >= 16:
        return HI16[64 * (i - 16):64 * (i - 15)]
    return XMM[16 * i:16 * i + 16] + YMMH[16 * i:16 * i + 16] + ZMMH[32 * i:32 * i + 32]


# ---- every bit of sample_type at once ------------------------------------------------

ALL = (1 << 25) - 1
attr = p.Attr(ALL, ids=[5], regs_user=0xff0fff, regs_intr=0x1ff, read_format=0xf, branch=1 << 17)
blk = p.block(1, 0xe6, 0xe6, {1: XMM, 2: YMMH, 5: K, 6: ZMMH, 7: HI16}, xinuse=0xe7, mxcsr=0x9fc0)
one = p.sample(attr, id=5, ip=0x401234, pid=42, tid=43, time=12_345_678_901, cpu=7, period=999,
               read=p.u64(2, 11, 12, 21, 5, 22, 6), raw=p.raw_payload(blk),
               branches=p.u64(2, 77) + p.u64(1, 2, 3, 4, 5, 6),
               regs_user=p.u64(2, *range(100, 120)), stack=pattern(64, 6), regs_intr=p.u64(2, *range(9)), aux=pattern(24, 7))
data = p.comm(attr, 5, 42, 43, "worker \"q\" \xff") + one
samples, end, err, status = script(p.file([attr], data, FEATURES), "-F", "+callchain")
equal((status, err, len(samples)), (0, "", 1), "a sample with every bit set is read")
s = samples[0] if samples else {}
equal({k: s.get(k) for k in ("pid", "tid", "cpu", "time", "period", "ip", "event")},
      {"pid": 42, "tid": 43, "cpu": 7, "time": "12.345678901", "period": 999, "ip": "0x401234", "event": "task-clock"},
      "its plain fields")
equal([f["ip"] for f in s.get("callchain", [])], ["0x401000", "0x402000"], "its call chain")
equal((s.get("xinuse"), s.get("context")), ("0xe7", "user-live"), "XINUSE and context")
regs = s.get("regs", {})
equal([regs.get(f"zmm{i}", {}).get("hex") for i in range(32)], [hexed(zmm(i)) for i in range(32)], "zmm0-31, put together from four components")
equal([regs.get(f"k{i}", {}).get("hex") for i in range(8)], [hexed(K[8 * i:8 * i + 8]) for i in range(8)], "k0-7")
equal(regs.get("mxcsr"), {"state": "value", "hex": "0x00009fc0", "rounding": "nearest",
                          "bits": ["FTZ", "DAZ", "IM", "DM", "ZM", "OM", "UM", "PM"]}, "mxcsr in words")
check("worker \"q\" " in s.get("comm", ""), "a name with quotes and foreign bytes is a JSON string", s.get("comm"))

# ---- three states --------------------------------------------------------------------

attr = p.Attr(p.IP | p.TID | p.TIME | p.RAW)
blk = p.block(1, 0x2e7, 0x7, {1: XMM, 2: YMMH}, xinuse=0x7, xfd=1 << 18)
samples, *_ = script(p.file([attr], p.sample(attr, raw=p.raw_payload(blk)), FEATURES), "--regs", "ymm0,k1,pkru,st0,zmm0,zmm16,mxcsr")
regs = samples[0]["regs"]
equal(regs.get("ymm0"), {"state": "value", "hex": hexed(zmm(0)[:32])}, "a value")
equal(regs.get("st0"), {"state": "init"}, "captured without data is init")
equal([r for r in ("k1", "pkru", "zmm16") if r in regs], [], "requested but not captured is absent")
equal(regs.get("zmm0"), {"state": "partial", "known_bytes": 32, "hex": hexed(zmm(0)[:32])}, "a zmm of which the upper half is unknown says so")

# ---- the kernel group ----------------------------------------------------------------

attr = p.Attr(p.IP | p.TID | p.TIME | p.XSTATE, size=128, xfeatures=0xc0000 | 0x20006, xstate=1)
tile = pattern(8192, 9)
apx = pattern(128, 10)
group = p.block(2, 0xe0006, 0xe0006, {1: XMM, 17: pattern(64, 8), 18: tile, 19: apx})
feat = dict(FEATURES)
feat[200] += p.attr_tail(0, attr)
samples, end, err, status = script(p.file([attr], p.sample(attr, xstate=group), feat), "--regs", "tmm0,tmm7,egpr,tilecfg,ymm0")
regs = samples[0]["regs"] if samples else {}
equal(regs.get("tmm7", {}).get("hex"), hexed(tile[7168:]), "AMX tiles of a kernel group, its attr's tail from our section")
equal([regs.get(f"r{16 + i}", {}).get("hex") for i in range(16)], [hexed(apx[8 * i:8 * i + 8]) for i in range(16)], "APX registers")
equal(regs.get("ymm0", {}).get("hex"), hexed(XMM[:16] + bytes(16)), "a ymm of a value and an init half")
attr.size = 192
samples2, *_ = script(p.file([attr], p.sample(attr, xstate=group), FEATURES), "--regs", "tmm0,tmm7,egpr,tilecfg,ymm0")
equal(samples2 and samples2[0]["regs"], regs, "the same with an attr of 192 bytes")

# ---- the SIMD ABI of Linux 7.4 --------------------------------------------------------


def simd_regs(mask, vectors=(), preds=(), vec_qwords=0):
    n = bin(mask).count("1")
    gprs = [0x1000 + i for i in range(n)]
    b = p.u64(2 | 4, *gprs, len(vectors), vec_qwords, len(preds), 1 if preds else 0)
    return b + b"".join(v[:8 * vec_qwords] for v in vectors) + b"".join(preds)


for slot in ("user", "intr"):
    for width, qwords, n in (("xmm", 2, 16), ("ymm", 4, 16), ("zmm", 8, 32)):
        for mask in (0, 0xff0fff | 0xffff << 24 | 1 << 40):
            a = p.Attr(p.IP | p.TID | (p.REGS_USER if slot == "user" else p.REGS_INTR) | p.STACK_USER, size=176,
                       regs_user=mask if slot == "user" else 0, regs_intr=mask if slot == "intr" else 0,
                       simd={"vec_qwords": qwords, "pred_qwords": 1, f"vec_{slot}": (1 << n) - 1, f"pred_{slot}": 0xff})
            r = simd_regs(mask, [zmm(i) for i in range(n)], [K[8 * i:8 * i + 8] for i in range(8)], qwords)
            d = p.sample(a, stack=pattern(32, 1), **{f"regs_{slot}": r})
            samples, end, err, status = script(p.file([a], d, {6: p.feature_string("x86_64")}))
            regs = samples[0]["regs"] if samples else {}
            want = {f"{width}{i}": hexed(zmm(i)[:8 * qwords]) for i in range(n)}
            want.update({f"k{i}": hexed(K[8 * i:8 * i + 8]) for i in range(8)})
            if mask:
                at = bin(mask & 0xffffff).count("1")
                want.update({f"r{16 + i}": hexed(p.u64(0x1000 + at + i)) for i in range(16)})
                want["ssp"] = hexed(p.u64(0x1000 + at + 16))
            equal({k: v["hex"] for k, v in regs.items()}, want, f"SIMD ABI: {width} in regs_{slot}, general mask {mask:#x}")
equal(samples[0].get("zero_is_ambiguous"), True, "SIMD ABI: the sample says that 0 is ambiguous")

a = p.Attr(p.IP | p.TID | p.REGS_INTR, size=176, simd={"vec_qwords": 8, "vec_intr": 0xffffffff})
samples, *_ = script(p.file([a], p.sample(a, regs_intr=simd_regs(0, [zmm(i) for i in range(16)], (), 4))), "--regs", "ymm0,zmm0,ymm15,zmm31")
regs = samples[0]["regs"]
equal((regs["ymm15"]["hex"], regs["zmm0"]["state"], "zmm31" in regs), (hexed(zmm(15)[:32]), "partial", False),
      "SIMD ABI: fewer registers than asked for are not made up")
a = p.Attr(p.IP | p.TID | p.REGS_INTR, size=176, simd={"vec_qwords": 8, "vec_intr": 0xffffffff})
bad = p.u64(6, 1 << 60, 1 << 60, 0, 0)
samples, end, err, status = script(p.file([a], p.sample(a, regs_intr=bad) + p.sample(a, regs_intr=simd_regs(0))))
equal((len(samples), end["bad_records"]), (1, 1), "SIMD ABI: counts that cannot be are malformed")

# ---- legacy XMM (PEBS) ------------------------------------------------------------------

a = p.Attr(p.IP | p.TID | p.REGS_INTR, regs_intr=0x1ff | 0xffffffff << 32)
regs_intr = p.u64(2, *range(9)) + XMM
samples, *_ = script(p.file([a], p.sample(a, regs_intr=regs_intr)))
equal({k: v["hex"] for k, v in samples[0]["regs"].items()}, {f"xmm{i}": hexed(XMM[16 * i:16 * i + 16]) for i in range(16)}, "XMM of sample_regs_intr")

# ---- forms of the file --------------------------------------------------------------------

attr = p.Attr(p.IDENTIFIER | p.IP | p.TID | p.TIME | p.RAW, ids=[5])
many = [p.sample(attr, id=5, time=1000 + i, ip=0x1000 + i, raw=p.raw_payload(p.block(1, 2, 2, {1: XMM}))) for i in range(200)]
plain, *_ = script(p.file([attr], b"".join(many), FEATURES))
equal(len(plain), 200, "200 samples")

piped, end, err, status = script(p.pipe([attr], b"".join(many), FEATURES), stdin=True)
equal((piped, err, status), (plain, "", 0), "pipe mode on standard input")
piped, *_ = script(p.pipe([attr], b"".join(many), FEATURES))
equal(piped, plain, "pipe mode in a file")

if shutil.which("zstd"):
    packed = subprocess.run(["zstd", "-q", "-c"], input=b"".join(many), stdout=subprocess.PIPE, check=True).stdout
    for kind in (p.COMPRESSED, p.COMPRESSED2):
        for piece in (7, 100, len(packed)):
            d = b""
            for i in range(0, len(packed), piece):
                part = packed[i:i + piece]
                d += p.record(kind, part if kind == p.COMPRESSED else p.u64(len(part)) + part + b"\0" * (-len(part) % 8), 0)
            got, end, err, status = script(p.file([attr], d, FEATURES))
            equal((got, err), (plain, ""), f"zstd in records {kind} of {piece} bytes")
else:
    check(True, "zstd in records 81 and 83 # SKIP there is no zstd program here")

shuffled = []
for i in range(0, 200, 20):
    shuffled += many[i + 10:i + 20] + many[i:i + 10] + [p.record(p.FINISHED_ROUND, b"", 0)]
got, end, err, status = script(p.file([attr], b"".join(shuffled), FEATURES))
equal((got, err), (plain, ""), "two buffers a round are sorted by time")

early = p.chunk(1, p.layout(INTEL))
got, end, err, status = script(p.file([attr], b"".join(many), FEATURES, unfinished=True, early=early))
equal((got, status, "was never completed" in err), (plain, 0, True), "a killed recorder's file, with the layout before the data")
got, end, err, status = script(p.file([attr], b"".join(many), FEATURES, early=early)[:-len(FEATURES[200]) - len(many[0]) * 3 - 200])
check(0 < len(got) < 200 and got == plain[:len(got)] and "ends early" in err and status == 0, "a file that is cut is read up to there, and says so", err)

got, end, err, status = script(p.file([attr], b"", FEATURES))
check(not got and status == 0 and "never completed" not in err and end["samples"] == 0, "a recording without records is complete", err)
got, end, err, status = script(p.file([attr], b"", FEATURES, unfinished=True))
check(not got and status == 0 and "never completed" in err, "... unless its header was never written", err)

for size in (64, 72, 80, 96, 104, 112, 120, 128, 136, 144, 176, 192):
    a = p.Attr(p.IP | p.TID | p.TIME | p.RAW, size=size)
    got, *_ = script(p.file([a], p.sample(a, raw=p.raw_payload(p.block(1, 2, 2, {1: XMM}))), FEATURES), "--regs", "xmm0")
    equal(got and got[0]["regs"]["xmm0"]["hex"], hexed(XMM[:16]), f"an attr of {size} bytes")

a = p.Attr(p.IP | p.TID | p.TIME, id_all=False)
got, *_ = script(p.file([a], p.comm(a, 1, 100, 101, "old") + p.sample(a)))
equal(got and got[0]["comm"], "old", "records without sample_id_all")

d = os.path.join(tmp, "dir.data")
os.mkdir(d)
dir_features = dict(FEATURES)
dir_features[24] = p.u64(1)
for name, content in (("data", p.file([attr], p.comm(attr, 0, 100, 101, "threads"), dir_features)),
                      ("data.0", b"".join(many[::2])), ("data.1", b"".join(many[1::2])), ("data.2", b"")):
    with open(os.path.join(d, name), "wb") as f:
        f.write(content)


def script_dir(path):
    r = subprocess.run([XREGS, "script", "--json", "-i", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return [o for o in map(json.loads, r.stdout.decode().splitlines()) if o["kind"] == "sample"], r.stderr.decode(), r.returncode


got, err, status = script_dir(d)
want = [dict(o, comm="threads") for o in plain]
equal((got, err, status), (want, "", 0), "a directory of perf record --threads, merged by time")
got, err, status = script_dir(os.path.join(d, "data"))
check(status == 1 and "name the directory with -i" in err and not got, "a file of such a directory alone", err)
with open(os.path.join(d, "data.1"), "wb") as f:
    f.write(b"".join(many[1::2])[:-4])
got, err, status = script_dir(d)
check(len(got) == 199 and "ends early" in err and status == 0, "one of its files cut", err)

a = p.Attr(p.IP | p.TID | p.TIME)
got, *_ = script(p.file([a], p.sample(a, pid=0xffffffff, tid=0xffffffff) + p.sample(a, pid=0, tid=0)))
equal([(g["comm"], g["pid"], g["tid"]) for g in got], [("[exited]", -1, -1), ("swapper", 0, 0)], "tasks past their exit and idle ones")

# ---- refusals ------------------------------------------------------------------------------


def refused(data, like, name, **kw):
    samples, end, err, status = script(data, **kw)
    check(status == 1 and like in err and err.startswith("perf-xregs script: cannot ") and not samples, name, f"status {status}: {err}")


good = p.file([attr], many[0], FEATURES)

# PERF_RECORD_AUXTRACE: its data follows the record [tools/lib/perf/include/perf/event.h].
trace = p.record(71, p.u64(4096, 0, 0) + struct.pack("<4I", 0, 43, 7, 0)) + pattern(4096, 9)
path = os.path.join(tmp, "aux.data")
with open(path, "wb") as f:
    f.write(p.file([attr], many[0] + trace + many[0], FEATURES))
r = subprocess.run([XREGS, "report", "--stdio", "-i", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
check(r.returncode == 0 and "4096 bytes of AUX trace data left aside" in r.stdout, "AUX trace data is skipped and said", r.stdout + r.stderr)

# ---- types and sections that perf may get ------------------------------------------------

others = b"".join(p.record(kind, p.u64(kind, 1) + p.sample_id(attr, 1000 + i, id=5)) for i, kind in enumerate((8, 12, 20, 21, 23, 63)))
tool = b"".join(p.record(kind, p.u64(1, 2), 0) for kind in (69, 70, 72, 73, 74, 75, 76, 77, 78, 79, 82, 84, 85, 86))
future = b"".join(p.record(kind, p.u64(1, 2), 0) for kind in (87, 200, 1 << 31))
strange = dict(FEATURES)
strange.update({nr: b"what perf 9 writes" for nr in (13, 18, 31, 33, 100, 255)})
for form in (p.file, p.pipe):
    what = "a file" if form is p.file else "a stream"
    got, end, err, status = script(form([attr], many[0] + others + tool + future + many[1], strange), stdin=form is p.pipe)
    equal((got, status), (plain[:2], 0), f"{what} with records and sections of every other kind is read")
    check("5 records are of a type that is not known here, the first of type 87" in err, f"{what}: those that nobody knows are counted", err)

chained = p.Attr(p.IP | p.TID | p.TIME | p.CALLCHAIN)
cookie = 0x401234
deferred = p.sample(chained, callchain=[2**64 - 128, 0xffffffff81000000, 2**64 - 640, cookie], misc=1) + p.record(22, p.u64(cookie, 2, 0x401000, 0x402000) + p.sample_id(chained, 1001))
got, end, err, status = script(p.file([chained], deferred), "-F", "+callchain")
equal([f["ip"] for f in got[0]["callchain"]], ["0xffffffff81000000"], "a call chain whose user frames came later: its cookie is no frame")
check("1 call chains of user code were recorded after their samples" in err, "... which is said", err)

refused(b"", "is empty", "an empty file")
refused(b"#!/bin/sh\necho not a perf.data file at all\n", "no perf.data file", "a foreign file")
refused(good[:60], "damaged or cut", "a file cut in its header")
refused(good[7::-1] + good[8:], "byte order", "a big endian file")
refused(b"PERFFILE" + good[8:], "before Linux 3.4", "the format of perf before 3.4")
refused(p.file([attr], many[0], {6: p.feature_string("aarch64")}), "recorded on 'aarch64'", "another architecture")
refused(p.pipe([attr], many[0], {6: p.feature_string("s390x")}), "recorded on 's390x'", "another architecture in a pipe", stdin=True)
refused(good, "recorded to disk", "a file that comes through a pipe", stdin=True)
refused(b"PERFILE2" + p.u64(16), "describes no event", "a pipe without events", stdin=True)
a = p.Attr(p.IP, size=176)
v7 = bytearray(a.encode())
v7[144:148] = struct.pack("<HH", 1, 8)
a.encode = lambda: bytes(v7)
refused(p.file([a], b""), "never merged", "a posted version of the SIMD ABI")
r = subprocess.run([XREGS, "script", "-i", tmp], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
check(r.returncode == 1 and b"directory" in r.stderr, "a directory", r.stderr.decode())

shutil.rmtree(tmp)
print(f"1..{count}")
sys.exit(failed > 0)
