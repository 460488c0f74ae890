#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# perf xregs annotate: a program's instructions are those of objdump, its
# samples those of report; each option, each error.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
# HOME: perf record -a of somebody else caches what runs here in ~/.debug, and we look there
export LC_ALL=C HOME=$tmp
folder=$("$build/tests/unit/test_views_lanes" perf.data) || { echo "Bail out! test_views_lanes cannot write its recording"; exit 1; }
trap 'rm -rf "$tmp" "$folder"' EXIT
annotate() { run "$xregs" annotate "$@"; }

annotate stencil
is "$status" 0 "perf.data is read by default"
like "$out" '^ +100 % +0  vfmadd231ps ymm0, ymm1, ymm2 +-  ymm0 nan 0\.6 % !; ymm2 subnormal 22\.5 % !$' "the operands in which something is to be seen"
full=$out
annotate -i perf.data --stdio --no-pager stencil
is "$out" "$full" "-i, --stdio, --no-pager"
annotate bare
like "$out" 'paddd xmm1, xmm2 +100 % !' "upper state at a legacy SSE instruction"
annotate mask_mul
like "$out" '  k1 48\.8 % on; zmm2 zero 59\.0 %$' "fullness of the mask"
annotate '<b>&evil'
is "$status" 0 "any name"
annotate --filter 'cpu == 3' stencil
like "$out" 'ymm0 nan 2\.5 % !' "--filter"
annotate --comms=nobody stencil
is "$status" 1 "options that leave all out: status 1"
like "$err" "no sample is in 'stencil'; most are in: nothing, the options leave all out" "... said"
annotate --tid=101 --pid=100 --dsos=solver '<b>&evil'
like "$out" '6 samples, 1\.6 % of all' "--tid, --pid and --dsos; the share is of all"
annotate --type=f64 bare
like "$out" 'paddd .* zero 100 %' "--type"
annotate --json mask_mul
ok "--json is one object a line" sh -c "printf '%s\n' \"\$1\" | python3 -c 'import json,sys; [json.loads(l) for l in sys.stdin]'" - "$out"
like "$out" '"type":"row","view":"annotate","symbol":"mask_mul","object":"solver","overhead":1,"samples":50,"offset":0,' "... with a row an instruction"
like "$out" '"type":"operand","view":"annotate",.*"register":"zmm2"' "... and its operands"
annotate --csv mask_mul
like "$out" '^symbol,object,overhead,' "--csv"
annotate --color=always stencil
like "$out" "$(printf '\033')" "--color=always"

fails() { # STATUS NAME PATTERN OPTIONS...
	local want=$1 name=$2 pattern=$3
	shift 3
	annotate "$@"
	is "$status" "$want" "$name: status $want"
	like "$err" "^perf-xregs annotate: $pattern" "$name: said"
}
fails 2 "no symbol" "no symbol is named; 'perf xregs report' lists"
fails 2 "two symbols" "one symbol at a time; 'bare' is one too many" stencil bare
fails 2 "unknown option" "unknown option '--colour'" --colour stencil
fails 2 "missing argument" "option '--symfs' needs an argument" --symfs
fails 2 "unknown colour" "'--color=blue': WHEN is" --color=blue stencil
fails 2 "unknown type" "'--type=i8' is not" --type=i8 stencil
fails 2 "bad filter" ".*column" --filter 'cpu ==' stencil
fails 1 "unknown symbol" "no sample is in 'stencyl'; most are in: stencil, mask_mul, tail_reduce$" stencyl
fails 1 "missing file" "cannot open 'none.data'" -i none.data stencil
fails 1 "binary that is gone" "no sample is in 'stencil'; most are in: \[unknown\]" --symfs=/nonexistent stencil
fails 1 "nothing known of it" "'\[unknown\]' has no known end" --symfs=/nonexistent '[unknown]'
run sh -c "'$xregs' annotate stencil > /dev/full"
is "$status" 1 "a full disk: status 1"

# ---- a program of one's own
cat > t.c <<'END'
#include <time.h>
__attribute__((noinline, noclone)) double spin(long n, double x)
{
	volatile long left = n;

	while (left--)
		x = x * 0.999 + 0.001; /* a line of its own */
	return x;
}
int main(void) { double s = 0; while (clock() < CLOCKS_PER_SEC / 2) s += spin(1000000, s); return s < 0; }
END
if gcc -O1 -g -Wl,--build-id=sha1 -o t t.c && "$xregs" record -q -o t.data -- ./t 2>rec.err; then
	annotate -i t.data --json spin
	printf '%s\n' "$out" > t.json
	python3 -c '
import json
for l in open("t.json"):
    o = json.loads(l)
    if o["type"] == "row": print("%x" % o["offset"])' > ours
	objdump -d --no-show-raw-insn --disassemble=spin t | python3 -c '
import re, sys
start = None
for l in sys.stdin:
    m = re.match(r"^([0-9a-f]+) <spin>:", l)
    start = int(m.group(1), 16) if m else start
    m = re.match(r"^ +([0-9a-f]+):\t", l)
    if m and start is not None: print("%x" % (int(m.group(1), 16) - start))' > theirs
	ok "instructions are at objdump's offsets" diff ours theirs
	is "$(python3 -c '
import json
rows = [o for o in map(json.loads, open("t.json")) if o["type"] == "row"]
print("%g" % sum(o["overhead"] for o in rows), sum(o["samples"] for o in rows))')" "1 $("$xregs" report -i t.data --json --view=width | sed -n 's/.*"symbol":"spin".*"samples":\([0-9]*\),.*/\1/p')" "shares add up to all, samples to report's"
	annotate -i t.data spin
	like "$out" 't\.c:7  x = x \* 0\.999 \+ 0\.001; /\* a line of its own \*/' "source lines"
	like "$out" 'mulsd xmm0, .*  xmm0 normal' "what the multiplication reads"
	touch -d '+1 minute' t.c
	annotate -i t.data spin
	like "$out" 't\.c:7' "a source that is newer than the program: its place"
	unlike "$out" 'a line of its own' "... without its text"
	rm t.c
	annotate -i t.data spin
	is "$status" 0 "no source"
else
	skip "a program of one's own" "recording does not work here: $(head -n 1 rec.err)"
fi
plan_done
