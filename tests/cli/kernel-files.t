#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Files of backend kernel, in each form: Debian's perf opens them and sees the
# same samples, we see the registers.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1

for form in group simd pebs; do
	ok "$form: a file is written" "$build/tests/programs/kernel_file" "$form" $form.data
	# the attr's own size, behind the header of 104 bytes
	is "$(od -An -tu4 -j 108 -N 4 $form.data | tr -d ' ')" 128 "$form: the attr has 128 bytes"
	reg=ymm5
	[ $form = pebs ] && reg=xmm5
	run "$xregs" script -i $form.data --regs $reg -F ip,regs --type none
	is "$(grep -c '401000' <<<"$out")" 40 "$form: all samples"
	is "$(grep -Ec "^ +$reg +0x0*.*00000015( |$)" <<<"$out")" 40 "$form: each with its register"
	if command -v perf >/dev/null; then
		run perf script -i $form.data -F tid,time,ip
		is "$status" 0 "$form: perf script opens it"
		is "$(grep -c '401000' <<<"$out")" 40 "$form: and sees all samples"
		run perf report --stdio -i $form.data
		unlike "$err" 'incompatible|invalid|corrupt|broken|[Ee]rror|failed' "$form: perf report does not complain"
	else
		skip "$form: stock perf" "there is no perf here (package linux-perf)"
	fi
done
like "$("$xregs" report -i simd.data)" "register ABI does not tell init and missing from zero" "simd: the head says what its zeros mean"
plan_done
