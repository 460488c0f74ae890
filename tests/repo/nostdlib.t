#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# libxstate is freestanding: no allocation, no I/O, no writable globals.
. "$(dirname "$0")/../lib/tap.sh"

cc=${CC:-gcc}
run $cc -std=gnu11 -O2 -Wall -Wextra -ffreestanding -fno-stack-protector -nostdlib -static -Wl,-e,start \
	-I "$top/sample-parsers/include" -o "$tmp/nostdlib" "$top/tests/repo/nostdlib.c" "$build/libxstate.a"
is "$status" 0 "links with -nostdlib -static and three functions of its own"
[ "$status" = 0 ] || printf '%s\n' "$err" | sed 's/^/# /'
run "$tmp/nostdlib"
is "$status" 0 "takes an image through a block to its registers"

undefined=$(nm -u "$build/libxstate.a" | sed -n 's/^ *U //p' | grep -v '^x\(state\|feature\)_' | sort -u | tr '\n' ' ')
is "$(printf '%s' "$undefined" | tr ' ' '\n' | grep -vxE 'mem(cpy|set|cmp)|_GLOBAL_OFFSET_TABLE_')" "" \
	"asks the outside for memcpy, memset and memcmp alone"
# Tables of pointers are .data.rel.ro: read-only once the loader is through.
is "$(size -A "$build/libxstate.a" | awk '/^\.(data|bss|tdata|tbss)/ && !/\.rel\.ro/ && $2 > 0 { print $1, $2 }')" "" \
	"has no writable globals"
is "$(objdump -h "$build/libxstate.a" | grep -E '\.(init_array|ctors|fini_array|dtors)')" "" "runs nothing at start or exit"
plan_done
