#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Call chains: the ones a program is known to have, and those of stock perf.
. "$(dirname "$0")/capture.sh"
export XREGS=$xregs HOME=$tmp	# no binary from the build-id cache of perf
work=$build/tests/workloads/callpaths
[ -x "$work" ] || work=${build%/san}/tests/workloads/callpaths
paths="spin_deep spin_big spin_signal spin_bare spin_thread"
cd "$tmp" || exit 1

chains() { python3 "$top/tests/capture/chains.py" "$@" 2>&1; }
take() { # BACKEND MODE COMMAND...: into x.data
	local b=$1 m=$2
	shift 2
	rm -f x.data
	run timeout 60 "$xregs" record -q -F 2000 --backend="$b" --call-graph "$m" --sample-regs=mxcsr -o x.data -- "$@"
	[ "$status" = 0 ] || tap_fail "record --backend=$b --call-graph $m" "$err"
}
all() { for p in $paths; do echo "$p seen ${1:-whole}"; done; }
as_perf() { # NAME FILE
	if ! command -v perf >/dev/null; then
		skip "$1" "there is no perf here (package linux-perf)"
	else
		is "$(chains perf "$2")" "samples agree chains" "$1"
	fi
}
# Old and new builds of perf have an unwinder or none.
perf_unwinds() { perf version --build-options 2>/dev/null | grep -Eq '(libunwind|libdw-dwarf-unwind): *\[ *on'; }

# ---- through code without frame pointers
for b in $(backends); do
	# timers hit once a tick, ptrace when the recorder gets to it
	rounds=150
	[ "$b" = sigtrap ] && rounds=40
	[ "$b" = ptrace ] && rounds=400
	take "$b" dwarf "$work" $rounds
	is "$(chains truth x.data $paths)" "$(all)" "$b: dwarf: each chain is the known one, to its end"
	if perf_unwinds; then
		as_perf "$b: dwarf: perf script has the same frames" x.data
	else
		skip "$b: dwarf: perf script has the same frames" "this perf has no unwinder"
	fi
done

# ---- a process that runs already
"$work" 400 &
rm -f x.data
run timeout 60 "$xregs" record -q -F 2000 --backend=ptrace --call-graph dwarf --sample-regs=mxcsr -o x.data -p $!
is "$status $(chains truth x.data $paths)" "0 $(all)" "attached: dwarf: each chain is the known one"
wait $! 2>/dev/null

# ---- a copy that is too short: what is there is right, what is missing is said
take ptrace dwarf,1024 "$work" 100
is "$(chains truth x.data spin_deep spin_big)" "spin_deep seen whole
spin_big seen cut" "a copy of 1024 bytes: chains that need more are marked as cut"
run "$xregs" script -i x.data -F sym,callchain
like "$out" '^ +\?  the copy of the stack ends here; record with a larger --call-graph dwarf,SIZE$' "... in script"
run "$xregs" report -i x.data -g --percent-limit 0
like "$out" '< \? the copy of the stack ends here' "... in report"
run "$xregs" convert -i x.data --to=folded -o -
like "$out" ';\[unknown\];big_frame;spin_big [0-9]+$|;\[unknown\];spin_big [0-9]+$' "... and in a flame graph"
like "$out" ';_start;.*;main;work;deep;recurse;recurse;recurse;recurse;recurse;recurse;spin_deep [0-9]+$' "where whole chains begin with _start"
run "$xregs" report -i x.data --view=callers --json --percent-limit 0
like "$out" '"children":[0-9.e-]+,"symbol":"deep","object":"callpaths","self":0' "view callers counts deep() for what it called"
run "$xregs" annotate -i x.data spin_deep
like "$(tr -s ' \n' ' ' <<<"$out")" '< recurse < recurse < recurse < recurse < recurse < recurse < deep < work < main' "annotate shows the callers of its function"

# ---- sizes and the record's limit
take ptrace dwarf,65528 "$work" 60
is "$(chains truth x.data spin_deep)" "spin_deep seen whole" "the largest copy"
run "$xregs" record --backend=ptrace --call-graph dwarf,65528 -o x.data -- true
like "$err" '[0-9]+ bytes of each stack are copied, not 65528: a record has 64 KiB, registers included' "is bounded by the record, which is said"
if has_sigtrap; then
	run "$xregs" record --backend=sigtrap --call-graph=dwarf,13 -o x.data -- "$work" 20
	like "$(python3 "$top/tests/capture/samples.py" x.data summary)" ' stack=16 chain=0$' "sizes are rounded up to 8"
fi

# ---- the binary is not the recorded one
cp "$work" ./copied
take ptrace dwarf ./copied 50
cp "$build/tests/workloads/demo" ./copied
run "$xregs" script -i x.data -F ip,callchain
like "$out" '\?  no file, or another than at the recording, has the code here' "another binary in its place unwinds nothing"

# ---- the table is in .debug_frame, then in a separate file, then missing
if command -v gcc >/dev/null; then
	gcc -O2 -g -fomit-frame-pointer -fno-optimize-sibling-calls -fno-ipa-icf -fno-asynchronous-unwind-tables -fno-unwind-tables \
		-o whole "$top/tests/workloads/callpaths.c" -lpthread
	objcopy --only-keep-debug whole split.debug && objcopy --strip-debug --add-gnu-debuglink=split.debug whole split
	for p in whole split; do
		take ptrace dwarf "./$p" 100
		is "$(chains truth x.data spin_deep spin_big)" "spin_deep seen whole
spin_big seen whole" "$p: unwound by .debug_frame"
	done
	rm split.debug
	run "$xregs" report -i x.data -g -S spin_deep
	like "$(tr -s ' \n' ' ' <<<"$out")" '100 % < \? no unwind table covers the code here; debug symbols' "without that file nothing is guessed"
else
	skip "tables in other places" "no compiler here"
fi

# ---- with frame pointers
if command -v gcc >/dev/null; then
	build() { gcc -O2 -g -fno-omit-frame-pointer "-DLEAF_FRAME=$1" -fno-optimize-sibling-calls -fno-ipa-icf -o "$2" "$top/tests/workloads/callpaths.c" -lpthread; }
	build '__asm__ volatile("" :: "r"(__builtin_frame_address(0)))' framed
	for b in $(backends); do
		[ "$b" = timer ] && continue	# the same agent
		take "$b" fp ./framed 80
		is "$(chains truth x.data spin_deep)" "spin_deep seen whole" "$b: fp: each chain has the known callers"
		as_perf "$b: fp: perf script has the same frames" x.data
	done
	build "" leafless
	take ptrace fp ./leafless 80
	run "$xregs" report -i x.data -g -S spin_deep
	like "$out" '100 %  < \? no frame pointer where the sample hit < recurse < recurse < recurse( |$)' "fp: a leaf without a frame has an unknown caller, nobody skips one unseen"
else
	skip "frame pointers" "no compiler here"
fi

# ---- what perf itself recorded
if command -v perf >/dev/null && perf_unwinds && perf record -q -e task-clock:u -c 500000 --call-graph dwarf -o p.data -- "$work" 60 2>/dev/null; then
	as_perf "perf record --call-graph dwarf: the frames that perf script has" p.data
	is "$(chains truth p.data $paths)" "$(all)" "... and that the program is known to have"
else
	skip "perf record --call-graph dwarf" "perf cannot record here or has no unwinder"
fi
plan_done
