#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Debian's perf and we agree: on its files in every mode, and on ours.
. "$(dirname "$0")/../lib/tap.sh"
command -v perf >/dev/null || skip_all "there is no perf here (package linux-perf)"
work=$build/tests/workloads/demo
[ -x "$work" ] || work=${build%/san}/tests/workloads/demo
[ -x "$work" ] || skip_all "the demo workload is not built"
cd "$tmp" || exit 1
perf record -q -e task-clock:u -c 1000000 -o probe -- "$work" 0.2 >/dev/null 2>probe.err ||
	skip_all "perf record does not work here: $(head -n 1 probe.err)"

# Samples as "comm tid time: ip", symbols of the workload itself as "ip name":
# both read the same symbol table.
samples() { sed 's/^ *//; s/  */ /g; s/\(: \)0*\([0-9a-f]*\) .*/\1\2/' "$1"; }
symbols() { sed -n 's/.*: *0*\([0-9a-f]*\) \([^ ]*\) (\([^ ]*\/\)*demo)$/\1 \2/p' "$1" | grep -v '@plt\|unknown' | sort | uniq -c; }

agree() { # NAME FILE [FILTER]
	local fields=comm,tid,time,ip,sym,dso a b
	perf script -i "$2" -G -F $fields 2>/dev/null | ${3:-cat} >theirs
	"$xregs" script -i "$2" -F $fields 2>our.err | ${3:-cat} >ours
	a=$(samples theirs) b=$(samples ours)
	[ "$(printf '%s\n' "$a" | wc -l)" -gt 20 ] || a="too few samples to compare: $a"
	if [ "$a" = "$b" ]; then tap_result ok "$1: the same samples"; else
		tap_fail "$1: the same samples" "$(diff <(printf '%s\n' "$a") <(printf '%s\n' "$b") | head -n 10)"; fi
	# perf 6.12 in a container names nothing of a recording of all CPUs.
	if [ -z "$(symbols theirs)" ] && grep -q 'unknown.*/demo)' theirs; then
		skip "$1: the same symbols" "this perf finds no symbols of the program in this mode"
	else
		is "$(symbols ours)" "$(symbols theirs)" "$1: the same symbols"
	fi
	unlike "$(cat our.err)" 'malformed records|ends early|out of their order|never completed' "$1: nothing to complain of"
}

filter=
mode() { # NAME OPTIONS...
	local name=$1
	shift
	if ! perf record -q -c 1000000 -o m.data "$@" -- "$work" 0.4 >/dev/null 2>m.err; then
		skip "$name" "perf record $* does not work here: $(head -n 1 m.err)"
		return
	fi
	agree "$name" m.data $filter
	rm -rf m.data
}
mode "plain" -e task-clock:u
mode "with kernel" -e task-clock
mode "call chains" -e task-clock:u -g
mode "dwarf call chains" -e task-clock:u --call-graph dwarf,1024
mode "user registers" -e task-clock:u --user-regs=ax,bx,ip,sp
mode "compressed" -e task-clock:u -z
mode "two events" -e task-clock:u -e page-faults:u
mode "a group" -e '{task-clock:u,page-faults:u}'
# perf hands a sample on again for each other event of its group that counted.
filter=uniq
mode "a group, read with its leader" -e '{task-clock:u,page-faults:u}:S'
filter=
mode "raw data and addresses" -e task-clock:u -R -d
mode "build-ids in maps" -e task-clock:u --buildid-mmap
# Of other tasks that end meanwhile newer perfs forget the names.
workload() { grep -E '^ *(demo|fastmath) '; }
filter=workload
mode "all CPUs" -e task-clock:u -a
mode "one file for each thread of perf" -e task-clock:u -a --threads
mode "the same, compressed" -e task-clock:u -a --threads -z
filter=
mode "all sample fields" -e task-clock:u --phys-data --data-page-size --code-page-size --weight -W -d --sample-cpu --sample-identifier

if perf record -q -e task-clock:u -c 1000000 -o - -- "$work" 0.2 2>/dev/null >pipe.data; then
	agree "pipe mode" pipe.data
	is "$("$xregs" script -i - -F time,ip <pipe.data 2>&1)" "$("$xregs" script -i pipe.data -F time,ip 2>&1)" "pipe mode: standard input gives the same"
else
	skip "pipe mode" "perf record -o - does not work here"
fi

# Our file in their hands. The address and register values are compared too.
run "$xregs" record -o ours.data -- "$work" 0.3
if [ "$status" != 0 ]; then
	skip "our file" "perf-xregs record does not work here: $err"
	plan_done
fi
agree "our file" ours.data
for view in "report --stdio" "report -D" "script" "script -F ip,sym,uregs" "report --header-only" "evlist -v" "buildid-list"; do
	# shellcheck disable=SC2086
	run perf $view -i ours.data
	is "$status" 0 "our file: perf $view succeeds"
	unlike "$err" 'unsupported|invalid|corrupt|broken|incompatible|error|failed|unknown feature' "our file: perf $view does not complain"
done
like "$(perf report --stdio -i ours.data 2>/dev/null)" 'demo .*\[\.\]' "our file: perf report finds the program's functions"
like "$(perf report --header-only -i ours.data)" 'cpuid : .*,.*,' "our file: the header says which CPU"
run "$xregs" script -i ours.data --symbols heat_step
like "$out" '^    [xyz]mm[0-9]+ +0x' "our file: script prints registers"
like "$out" '^           f32 \{' "our file: with lanes of the type that the instruction gives them"
ok "our file: --json is JSON on every line" sh -c '"$0" script --json -i ours.data | python3 -c "import json, sys; [json.loads(line) for line in sys.stdin]"' "$xregs"

rm -f z.data
run "$xregs" record -q -z -o z.data -- "$work" 0.3
is "$status" 0 "record -z"
agree "our compressed file" z.data
ok "our compressed file is smaller" test "$(stat -c %s z.data)" -lt $(($(stat -c %s ours.data) / 2))
like "$(perf report --header-only -i z.data)" 'compressed : Zstd, level = 1' "our compressed file: the header says so"
for level in 0 23 x; do
	run "$xregs" record -z$level -o z.data -- true
	is "$status" 2 "record -z$level: status"
done
like "$err" "compression-level 'x': zstd has levels 1 to 22" "record -zx: message"
# A recorder that is killed: what it had taken over is in the file.
"$xregs" record -q -o killed.data -- "$work" 1.5 >/dev/null 2>&1 &
recorder=$!
sleep 1
kill -9 $recorder
wait $recorder 2>/dev/null
run "$xregs" script -i killed.data -F time
like "$err" "'killed.data' was never completed: its recorder was killed" "a killed recorder: its file is read and says so"
ok "a killed recorder: samples up to its end are there" test "$(printf '%s\n' "$out" | wc -l)" -gt 100
like "$("$xregs" script -i killed.data --max-samples 20 2>/dev/null)" '^    mxcsr  0x' "a killed recorder: with registers"

is "$(stat -c %a ours.data)" 600 "our file: nobody else may read it"
plan_done
