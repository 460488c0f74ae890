#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# record --filter: what is in the file is what the same filter of script lets
# pass, the rest is counted, and neither is ever both.
. "$(dirname "$0")/capture.sh"

filtered() { # BACKEND EXPR COMMAND...
	local b=$1 expr=$2
	shift 2
	rm -f "$data"
	run timeout 60 "$xregs" record -v -F 1000 --backend="$b" --sample-regs=xmm --filter "$expr" -o "$data" -- "$@"
}
count() { "$xregs" script --no-pager -i "$data" -F tid "$@" 2>/dev/null | grep -c .; }
left_out() { sed -n 's/.* \([0-9]*\) hits\{0,1\} left out by --filter.*/\1/p' <<<"$err"; }
kept() { sed -n 's/.*: \([0-9]*\) samples\{0,1\} of .*/\1/p' <<<"$err"; }
came() { sed -n 's/.*asks for [0-9]* samples; \([0-9]*\) came.*/\1/p' <<<"$err"; }
two="i=0; while [ \$i -lt 60000 ]; do i=\$((i + 1)); done; '$parked' spin 60 1"

for b in $(backends); do
	filtered "$b" 'tid & 1, period > 0' "$parked" threads 25 8
	is "$status" 0 "$b: record --filter succeeds"
	is "$(count)" "$(kept)" "$b: the file has what is said to be kept"
	is "$(count --filter 'tid & 1, period > 0')" "$(count)" "$b: the same filter passes all of it"
	is "$(count --filter '!tid & 1')" 0 "$b: and its opposite nothing"
	is "$(($(kept) + $(left_out)))" "$(came)" "$b: every hit is in the file or left out"
	like "$(kept) $(left_out)" '^[1-9][0-9]* [1-9]' "$b: there are both"
	threads=$("$xregs" script --no-pager -i "$data" -F tid | sort -u | grep -c .)
	like "$err" " samples? of $threads threads?," "$b: threads without a sample in the file are not counted"

	if [ "$b" = sigtrap ] && ! grep -q 'the kernel does not filter' <<<"$err"; then
		like "$err" ' [1-9][0-9]* of them in the kernel' "$b: the kernel held signals back"
	else
		like "$err" 'the kernel does not filter: .*' "$b: why it was not the kernel is said"
	fi

	# Names as they were at the hit.
	filtered "$b" 'comm == parked' sh -c "$two"
	is "$("$xregs" script --no-pager -i "$data" -F comm | sort -u)" "parked" "$b: by the name at the hit"
	like "$(left_out)" '^[1-9]' "$b: other names are left out"
	filtered "$b" '!comm == parked || cpu > 100000' sh -c "$two"
	is "$("$xregs" script --no-pager -i "$data" -F comm | sort -u)" "sh" "$b: or by any other name"
done
run "$xregs" report -i "$data" --json
like "$out" '"record_filter":"!comm == parked \|\| cpu > 100000","filtered_hits":[1-9]' "the head of a report tells what was left out"
like "$("$xregs" report --no-pager -i "$data")" "recorded with --filter '!comm == parked" "in words as well"

run "$xregs" record -o "$data" --filter 'pid == 1, mxcsr & daz' -- true
is "$status" 2 "a term over registers is a usage error"
like "$err" "column 11: 'mxcsr & daz' cannot be decided at the hit: registers are read after .*--filter of report" "that says why and where it can be had"
like "$err" '^            \^~~~~~~~~~~$' "and points at it"
run "$xregs" record -o "$data" --filter 'sym == main' -- true
like "$status $err" "^2 .*symbols and objects are looked up when the recording is read" "so is one over symbols"
run "$xregs" record -o "$data" --filter 'pdi == 1' -- true
like "$status $err" "^2 .*did you mean 'pid'" "and a field that does not exist"
plan_done
