#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# report --html: the file, what must not be in it, and the page in a browser.
# SCREENSHOTS=FOLDER keeps pictures of it, to be looked at.
. "$(dirname "$0")/../lib/tap.sh"
cd "$tmp" || exit 1
export LC_ALL=C.UTF-8
folder=$("$build/tests/unit/test_views_lanes" perf.data) || { echo "Bail out! test_views_lanes cannot write its recording"; exit 1; }
trap 'rm -rf "$tmp" "$folder"' EXIT
report() { run "$xregs" report "$@"; }

# ---- the file
umask 022
report --html page.html
is "$status" 0 "--html writes a page"
is "$out" "" "... and nothing to standard output"
is "$(stat -c %a page.html)" 600 "it is for nobody else"
: > open.html
chmod 644 open.html
report --html=open.html
is "$(stat -c %a open.html)" 600 "... nor is a file that was there before"
report --html perf.data
is "$status" 1 "the recording is not overwritten"
like "$err" "'perf.data' is the recording itself" "... but the error said"
report --html /dev/full
is "$status" 1 "a full disk: status 1"
like "$err" "report: cannot write '/dev/full': No space left" "... said"
report --html none/page.html
like "$err" "report: cannot write 'none/page.html': No such file" "a folder that is not there"
report --html page2.html --json
is "$status" 2 "--html and --json at once are a usage error"
report --html one.html --view=mask
is "$(grep -o '<section id="[a-z]*"' one.html | tr '\n' ' ')" '<section id="mask" ' "--view makes a page of one view"

# ---- what is in it
is "$(grep -o '<section id="[a-z]*"' page.html | sed 's/.*"\(.*\)"/\1/' | tr '\n' ' ')" "findings summary width dirty mxcsr fp mask lanes operands values cpu callers " "all views and the findings"
is "$(grep -cE '(src|href)=|@import|url\(|https?://' page.html)" 0 "no reference to anything outside"
unlike "$(cat page.html)" '<b>&evil|</script>"' "hostile names are escaped"
like "$(cat page.html)" '&#60;b&#62;&#38;evil' "... and there"
unlike "$(cat page.html)" '>(0\.25|1e-40)</bdi>' "contents of registers are not in it"
report --html shown.html --show-values
like "$(cat shown.html)" '>0\.25</bdi>' "... but with --show-values"

# ---- in a browser
for b in chromium chromium-browser google-chrome; do
	browser=$(command -v $b) && break
done
if [ -z "$browser" ]; then
	skip "the page in a browser" "there is no chromium; .ci/install-deps browser installs it"
	plan_done
fi
"$xregs" report --view=fp --json > fp.json
timeout 120 python3 - "$top" "$browser" "${SCREENSHOTS:-}" > seen.txt 2> browser.err <<'END'
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/tests/lib")
from browser import Browser

def say(name, value):
    print("%s=%s" % (name, value if isinstance(value, str) else json.dumps(value)))

b = Browser(sys.argv[2])
b.look(1280)
b.open("page.html")
say("ready", b.eval("document.body.classList.contains('ready')"))
say("title", b.eval("document.title"))
rows = [json.loads(l) for l in open("fp.json")]
want = {r["symbol"]: r["subnormal"] for r in rows if r["type"] == "row"}
cells = """(() => { const t = document.querySelector('#fp table'), heads = Array.from(t.tHead.rows[t.tHead.rows.length - 1].cells);
    const at = k => heads.findIndex(h => h.dataset.key === k);
    return Array.from(t.querySelectorAll(':scope > tbody.item')).map(i => [i.rows[0].cells[at('symbol')].dataset.v, Number(i.rows[0].cells[at('KEY')].dataset.v)]); })()"""
seen = dict(b.eval(cells.replace("KEY", "subnormal")))
say("numbers", sorted(seen.items()) == sorted(want.items()) and want["stencil"] == 0.075)
# sort by the keyboard: focus the title's button, press Enter
press = "document.querySelector('#fp thead th[data-key=KEY] button').focus()"
def order(key):
    b.eval(press.replace("KEY", key))
    b.key("Enter", "\r")
    return [v for _, v in b.eval(cells.replace("KEY", key))]
zero = order("zero")
say("sorted_down", zero == sorted(zero, reverse=True) and zero[0] == 1)
zero = order("zero")
say("sorted_up", zero == sorted(zero))
b.eval(press.replace("KEY", "symbol"))
b.key("Enter", "\r")
names = [n for n, _ in b.eval(cells.replace("KEY", "zero"))]
say("sorted_names", names == sorted(names))
say("aria_sort", b.eval("document.querySelector('#fp th[data-key=symbol]').getAttribute('aria-sort')"))
# details: the first is open, Enter opens another
say("open", b.eval("document.querySelectorAll('#lanes tr.more:not([hidden])').length"))
say("anomaly", b.eval("document.querySelectorAll('#cpu tr.more:not([hidden]) [data-kind=anomaly]').length"))
b.eval("document.querySelectorAll('#lanes button.fold')[1].focus()")
b.key("Enter", "\r")
say("opened", b.eval("document.querySelectorAll('#lanes tr.more:not([hidden])').length"))
# search: '/' goes to the box
b.eval("document.activeElement.blur()")
b.key("/", "/")
b.type("tail_red")
say("found", b.eval("Array.from(document.querySelectorAll('#summary tbody.item:not([hidden])')).map(i => i.dataset.name).join()"))
say("hits", b.eval("document.getElementById('hits').textContent"))
b.key("Escape")
say("cleared", b.eval("document.querySelectorAll('tbody.item[hidden]').length"))
say("heat", b.eval("document.querySelectorAll('#lanes table.heat').length > 5"))
say("bars", b.eval("document.querySelectorAll('#fp .bars, #mask .bars, #mxcsr .bars').length > 5"))
say("evil", b.eval("document.querySelectorAll('#summary b, #summary evil').length"))
colors = []
for name, width, dark in (("desktop", 1280, False), ("dark", 1280, True), ("phone", 390, False), ("phone-dark", 390, True)):
    b.look(width, dark)
    say("fits_" + name.replace("-", "_"), b.eval("document.documentElement.scrollWidth <= innerWidth"))
    colors.append(b.eval("getComputedStyle(document.body).backgroundColor"))
    if sys.argv[3]:
        b.screenshot("%s/%s.png" % (sys.argv[3], name))
say("dark_differs", colors[0] != colors[1])
say("problems", b.problems())
b.close()
END
seen() { sed -n "s/^$1=//p" seen.txt; }
check() { is "$(seen "$1")" "$2" "$3"; }
check ready true "the page's script runs to its end"
check title "perf xregs report: perf.data: ./solver" "its title"
check numbers true "subnormal shares are those of --json"
check sorted_down true "Enter on a title sorts, biggest first"
check sorted_up true "... and once more, smallest first"
check sorted_names true "names sort as names"
check aria_sort ascending "... and assistive technology is told"
check open 1 "details of the first row are open"
check anomaly 1 "... and those of a CPU that is marked"
check opened 2 "Enter opens another"
check found "tail_reduce solver" "/ and a word: only rows with it"
like "$(seen hits)" '^[0-9]+ rows$' "... which are counted"
check cleared 0 "Escape shows all again"
check heat true "lane maps are drawn"
check bars true "histograms are drawn"
check evil 0 "no name became an element"
for look in desktop dark phone phone_dark; do
	check fits_$look true "$look: no line is wider than the screen"
done
check dark_differs true "dark where the system is dark"
check problems "[]" "no error, no violation of the policy, no request"
[ ! -s browser.err ] || sed 's/^/# /' browser.err
plan_done
