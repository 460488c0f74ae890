# SPDX-License-Identifier: GPL-2.0-only
"""TAP on standard output."""

import sys
import threading

MAX_DETAIL = 60


class Tap:
    """A stream of test results, closed by plan()."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.count = 0
        self.failed = 0
        self.lock = threading.Lock()

    def _put(self, line):
        print(line, file=self.out, flush=True)

    def note(self, text):
        """Comment lines: what is going on, or why something failed."""
        with self.lock:
            for line in str(text).splitlines() or [""]:
                self._put(f"# {line}")

    def _result(self, verdict, name, tail=""):
        with self.lock:
            self.count += 1
            self._put(f"{verdict} {self.count} - {name.replace('#', chr(92) + '#')}{tail}")

    def ok(self, condition, name, detail=""):
        """One result; detail (text or lines) is shown when it failed. Returns the condition."""
        self._result("ok" if condition else "not ok", name)
        if not condition:
            self.failed += 1
            lines = detail.splitlines() if isinstance(detail, str) else list(detail)
            self.note("\n".join(lines[-MAX_DETAIL:]))
        return bool(condition)

    def skip(self, name, why):
        """A test that could not run, and why."""
        self._result("ok", name, f" # SKIP {why}")

    def results(self, prefix, results):
        """Re-emits a guest's results (verdict.Result) under a prefix."""
        for r in results:
            if r.skip:
                self.skip(f"{prefix}: {r.name}", r.skip)
            else:
                self.ok(r.ok, f"{prefix}: {r.name}", r.detail)

    def plan(self):
        """The plan; returns the exit status of the run."""
        self._put(f"1..{self.count}")
        return 1 if self.failed or not self.count else 0
