# SPDX-License-Identifier: GPL-2.0-only
"""census_rows.py TID [KEY...] < NDJSON of census: the task's members, "?" where
a key is absent; without keys its state in the words of task_state.py."""
import json
import sys

PARTS = ("ymm_hi128", "zmm_hi256", "hi16_zmm", "opmask")


def main():
    tid, keys = int(sys.argv[1]), sys.argv[2:]
    for line in sys.stdin:
        row = json.loads(line)
        if row["type"] != "row" or row["view"] != "tasks" or row["tid"] != tid:
            continue
        if keys:
            print(*(row.get(k, "?") for k in keys))
        else:
            words = [f"{k}={row.get(k, '?')}" for k in PARTS if k in row]
            print(*words, "daz" if "DAZ" in row["mxcsr"] else "nodaz")


main()
