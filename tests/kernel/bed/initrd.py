# SPDX-License-Identifier: GPL-2.0-only
"""The guests' initial RAM disks: busybox, guest/init, test programs, kselftests, perf-xregs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import cache
from .cache import BedError, run

_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


def _libraries(program):
    """The shared objects a dynamic program needs, by ldd."""
    done = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    if "not found" in done.stdout:
        raise BedError(f"ldd {program}: {done.stdout}")
    return [Path(p) for p in _LIBRARY.findall(done.stdout)]


def _add(root, source, target, mode=0o755):
    """Copies source to target in the disk, with the libraries it needs at their own places."""
    to = root / str(target).lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)
    to.chmod(mode)
    with open(source, "rb") as f:
        if f.read(4) != b"\x7fELF":
            return
    for library in _libraries(source):
        if not (root / str(library).lstrip("/")).exists():
            _add(root, library, library)


def build_dir():
    """Where make put perf-xregs."""
    return cache.TOP / os.environ.get("O", "build")


def tool_programs():
    """{source: place in the guest} of perf-xregs, as make install lays it out; empty when not built."""
    build = build_dir()
    wanted = {build / "perf-xregs": "/usr/local/bin/perf-xregs",
              build / "libxregs-agent.so": "/usr/local/libexec/perf-xregs/libxregs-agent.so"}
    if not all(p.exists() for p in wanted):
        return {}
    hits_live = build / "tests/programs/hits_live"
    return wanted | ({hits_live: "/usr/local/bin/hits_live"} if hits_live.exists() else {})


def dynamic_shell():
    """{source: place in the guest} of a shell that an agent can be preloaded into; busybox is static."""
    return {Path("/bin/dash"): "/usr/local/bin/dash"}


def compile_guest_programs(out):
    """guest/*.c, each as NAME (dynamic) and NAME-static, into the folder out."""
    out.mkdir(parents=True, exist_ok=True)
    for source in sorted(cache.GUEST.glob("*.c")):
        flags = ["gcc", "-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", source]
        run([*flags, "-o", out / source.stem])
        run([*flags, "-static", "-o", out / f"{source.stem}-static"])
    return sorted(out.iterdir())


def unsupported(guest):
    """{kselftest or kselftest.test: why the guest of this name does not run it} (kselftest-unsupported)."""
    lines = (cache.KERNEL_TESTS / "kselftest-unsupported").read_text().splitlines()
    found = (line.split(" ", 2) for line in lines if line and not line.startswith("#"))
    return {name: why for name, guests, why in found if guests == "all" or guest in guests.split(",")}


def _add_kselftests(root, kselftests, only, left_out):
    """The tests, and tests.list with a line for each that is to run: its name and arguments."""
    shutil.copytree(kselftests, root / "kselftest")
    listed = root / "kselftest/tests.list"
    names = [n for n in listed.read_text().split() if n not in left_out and only in (None, n)]
    # -T leaves a test out [tools/testing/selftests/kselftest_harness.h]
    listed.write_text("".join(" ".join([n, *(f"-T {t[len(n) + 1:]}" for t in left_out if t.startswith(f"{n}."))]) + "\n"
                              for n in names))


def make(folder, tests, programs=(), files=None, kselftests=None, only=None):
    """
    Writes folder/initrd.gz for the guest of the folder's name and returns its
    path. tests are the files that init runs, programs go to /usr/local/bin,
    files is {source: target}, kselftests a folder with the tests and
    tests.list, only the one of them to run.
    """
    root = folder / "initrd"
    root.mkdir(parents=True)
    _add(root, "/bin/busybox", "/bin/busybox")
    _add(root, cache.GUEST / "init", "/init")
    _add(root, cache.GUEST / "tap.sh", "/bin/tap.sh")
    for test in tests:
        _add(root, test, f"/tests/{Path(test).stem}")
    for program in programs:
        _add(root, program, f"/usr/local/bin/{Path(program).name}")
    for source, target in (files or {}).items():
        _add(root, source, target)
    if kselftests:
        _add_kselftests(root, kselftests, only, unsupported(folder.name))
    out = folder / "initrd.gz"
    run(["sh", "-c", f'cd "{root}" && find . | cpio -o -H newc --quiet | gzip -1 > "{out}"'])
    shutil.rmtree(root)
    return out
