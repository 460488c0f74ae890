#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What every file of the tree owes the next reader.
. "$(dirname "$0")/../lib/tap.sh"
cd "$top" || exit 1

files() { git ls-files "$@" 2>/dev/null || find . -type f -not -path './build/*' -not -path './.git/*' | sed 's|^\./||'; }
sources() { files | grep -E '(\.(c|h|py|sh|t)|^Makefile|^\.ci/(run|install-deps)|^tests/(demo|run-.*|bench/run))$'; }

missing=
for f in $(sources); do head -n 5 "$f" | grep -q 'SPDX-License-Identifier:' || missing="$missing $f"; done
is "$missing" "" "every source file has an SPDX line"

bad=
for f in $(files 'sample-parsers/*.[ch]' 'sample-parsers/*/*/*.h'); do head -n 1 "$f" | grep -q 'LGPL-2.1-only OR BSD-2-Clause' || bad="$bad $f"; done
is "$bad" "" "libxstate is LGPL-2.1-only OR BSD-2-Clause throughout"

# Install steps name packages, never the host of an archive.
bad=$(files | grep -v '^LICENSES/' | xargs grep -lIE '(deb|security|ftp|snapshot)\.debian\.org|archive\.ubuntu|https?://[a-z0-9.]*registry' 2>/dev/null | grep -v '^tests/repo/tree.t$')
is "$bad" "" "no file names the host of a package archive"

bad=$(files | grep -E '\.(c|h|sh|t|py)$' | grep -v '^tests/repo/tree.t$' | xargs grep -nwE 'TODO|FIXME|XXX|HACK' 2>/dev/null)
is "$bad" "" "no unfinished marks"

bad=$(files | grep -E '^(sample-parsers|tools-perf)/.*\.[ch]$' | xargs wc -l | awk '$2 != "total" && $1 > 800 { print $2, $1 }')
is "$bad" "" "no source file above 800 lines"

# The layers: sample-parsers <- tools-perf <- tests.
bad=$(grep -nE '#include [<"](stdio|stdlib|unistd|errno|fcntl|sys/)' sample-parsers/*.c sample-parsers/*.h 2>/dev/null)
is "$bad" "" "libxstate includes nothing that allocates or does I/O"
bad=$(files 'tools-perf/*.c' 'tools-perf/*/*.c' | grep -vE '^tools-perf/(cmd_[a-z]+|main)\.c$|^tools-perf/(output|plugin)/' | xargs grep -nE '\b(printf|puts|putchar|perror) *\(|\bf(printf|puts) *\( *std(out|err)' 2>/dev/null)
is "$bad" "" "below the commands nothing prints"
bad=$(files 'tools-perf/*.c' 'tools-perf/*/*.c' | grep -v '^tools-perf/main\.c$' | xargs grep -nE '[^_a-z]exit *\(' 2>/dev/null | grep -v '_exit *(')
is "$bad" "" "only main.c exits"

plan_done
