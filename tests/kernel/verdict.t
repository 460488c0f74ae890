#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""bed/verdict.py on recorded lines: each kind of splat is seen, a clean log is clean, KTAP is read right."""

import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from bed import verdict  # noqa: E402
from bed.tap import Tap  # noqa: E402

# As the kernel prints them (kernel/panic.c, lib/bug.c, kernel/locking/lockdep.c,
# kernel/rcu/tree_stall.h, kernel/sched/core.c, mm/kasan/report.c, lib/ubsan.c ...).
SPLATS = [
    ("warning", "WARNING: CPU: 1 PID: 77 at kernel/events/core.c:1234 perf_output_sample+0x12/0x40"),
    ("warning", "WARNING: possible circular locking dependency detected"),
    ("warning", "WARNING: suspicious RCU usage"),
    ("cut here", "------------[ cut here ]------------"),
    ("bug", "BUG: unable to handle page fault for address: ffff888000000000"),
    ("bug", "kernel BUG at mm/slub.c:4000!"),
    ("bug", "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [known:80]"),
    ("oops", "Oops: Oops: 0000 [#1] PREEMPT SMP KASAN"),
    ("oops", "Oops: general protection fault, probably for non-canonical address 0xdffffc0000000000"),
    ("oops", "traps: unable to handle kernel paging request"),
    ("trace", "Call Trace:"),
    ("kasan", "==> KASAN: slab-use-after-free in xstate_output+0x1/0x2"),
    ("ubsan", "UBSAN: shift-out-of-bounds in arch/x86/kernel/fpu/xstate.c:99:7"),
    ("lockdep", "swapper/0/1 is trying: possible recursive locking detected"),
    ("lockdep", "inconsistent lock state"),
    ("lockdep", "turning off the locking correctness validator."),
    ("lockdep", "[ BUG: Invalid wait context ]"),
    ("rcu", "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:"),
    ("rcu", "rcu: \t1-...!: (1 GPs behind) self-detected stall"),
    ("sleep", "sleeping function called from invalid context at mm/slab.h:1"),
    ("sleep", "scheduling while atomic: known/80/0x00000002"),
    ("sleep", "using smp_processor_id() in preemptible [00000000] code: known/80"),
    ("lockup", "INFO: task known:80 blocked for more than 120 seconds."),
    ("panic", "Kernel panic - not syncing: Attempted to kill init!"),
    ("double fault", "traps: PANIC: double fault, error_code: 0x0"),
    ("msr", "unchecked MSR access error: RDMSR from 0x1c4 at rIP: 0xffffffff81000000"),
    ("fpu", "x86/fpu: XSAVE consistency problem: size 2696 != kernel_size 2688"),
    ("fpu", "Bad FPU state detected at restore_fpregs_from_fpstate+0x40/0x60, reinitializing FPU registers."),
    ("refcount", "refcount_t: underflow; use-after-free."),
    ("unknown nmi", "Uhhuh. NMI received for unknown reason 20 on CPU 0."),
]

CLEAN = """\
[    0.000000] Linux version 6.12.117 (bed@bed) (gcc 12.2.0) #1 SMP 1970-01-01
[    0.175911] x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'
[    0.347404] Performance Events: PMU not available due to virtualization, using software events only.
[    0.349520] rcu: 	Max phase no-delay instances is 1000.
[    0.010000] [Firmware Bug]: TSC doesn't count with P0 frequency!
[    0.361920] kasan: KernelAddressSanitizer initialized
[    6.427624] reboot: Power down
"""

KUNIT = """\
[    0.866956] KTAP version 1
[    0.867103] 1..2
[    0.867200]     KTAP version 1
[    0.867300]     # Subtest: xstate
[    0.867400]     1..3
[    0.867500]     ok 1 packs
[    0.867600] clocksource: Switched to clocksource tsc
[    0.867700]     # widths: EXPECTATION FAILED at xstate_kunit.c:7
[    0.867800]     not ok 2 widths
[    0.867900]         KTAP version 1
[    0.868000]         # Subtest: each
[    0.868100]         ok 1 xmm
[    0.868200]         ok 2 zmm # SKIP no AVX-512 here
[    0.868300]     ok 3 each
[    0.868400] # xstate: pass:2 fail:1 skip:0 total:3
[    0.868500] not ok 1 xstate
[    0.868600]     KTAP version 1
[    0.868700]     # Subtest: short
[    0.868800]     1..2
[    0.868900]     ok 1 first
[    0.869000] ok 2 short
[    1.000000] Run /init as init process
"""

GUEST = """\
noise before
# bed: begin kselftest good\r
TAP version 13\r
1..2\r
ok 1 one\r
ok 2 two # SKIP no PMU\r
# bed: end kselftest good 0\r
# bed: begin dies
1..2
ok 1 one
# bed: end dies 139
# bed: begin partly
1..1
ok 1 # SKIP zmm: no AVX-512
# bed: end partly 0
# bed: begin skips
# needs a PMU
# bed: end skips 4
# bed: begin hangs
ok 1 one
"""


def test_splats(tap):
    """Every kind of report, and every kind of kernel."""
    for kind, line in SPLATS:
        seen = verdict.splats(f"[    1.5] {line}") and re.search(verdict.SPLATS[kind], line)
        tap.ok(seen, f"splat noticed: {kind}: {line[:40]}", verdict.SPLATS[kind])
    untested = set(verdict.SPLATS) - {kind for kind, _ in SPLATS}
    tap.ok(not untested, "every kind of splat has an example here", " ".join(untested))
    tap.ok(not verdict.splats(CLEAN), "a clean log has none", str(verdict.splats(CLEAN)))
    nr = verdict.splats(CLEAN + "[    7.0] Call Trace:\n")[0][0]
    tap.ok(nr == 8, "a splat's line number is the log's", f"got {nr}")


def test_kunit(tap):
    """Nesting, failures with their detail, skips, broken plans."""
    results = {r.name: r for r in verdict.kunit(KUNIT)}
    tap.ok(results["xstate: packs"].ok, "kunit: a passed test")
    bad = results["xstate: widths"]
    tap.ok(not bad.ok and any("EXPECTATION FAILED" in line for line in bad.detail),
           "kunit: a failed test comes with its message", str(bad))
    tap.ok(results["xstate: each: zmm"].skip == "no AVX-512 here", "kunit: a skip comes with its reason")
    tap.ok(results["xstate: each"].ok and not results["xstate"].ok, "kunit: suites have results too")
    tap.ok(not results["short: plan of 2"].ok, "kunit: a suite that ended early fails", str(results))
    tap.ok(len(results) == 9, "kunit: nothing else is taken for a result", str(list(results)))
    cut = KUNIT[:KUNIT.index("[    0.868400]")]
    tap.ok(any(not r.ok and r.name.startswith("plan") for r in verdict.kunit(cut)),
           "kunit: a log that ends in the middle fails")
    tap.ok(verdict.kunit(CLEAN) == [], "kunit: no KTAP, no results")


def test_guest(tap):
    """Blocks of guest/init."""
    results = {r.name: r for r in verdict.guest_tests(GUEST)}
    tap.ok(results["kselftest good: one"].ok, "guest: a passed test under its program's name")
    tap.ok(results["kselftest good: two"].skip == "no PMU", "guest: a skip comes with its reason")
    tap.ok(not results["dies: exit status"].ok, "guest: an exit status counts")
    tap.ok(not results["dies: plan of 2"].ok, "guest: a broken plan counts")
    tap.ok(results["partly: zmm: no AVX-512"].skip == "zmm: no AVX-512", "guest: kselftest's nameless skips")
    tap.ok(results["skips: exit status"].skip == "needs a PMU", "guest: status 4 is a skip")
    tap.ok(not results["hangs: ran to its end"].ok, "guest: a test without an end fails")
    tap.ok(results["hangs: one"].ok, "guest: and what it did say counts")
    tap.ok(not verdict.finished(GUEST), "guest: no last line, not finished")
    tap.ok(verdict.finished(GUEST + "# bed: done\r\n"), "guest: the last line is known with a carriage return")


def main():
    """All of it."""
    tap = Tap()
    test_splats(tap)
    test_kunit(tap)
    test_guest(tap)
    return tap.plan()


sys.exit(main())
