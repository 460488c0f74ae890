#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# What perf-xregs lets the kernel do by BPF: the census of all tasks, and
# record --filter. A kernel that shows its types (base) must be able to; on the
# other (debug) check has to say why it cannot, and the recorder to filter instead.
. tap.sh
width=$(known list 0 | tail -n 1)

# ---- census -----------------------------------------------------------------

# Of the task of process PID, the columns NAME..., as the head of the CSV has them.
columns() { # PID NAME...
	awk -F, -v pid="$1" -v names="$2" '
		/^pid,/ { sub(/\r$/, ""); for (i = 1; i <= NF; i++) at[$i] = i; next }
		$1 == pid {
			sub(/\r$/, "")
			m = split(names, name, " ")
			for (i = 1; i <= m; i++)
				printf "%s%s", (i > 1 ? "|" : ""), ((name[i] in at) ? $at[name[i]] : "none")
			print ""
		}' census.csv
}
is() { # GOT WANTED
	[ "$1" = "$2" ] || { echo "# got $1, wanted $2"; return 1; }
}
census() { # ARGS...
	perf-xregs census -d 0.5 --csv -a "$@" >census.csv 2>err.txt || { cat err.txt; return 1; }
}
has_bpf() { [ -s /sys/kernel/btf/vmlinux ]; }
reason='this kernel has no BPF; it must be built with CONFIG_BPF_SYSCALL'
why=$(perf-xregs check | sed -n 's/^census  *state in use, of every task  *//p')
echo "# census: $why"
if has_bpf; then
	check "check says that a census can be taken" is "${why%% *}" ready
	known "$width" 100 >/dev/null & running=$!
	sleep 1000 & asleep=$!
	sleep 1
	check "a census is taken" census
	yes=init
	[ "$width" = xmm ] || yes=yes
	check "what a running program holds is in use, its MXCSR is FTZ and DAZ" \
		is "$(columns $running 'sse ymm_hi128 mxcsr comm')" "yes|$yes|FTZ DAZ|known"
	if [ "$width" = zmm ]; then
		check "and so is its AVX-512 state" is "$(columns $running 'zmm_hi256 hi16_zmm opmask')" "yes|yes|yes"
	else
		check "a CPU without AVX-512 has no such columns" is "$(columns $running 'zmm_hi256 hi16_zmm')" "none|none"
	fi
	check "a sleeping program's state is saved, its MXCSR as it was" \
		is "$(columns $asleep 'state mxcsr comm')" "saved|default|sleep"
	check "no task is unknown" grep -q '^# 0 unknown' census.csv
	kill $running $asleep
else
	check "check says why there is no census" sh -c "perf-xregs check | grep '^census' | grep -q '$reason'"
	check "and so does census" sh -c "perf-xregs census 2>&1 | grep -q 'cannot take a census: $reason'"
fi

# ---- record --filter ----------------------------------------------------------

if command -v hits_live >/dev/null; then
	hits_live >hits.txt
	passed=$?
	sed 's/^/# /' hits.txt
	same="the filter in the kernel passes what the filter passes, hit by hit"
	if ! has_bpf && grep -q "^1..0 # SKIP .*$reason" hits.txt; then
		skip "$same" "$(sed 's/.*# SKIP //' hits.txt)"
	else
		check "$same" sh -c "[ $passed = 0 ] && grep -q '^1\.\.[1-9]' hits.txt"
	fi
else
	skip "the filter in the kernel, hit by hit" "tests/programs/hits_live was not built: run make test-programs first"
fi
record() { # BACKEND FILTER COMMAND...
	backend=$1 filter=$2
	shift 2
	perf-xregs record -v --backend="$backend" -F 100 --sample-regs=xmm --filter "$filter" -o t.data -- "$@" >out.txt 2>said.txt ||
		{ cat said.txt; return 1; }
}
# The same program by another name, one after the other. The shell is a dynamic one:
# the agent of sigtrap cannot be preloaded into busybox.
cp "$(command -v known)" ./other
two='known xmm 1 1; ./other xmm 1 2'
only() { # NAMES
	is "$(perf-xregs script -i t.data -F comm 2>/dev/null | sort -u | tr -d ' \n')" "$1"
}
for backend in kernel sigtrap; do
	if ! perf-xregs check | grep -q "^$backend .*ready"; then
		skip "record --filter by $backend" "$(perf-xregs check | grep "^$backend")"
		continue
	fi
	check "$backend: records by name" record $backend 'comm == known' dash -c "$two"
	check "$backend: only that name is in the file" only known
	check "$backend: the rest is counted" grep -Eq ' [1-9][0-9]* hits left out by --filter' said.txt
	if has_bpf; then
		check "$backend: by the kernel" grep -Eq 'left out by --filter, [1-9][0-9]* of them in the kernel' said.txt
	else
		check "$backend: by the recorder" grep -q 'left out by --filter, 0 of them in the kernel' said.txt
		check "$backend: which says why" grep -q "the kernel does not filter: .*$reason" said.txt
	fi
	check "$backend: records by any other name" record $backend '!comm == known, comm == other' dash -c "$two"
	check "$backend: only that one is in the file" only other
done
plan_done
