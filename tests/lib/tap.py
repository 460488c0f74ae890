# SPDX-License-Identifier: GPL-2.0-only
"""TAP for the tests in Python, as tap.sh for those in shell."""
import os
import sys

_count = _failed = 0
_DETAIL = 3000


def _result(verdict, name):
    global _count
    _count += 1
    print("%s %d - %s" % (verdict, _count, name), flush=True)


def check(good, name, detail=""):
    global _failed
    _result("ok" if good else "not ok", name)
    if good:
        return
    _failed += 1
    # To stderr, which prove does not keep to itself.
    print("# %s: %s" % (os.path.basename(sys.argv[0]), name), *str(detail)[:_DETAIL].splitlines(), sep="\n# ", file=sys.stderr)


def equal(got, want, name):
    check(got == want, name, "got:    %r\nwanted: %r" % (got, want))


def skip(name, why):
    _result("ok", "%s # SKIP %s" % (name, why))


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def plan_done():
    """The last call of every test."""
    print("1..%d" % _count)
    sys.exit(1 if _failed else 0)
