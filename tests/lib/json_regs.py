# SPDX-License-Identifier: GPL-2.0-only
"""From perf xregs script --json to lines =TID NAME HEX."""
import json
import sys

for text in sys.stdin:
    sample = json.loads(text)
    if sample["kind"] != "sample":
        continue
    for name, register in sample["regs"].items():
        if register["state"] == "value":
            print("=%d %s %s" % (sample["tid"], name, register["hex"][2:]))
