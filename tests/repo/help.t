#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --help, the man page and the completion say the same.
. "$(dirname "$0")/../lib/tap.sh"
cd "$top" || exit 1
man=tools-perf/man/perf-xregs.1
comp=tools-perf/completion/perf-xregs

verbs=$("$xregs" --help | sed -n 's/^  \([a-z]\{4,\}\) .*/\1/p')
like "$verbs" 'record' "--help lists the verbs"
long_options() { grep -oE -- '--[a-z][a-z0-9-]+' | sort -u; }

for verb in $verbs; do
	ok "$verb --help succeeds" "$xregs" "$verb" --help
	help=$("$xregs" "$verb" --help | long_options)
	# The verb's own section of the page, hyphens unescaped.
	page=$(sed 's/\\-/-/g' "$man" | awk -v v="$verb" '
		/^\.SH / { on = (toupper($0) ~ "^\\.SH \"?" toupper(v) " OPTIONS") } on' | long_options)
	words=$(PATH=$build:$PATH bash -c '. "$1"; COMP_WORDS=(perf-xregs "$2" --); COMP_CWORD=2; _perf_xregs; printf "%s\n" "${COMPREPLY[@]}"' - "$comp" "$verb" | long_options)
	is "$page" "$help" "$verb: the man page documents what --help lists"
	is "$words" "$help" "$verb: the completion offers what --help lists"
done

ok "man can format the page without a warning" sh -c "LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 $man 2>&1 >/dev/null | { ! grep . ; }"
plan_done
