#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The browser of perf xregs report, in a terminal of tmux: each key, what it
# shows against --json, and that the terminal is given back whatever happens.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
command -v tmux >/dev/null || skip_all "there is no tmux"
export LC_ALL=C.UTF-8 HOME=$tmp
unset NO_COLOR TMUX
tmux() { command tmux -u -L "xregs.$$" -f /dev/null "$@"; }
# The server lives as long as it has a session.
tmux new-session -d -s keep "exec cat" 2>/dev/null || skip_all "tmux does not start here"
trap 'tmux kill-server 2>/dev/null; rm -rf "$tmp" "$folder"' EXIT
infocmp screen-256color >/dev/null 2>&1 || skip_all "there is no description of tmux's terminal (ncurses-base)"
tmux set-option -g default-terminal screen-256color
folder=$("$build/tests/unit/test_views" perf.data) || { echo "Bail out! test_views cannot write its recording"; exit 1; }

screen() { tmux capture-pane -p -t s 2>&1; }
# Waits are by what is seen: so many looks at the most, and few once one was in vain.
looks=600
seen() { # ERE
	local i
	for ((i = 0; i < looks; i++)); do
		screen | grep -Eq -- "$1" && return
		sleep 0.05
	done
	looks=3
	return 1
}
shows() { if seen "$1"; then tap_result ok "$2"; else tap_fail "$2" "not on the screen: $1
$(screen)"; fi; }
hides() { unlike "$(screen)" "$1" "$2"; }
keys() { tmux send-keys -t s "$@"; }
type() { tmux send-keys -t s -l "$1"; }
start() { # COLUMNS LINES ENVIRONMENT OPTIONS...
	local size=(-x "$1" -y "$2") env=$3
	shift 3
	tmux kill-session -t s 2>/dev/null
	tmux new-session -d -s s "${size[@]}" "$env '$xregs' report $*; echo status=\$?; stty -a | grep -ow -- '-*echo\|-*icanon'; exec cat"
}
json() { "$xregs" report --json "$@"; }
field() { python3 -c '
import json, sys
for l in sys.stdin:
    o = json.loads(l)
    if o["type"] == sys.argv[1] and o.get("symbol", sys.argv[2]) == sys.argv[2]:
        v = o[sys.argv[3]]
        print("%.1f %%" % (100 * v) if isinstance(v, float) or sys.argv[3] == "overhead" else v)
        break' "$@"; }

# ---- what it opens with
start 80 24 ""
shows '^. +42\.0 %  step_stencil +solver ' "report on a terminal opens the browser"
shows '^ 100 samples · 0 lost · delivered 96\.0 %, unknown 2\.0 %, part 2\.0 %' "samples, lost, delivered and unknown are in sight"
is "$(screen | grep -c ' %  [a-z_]* *solver')" 4 "a row a symbol"
for s in step_stencil sha_block tail_reduce masked; do
	shows "^. +$(json | field row $s overhead)  $s " "overhead of $s as in --json"
done
shows ' summary  width  dirty  mxcsr  fp  mask  lanes  operands  values  cpu ' "the views are named"
shows '! 6 findings: F' "... and findings counted"
shows ' 1/5 *$' "the first line is selected"

# ---- moving
keys Down j
shows ' 3/5 *$' "Down and j"
keys k
shows ' 2/5 *$' "k"
keys End
shows ' 5/5 *$' "End"
keys Home Up
shows ' 1/5 *$' "Home, and no further up"
keys NPage
shows ' 5/5 *$' "PgDn"
keys PPage
shows ' 1/5 *$' "PgUp"

tmux send-keys -t s -l "$(printf '\033[B\033[B')"
shows ' 3/5 *$' "cursor keys as a terminal sends them that was not told to send others"
keys Home
shows ' 1/5 *$' "back to the first"

# ---- instructions
keys Enter
shows 'step_stencil of solver: 42 samples, 42\.0 % of all' "Enter: the instructions of the function"
shows '0  vmulps ymm0, ymm1, ymm3 .* ymm3 subnormal 25\.0 % !' "... with the classes of each operand"
keys +
shows 'ymm1  f32  Samples 40  Lanes 320 ' "+: all of an instruction's operands"
keys Escape
shows '^. +30\.0 %  sha_block' "Esc: back"
keys Down Right
shows 'sha_block of solver: 30 samples' "Right: the same"
shows 'paddd xmm1, xmm2 +83\.3 % !' "... upper state at legacy SSE"
keys Left
shows ' 2/5 *$' "Left: back to the same row"
keys Enter
shows 'sha_block of solver' "in a function again"
keys / ; type XOR; keys Enter
shows ' 4/5 *$' "/ in a function finds, in upper or lower case"
keys q
shows ' 2/5 *$' "q: back"

# ---- views
keys Tab
shows 'state in use +widest non-z' "Tab: the next view"
keys 5
shows "^. +42\.0 %  step_stencil +solver +f32 +$(json --view=fp | field row step_stencil zero) +$(json --view=fp | field row step_stencil subnormal) !" "5: view fp, as in --json"
shows '2 rows without samples of code that reads floating point not shown' "... and what it leaves out"
shows '33\.3 %  \+0x0 .* ymm3 subnormal 25\.0 %' "the first row is open"
keys -
shows ' 1/3 *$' "-: closed"
keys E
shows ' 1/1[0-9] *$' "E: all open"
keys C
shows ' 1/3 *$' "C: all closed"
keys BTab
shows ' MXCSR  Flush ' "Shift-Tab: the view before"
keys v
shows '─View─' "v: a list of views"
keys Up Up Enter
shows 'Upper dirty|widest non-zero|state in use' "... one is chosen"
keys 1
shows 'Width +Upper' "1: the summary"

# ---- filters
keys /; type sha
shows 'rows with "sha"' "/: rows by name, while it is typed"
shows ' %  sha_block ' "... that has it"
hides 'step_stencil' "... those without it are not here"
keys Enter Escape
shows ' %  step_stencil' "Esc: all of them again"
keys f; type 'pid = 1'
shows "'=' is no operator; did you mean '=='\?" "f: what is wrong with an expression is said while it is typed"
like "$(screen | grep -A 1 '^ filter: pid = 1')" '^             \^ *$' "... below its place"
keys Enter
shows "filter: pid = 1" "Enter does not take it"
keys C-u; type 'mxcsr & daz'
keys Enter
shows "^ 100 samples, $(json --filter 'mxcsr & daz' | field head '' filter_passed) pass \($(json --filter 'mxcsr & daz' | field head '' filter_unknown) unknown\)" "a good one: how many pass, as in --json"
shows "^. +$(json --filter 'mxcsr & daz' | field row tail_reduce overhead)  tail_reduce" "... and what they say"
hides 'step_stencil' "... and nothing else"
keys Left
shows '^. +42\.0 %  step_stencil' "Left: without the filter"
hides 'samples, .* pass' "... and the head says so"

# ---- sorting
keys s
shows 'Order of the rows' "s: what to sort by"
keys Home Down Enter
shows 'Symbol +▾ Object' "a column is chosen"
is "$(screen | sed -n 's/^. *[0-9.]* %  \([][a-z_]*\) .*/\1/p' | tr '\n' ' ')" "[unknown] masked sha_block step_stencil tail_reduce " "... rows are in its order"
keys s; keys Up Up Up Up Up Up Up Up Up Up Home End Enter
shows 'rows by: symbol,dso' "other keys are typed"
keys C-u; type 'tid,colour'
shows "no sort key 'colour'" "... an unknown one is said"
keys C-u; type 'tid'; keys Enter
shows '^. +80\.0 % +100 ' "rows by tid"
keys Down Enter
shows 'thread worker 101' "Enter on a thread zooms into it"
shows '^. +20\.0 %  tail_reduce' "... rows are of that thread, shares of all"
keys Left Left
shows '^. +42\.0 %  step_stencil' "back twice"
keys t
shows '─Thread─' "t: which thread"
keys Down Enter
shows 'thread worker 101' "... chosen"
keys t
shows '^. +42\.0 %  step_stencil' "t again: out of it"
keys Home Down d
shows 'object /tmp/recording' "d: the object of the row"
hides 'kernel\]' "... and nothing else"
keys d
shows 'kernel\]' "d again: out of it"

# ---- pages of text
keys h
shows '^ Keys' "h: help"
shows 'Enter Right a +the instructions of the function' "... with the keys"
keys End
shows 'unknown: never counted as 0' "... and the signs"
keys q F
shows '! step_stencil: 8\.3 % of the f32 lanes it reads are subnormal' "F: findings"
keys Enter
shows '33\.3 %  \+0x0 .* ymm3 subnormal' "Enter: to the view that shows more"
keys i
shows 'The recording' "i: about the recording"
shows 'XSAVE 0x' "... its whole head"
keys Escape 1
shows 'Width +Upper' "back"

# ---- the window
tmux resize-window -t s -x 120 -y 40
shows '1 summary  2 width  3 dirty' "a wider window has room for more"
shows '^. +42\.0 %  █+' "... and for bars"
tmux resize-window -t s -x 60 -y 12
shows '^. +42\.0 %  step_stencil' "a narrow one"
keys '>' '>'
shows '^< *Overhead +Symbol' "... whose columns move"
keys '<' '<'
tmux resize-window -t s -x 30 -y 8
shows 'too small' "a tiny one says so"
tmux resize-window -t s -x 80 -y 24
shows '^. +42\.0 %  step_stencil' "and back"
keys C-l
shows '^. +42\.0 %  step_stencil' "Ctrl-L"
keys Z
shows 'no such key here; h lists them' "a key that does nothing says so"

# ---- writing
keys P
shows 'write to: perf-xregs.summary.txt' "P: a file"
keys Enter
shows 'written to perf-xregs.summary.txt' "... written"
is "$(stat -c %a perf-xregs.summary.txt)" 600 "... for nobody else to read"
is "$(cat perf-xregs.summary.txt)" "$("$xregs" report --stdio -g --percent-limit=0)" "... it is what --stdio prints"
keys P Enter
shows "there is a file 'perf-xregs.summary.txt' already" "never over a file that is there"

# ---- leaving
keys q
shows '^status=0' "q leaves"
shows '^echo' "... the terminal is as it was"
is "$(screen | tail -n +2 | grep -v '^$' | tr '\n' ' ')" "icanon echo " "... and empty"
start 80 24 ""
shows '^. +42\.0 %  step_stencil' "started again"
keys Enter Q
shows '^status=0' "Q leaves from anywhere"
start 80 24 ""
shows '^. +42\.0 %  step_stencil' "started again"
keys C-c
shows '^status=0' "^C leaves"
pid_of() { pgrep -P "$(tmux list-panes -t s -F '#{pane_pid}')" -f 'perf-xregs report'; }
for sig in TERM SEGV; do
	start 80 24 ""
	shows '^. +42\.0 %  step_stencil' "started again"
	kill -$sig "$(pid_of)"
	shows '^status=[1-9]' "killed by SIG$sig"
	shows '^echo' "... the terminal is as it was"
	hides '%  step_stencil' "... and shows what was there before"
done

# ---- options, locales, colours
start 80 24 "" --view=values
shows 'Top value' "--view chooses the first view"
keys +
hides '  f32 +1\.5' "contents are not shown"
start 80 24 "" --view=values --show-values
shows '  f32 +1\.5' "... but with --show-values"
start 80 24 "" --filter "'pid == 7'"
shows 'no samples|not shown|leaves all out' "nothing to show is said"
start 80 24 "LC_ALL=C"
shows '^ 100 samples \| 0 lost \| delivered' "a locale of ASCII"
keys 5 E
shows 'f32 exponents +2\^-136 \|' "... a plot in it"
unlike "$(screen | LC_ALL=C grep -n '[^ -~]')" '.' "... has nothing else"
start 120 24 "" --view=callers
shows ' 1 summary  2 width .* 9 values  0 cpu  callers *$' "views in a wide terminal show their keys, the eleventh none"
shows '^ perf xregs  perf\.data   \./solver ' "... and the title what was recorded"
keys 1
shows 'Width +Upper' "1 is the first alone"
start 80 24 "NO_COLOR=1"
shows '^. +42\.0 %  step_stencil' "NO_COLOR"
unlike "$(tmux capture-pane -e -p -t s)" "$(printf '\033')\\[[0-9;]*(3|4)[0-8]" "... no colours"
start 80 24 ""
shows '^. +42\.0 %  step_stencil' "without NO_COLOR"
like "$(tmux capture-pane -e -p -t s)" "$(printf '\033')\\[[0-9;]*48;5;" "... there are colours"
start 80 24 "TERM=xterm"
shows '^. +42\.0 %  step_stencil' "a terminal of 8 colours"
start 80 24 "TERM=vt100"
shows '^. +42\.0 %  step_stencil' "one without colours"
start 100 60 "" --stdio --no-pager
shows '^# Overhead' "--stdio prints text"
start 100 60 "" --no-pager
shows '^# Overhead' "... and so does --no-pager"

# ---- damage
head -c $(($(stat -c %s perf.data) / 2)) perf.data > half.data
start 80 24 "" -i half.data
shows 'file incomplete' "a damaged file: the head says so"
shows ' %  step_stencil' "... what is before the damage is shown"
start 80 24 "" -i none.data
shows "cannot open 'none.data'" "a missing file: said on the terminal as it was"
shows '^status=1' "... with status 1"
start 80 24 "" --filter 'pid'
shows 'filter, column 4' "a bad --filter: said there too"
shows '^status=2' "... with status 2"
plan_done
