#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What stock perf script makes of our raw data: by xregs-dlfilter.so and by
# xregs.py. Expected values are those of perf xregs script.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
command -v perf >/dev/null && perf --version >/dev/null 2>&1 || skip_all "no perf on this machine"
# a sanitized program is no help here: perf would have to load the sanitizer first
plugin=$build/xregs-dlfilter.so
case $build in */san) plugin=$(dirname "$build")/xregs-dlfilter.so ;; esac
py=$top/tools-perf/plugin/xregs.py

python3 - "$top" x.data <<'END' || exit 1
import os, random, sys
sys.path.insert(0, os.path.join(sys.argv[1], "tests", "lib"))
import perfdata as p
rnd = random.Random(5)
a = p.Attr(p.IP | p.TID | p.TIME | p.CPU | p.PERIOD | p.RAW)
data = p.comm(a, 1, 100, 101, "worker")
sizes = {1: 256, 2: 256, 5: 64, 6: 512, 7: 1024, 9: 8, 0: 160, 17: 64, 18: 8192, 19: 128, 11: 16}
mask = sum(1 << nr for nr in sizes)
for i in range(60):
    # every component in each of the three states at some time
    state = {nr: rnd.choice(["value", "init", "unknown"]) for nr in sizes}
    have = {nr: rnd.randbytes(n) for nr, n in sizes.items() if state[nr] == "value"}
    captured = sum(1 << nr for nr in sizes if state[nr] != "unknown")
    raw = p.raw_payload(p.block(1 + i % 2, mask, captured, have, flags=8 if i % 4 == 0 else 0, xinuse=0xe7, mxcsr=0x9fc0 if i % 3 else 0x1f80))
    if i == 7:
        raw = b""
    data += p.sample(a, time=1_000_000_000 + i * 1000, tid=101 + i % 2, raw=raw)
layout = {nr: (n, 0, 1) for nr, n in sizes.items() if nr > 1}
layout.update({0: (160, 0, 0), 1: (256, 160, 0)})
f = p.file([a], data, {6: p.feature_string("x86_64"), 200: p.chunk(1, p.layout(layout))})
open(sys.argv[2], "wb").write(f)
END
regs=xmm,xmm16-31,ymm,ymm16-31,zmm,opmask,mxcsr,pkru,ssp,egpr,x87,tilecfg,tmm0-7

# ---- the dlfilter ------------------------------------------------------------------
exports=$(nm -D --defined-only "$plugin" | awk '{ print $3 }' | sort | tr '\n' ' ')
is "$exports" "filter_description filter_event perf_dlfilter_fns start stop " "the plugin exports what perf looks for and nothing else"
dl() { perf script -i x.data --dlfilter "$plugin" "$@" 2>err.txt; }
cp "$plugin" . && like "$(perf script -i x.data --list-dlfilters 2>&1)" 'xregs-dlfilter.so +filter by vector registers' "perf lists it"

dl -F tid,time --dlarg regs=$regs --dlarg type=none | sed 's/^ *[0-9]* *[0-9.]*: *$/@/' | grep -v '^$' > dl.txt
"$xregs" script -i x.data -F tid,time,regs --regs $regs --type none 2>/dev/null | grep -v '^#' | sed '/^[^ ]/s/.*/@/;/^ *[0-9]* *[0-9.]*:/s/.*/@/' | grep -v '^$' > script.txt
is "$(grep -c '^@' dl.txt)" 60 "every sample is shown"
is "$(diff <(grep -v '^@' dl.txt) <(grep -v '^@' script.txt) | head -n 10)" "" "with the register lines of perf xregs script ($(grep -vc '^@' dl.txt))"
like "$(cat err.txt)" '1 of 60 samples carry no registers as raw data' "and the one without registers is counted"

for expr in 'mxcsr & daz' 'k1.popcount < 30' 'ymm3.u32[2] > 0x80000000' 'tid == 102, any(zmm.f32) == nan' 'comm == worker' '!(width == 512)'; do
	want=$("$xregs" script -i x.data -F time --filter "$expr" 2>want.err | tr -d ' :' | grep -v '^$')
	got=$(dl -F time --dlarg "filter=$expr" --dlarg quiet | tr -d ' :' | grep -v '^$')
	is "$got" "$want" "filter=$expr: the samples of perf xregs script ($(printf '%s\n' "$want" | grep -c .))"
	is "$(sed -n 's/^xregs-dlfilter: \(.*pass.*\)/\1/p' err.txt)" "$(sed -n 's/^perf-xregs script: --filter: \(.*\)/\1/p' want.err)" "filter=$expr: and its counts"
done
dl --dlarg 'filter=ymmx == 1' >/dev/null
like "$(cat err.txt)" "did you mean 'ymm'" "a wrong filter is explained"
unlike "$(cat err.txt)" 'double free|Segmentation' "and does not crash perf"
dl --dlarg frob >/dev/null
like "$(cat err.txt)" "there are filter=EXPR, regs=LIST" "so is a wrong argument"

# typed lanes by the instruction, which perf reads from the program
cat > loop.c <<'END'
#include <stdio.h>
int main(void) { float x[8] = { 1.5f, 2.5f }; double t = 0; for (long i = 0; i < 300000000; i++) { __asm__ volatile("addps %%xmm1, %%xmm0" : : : "xmm0"); } printf("%f %f\n", x[0], t); return 0; }
END
if ${CC:-gcc} -O1 -o loop loop.c && "$xregs" record -q -o live.data -- ./loop >/dev/null 2>&1; then
	like "$(perf script -i live.data --dlfilter "$plugin" -F comm,ip,sym --dlarg regs=xmm0 2>/dev/null)" '^ +xmm0 .*' "a live recording: perf prints registers"
	is "$(perf script -i live.data --dlfilter "$plugin" -F comm,ip,sym --dlarg regs=xmm0 2>/dev/null | grep -c '^  *f32')" \
		"$("$xregs" script -i live.data -F comm,ip,sym,regs --regs xmm0 2>/dev/null | grep -c '^  *f32')" "a live recording: lanes typed by the instruction, as perf xregs script does"
else
	skip "a live recording" "nothing can be recorded here"
fi

# ---- xregs.py ------------------------------------------------------------------------
if ! perf version --build-options 2>/dev/null | grep -q 'libpython: \[ on'; then
	skip "xregs.py" "perf has no Python here"
	plan_done
fi
export XREGS_TOP=$top
perf script -i x.data -s "$top/tests/lib/perf_states.py" 2>py.err > py.txt
"$xregs" script -i x.data --json --regs $regs 2>/dev/null | python3 -c '
import json, sys
for line in sys.stdin:
    s = json.loads(line)
    if s["kind"] != "sample":
        continue
    for n, r in sorted(s["regs"].items()):
        if r["state"] in ("value", "init"):
            print(s["time"], n, r["state"], r["hex"][2:] if r["state"] == "value" else "")' > tool.txt
is "$(diff py.txt tool.txt | cut -c1-300 | head -n 10)" "" "xregs.py: every register of every sample in the state and with the bits of perf xregs script ($(grep -c . tool.txt))"
like "$(cut -d' ' -f3 tool.txt | sort | uniq -c | tr '\n' ' ')" '[0-9]{3,} init +[0-9]{3,} value' "xregs.py: both states occur, unknown is None"
out=$(perf script -i x.data -s "$py" regs=ymm0-1,mxcsr type=f32 2>&1)
like "$out" '^ +ymm0  0x[0-9a-f]{64}  f32 \{' "xregs.py as a script: raw and typed lanes"
like "$out" '^ +ymm[01]  \?$' "xregs.py as a script: unknown is '?'"
like "$out" '^# 60 samples, 1 without registers' "xregs.py as a script: counts"
like "$(perf script -i x.data -s "$py" regs=ymm77 2>&1)" "no register 'ymm77'" "xregs.py as a script: a wrong register is named"
is "$(cd "$(dirname "$py")" && python3 -c '
import struct, xregs
r = xregs.Register("xmm0", struct.pack("<4f", 1.5, -2, 0, 3e38), False)
print(r["f32"][:3], r["u64"][1] >> 32 == struct.unpack("<I", struct.pack("<f", 3e38))[0], len(r["bf16"]), len(r["f16"]), r["f64"][0] == struct.unpack("<d", r["bytes"][:8])[0])
for bad in b"", b"x" * 8, struct.pack("<IHH", 0x54535258, 9, 1), struct.pack("<IHH", 0x54535258, 1, 1) + bytes(56):
    try:
        print(xregs.blocks(bad))
    except ValueError as e:
        print("refused")')" "[1.5, -2.0, 0.0] True 8 8 True
[]
[]
refused
refused" "xregs.py as a module: lanes of each type, and damaged payloads are refused"
plan_done
