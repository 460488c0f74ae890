#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Known values, parked in every vector register, are what the file holds: read
# by a parser that shares no code with ours.
. "$(dirname "$0")/capture.sh"

for b in $(backends); do
	record "$b" "$parked" spin 120 7
	is "$status" 0 "$b: status of the target"
	is "$(parked_seeds)" "$(good 7)" "$b: vector registers, masks, MXCSR and XINUSE of one thread"
	record "$b" "$parked" threads 120 4
	is "$(parked_seeds)" "$(good 1 2 3 4)" "$b: each of four threads has its own values"
	record "$b" "$parked" minstack 100 8
	is "$(parked_seeds)" "$(good 1 2 3 4 5 6 7 8)" "$b: in threads of PTHREAD_STACK_MIN"
	record "$b" "$parked" fork 60
	is "$(parked_seeds)" "$(good 1 2 3)" "$b: in a forked child, and in the parent before and after"
	record "$b" "$parked" exec 60
	is "$(parked_seeds)" "$(good 1 2)" "$b: after execve() with an empty environment"
	record "$b" "$parked" execl 60
	is "$(parked_seeds)" "$(good 1 2)" "$b: after execl()"
	record "$b" "$parked" spawn
	is "$(parked_seeds)" "$(good 2)" "$b: in a child of posix_spawn() with an empty environment"
	record "$b" "$parked" vfork
	is "$(parked_seeds)" "$(good 2)" "$b: in a child of vfork() and execv()"
	record "$b" sh -c "$parked spin 60 2; $parked spin 60 3"
	is "$(parked_seeds)" "$(good 2 3)" "$b: in the children of a shell"
	record "$b" "$parked" blocked 100
	is "$(parked_seeds)" "$(good 1)" "$b: in a thread that blocks all signals"
	summary=$(python3 "$top/tests/capture/samples.py" "$data" summary)
	like "$summary" 'ordered=1' "$b: samples are in the order of time"
	like "$summary" "contexts=\[$([ "$b" = ptrace ] && echo 2 || echo 1)\]" "$b: the block says whose state it is"
done

if has_sigtrap && has_avx512; then
	record sigtrap "$parked" rawclone
	is "$(parked_seeds)" "$(good 9)" "sigtrap: in a thread of clone() without TLS"
else
	skip "a thread of clone()" "needs sigtrap events and AVX-512"
fi

if has_sigtrap; then
	record sigtrap "$parked" rawunblock 200
	like "$(python3 "$top/tests/capture/samples.py" "$data" summary)" 'late=0' "sigtrap: a signal that comes late gives no sample"
	like "$err" '[1-9][0-9]* hits while SIGTRAP was blocked gave no registers' "and is counted"
else
	skip "late signals" "no sigtrap events here"
fi

# One component alone: the rest is unknown, not zero.
b=$(backends | head -n 1)
run "$xregs" record -q -F 2000 --sample-regs=xmm -o "$data" -- "$parked" spin 60 1
is "$(python3 - "$data" "$top/tests/capture" <<'END'
import sys
sys.path.insert(0, sys.argv[2])
import samples
got = set()
for kind, _, s in samples.records(sys.argv[1]):
    if kind == 9:
        got |= {(b["requested"], b["captured"], tuple(b["comps"])) for b in samples.blocks(s["raw"])}
print(got)
END
)" "{(2, 2, (1,))}" "--sample-regs=xmm: the block holds SSE and says that nothing else was captured"
plan_done
