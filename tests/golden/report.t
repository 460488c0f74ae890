#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every view and annotate, word for word, of the recordings that tests/unit/test_views.c and
# test_views_lanes.c write: there each sample is listed and each number counted.
# Environment: REBLESS=1 writes the expected screens anew.
. "$(dirname "$0")/../lib/tap.sh"
golden=$top/tests/golden/report
cd "$tmp" || exit 1
built "$xregs" "$build/tests/unit/test_views" "$build/tests/unit/test_views_lanes"
folder=$("$build/tests/unit/test_views" known.data) || { echo "Bail out! test_views cannot write its recording"; exit 1; }
folder2=$("$build/tests/unit/test_views_lanes" lanes.data) || { echo "Bail out! test_views_lanes cannot write its recording"; exit 1; }
trap 'rm -rf "$tmp" "$folder" "$folder2"' EXIT
data=known.data
utf8=$(locale -a 2>/dev/null | grep -i -m 1 '^c.utf-\?8$')

screen() { # NAME OPTIONS...
	local name=$1
	shift
	case ${1:-} in
	annotate) "$xregs" annotate -i "$data" "${@:2}" > "$name" 2>&1 ;;
	*)	"$xregs" report -i "$data" "$@" > "$name" 2>&1 ;;
	esac
	if [ -n "${REBLESS:-}" ]; then
		cp "$name" "$golden/$name"
	fi
	ok "$name is as expected" diff -u "$golden/$name" "$name"
	case $name in
	*.json | *.csv) return ;;
	esac
	is "$(awk 'length($0) > 100' "$name")" "" "$name fits in 100 columns"
}

# In a locale without UTF-8: one byte a column, and no byte above 127.
export LC_ALL=C
screen summary.txt
screen width.txt --view=width
screen dirty.txt --view=dirty
screen mxcsr.txt --view=mxcsr
screen fp.txt --view=fp
screen mxcsr-by-symbol.txt --view=mxcsr --sort=symbol
screen fp-by-instruction.txt --view=fp --sort=addr,insn
screen only-worker.txt --comms=worker
screen fp-type.txt --view=fp --type=f64 -S sha_block
screen summary.json --json
screen fp.json --view=fp --json
screen dirty.json --view=dirty --json
screen mxcsr.csv --view=mxcsr --csv
data=lanes.data
screen lanes-summary.txt
screen mask.txt --view=mask
screen lanes.txt --view=lanes
screen operands.txt --view=operands
screen operands-values.txt --view=operands --show-values -S stencil,bytes
screen values.txt --view=values
screen values-shown.txt --view=values --show-values
screen cpu.txt --view=cpu
screen dirty-no-frame.txt --view=dirty
screen annotate-stencil.txt annotate stencil
screen annotate-mask.txt annotate compare
screen annotate.json annotate mask_mul --json
screen mask.json --view=mask --json
screen lanes.json --view=lanes --json -S tail_reduce
screen values.csv --view=values --csv
is "$(LC_ALL=C grep -c '[^ -~]' summary.txt fp.txt | grep -v ':0')" "" "without UTF-8 there are only ASCII marks"

if [ -n "$utf8" ]; then
	LC_ALL=$utf8 "$xregs" report -i known.data > utf8.txt
	is "$(sed 's/ · / | /g' utf8.txt)" "$(cat summary.txt)" "UTF-8 only changes the separators"
else
	skip "UTF-8 only changes the separators" "this system has no C.UTF-8 locale"
fi

# What text and JSON say is the same number.
for f in summary.json fp.json dirty.json; do
	ok "$f is one JSON object a line" python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1])]' "$f"
done
is "$(python3 -c '
import json
for l in open("fp.json"):
    o = json.loads(l)
    if o["type"] == "row" and o["symbol"] == "step_stencil":
        print(round(o["subnormal"] * 960, 4), round(o["zero"] * 960, 4))' 2>&1)" "80.0 40.0" "80 of 960 lanes are subnormal, 40 zero"
plan_done
