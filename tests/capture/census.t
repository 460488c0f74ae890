#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# census: tasks that sleep with known state in use, against ptrace and /proc.
. "$(dirname "$0")/capture.sh"
asleep=$build/tests/workloads/asleep

run "$xregs" census nonsense
is "$status" 2 "an operand is a usage error"
like "$err" "unexpected argument 'nonsense'; a process is named by -p" "that says how"
run "$xregs" census --sort=width2
like "$status $err" "^2 .*known are width, cpu, last, switches, comm, tid" "an unknown order names the known ones"
run "$xregs" census --delay=0
like "$status $err" "^2 .*seconds, from 0.01 to 86400" "so does a delay of nothing"

why=$("$xregs" check --json | python3 -c 'import json, sys
for f in json.load(sys.stdin)["facilities"]:
    if f["name"] == "census" and not f["ready"]:
        print(f["state"])')
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && setpriv --reuid=65534 --clear-groups test -x "$xregs"; then
	run setpriv --reuid=65534 --clear-groups "$xregs" census -d 0.01
	is "$status" 1 "without privilege it fails"
	like "$err" "cannot take a census: .*(run it as root|CONFIG_|lockdown)" "with the reason and the remedy"
	run setpriv --reuid=65534 --clear-groups "$xregs" check
	like "$out" "^census .*(run it as root|CONFIG_|lockdown)" "which check tells as well"
else
	skip "without privilege" "needs root, setpriv and a build folder that others may enter"
fi
if [ -n "$why" ]; then
	skip "a census" "$why"
	plan_done
fi

# Each waits in read(2) until its standard input, which is $tmp/NAME, ends.
declare -A tid
start() { # NAME: false when this CPU does not have it
	mkfifo "$tmp/$1"
	"$asleep" "$1" <"$tmp/$1" >"$tmp/$1.out" &
	tid[$1]=$!
	exec {hold}>"$tmp/$1"
	until [ -s "$tmp/$1.out" ]; do kill -0 "${tid[$1]}" 2>/dev/null || return 1; sleep 0.01; done
	# ready, and then asleep
	until grep -q '^State:.S' "/proc/${tid[$1]}/status"; do sleep 0.01; done
}
census() { "$xregs" census --json -a -d 0.05 "$@"; }
of() { python3 "$top/tests/lib/census_rows.py" "$@"; }

for name in none daz ymm zmm hi16 mask; do
	if ! start "$name" 2>/dev/null; then
		skip "a task with $name" "this CPU does not have it"
		continue
	fi
	got=$(census -p "${tid[$name]}" | of "${tid[$name]}")
	is "$got" "$(python3 "$top/tests/lib/task_state.py" "${tid[$name]}" | sed "$(has_avx512 || echo 's/zmm.*mask=init //')")" "$name: the state that ptrace sees"
	case $name in
	none)	unlike "$got" '=yes| daz' "$name: nothing is in use" ;;
	daz)	like "$got" ' daz$' "$name: MXCSR is told" ;;
	ymm)	like "$got" 'ymm_hi128=yes' "$name: is named" ;;
	zmm)	like "$got" 'ymm_hi128=yes zmm_hi256=yes hi16_zmm=init' "$name: is named, and no more" ;;
	hi16)	like "$got" 'ymm_hi128=init zmm_hi256=init hi16_zmm=yes' "$name: is named, and no more" ;;
	mask)	like "$got" 'hi16_zmm=init opmask=yes' "$name: is named, and no more" ;;
	esac
done

out=$(census -c asleep)
is "$(of "${tid[none]}" state tid comm <<<"$out")" "saved ${tid[none]} asleep" "a sleeping task's state is saved"
like "$("$xregs" census -d 0.05 -c asleep)" "asleep" "the table lists it"
unlike "$("$xregs" census -d 0.05 -p "${tid[none]}" -s tid | grep -v '^#')" "yes" "and does not say yes of what is not in use"
is "$("$xregs" census -d 0.05 -c nobody-has-this-name --json | grep -c '"type":"row"')" 0 "a name that nobody has selects nothing"
if [ -n "${tid[zmm]:-}" ] && has_avx512; then
	like "$out" '"in_use_512":1,' "the head counts those with 512-bit state"
	is "$("$xregs" census -d 0.05 -c asleep | sed -n 's/^ *\([0-9]*\) .*/\1/p' | head -n 1)" "${tid[zmm]}" "the widest comes first"
	# The kernel's own clock of AVX-512 use: -1 is never.
	never=$(sed -n 's/^AVX512_elapsed_ms:\t*//p' "/proc/${tid[zmm]}/arch_status")
	last=$(of "${tid[zmm]}" avx512_last_seconds <<<"$(census -p "${tid[zmm]}")")
	after=$(sed -n 's/^AVX512_elapsed_ms:\t*//p' "/proc/${tid[zmm]}/arch_status")
	ok "the age of AVX-512 use lies between two readings of arch_status ($never, $last, $after)" \
		awk "BEGIN { exit !($never <= $last * 1000 && $last * 1000 <= $after) }"
else
	skip "512-bit state" "this CPU has no AVX-512"
fi

# A task that never leaves its CPU is switched out for a moment by the census.
"$parked" spin 30000 1 & spin=$!
sleep 0.1
out=$(census -p "$spin")
like "$(of "$spin" ymm_hi128 <<<"$out")" "^yes$" "a task that runs all the time is known"
like "$(of "$spin" state mxcsr <<<"$out")" "^(running|saved) FTZ DAZ" "with its MXCSR"
unlike "$out" '"unknown_running":[1-9]' "and none is unknown"
like "$("$xregs" census -d 0.05 --cpus -p "$spin")" "of the busy time with state in use" "--cpus adds a table of CPUs"
kill "$spin"; wait "$spin" 2>/dev/null

run "$xregs" census -d 0.01 --csv
like "$out" "^pid,tid,user,cpu," "CSV has a line of names"
plan_done
