# SPDX-License-Identifier: GPL-2.0-only
# TAP for a guest's test-*.sh: . tap.sh. The last line of a test is plan_done.
n=0
export PAGER=cat
verdict() { # VERDICT NAME
	n=$((n + 1))
	echo "$1 $n - $2"
}
check() { # NAME COMMAND...
	name=$1
	shift
	if "$@"; then verdict ok "$name"; else verdict "not ok" "$name"; fi
}
skip() { # NAME REASON
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
plan_done() { echo "1..$n"; }
command -v perf-xregs >/dev/null || skip_all "perf-xregs was not built: run make first"
