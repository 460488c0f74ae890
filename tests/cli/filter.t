#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --filter in the commands that have it. What each filter should let through is
# counted from script --json of the whole file, in Python.
. "$(dirname "$0")/../lib/tap.sh"
work=$build/tests/workloads/ftz_thread
[ -x "$work" ] || work=$top/build/tests/workloads/ftz_thread
[ -x "$work" ] || skip_all "$work is not built: make workloads"
data=$tmp/x.data
run "$xregs" record -q --sample-regs=vector -o "$data" -- "$work" 2
if [ "$status" != 0 ]; then
	tap_fail "a workload is recorded" "status $status: $err"
	plan_done
fi
"$xregs" script -i "$data" --json --type none > "$tmp/all" 2> "$tmp/err" || tap_fail "script --json" "$(cat "$tmp/err")"

# count PYTHON-CONDITION: samples of the file that satisfy it; x is the sample
count() {
	python3 - "$tmp/all" "$1" <<-'PY'
	import json, struct, sys
	def ymm(x, n, fmt):
	    r = x["regs"]
	    for name in (f"zmm{n}", f"ymm{n}"):
	        if name in r:
	            hexa = r[name].get("hex", "0x0")[2:].zfill(128)
	            raw = bytes.fromhex(hexa)[::-1][:32]
	            return [v[0] for v in struct.iter_unpack("<" + fmt, raw)]
	    return []
	def mxcsr(x):
	    m = x["regs"]["mxcsr"]
	    return int(m["hex"], 16) if m["state"] == "value" else 0x1f80
	samples = [json.loads(line) for line in open(sys.argv[1])]
	samples = [x for x in samples if x["kind"] == "sample"]
	wanted = eval("lambda x: " + sys.argv[2])
	print(sum(1 for x in samples if wanted(x)))
	PY
}
total=$(count True)
passes() { # EXPR PYTHON-CONDITION NAME
	local want
	want=$(count "$2")
	run "$xregs" script -i "$data" --json --type none --filter "$1"
	is "$(printf '%s\n' "$out" | grep -c '"kind":"sample"')" "$want" "$3: $want samples are printed"
	like "$err" "--filter: $want of $total samples pass" "$3: and counted"
}
like "$total" '^[1-9][0-9]+$' "the recording has samples"
passes 'mxcsr.rc == zero' '(mxcsr(x) >> 13) == 3' "rounding"
passes 'mxcsr & daz' 'mxcsr(x) & 0x40' "MXCSR flag"
passes '!mxcsr & daz, mxcsr & im' 'not mxcsr(x) & 0x40 and mxcsr(x) & 0x80' "negation and and"
passes "tid == $(sed -n 's/.*"kind":"sample".*"tid":\([0-9]*\).*/\1/p' "$tmp/all" | tail -n 1)" \
	'x["tid"] == samples[-1]["tid"]' "thread"
passes 'ymm0.u32[0] & 1' 'ymm(x, 0, "I")[0] & 1' "one lane"
passes 'any(ymm.f32) > 0.9995, any(ymm.f64) <= 1' 'any(v > struct.unpack("f", struct.pack("f", 0.9995))[0] for n in range(16) for v in ymm(x, n, "f")) and any(v <= 1 for n in range(16) for v in ymm(x, n, "d"))' "any lane"
passes 'count(ymm.u32 == 0) >= 120' 'sum(v == 0 for n in range(16) for v in ymm(x, n, "I")) >= 120' "count"
passes 'comm == f?usher, dso == ftz_thread' 'x["comm"] == "flusher" and x["dso"].endswith("/ftz_thread")' "names"

run "$xregs" script -i "$data" --filter 'ssp == 1'
is "$out" "" "what is unknown does not pass"
like "$err" "0 of $total samples pass; $total fell out, unknown in them: ssp == 1 \($total\)" "and is counted"
run "$xregs" script -i "$data" --filter '!ssp == 1'
like "$err" "0 of $total samples pass; $total fell out" "nor does its negation"
run "$xregs" script -i "$data" --json --filter 'ssp.state == unknown'
like "$(printf '%s\n' "$out" | tail -n 1)" '"filter":"ssp.state == unknown"' "the last object of --json names the filter"
like "$err" "--filter: $total of $total samples pass" ".state == unknown finds them"

daz=$(count 'mxcsr(x) & 0x40')
run "$xregs" report --stdio --no-pager --view=mxcsr -i "$data" --filter 'mxcsr & daz'
like "$out" "^#.*filter mxcsr & daz: $daz of $total samples pass( ·|$)" "the head of a report says filter and counts"
like "$out" "FTZ DAZ" "the report shows what passed"
unlike "$out" "zero !" "and not the thread that rounds to zero"
run "$xregs" report --stdio --no-pager -i "$data" --filter '!ssp == 1'
like "$out" "^#.*filter !ssp == 1: 0 of $total samples pass; $total fell out, unknown in them: ssp == 1" "and what fell out"
run "$xregs" report --json -i "$data" --filter 'mxcsr & daz'
like "$out" "\"filter\":\"mxcsr & daz\",\"filter_samples\":$total,\"filter_passed\":$daz,\"filter_unknown\":0" "report --json has the counts"
run "$xregs" report -i "$data" --filter 'any(ymm.f33) == 0'
is "$status" 2 "a mistake is a usage error of report"

run "$xregs" script -i "$data" --filter 'mxscr & daz'
is "$status" 2 "a mistake is a usage error"
like "$err" "column 1: .*did you mean 'mxcsr'" "and says what may have been meant"
plan_done
