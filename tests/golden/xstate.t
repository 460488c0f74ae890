#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Bytes in readable form, and what the library makes of them: each
# tests/golden/xstate/*.txt holds both, with a line of === between. With
# REBLESS=1 the lower half is written anew.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/golden.sh"
cd "$top" || exit 1
built "$build/tests/programs/xstate_text"

for file in tests/golden/xstate/*.txt; do
	golden "$file" "$build/tests/programs/xstate_text"
done
plan_done
