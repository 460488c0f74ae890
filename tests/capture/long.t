#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Recordings of many files: rotation by size, time and signal, and limits.
. "$(dirname "$0")/files.sh"
demo=${work%/*}/parked

whole() { # NAME LEAST: every file by itself, all of them together
	local n f
	n=$(reported)
	[ "$(how_many)" -ge "$2" ] || tap_fail "$1: $2 files" "$(files) $err"
	is "$(look $(files))" "$n samples, 0 nameless, 0 complaints" "$1: the files have the samples that were reported, with their names"
	is "$(modes)" 600 "$1: mode 0600"
	if ! command -v perf >/dev/null; then
		skip "$1: stock perf" "there is no perf here (package linux-perf)"
		return
	fi
	for f in $(files); do perf script -G -i "$f" -F comm,ip,sym; done >theirs 2>/dev/null
	is "$(grep -c . theirs) samples, $(without_names theirs) nameless" "$n samples, 0 nameless" "$1: stock perf reads the same from each"
}

# ---- by size
for b in $(backends); do
	# a timer hits once a tick
	size=60K rounds=30
	[ "$b" = timer ] && size=12K rounds=100
	[ "$b" = ptrace ] && rounds=80
	take -F 4000 --backend="$b" --switch-output=$size -- "$work" $rounds
	whole "$b, by size" 2
done
take -F 4000 --switch-output=100K --call-graph dwarf -- "$work" 30
whole "with copies of the stack" 2
frames=$(for f in $(files); do "$xregs" script -i "$f" -F sym,callchain 2>&1; done | tr -s ' \n' '\n' | grep -xE 'deep|main|work' | sort -u | tr '\n' ' ')
is "$frames" "deep main work " "... which unwind in each"
take -F 4000 --switch-output=20K -z -- "$work" 60
whole "compressed" 1
take -F 4000 --switch-output=100K -- sh -c "'$work' 30; '$demo' exit 50 0; (exec '$work' 30)"
whole "processes that come and go" 2
take -F 4000 --switch-output=50K --switch-max-files=2 -- "$work" 100
is "$(how_many)" 2 "--switch-max-files keeps that many"
like "$err" 'in 2 files r\.data\.\*' "... and says so"
like "$(look $(files))" ", 0 nameless, 0 complaints" "... whose samples have names"

# ---- of a process that runs already
if "$xregs" check --json | grep -q '"name":"ptrace","ready":true'; then
	attach() { "$work" 400 & rm -f r.data*; run timeout 60 "$xregs" record -o r.data "$@" -p $!; kill $! 2>/dev/null; wait $! 2>/dev/null; }
	attach -F 2000 --switch-output=100K
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
