#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make rebless writes what the programs say: without them it writes nothing.
. "$(dirname "$0")/../lib/tap.sh"
mkdir -p "$tmp/tests" "$tmp/empty"
cp -r "$top/tests/golden" "$top/tests/lib" "$tmp/tests"
for name in xstate filter_errors report; do
	run env XREGS_BUILD="$tmp/empty" "$tmp/tests/golden/rebless" "$name"
	is "$status" 1 "rebless $name without its programs fails"
	like "$out" '^Bail out! .* is not built: make all test-programs' "... and says what is missing"
done
ok "... no golden file was touched" diff -r "$top/tests/golden" "$tmp/tests/golden"

cp -r "$top/tests/golden" "$tmp/tests"
echo "not what is said" >> "$tmp/tests/golden/filter_errors.txt"
if [ -x "$build/tests/programs/filter_probe" ]; then
	run env XREGS_BUILD="$build" "$tmp/tests/golden/rebless" filter_errors
	is "$status" 0 "rebless with them"
	ok "... writes what they say" diff "$top/tests/golden/filter_errors.txt" "$tmp/tests/golden/filter_errors.txt"
else
	skip "rebless with them" "filter_probe is not built"
fi
plan_done
