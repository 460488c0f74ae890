#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# perf-xregs record by the kernel's own samples: what a program is known to hold
# must be what every sample shows, wherever it hit and however it was recorded.
n=0
export PAGER=cat
verdict() { # VERDICT NAME
	n=$((n + 1))
	echo "$1 $n - $2"
}
check() { # NAME COMMAND...
	name=$1
	shift
	if "$@"; then verdict ok "$name"; else verdict "not ok" "$name"; fi
}
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
command -v perf-xregs >/dev/null || skip_all "perf-xregs was not built: run make first"
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
# that HELD lists; at least LEAST of them in the kernel, LEAST in user mode.
# What is in between in other user code (a signal handler) is not looked at.
holds() { # TID HELD LEAST_USER LEAST_KERNEL [SCRIPT_OPTIONS...]
	tid=$1 held=$2 user=$3 kernel=$4
	shift 4
	perf-xregs script -i t.data --type none --tid "$tid" "$@" >script.txt 2>err.txt || cat err.txt
	awk -v need_user="$user" -v need_kernel="$kernel" -v mxcsr="${mxcsr:-1}" '
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
			kind = /known_(spin|call)_/ ? "loop" : /\[kernel/ ? "kernel" : "other"
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
			exit loop < need_user || inside < need_kernel || loop_wrong || inside_wrong
		}' "$held" script.txt
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

perf-xregs check >check.txt
check "check says that the kernel backend is ready" says "^kernel .*$width.*ready" check.txt

# ---- user mode, and the choice
check "auto takes the kernel" record -- known "$width" 1
check "and says why" says 'sampling by kernel at 100 Hz of task-clock; this kernel has PERF_SAMPLE_XSTATE' said.txt
check "the program's list" held out.txt
tid=$(tid_of)
check "user mode: every sample holds it" holds "$tid" held.txt 40 0
sed 's/ c0de/ c0df/' held.txt >other.txt
holds "$tid" other.txt 40 0 >noticed.txt
check "another value would be noticed" says '[1-9][0-9]* samples in the loop, [1-9][0-9]* of them wrong' noticed.txt
check "report names the loop" sh -c "perf-xregs report -i t.data | grep -q known_spin_$width"

check "modifier u" record -e task-clock:u -- known "$width" 1
check "gives no hit in the kernel" sh -c '! perf-xregs script -i t.data -F dso | grep -q kernel'

# ---- system calls
check "records a program that makes system calls" record -- known "$width" 1 5 call
held out.txt
check "in system calls: every sample holds the user's registers" holds "$(tid_of)" held.txt 1 20
check "interrupted state comes too" record --intr-regs="$list" -- known "$width" 1 6
held out.txt
check "and is the user's, where user code was interrupted" holds "$(tid_of)" held.txt 40 0 --intr

# ---- two processes on one CPU, with other values, the whole machine recorded
known "$width" 1 17 call >a.txt &
a=$!
known "$width" 1 34 call >b.txt &
b=$!
taskset -p 1 $a >/dev/null && taskset -p 1 $b >/dev/null
check "-a records until its command ends" record -a -- sh -c "while kill -0 $a 2>/dev/null || kill -0 $b 2>/dev/null; do sleep 0.1; done"
wait
held a.txt
check "-a: the first of two processes holds its own" holds $a held.txt 1 5
held b.txt
check "-a: the second of two processes holds its own" holds $b held.txt 1 5
check "-a: every sample has a name" sh -c '! perf-xregs script -i t.data -F comm | grep -q "^ *:"'
check "-C takes its CPU alone" record -C 0 -- sleep 0.2
check "and no other is in the file" sh -c '! perf-xregs script -i t.data -F cpu | grep -q "^ *\[00[1-9]"'
check "-C of no CPU is refused" sh -c 'perf-xregs record -C 99 -- true 2>&1 | grep -q "on CPU 99: it is offline or not there"'
check "-a: the CPU clock of an idle CPU gives nothing" sh -c '! perf-xregs script -i t.data -F comm | grep -q swapper'

# ---- a process that runs already
known "$width" 3 51 >a.txt &
a=$!
check "-p ends with the process" record -p $a
held a.txt
check "-p: every sample holds it" holds $a held.txt 20 0
known "$width" 3 68 >a.txt &
a=$!
check "-t ends with the thread" record -t $a
held a.txt
check "-t: every sample holds it" holds $a held.txt 20 0
check "-p of nobody is refused" sh -c 'perf-xregs record -p 999999 2>&1 | grep -q "none with this number"'

# ---- children
check "children are followed" record -- sh -c "known $width 1 85 >a.txt & known $width 1 102 >b.txt; wait"
check "and both are in the file" sh -c '[ "$(perf-xregs script -i t.data -c known -F tid | sort -u | wc -l)" = 2 ]'

# ---- other events
rate="-c 1"
check "page faults" record -e page-faults -- known "$width" 1
check "are sampled one by one" sh -c '[ "$(perf-xregs script -i t.data -F ip 2>/dev/null | wc -l)" -gt 20 ]'
rate="-c 20"
check "context switches" record -e context-switches -- \
	sh -c "taskset 1 known $width 1 3 call >a.txt & taskset 1 known $width 1 4 call >b.txt; wait"
rate="-F 100"
perf-xregs script -i t.data --regs "${width}0" -c known >script.txt
check "show what the one program held" sh -c "[ \$(grep -c \"${width}0 .*c0de0000'03000001\" script.txt) -gt 20 ]"
check "and the other" sh -c "[ \$(grep -c \"${width}0 .*c0de0000'04000001\" script.txt) -gt 20 ]"

# ---- the other forms
mxcsr=0
check "the SIMD ABI" record --backend=kernel:simd -- known "$width" 1
held out.txt
check "the SIMD ABI: every sample holds it" holds "$(tid_of)" held.txt 40 0
check "the SIMD ABI in system calls" record --backend=kernel:simd -- known "$width" 1 4 call
held out.txt
check "the SIMD ABI in system calls: every sample holds the user's registers" holds "$(tid_of)" held.txt 1 20
mxcsr=1
check "header alone" sh -c "perf-xregs record -F 100 --sample-regs=header -o t.data -- known $width 1 >/dev/null 2>said.txt"
check "and MXCSR comes with it" sh -c "perf-xregs script -i t.data --regs mxcsr -S known_spin_$width | grep -q 'mxcsr *0x9fc0 '"

# ---- losses: a recorder that is stopped lets its rings run full
known "$width" 4 >/dev/null &
a=$!
perf-xregs record -m 1 -F 1000 --sample-regs="$list" -o t.data -p $a 2>said.txt &
r=$!
i=0
until grep -q 'sampling by' said.txt || [ $((i += 1)) -gt 100 ]; do
	sleep 0.1
done
kill -STOP $r
sleep 1
kill -CONT $r
kill -INT $r
wait $r
check "^C ends it, and is no failure" [ $? = 0 ]
kill $a
wait
check "losses are counted" says '[1-9][0-9]* samples lost in full buffers' said.txt
check "and are in the report's head" sh -c "perf-xregs report -i t.data | grep -Eq '^# .* [1-9][0-9]* lost'"

# ---- without privilege
adduser() { echo "$1:x:1000:1000::/tmp:/bin/sh" >>/etc/passwd; }
mkdir -p /etc u && adduser nobody && chmod 1777 . u
as_user() { su nobody -s /bin/sh -c "cd u && $1"; }
if [ "$(as_user 'id -u')" = 1000 ]; then
	check "without privilege, in user mode alone" as_user "perf-xregs record -F 100 --sample-regs=$list -o t.data -- known $width 1 >out.txt 2>said.txt"
	check "which is said" says 'user mode only' u/said.txt
	held u/out.txt
	cp u/t.data .
	check "and every sample holds it" holds "$(tid_of)" held.txt 40 0
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
		n=$((n + 1))
		echo "ok $n - too few files may be open # SKIP one CPU needs no more than what starts the program"
	fi
else
	n=$((n + 1))
	echo "ok $n - without privilege # SKIP this busybox has no su"
fi
echo "1..$n"
