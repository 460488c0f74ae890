# SPDX-License-Identifier: GPL-2.0-only
# For tests/golden/*.t, after tap.sh.
#
#	golden FILE COMMAND...
#
# FILE is input, a line of ===, and the output expected. The command gets the
# input on stdin; stdout, stderr and a status other than 0 are its output.
# With REBLESS=1 that becomes what is expected.

golden() {
	local file=$1 name
	name=$(basename "$file" .txt)
	shift
	sed '/^===$/,$d' "$file" >"$tmp/input"
	sed '1,/^===$/d' "$file" >"$tmp/want"
	if [ "${REBLESS:-}" = 1 ]; then
		golden_run "$@"
		{ cat "$tmp/input"; echo ===; cat "$tmp/got"; } >"$tmp/new"
		cmp -s "$tmp/new" "$file" || { cat "$tmp/new" >"$file"; echo "# rewritten: $file"; }
		tap_result ok "$name"
		return
	fi
	golden_run "$@"
	if cmp -s "$tmp/want" "$tmp/got"; then
		tap_result ok "$name"
	else
		tap_fail "$name" "$(diff -u --label wanted --label got "$tmp/want" "$tmp/got")"
	fi
}

golden_run() {
	local status=0
	"$@" <"$tmp/input" >"$tmp/got" 2>&1 || status=$?
	[ "$status" = 0 ] || echo "exit status $status" >>"$tmp/got"
}
