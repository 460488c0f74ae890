#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The table of tests/workloads/README.md: each program is recorded, each command
# run as it stands there; the answer must be on the screen, and be true.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
export LC_ALL=C
work=$build/tests/workloads
[ -x "$work/nan_birth" ] || work=${build%/san}/tests/workloads
[ -x "$work/nan_birth" ] || skip_all "the workloads are not built"
table=$top/tests/workloads/README.md
rows=0

# The next row of the table into $program and $command; its recording is $data.
row() { # PROGRAM COMMAND: what is expected there, so that the test follows the table
	rows=$((rows + 1))
	program=$1 command=$2 data=${1// /_}.data
	ok "the table has: $1, $2" grep -qF "| \`$1\` | \`$2\` |" "$table"
	if [ ! -e "$data" ]; then
		# shellcheck disable=SC2086
		"$xregs" record -q -g -o "$data" -- "$work/"$1 2>rec.err
		case $? in
		0) ;;
		77) : > "$data"; skip "$1" "$(tail -n 1 rec.err)"; return 1 ;;
		*) : > "$data"; skip "$1" "recording does not work here: $(head -n 1 rec.err)"; return 1 ;;
		esac
	fi
	[ -s "$data" ] || { skip "$1" "it could not be recorded"; return 1; }
	# shellcheck disable=SC2086
	screen=$("$xregs" ${2%% *} -i "$data" ${2#"${2%% *}"} 2>&1)
	line=$(printf '%s' "$screen" | tr -s '\n ' ' ')
}
says() { like "$line" "$1" "$2"; }
gdb_says() { # PROGRAM COMMAND...: what gdb prints, in one line
	local p=$1 args=()
	shift
	for c; do args+=(-ex "$c"); done
	# shellcheck disable=SC2086
	timeout 60 gdb -batch -iex 'set debuginfod enabled off' -ex 'set disable-randomization off' "${args[@]}" --args "$work/"$p 2>&1 | tr -s '\n ' ' '
}
with_gdb() { # NAME PROGRAM COMMAND... -- ERE: true where gdb can run programs
	local name=$1 out args=()
	shift
	while [ "$1" != -- ]; do args+=("$1"); shift; done
	command -v gdb >/dev/null || { skip "$name" "there is no gdb"; return; }
	out=$(gdb_says "${args[@]}")
	case $out in
	*"ptrace: "*|*"warning: Error disabling"*) skip "$name" "gdb cannot run programs here" ;;
	*) like "$out" "$2" "$name" ;;
	esac
}
code() { objdump -d --no-show-raw-insn "$work/$1" | sed -n "/<$2>:/,/^\$/p"; }

if row "ftz_library 0.2" "report"; then
	says 'MXCSR is not the default \(FTZ DAZ\) in thread [0-9]+ "plugin-host" \(after it loaded fastsum\.so\), thread [0-9]+ "plugin-child" only' "who: two threads, by the library that one loaded"
	row "ftz_library 0.2" "report --view=mxcsr"
	says 'FTZ DAZ set between [0-9.]+ s[ ,].*, after it loaded fastsum\.so' "since when, and after what"
	like "$(nm "$work/lib/fastsum.so")" ' set_fast_math' "nm: that library holds crtfastmath.o"
	with_gdb "gdb: the mode is that of these threads" "ftz_library 0.2" 'break child' run 'thread apply all -ascending p $mxcsr' -- \
		'Thread 1 .*\$1 = \[ ?[A-LN-Z]* ?IM DM ZM OM UM PM ?\].*Thread 2 .*DAZ.*FZ.*Thread 3 .*DAZ.*FZ'
fi

if row "subnormal_stencil 0.3" "report"; then
	says 'step_stencil: [0-9.]+ % of the f32 lanes it reads are subnormal, most in ymm[0-9]+ at subnormal_stencil\.c:[0-9]+ \([a-z0-9]+ .*\): 25\.0 % of its lanes' "where: function, register, line, share"
	at=$(printf '%s' "$line" | sed -n 's/.*most in \(ymm[0-9]*\) at subnormal_stencil\.c:\([0-9]*\) (\([a-z0-9]*\) .*/\2 \3 \1/p')
	read -r number insn reg <<<"$at"
	like "$(code subnormal_stencil step_stencil | sed -n "s/^ *\([0-9a-f]*\):.*$insn.*%$reg.*/0x\1/p" | addr2line -ie "$work/subnormal_stencil")" "subnormal_stencil\.c:$number" "objdump and addr2line: that line has that instruction"
	row "subnormal_stencil 0.3" "annotate step_stencil"
	says 'subnormal_stencil\.c:[0-9]+ .*vfmadd[0-9]*ps [^%]*ymm[0-9]+ subnormal 25\.0 % !' "and beside the instruction"
	like "$("$xregs" script -i "$data" --regs ymm0-4 -S step_stencil -F regs)" ' next f32 \{' "script types registers by the code behind the sample"
fi

if row "nan_birth 0.8" "report"; then
	says 'smooth: [0-9.]+ % of the f32 lanes it reads are NaN' "who carries them"
	says 'brighten: [0-9.]+ % of the f32 lanes it reads are NaN' "... and who else"
	unlike "$line" 'normalise: [0-9.]+ % of the f32 lanes it reads are NaN' "... not the stage that reads none"
	says 'the first invalid operation \(IE\) of thread [0-9]+ "nan_birth" is between [^>]*normalise' "where they come from"
	# unmasked it is a signal, at the instruction itself
	with_gdb "gdb: that stage is where the signal comes" "nan_birth 0.8" 'tbreak empty_columns' run 'set $mxcsr = 0x1f00' continue 'bt 2' -- 'SIGFPE.*#[01] .*normalise \('
fi

if row "sha_upper 0.3" "report"; then
	says 'sha256_rounds: legacy SSE code runs with upper halves in use in (100|>99\.9|9[0-9.]+) % of its [0-9]+ samples, non-zero in .*; callers: digest_rows (100|>99\.9|9[0-9.]+) %' "who: the function and its caller"
	unlike "$line" 'sha256_rounds_clean:' "... and not its twin"
	like "$(code sha_upper sha256_rounds)" 'sha256rnds2' "objdump: it is SHA-NI"
	unlike "$(code sha_upper sha256_rounds)" '	v' "... without a VEX instruction"
	is "$(for f in digest_rows digest_clean; do code sha_upper $f | grep -c vzeroupper; done | tr '\n' ' ')" "0 1 " "... called with and without VZEROUPPER"
fi
if row "dirty_upper 0.3" "report --view=dirty"; then
	says 'mix_block .*hash_rows.*hash_columns' "callers, the more frequent first"
	unlike "$line" 'clean_block' "... none of the clean ones"
fi

if row "wide512 0.3" "report --view=width"; then
	says 'scale_wide wide512 - - 100 %' "who: this function"
	says 'scale_narrow wide512 (100|>99\.9) % -' "... and not that one"
	like "$(code wide512 scale_wide)" '%zmm' "objdump: zmm registers in the one"
	unlike "$(code wide512 scale_narrow)" '%[yz]mm' "... none in the other"
fi

if row "sparse_masks 0.3" "report"; then
	if printf '%s' "$line" | grep -q forces_avx512; then
		says 'forces_avx512: its masks let 12\.5 % of the lanes through, most idle at sparse_masks\.c:[0-9]+ \(v[a-z]+ps [^)]*\{k[1-7]\}' "how full, and where"
		# gdb 13 and before do not find opmasks on every CPU: what they are made of
		with_gdb "gdb: one distance in eight is below the cutoff" "sparse_masks 0.3" 'break forces_avx512' run 'python x = gdb.parse_and_eval("distance"); print("near", sum(float(x[i]) < 2 for i in range(4096)))' -- 'near 512'
	else
		skip "opmasks" "this CPU has no AVX-512: the next row is for it"
	fi
fi
if row "sparse_masks 0.3 avx2" "report --view=lanes"; then
	says 'ymm[0-9]+ 0 0 0 (9[0-9]|100) 0 0 0 0 <- upper half zero' "one lane of eight carries data"
fi

if row "sparse_dot 0.3" "report --view=operands --show-values"; then
	says 'mulps .*xmm[0-9]+ f32 zero 75\.0 % 75\.0 % f32 0 .*f32 normal 100 % f32 0\.5' "three of four lanes are zero, the weight is 0.5"
	with_gdb "gdb: three of four elements are zero" "sparse_dot 0.3" 'break weigh' run 'python x = gdb.parse_and_eval("x"); print("zero", sum(float(x[i]) == 0 for i in range(4096)))' -- 'zero 3072'
	row "sparse_dot 0.3" "script --regs xmm0,xmm1,mxcsr -S weigh"
	printf '%s\n' "$screen" > screen.txt
	# every pair of lines: the bits, as struct reads them, are the lanes below
	is "$(python3 - <<'END'
import re, struct
reg = re.compile(r"^ +xmm\d +0x([0-9a-f' ]+)\n +(?:as |next )?f32 \{([^}]*)\}", re.M)
pairs = reg.findall(open("screen.txt").read())
bad = 0
for bits, lanes in pairs:
    words = struct.unpack("<4f", bytes.fromhex(re.sub("[^0-9a-f]", "", bits))[::-1])
    shown = [float(x.split()[0]) for x in lanes.split(", ") if x != "..."]
    bad += shown != list(words[:len(shown)])
print(len(pairs) >= 20, bad)
END
)" "True 0" "typed lanes are what the bits beside them say"
	says 'mxcsr +0x1f[0-9a-f]{2} .*round to nearest, all exceptions masked' "MXCSR in words"
fi

if row "odd_cpu 0.6" "report"; then
	last=$(python3 -c 'import os; print(max(os.sched_getaffinity(0)))')
	says "CPU $last differs: there scale has NaN lanes in [0-9.]+ % of [0-9]+ samples, elsewhere in none, in the same threads" "which: the last CPU, by its program"
	is "$(printf '%s' "$line" | grep -o 'CPU [0-9]* differs' | wc -l)" 1 "... and no other"
fi

is "$rows" "$(grep -c '^|.*|.*`.*|.*`.*|' "$table")" "every row of the table was asked"
plan_done
