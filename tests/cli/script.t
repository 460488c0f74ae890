#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# perf xregs script: what is printed, which samples, what is refused.
. "$(dirname "$0")/../lib/tap.sh"
f=$tmp/s.data

# Five samples: two threads, three times, init, unknown, subnormal, NaN.
python3 - "$top" "$f" <<'END' || exit 1
import struct, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/tests/lib")
import perfdata as p
attr = p.Attr(p.IDENTIFIER | p.IP | p.TID | p.TIME | p.CPU | p.PERIOD | p.RAW, ids=[1])
f32 = struct.pack("<8f", 1.5, 4.12e-42, 0, 1, -2, float("inf"), float("nan"), -0.0)
f64 = struct.pack("<4d", 0.1, 1e300, -3, 2**53)
xmm = f32[:16] + f64[:16] + bytes(16 * 14)
ymm = f32[16:] + f64[16:] + bytes(16 * 14)
LAYOUT = {0: (160, 0, 0), 1: (256, 160, 0), 2: (256, 576, 0), 5: (64, 832, 0)}
def s(i, blk, **kw):
    return p.sample(attr, id=1, ip=0x1000 + i, time=10_000_000_000 + i * 1_000_000_000, raw=p.raw_payload(blk), **kw)
full = p.block(1, 7, 7, {1: xmm, 2: ymm}, xinuse=7, mxcsr=0x9fc0)
data = p.comm(attr, 1, 42, 42, "solver") + p.comm(attr, 2, 42, 43, "wor\x1bker")
data += s(0, full, pid=42, tid=42, cpu=0) + s(1, full, pid=42, tid=43, cpu=1)
data += s(2, p.block(1, 0x27, 7, {1: xmm}, mxcsr=0x7f9f), pid=42, tid=42, cpu=0)
data += s(3, p.block(0, 7, 0, {}), pid=42, tid=42, cpu=1, misc=1)
data += s(4, p.block(1, 7, 7, {1: xmm, 2: ymm})[:-8], pid=42, tid=42, cpu=0)
meta = p.chunk(1, p.layout(LAYOUT)) + p.meta(requested="ymm0-15 mxcsr", backend="kernel")
open(sys.argv[2], "wb").write(p.file([attr], data, {6: p.feature_string("x86_64"), 200: meta}))
END

run "$xregs" script -i "$f" --type f32 --regs ymm0,mxcsr --max-samples 1
is "$out" "solver 42 [000]    10.000000: [unknown] 0x1000 ([unknown])
    ymm0   0x80000000'7fc00000 7f800000'c0000000 3f800000'00000000 00000b7c'3fc00000
           f32 {1.5, 4.12e-42 subnormal, 0, 1, -2, inf, nan, -0}
    mxcsr  0x9fc0  FTZ DAZ, round to nearest, all exceptions masked" "the raw line, then the typed one"
is "$status" 0 "status 0"

run "$xregs" script -i "$f" --type f64 --regs ymm1 --max-samples 1 -F regs
is "$out" "
    ymm1   0x43400000'00000000 c0080000'00000000 7e37e43c'8800759c 3fb99999'9999999a
           f64 {0.1, 1e+300, -3, 9007199254740992}" "doubles"
run "$xregs" script -i "$f" --type i8 --regs xmm0 --max-samples 1 -F regs
like "$out" 'i8 \{0, 0, -64, 63, 124, 11, 0, 0, 0, 0, 0, 0, 0, 0, -128, 63\}' "bytes"
run "$xregs" script -i "$f" --type none --max-samples 1
unlike "$out" 'f32|f64|i8' "--type none prints raw lines alone"
like "$out" '^    ymm2-15 all bits 0$' "registers without a bit set share a line"
run "$xregs" script -i "$f" --type none --max-samples 1 --regs ymm
is "$(printf '%s\n' "$out" | grep -c '^    ymm')" 16 "... but not where they were asked for"

run "$xregs" script -i "$f"
like "$err" 'registers of 1 samples could not be decoded, the first at offset [0-9]+: the data ends' "a malformed block is counted and placed"
like "$out" '^    registers  \?  the data ends before the structure does$' "... and said at its sample"
like "$out" '^    registers  \?  the sample hit the kernel, which gave none$' "a sample in the kernel says so"
like "$out" '^wor\\x1bker 42/43 ' "control characters of a name are not printed"
is "$(printf '%s\n' "$out" | grep -c '^[^ ]')" 5 "all five samples are there"

u="????????'????????"
run "$xregs" script -i "$f" --time 12,12 --regs ymm0,k1,zmm0,mxcsr,pkru -F time,regs
is "$out" "    12.000000:
    ymm0   0x00000000'00000000 00000000'00000000 3f800000'00000000 00000b7c'3fc00000
    zmm0   0x$u $u $u $u 00000000'00000000 00000000'00000000 3f800000'00000000 00000b7c'3fc00000
    k1     ?  not captured
    mxcsr  0x7f9f  round to zero, all exceptions masked, raised: IE DE ZE OE UE
    pkru   ?  not requested" "init halves are zeros, unknown ones question marks, each with its reason"
run "$xregs" script -i "$f" --time 12,12 --regs opmask,st0 -F regs
like "$out" '^    st0    init$' "init is said"

count() { "$xregs" script -i "$f" -F time "$@" 2>/dev/null | wc -l; }
is "$(count --comm solver)" 4 "--comm"
is "$(count --tid 43)" 1 "--tid"
is "$(count --pid 42)" 5 "--pid"
is "$(count --pid 1-41,43-99)" 0 "--pid with ranges"
is "$(count -C 1)" 2 "--cpu"
is "$(count --time 11,13)" 3 "--time"
is "$(count --time ,11.5)" 2 "--time up to"
is "$(count --time 11000ms,13s)" 3 "--time with units"
is "$(count --time 11.000000001,)" 3 "--time from, to the nanosecond"
is "$(count --symbols '[unknown]')" 5 "--symbols"
is "$(count --max-samples 2)" 2 "--max-samples"
run "$xregs" script -i "$f" --tid 99
like "$err" 'no sample was printed: .* has 5' "nothing left: said"

is "$("$xregs" script -i "$f" -F comm,tid --max-samples 1)" "solver 42" "-F names fields"
is "$("$xregs" script -i "$f" -F -regs,-insn,-dso,-sym,-symoff,+event,+period,+ip --max-samples 1)" \
	"solver 42 [000]    10.000000:     250000 task-clock: 000000001000" "-F changes the default"

json=$("$xregs" script -i "$f" --json --type f32 2>/dev/null)
ok "every line of --json is an object" python3 -c 'import json,sys; [json.loads(l) for l in sys.argv[1].splitlines()]' "$json"
cat > "$tmp/schema.py" <<'END'
import json, sys
o = [json.loads(line) for line in sys.stdin]
s = [x for x in o if x["kind"] == "sample"]
print(o[0]["kind"], o[0]["schema"], o[0]["backend"], o[-1]["kind"], o[-1]["samples"], o[-1]["malformed_registers"])
print(*s[0]["regs"]["ymm0"]["lanes"], s[0]["regs"]["ymm0"]["type_from"])
print(s[1]["comm"] == "wor\x1bker", s[2]["regs"]["mxcsr"]["rounding"], s[3]["regs"], "regs" in s[4], s[4]["malformed"])
END
is "$(printf '%s\n' "$json" | python3 "$tmp/schema.py")" "head 2 kernel end 5 1
1.5 4.12e-42 0 1 -2 inf nan 0 option
True zero {} False the data ends before the structure does" "the schema of --json"
is "$(printf '%s\n' "$json" | grep -c '"lanes":\[1.5,4.12e-42,0,1,-2,"inf","nan",-0\]')" 2 "lanes are numbers, -0 keeps its sign"
like "$("$xregs" script -i "$f" --json --type u64 --regs xmm0 --max-samples 1)" '"lanes":\["0xb7c3fc00000","0x3f80000000000000"\]' "64-bit integers are hexadecimal strings"

refuse() { # NAME STATUS ERE OPTIONS...
	local name=$1 want=$2 re=$3
	shift 3
	run "$xregs" script "$@"
	is "$status" "$want" "$name: status"
	like "$err" "^perf-xregs script: $re" "$name: message"
	is "$out" "" "$name: no output"
}
refuse "no such file" 1 "cannot open '/nonexistent': No such file or directory; record one" -i /nonexistent
refuse "unknown register" 2 "register list 'ymm0,foo': 'foo' at character 6 is no register" -i "$f" --regs ymm0,foo
refuse "unknown type" 2 "--type 'f99' is no type; types are i8" -i "$f" --type f99
refuse "unknown field" 2 "-F 'comm,foo': there is no field 'foo'" -i "$f" -F comm,foo
refuse "unknown option" 2 "unknown option '--foo'" --foo
refuse "missing argument" 2 "option '--regs' needs an argument" --regs
refuse "stray argument" 2 "'perf.data' is no option; a file is named with -i" perf.data
refuse "bad pid list" 2 "--pid '1,x' is no list" -i "$f" --pid 1,x
refuse "backward range" 2 "--cpu '3-1' is no list" -i "$f" --cpu 3-1
refuse "bad time" 2 "--time '12' is no range" -i "$f" --time 12
refuse "backward time" 2 "--time '2,1' is no range" -i "$f" --time 2,1
refuse "time that is none" 2 "--time: '1x' is no time: 12.345678, 12s, 3ms" -i "$f" --time 1x,2
refuse "bad number" 2 "--max-samples '-1' is no number" -i "$f" --max-samples -1

# On a terminal text goes through the pager; leaving it early is no error.
cat > "$tmp/terminal.py" <<'END'
import os, pty, sys
status = pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536))
sys.exit(os.waitstatus_to_exitcode(status))
END
tty() { python3 "$tmp/terminal.py" "$@" </dev/null | tr -d '\r'; }
like "$(PAGER='sed s/^/P:/' tty "$xregs" script -i "$f" --type none)" '^P:solver 42' "a terminal: through the pager"
unlike "$(PAGER='sed s/^/P:/' tty "$xregs" script -i "$f" --no-pager)" '^P:' "--no-pager"
unlike "$(PAGER='sed s/^/P:/' tty "$xregs" script -i "$f" --json)" '^P:' "--json needs no pager"
run env PAGER='head -n 1' python3 "$tmp/terminal.py" "$xregs" script -i "$f" --type none
is "$status" 0 "a pager that is left early"
unlike "$out" 'cannot write' "... is no error"

# ---- formats of tracepoints, whole, damaged, missing: the registers are there in any case
python3 - "$top" "$tmp" <<'END' || exit 1
import struct, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/tests/lib")
import perfdata as p
class Tracepoint(p.Attr):
    def encode(self):
        return struct.pack("<IIQ", 2, self.size, 77) + super().encode()[16:]
attr = Tracepoint(p.IDENTIFIER | p.IP | p.TID | p.TIME | p.RAW | p.REGS_INTR, ids=[1], regs_intr=0x1ff | 0xf << 32)
with open(sys.argv[1] + "/tests/fuzz/corpus/trace/beat", "rb") as f:
    seed = f.read()
raw, section = seed[4:4 + seed[2]], seed[4 + seed[2]:]
xmm = p.u64(2, *range(9)) + struct.pack("<8f", *[1.5] * 8)
data = b"".join(p.sample(attr, id=1, time=i, raw=raw, regs_intr=xmm) for i in range(3))
def write(name, text):
    open(f"{sys.argv[2]}/{name}.data", "wb").write(p.file([attr], data, {6: p.feature_string("x86_64"), **({1: text} if text else {})}))
write("whole", section)
write("cut", section[:400])
write("none", None)
write("strange", section.replace(b"field:char comm", b"filed:char comm"))
END
traced() { run "$xregs" script --intr --type none -i "$tmp/$1.data" -F trace,regs "${@:2}"; }
traced whole
like "$out" '^ *comm=no end!! error=-22 text=hello addr=ffffffff81000000$' "the fields of a tracepoint"
unlike "$err" 'unknown' "... all of them known"
regs=$(printf '%s\n' "$out" | grep -v 'comm=')
traced cut
is "$status" 0 "formats that are cut off: no error"
is "$(printf '%s\n' "$out" | grep -c '^ *?$')" 3 "... the fields are unknown"
is "$(printf '%s\n' "$out" | grep -v '^ *?$')" "$regs" "... and the registers there"
is "$(printf '%s\n' "$err" | grep -c 'fields of')" 1 "... which is said once"
like "$err" 'script: fields of 3 samples of tracepoints are unknown: a format is damaged or missing at offset [0-9]+ of the section' "... with number, cause and place"
traced cut --json
is "$(printf '%s\n' "$out" | grep -c '"trace":null')" 3 "JSON: null"
like "$out" '"kind":"end".*"unknown_trace_fields":3' "... and their number at the end"
traced strange
like "$err" "3 samples of tracepoints are unknown: a format is not one of the kernel's at offset [0-9]+" "a format that is none"
traced none
like "$err" '3 samples of tracepoints are unknown: the file has no formats' "a file without formats"
traced cut --filter 'beat.error < 0'
like "$err" '0 of 3 samples pass.* 3 ' "a filter cannot decide, and says of how many"
run "$xregs" report -i "$tmp/cut.data" --stdio --filter 'beat.error < 0'
is "$status" 0 "report of it"
like "$out" 'fields of 3 samples of tracepoints are unknown: a format is' "... says so in its head"

run sh -c '"$0" script -i "$1" >/dev/full' "$xregs" "$f"
is "$status" 1 "a full disk: status"
like "$err" 'cannot write the output: No space left on device' "a full disk: message"
plan_done
