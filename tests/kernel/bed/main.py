# SPDX-License-Identifier: GPL-2.0-only
"""The test run: what is built, booted and judged, in which order. tests/kernel/README.md explains it."""

import argparse
import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor

from . import bochs_root, cache, emulator, initrd, kbuild, mutants, series, verdict
from .cache import BedError
from .emulator import Bochs, Qemu
from .tap import Tap

STEPS = ("checks", "qemu", "debug", "skylake", "tigerlake", "negative", "mutants")


def machines():
    """
    The guests, by step. Seconds until one is given up are many times what it takes on two idle
    cores (two minutes, four, four and four): the clock runs on a host that is busy, too.
    """
    return {
        "qemu": Qemu("qemu", "base", 900),
        "debug": Qemu("debug", "debug", 1800),
        "skylake": Bochs("skylake", "base", 1800, cpu="corei7_skylake_x"),
        "tigerlake": Bochs("tigerlake", "base", 1800, cpu="tigerlake"),
    }


class Bed:
    """One run: its TAP stream, the series and where its images are."""

    def __init__(self, tap, steps):
        self.tap = tap
        self.steps = steps
        self.files = series.patches()
        self.images = None
        self.programs = []

    def prepare(self):
        """Source, series, kernels and test programs."""
        series.unpack()
        self.images = cache.ROOT / "images" / kbuild.key(self.files)
        self.images.mkdir(parents=True, exist_ok=True)
        os.utime(self.images)
        with cache.lock("tree"):
            series.apply(self.files, cache.TREE)
            self.tap.ok(True, f"series: {len(self.files)} patches apply to "
                              f"{cache.SOURCE_PACKAGE} {series.source_version()}")
            self.build()
        self.programs = initrd.compile_guest_programs(cache.runs() / "programs")
        cache.prune()

    def kernels(self):
        """The kernels that the chosen steps boot."""
        wanted = {m.kernel for step, m in machines().items() if step in self.steps}
        if "negative" in self.steps:
            wanted.add("debug")
        if "mutants" in self.steps:
            wanted.add("base")
        return [name for name in kbuild.KERNELS if name in wanted]

    def build(self):
        """Kernels and kselftests that this series has no image of yet."""
        for name in self.kernels():
            seconds = kbuild.ensure_kernel(name, self.images)
            self.tap.ok(True, f"build: {name} kernel")
            self.tap.note(f"took {seconds:.0f} s")
        self.build_kselftests()

    def build_kselftests(self):
        """The tree's own tests. Kept when they built without a warning, else built anew each time."""
        out, good = self.images / "kselftest", self.images / "kselftest.good"
        wrong = [] if good.exists() else kbuild.build_kselftests(out)
        if self.tap.ok(not wrong, "build: kselftests, without a warning", wrong):
            good.touch()

    def checks(self):
        """checkpatch and W=1, patch by patch."""
        if not self.files:
            self.tap.skip("checks: checkpatch and W=1", "kernel-patches/v6.12 has no series")
            return
        for patch, said in kbuild.checkpatch_all(self.files):
            self.tap.ok(not said, f"checkpatch --strict: {patch.name}", said)
        try:
            with cache.lock("tree-w1"):
                for patch, said in kbuild.w1(self.files):
                    self.tap.ok(not said, f"W=1 up to {patch.name}", said)
        except BedError as e:
            self.tap.ok(False, "W=1 of the pristine source", str(e))

    def guest_tests(self):
        """Test files for a guest's init, and the files they need."""
        tests = sorted(cache.GUEST.glob("test-*.sh"))
        return tests, initrd.tool_programs() | initrd.dynamic_shell()

    def boot(self, guest):
        """Boots a guest with everything in it. Returns the complaint of the emulator, or ""."""
        folder = emulator.folder_of(guest)
        tests, files = self.guest_tests()
        disk = initrd.make(folder, tests, self.programs, files, self.images / "kselftest")
        if self.files:
            guest.append += " bed.series"
        start = time.monotonic()
        complaint = guest.boot(self.images / f"{guest.kernel}.bzImage", disk)
        self.tap.note(f"{guest.name}: {time.monotonic() - start:.0f} s, logs in {folder}")
        return complaint

    def judge(self, guest, complaint):
        """Results of a guest that has run."""
        name, tap = guest.name, self.tap
        console, tests = guest.log("console"), guest.log("tests")
        self.judge_kunit(name, console)
        tap.results(name, verdict.guest_tests(tests))
        for test, why in initrd.unsupported(name).items():
            tap.skip(f"{name}: kselftest {test}", why)
        tap.ok(verdict.finished(tests) and not complaint, f"{name}: ran to its end",
               [complaint, *guest.log("emulator").splitlines()[-5:],
                *verdict.lines_of(console)[-25:], *verdict.lines_of(tests)[-25:]])
        found = verdict.splats(console)
        tap.ok(not found, f"{name}: no splat in the kernel log", self.splat_context(console, found))

    @staticmethod
    def splat_context(console, found):
        """The lines from the first splat on."""
        if not found:
            return []
        first = found[0][0]
        return [f"{len(found)} lines match, the first ({found[0][1]}) at line {first}:",
                *verdict.lines_of(console)[max(0, first - 5):first + 45]]

    def judge_kunit(self, name, console):
        """KUnit's results; a series that names suites must have run some."""
        if not series.kunit_options():
            self.tap.skip(f"{name}: kunit", "kernel-patches/v6.12/kunit-configs names no suite")
            return
        results = verdict.kunit(console)
        self.tap.ok(bool(results), f"{name}: kunit ran", verdict.lines_of(console)[-30:])
        self.tap.results(f"{name}: kunit", results)

    def negative(self):
        """The control: a guest that goes wrong on purpose must be seen to."""
        guest = Qemu("negative", "debug", 600)
        folder = emulator.folder_of(guest)
        disk = initrd.make(folder, [cache.GUEST / "negative.sh"])
        guest.boot(self.images / "debug.bzImage", disk)
        console, tests = guest.log("console"), guest.log("tests")
        kinds = {kind for _, kind, _ in verdict.splats(console)}
        for kind in ("warning", "kasan", "ubsan", "panic", "trace"):
            self.tap.ok(kind in kinds, f"negative control: a {kind} splat is noticed",
                        verdict.lines_of(console)[-40:])
        failed = [r.name for r in verdict.guest_tests(tests) if not r.ok]
        self.tap.ok(any(name.endswith("a failing test") for name in failed),
                    "negative control: a failing test is noticed", verdict.lines_of(tests))
        self.tap.ok(not verdict.finished(tests), "negative control: a guest that died is noticed")

    def mutants(self):
        """Each deliberate mistake in the series must make its kselftest fail."""
        if not self.files:
            self.tap.skip("mutants", "kernel-patches/v6.12 has no series to make mistakes in")
            return
        for mutant in mutants.load():
            try:
                image = mutants.ensure_kernel(mutant, self.images, self.files)
            except BedError as e:
                self.tap.ok(False, f"mutant {mutant.name}: builds", str(e))
                continue
            guest = Qemu(f"mutant-{mutant.name}", "base", 900)
            folder = emulator.folder_of(guest)
            guest.boot(image, initrd.make(folder, [], kselftests=self.images / "kselftest",
                                          only=mutant.fails))
            results = verdict.guest_tests(guest.log("tests"))
            self.tap.ok(any(not r.ok for r in results),
                        f"mutant {mutant.name}: kselftest {mutant.fails} notices",
                        [r.name for r in results] + verdict.lines_of(guest.log("tests")))

    def guests(self):
        """Boots the chosen machines, two at a time, and judges them in order."""
        chosen = [m for step, m in machines().items() if step in self.steps]
        with ThreadPoolExecutor(2) as pool:
            # The slow ones first.
            order = sorted(chosen, key=lambda m: -m.timeout)
            boots = {m.name: pool.submit(self.boot, m) for m in order}
            if "negative" in self.steps:
                self.negative()
            for guest in chosen:
                self.judge(guest, boots[guest.name].result())

    def run(self):
        """The whole run."""
        with ThreadPoolExecutor(1) as pool:
            bochs = pool.submit(bochs_root.ensure) if {"skylake", "tigerlake"} & set(self.steps) else None
            self.prepare()
            if bochs:
                self.tap.note(f"bochs {bochs_root.VERSION} from {bochs.result()}")
        if "checks" in self.steps:
            self.checks()
        self.guests()
        if "mutants" in self.steps:
            self.mutants()


def _why_not_here():
    if platform.machine() != "x86_64":
        return f"x86-64 only, this is {platform.machine()}"
    if os.geteuid():
        return "needs root: it installs packages, makes a Debian folder and mounts in it"
    return ""


def main():
    """Runs the steps named on the command line (all by default); returns the exit status."""
    parser = argparse.ArgumentParser(prog="tests/kernel/run", description=__doc__)
    parser.add_argument("step", nargs="*", help=f"of {' '.join(STEPS)}; default all")
    steps = parser.parse_args().step or list(STEPS)
    unknown = [s for s in steps if s not in STEPS]
    if unknown:
        parser.error(f"no step {unknown[0]!r}; steps: {' '.join(STEPS)}")
    cache.stop_on_signals()
    tap = Tap()
    why = _why_not_here()
    if why:
        print(f"Bail out! {why}")
        return 1
    try:
        Bed(tap, steps).run()
    except BedError as e:
        tap.ok(False, "the bed can do its work", str(e))
    return tap.plan()
