# SPDX-License-Identifier: GPL-2.0-only
# TAP for the shell tests. Source it: . "$(dirname "$0")/../lib/tap.sh"
#
#	is GOT WANTED NAME		equal strings
#	like TEXT ERE NAME		matches an extended regular expression
#	unlike TEXT ERE NAME
#	ok NAME COMMAND...		the command succeeds
#	nok NAME COMMAND...		the command fails
#	run COMMAND...			$out, $err and $status of a command
#	skip NAME REASON
#	skip_all REASON
#	built PROGRAM...		ends the test unless all of them are there
#	plan_done			last line of every test
#
# $tmp is a folder that goes with the test; $xregs the program; $top the
# checkout; $build the build folder.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${XREGS_BUILD:-$top/build}
xregs=$build/perf-xregs
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export NO_COLOR=1 PAGER=cat
tap_count=0 tap_failed=0

tap_result() { # VERDICT NAME
	tap_count=$((tap_count + 1))
	printf '%s %d - %s\n' "$1" "$tap_count" "$2"
}
tap_fail() { # NAME DETAIL
	tap_failed=$((tap_failed + 1))
	tap_result "not ok" "$1"
	# To stderr, which prove does not keep to itself.
	{ echo "${0##*/}: $1"; printf '%s\n' "$2"; } | head -n 40 | sed 's/^/# /' >&2
}
is() { if [ "$1" = "$2" ]; then tap_result ok "$3"; else tap_fail "$3" "got:    $1
wanted: $2"; fi; }
like() { if printf '%s\n' "$1" | grep -Eq -- "$2"; then tap_result ok "$3"; else tap_fail "$3" "no match for: $2
in: $1"; fi; }
unlike() { if printf '%s\n' "$1" | grep -Eq -- "$2"; then tap_fail "$3" "unwanted match for: $2
in: $1"; else tap_result ok "$3"; fi; }
ok() { local n=$1 o; shift; if o=$("$@" 2>&1); then tap_result ok "$n"; else tap_fail "$n" "status $? of: $*
$o"; fi; }
nok() { local n=$1 o; shift; if o=$("$@" 2>&1); then tap_fail "$n" "succeeded: $*
$o"; else tap_result ok "$n"; fi; }
run() { status=0; out=$("$@" 2>"$tmp/.err") || status=$?; err=$(cat "$tmp/.err"); }
skip() { tap_count=$((tap_count + 1)); printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"; }
skip_all() { printf '1..0 # SKIP %s\n' "$1"; exit 0; }
built() {
	local p
	for p; do
		[ -x "$p" ] || { echo "Bail out! $p is not built: make all test-programs"; exit 1; }
	done
}
plan_done() { printf '1..%d\n' "$tap_count"; [ "$tap_failed" = 0 ]; exit $?; }
