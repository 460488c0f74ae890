#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What the filter says of expressions that it does not take.
# Environment: REBLESS=1 writes the expected answers anew.
. "$(dirname "$0")/../lib/tap.sh"
golden=$top/tests/golden/filter_errors.txt
probe=$build/tests/programs/filter_probe
built "$probe"

answers() {
	sed '/^> /,$d' "$golden"
	grep '^> ' "$golden" | while IFS= read -r line; do
		printf '%s\n%s\n\n' "$line" "$(printf '%s\n' "${line#> }" | "$probe" check)"
	done
}

answers > "$tmp/got"
if [ -n "${REBLESS:-}" ]; then
	cp "$tmp/got" "$golden"
fi
ok "the answers are those of filter_errors.txt" diff -u "$golden" "$tmp/got"
is "$(grep -c '^> ' "$golden")" "$(grep -c -e '^filter, column' -e '^ok$' "$tmp/got")" "each expression has one answer"
is "$(sed -n '/^filter, column/,/^$/p' "$tmp/got" | grep -c '^ *^~*$')" "$(grep -c '^filter, column' "$tmp/got")" "each error has a caret"
plan_done
