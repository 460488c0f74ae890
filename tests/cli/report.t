#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# perf xregs report: each option, each error, and objects that are not what
# they were at the recording.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
# HOME: perf record -a of somebody else caches what runs here in ~/.debug, and we look there
export LC_ALL=C HOME=$tmp
folder=$("$build/tests/unit/test_views" perf.data) || { echo "Bail out! test_views cannot write its recording"; exit 1; }
trap 'rm -rf "$tmp" "$folder"' EXIT
rows() { sed -n 's/^ *\([0-9.]* %\)  .*/\1/p'; }
report() { run "$xregs" report "$@"; }

# ---- input
report
is "$status" 0 "perf.data is read by default"
like "$out" '^ +42\.0 %  step_stencil' "... and shown"
full=$out
report -i perf.data
is "$(printf '%s\n' "$out" | sed 's/ -i perf\.data//' | grep -v '  ->')" "$(printf '%s\n' "$full" | grep -v '  ->')" "-i names the file"
report --input=perf.data --stdio --no-pager
is "$status" 0 "--input, --stdio and --no-pager are taken"
run sh -c "'$xregs' report -i - < perf.data"
is "$status" 1 "'-' takes a pipe's format, not a file's"
like "$err" 'needs to be read from there; name it with -i' "... and says what to do"
if perf record -o pipe.data -q -e task-clock:u true 2>/dev/null; then
	run sh -c "perf record -o - -q -e task-clock:u -c 100000 sh -c 'i=0; while [ \$i -lt 20000 ]; do i=\$((i+1)); done' 2>/dev/null | '$xregs' report -i -"
	is "$status" 0 "a pipe from perf record"
	like "$out" 'no vector registers in this file: perf xregs record takes them' "... of which nothing but names is known"
	like "$out" '^ +[0-9.]+ %  .* \?  .* \?$' "... width and MXCSR are unknown, not 0"
else
	skip "a pipe from perf record" "perf record does not work here"
fi

# ---- what is shown
for v in summary width dirty mxcsr fp mask lanes operands values cpu; do
	report --view=$v
	is "$status" 0 "--view=$v"
	report --view $v --json
	like "$out" "\"type\":\"row\",\"view\":\"$v\"" "--view $v --json"
	report --view $v --csv
	like "$out" '^overhead,' "--view $v --csv"
done
report --sort=comm
is "$(printf '%s\n' "$out" | rows | head -n 2 | tr '\n' ' ')" "80.0 % 20.0 % " "--sort=comm: one row a command"
report -s tid,sym
like "$out" '^# Overhead  Tid  Symbol' "-s takes several keys and perf's 'sym'"
unlike "$out" '^Findings' "rows by other keys come without findings"
report --sort=pid,cpu,dso,srcline
is "$status" 0 "the other keys are taken"
report --percent-limit=10
unlike "$out" 'masked +solver' "--percent-limit leaves rows out"
like "$out" '^# 2 rows below 10 % not shown \(together 8\.0 %\)' "... and says how many and how much"
report --comms=worker
is "$(printf '%s\n' "$out" | rows | grep -c '%')" 1 "--comms"
like "$out" '^# 80 of 100 samples are not shown' "... with what it left out"
like "$out" 'MXCSR is not the default .* in thread 101 "worker", in 50' "... and without saying 'only'"
report --dsos=solver,other
unlike "$out" 'kernel\]' "--dsos"
report -S sha_block,masked
is "$(printf '%s\n' "$out" | grep -c '^ .* solver ')" 2 "-S"
report --symbols=sha_block --pid=100 --tid=100
like "$out" 'sha_block' "--symbols, --pid and --tid together"
report --tid=7
like "$out" '^# 100 of 100 samples are not shown' "no thread of that number"
report --type=f64 --view=fp
like "$out" 'sha_block .* f64 ' "--type takes integer registers as floating point"
like "$out" 'taken as f64 \(--type\)' "... and the head says so"
report --symfs=/nonexistent
like "$out" '^# /tmp/recording[^ ]*solver \(98 samples\): not found; --symfs' "--symfs without the file: said with the remedy"
like "$out" '98\.0 %  \[unknown\]' "... and the samples are still there"
like "$out" ' \?  ' "... with what needs the instruction unknown"
mkdir -p root"$folder" && mv "$folder/solver" root"$folder/"
report --symfs=root
like "$out" '42\.0 %  step_stencil' "--symfs finds the file below"
mv root"$folder/solver" "$folder/"
for v in operands values; do
	report --view=$v
	unlike "$out" '  f32 +1\.5$' "--view=$v: contents are not shown"
	report --view=$v --json
	unlike "$out" '"type":"value"' "... nor written as JSON"
	report --view=$v --show-values
	like "$out" '  f32 +1\.5$' "... but with --show-values"
	report --view=$v --show-values --json
	like "$out" '"type":"value".*"value":"1\.5"' "... and in JSON"
done
report --view=summary --show-values
unlike "$out" '  f32 ' "--show-values adds nothing to other views"
report --view=lanes --color=always
like "$out" "$(printf '\033')\\[48;5;2[0-9][0-9]m" "lanes: 256 colours behind the figures"
is "$(printf '%s\n' "$out" | sed 's/\x1b\[[0-9;]*m//g')" "$("$xregs" report --view=lanes)" "... which say the same without"
report --no-demangle
is "$status" 0 "--no-demangle is taken"

# ---- colour and terminals
report
unlike "$out" "$(printf '\033')" "no colour in a pipe"
report --color=always
like "$out" "$(printf '\033')\\[31m" "--color=always marks"
is "$(printf '%s\n' "$out" | sed 's/\x1b\[[0-9]*m//g')" "$full" "... and changes nothing else"
report --color=never
is "$out" "$full" "--color=never"
if command -v script >/dev/null; then
	tty() { script -qec "$1" /dev/null </dev/null | tr -d '\r'; }
	like "$(NO_COLOR='' tty "'$xregs' report --no-pager")" "$(printf '\033')" "colour on a terminal"
	like "$(TERM=dumb tty "'$xregs' report")" '^# Overhead' "text on a terminal that cannot be drawn on"
	like "$(TERM=dumb tty "'$xregs' report --tui")" "report: --tui: the terminal 'dumb' \(TERM\) cannot move its cursor; --stdio" "... --tui says why not"
	like "$(TERM=none-such tty "'$xregs' report --tui")" "--tui: there is no description of the terminal 'none-such'" "a terminal that nobody knows"
	unlike "$(NO_COLOR=1 tty "'$xregs' report --no-pager")" "$(printf '\033')" "... not with NO_COLOR"
	like "$(PAGER="sed s/^/paged/" tty "'$xregs' report --stdio")" '^paged#' "a pager on a terminal"
	like "$(NO_COLOR='' PAGER="sed s/^/paged/" tty "'$xregs' report --stdio")" "$(printf '\033')" "... which gets colours as the terminal would"
	unlike "$(PAGER="sed s/^/paged/" tty "'$xregs' report --no-pager")" 'paged' "... not with --no-pager"
	like "$(PAGER="sed s/^/paged/" PERF_PAGER="sed s/^/perf/" tty "'$xregs' report --stdio")" '^perf#' "PERF_PAGER comes first"
else
	skip "colour and pager on a terminal" "there is no script(1)"
fi

# ---- help and usage errors
report --help
is "$status" 0 "--help"
for o in input view sort percent-limit comms dsos symbols pid tid type symfs no-demangle show-values tui stdio json csv color no-pager; do
	like "$out" "--$o" "--help names --$o"
done
usage() { # NAME PATTERN OPTIONS...
	local name=$1 pattern=$2
	shift 2
	report "$@"
	is "$status" 2 "$name: status 2"
	like "$err" "^perf-xregs report: $pattern" "$name: said"
	is "$out" "" "$name: nothing on standard output"
}
usage "unknown option" "unknown option '--colour'" --colour
usage "unknown short option" "unknown option '-Z'" -Z
usage "missing argument" "option '--sort' needs an argument" --sort
usage "missing short argument" "option '-i' needs an argument" -i
usage "stray argument" "unexpected argument 'x.data'; a file is named by -i" x.data
usage "unknown view" "no view 'heat'; .*--help" --view=heat
usage "unknown sort key" "no sort key 'colour'; there are: symbol" --sort=symbol,colour
usage "empty sort key" "no sort key ''" --sort=
usage "percent above 100" "'--percent-limit=101' is not a number from 0 to 100" --percent-limit=101
usage "percent that is none" "'--percent-limit=1x'" --percent-limit=1x
usage "percent nan" "'--percent-limit=nan'" --percent-limit=nan
usage "integer type" "'--type=i32' is not a floating point lane type" --type=i32
usage "unknown type" "'--type=f128'" --type=f128
usage "browser without a terminal" "--tui: standard (input|output) is no terminal; --stdio prints text" --tui
usage "browser of a pipe" "--tui: '-' cannot be read a second time.*--stdio" --tui -i -
usage "browser and text" "--tui and --stdio at once" --tui --stdio
usage "browser and JSON" "--tui and --json at once" --tui --json
usage "browser and a page" "--tui and --html at once" --html=x.html --tui
usage "unknown colour" "'--color=blue': WHEN is" --color=blue

# ---- bad input
fails() { # NAME PATTERN OPTIONS...
	local name=$1 pattern=$2
	shift 2
	report "$@"
	is "$status" 1 "$name: status 1"
	like "$err" "$pattern" "$name: said"
}
fails "missing file" "cannot open 'none.data': No such file" -i none.data
: > empty.data
fails "empty file" "empty" -i empty.data
fails "foreign file" "perf\.data|PERFILE2" -i /bin/sh
fails "folder" "." -i /tmp
size=$(stat -c %s perf.data)
head -c $((size / 2)) perf.data > half.data
report -i half.data
like "$out$err" 'cut off|truncated|ends' "a file that was cut in half: said"
like "$out" 'step_stencil' "... and its first half is shown"
for n in 1 100 1000 5000 20000; do
	head -c "$n" perf.data > cut.data
	report -i cut.data
	ok "cut at $n: ends by itself" test "$status" -le 2
done
run sh -c "'$xregs' report > /dev/full"
is "$status" 1 "a full disk: status 1"
like "$err" 'cannot write: No space left' "... said"

# ---- other carriers of registers, and hostile names
python3 - "$top" <<'END' || echo "Bail out! the files could not be made"
import struct, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/tests/lib")
import perfdata as p
LAYOUT = {0: (160, 0, 0), 1: (256, 160, 0), 2: (256, 576, 0)}
meta = p.chunk(1, p.layout(LAYOUT)) + p.meta(requested="ymm mxcsr", backend="kernel", lost="7", blocked="3", unsampled="2: static programs")
def write(name, attrs, data, features=None):
    open(name, "wb").write(p.file(attrs, data, {6: p.feature_string("x86_64"), **(features or {})}))
ymm = struct.pack("<8f", *[1.0] * 8)
group = p.u64(5) + p.u64(16, 4, 0, 0) + ymm * 16          # ABI_64 | ABI_SIMD, 16 x YMM
simd = p.Attr(p.IP | p.TID | p.TIME | p.REGS_INTR, size=176, simd={"vec_qwords": 4, "vec_intr": 0xffff})
write("simd.data", [simd], p.sample(simd, regs_intr=group) * 3)
raw = p.Attr(p.IDENTIFIER | p.IP | p.TID | p.TIME | p.PERIOD | p.RAW, ids=[1])
good = p.raw_payload(p.block(1, 6, 6, {1: ymm * 8}, xinuse=2))
bad = p.raw_payload(p.block(1, 6, 6, {1: ymm * 8}, xinuse=2)[:-8])
names = p.comm(raw, 1, 100, 101, 'wor\x1b[31mker "x"')
write("raw.data", [raw], names + p.sample(raw, raw=good) * 4 + p.sample(raw, raw=bad), {200: meta})
write("foreign.data", [raw], p.sample(raw, raw=b"someone else's raw data") * 3)
write("asked.data", [raw], p.comm(raw, 1, 100, 101, "k\u00e4se") + p.sample(raw, raw=b"someone else's raw data") * 3, {200: meta})
two = p.Attr(p.IDENTIFIER | p.IP | p.TID | p.TIME | p.PERIOD | p.RAW, ids=[2])
write("two.data", [raw, two], p.sample(raw, raw=good) + p.sample(two, id=2, raw=good, period=10**12), {200: meta})
END
report -i simd.data
like "$out" 'does not tell init and missing from zero' "the SIMD ABI: its head says what it cannot tell"
like "$out" '100 %  \[unknown\] .* \? ' "... and that a register came does not put it in use"
report -i simd.data --view=width --json
unlike "$out" '"in_use_|"nonzero_' "... nor says what ZMM held, so that the widest part is unknown and absent"
report -i raw.data
like "$out" '1 samples with malformed registers count as unknown, the first at offset [0-9]+: the data ends' "a malformed block is counted and placed"
like "$out" '5 samples, 7 lost' "losses"
like "$out" '3 hits while the program blocked the signal' "blocked signals"
like "$out" 'not sampled: 2: static programs' "what was not sampled"
like "$out" 'delivered in 80\.0 % of samples' "what was delivered"
report -i raw.data --view=dirty
like "$out" '^# callers are not known: perf xregs record -g' "without call chains --view=dirty says how to get them"
report -i raw.data --sort=comm
like "$out" 'wor\\x1b\[31mker "x"' "control characters do not reach the terminal"
report -i raw.data --sort=comm --json
ok "names in JSON are strings" sh -c "'$xregs' report -i raw.data --sort=comm --json | python3 -c 'import json,sys; assert any(json.loads(l).get(\"command\") == \"wor\\x1b[31mker \\\"x\\\"\" for l in sys.stdin)'"
report -i raw.data --sort=comm --csv
like "$out" '"wor.*ker ""x"""' "and in CSV they are quoted"
report -i foreign.data
like "$out" 'no vector registers in this file' "someone else's raw data are not registers"
report -i asked.data --sort=comm
like "$out" '^# registers asked for: ymm mxcsr \| no vector registers in this file' "registers asked for, and not there"
like "$out" 'k\\xc3\\xa4se' "a name of more than ASCII, in a locale of ASCII"
all=$(for v in summary width dirty mxcsr fp mask lanes operands values cpu callers; do
	"$xregs" report -i asked.data --view=$v --sort=comm,tid,symbol
	"$xregs" report -i perf.data --view=$v --show-values
done; "$xregs" annotate -i perf.data step_stencil; "$xregs" annotate -i asked.data x 2>&1; "$xregs" check)
like "$all" '3 samples, 7 lost' "all of it in a locale of ASCII"
is "$(printf '%s\n' "$all" | grep '[^ -~]')" "" "... is ASCII"
utf8=$(locale -a 2>/dev/null | grep -i -m 1 '^c.utf-\?8$')
if [ -n "$utf8" ]; then
	like "$(LC_ALL=$utf8 "$xregs" report -i asked.data --sort=comm)" 'mxcsr · no vector' "and with UTF-8 it has its marks"
	like "$(LC_ALL=$utf8 "$xregs" report -i asked.data --sort=comm)" 'käse ' "... and names are whole"
else
	skip "and with UTF-8 it has its marks" "this system has no C.UTF-8 locale"
fi
report -i two.data --sort=comm
like "$out" '2 events, whose samples count alike' "two events: periods of different units are not added"

# ---- objects that changed
cat > t.c <<'END'
#include <time.h>
__attribute__((noinline)) double spin(long n) { double x = 1; while (n--) x = x * 0.999 + 0.001; return x; }
int main(void) { double s = 0; while (clock() < CLOCKS_PER_SEC / 2) s += spin(1000000); return s < 0; }
END
if gcc -O1 -g -Wl,--build-id=sha1 -o t t.c && "$xregs" record -q -o t.data -- ./t 2>rec.err; then
	report -i t.data
	like "$out" '%  spin  +t ' "a program of one's own"
	if command -v perf >/dev/null; then
		theirs=$(perf report --stdio -i t.data -F overhead,sym 2>/dev/null | sed -n 's/^ *\([0-9.]*\)%.* spin *$/\1/p')
		ours=$("$xregs" report -i t.data --json | sed -n 's/.*"overhead":\([0-9.e-]*\),"symbol":"spin".*/\1/p')
		is "$(awk -v x="$ours" 'BEGIN{printf "%.2f", 100 * x}')" "$theirs" "its overhead is that of perf report"
	else
		skip "its overhead is that of perf report" "there is no perf"
	fi
	cp t good
	report -i t.data --sort=srcline
	like "$out" ' t\.c:2 ' "--sort=srcline"
	gcc -O0 -Wl,--build-id=sha1 -o t t.c
	report -i t.data
	like "$out" '/t \([0-9]+ samples\): another build than at the recording \(build-id differs\)' "another build: said"
	unlike "$out" '%  spin ' "... and its symbols are not used"
	rm t
	report -i t.data
	like "$out" '/t \([0-9]+ samples\): not found' "no binary any more: said"
	mkdir -p sysroot"$tmp" && cp good sysroot"$tmp"/t
	report -i t.data --symfs=sysroot
	like "$out" '%  spin  +t ' "the old binary below --symfs"
	strip good -o sysroot"$tmp"/t
	report -i t.data --symfs=sysroot
	like "$out" '/t \([0-9]+ samples\): no symbol table; install debug symbols' "a stripped binary: said"
else
	skip "objects that changed" "recording does not work here: $(head -n 1 rec.err)"
fi
plan_done
