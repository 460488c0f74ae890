# SPDX-License-Identifier: GPL-2.0-only
# For the tests of recordings of many files: . "$(dirname "$0")/files.sh"
. "$(dirname "${BASH_SOURCE[0]}")/capture.sh"
work=$build/tests/workloads/callpaths
[ -x "$work" ] || work=${build%/san}/tests/workloads/callpaths
cd "$tmp" || exit 1
export HOME=$tmp	# no build-id cache but its own

# take OPTIONS... -- COMMAND: into r.data.*; $err is what was said
take() { rm -f r.data*; run timeout 60 "$xregs" record -o r.data --sample-regs=vector "$@"; }
files() { ls r.data.* 2>/dev/null; }
how_many() { files | wc -l; }
reported() { sed -n 's/^\[ perf-xregs: \([0-9]*\) samples\{0,1\} of .*/\1/p' <<<"$err"; }
modes() { stat -c %a $(files) | sort -u; }
samples() { "$xregs" script -i "$1" -F comm,pid,sym 2>/dev/null | grep -c .; }
# threads without a name, functions of the workload without one
without_names() { grep -cE '^ *:[0-9]|^ *callpaths .*unknown' "$1"; }
# of all files, one by one: samples, how many lack a name, complaints
look() { # FILE...
	local f
	for f; do "$xregs" script -i "$f" -F comm,pid,sym 2>>complaints; done >looked
	echo "$(grep -c . looked) samples, $(without_names looked) nameless, $(grep -c . complaints) complaints"
	rm -f complaints
}
