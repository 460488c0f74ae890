#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# perf xregs check: what it promises is what record delivers.
. "$(dirname "$0")/../lib/tap.sh"

run "$xregs" check
is "$status" 0 "check succeeds"
is "$(awk 'NR > 1 && $1 != "not" { print $1 }' <<<"$out" | tr '\n' ' ')" "kernel pebs sigtrap timer ptrace attach census dwarf pmu libpfm4 breakpoints uprobes tracepoints filter " "a line for each way to capture"
text=$out
run "$xregs" check --json
is "$(python3 -c '
import json, sys
c = json.load(sys.stdin)
for b in c["backends"]:
    print(b["name"], " ".join(b["registers"]) or "-", b["state"])
for f in c["facilities"]:
    print(f["name"], f["what"], f["state"])
' <<<"$out")" "$(awk 'NR > 1 && $1 != "not"' <<<"$text" | tr -s ' ' | sed 's/ *$//')" "--json says the same"
for b in sigtrap timer ptrace; do
	regs=$(python3 -c '
import json, sys
print(",".join(next(b["registers"] for b in json.load(sys.stdin)["backends"] if b["name"] == sys.argv[1])))' "$b" <<<"$out")
	if [ -z "$regs" ]; then
		skip "$b delivers what check promises" "$(grep "^$b" <<<"$text")"
		continue
	fi
	"$xregs" record -q --backend="$b" --sample-regs="$regs" -o "$tmp/x.data" -- "$build/tests/workloads/parked" spin 60
	is "$(python3 - "$tmp/x.data" "$top/tests/capture" <<'END'
import sys
sys.path.insert(0, sys.argv[2])
import samples
blocks = [b for kind, _, s in samples.records(sys.argv[1]) if kind == 9 for b in samples.blocks(s["raw"])]
print(bool(blocks) and all(b["captured"] == b["requested"] for b in blocks))
END
)" True "$b delivers every component that check promises ($regs)"
done
for f in avx:ymm avx512f:zmm pku:pkru amx_tile:amx; do
	if grep -qw "${f%:*}" /proc/cpuinfo; then continue; fi
	like "$text" "^not here .*${f#*:}.*: CPU has no" "without ${f%:*}, ${f#*:} is said to be missing"
done
run "$xregs" check --bogus
is "$status" 2 "an unknown option: status 2"
run "$xregs" check ls
is "$status" 2 "an argument: status 2"
like "$err" "perf xregs record -- ls" "with the remedy"
run "$xregs" check --help
is "$status" 0 "--help succeeds"
plan_done
