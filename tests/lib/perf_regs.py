# SPDX-License-Identifier: GPL-2.0-only
"""perf script -s: every register that a sample's raw payload knows: =TID NAME HEX."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["XREGS_TOP"], "tools-perf", "plugin"))
import xregs  # noqa: E402


def process_event(event):
    state = xregs.user(event)
    for name in state or []:
        register = state[name]
        if register is not None:
            print("=%d %s %s" % (event["sample"]["tid"], name, register["hex"][2:]))
