# SPDX-License-Identifier: GPL-2.0-only
# For the capture tests: . "$(dirname "$0")/capture.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"
parked=$build/tests/workloads/parked
no_perf=$build/tests/workloads/no_perf
data=$tmp/perf.data
has_sigtrap() { "$xregs" check --json | grep -q '"name":"sigtrap","ready":true'; }
has_avx512() { grep -qw avx512f /proc/cpuinfo; }

# record BACKEND COMMAND...: $out, $err and $status of it
record() { local b=$1; shift; rm -f "$data"; run timeout 60 "$xregs" record -F 2000 --backend="$b" -o "$data" -- "$@"; }
parked_seeds() { python3 "$top/tests/capture/samples.py" "$data" parked; }
good() { printf 'seed %d: some good, 0 bad, 1 thread\n' "$@"; }
# each BACKEND that works here
backends() {
	if has_sigtrap; then echo sigtrap; fi
	echo timer ptrace
}
