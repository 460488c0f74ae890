# SPDX-License-Identifier: GPL-2.0-only
"""What a guest's logs say: splats, KTAP and TAP results. Pure functions over text."""

import re
from dataclasses import dataclass

# One alternative a kind of report, spelled as the kernel prints it; the first
# that matches names a line's kind. Anything that matches fails the run: there
# is no list of harmless ones.
SPLATS = {
    "kasan": r"(BUG: )?KASAN: ",
    "warning": r"\bWARNING: ",
    "cut here": r"-+\[ cut here \]-+",
    "bug": r"\bBUG: |kernel BUG at ",
    "oops": r"Oops: |Oops\[|general protection fault|unable to handle (page fault|kernel)",
    "trace": r"Call Trace:",
    "ubsan": r"UBSAN: ",
    "lockdep": r"possible (recursive locking|circular locking|irq lock inversion|"
               r"interrupt unsafe)|inconsistent lock state|turning off the locking correctness|"
               r"lock held when returning to user space|bad unlock balance|held lock freed|"
               r"Invalid wait context",
    "rcu": r"suspicious RCU usage|rcu: INFO: |self-detected stall|detected stalls on|"
           r"rcu_\w+ kthread starved",
    "sleep": r"sleeping function called from invalid context|scheduling while atomic|"
             r"using smp_processor_id\(\) in preemptible|using __this_cpu_\w+\(\) in preemptible",
    "lockup": r"soft lockup|hard LOCKUP|blocked for more than \d+ seconds|NMI handler took too long",
    "panic": r"Kernel panic - not syncing",
    "double fault": r"double fault|PANIC: early exception|stack-protector: Kernel stack is corrupted",
    "msr": r"unchecked MSR access error",
    "fpu": r"Bad FPU state detected|XSAVE consistency problem|x86/fpu: .*(mismatch|inconsist)",
    "refcount": r"refcount_t: |list_add corruption|list_del corruption|Object already free",
    "unknown nmi": r"NMI received for unknown reason",
}
_SPLAT = re.compile("|".join(f"(?P<k{i}>{p})" for i, p in enumerate(SPLATS.values())))
_KINDS = list(SPLATS)

# "[    1.234567] " of printk, and "[  T123] " of CONFIG_PRINTK_CALLER.
_PRINTK = re.compile(r"^\[ *\d+\.\d+\](\[ *[CT]\d+\])? ?")
_RESULT = re.compile(r"^(?P<indent> *)(?P<not>not )?ok (?P<nr>\d+)(?P<rest>.*)$")
_PLAN = re.compile(r"^(?P<indent> *)1\.\.(?P<n>\d+)( *# *[Ss][Kk][Ii][Pp]\S* *(?P<why>.*))?$")
_SUBTEST = re.compile(r"^(?P<indent> *)# Subtest: (?P<name>.*)$")
_SKIP = re.compile(r"^(?P<name>.*?)\s*# *SKIP\S* *(?P<why>.*)$", re.I)
_BEGIN = re.compile(r"^# bed: begin (?P<name>.+)$")
_END = re.compile(r"^# bed: end (?P<name>.+) (?P<status>\d+)$")
DONE = "# bed: done"


@dataclass
class Result:
    """One test's result: skip is the reason of a skip, detail lines explain a failure."""
    name: str
    ok: bool
    skip: str = ""
    detail: tuple = ()


def lines_of(text):
    """The lines of a serial log, without carriage returns."""
    return [line.rstrip("\r") for line in text.replace("\r\n", "\n").split("\n")]


def splats(text):
    """[(line number, kind, line)] of every kernel report in a console log."""
    found = []
    for nr, line in enumerate(lines_of(text), 1):
        match = _SPLAT.search(line)
        if match:
            found.append((nr, _KINDS[int(match.lastgroup[1:])], line))
    return found


def without_printk(text):
    """Console lines with the time stamps of printk taken off."""
    return [_PRINTK.sub("", line) for line in lines_of(text)]


class _Levels:
    """Names, plans and counts of the nesting levels of a KTAP stream."""

    def __init__(self, top):
        self.names = {0: top}
        self.plans = {}
        self.counts = {}

    def path(self, depth, name):
        parts = [self.names[d] for d in sorted(self.names) if d <= depth] + [name]
        return ": ".join(p for p in parts if p)

    def close(self, depth):
        """Ends level depth and all below: a plan that was not kept is a failure."""
        bad = []
        for d in sorted(d for d in set(self.plans) | set(self.names) if d >= depth and d):
            bad += self.broken_plan(d)
            for table in (self.names, self.plans, self.counts):
                table.pop(d, None)
        return bad

    def broken_plan(self, depth):
        planned, seen = self.plans.get(depth), self.counts.get(depth, 0)
        if planned is None or planned == seen:
            return []
        return [Result(self.path(depth, f"plan of {planned}"), False,
                       detail=(f"{seen} results came",))]


def _result(levels, match, detail):
    depth = len(match["indent"]) // 4
    text = re.sub(r"^ *-? *", "", match["rest"])
    skip = _SKIP.match(text)
    name = (skip["name"] if skip else text).strip()
    # ksft_test_result_skip() gives the name with the reason, and no other.
    name = name or (skip["why"].strip() if skip else "") or f"test {match['nr']}"
    bad = levels.close(depth + 1)
    levels.counts[depth] = levels.counts.get(depth, 0) + 1
    ok = not match["not"]
    why = (skip["why"].strip() or "no reason given") if skip and ok else ""
    return bad + [Result(levels.path(depth, name), ok, why, () if ok else tuple(detail[-30:]))]


def ktap(lines, top=""):
    """
    Results of a TAP or KTAP stream, nested ones with the path of their
    subtests as name. A plan that was not kept is a failing result of its own.
    Other lines (kernel messages between them) are kept as detail of the next failure.
    """
    levels, results, detail = _Levels(top), [], []
    for line in lines:
        if match := _RESULT.match(line):
            results += _result(levels, match, detail)
            detail = []
        elif match := _PLAN.match(line):
            depth = len(match["indent"]) // 4
            levels.plans[depth] = int(match["n"])
            if match["n"] == "0":
                results.append(Result(levels.path(depth, "whole test"), True,
                                      (match["why"] or "").strip() or "no reason given"))
        elif match := _SUBTEST.match(line):
            levels.names[len(match["indent"]) // 4] = match["name"].strip()
        else:
            detail.append(line)
    return results + levels.close(1) + levels.broken_plan(0)


def kunit(console):
    """
    Results of the KUnit suites that ran at boot: the KTAP block of the console
    log, which starts at a line of its own without indentation.
    """
    lines = without_printk(console)
    starts = [i for i, line in enumerate(lines) if line == "KTAP version 1"]
    if not starts:
        return []
    return ktap(_until_plan_is_kept(lines[starts[0]:]))


def _until_plan_is_kept(lines):
    planned, seen = None, 0
    for i, line in enumerate(lines):
        if planned is None and (match := _PLAN.match(line)) and not match["indent"]:
            planned = int(match["n"])
        elif (match := _RESULT.match(line)) and not match["indent"]:
            seen += 1
        if planned is not None and seen >= planned:
            return lines[:i + 1]
    return lines


# kselftest's exit status for a skipped test (tools/testing/selftests/kselftest.h).
KSFT_SKIP = 4


def _block(name, status, lines):
    results = ktap(lines, name)
    if status == KSFT_SKIP and all(r.ok for r in results):
        why = next((line for line in reversed(lines) if line.strip()), "no reason given")
        return results + [Result(f"{name}: exit status", True, skip=why.strip("# "))]
    ok = status == 0
    return results + [Result(f"{name}: exit status", ok,
                             detail=() if ok else (f"status {status}", *lines[-40:]))]


def guest_tests(text):
    """Results of the test programs the guest's init ran (guest/init), from its second serial port."""
    results, name, lines = [], None, []
    for line in lines_of(text):
        if match := _BEGIN.match(line):
            name, lines = match["name"], []
        elif name and (match := _END.match(line)) and match["name"] == name:
            results += _block(name, int(match["status"]), lines)
            name = None
        elif name:
            lines.append(line)
    if name:
        results += ktap(lines, name)
        results.append(Result(f"{name}: ran to its end", False, detail=tuple(lines[-40:])))
    return results


def finished(text):
    """Did the guest's init get to its end?"""
    return DONE in lines_of(text)
