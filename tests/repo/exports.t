#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The header, the symbol map and the shared object say the same.
. "$(dirname "$0")/../lib/tap.sh"

header=$top/sample-parsers/include/xstate/xstate.h
map=$top/sample-parsers/libxstate.map
so=$build/libxstate.so.0

# Declarations begin at the start of a line; comments have a star there.
declared=$(grep -v '^[ /]\*' "$header" | grep -oE '\bx(state|feature)_[a-z0-9_]+\(' | tr -d '(' | sort -u)
mapped=$(sed -n 's/^	\(x[a-z0-9_]*\);$/\1/p' "$map" | sort)
exported=$(nm -D --defined-only "$so" | sed -n 's/.* T \([^@]*\).*/\1/p' | sort)

ok "the header declares functions" test -n "$declared"
is "$mapped" "$declared" "the map lists what the header declares"
is "$exported" "$mapped" "the shared object exports what the map lists"
is "$(nm -D --defined-only "$so" | grep -vE ' [TA] ')" "" "and nothing but functions"
is "$(readelf -d "$so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" libxstate.so.0 "its soname is libxstate.so.0"

# Each is documented: "name - what it does" in a comment that ends before it.
undocumented=
for f in $declared; do
	grep -qE "^(/\*\*| \*) $f - " "$header" || undocumented="$undocumented $f"
done
is "$undocumented" "" "every function of the header is documented"

# A function that takes @where says of what; one that returns int says of errors.
is "$(awk '/^\/\*\*/ { doc = "" } { doc = doc $0 "\n" } /^int xstate.*|^int xfeature/ && doc !~ /Return: | - .*(0 or XSTATE_E_|only the state|f16, bf16)/ { print $2 }' "$header")" "" \
	"every int that is returned is explained"

# A program of another language must be able to include it.
run "${CXX:-g++}" -std=c++17 -fsyntax-only -Wall -Wextra -Werror -x c++ -I "$top/sample-parsers/include" - <<<'#include <xstate/xstate.h>'
is "$status" 0 "the header is C++ too"
run ${CC:-gcc} -std=c11 -pedantic -fsyntax-only -Wall -Wextra -Werror -x c -I "$top/sample-parsers/include" - <<<'#include <xstate/xstate.h>'
is "$status" 0 "and strict C11"
[ -z "$err" ] || printf '%s\n' "$err" | sed 's/^/# /'

# What the README shows, as it stands there.
sed -n '/^```c$/,/^```$/{/^```/!p}' "$top/sample-parsers/README.md" >"$tmp/example.c"
run ${CC:-gcc} -std=gnu11 -O2 -Wall -Wextra -Werror -shared -fPIC -Wl,--no-undefined -I "$top/sample-parsers/include" -o "$tmp/example.so" "$tmp/example.c" "$so"
is "$status$err" 0 "the example in the README compiles and links"
plan_done
