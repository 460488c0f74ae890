#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# Several events in one recording by the kernel's own samples: each sample says
# which it is of, and shows what the program holds, whichever event it was.
. tap.sh
grep -q bed.series /proc/cmdline || skip_all "this kernel has no patches"
events=/sys/kernel/tracing/events
program=$(command -v known)

# Into t.data, in system calls and around them.
record() { # EVENTS [OPTIONS...]
	list=$1
	shift
	perf-xregs record --backend=kernel --sample-regs=xmm,mxcsr -e "$list" "$@" -o t.data -- known xmm 1 9 call >out.txt 2>said.txt ||
		{ cat said.txt; return 1; }
}
# Samples of EVENT in the program's loop and in the kernel between two samples in
# the loop hold xmm3.
holds() { # EVENT LEAST
	want=$(awk '$1 == "xmm3" { print $2 $3 }' out.txt)
	perf-xregs script -i t.data -c known -F comm,tid,cpu,time,event,sym,dso,regs --regs xmm3 --type none >script.txt 2>err.txt
	awk -v event=" $1: " -v want="$want" -v least="$2" '
		/^[^ ]/ {
			if (/known_call_/) {
				samples += pending
				wrong += bad
				pending = bad = 0
				begun = 1
			}
			look = begun && index($0, event) && /known_call_|\[kernel/
			next
		}
		/^ +xmm3 +0x/ && look {
			v = $2 $3; gsub(/^0x|[^0-9a-f]/, "", v)
			pending++
			bad += v != want
		}
		END {
			print samples + 0 " samples, " wrong + 0 " of them wrong"
			exit wrong || samples < least
		}' script.txt || { head -5 script.txt; cat err.txt; return 1; }
}

check "a clock, faults and switches in one recording" record task-clock,page-faults,context-switches -F 100
check "the clock's samples hold it" holds task-clock 1
check "each event is in the file" sh -c 'perf-xregs report -i t.data | grep -q "3 events, whose samples count alike: task-clock [1-9][0-9]*, page-faults [1-9]"'
check "one event's own period" record task-clock,page-faults -c 10000000
check "whole CPUs, two events" sh -c 'perf-xregs record --backend=kernel -a -e cpu-clock,context-switches -F 100 -o t.data -- sleep 1 2>said.txt || { cat said.txt; exit 1; }'
check "both have samples" sh -c 'perf-xregs report -i t.data | grep -q "cpu-clock [1-9][0-9]*, context-switches [1-9]"'

# Each hit is a sample, so one that comes as often as the timer's tick and no more:
# that of system calls would fill the ring faster than a guest can empty it.
tracepoint=timer:hrtimer_expire_entry
if [ -d $events/timer/hrtimer_expire_entry ]; then
	check "a tracepoint beside a clock" record task-clock,$tracepoint -F 100
	check "its fields are shown" sh -c 'perf-xregs script -i t.data --filter "field.now > 0" -F trace | grep -q "hrtimer=0x[0-9a-f]* function=0x[0-9a-f]* now=[1-9]"'
	check "its samples hold it" holds $tracepoint 20
	check "and the clock's" holds task-clock 1
else
	verdict ok "tracepoints # SKIP this kernel has none (CONFIG_ENABLE_DEFAULT_TRACERS)"
fi
if [ -d /sys/bus/event_source/devices/uprobe ]; then
	check "a uprobe" record "uprobe:$program:known_call_xmm"
	check "its samples hold it" holds "uprobe:$program:known_call_xmm" 1
else
	verdict ok "uprobes # SKIP this kernel has none (CONFIG_UPROBE_EVENTS)"
fi
if record "brk:$program:known_call_xmm"; then
	verdict ok "a breakpoint"
	check "its samples hold it" holds "brk:$program:known_call_xmm" 1
elif grep -q 'can be loaded anywhere' said.txt; then
	verdict ok "a breakpoint # SKIP the program is position-independent"
else
	verdict "not ok" "a breakpoint"
fi
hits() { perf-xregs record --backend=kernel -e page-faults -c "$1" --sample-regs=header -o c.data -- known xmm 1 9 >/dev/null 2>&1; perf-xregs script -i c.data -F ip 2>/dev/null | grep -c .; }
every=$(hits 1) tenth=$(hits 10)
check "one hit in ten: $tenth of $every" [ "$tenth" -gt 0 -a "$((tenth * 5))" -lt "$every" ]
plan_done
