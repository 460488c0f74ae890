#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""convert: nothing is lost that is not said to be, and nothing stays that has to go.

Input comes from tests/lib/perfdata.py, which shares no code with the program.
"""
import csv
import io
import json
import os
import random
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))
sys.dont_write_bytecode = True
import npm  # noqa: E402
import perfdata as p  # noqa: E402
from tap import check, equal, plan_done, skip  # noqa: E402

XREGS = os.path.join(os.environ.get("XREGS_BUILD", os.path.join(TOP, "build")), "perf-xregs")
TMP = tempfile.mkdtemp()


def run(*args, stdin=None):
    r = subprocess.run([XREGS, *args], input=stdin, capture_output=True)
    return r.returncode, r.stdout.decode("utf-8", "replace"), r.stderr.decode("utf-8", "replace")


def write(name, data):
    path = os.path.join(TMP, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read()


def script(path, *args):
    status, out, err = run("script", "-i", path, "--json", *args)
    lines = [json.loads(line) for line in out.splitlines()]
    return [x for x in lines if x["kind"] == "sample"], err, status


def convert(source, to, *args, name="out"):
    path = os.path.join(TMP, name)
    status, out, err = run("convert", "-i", source, "--to", to, "-o", path, *args)
    return path, status, err


def pattern(n, seed):
    return random.Random(seed).randbytes(n)


INTEL = {0: (160, 0, 0), 1: (256, 160, 0), 2: (256, 576, 0), 5: (64, 1088, 0), 6: (512, 1152, 0), 7: (1024, 1664, 0),
         9: (8, 2688, 0), 11: (16, 0, 1), 17: (64, 2752, 2), 18: (8192, 2816, 6), 19: (128, 960, 0)}
ARCH = {6: p.feature_string("x86_64")}
FEATURES = {**ARCH, 200: p.chunk(1, p.layout(INTEL)) + p.meta(backend="kernel", requested="zmm0-31 k0-7 mxcsr")}
DATA = {1: pattern(256, 1), 2: pattern(256, 2), 5: pattern(64, 3), 6: pattern(512, 4), 7: pattern(1024, 5)}
have_perf = shutil.which("perf") and subprocess.run(["perf", "--version"], capture_output=True).returncode == 0


def zmm(i):
    if i >= 16:
        return DATA[7][64 * (i - 16):64 * (i - 15)]
    return DATA[1][16 * i:16 * i + 16] + DATA[2][16 * i:16 * i + 16] + DATA[6][32 * i:32 * i + 32]


# ---- the SIMD ABI, which stock perf refuses --------------------------------------------

GPRS = 0xff0fff
EXTRA = 0xffff << 24 | 1 << 40
for slot in ("user", "intr"):
    for width, qwords, n in (("xmm", 2, 16), ("ymm", 4, 16), ("zmm", 8, 32), ("zmm of 16", 8, 16)):
        for mask in (0, GPRS | EXTRA):
            a = p.Attr(p.IP | p.TID | p.TIME | (p.REGS_USER if slot == "user" else p.REGS_INTR) | p.STACK_USER, size=176,
                       regs_user=mask if slot == "user" else 0, regs_intr=mask if slot == "intr" else 0,
                       simd={"vec_qwords": qwords, "pred_qwords": 1, f"vec_{slot}": (1 << n) - 1, f"pred_{slot}": 0xff})
            gprs = [0x1000 + i for i in range(bin(mask).count("1"))]
            r = p.u64(6, *gprs, n, qwords, 8, 1) + b"".join(zmm(i)[:8 * qwords] for i in range(n)) + DATA[5]
            source = write("simd.data", p.file([a], p.comm(a, 1, 100, 101, "simd") + p.sample(a, stack=pattern(32, 1), **{f"regs_{slot}": r}), ARCH))
            before, *_ = script(source)
            path, status, err = convert(source, "perf")
            after, _, _ = script(path, "--regs", "zmm,xmm,ymm,opmask,egpr,ssp,mxcsr")
            before, *_ = script(source, "--regs", "zmm,xmm,ymm,opmask,egpr,ssp,mxcsr")
            want = dict(before[0]["regs"])
            lost = want.pop("ssp", None)
            what = f"SIMD ABI, {width} in the {slot} slot, mask {mask:#x}"
            equal(after and after[0].get("regs"), want, f"{what}: the same registers from raw data")
            equal((after[0].get("zero_is_ambiguous"), "mxcsr" in after[0]["regs"], "xinuse" in after[0]), (True, False, False),
                  f"{what}: what the ABI does not say stays unsaid")
            check(("only a part is known" in err) == bool(lost), f"{what}: a lost SSP is said", err)
            if have_perf and slot == "user":
                r1 = subprocess.run(["perf", "script", "-i", path, "-F", "tid,ip,uregs" if mask else "tid,ip"], capture_output=True, text=True)
                names = [w.split(":")[0] for w in r1.stdout.split() if ":0x" in w]
                equal((r1.returncode, len(names)), (0, 20 if mask else 0), f"{what}: perf reads it, with {20 if mask else 0} general registers")
if have_perf:
    r0 = subprocess.run(["perf", "script", "-i", source], capture_output=True, text=True)
    check(r0.returncode != 0, "stock perf refuses the SIMD ABI's file itself", r0.stdout)
else:
    skip("stock perf reads what convert writes", "no perf on this machine")

# ---- XMM of the older ABI ---------------------------------------------------------------

for xmm, carried in ((0xffffffff, True), (0xff, False)):
    mask = GPRS | xmm << 32
    a = p.Attr(p.IP | p.TID | p.REGS_INTR, regs_intr=mask)
    source = write("pebs.data", p.file([a], p.sample(a, regs_intr=p.u64(2, *range(1000, 1000 + bin(mask).count("1")))), ARCH))
    path, status, err = convert(source, "perf")
    equal(script(path, "--regs", "xmm")[0][0]["regs"], script(source, "--regs", "xmm")[0][0]["regs"],
          f"{bin(xmm).count('1') // 2} XMM of PEBS: kept, {'as raw data' if carried else 'in their own group'}")
    equal(b"XRST" in read(path), carried, "as announced")

# ---- the kernel group and raw data ---------------------------------------------------------

block = p.block(1, 0xe7, 0xe7, {k: v for k, v in DATA.items() if k != 6}, xinuse=0xa7, mxcsr=0x9fc0)
kernel = p.block(3, 0xe7, 0x2, {1: pattern(256, 9)}, mxcsr=0x1fa0)
a = p.Attr(p.IP | p.TID | p.TIME | p.XSTATE, xfeatures=0xe7, xstate=3)
feat = dict(FEATURES)
feat[200] += p.attr_tail(0, a)
source = write("group.data", p.file([a], p.sample(a, xstate=block + kernel), feat))
path, status, err = convert(source, "perf")
equal(status, 0, "a kernel group becomes raw data")
want = p.raw_payload(block, kernel)
check(want in read(path), "its blocks byte for byte")
equal(script(path)[0][0]["regs"], script(source)[0][0]["regs"], "with the same registers")
again, *_ = convert(path, "perf", name="again")
check(want in read(again), "and once more from raw data")

RAW = p.IP | p.TID | p.TIME | p.CPU | p.PERIOD | p.CALLCHAIN | p.RAW
a = p.Attr(RAW | p.REGS_USER | p.STACK_USER, regs_user=GPRS)
rnd = random.Random(11)
gprs = [rnd.getrandbits(64) for _ in range(20)]
stack = pattern(64, 12)


def special(n):
    """Bytes with every class of lane in them."""
    kinds = [lambda: struct.pack("<f", rnd.gauss(0, 1e3)), lambda: bytes(4), lambda: struct.pack("<I", rnd.getrandbits(22) | 1),
             lambda: struct.pack("<I", 0x7f800000), lambda: struct.pack("<I", 0x7fc00000 | rnd.getrandbits(20)),
             lambda: struct.pack("<I", 0x7f800001), lambda: rnd.randbytes(4)]
    data = b""
    while len(data) < n:
        data += rnd.choice(kinds)() if rnd.random() < 0.5 else struct.pack("<d", rnd.choice([0.0, -0.0, 1e-310, 3.14, float("inf"), float("nan"), 2.5e9]) * rnd.random())
    return data[:n]


samples, blocks = [], []
for i in range(40):
    data = {1: special(256), 2: special(256), 5: rnd.randbytes(64), 7: special(1024), 0: special(160), 9: struct.pack("<Q", 5),
            18: special(8192), 19: rnd.randbytes(128)}
    if i % 3:
        data[1] = blocks[-1][1]          # equal to that of the sample before
    blocks.append(data)
    samples.append(p.sample(a, time=1000 + i, tid=101 + i % 2, callchain=[0xfffffffffffffe00, 0x401000, 0x402000 + i % 3],
                            raw=p.raw_payload(p.block(1, 0xe02e7, 0xc02e7, data, xinuse=0xc02e7 if i % 2 else 0x3, mxcsr=0x9fc0)),
                            regs_user=p.u64(2, *gprs), stack=stack))
source = write("raw.data", p.file([a], p.comm(a, 1, 100, 101, "my;app") + b"".join(samples), FEATURES))
REGS = "zmm,opmask,egpr,pkru,x87,mxcsr,amx"
plain, *_ = script(source, "--regs", REGS)
path, status, err = convert(source, "perf")
equal([s.get("regs") for s in script(path, "--regs", REGS)[0]], [s["regs"] for s in plain], "raw data as it is")
equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "the file is for the owner alone")



def has_entropy(q):
    """A value that does not come about by chance: of infinities, say, there are few."""
    return 0 not in q and len(set(q)) >= 6 and all(d >> 23 & 0xff not in (0, 0xff) for d in struct.unpack("<2I", q))


secrets = set()
for data in blocks:
    for nr, component in data.items():
        # of x87 the data pointer and the registers: the rest is control state
        for at in [16, *range(32, 160, 16)] if nr == 0 else range(0, len(component) - 7, 4):
            q = component[at:at + 8]
            if has_entropy(q):
                secrets.add(q)
secrets |= {stack[i:i + 8] for i in range(0, 57, 8)} | {struct.pack("<Q", g) for g in gprs[:8] + gprs[12:]}     # but for IP, FLAGS, CS, SS
check(len(secrets) > 2000, "there is something to look for", len(secrets))


def survivors_in_text(path):
    digits = re.findall(rb"[0-9a-f]{16,}", read(path))
    return sorted({d[i:i + 16].decode() for d in digits for i in range(0, len(d) - 15, 2) if bytes.fromhex(d[i:i + 16].decode())[::-1] in secrets})


def survivors(path):
    data = read(path)
    return [data[i:i + 8].hex() for i in range(0, len(data) - 7) if data[i:i + 8] in secrets]


check(len(survivors(source)) > 2000, "the search finds the values of the recording")

# ---- --strip -------------------------------------------------------------------------------

path, status, err = convert(source, "perf", "--strip", name="strip")
equal((status, survivors(path)), (0, []), "--strip: no value survives anywhere in the file")
check("40 copies of the user's stack were left out" in err, "--strip: says that stacks went too", err)
stripped, *_ = script(path, "--regs", REGS)
check(all(not s["regs"] for s in stripped) and len(stripped) == 40, "--strip: every register is unknown")
equal([(s["ip"], s["tid"], s["time"]) for s in stripped], [(s["ip"], s["tid"], s["time"]) for s in plain], "--strip: the samples are all there")
check(os.path.getsize(path) < 40 * 400, "--strip: and small", os.path.getsize(path))
for to in ("ndjson", "csv"):
    text, status, err = convert(source, to, "--strip", name="strip." + to)
    equal((status, survivors_in_text(text)), (0, []), f"--strip: none in {to}")

# ---- --redact ------------------------------------------------------------------------------

path, status, err = convert(source, "perf", "--redact", name="redact")
equal((status, survivors(path)), (0, []), "--redact: no value survives anywhere in the file")
hidden, *_ = script(path, "--regs", REGS)
equal([sorted((n, r["state"]) for n, r in s["regs"].items()) for s in hidden],
      [sorted((n, r["state"]) for n, r in s["regs"].items()) for s in plain], "--redact: value, init and unknown stay")


def dwords(samples, select):
    for s in samples:
        for name, r in s["regs"].items():
            if select(name) and r.get("hex"):
                b = bytes.fromhex(r["hex"][2:])[::-1]
                yield from struct.unpack("<%dI" % (len(b) // 4), b)


def vector(name):
    return re.match(r"[xyz]mm|tmm|r\d", name)


pairs = list(zip(dwords(plain, vector), dwords(hidden, vector)))
forward, backward = {}, {}
consistent = all(forward.setdefault(x, y) == y and backward.setdefault(y, x) == x for x, y in pairs)
check(consistent and len(pairs) > 10000, f"--redact: {len(forward)} different values in {len(pairs)} lanes: equal ones equal, others different")


def f_class(bits, exp, mant):
    e, m = bits >> mant & (1 << exp) - 1, bits & (1 << mant) - 1
    if e == 0:
        return "subnormal" if m else "zero"
    if e == (1 << exp) - 1:
        return ("qnan" if m >> (mant - 1) else "snan") if m else "inf"
    return "normal"


def classes(samples):
    for s in samples:
        for name, r in sorted(s["regs"].items()):
            if not vector(name) or not r.get("hex"):
                continue
            b = bytes.fromhex(r["hex"][2:])[::-1]
            for code, size, exp, mant in (("H", 2, 5, 10), ("H", 2, 8, 7), ("I", 4, 8, 23), ("Q", 8, 11, 52)):
                yield [f_class(v, exp, mant) for v in struct.unpack("<%d%s" % (len(b) // size, code), b)]


x, y = list(classes(plain)), list(classes(hidden))
equal([i for i in range(len(x)) if x[i] != y[i]], [], "--redact: classes as f16, bf16, f32 and f64 stay")
equal(len({c for lanes in x for c in lanes}), 6, "--redact: all six of them occur")
equal([[bin(int(s["regs"][f"k{i}"]["hex"], 16) & (1 << n) - 1).count("1") for i in range(8) for n in (2, 4, 8, 16, 32, 64)] for s in hidden],
      [[bin(int(s["regs"][f"k{i}"]["hex"], 16) & (1 << n) - 1).count("1") for i in range(8) for n in (2, 4, 8, 16, 32, 64)] for s in plain],
      "--redact: opmasks stay as full as they were")
equal([(s["regs"]["mxcsr"], s["regs"]["pkru"], s["regs"]["fcw"], s.get("xinuse")) for s in hidden],
      [(s["regs"]["mxcsr"], s["regs"]["pkru"], s["regs"]["fcw"], s.get("xinuse")) for s in plain], "--redact: control state stays")
other, *_ = convert(source, "perf", "--redact", name="redact2")
check(script(other, "--regs", "zmm")[0] != script(path, "--regs", "zmm")[0], "--redact: another run draws another key")
if have_perf:
    def uregs(f):
        out = subprocess.run(["perf", "script", "-i", f, "-F", "uregs"], capture_output=True, text=True).stdout
        return dict(re.findall(r"(\w+):(0x[0-9a-f]+)", out.splitlines()[0]))
    before, after = uregs(source), uregs(path)
    equal({n for n in before if before[n] == after.get(n)}, {"IP", "FLAGS", "CS", "SS"}, "--redact: of the general registers IP, FLAGS, CS and SS stay")
text, status, err = convert(source, "csv", "--redact", "--regs", REGS, name="redact.csv")
equal(survivors_in_text(text), [], "--redact: no value survives in csv")
text, status, err = convert(source, "csv", "--regs", REGS, name="plain.csv")
check(len(survivors_in_text(text)) > 1000, "the search finds the values of a csv", len(survivors_in_text(text)))

# ---- csv, ndjson ---------------------------------------------------------------------------

text, status, err = convert(source, "csv", "--regs", "ymm0-3,zmm0,zmm20,k1,pkru,tilecfg,mxcsr")
rows = list(csv.DictReader(io.StringIO(read(text).decode())))
regs, *_ = script(source, "--regs", "ymm0-3,zmm0,zmm20,k1,pkru,tilecfg,mxcsr")


def cell(r):
    return "?" if r is None else "init" if r["state"] == "init" else r["hex"]


equal([{n: row[n] for n in ("ymm0", "ymm3", "zmm20", "k1", "pkru", "tilecfg", "mxcsr")} for row in rows],
      [{n: cell(s["regs"].get(n)) for n in ("ymm0", "ymm3", "zmm20", "k1", "pkru", "tilecfg", "mxcsr")} for s in regs],
      "csv: the registers of script --json")
equal([(r["comm"], r["tid"], r["time"], r["ip"]) for r in rows], [(s["comm"], str(s["tid"]), s["time"], s["ip"]) for s in regs], "csv: and its samples")
equal(rows[0]["tilecfg"], "?", "csv: what was not captured is '?', never 0")
equal(stat.S_IMODE(os.stat(text).st_mode), 0o600, "csv: for the owner alone")
text, status, err = convert(source, "csv", "--regs", "ymm0,k1", "--type", "u32")
row = next(csv.DictReader(io.StringIO(read(text).decode())))
equal([int(row[f"ymm0.u32[{i}]"]) for i in range(8)],
      list(struct.unpack("<8I", bytes.fromhex(regs[0]["regs"]["ymm0"]["hex"][2:])[::-1])), "csv: --type makes a column of each lane")
status, out, err = run("convert", "-q", "-i", source, "--to", "ndjson", "--regs", "ymm0,k1")
mine = [json.loads(line) for line in out.splitlines()]
status, out, err = run("script", "-i", source, "--json", "--regs", "ymm0,k1", "-F", "+callchain,period,insn,srcline")
theirs = [json.loads(line) for line in out.splitlines()]
equal([m for m in mine if m["kind"] == "sample"], [t for t in theirs if t["kind"] == "sample"], "ndjson: what script --json prints")
equal((mine[0], mine[-1]), (theirs[0], theirs[-1]), "ndjson: with its head and end")

# ---- folded --------------------------------------------------------------------------------

status, out, err = run("convert", "-q", "-i", source, "--to", "folded")
bad = [line for line in out.splitlines() if not re.fullmatch(r"[^;\x00-\x1f]+(;[^;\x00-\x1f]+)* [1-9][0-9]*", line)]
equal((bad, sum(int(line.rsplit(" ", 1)[1]) for line in out.splitlines())), ([], 40), "folded: the grammar of flame graph text, every sample once")
equal({line.split(";")[0] for line in out.splitlines()}, {"128 bits in use", "512 bits in use"}, "folded: rooted in the width in use")
equal({line.split(";")[1] for line in out.splitlines()}, {"my:app", ":102"}, "folded: then the thread, without a ';' of its own")
status, out2, err = run("convert", "-q", "-i", source, "--to", "folded", "--root", "none")
equal({line.split(";")[0] for line in out2.splitlines()}, {"my:app", ":102"}, "folded: --root none")
status, out3, err = run("convert", "-q", "-i", source, "--to", "folded", "--root", "mask")
equal({line.split(";")[0] for line in out3.splitlines()}, {"mask unknown"}, "folded: --root mask, without the program's code")
status, out4, err = run("convert", "-q", "-i", source, "--to", "folded", "--strip")
equal({line.split(";")[0] for line in out4.splitlines()}, {"width unknown"}, "folded: stripped, the width is unknown and said so")

# ---- pprof ---------------------------------------------------------------------------------

plain, *_ = script(source, "--regs", REGS)
pb, status, err = convert(source, "pprof", name="out.pb")
want_tids = {"101": 20, "102": 20}


def check_pprof(samples, what):
    """samples: [(locations, values, {label: str or number})]"""
    equal(sum(v[0] for _, v, _ in samples), 40, f"pprof, {what}: every sample once")
    equal(sum(v[1] for _, v, _ in samples), 40 * 250000, f"pprof, {what}: and its period")
    equal({t: sum(v[0] for _, v, n in samples if str(n["tid"]) == t) for t in want_tids}, want_tids, f"pprof, {what}: by thread")
    equal({n["width"] for _, _, n in samples} | {n["mxcsr"] for _, _, n in samples}, {"128 bits in use", "512 bits in use", "FTZ DAZ"}, f"pprof, {what}: with width and MXCSR as labels")
    equal({len(a) for a, _, _ in samples}, {2}, f"pprof, {what}: and stacks of two frames")


if shutil.which("protoc"):
    r = subprocess.run(["protoc", "--decode=pprof.Profile", f"--proto_path={TOP}/tools-perf/convert", "profile.proto"],
                       stdin=open(pb, "rb"), capture_output=True, text=True)
    equal((r.returncode, re.findall(r"^\s*\d+: ", r.stdout, re.M)), (0, []), "pprof: protoc decodes it, without an unknown field")
    strings = [json.loads(x) for x in re.findall(r"^string_table: (\".*\")$", r.stdout, re.M)]
    samples = []
    for text in re.findall(r"^sample \{\n(.*?)^\}", r.stdout, re.M | re.S):
        labels = {strings[int(k)]: strings[int(v)] if t == "str_s" else int(v) for k, t, v in re.findall(r"key_s: (\d+)\n\s+(str_s|num): (\d+)", text)}
        samples.append((re.findall(r"location_id: (\d+)", text), [int(v) for v in re.findall(r"^  value: (\d+)", text, re.M)], labels))
    check_pprof(samples, "by protoc")
    ids = set(re.findall(r"^location \{\n\s+id: (\d+)", r.stdout, re.M))
    equal(({i for a, _, _ in samples for i in a} - ids, strings[0]), (set(), ""), "pprof: every place is described, string 0 is empty")
else:
    skip("pprof by protoc", "no protoc on this machine (protobuf-compiler)")

modules, why = npm.modules()
if modules:
    js = """const { Profile } = require(process.argv[1] + '/pprof-format');
const p = Profile.decode(require('fs').readFileSync(process.argv[2])), s = p.stringTable.strings;
console.log(JSON.stringify(p.sample.map(x => [x.locationId.map(Number), x.value.map(Number),
  Object.fromEntries(x.label.map(l => [s[Number(l.key)], Number(l.str) ? s[Number(l.str)] : Number(l.num)]))])));"""
    r = subprocess.run(["node", "-e", js, modules, pb], capture_output=True, text=True)
    check(r.returncode == 0, "pprof: npm's pprof-format decodes it", r.stderr)
    if r.returncode == 0:
        check_pprof(json.loads(r.stdout), "by pprof-format")
else:
    skip("pprof by npm's pprof-format", why)

# ---- the Firefox Profiler's format ------------------------------------------------------------

path, status, err = convert(source, "firefox")
profile = json.loads(read(path))
equal([(t["name"], t["pid"], t["tid"]) for t in profile["threads"]], [("my;app", "100", 101), (":102", "100", 102)] if plain[0]["comm"] == "my;app" else None, "firefox: a thread each")
bad = []
for t in profile["threads"]:
    for name in ("samples", "markers", "stackTable", "frameTable", "funcTable", "resourceTable", "nativeSymbols"):
        bad += [f"{name}.{k}" for k, v in t[name].items() if isinstance(v, list) and len(v) != t[name]["length"]]
    st, fr, fu = t["stackTable"], t["frameTable"], t["funcTable"]
    bad += ["stack" for s in t["samples"]["stack"] if not 0 <= s < st["length"]]
    bad += ["prefix" for i, x in enumerate(st["prefix"]) if x is not None and not 0 <= x < i]
    bad += ["frame" for x in st["frame"] if not 0 <= x < fr["length"]] + ["func" for x in fr["func"] if not 0 <= x < fu["length"]]
    bad += ["string" for x in fu["name"] + t["markers"]["name"] if not 0 <= x < len(t["stringArray"])]
    bad += ["time" for x, y in zip(t["samples"]["time"], t["samples"]["time"][1:]) if y < x]
    bad += ["marker" for m, x, y in zip(t["markers"]["data"], t["markers"]["startTime"], t["markers"]["endTime"]) if m["type"] != profile["meta"]["markerSchema"][0]["name"] or y < x]
equal(bad, [], "firefox: its tables fit together, prefixes come before their stacks")
equal([t["samples"]["length"] for t in profile["threads"]], [20, 20], "firefox: every sample once")
equal({(m["width"], m["mxcsr"]) for t in profile["threads"] for m in t["markers"]["data"]}, {("128 bits in use", "FTZ and DAZ"), ("512 bits in use", "FTZ and DAZ")}, "firefox: spans of equal width and MXCSR are markers")

# ---- --filter and --regs ---------------------------------------------------------------------

path, status, err = convert(source, "perf", "--filter", "tid == 101")
equal((status, len(script(path)[0])), (0, 20), "--filter: only what passes")
check("20 of 40 samples pass" in err, "--filter: and how many that are", err)
path, status, err = convert(source, "perf", "--regs", "xmm,opmask")
only, *_ = script(path, "--regs", REGS)
equal({n for s in only for n, r in s["regs"].items() if r["state"] == "value"}, {f"k{i}" for i in range(8)} | {"mxcsr"}, "--regs: the others are unknown")
equal([s["regs"]["xmm3"] for s in script(path, "--regs", "xmm3")[0]], [s["regs"]["xmm3"] for s in script(source, "--regs", "xmm3")[0]], "--regs: those asked for are as they were")
equal(DATA and blocks[0][2][:8] in read(path), False, "--regs: what was not asked for is not in the file")

# ---- foreign raw data ---------------------------------------------------------------------------

a = p.Attr(p.IP | p.TID | p.RAW | p.REGS_USER, size=176, simd={"vec_qwords": 4, "vec_user": 0xffff})
r = p.u64(6, 16, 4, 0, 0) + b"".join(zmm(i)[:32] for i in range(16))
source2 = write("trace.data", p.file([a], p.sample(a, raw=b"tracepoint payload  ", regs_user=r), ARCH))
path, status, err = convert(source2, "perf")
check(b"tracepoint payload  " in read(path) and "1 samples hold raw data of another kind" in err, "raw data of others stays, and what that costs is said", err)

# ---- what perf's files have besides ------------------------------------------------------------------

a = p.Attr(p.IP | p.TID | p.TIME)
tool = [p.record(kind, p.u64(kind, 2), 0) for kind in (69, 73, 74, 76, 78, 79, 82, 84, 86)]
dropped = p.record(70, p.u64(1, 2), 0) + p.record(71, p.u64(16, 0, 0) + bytes(16)) + b"trace of 16 byte" + p.record(90, p.u64(1), 0)
sections = {**ARCH, 13: b"topology of CPUs", 15: b"", 16: b"names of the PMUs", 18: p.u64(1, 2), 31: b"what PMUs can do", 99: b"of perf 9", **FEATURES}
for form in (p.file, p.pipe):
    what = "a file" if form is p.file else "a stream"
    source2 = write("perf.data", form([a], b"".join(tool) + p.sample(a) + dropped, sections))
    path, status, err = convert(source2, "perf")
    equal([t in read(path) for t in tool], [True] * len(tool), f"{what}: records of perf itself go along")
    equal([sections[nr] in read(path) for nr in (13, 16, 18, 31, 99)], [True, True, False, True, False], f"{what}: so do sections that stay true")
    flags = int.from_bytes(read(path)[72:104], "little")
    equal([nr for nr in (1, 13, 15, 16, 18, 31, 99) if flags >> nr & 1], [13, 15, 16, 31], f"{what}: the header lists them, an empty one too")
    check("left out, which are not true of a copy or not known here: 18, 99" in err, f"{what}: what does not is said", err)
    check("16 bytes of AUX trace data were left out" in err and "1 records are of a type that is not known here" in err, f"{what}: and what else is lost", err)


def perf_script(path):
    r = subprocess.run(["perf", "script", "-i", path], capture_output=True, text=True)
    return r.stdout.splitlines(), r.returncode


if not have_perf:
    skip("tracepoints", "no perf on this machine")
else:
    for name, command in (("file", ["perf", "record", "-q", "-e", "sched:sched_switch", "-a", "-o", "FILE", "sleep", "0.1"]),
                          ("stream", ["sh", "-c", "perf record -q -e sched:sched_switch -a -o - sleep 0.1 >FILE"])):
        source2 = os.path.join(TMP, "trace.data")
        r = subprocess.run([w.replace("FILE", source2) for w in command], capture_output=True, text=True)
        if r.returncode:
            skip(f"tracepoints in a {name}", "perf records none here: " + " ".join(r.stderr.split())[:100])
            continue
        path, status, err = convert(source2, "perf")
        theirs, ok1 = perf_script(source2)
        mine, ok2 = perf_script(path)
        check(len(theirs) > 3 and ok1 == 0, f"tracepoints in a {name}: perf prints {len(theirs)}", theirs)
        equal((mine, ok2), (theirs, 0), f"tracepoints in a {name}: and the same, with all fields, of what convert wrote")
        equal(sum("next_comm=" in line for line in mine), len(mine), f"tracepoints in a {name}: decoded by their formats")

# ---- damaged and refused ----------------------------------------------------------------------------

cut = write("cut.data", read(source)[:len(read(source)) // 2])
path, status, err = convert(cut, "perf")
check(status == 0 and "ends early" in err and 5 < len(script(path)[0]) < 40, "a file cut in the middle: what it has is converted, and said", err)
broken = bytearray(read(source))
at = broken.find(b"XRST") + 8
broken[at] ^= 0xff
path, status, err = convert(write("broken.data", bytes(broken)), "perf", "--redact")
check(status == 0 and "1 samples have registers that could not be decoded" in err, "a damaged block is counted", err)
equal(survivors(path), [], "and with --redact does not get through")
for args, text in ((("--to", "frob"), "no such format"), ((), "no format"), (("--to", "perf"), "name one with -o"),
                   (("--to", "csv", "--strip", "--redact"), "both --strip and --redact"), (("--to", "csv", "--type", "f99"), "is no type"),
                   (("--to", "folded", "--root", "x"), "width, mask and none"), (("--to", "csv", "x.data"), "named with -i and -o"),
                   (("--to", "perf", "-o", os.path.join(TMP, "x"), "--regs", "ymm0-3"), "whole components"),
                   (("--to", "perf", "-o", source), "to itself"), (("--to", "csv", "--filter", "ymm0 =="), "filter")):
    status, out, err = run("convert", "-i", source, *args)
    check(status == 2 and text in err, f"refused: {' '.join(args) or 'nothing asked for'}".replace(TMP + "/", ""), (status, err))
for to in ("perf", "csv"):
    r = subprocess.run(["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", XREGS, "convert", "-i", source, "--to", to, "-o", os.path.join(TMP, "limited")], capture_output=True, text=True)
    check(r.returncode == 1 and re.search("cannot write (to ')?%s/limited'?: File too large" % TMP, r.stderr), f"a file size limit, to {to}: an error that says so", (r.returncode, r.stderr))
status, out, err = run("convert", "-i", "/nonexistent", "--to", "csv")
check(status == 1 and "cannot open '/nonexistent'" in err, "a file that is not there", err)

shutil.rmtree(TMP)
plan_done()
