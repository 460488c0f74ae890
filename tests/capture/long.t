#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Recordings of many files: rotation by size, time and signal, and limits.
. "$(dirname "$0")/capture.sh"
work=$build/tests/workloads/callpaths
[ -x "$work" ] || work=${build%/san}/tests/workloads/callpaths
demo=${work%/*}/parked
cd "$tmp" || exit 1
export HOME=$tmp

# take OPTIONS... -- COMMAND: into r.data.*; $err is what was said
take() { rm -f r.data*; run timeout 60 "$xregs" record -o r.data --sample-regs=vector "$@"; }
files() { ls r.data.* 2>/dev/null; }
how_many() { files | wc -l; }
reported() { sed -n 's/^\[ perf-xregs: \([0-9]*\) samples\{0,1\} of .*/\1/p' <<<"$err"; }
samples() { "$xregs" script -i "$1" -F comm,pid,sym 2>/dev/null | grep -c .; }
sum() { local f n=0; for f in $(files); do n=$((n + $(samples "$f"))); done; echo $n; }
# threads without a name, functions of the workload without one, complaints
nameless() { local f; for f in ${*:-$(files)}; do "$xregs" script -i "$f" -F comm,pid,sym 2>&1; done | grep -cE '^:[0-9]|^callpaths .*unknown|^perf-xregs'; }
modes() { stat -c %a $(files) | sort -u; }
perf_sum() { local f n=0; for f in $(files); do n=$((n + $(perf script -G -i "$f" -F comm,ip 2>/dev/null | grep -c .))); done; echo $n; }
perf_nameless() { local f; for f in $(files); do perf script -G -i "$f" -F comm,sym 2>&1; done | grep -cE '^ *:[0-9]|^ *callpaths .*unknown'; }

whole() { # NAME LEAST: every file by itself, all of them together
	local n
	n=$(reported)
	[ "$(how_many)" -ge "$2" ] || tap_fail "$1: $2 files" "$(files) $err"
	is "$(sum)" "$n" "$1: the files have the samples that were reported"
	is "$(nameless)" 0 "$1: names and symbols in each file"
	is "$(modes)" 600 "$1: mode 0600"
	if command -v perf >/dev/null; then
		is "$(perf_sum)" "$n" "$1: stock perf reads the same number"
		is "$(perf_nameless)" 0 "$1: ... and has the names"
	else
		skip "$1: stock perf" "there is no perf here (package linux-perf)"
	fi
}

# ---- by size
for b in $(backends); do
	# a timer hits once a tick
	size=60K rounds=40
	[ "$b" = timer ] && size=12K rounds=150
	[ "$b" = ptrace ] && rounds=100
	take -F 4000 --backend="$b" --switch-output=$size -- "$work" $rounds
	whole "$b, by size" 2
done
take -F 4000 --switch-output=100K --call-graph dwarf -- "$work" 30
whole "with copies of the stack" 2
like "$(for f in $(files); do "$xregs" script -i "$f" -F sym,callchain 2>&1; done | sort -u | tr -s '\n ' ' ')" ' deep main .* work ' "... which unwind in each"
take -F 4000 --switch-output=20K -z -- "$work" 60
whole "compressed" 1
take -F 4000 --switch-output=100K -- sh -c "'$work' 30; '$demo' exit 50 0; (exec '$work' 30)"
whole "processes that come and go" 2
take -F 4000 --switch-output=50K --switch-max-files=2 -- "$work" 100
is "$(how_many)" 2 "--switch-max-files keeps that many"
like "$err" 'in 2 files r\.data\.\*' "... and says so"
is "$(nameless)" 0 "... whose samples have names"

# ---- of a process that runs already
if "$xregs" check --json | grep -q '"name":"ptrace","ready":true'; then
	attach() { "$work" 400 & rm -f r.data*; run timeout 60 "$xregs" record -o r.data "$@" -p $!; kill $! 2>/dev/null; wait $! 2>/dev/null; }
	attach -F 2000 --switch-output=60K
	whole "attached" 2
	attach -F 2000 --max-size=60K
	is "$status" 0 "attached: --max-size ends the recording"
	is "$(samples r.data)" "$(reported)" "... which has the samples that were reported"
else
	skip "a process that runs already" "ptrace is refused here"
fi

# ---- by time and signal
take -F 1000 --switch-output=1s -- sh -c "'$work' 20; sleep 1.1; '$work' 20"
whole "by time" 2
for how in --switch-output --switch-output=signal; do
	take -F 4000 $how -- sh -c "'$work' 20; kill -USR2 \$PPID; '$work' 120"
	whole "$how" 2
done

# ---- --max-size
take -F 4000 --max-size=64K -- "$work" 100
is "$status" 0 "--max-size: the program's own status"
like "$err" "'r.data' has reached the size of --max-size; sampling ends here, the program runs on" "... and says so"
size=$(stat -c %s r.data)
ok "... the file is not much larger" test "$size" -ge 65536 -a "$size" -lt 140000
is "$(samples r.data)" "$(reported)" "... has the samples that were reported"
unlike "$("$xregs" report -i r.data 2>&1)" 'cut off|killed|damaged' "... and is complete"

plan_done
