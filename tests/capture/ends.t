#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Snapshots, the end of a recording at any time, and its line on a terminal.
. "$(dirname "$0")/files.sh"

# ---- snapshots
for how in -S5 --snapshot=5 --overwrite; do
	take -F 4000 $how -- sh -c "'$work' 20; kill -USR2 \$PPID; '$work' 120"
	is "$(how_many)" 2 "$how: a file at SIGUSR2, one at the end"
	like "$err" "keeping the last (5|10) s in memory; kill -USR2 [0-9]+ writes them" "$how: says how"
	like "$(look $(files))" ", 0 nameless, 0 complaints" "$how: names and symbols in each"
	is "$(modes)" 600 "$how: mode 0600"
done
first=$(files | head -n 1) last=$(files | tail -n 1)
ok "the last has more samples than the first, and all of it" test "$(samples "$last")" -gt "$(samples "$first")" -a "$(samples "$last")" = "$(reported)"
take -F 4000 -S1 -- sh -c "exec 3>&1; '$work' 20; sleep 1.2; exec '$work' 20"
like "$("$xregs" script -i "$(files)" -c callpaths -F pid 2>/dev/null | sort -u | wc -l)" '^1$' "-S1: what is older than a second is gone"
like "$(look $(files))" ", 0 nameless, 0 complaints" "... but not the names and maps of what lives on"

# ---- what cannot be asked for
fails() { run "$xregs" record "${@:2}" -- true; is "$status" 2 "${*:2}: status 2"; like "$err" "$1" "... says what is wrong"; }
fails "--switch-output='x': it is signal, a size as in 512K, 100M, 2G, or a time as in 30s" --switch-output=x
fails "--switch-output='0M'" --switch-output=0M
fails "--switch-output='10'" --switch-output=10
fails "--max-size '5s': it is a size as in" --max-size=5s
fails "--max-size '99999999999999999999G'" --max-size=99999999999999999999G
fails "--switch-max-files 'x': a number from 1" --switch-max-files=x --switch-output
fails "--switch-max-files alone: --switch-output makes the files" --switch-max-files=3
fails "--snapshot='x': it is a number of seconds" --snapshot=x
fails "--snapshot='2d': a day is the most" --snapshot=2d
fails "--snapshot and --max-size: a snapshot is written at SIGUSR2" --snapshot --max-size=1M
fails "--snapshot and --switch-output by size or time" --snapshot --switch-output=1M

# ---- the end, at any time
for after in 0.02 0.1; do
	for option in -z1 --switch-output=64K --snapshot; do
		rm -f r.data*
		timeout -s INT $after "$xregs" record -q -F 2000 $option -o r.data -- "$work" 5000 2>end.err
		damaged=
		for f in r.data*; do
			[ -e "$f" ] || continue		# before it began
			"$xregs" script -i "$f" >/dev/null 2>script.err || damaged="$f: $(cat script.err)"
			# before the program started the signal is that of any process
			grep -q 'has 0 that could be read' script.err && continue
			grep -Eq 'never completed|ends early|malformed' script.err && damaged="$f: $(cat script.err)"
		done
		is "$damaged" "" "^C after $after s, $option: complete files"
	done
done
run "$xregs" record -q -F 2000 -o r.data -- sh -c "'$work' 10; kill -USR2 \$PPID; '$work' 10; exit 5"
is "$status" 5 "SIGUSR2 without a file to switch to ends nothing"
take -F 2000 --switch-output=64K -- sh -c "'$work' 60; kill -KILL \$PPID; sleep 0.1"
like "$(look $(files))" ", 0 nameless, 0 complaints" "SIGKILL: the files before are complete"
run "$xregs" script -i r.data -F sym
like "$status $err" "^0 perf-xregs script: 'r.data' was never completed" "... and of the last one what was written can be read"

# ---- on a terminal
line() { python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$@" </dev/null | tr '\r\033' '<~'; }
export TERM=xterm
like "$(line "$xregs" record -F 2000 -o r.data -- sh -c "'$work' 20; sleep 1.5; '$work' 20")" '<\[ perf-xregs: 1 s, [1-9][0-9]* samples, 0 lost, [0-9.]+ MB \]~\[K<.*<~\[K' "a line tells how far it is"
unlike "$(line "$xregs" record -q -F 2000 -o r.data -- sh -c "'$work' 20; sleep 1.5; '$work' 20")" 'perf-xregs' "... but not with -q"
take -F 2000 -- sh -c "'$work' 20; sleep 1.5; '$work' 20"
unlike "$err" ' s, [0-9]+ samples' "... and not into a file"
plan_done
