#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Views of live recordings: programs whose answer is known by their source.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
export LC_ALL=C
work=$build/tests/workloads
[ -x "$work/frameless_leaf" ] || work=${build%/san}/tests/workloads
[ -x "$work/frameless_leaf" ] || skip_all "the workloads are not built"
record() { # NAME [OPTIONS...]: records a workload for a second into NAME.data
	local name=$1
	shift
	"$xregs" record -q "$@" -o "$name.data" -- "$work/$name" 1 >/dev/null 2>rec.err
}
share() { # VIEW SYMBOL KEY: a number of the row of a symbol
	"$xregs" report -i "$name.data" --view="$1" --json | python3 -c '
import json, sys
for l in sys.stdin:
    o = json.loads(l)
    if o["type"] == "row" and o["symbol"] == sys.argv[1]:
        print(o.get(sys.argv[2], "unknown"))' "$2" "$3"
}
above() { awk -v x="$1" -v y="$2" 'BEGIN { exit !(x != "unknown" && x + 0 > y) }'; }

name=frameless_leaf
if record $name -g; then
	run "$xregs" report -i $name.data --view=dirty --json
	printf '%s\n' "$out" | python3 -c '
import json, sys
symbol = None
for l in sys.stdin:
    o = json.loads(l)
    if o["type"] == "row":
        symbol = o["symbol"]
    if o["type"] == "caller":
        print(symbol, o.get("caller", "unknown"), round(o["share"] * 100))' > callers.txt
	unlike "$(cat callers.txt)" 'pipeline' "a leaf without a frame: the caller's caller is never named"
	like "$(cat callers.txt)" '^bare_leaf unknown 100$' "... its caller is unknown"
	like "$(cat callers.txt)" '^framed_leaf stage (9[0-9]|100)$' "... and its twin with a frame has its caller"
	run "$xregs" report -i $name.data
	like "$(printf '%s' "$out" | tr -s '\n ' ' ')" 'bare_leaf: legacy SSE .*callers: unknown \(no frame pointer where the sample hit\) 100 %' "the finding says so"
else
	skip "a leaf without a frame" "recording does not work here, or there is no AVX2: $(head -n 1 rec.err)"
fi

name=wide512
if record $name; then
	ok "half of the lanes are on in scale_wide()" test "$(share mask scale_wide utilisation)" = 0.5
	unlike "$("$xregs" report -i $name.data --view=mask)" '50\.0 % !' "... which is not below half"
	ok "all of its masks are partial" test "$(share mask scale_wide partial)" = 1
else
	skip "masks" "recording does not work here, or there is no AVX-512: $(head -n 1 rec.err)"
fi

name=subnormal_stencil
if record $name; then
	run "$xregs" report -i $name.data
	like "$(printf '%s' "$out" | tr -s '\n ' ' ')" 'subnormal, most in [xyz]mm[0-9]+ at [^ ]+ \([^)]*\): [0-9.]+ % of its lanes' "a finding has the operand's own share"
	whole=$(printf '%s' "$out" | tr -s '\n ' ' ' | sed -n 's/.* \([0-9.]*\) % of the f[0-9]* lanes it reads are subnormal.*/\1/p')
	own=$(printf '%s' "$out" | tr -s '\n ' ' ' | sed -n 's/.*subnormal, most in [^:]*:[^:]*: \([0-9.]*\) % of its lanes.*/\1/p')
	ok "... which is not below the function's ($own, $whole)" above "$own" "$(awk -v x="$whole" 'BEGIN { print x - 0.1 }')"
else
	skip "where subnormals are" "recording does not work here: $(head -n 1 rec.err)"
fi
name=sparse_dot
if record $name; then
	"$xregs" report -i $name.data --view=operands --json --show-values > operands.json
	python3 - > operands.txt <<'END'
import json
zero = weight = 0
symbol = operand = None
for l in open("operands.json"):
    o = json.loads(l)
    if o["type"] == "row":
        symbol = o["symbol"]
    if symbol != "weigh":
        continue
    if o["type"] == "operand":
        operand = o
        if o["samples"] >= 20 and abs(o.get("zero", 0) - 0.75) < 0.001:
            zero += 1
    if o["type"] == "value" and o["value"] == "0.5" and o["share_at_least"] == 1:
        weight += 1
print("zero" if zero else "none", "weight" if weight else "none")
END
	is "$(cat operands.txt)" "zero weight" "three of four lanes of the data are zero, the weight is 0.5 in all"
	ok "half of the values at least are zero or the weight" above "$(share values weigh top_ten)" 0.5
	unlike "$("$xregs" report -i $name.data --view=values --json)" '"value"' "... of which none is shown unasked"
else
	skip "work on zeros" "recording does not work here: $(head -n 1 rec.err)"
fi

name=odd_cpu
if record $name; then
	"$xregs" report -i $name.data --view=cpu --json > cpu.json
	python3 - > cpu.txt <<'END'
import json, os
last = max(os.sched_getaffinity(0))
for l in open("cpu.json"):
    o = json.loads(l)
    if o["type"] == "row":
        cpu = o["cpu"]
    if o["type"] == "anomaly":
        more = o["with"] > o["expected"]
        print(o["class"], "more" if more else "fewer", "last" if cpu == last else "other")
END
	is "$(grep more cpu.txt)" "nan more last" "the CPU that makes NaNs is the one that is marked"
	unlike "$(cat cpu.txt)" 'zero|subnormal|infinite|nan fewer last' "... and nothing else of it"
else
	skip "a CPU that computes differently" "recording does not work here, or there is one CPU: $(head -n 1 rec.err)"
fi
plan_done
