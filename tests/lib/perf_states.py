# SPDX-License-Identifier: GPL-2.0-only
"""perf script -s: state and bits of every known register of every sample."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["XREGS_TOP"], "tools-perf", "plugin"))
import xregs  # noqa: E402


def process_event(event):
    state = xregs.user(event)
    time = event["sample"]["time"]
    for name, register in sorted(state.registers().items()) if state else []:
        if register is not None:
            print("%d.%09d %s %s %s" % (time // 1000000000, time % 1000000000, name, register["state"],
                                        register["hex"][2:] if register["state"] == "value" else ""))
