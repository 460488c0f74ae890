# SPDX-License-Identifier: GPL-2.0-only
"""
Instructions a sample costs the patched kernel, counted by emulators whose time
stamp counter advances by one an instruction: QEMU with -icount (XSAVE, up to
YMM), Bochs (compacted XSAVES, ZMM). Prints a table and the goals; a goal
missed is said, not failed.
"""

import re
import sys

from . import cache, emulator, initrd, kbuild, series
from .cache import BedError, run
from .emulator import Bochs, Qemu

HEADER_GOAL = 150
GROUP_GOAL = 1 / 3
_COST = re.compile(r"^cost (?P<name>\S+) (?P<samples>\d+) (?P<cost>-?[\d.]+)$", re.M)
_REFUSED = re.compile(r"^cost (?P<name>\S+) refused (?P<why>.*)$", re.M)


def machines():
    """Both sample every 100 000 instructions: one takes 1 ns in QEMU (shift=0), 10 ns in Bochs (ips)."""
    qemu = Qemu("bench-qemu", kbuild.BENCH, 300, append="bed.period=100000", cpus=1,
                extra=("-icount", "shift=0,sleep=off"))
    return [qemu, Bochs("bench-skylake", kbuild.BENCH, 600, append="bed.period=1000000",
                        cpu="corei7_skylake_x")]


def measure(guest, image):
    """Boots guest to run cost; returns what it printed."""
    folder = emulator.folder_of(guest)
    program = cache.GUEST / "bench/cost.c"
    run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", program, "-o",
         folder / "cost"])
    disk = initrd.make(folder, [cache.GUEST / "bench/cost.sh"], [folder / "cost"])
    complaint = guest.boot(image, disk)
    text = guest.log("tests").replace("\r", "")
    if complaint or not _COST.search(text):
        raise BedError(f"{guest.name}: {complaint or 'no figures'}\n{text[-2000:]}")
    return text


def verdicts(costs):
    """Sentences on the goals, from {variant: instructions}."""
    base = costs.get("none")
    if base is not None and "header" in costs:
        extra = costs["header"] - base
        yield f"header only: {extra:.0f} more than no registers, goal {HEADER_GOAL}"
    for width in ("xmm", "ymm", "zmm"):
        group, simd = costs.get(f"group-{width}"), costs.get(f"simd-{width}")
        if base is not None and group is not None and simd:
            ratio = (group - base) / (simd - base)
            yield (f"{width}: the group takes {ratio:.2f} of the SIMD ABI's instructions for registers"
                   + (f", goal {GROUP_GOAL:.2f}" if width == "zmm" else ""))


def show(guest, text):
    """The table of one machine."""
    costs = {m["name"]: float(m["cost"]) for m in _COST.finditer(text)}
    print(f"{guest.name}: instructions a sample")
    for match in _COST.finditer(text):
        beyond = float(match["cost"]) - costs.get("none", 0)
        print(f"  {match['name']:<10} {float(match['cost']):>9.0f}   {beyond:>+8.0f}   "
              f"{match['samples']} samples")
    for match in _REFUSED.finditer(text):
        print(f"  {match['name']:<10} not measured: {match['why']}")
    for sentence in verdicts(costs):
        print(f"  {sentence}")


def main():
    """Builds what is missing and prints the figures; returns the exit status."""
    cache.stop_on_signals()
    try:
        series.unpack()
        files = series.patches()
        images = cache.ROOT / "images" / kbuild.key(files)
        images.mkdir(parents=True, exist_ok=True)
        with cache.lock("tree"):
            series.apply(files, cache.TREE)
            kbuild.ensure_kernel(kbuild.BENCH, images)
        for guest in machines():
            show(guest, measure(guest, images / f"{guest.kernel}.bzImage"))
    except BedError as e:
        print(f"tests/kernel/bench: {e}", file=sys.stderr)
        return 1
    return 0
