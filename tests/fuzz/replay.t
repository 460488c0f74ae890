#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every driver on every input of its corpus: tests/fuzz/corpus/NAME for
# fuzz_NAME. Inputs that once crashed stay there.
. "$(dirname "$0")/../lib/tap.sh"
cd "$top" || exit 1

drivers=("$top"/tests/fuzz/fuzz_*.c)
for source in "${drivers[@]}"; do
	name=$(basename "$source" .c)
	corpus=tests/fuzz/corpus/${name#fuzz_}
	if [ ! -x "$build/tests/fuzz/$name" ]; then
		tap_fail "$name" "not built: make fuzzers"
		continue
	fi
	run "$build/tests/fuzz/$name" "$corpus"
	if [ "$status" = 0 ]; then
		is "${out% inputs}" "$(find "$corpus" -type f ! -name '.*' | wc -l)" "$name holds on all $out"
	else
		tap_fail "$name" "status $status of: $build/tests/fuzz/$name $corpus
$out
$(printf '%s\n' "$err" | tail -n 25)"
	fi
done
plan_done
