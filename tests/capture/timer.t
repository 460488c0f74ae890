#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Where perf_event_open() is refused, timers sample, and names and maps come
# from /proc. A seccomp filter refuses here, as a container's does.
. "$(dirname "$0")/capture.sh"

run "$no_perf" perf "$xregs" check
like "$out" '^sigtrap +- +perf_event_open is refused: Permission denied' "check says that the kernel refuses, and why"
like "$out" '^timer .*ready' "and that timers work"

run "$no_perf" perf "$xregs" record -o "$data" -- "$parked" threads 150 3
is "$status" 0 "record chooses the timers by itself"
like "$err" 'sampling by timer at 1000 Hz \([0-9]+ Hz at the most\) of task-clock; perf_event_open is refused' "and says so, with the reason and the bound"
is "$(parked_seeds)" "$(good 1 2 3)" "and the values are right"
like "$(python3 "$top/tests/capture/samples.py" "$data" summary)" 'COMM=[4-9].* FORK=[34].* MMAP2=[4-9]' "FORK, COMM and MMAP2 are made from /proc"
if command -v perf >/dev/null; then
	like "$(perf report --stdio --sort comm,dso,sym -i "$data" 2>/dev/null)" 'parked +parked +\[\.\] park(512|256|128)' "perf report knows program and symbol"
fi
run "$no_perf" perf "$xregs" record -o "$data" -- bash -c "$parked spin 100 2; $parked fork 60"
is "$(parked_seeds | sed 's/[12] threads*/n/')" "$(good 1 2 3 | sed 's/1 thread/n/')" "children of a shell are followed"
like "$("$xregs" report --stdio -i "$data" 2>&1)" 'by timer' "the head of the report says timer"

run "$no_perf" perf,timer "$xregs" record -o "$data" -- "$parked" spin 100 1
like "$err" 'sampling by ptrace .*timer_create is refused' "without timers it is ptrace, with the reason"
is "$(parked_seeds)" "$(good 1)" "and the values are right"
run "$no_perf" perf,timer,ptrace "$xregs" record -o "$data" -- "$parked" spin 10 1
is "$status" 1 "without any of them record fails"
like "$err" 'perf_event_open is refused.*timer_create is refused' "with all the reasons"
run "$no_perf" perf "$xregs" record --backend=sigtrap -o "$data" -- true
is "$status" 1 "a backend that is asked for and refused is an error"
like "$err" 'cannot record by sigtrap: perf_event_open is refused' "with its reason"
plan_done
