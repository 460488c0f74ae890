#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What the report says of programs whose answers are known from their source,
# checked by objdump and gdb as well.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
work=$build/tests/workloads
[ -x "$work/subnormal_stencil" ] || work=${build%/san}/tests/workloads
[ -x "$work/subnormal_stencil" ] || skip_all "the workloads are not built"
export LC_ALL=C

# Values of a JSON report: json FILE TYPE KEY [FIELD=VALUE...]
json() { python3 - "$@" <<'END'
import json, sys
name, kind, key, want = sys.argv[1], sys.argv[2], sys.argv[3], [a.split("=", 1) for a in sys.argv[4:]]
for line in open(name):
    o = json.loads(line)
    if o["type"] == kind and all(str(o.get(k)) == v for k, v in want):
        print(o.get(key))
END
}
between() { # VALUE LOW HIGH NAME
	if python3 -c 'import sys; v, a, b = map(float, sys.argv[1:]); sys.exit(not a <= v <= b)' "${1:-nan}" "$2" "$3"; then
		tap_result ok "$4"
	else
		tap_fail "$4" "$1 is not between $2 and $3"
	fi
}
record() { # NAME: 1 when the CPU cannot run it
	local status=0
	"$xregs" record -q -g -o "$1.data" -- "$work/$1" 1 2>"$1.err" || status=$?
	[ "$status" = 77 ] && { skip "$1" "$(tail -n 1 "$1.err")"; return 1; }
	[ "$status" = 0 ] && [ -s "$1.data" ] && return 0
	skip "$1" "recording does not work here: $(head -n 1 "$1.err")"
	return 1
}

if record subnormal_stencil; then
	"$xregs" report -i subnormal_stencil.data --view=fp --json > fp.json
	share=$(json fp.json row subnormal symbol=step_stencil)
	between "$(json fp.json row overhead symbol=step_stencil)" 0.9 1 "step_stencil has the time"
	between "$share" 0.02 0.25 "its field registers have 2 of 8 lanes subnormal, its coefficients none"
	is "$(json fp.json row lane_type symbol=step_stencil)" f32 "they are f32"
	is "$(json fp.json row zero symbol=step_stencil) $(json fp.json row nan symbol=step_stencil)" "0 0" "no zero, no NaN"
	# The exact ones: a register of its field holds 2 subnormals in 8 lanes, or none.
	"$xregs" report -i subnormal_stencil.data --view=fp -S step_stencil --json > fp.json
	ok "lanes come by eighths" python3 - <<'END'
import json
subnormal = normal = 0
for l in open("fp.json"):
    o = json.loads(l)
    if o["type"] == "exponents":
        if o["exponent_high"] < -126: subnormal += o["lanes"]
        else: normal += o["lanes"]
assert subnormal % 2 == 0 and (subnormal + normal) % 8 == 0, (subnormal, normal)
assert 0 < subnormal * 4 < subnormal + normal, (subnormal, normal)
END
	"$xregs" report -i subnormal_stencil.data > text
	like "$(tr -s '\n ' ' ' < text)" '! step_stencil: [0-9.]+ % of the f32 lanes it reads are subnormal, most in ymm[0-9]+ at subnormal_stencil\.c:[0-9]+' "the finding names function, share, type, register and line"
	line=$(tr -s '\n ' ' ' < text | sed -n 's/.*subnormal_stencil\.c:\([0-9]*\).*/\1/p')
	like "$(sed -n "${line}p" "$top/tests/workloads/subnormal_stencil.c")" '_mm256_' "that line computes with vectors"
	reg=$(tr -s '\n ' ' ' < text | sed -n 's/.*most in \(ymm[0-9]*\) at .*/\1/p')
	insn=$(tr -s '\n ' ' ' < text | sed -n 's/.*most in ymm[0-9]* at [^(]*(\([a-z0-9]*\) .*/\1/p')
	# gdb stops the program at such an instruction and counts for itself.
	addr=$(gdb -batch -ex 'disassemble step_stencil' "$work/subnormal_stencil" 2>/dev/null | sed -n "s/^ *\(0x[0-9a-f]*\) <+\([0-9]*\)>:.*$insn .*%$reg.*/\2/p" | head -n 1)
	if [ -n "$addr" ] && gdb -batch -ex 'set disable-randomization off' -ex "break *(step_stencil+$addr)" -ex "run 1" -ex 'ignore 1 5000' -ex continue \
		-ex "print \$$reg.v8_int32" "$work/subnormal_stencil" > gdb.out 2>&1 && grep -q '^\$1 = ' gdb.out; then
		is "$(python3 - <<'END'
import re
v = re.search(r"^\$1 = \{(.*)\}", open("gdb.out").read(), re.M).group(1)
n = []
for part in v.split(", "):
    m = re.match(r"(-?\d+) <repeats (\d+) times>", part)
    n += [int(m[1])] * int(m[2]) if m else [int(part)]
print(len(n), sum(0 < (x & 0x7fffffff) < 0x800000 for x in n))
END
)" "8 2" "gdb finds 2 of 8 lanes of $reg subnormal there"
	else
		skip "gdb counts the lanes" "gdb cannot stop the program here: $(tail -n 1 gdb.out 2>/dev/null)"
	fi
fi

if record dirty_upper; then
	"$xregs" report -i dirty_upper.data --view=dirty --json > dirty.json
	between "$(json dirty.json row legacy_in_use symbol=mix_block)" 0.99 1 "mix_block runs with upper halves in use"
	between "$(json dirty.json row legacy_nonzero symbol=mix_block)" 0.99 1 "... which are not zero"
	between "$(json dirty.json caller share caller=hash_rows)" 0.6 0.9 "hash_rows asked for 3 of 4 rounds"
	between "$(json dirty.json caller share caller=hash_columns)" 0.1 0.4 "hash_columns for the rest"
	is "$(json dirty.json row symbol symbol=clean_block)" "" "clean_block, behind vzeroupper, is no row"
	is "$(objdump -d --no-show-raw-insn "$work/dirty_upper" | sed -n '/<mix_block>:/,/^$/p' | grep -c '	v')" 0 "objdump finds no VEX instruction in mix_block"
	"$xregs" report -i dirty_upper.data > text
	is "$(grep -c '^  ! .*legacy SSE' text)" 1 "one finding, not one for clean_block"
fi

if record ftz_thread; then
	"$xregs" report -i ftz_thread.data --view=mxcsr --json > mxcsr.json
	is "$(json mxcsr.json row flush command=flusher)" "FTZ DAZ" "thread flusher has FTZ and DAZ"
	is "$(json mxcsr.json row rounding command=rounder)" "zero" "thread rounder rounds to zero"
	is "$(json mxcsr.json row mxcsr command=ftz_thread)" 8064 "the main thread has 0x1f80"
	"$xregs" report -i ftz_thread.data > text
	like "$(tr -s '\n ' ' ' < text)" 'MXCSR is not the default \(FTZ DAZ\) in thread [0-9]+ "flusher" only, in all of its samples' "the finding names the thread"
	is "$(grep -c 'MXCSR is not the default' text)" 2 "two findings, nothing twice"
fi

if record wide512; then
	"$xregs" report -i wide512.data --view=width --json > width.json
	between "$(json width.json row in_use_512 symbol=scale_wide)" 0.99 1 "scale_wide runs with 512-bit state"
	between "$(json width.json row in_use_128 symbol=scale_narrow)" 0.95 1 "scale_narrow does not"
	"$xregs" report -i wide512.data > text
	like "$(tr -s '\n ' ' ' < text)" '512-bit state is in use in [0-9.]+ % of the samples, most in scale_wide' "the finding names scale_wide"
fi
plan_done
