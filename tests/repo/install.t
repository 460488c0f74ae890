#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make install: what lands where, and that it works from there.
. "$(dirname "$0")/../lib/tap.sh"
cd "$top" || exit 1

prefix=$tmp/usr
ok "make install succeeds" make --no-print-directory O="$build" PREFIX="$prefix" install
for f in bin/perf-xregs libexec/perf-xregs/libxregs-agent.so libexec/perf-xregs/xregs-dlfilter.so libexec/perf-xregs/xregs.py lib/libxstate.a lib/libxstate.so lib/pkgconfig/xstate.pc \
	include/xstate/xstate.h share/man/man1/perf-xregs.1 share/bash-completion/completions/perf-xregs; do
	ok "installs $f" test -e "$prefix/$f"
done

is "$(PATH=$prefix/bin:$PATH perf-xregs --version)" "$("$xregs" --version)" "the installed program runs"
if command -v perf >/dev/null && perf --version >/dev/null 2>&1; then
	is "$(PATH=$prefix/bin:$PATH perf xregs --version 2>/dev/null)" "$("$xregs" --version)" "perf finds it as 'perf xregs'"
else
	skip "perf finds it as 'perf xregs'" "no perf on this machine"
fi

ok "the installed recorder finds its agent" env PATH="$prefix/bin:$PATH" perf-xregs record -q -o "$tmp/x.data" -- sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'
is "$(stat -c %a "$tmp/x.data")" 600 "its file is for the owner alone"

cat > "$tmp/use.c" <<'END'
#include <xstate/xstate.h>
#include <stdio.h>
int main(void) { puts(xfeature__name(XFEATURE_YMM)); return 0; }
END
flags=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs xstate)
# shellcheck disable=SC2086
ok "a program builds against the installed library" ${CC:-gcc} -Wall -Werror -o "$tmp/use" "$tmp/use.c" $flags
is "$(LD_LIBRARY_PATH=$prefix/lib "$tmp/use")" "$("$tmp/use" 2>/dev/null || LD_LIBRARY_PATH=$prefix/lib "$tmp/use")" "and runs"

ok "DESTDIR is honoured" make --no-print-directory O="$build" DESTDIR="$tmp/dest" PREFIX=/usr install
is "$(sed -n 's/^prefix=//p' "$tmp/dest/usr/lib/pkgconfig/xstate.pc")" /usr "the pkg-config file names PREFIX alone"
ok "below DESTDIR lies the program" test -x "$tmp/dest/usr/bin/perf-xregs"
plan_done
