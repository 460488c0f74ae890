#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Call chains of a recording, held against what is known of them.

usage: chains.py truth FILE PATH...	all chains of tests/workloads/callpaths
       chains.py perf FILE		frame by frame those of stock perf

Prints a line for each disagreement, then how much was compared.
"""
import collections
import functools
import json
import os
import re
import subprocess
import sys

MAIN = ["work", "main"]
TRUTH = {
    "spin_deep": ["recurse"] * 6 + ["deep"] + MAIN,
    "spin_big": ["big_frame", "big"] + MAIN,
    "spin_signal": ["on_signal", ..., "raise", "signalled"] + MAIN,
    "spin_bare": ["bare"],
    "spin_thread": ["thread", ..., "start_thread"],
}
INTERNAL = {"start_thread"}	# the C library's own: nameless where it has no symbol table
BARE = "no unwind table covers the code here; debug symbols (-dbgsym package) may have one"


def ours(path):
    """Of each sample: time, [(ip, symbol)], why the chain ends."""
    out = subprocess.run([os.environ["XREGS"], "script", "-i", path, "--json", "--regs", "mxcsr", "-F", "+callchain"],
                         check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        s = json.loads(line)
        if s["kind"] == "sample":
            yield s["time"], [(int(f["ip"], 16), f.get("sym")) for f in s["callchain"]], s.get("callchain_end")


def theirs(path):
    """What perf script prints: a line for each frame, an empty one behind each sample."""
    out = subprocess.run(["perf", "script", "--no-inline", "-F", "time,ip,sym", "--ns", "-i", path],
                         check=True, capture_output=True, text=True).stdout
    frames, time = [], None
    for line in out.splitlines():
        head = re.match(r"\s*(\d+\.\d{9}):", line)
        frame = re.match(r"\s+([0-9a-f]+) (.*)", line)
        if head:
            time, frames = head[1], []
        elif frame:
            frames.append((int(frame[1], 16), frame[2].split("@")[0]))
        elif time:
            yield time, frames
            time = None


def matches(names, truth):
    """A prefix of @names is @truth, in which ... stands for any frames."""
    if not truth:
        return True
    if truth[0] is ...:
        return any(matches(names[i:], truth[1:]) for i in range(len(names) + 1))
    return bool(names) and is_named(names[0], truth[0]) and matches(names[1:], truth[1:])


def is_named(name, truth):
    """Is it this function? Where nothing here names libc's own, an address is."""
    return name == truth or truth in INTERNAL and not libc_has_names() and (name or "[").startswith("[")


@functools.cache
def libc_has_names():
    """Has libc a symbol table, or a file of debug symbols?"""
    with open("/proc/self/maps", encoding="ascii") as maps:
        libc = next(line.split()[-1] for line in maps if "/libc.so" in line)
    told = subprocess.run(["readelf", "-nSW", libc], check=True, capture_output=True, text=True).stdout
    build_id = re.search(r"Build ID: ([0-9a-f]+)", told)[1]
    return ".symtab" in told or os.path.exists(f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug")


def check_truth(path, paths):
    seen, cut = collections.Counter(), collections.Counter()
    for time, frames, end in ours(path):
        names = [sym for _, sym in frames]
        if not names or names[0] not in paths:
            continue
        truth = TRUTH[names[0]]
        seen[names[0]] += 1
        if end and "copy of the stack ends" in end:
            cut[names[0]] += 1
            good = matches(names[1:], truth[:len(names) - 1])
        elif names[0] == "spin_bare":
            good = names[1:] == truth and end == BARE
        else:
            good = matches(names[1:], truth) and end is None
        if not good:
            print(time, "<".join(map(str, names)), end)
    for p in paths:
        print(p, "seen" if seen[p] else "not seen", "cut" if cut[p] == seen[p] else "some cut" if cut[p] else "whole")


def check_perf(path):
    a, b = list(ours(path)), list(theirs(path))
    by_time = {time: frames for time, frames in b}
    frames = 0
    for time, mine, end in a:
        other = by_time.get(time)
        if other is None:
            print(time, "perf has no such sample")
            continue
        if len(mine) != len(other) and not (end and len(mine) < len(other)):
            print(time, "we have", mine, "perf has", other)
            continue
        for (ip, sym), (their_ip, their_sym) in zip(mine, other):
            # perf prints addresses of the file for what it unwinds; both are mapped by pages
            near = 1 if their_sym == "[unknown]" else 0     # it looks before signal trampolines
            if (ip - their_ip & 0xfff) > near or (sym and their_sym != "[unknown]" and sym.split("@")[0] != their_sym):
                print(time, "we have", hex(ip), sym, "perf has", hex(their_ip), their_sym)
        frames += len(mine)
    print("samples agree" if len(a) == len(b) and len(a) >= 20 else "samples: %d and %d" % (len(a), len(b)),
          "chains" if frames > 2 * len(a) else "too few frames: %d" % frames)


if sys.argv[1] == "truth":
    check_truth(sys.argv[2], sys.argv[3:])
else:
    check_perf(sys.argv[2])
