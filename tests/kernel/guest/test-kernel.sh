#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# perf-xregs record by the kernel's own samples: what a program is known to hold
# must be what every sample shows, wherever it hit and however it was recorded.
. tap.sh
grep -q bed.series /proc/cmdline || skip_all "this kernel has no patches"

width=$(known list 0 | tail -n 1)
list=$width,mxcsr
[ "$width" = zmm ] && list=zmm,opmask,mxcsr

rate="-F 100"
record() { # ARGS...: into t.data, what it says into said.txt
	if ! perf-xregs record $rate --sample-regs="$list" -o t.data "$@" >out.txt 2>said.txt; then
		cat said.txt
		return 1
	fi
	return 0
}

# Each sample of thread TID from the first to the last in its loop must show all
# that HELD lists. What is in between in other user code (a signal handler) is not
# looked at, nor with --intr what is in the kernel: there it is the kernel's state, and
# none right after a switch. Adds those in the loop to in_loop, those in the kernel to inside.
holds() { # TID HELD [SCRIPT_OPTIONS...]
	tid=$1 held=$2
	shift 2
	perf-xregs script -i t.data --type none --tid "$tid" "$@" >script.txt 2>err.txt || cat err.txt
	awk -v mxcsr="${mxcsr:-1}" -v intr="$side" '
		function count() {
			if (kind == "loop") {
				loop++
				loop_wrong += wrong
				inside += pending
				inside_wrong += pending_wrong
				pending = pending_wrong = 0
			} else {
				pending++
				pending_wrong += wrong
			}
		}
		function judge(  r) {
			wrong = 0
			for (r in held) {
				if (begun && kind != "other" && got[r] != held[r]) {
					if (!wrong && said < 5)
						note[++said] = "before line " FNR ": " r " is \"" got[r] "\", " held[r] " was held"
					wrong = 1
				}
			}
			if (begun && kind != "other")
				count()
			split("", got)
		}
		FILENAME == ARGV[1] {
			v = $0; sub(/^[a-z0-9]+ /, "", v); gsub(/ /, "", v)
			if ($1 != "mxcsr" || mxcsr == 1)
				held[$1] = v
			next
		}
		/^[^ ]/ {
			judge()
			kind = /known_(spin|call)_/ ? "loop" : /\[kernel/ && !intr ? "kernel" : "other"
			if (kind == "loop")
				begun = 1
			next
		}
		/^    +(xmm|ymm|zmm|k|mxcsr)[0-9]* +0x/ {
			name = $1; v = $0
			sub(/^ +[a-z0-9]+ +0x/, "", v); sub(/  .*/, "", v); gsub(/[ \047]/, "", v)
			got[name] = v
		}
		END {
			judge()
			print loop + 0 " samples in the loop, " loop_wrong + 0 " of them wrong; " inside + 0 " in the kernel, " inside_wrong + 0 " of them wrong"
			for (i = 1; i <= said && loop_wrong + inside_wrong; i++)
				print note[i]
			print loop + 0, inside + 0 >"counts.txt"
			exit loop_wrong || inside_wrong
		}' "$held" script.txt || return 1
	read -r loop kernel <counts.txt
	in_loop=$((in_loop + loop)) inside=$((inside + kernel))
}
# Runs a recording until it brought in_loop and inside to so many: how many samples
# a second of CPU time gives is up to the host. Each time it is to take twice as
# many $seconds; the first that fails by itself ends it.
enough() { # IN_LOOP INSIDE RECORDING [ARGS...]
	least_loop=$1 least_inside=$2
	shift 2
	seconds=1 in_loop=0 inside=0
	until [ "$in_loop" -ge "$least_loop" ] && [ "$inside" -ge "$least_inside" ]; do
		if [ $seconds -gt 32 ]; then
			echo "$in_loop of $least_loop and $inside of $least_inside after $seconds s of it"
			return 1
		fi
		"$@" || return 1
		seconds=$((seconds * 2))
	done
}
held() { # FILE: the list of registers that known prints
	awk '/^(xmm|ymm|zmm|k|mxcsr)[0-9]* /' "$1" >held.txt
	[ -s held.txt ]
}
tid_of() { # the one thread of t.data named known
	perf-xregs script -i t.data -c known -F tid 2>/dev/null | grep -v '#' | sort -u | tr -d ' '
}
says() { # ERE FILE
	grep -Eq "$1" "$2" || { cat "$2"; return 1; }
}

# The program, started by record. In HOW "call" it makes system calls.
started() { # SEED HOW [RECORD_OPTIONS...]
	seed=$1 how=$2
	shift 2
	# shellcheck disable=SC2086 # none, or one word
	record "$@" -- known "$width" $seconds "$seed" $how && held out.txt && holds "$(tid_of)" held.txt $side
}
# One that runs already.
running() { # RECORD_OPTION SEED
	known "$width" $seconds "$2" >a.txt &
	a=$!
	if ! record "$1" $a >why.txt; then
		# Over before the recorder was there: no sample in this one.
		grep -q 'none with this number' why.txt && return
		cat why.txt
		return 1
	fi
	held a.txt && holds $a held.txt
}
# Two on one CPU with other values, the whole machine recorded; the samples of one count.
whole_machine() { # a or b
	known "$width" $seconds 17 call >a.txt &
	a=$!
	known "$width" $seconds 34 call >b.txt &
	b=$!
	taskset -p 1 $a >/dev/null && taskset -p 1 $b >/dev/null
	record -a -- sh -c "while kill -0 $a 2>/dev/null || kill -0 $b 2>/dev/null; do sleep 0.1; done" || return 1
	wait
	eval "pid=\$$1"
	held "$1.txt" && holds "$pid" held.txt
}
side=

perf-xregs check >check.txt
check "check says that the kernel backend is ready" says "^kernel .*$width.*ready" check.txt

# ---- user mode, and the choice
check "user mode: every sample holds it" enough 40 0 started 0 ""
check "auto took the kernel, and says why" says 'sampling by kernel at 100 Hz of task-clock; this kernel has PERF_SAMPLE_XSTATE' said.txt
sed 's/ c0de/ c0df/' held.txt >other.txt
holds "$(tid_of)" other.txt >noticed.txt
check "another value would be noticed" says '[1-9][0-9]* samples in the loop, [1-9][0-9]* of them wrong' noticed.txt
check "report names the loop" sh -c "perf-xregs report -i t.data | grep -q known_spin_$width"

check "modifier u: every sample holds it" enough 1 0 started 0 "" -e task-clock:u
check "and there is no hit in the kernel" sh -c '! perf-xregs script -i t.data -F dso | grep -q kernel'

# ---- system calls
check "in system calls: every sample holds the user's registers" enough 1 20 started 5 call
side=--intr
check "the interrupted state is the user's, where user code was" enough 40 0 started 6 "" --intr-regs="$list"
side=

# ---- two processes on one CPU, with other values, the whole machine recorded
check "-a: the first of two processes holds its own" enough 1 5 whole_machine a
check "-a: the second of two processes holds its own" enough 1 5 whole_machine b
check "-a: every sample has a name" sh -c '! perf-xregs script -i t.data -F comm | grep "^ *:"'
check "-C takes its CPU alone" record -C 0 -- sleep 0.2
check "and no other is in the file" sh -c '! perf-xregs script -i t.data -F cpu | grep -q "^ *\[00[1-9]"'
check "-C of no CPU is refused" sh -c 'perf-xregs record -C 99 -- true 2>&1 | grep -q "on CPU 99: it is offline or not there"'
check "-a: the CPU clock of an idle CPU gives nothing" sh -c '! perf-xregs script -i t.data -F comm | grep -q swapper'

# ---- a process that runs already
check "-p: every sample holds it, and it ends with the process" enough 20 0 running -p 51
check "-t: every sample holds it, and it ends with the thread" enough 20 0 running -t 68
check "-p of nobody is refused" sh -c 'perf-xregs record -p 999999 2>&1 | grep -q "none with this number"'

# ---- children
children() {
	record -- sh -c "known $width $seconds 85 >a.txt & known $width $seconds 102 >b.txt; wait" || return 1
	in_loop=$(perf-xregs script -i t.data -c known -F tid | sort -u | wc -l)
}
check "children are followed: both are in the file" enough 2 0 children

# ---- other events
rate="-c 1"
check "page faults" record -e page-faults -- known "$width" 1
check "are sampled one by one" sh -c '[ "$(perf-xregs script -i t.data -F ip 2>/dev/null | wc -l)" -gt 20 ]'
rate="-c 20"
switches() {
	record -e context-switches -- \
		sh -c "taskset 1 known $width $seconds 3 call >a.txt & taskset 1 known $width $seconds 4 call >b.txt; wait" || return 1
	perf-xregs script -i t.data --regs "${width}0" -c known >script.txt
	in_loop=$(grep -c "${width}0 .*c0de0000'03000001" script.txt)
	inside=$(grep -c "${width}0 .*c0de0000'04000001" script.txt)
}
check "context switches show what the one program held and the other" enough 21 21 switches
rate="-F 100"

# ---- the other forms
mxcsr=0
check "the SIMD ABI: every sample holds it" enough 40 0 started 0 "" --backend=kernel:simd
check "the SIMD ABI in system calls: every sample holds the user's registers" enough 1 20 started 4 call --backend=kernel:simd
mxcsr=1
header() {
	perf-xregs record -F 100 --sample-regs=header -o t.data -- known "$width" $seconds >/dev/null 2>said.txt || return 1
	in_loop=$(perf-xregs script -i t.data --regs mxcsr -S "known_spin_$width" | grep -c 'mxcsr *0x9fc0 ')
}
check "header alone: MXCSR comes with it" enough 1 0 header

# ---- losses: a recorder that is stopped lets its rings run full
losses() {
	known "$width" 600 >/dev/null &
	a=$!
	perf-xregs record -m 1 -F 1000 --sample-regs="$list" -o t.data -p $a 2>said.txt &
	r=$!
	until grep -q 'sampling by' said.txt || ! kill -0 $r 2>/dev/null; do
		sleep 0.1
	done
	kill -STOP $r
	sleep $seconds
	kill -CONT $r
	kill -INT $r
	wait $r
	status=$?
	kill $a
	wait
	in_loop=$(grep -Ec '[1-9][0-9]* samples lost in full buffers' said.txt)
	[ $status = 0 ] || cat said.txt
	return $status
}
check "losses are counted, and ^C is no failure" enough 1 0 losses
check "and are in the report's head" sh -c "perf-xregs report -i t.data | grep -Eq '^# .* [1-9][0-9]* lost'"

# ---- without privilege
adduser() { echo "$1:x:1000:1000::/tmp:/bin/sh" >>/etc/passwd; }
mkdir -p /etc u && adduser nobody && chmod 1777 . u
as_user() { su nobody -s /bin/sh -c "cd u && $1"; }
unprivileged() {
	as_user "perf-xregs record -F 100 --sample-regs=$list -o t.data -- known $width $seconds >out.txt 2>said.txt" || return 1
	held u/out.txt && cp u/t.data . && holds "$(tid_of)" held.txt
}
if [ "$(as_user 'id -u')" = 1000 ]; then
	check "without privilege, in user mode alone: every sample holds it" enough 40 0 unprivileged
	check "which is said" says 'user mode only' u/said.txt
	as_user "perf-xregs record -a" 2>err.txt
	check "-a is refused with the remedy" says 'on whole CPUs: kernel.perf_event_paranoid is 2; sysctl kernel.perf_event_paranoid=0' err.txt
	as_user "perf-xregs record --intr-regs=xmm true" 2>err.txt
	check "--intr-regs is refused with the remedy" says 'in the kernel: kernel.perf_event_paranoid is 2; sysctl kernel.perf_event_paranoid=1' err.txt
	as_user "perf-xregs record -p 1" 2>err.txt
	check "-p of another user's process is refused" says "another user's process" err.txt
	if [ "$(nproc)" -gt 1 ]; then
		for i in 8 9 10 11 12; do
			as_user "ulimit -n $i; perf-xregs record -o x.data -- true" 2>&1
		done >err.txt
		check "too few files may be open" says 'ulimit -n' err.txt
	else
		skip "too few files may be open" "one CPU needs no more than what starts the program"
	fi
else
	skip "without privilege" "this busybox has no su"
fi
plan_done
