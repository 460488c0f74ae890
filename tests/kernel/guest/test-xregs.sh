#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# perf-xregs on a program whose registers are known: for each backend and each
# vector width of this CPU, every sample in known's spin loop must show exactly
# what known says it holds.
. tap.sh
perf-xregs --version

# The program's own list and script's output, as "register hexdigits" lines.
held() {
	awk '/^(xmm|ymm|zmm|k|mxcsr)[0-9]* / { v = $0; sub(/^[a-z0-9]+ /, "", v); gsub(/ /, "", v); print $1, v }' "$1"
}
shown() {
	awk '/^    +(xmm|ymm|zmm|k|mxcsr)[0-9]* +0x/ {
		v = $0
		sub(/^ +[a-z0-9]+ +0x/, "", v)
		sub(/  .*/, "", v)
		gsub(/[ \047]/, "", v)
		print $1, v
	} /^[^ ]/ { print "sample" }' "$1"
}

# Prints what is wrong: a register that is missing, another value. Leaves the number
# of samples in count.txt.
compare() { # HELD SHOWN
	awk '
		function judge(  r) {
			for (r in held)
				if (samples && !(r in seen))
					print "sample " samples ": no " r
			split("", seen)
		}
		FILENAME == ARGV[1] { held[$1] = $2; next }
		$1 == "sample" { judge(); samples++; next }
		{ seen[$1]; values++ }
		$1 in held && held[$1] != $2 { print "sample " samples ": " $1 " is " $2 ", " held[$1] " was held" }
		END {
			judge()
			print samples + 0 > "count.txt"
			print samples + 0 " samples, " values + 0 " values" > "/dev/stderr"
		}' "$1" "$2" | head -n 20
}

# One recording of so many seconds of CPU time; sets wrong. Fails if there is none.
one_try() { # BACKEND WIDTH PROGRAM REGISTERS SECONDS
	perf-xregs record --backend="$1" -F 200 --sample-regs="$4" -o t.data -- "$3" "$2" "$5" >out.txt 2>err.txt
	status=$?
	cat err.txt
	[ $status = 0 ] || return 1
	perf-xregs script -i t.data -S "known_spin_$2" --type none --max-samples 40 >script.txt 2>err.txt ||
		cat err.txt
	held out.txt >held.txt
	shown script.txt >shown.txt
	wrong=$(compare held.txt shown.txt)
}

# How many samples a second gives is up to the host: recordings of twice the length
# follow until there are enough.
try() { # BACKEND WIDTH PROGRAM
	name="$1 backend, $2, $3"
	list=$2,mxcsr
	[ "$2" = zmm ] && list=zmm,opmask,mxcsr
	seconds=1 samples=0
	while [ $samples -lt 20 ] && [ $seconds -le 32 ]; do
		if ! one_try "$1" "$2" "$3" "$list" $seconds; then
			verdict "not ok" "$name: records"
			return
		fi
		[ -z "$wrong" ] || break
		samples=$((samples + $(cat count.txt)))
		seconds=$((seconds * 2))
	done
	if [ -z "$wrong" ] && [ $samples -ge 20 ]; then
		verdict ok "$name: every sample holds what was put there"
	else
		echo "$samples samples were right, then: $wrong"
		head -n 12 script.txt
		verdict "not ok" "$name: every sample holds what was put there"
	fi
}

# The comparison itself must notice a wrong digit and a missing register.
control() {
	sed '2s/.$/f/' held.txt >wrong.txt
	echo "ymm99 0" | cat held.txt - >missing.txt
	if compare wrong.txt shown.txt 2>/dev/null | grep -q 'was held' &&
	   compare missing.txt shown.txt 2>/dev/null | grep -q 'no ymm99'; then
		verdict ok "a wrong value and a missing one are noticed"
	else
		verdict "not ok" "a wrong value and a missing one are noticed"
	fi
}

report() {
	if ! perf-xregs report --help >/dev/null 2>&1; then
		skip "report" "this perf-xregs has no report"
		return
	fi
	perf-xregs report -i t.data >report.txt 2>&1
	status=$?
	if [ $status = 0 ] && grep -q known_spin report.txt; then
		verdict ok "report shows the loop"
	else
		cat report.txt
		verdict "not ok" "report shows the loop (status $status)"
	fi
}

# The kernel backend must work where the series is applied, and only there.
kernel_backend() { # WIDTHS
	if ! perf-xregs record --help | grep -q 'kernel.*sigtrap'; then
		skip "kernel backend" "this perf-xregs has no kernel backend"
	elif ! grep -q bed.series /proc/cmdline; then
		skip "kernel backend" "this kernel has no patches"
	else
		for w in $1; do
			try kernel "$w" known
		done
		report
	fi
}

widths=$(known list 0)
widest=${widths##*
}
perf-xregs check || perf-xregs --help | head -n 20
for w in $widths; do
	try sigtrap "$w" known
done
try timer "$widest" known
try ptrace "$widest" known-static
control
report
kernel_backend "$widths"
plan_done
