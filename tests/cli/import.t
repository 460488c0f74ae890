#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# perf xregs import core: every register agrees with gdb on the same core.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
# a sanitized build's workloads are those of the plain one
victim=$build/tests/workloads/core_regs
[ -x "$victim" ] || victim=$top/build/tests/workloads/core_regs
[ -x "$victim" ] || skip_all "the workload core_regs is not built (make workloads)"

# gdb's and our registers, a line each: THREAD NAME HEX. Read from perf's own
# dump of the raw payload by xregs.py, which shares no code with the program.
export XREGS_TOP=$top
by_gdb() { gdb -nx -q -batch -c "$1" "$victim" -x "$top/tests/lib/gdb_regs.py" 2>/dev/null | grep '^=' | sort; }
by_perf() { # general registers as perf prints them, the others by xregs.py
	{ perf script -i "$1" -s "$top/tests/lib/perf_regs.py" 2>/dev/null | grep '^='
	  perf script -i "$1" -F tid,uregs 2>/dev/null | python3 -c '
import sys
names = dict(zip("AX BX CX DX SI DI BP SP IP FLAGS".split(), "rax rbx rcx rdx rsi rdi rbp rsp rip eflags".split()))
for line in sys.stdin:
    tid, *words = line.replace("ABI:2", "").split()
    for w in words:
        name, value = w.split(":0x")
        print("=%s %s %016x" % (tid, names.get(name, name.lower()), int(value, 16)))'
	} | sort
}
by_tool() { "$xregs" script -i "$1" --json --regs xmm,ymm,zmm,opmask,mxcsr,pkru,x87 | python3 "$top/tests/lib/json_regs.py" | sort; }

compare() { # CORE WHAT
	by_gdb "$1" > gdb.txt
	by_perf perf.data > perf.txt
	by_tool perf.data > tool.txt
	like "$(grep -c . gdb.txt)" '^[1-9][0-9][0-9]*$' "$2: gdb reads the core"
	# gdb shows 0 for what is in init state, and knows no zmm without AVX-512
	is "$(join_on perf.txt gdb.txt | head -n 20)" "" "$2: $(grep -c . gdb.txt) registers of $(cut -d' ' -f1 gdb.txt | sort -u | grep -c .) threads agree with gdb's"
	grep -vE '^=[0-9]+ (r[a-z0-9]+|eflags) ' gdb.txt > vectors.txt
	is "$(join_on tool.txt vectors.txt values | head -n 20)" "" "$2: and so do those that script prints"
}

# What differs of the registers of FILE2; all of them must be in FILE1, with
# "values" only those that are no 0 (init state there).
join_on() { # FILE1 FILE2 [values]
	python3 - "$@" <<'END'
import sys
ours, gdb = ({tuple(l.split()[:2]): l.split()[2] for l in open(f)} for f in sys.argv[1:3])
for key, value in sorted(gdb.items()):
    if ours.get(key) != value and not (len(sys.argv) > 3 and key not in ours and not int(value, 16)):
        sys.stdout.write("%s %s ours %s wanted %s\n" % (*key, ours.get(key), value))
END
}

has_perf=
perf version --build-options 2>/dev/null | grep -q 'libpython: \[ on' && has_perf=1
[ -n "$has_perf" ] || skip_all "perf has no Python here to read the raw payload with"
command -v gdb >/dev/null || skip_all "no gdb here to compare with"

# What the workload loaded, computed anew: gdb 13 reads upper parts where Intel's
# first AVX-512 parts had them, which is wrong on other machines.
by_pattern() { # FIRST-TID SECOND-TID
	python3 - "$@" <<'END'
import sys
flat = bytes(1 + (i * 7 + i // 251 * 13) % 255 for i in range(2 * 33 * 64))
flags = open("/proc/cpuinfo").read()
width, count = (64, 32) if " avx512f " in flags else (32, 16) if " avx " in flags else (16, 16)
name = {64: "zmm", 32: "ymm", 16: "xmm"}[width]
for thread, tid in enumerate(sys.argv[1:]):
    mine = flat[thread * 33 * 64:]
    for i in range(count):
        print("=%s %s%d %s" % (tid, name, i, mine[64 * i:64 * i + width][::-1].hex()))
    if width == 64:
        for k, at in (1, 2048), (7, 2050):
            print("=%s k%d %016x" % (tid, k, int.from_bytes(mine[at:at + 2], "little")))
END
}
patterns() { # WHAT
	by_pattern $(sed -n 's/^=\([0-9]*\) xmm0 .*/\1/p' perf.txt | sort -n) > pattern.txt
	is "$(join_on perf.txt pattern.txt | head -n 20)" "" "$1: $(grep -c . pattern.txt) widest registers hold what was loaded"
	is "$(join_on tool.txt pattern.txt | head -n 20)" "" "$1: and so does what script prints"
}

# ---- a core of the kernel's ------------------------------------------------------
pattern=$(cat /proc/sys/kernel/core_pattern)
case $pattern in
/* | \|*)	skip "the kernel's core: all of it" "core_pattern is '$pattern': cores do not land in this folder" ;;
*)	sh -c 'ulimit -c unlimited && "$0" abort; true' "$victim" >/dev/null 2>&1
	core=$(find . -maxdepth 1 -name '*core*' -size +0 | head -n 1)
	if [ -z "$core" ]; then
		skip "the kernel's core: all of it" "the kernel wrote none"
	else
		run "$xregs" import core "$core"
		if [ $status = 0 ]; then
			like "$err" '2 samples of 2 threads of core_regs [0-9]+ in perf.data' "the kernel's core: says what it took over"
			is "$(stat -c %a perf.data)" 600 "the kernel's core: the file is for the owner alone"
			compare "$core" "the kernel's core"
			patterns "the kernel's core"
			like "$(perf report --stdio -i perf.data 2>/dev/null)" 'core_regs +core_regs +\[\.\] (main|sleeper)' "the kernel's core: perf report names the function"
			like "$(perf buildid-list -i perf.data 2>/dev/null)" "$(readelf -n "$victim" | sed -n 's/.*Build ID: //p') .*core_regs" "the kernel's core: the build-id came along"
			like "$("$xregs" script -i perf.data)" 'core_regs' "the kernel's core: script prints it"
		else
			like "$err" 'no note NT_X86_XSAVE_LAYOUT' "the kernel's core: refused where the kernel is older than 6.12"
		fi
	fi ;;
esac

# ---- a core of gdb's, which has no layout ------------------------------------------
"$victim" pause > ready & pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s ready ] && break; sleep 0.1; done
sleep 0.1
gdb -nx -q -batch -p "$pid" -ex 'generate-core-file gcore' >/dev/null 2>&1
kill "$pid"
wait "$pid" 2>/dev/null
if [ ! -s gcore ]; then
	skip "gdb's core: all of it" "gdb may not attach here"
else
	run "$xregs" import -o perf.data core gcore
	if readelf -n gcore 2>/dev/null | grep -qi '0x00000205\|XSAVE_LAYOUT' || [ $status = 0 ]; then
		is "$status" 0 "gdb's core: taken, its layout is known"
	else
		is "$status" 1 "gdb's core: refused without --layout"
		like "$err" "offsets differ between machines.*--layout host" "gdb's core: says why and what to do"
	fi
	run "$xregs" import -o perf.data --layout host core gcore
	is "$status" 0 "gdb's core: taken with --layout host"
	if printf '%s\n' "$err" | grep -q 'a gdb before 14 made this core'; then
		# it has components at places of its own: what lies elsewhere here is unknown
		is "$(gdb --version | head -n 1 | grep -cE ' (1[0-3])\.')" 1 "gdb's core: gdb is one of those that have but one layout"
		like "$err" 'components 0x[0-9a-f]+ from places where this machine has others; they are unknown' "gdb's core: says what is unknown"
		by_gdb gcore | grep -vE '^=[0-9]+ (zmm|k|pkru)' >gdb.txt
		by_perf perf.data >perf.txt
		by_tool perf.data >tool.txt
		is "$(join_on perf.txt gdb.txt | head -n 20)" "" "gdb's core: $(grep -c . gdb.txt) registers of the others agree with gdb's"
		is "$(grep -cE '^=[0-9]+ ymm' gdb.txt)" 32 "gdb's core: ymm0-15 of both threads among them"
		by_pattern $(sed -n 's/^=\([0-9]*\) xmm0 .*/\1/p' perf.txt | sort -n) | awk '{ sub("zmm", "ymm", $2) } $2 ~ /^ymm([0-9]|1[0-5])$/ { print $1, $2, substr($3, length($3) - 63) }' >pattern.txt
		is "$(join_on tool.txt pattern.txt | head -n 20)$(grep -c . pattern.txt)" 32 "gdb's core: they hold what was loaded"
		is "$("$xregs" script -i perf.data --json --regs opmask,zmm16-31 | grep -c '"regs":{}')" 2 "gdb's core: opmasks and zmm16-31 are unknown, not what gdb took for them"
	else
		like "$err" "this machine's CPUID, as --layout asks" "gdb's core: --layout host says whose layout that is"
		compare gcore "gdb's core"
		patterns "gdb's core"
		cp perf.data first.data
		ok "gdb's core: --layout takes a perf.data file of the machine" "$xregs" import -q -o perf.data --layout first.data core gcore
		is "$("$xregs" script -i perf.data --json | grep '"kind":"sample"')" "$("$xregs" script -i first.data --json | grep '"kind":"sample"')" "gdb's core: with the same registers"
		python3 "$top/tests/lib/foreign_layout.py" first.data foreign.data
		run "$xregs" import -o perf.data --layout foreign.data core gcore
		is "$status" 1 "gdb's core: another machine's layout is refused"
		like "$err" "cannot import 'gcore'" "gdb's core: and the error names the file"
	fi

	# cut anywhere in its notes: an error, never a crash or a wrong register
	size=$(readelf -lW gcore | awk '$1 == "NOTE" { print "$((" $2 " + " $5 "))"; exit }')
	eval "size=$size"
	bad=
	for n in 0 1 16 63 64 100 $((size / 4)) $((size / 2)) $((size - 1)); do
		head -c "$n" gcore > cut
		"$xregs" import -q -o cut.data --layout host core cut > out 2> err
		[ $? = 1 ] && grep -q "cannot import 'cut'" err || bad="$bad $n:$(head -c 200 err)"
	done
	is "$bad" "" "gdb's core: cut inside its notes it is refused"
fi

# ---- what is no core ----------------------------------------------------------------
run "$xregs" import core "$xregs"
is "$status" 1 "a program is refused"
like "$err" "an ELF file, but not a core file" "and named as such"
run "$xregs" import core /etc/passwd
like "$err" "not an ELF file" "a text is refused"
run "$xregs" import core /nonexistent
like "$err" "cannot open '/nonexistent': No such file" "a file that is not there"
run "$xregs" import frob x
is "$status" 2 "an unknown kind is a usage error"
plan_done
