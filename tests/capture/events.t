#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Events other than clocks: breakpoints, uprobes, tracepoints, several at a time.
# The workload prints what it passes; gdb sees the same at its own breakpoints.
. "$(dirname "$0")/capture.sh"
cd "$tmp" || exit 1
probed=$build/tests/workloads/probed
ln -s "$probed" probed
has_sigtrap || skip_all "no sigtrap events here (perf xregs check tells why)"

has_class() { "$xregs" record -e '?' | awk -v c="$1" '$1 == c { getline; exit /not here/ } END { }'; }
sample() { run timeout 60 "$xregs" record -o x.data "$@"; cp /dev/null printed; printf '%s\n' "$out" > printed; "$xregs" script -i x.data --json > x.json 2> script.err; }
says() { python3 "$top/tests/capture/events.py" "$1" x.json printed; }
refused() { # STATUS ERE NAME EVENTS...
	run "$xregs" record -o none.data -e "$4" -- true
	is "$status" "$1" "$3: status $1"
	like "$err" "^perf-xregs record: .*$2" "$3: says why"
	ok "$3: leaves no file" test ! -e none.data
}

# ---- help
run "$xregs" record -e '?'
is "$status" 0 "--event=? lists the classes"
for class in software hardware cache raw pmu libpfm4 breakpoint tracepoint uprobe; do
	like "$out" "^  $class " "--event=?: $class"
done

# ---- breakpoints
if ! has_class breakpoint; then
	skip "breakpoints" "$("$xregs" record -e '?' | grep -A1 '^  breakpoint' | tail -1)"
else
	sample -e brk:./probed:scalars -- "$probed" 20
	is "$status" 0 "a breakpoint on a function"
	is "$(says scalars)" "20 calls, 20 right, 20 made" "every argument of every call"
	is "$(says sum)" True "the sum of an argument over all calls"
	run "$xregs" script -i x.data --regs mxcsr
	like "$out" '  scalars\(a=0.5, f=0, b=-0.3333333333333333, n=0\)$' "the call as text"
	sample -e brk:./probed:aggregates,brk:./probed:nine,brk:./probed:widened -- "$probed" 10
	is "$(says aggregates)" "10 calls, 10 right, 10 made" "structs, complex numbers and vectors; one on the stack is unknown"
	is "$(says nine)" "10 calls, 10 right, 10 made" "the ninth double is unknown"
	is "$(says widened)" "10 calls, 10 right, 10 made" "a function that returns in memory"
	is "$(says events)" "brk:./probed:aggregates=10 brk:./probed:nine=10 brk:./probed:widened=10" "each sample has its event"
	run "$xregs" script -i x.data --filter 'event == *nine' -F event
	is "$(printf '%s\n' "$out" | grep -c nine)" 10 "--filter by event"
	run "$xregs" report -i x.data
	like "$out" '3 events, whose samples count alike: brk:./probed:aggregates 10, brk:./probed:nine 10, brk:./probed:widened 10' "report counts the events"
	if command -v perf > /dev/null; then
		run perf script -i x.data -F event,ip,sym
		is "$(printf '%s\n' "$out" | awk '{ print $1, $3 }' | sort | uniq -c | awk '{ print $1, $2, $3 }')" \
			"10 brk:./probed:aggregates: aggregates
10 brk:./probed:nine: nine
10 brk:./probed:widened: widened" "perf script tells the events apart"
		run perf report --stdio -i x.data
		is "$(printf '%s\n' "$out" | grep -c '^# Samples: 10  of event')" 3 "perf report has a table for each"
	else
		skip "stock perf" "there is no perf here (package linux-perf)"
	fi
	sample -e mem:sink/8:w -- "$probed" 5
	is "$status" 0 "a breakpoint on a variable of the program"
	is "$(says events)" "mem:sink/8:w=25" "each write of it"
	sample -e brk:./probed:stored -- "$probed" 3000
	like "$err" ' 3000 samples of 1 thread, 0 lost' "a loop over a breakpoint loses nothing"
	is "$(says stored)" "3000 calls, 3000 right, 3000 made" "and mixes nothing up"
	if command -v gdb > /dev/null; then
		gdb -q -batch -nx -ex 'set confirm off' -ex 'break scalars' -ex 'commands
silent
printf "gdb %a %a %a %d\n", a, f, b, n
continue
end' -ex 'run 8 > /dev/null' "$probed" 2> /dev/null | sed -n 's/^gdb //p' > gdb.args
		sample -e brk:./probed:scalars -- "$probed" 8
		if [ -s gdb.args ]; then
			sed 's/^/scalars /' gdb.args > printed
			is "$(says scalars)" "8 calls, 8 right, 8 made" "gdb sees the same arguments"
		else
			skip "gdb's arguments" "gdb cannot run the program here"
		fi
	else
		skip "gdb's arguments" "there is no gdb here"
	fi
fi
refused 2 "x86 has 4 debug registers" "five breakpoints" brk:./probed:scalars,brk:./probed:nine,brk:./probed:stored,brk:./probed:widened,brk:./probed:main
refused 2 "did you mean 'scalars'" "a symbol that is not there" brk:./probed:scalas

# ---- uprobes
if ! has_class uprobe; then
	skip "uprobes" "$("$xregs" record -e '?' | grep -A1 '^  uprobe' | tail -1)"
else
	sample -e uprobe:./probed:stored,uretprobe:./probed:stored -- "$probed" 20
	if [ "$status" = 2 ] && printf '%s' "$err" | grep -q 'writes registers before'; then
		skip "arguments by a uprobe" "the compiler begins the function with such an instruction"
	else
		is "$status" 0 "a uprobe on a function, one on its return"
		is "$(says stored)" "20 calls, 20 right, 20 made" "arguments at the uprobe"
		"$xregs" script -i x.data --json --filter 'event == uretprobe*' > x.json 2> /dev/null
		is "$(says returned)" "20 returns, 20 right" "the value returned"
		run "$xregs" script -i x.data -F sym --filter 'event == uretprobe*'
		is "$(printf '%s\n' "$out" | sort -u | tr -d ' ')" main "where it returned to"
		if command -v perf > /dev/null; then
			run perf script -i x.data -F event,ip,sym
			is "$(printf '%s\n' "$out" | grep -c ' uprobe:./probed:stored: .*stored')" 20 "perf script has the probe's place"
		else
			skip "stock perf" "there is no perf here (package linux-perf)"
		fi
		sample -e uprobe:./probed:stored -- sh -c "$probed 3; true"
		is "$status" 0 "a program that starts another one"
		is "$(says stored)" "3 calls, 3 right, 3 made" "the uprobe follows it"
	fi
fi

# ---- tracepoints
if ! has_class tracepoint || ! "$xregs" record -q -e syscalls:sys_enter_getppid -o x.data -- true 2> why; then
	skip "tracepoints" "${why:+$(cat why 2> /dev/null)} $("$xregs" record -e '?' | grep -A1 '^  tracepoint' | tail -1)"
else
	sample -e syscalls:sys_enter_getppid,sched:sched_process_exit -- "$probed" 20
	is "$status" 0 "two tracepoints"
	is "$(says getppid)" "20 calls, 20 right" "the registers at each system call"
	run "$xregs" script -i x.data --filter 'sched_process_exit.prio > 0' -F event,trace
	like "$out" 'sched:sched_process_exit: +comm=probed pid=' "a filter by a field; the fields as text"
	if command -v perf > /dev/null; then
		perf script -i x.data -F trace 2> /dev/null | sed 's/^ *//;s/ *$//' | sort > perf.trace
		"$xregs" script -i x.data -F trace 2> /dev/null | sed 's/^ *//;s/ *$//' | sort > our.trace
		ok "perf prints the same fields" diff perf.trace our.trace
		perf record -q -e sched:sched_process_exit -o stock.data -- "$probed" 1 > /dev/null 2> perf.err
		if [ -s stock.data ]; then
			run "$xregs" script -i stock.data -F trace
			is "$(printf '%s\n' "$out" | sed 's/^ *//;s/ *$//')" "$(perf script -i stock.data -F trace 2> /dev/null | sed 's/^ *//;s/ *$//')" "the fields of a file of perf record"
		else
			skip "a file of perf record" "perf cannot record here"
		fi
	else
		skip "stock perf" "there is no perf here (package linux-perf)"
	fi
	refused 2 "the signal of each sample would hit it again" "what a signal does itself" raw_syscalls:sys_enter
fi

# ---- several kinds at a time
sample -e task-clock,page-faults -c 100000 -- "$parked" spin 60
is "$status" 0 "a clock and a counter"
like "$(says events)" '^task-clock=[0-9]+|page-faults=[0-9]+' "their samples have their names"
run "$xregs" record -o none.data --backend=timer -e task-clock,page-faults -- true
is "$status" 2 "timer: several events are refused"
like "$err" "by timer, which knows CPU time only" "timer: says why"
refused 2 "without braces" "a group" '{task-clock,page-faults}'
refused 2 "did you mean 'task-clock'" "a slip" task-clok
refused 2 "signal shows user registers only" "kernel mode" task-clock:k
plan_done
