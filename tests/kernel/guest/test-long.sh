#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# Stack copies and recordings of many files, by the kernel's own samples.
. tap.sh
grep -q bed.series /proc/cmdline || skip_all "this kernel has no patches"
[ "$(nproc)" -gt 1 ] || skip_all "nothing here goes by the CPU: the quick guests do it"
width=$(known list 0 | tail -n 1)
record() { # OPTIONS... -- COMMAND
	perf-xregs record --backend=kernel --sample-regs="$width",mxcsr "$@" >out.txt 2>said.txt || { cat said.txt; return 1; }
}
reported() { # samples, by what the recorder says at its end
	sed -n 's/^\[ perf-xregs: \([0-9]*\) samples\{0,1\} of .*/\1/p' said.txt
}
samples() { # FILE...
	for f; do perf-xregs script -i "$f" -F comm,ip; done 2>err.txt | grep -c .
}
at_least() { [ "$1" -ge "$2" ] || { echo "$1, not $2"; cat said.txt; return 1; }; }

# ---- copies of the stack, unwound by the tables of the program
check "with copies of the stack" record -F 100 --call-graph dwarf,2048 -o t.data -- known "$width" 1
perf-xregs script -i t.data -c known -S "known_spin_$width" -F sym,callchain >chains.txt 2>err.txt
check "each sample in the loop has its callers" \
	awk '{ gsub(/[<>]/, " ") }
		/known_spin_/ { n++; inside = 0 }
		/(^| )main( |$)/ { if (n && !inside) { with++; inside = 1 } }
		END { print n + 0 " samples, " with + 0 " with main"; exit !(n >= 20 && with == n) }' chains.txt
check "by frame pointers" record -F 100 --call-graph fp -o t.data -- known "$width" 1
check "there are chains" sh -c "perf-xregs script -i t.data -F ip,callchain | grep -q '[0-9a-f]'"

# ---- many files
check "files by size" record -F 200 --switch-output=20K -o r.data -- known "$width" 2
check "more than one" at_least "$(ls r.data.* | wc -l)" 2
check "together they have what was reported" [ "$(samples r.data.*)" = "$(reported)" ]
check "every sample has a name" sh -c 'for f in r.data.*; do perf-xregs script -i $f -F comm; done | grep -v "^#" | grep -q "^ *:" && exit 1 || exit 0'
rm -f r.data*
check "the newest two are kept" record -F 200 --switch-output=20K --switch-max-files=2 -o r.data -- known "$width" 2
check "two" [ "$(ls r.data.* | wc -l)" = 2 ]
rm -f r.data*
check "a limit to the size" record -F 200 --max-size=20K -o r.data -- known "$width" 2
check "the file has what was reported" [ "$(samples r.data)" = "$(reported)" ]
rm -f r.data*
check "the whole machine, in files" record -a -F 100 --switch-output=20K -o r.data -- known "$width" 2
check "their sum" [ "$(samples r.data.*)" = "$(reported)" ]
rm -f r.data*
check "a snapshot of the last seconds" record -F 100 --snapshot=1 -o r.data -- known "$width" 3
check "holds fewer than came" sh -c "[ $(samples r.data.*) -lt 250 ] && [ $(samples r.data.*) -gt 20 ]"
plan_done
