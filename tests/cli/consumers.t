#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Exports, opened by the programs they are made for: the same stacks with the same counts.

folded and pprof by speedscope's importers, firefox by the Firefox Profiler's own
code (its profiler-cli upgrades and checks a profile as the page does), all from
npm. speedscope reads what Firefox's developer tools once saved, not processed
profiles. What is expected is counted here, from what the file is made of.
"""
import collections
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from time import sleep

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/lib"))
sys.dont_write_bytecode = True
import npm  # noqa: E402
import perfdata as p  # noqa: E402
from tap import check, equal, plan_done, skip_all  # noqa: E402

BUILD = os.environ.get("XREGS_BUILD", os.path.join(TOP, "build"))
XREGS = os.path.join(BUILD, "perf-xregs")
# a sanitized build's workloads are those of the plain one
DEMO = next((f for f in (os.path.join(b, "tests/workloads/demo") for b in (BUILD, os.path.dirname(BUILD))) if os.access(f, os.X_OK)), None)
if not DEMO:
    skip_all("the workload demo is not built (make workloads)")
modules, why = npm.modules()
if not modules:
    skip_all(why)
tmp = tempfile.mkdtemp()
BASE = 0x555500000000

# ---- a recording of three threads, with the symbols of a real program ------------------



def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


segment = re.search(r"LOAD +(0x\w+) (0x\w+) 0x\w+ (0x\w+) 0x\w+ R E", output("readelf", "-lW", DEMO))
offset, vaddr, size = (int(x, 16) for x in segment.groups())
symbols = {name: int(at, 16) for at, kind, name in map(str.split, output("nm", "--defined-only", DEMO).splitlines()) if kind in "tT"}

Thread = collections.namedtuple("Thread", "pid tid comm shown")
THREADS = [Thread(100, 101, "my;app", "my:app"), Thread(100, 102, "worker", "worker"), Thread(200, 200, "other", "other")]
# (thread, outermost first, how often, XINUSE, MXCSR)
WORK = [(0, ("main",), 3, 0x7, 0x1f80), (0, ("main", "heat_step"), 11, 0x7, 0x1f80), (0, ("main", "hash_rows"), 5, 0x3, 0x1f80),
        (0, ("main", "hash_rows", "main", "heat_step"), 2, 0x7, 0x1f80), (1, ("blend_worker",), 17, 0x3, 0x9fc0),
        (1, ("blend_worker", "heat_step"), 4, 0x7, 0x9fc0), (2, ("main", "heat_step"), 6, 0x7, 0x1fc0)]
WIDTH = {0x3: "128 bits in use", 0x7: "256 bits in use"}
MXCSR = {0x1f80: "MXCSR without FTZ and DAZ", 0x9fc0: "FTZ and DAZ", 0x1fc0: "DAZ"}
TOTAL = sum(w[2] for w in WORK)

a = p.Attr(p.IP | p.TID | p.TIME | p.PERIOD | p.CALLCHAIN | p.RAW)
data, time = b"", 1000
for t in THREADS:
    data += p.comm(a, time, t.pid, t.tid, t.comm)
for pid in (100, 200):
    body = struct.pack("<IIQQQIIQQII", pid, pid, BASE + vaddr, size + 4095 & ~4095, offset, 0, 0, 0, 0, 5, 2) + p.string(DEMO)
    data += p.record(10, body + p.sample_id(a, time, pid=pid, tid=pid))
turns = [w for w in WORK for _ in range(w[2])]
random.Random(7).shuffle(turns)
for thread, stack, _, xinuse, mxcsr in turns:
    # a caller's address is that of the return behind its call
    ips = [BASE + symbols[f] + 8 for f in reversed(stack)]
    time += 1000000
    data += p.sample(a, ip=ips[0], pid=THREADS[thread].pid, tid=THREADS[thread].tid, time=time, callchain=[0xfffffffffffffe00, *ips],
                     raw=p.raw_payload(p.block(1, 7, xinuse & 7, {1: bytes(range(1, 256)) + b"x"}, xinuse=xinuse, mxcsr=mxcsr)))
LAYOUT = {0: (160, 0, 0), 1: (256, 160, 0), 2: (256, 576, 0)}
source = os.path.join(tmp, "in.data")
with open(source, "wb") as f:
    f.write(p.file([a], data, {6: p.feature_string("x86_64"), 200: p.chunk(1, p.layout(LAYOUT)) + p.meta(backend="kernel")}))


def convert(to):
    path = os.path.join(tmp, "out." + to)
    r = subprocess.run([XREGS, "convert", "-q", "-i", source, "--to", to, "-o", path], capture_output=True, text=True)
    equal((r.returncode, r.stderr), (0, ""), f"convert --to {to}")
    return path


def counted(key):
    found = collections.Counter()
    for w in WORK:
        found[key(THREADS[w[0]], w)] += w[2]
    return dict(found)


# ---- our own report, which the others are held against ----------------------------------

r = subprocess.run([XREGS, "report", "--json", "-i", source], capture_output=True, text=True)
rows = [o for o in map(json.loads, r.stdout.splitlines()) if o["type"] == "row"]
reported = {o["symbol"]: round(o["overhead"] * TOTAL) for o in rows}
equal(reported, counted(lambda t, w: w[1][-1]), "report: each function's own samples")


def own(stacks):
    found = collections.Counter()
    for stack, n in stacks.items():
        found[stack.rsplit(";", 1)[-1]] += n
    return dict(found)


# ---- speedscope ---------------------------------------------------------------------------


def speedscope(path):
    r = subprocess.run(["node", os.path.join(TOP, "tests/lib/npm/speedscope.js"), modules, path], capture_output=True, text=True)
    return json.loads(r.stdout) if r.returncode == 0 else {"error": r.stderr}


got = speedscope(convert("folded"))
equal(got.get("total"), TOTAL, "folded by speedscope: every sample")
equal(got.get("stacks"), counted(lambda t, w: ";".join((WIDTH[w[3]], t.shown) + w[1])), "folded by speedscope: the stacks, rooted in width and thread")
equal(own(got.get("stacks", {})), reported, "folded by speedscope: each function's own samples are report's")
got = speedscope(convert("pprof"))
equal(got.get("total"), TOTAL, "pprof by speedscope: every sample")
equal(got.get("stacks"), counted(lambda t, w: ";".join(w[1])), "pprof by speedscope: the stacks")
equal(own(got.get("stacks", {})), reported, "pprof by speedscope: each function's own samples are report's")

# ---- the Firefox Profiler -----------------------------------------------------------------

os.environ["PROFILER_CLI_SESSION_DIR"] = os.path.join(tmp, "s")
CLI = os.path.join(modules, "@firefox-devtools/profiler-cli/dist/profiler-cli.js")


def profiler(*args):
    r = subprocess.run(["node", CLI, *args], capture_output=True, text=True)
    return r.stdout if r.returncode == 0 else json.dumps({"error": r.stdout + r.stderr})


def query(*args):
    return json.loads(profiler(*args, "--json"))


def walk(node, names, found):
    for child in node.get("children", ()):
        if child["selfSamples"]:
            found[";".join(names + [child["name"]])] = child["selfSamples"]
        walk(child, names + [child["name"]], found)
    return found


loaded = profiler("load", convert("firefox"))
# it gives its daemon half a second; on a busy machine that takes longer
for _ in range(60):
    answer = query("thread", "list")
    if "threads" in answer:
        break
    sleep(0.25)
threads = answer.get("threads", [])
check(threads, "firefox by the Firefox Profiler: it loads", (loaded, answer))
equal(sorted((t["pid"], t["tid"], t["name"]) for t in threads), sorted((str(t.pid), t.tid, t.comm) for t in THREADS), "firefox by the Firefox Profiler: its threads")
everywhere = collections.Counter()
for t in threads:
    mine = next(i for i, x in enumerate(THREADS) if x.tid == t["tid"])
    tree = query("thread", "samples-top-down", "--thread", t["threadHandle"]).get("regularCallTree", {})
    found = walk(tree, [], {})
    what = f"firefox by the Firefox Profiler: thread {t['tid']}"
    equal((tree.get("totalSamples"), found), (sum(w[2] for w in WORK if w[0] == mine), {";".join(w[1]): w[2] for w in WORK if w[0] == mine}), f"{what}: its call tree")
    everywhere.update(own(found))
    marks = query("thread", "markers", "--thread", t["threadHandle"], "--list")
    labels = {m["label"] for m in marks.get("flatMarkers", marks.get("markers", []))}
    equal(labels, {f"{WIDTH[w[3]]}, {MXCSR[w[4]]}" for w in WORK if w[0] == mine}, f"{what}: its spans of equal width and MXCSR")
equal(dict(everywhere), reported, "firefox by the Firefox Profiler: each function's own samples are report's")
profiler("stop", "--all")

shutil.rmtree(tmp)
plan_done()
