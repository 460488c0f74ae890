#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Backend kernel where the kernel has no registers to give: what is refused, with
# which words, and what is taken instead. Where it has them, tests/kernel/ does
# the rest (guest/test-kernel.sh), and here only the choice is looked at.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
parked=$build/tests/workloads/parked
ready=$("$xregs" check | awk '$1 == "kernel" { print /ready \(/ ? "yes" : "no" }')

refused() { # STATUS ERE NAME ARGS...
	local want=$1 ere=$2 name=$3
	shift 3
	rm -f x.data
	run "$xregs" record -o x.data "$@"
	is "$status" "$want" "$name: status $want"
	like "$err" "^perf-xregs record: .*$ere" "$name: says why"
	ok "$name: leaves no file" test ! -e x.data
}

# ---- on any kernel
refused 2 "-C 'x': numbers separated by commas are needed, as in 0-3,6" "a list of CPUs that is none" -C x
refused 2 "-p '1-3': numbers separated by commas" "a range of processes" --backend=kernel -p 1-3
refused 2 "more than one of -p, -t, -u and -a" "two answers to what is recorded" -p 1 -a
refused 2 "-m '3': a power of two" "a ring of 3 pages" -m 3 -a
refused 2 "with -a by sigtrap: only backend kernel can" "-a by another backend" --backend=sigtrap -a
refused 2 "kernel:bogus: not known; known are kernel:group, kernel:simd, kernel:pebs" "an unknown form" --backend=kernel:bogus -- true
refused 2 "event 'bogus': not known; --event=\? tells" "an unknown event" --backend=kernel -e bogus -- true
refused 2 "modifiers behind ':' are u" "an unknown modifier" --backend=kernel -e cycles:x -- true
if ! perf stat -e cycles:u true 2>&1 | grep -q '[0-9] *cycles'; then
	refused 2 "event 'cycles': this machine does not count it .*-e task-clock" "cycles without a PMU" --backend=kernel -e cycles -- true
	refused 1 "no hardware PMU" "XMM by PEBS without a PMU" --backend=kernel:pebs -- true
fi

# ---- the choice
run "$xregs" record -o user.data -- "$parked" spin 60
is "$status" 0 "auto records here"
if [ "$ready" = yes ]; then
	like "$err" 'sampling by kernel .*this kernel has' "auto takes the kernel where it can"
	skip "what is refused without registers from the kernel" "this kernel has them"
	plan_done
	exit
fi
like "$err" 'sampling by (sigtrap|timer) .*' "auto takes an agent"
refused 1 "no vector registers.*kernel-patches/README.md" "backend kernel" --backend=kernel -- true
refused 1 "no SIMD ABI of Linux 7.4" "its form simd" --backend=kernel:simd -- true
for option in -a "-C 0" "-p $$ -C 0"; do
	# shellcheck disable=SC2086
	refused 2 "-[aC]: only the kernel could .-p, -t and -u go without., and: .*kernel-patches/README.md" "$option" $option
done
refused 2 "--intr-regs: only the kernel could, and: " "--intr-regs" --intr-regs=xmm -- true
run "$xregs" script --intr -i user.data
is "$status" 0 "script --intr of a file without interrupted state"
unlike "$out" '0x7061|0x0000' "shows no value for it"
plan_done
