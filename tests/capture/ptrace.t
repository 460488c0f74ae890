#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Programs that cannot load the agent are recorded by ptrace, and it is said why.
. "$(dirname "$0")/capture.sh"
cc=${CC:-gcc}

$cc -O2 -static -o "$tmp/static" "$top/tests/workloads/parked.c" -lpthread 2>/dev/null || skip_all "no static C library"
run "$xregs" record -o "$data" -- "$tmp/static" threads 100 3
is "$status $out" "0 joined" "a static program runs as ever"
like "$err" "sampling by ptrace .*static is statically linked" "and it is said why ptrace"
is "$(parked_seeds)" "$(good 1 2 3)" "its threads' values are right"
run "$xregs" record -o "$data" -- "$tmp/static" fork 60
is "$status $out" "0 child 5" "its fork is followed"
is "$(parked_seeds)" "$(good 1 2 3)" "with the values of both"

# What the linker of Go leaves behind: a note of owner "Go", type 4.
cat > "$tmp/note.s" <<'END'
.section .note.go.buildid, "a", @note
.long 4, 4, 4
.ascii "Go\0\0"
.ascii "abcd"
.section .note.GNU-stack, "", @progbits
END
$cc -O2 -o "$tmp/golike" "$top/tests/workloads/parked.c" "$tmp/note.s" -lpthread
run "$xregs" record -o "$data" -- "$tmp/golike" spin 80 5
like "$err" 'sampling by ptrace .*golike is a Go program' "a dynamic Go program is left to ptrace"
is "$(parked_seeds)" "$(good 5)" "with the right values"
run "$xregs" record --backend=sigtrap -o "$data" -- "$tmp/golike" spin 80 5
is "$status" 2 "and refused where the agent is asked for"
like "$err" "is a Go program.*use --backend=ptrace" "with the remedy"

if has_sigtrap; then
	run "$xregs" record -o "$data" -- sh -c "$tmp/static spin 50 1; $tmp/golike spin 50 2; $parked spin 50 3"
	is "$(parked_seeds)" "$(good 3)" "among a shell's children the dynamic one is sampled"
	like "$err" '2 processes could not be sampled: ' "the others are counted"
	like "$err" '1: statically linked' "the static one with its reason"
	like "$err" '1: Go program' "the Go one with its reason"
	like "$(strings "$data")" 'unsampled' "and the file says so"
	run "$xregs" record -o "$data" -- bash -c "exec env -i $parked spin 60 1"
	is "$(parked_seeds)" "$(good 1)" "env -i keeps the agent"
fi

# Which is a script's program decides, not the script.
printf '#!%s exit\n' "$tmp/static" > "$tmp/script"
chmod +x "$tmp/script"
run "$xregs" record -o "$data" -- "$tmp/script"
like "$err" 'sampling by ptrace' "a script whose interpreter is static is recorded by ptrace"
plan_done
