#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Signals to the recorder and to the target leave a valid file and the status
# that the target ended with.
. "$(dirname "$0")/capture.sh"
ulimit -c 0
ulimit -t 20		# what spins is ended some day, whatever happens to the recorder
samples() { python3 "$top/tests/capture/samples.py" "$data" summary | sed -n 's/.*SAMPLE=\([0-9]*\).*/\1/p'; }

start() { # BACKEND COMMAND...: the recorder in the background, $pid, once it samples
	local b=$1
	shift
	rm -f "$data"
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)	# a shell ignores it in background jobs
signal.alarm(20)				# a recorder that hangs is a failure
os.execv(sys.argv[1], sys.argv[1:])' "$xregs" record --backend="$b" -o "$data" -- "$@" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for _ in $(seq 100); do
		[ "$(stat -c %s "$data" 2>/dev/null || echo 0)" -gt 0 ] && grep -q ready "$tmp/out" && break
		sleep 0.05
	done
	# Time to be sampled in, however busy the machine is: 0.3 s of its own CPU.
	for _ in $(seq 200); do
		[ "$(cpu_ticks "$(pgrep -P "$pid" | head -n 1)")" -ge 30 ] && break
		sleep 0.05
	done
}
cpu_ticks() { awk '{ t = $14 + $15 } END { print t + 0 }' "/proc/${1:-none}/stat" 2>/dev/null || echo 0; }
finish() { status=0; wait "$pid" || status=$?; }

for b in $(backends); do
	for sig in INT TERM HUP; do
		start "$b" bash -c 'echo ready; while :; do :; done'
		kill -"$sig" "$pid"
		finish
		is "$status" "$((128 + $(kill -l "$sig")))" "$b: SIG$sig to the recorder ends the target by it"
		ok "$b: and the file holds samples" test "$(samples)" -gt 20
		like "$(cat "$tmp/err")" 'samples of 1 thread' "$b: and the last line is said"
	done
	start "$b" bash -c 'trap "echo caught; exit 5" TERM; echo ready; while :; do :; done'
	kill -TERM "$pid"
	finish
	is "$status $(tail -n 1 "$tmp/out")" "5 caught" "$b: a target that handles SIGTERM ends as it likes"
	start "$b" bash -c 'trap "" TERM; echo ready; while :; do :; done'
	kill -TERM "$pid"; sleep 0.2; kill -TERM "$pid"; sleep 0.2; kill -TERM "$pid"
	finish
	is "$status" 137 "$b: the third signal kills a target that ignores the others"

	record "$b" "$parked" killed 100 11
	is "$status" 139 "$b: a target killed by SIGSEGV gives 139"
	ok "$b: and a file with samples" test "$(samples)" -gt 5
	record "$b" "$parked" exit 100 42
	is "$status" 42 "$b: the exit status is handed on"
	# shellcheck disable=SC2016
	record "$b" bash -c '(sleep 0.3; sed -n "s/^State:.\(.\).*/\1/p" /proc/$$/status; kill -CONT $$) & kill -STOP $$; wait; echo on; exit 3'
	like "$status $out" '^3 [tT]$' "$b: a target that stops itself is stopped"
	like "$out" '^on$' "$b: and goes on with SIGCONT"
done

"$xregs" record -q -o "$data" -- bash -c 'echo ready; while :; do :; done' >"$tmp/out" &
pid=$!
for _ in $(seq 100); do grep -q ready "$tmp/out" && break; sleep 0.05; done
kill -INT "$pid"
finish
is "$status" 143 "a background job of a script, where SIGINT is ignored, is ended by SIGTERM"

# A recorder that is killed: the file can be read up to there, the target runs on.
for b in $(backends); do
	start "$b" bash -c 'echo ready; i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; echo done'
	kill -KILL "$pid"
	finish
	for _ in $(seq 100); do grep -q done "$tmp/out" && break; sleep 0.1; done
	is "$(tail -n 1 "$tmp/out")" "done" "$b: with the recorder killed, the target runs to its end"
	run "$xregs" script -i "$data"
	is "$status" 0 "$b: and the unfinished file can be read"
done
plan_done
