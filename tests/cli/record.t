#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# perf xregs record: options, what it says, and every error.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
parked=$build/tests/workloads/parked

fails() { # STATUS ERE NAME ARGS...
	local want=$1 ere=$2 name=$3
	shift 3
	rm -f x.data
	run "$xregs" record "$@"
	is "$status" "$want" "$name: status $want"
	like "$err" "^perf-xregs record: .*$ere" "$name: says what and what to do"
}

# ---- what it says and writes
run "$xregs" record -- "$parked" exit 60 3
is "$status" 3 "the target's exit status is handed on"
is "$out" "" "nothing is written to standard output"
like "$(sed -n 1p <<<"$err")" '^\[ perf-xregs: sampling by [a-z]+ at 1000 Hz.* of (task-clock|cycles); .* `perf xregs check` tells more \]$' "the first line names backend, rate, event and reason"
like "$(tail -n 1 <<<"$err")" '^\[ perf-xregs: [0-9]+ samples? of 1 thread, 0 lost, [0-9]+ in the kernel without registers; .*mxcsr; [0-9.]+ [kM]B in perf.data \]$' "the last one the samples, losses, registers and file"
is "$(stat -c %a perf.data)" 600 "perf.data has mode 0600"
run "$xregs" record -q -o x.data -- "$parked" exit 20 0
is "$err" "" "-q says nothing"
run "$xregs" record -v -o x.data -- "$parked" exit 60 0
like "$err" 'a period of [0-9]+ ns; components 0x[0-9a-f]+ asked for' "-v tells period and components"
like "$err" 'the CPU time asks for [0-9]+ samples; [0-9]+ came' "and what became of the hits"
mkdir -p "a b:c"
cp "$xregs" "$build/libxregs-agent.so" "a b:c/"
run "a b:c/perf-xregs" record -o x.data -- "$parked" exit 60 0
like "$(tail -n 1 <<<"$err")" '[1-9][0-9]* samples of 1 thread' "a folder with blanks and colons is no obstacle"
run "$xregs" record -o x.data -c 2000000 -- "$parked" exit 20 0
like "$err" 'at period 2000000 of' "-c sets the period"
run "$xregs" record -o x.data -F 2k -e cpu-clock -- "$parked" exit 20 0
like "$err" 'at 2000 Hz.* of cpu-clock' "-F takes 2k, -e takes cpu-clock"
run "$xregs" record -o x.data -F 500 "$parked" exit 20 4 -o y
is "$status" 4 "options behind the program are the program's"
run "$xregs" record -o x.data --sample-regs=xmm0-3,k1,mxcsr -- "$parked" exit 30 0
like "$(tail -n 1 <<<"$err")" 'xmm0-3 k1 mxcsr' "--sample-regs takes registers and ranges"
run "$xregs" record "--sample-regs=?"
is "$status" 0 "--sample-regs=? succeeds"
for c in vector xmm ymm zmm opmask egpr mxcsr pkru x87 ssp amx header; do
	like "$out" "^  $c +[a-zA-Z0-9]" "and lists $c"
done
# Functions with frames: hash_rows, main and what calls it.
run "$xregs" record -g -o x.data -F 2000 -- "$build/tests/workloads/demo" 0.5
like "$(python3 "$top/tests/capture/samples.py" x.data summary)" 'chain=([3-9]|[0-9]{2,})$' "-g records call chains"
printf 'old\n' > x.data
run "$xregs" record -q -o x.data -- true
is "$(cat x.data.old)" old "an old file is kept as FILE.old"

# ---- errors
fails 2 "no program to record; perf xregs record .*-- COMMAND" "no program"
fails 1 "'no-such-program-here': no such program in PATH" "a program that is not there" -o x.data -- no-such-program-here
ok "and no file is left behind" test ! -e x.data
fails 1 "'./nothing': No such file" "a path that is not there" -o x.data -- ./nothing
fails 1 "it is a folder" "a folder" -o x.data -- /
printf 'x\n' > plain; chmod 644 plain
fails 1 "not executable; chmod \+x" "a file that is not executable" -o x.data -- ./plain
fails 2 "event 'bogus': not known; --event=\? tells" "an unknown event" -e bogus -- true
if ! perf stat -e cycles:u true 2>&1 | grep -q '[0-9] *cycles'; then
	fails 2 "no hardware PMU.*-e task-clock" "cycles without a PMU" -e cycles -- true
fi
fails 2 "-F 'x'" "a rate that is no number" -F x -- true
fails 2 "-F '0'" "a rate of 0" -F 0 -- true
fails 2 "-F '-5'" "a negative rate" -F -5 -- true
fails 2 "10000 ns at least" "a rate beyond the timer" -F 1000000 -- true
fails 2 "-c '1x'" "a period that is no number" -c 1x -- true
fails 2 "both -F and -c" "rate and period" -F 10 -c 10 -- true
fails 2 "ymm99|zmm99" "a register that does not exist" --sample-regs=zmm99 -- true
fails 2 "bogus" "an unknown register" --sample-regs=xmm,bogus -- true
if ! grep -qw amx_tile /proc/cpuinfo; then
	fails 2 "has none of these registers; --sample-regs=\?" "registers that this CPU lacks" --sample-regs=amx -- true
fi
fails 2 "--call-graph 'lbr': not known; known are fp and dwarf" "an unknown way to take call chains" --call-graph lbr -- true
for size in 0 65529 -8 x ''; do
	fails 2 "'dwarf,$size': the size of the stack copy is a number from 1 to 65528" "a stack copy of '$size'" --call-graph "dwarf,$size" -- true
done
fails 2 "backend 'bogus': not known; known are auto, sigtrap, timer, ptrace" "an unknown backend" --backend=bogus -- true
if ! "$xregs" check | grep -q '^kernel .*ready ('; then
	fails 2 "-a: only the kernel could .-p, -t and -u go without., and: " "-a" -a
fi
fails 2 "try 'perf xregs record --help'" "an unknown option" --bogus
fails 1 "cannot create '/nonexistent/x.data': No such file" "a folder that is not there" -o /nonexistent/x.data -- true
fails 2 "name a file with -o" "a pipe" -o - -- true
run "$xregs" record --help
is "$status" 0 "--help succeeds"
like "$out" '^usage: perf xregs record' "and shows the usage"

if command -v gcc >/dev/null && echo 'int main(void){return 0;}' > m.c && gcc -m32 -nostdlib -static -Wl,-e,main -o m32 m.c 2>/dev/null; then
	fails 1 "it is not an x86-64 program" "a 32-bit program" -o x.data -- ./m32
else
	skip "a 32-bit program" "this compiler makes none"
fi

# The summary counts what the file has, and the file is complete.
full() { # NAME: x.data, with what record said in err
	local said unwritten
	said=$(sed -n 's/.*perf-xregs: \([0-9]*\) samples\{0,1\} of .*/\1/p' err)
	unwritten=$(sed -n 's/.*perf-xregs: \([0-9]*\) samples that had come could not be written.*/\1/p' err)
	like "$said/$unwritten" '^[1-9][0-9]*/[1-9][0-9]*$' "$1: the summary tells written samples from others"
	is "$(grep -nE 'cannot write to|sampling ends here|samples? of' err | sed 's/:.*sampling ends.*/ end/; s/:.*cannot.*/ why/; s/:.*samples.*/ sum/' | cut -d' ' -f2 | tr '\n' ' ')" "why end sum " "$1: the reason comes first and once"
	run "$xregs" script -i x.data -F time
	is "$(printf '%s\n' "$out" | wc -l) $status $err" "$said 0 " "$1: the file has just as many, and is complete"
	like "$("$xregs" report -i x.data)" "$said samples, $unwritten lost" "$1: the report says what is missing"
	if command -v perf >/dev/null; then
		is "$(perf script -i x.data -F time 2>perf.err | wc -l) $(cat perf.err)" "$said " "$1: stock perf reads them, too"
	fi
}

# ---- a full disk, by a limit on the file's size and by a small file system
status=0
(ulimit -f 200; exec "$xregs" record --backend=ptrace -o x.data -F 4000 -- "$parked" exit 300 0) >out 2>err || status=$?
is "$status" 1 "a file size limit: status 1"
like "$(cat err)" "cannot write to 'x.data': File too large" "and the reason"
full "a file size limit"
status=0
(ulimit -f 200; exec "$xregs" record --backend=timer -o x.data -- true) 2>err || status=$?
is "$status" 1 "no room for the agent's memory: status 1"
like "$(cat err)" "shared memory for the agent: File too large .*--backend=ptrace" "and reason and remedy"
if unshare -rm true 2>/dev/null; then
	mkdir -p small
	run unshare -rm sh -c "mount -t tmpfs -o size=200k none small && '$xregs' record -o small/x.data -F 4000 -- '$parked' exit 300 7; s=\$?; cp small/x.data x.data; exit \$s"
	is "$status" 1 "a full disk: status 1"
	like "$err" "No space left on device; free some space or choose another place with -o" "and reason and remedy"
	printf '%s\n' "$err" >err
	full "a full disk"
else
	skip "a full disk" "no user and mount namespaces here"
fi
plan_done
