# SPDX-License-Identifier: GPL-2.0-only
"""Configuring and building: the guests' kernels, the kselftests, and the checks of each patch."""

import json
import os
import re
import shutil
import time
from collections import Counter

from . import cache, series
from .cache import BedError, run

# A part of every key: raise it when the way of building changes.
FORMAT = 1
# Which fragments of configs/ make which kernel. The bench's is base.config alone,
# without the series' KUnit suites and test hooks, which cost instructions.
KERNELS = {"base": ("base", "bpf"), "debug": ("base", "debug")}
BENCH = "bench"
W1_FRAGMENTS = ("base", "debug", "w1")
KSELFTESTS = "perf_events"

_WARNING = re.compile(r"^(?P<path>[^\s:]+):\d+(?::\d+)?: (?P<text>(?:warning|error): .*)$", re.M)
_CHECKPATCH_TYPE = re.compile(r"^[A-Z_]+$")


def _environment():
    return dict(os.environ, CCACHE_DIR=str(cache.ROOT / "ccache"), CCACHE_BASEDIR=str(cache.ROOT),
                CCACHE_MAXSIZE="4G", KBUILD_BUILD_TIMESTAMP="1970-01-01", KBUILD_BUILD_USER="bed",
                KBUILD_BUILD_HOST="bed", LC_ALL="C", MAKEFLAGS="", MFLAGS="")


def make(obj, *targets, tree=None, log=None):
    """make TARGETS of a tree with its objects in obj; returns the output or appends it to log."""
    return run(["make", "-s", f"-j{os.cpu_count()}", f"O={obj}", "CC=ccache gcc",
                "HOSTCC=ccache gcc", *targets], cwd=tree or cache.TREE, env=_environment(), log=log)


def fragment_text(names, options=None):
    """The fragments' text with more options, by default those of the series' KUnit suites."""
    text = "".join((cache.CONFIGS / f"{name}.config").read_text() for name in names)
    return text + "".join(f"{option}\n" for option in
                          (series.kunit_options() if options is None else options))


def _lost_options(wanted, config):
    """Options of a fragment that Kconfig did not take over."""
    have = set(config.splitlines())
    last = dict(line.split("=", 1) for line in wanted.splitlines() if line.startswith("CONFIG_"))
    return [f"{name}={value}" for name, value in last.items()
            if (f"# {name} is not set" not in have and any(h.startswith(f"{name}=") for h in have)
                if value == "n" else f"{name}={value}" not in have)]


def wanted_config(name):
    """The fragments' text of the kernel called name."""
    if name == BENCH:
        return fragment_text(("base",), ())
    return fragment_text(KERNELS[name])


def configure(name):
    """
    Configures the kernel called name: tinyconfig plus fragments plus options.
    One that Kconfig drops is an error. Does nothing when it is so already.
    """
    obj, wanted = cache.OBJ / name, wanted_config(name)
    stamp = obj / ".fragments"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _write_config(obj, wanted, cache.TREE)
    lost = _lost_options(wanted, (obj / ".config").read_text())
    if lost:
        raise BedError(f"Kconfig of {cache.SOURCE_PACKAGE} dropped: {' '.join(lost)}; "
                       "an option it depends on is missing from tests/kernel/configs or kunit-configs")
    stamp.write_text(wanted)


def _write_config(obj, wanted, tree):
    obj.mkdir(parents=True, exist_ok=True)
    make(obj, "tinyconfig", tree=tree)
    with open(obj / ".config", "a", encoding="ascii") as f:
        f.write(wanted)
    make(obj, "olddefconfig", tree=tree)


def key(files):
    """What the images depend on: package version, patches and configurations."""
    options = [fragment_text(names) for names in KERNELS.values()]
    return cache.digest(FORMAT, series.source_version(), *options, *files)


def ensure_kernel(name, images):
    """
    Builds the kernel called name unless its bzImage is in the folder images.
    Returns the seconds it took.
    """
    image = images / f"{name}.bzImage"
    start = time.monotonic()
    if not image.exists():
        obj = cache.OBJ / name
        configure(name)
        make(obj, "bzImage", log=images / f"{name}.log")
        shutil.copyfile(obj / "arch/x86/boot/bzImage", image)
    return time.monotonic() - start


def _kselftest_make(out, *arguments):
    return run(["make", "-s", "-C", cache.TREE / "tools/testing/selftests" / KSELFTESTS,
                f"OUTPUT={out}", f"KHDR_INCLUDES=-isystem {cache.OBJ}/base/usr/include",
                "LDFLAGS=-static -lpthread", "CC=ccache gcc", *arguments], env=_environment())


def build_kselftests(out):
    """
    Builds the tree's perf_events kselftests static into out, with the names of
    the tests in out/tests.list. Returns what is wrong: compiler warnings, or
    why some did not build; the others are there all the same.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    configure("base")
    make(cache.OBJ / "base", "headers_install")
    try:
        text = _kselftest_make(out, "-k")
        wrong = [line for line in text.splitlines() if "warning:" in line]
    except BedError as e:
        wrong = str(e).splitlines()
    listed = _kselftest_make(out, f"COLLECTION={KSELFTESTS}", "emit_tests")
    names = re.findall(rf"^{KSELFTESTS}:(\S+)$", listed, re.M)
    (out / "tests.list").write_text("\n".join(names) + "\n")
    return wrong


def checkpatch_ignored():
    """Types of messages left out (checkpatch-ignore says why)."""
    lines = (cache.KERNEL_TESTS / "checkpatch-ignore").read_text().splitlines()
    return [line for line in lines if _CHECKPATCH_TYPE.match(line)]


def checkpatch(patch):
    """What checkpatch.pl --strict says of a patch; empty when it is content."""
    script = cache.PRISTINE / "scripts/checkpatch.pl"
    # Not in a git checkout: there it asks git about the kernel's history.
    try:
        run(["perl", script, "--strict", "--quiet", "--show-types", f"--root={cache.PRISTINE}",
             f"--ignore={','.join(checkpatch_ignored())}", patch], cwd=cache.PRISTINE)
    except BedError as e:
        return str(e)
    return ""


def _warnings(text, paths):
    """Warnings and errors of a build in these paths, without line numbers."""
    found = Counter()
    for match in _WARNING.finditer(text):
        path = match["path"]
        for tree in (f"{cache.TREE_W1}/", f"../../{cache.TREE_W1.name}/", "../"):
            path = path.removeprefix(tree)
        if path in paths:
            found[f"{path}: {match['text']}"] += 1
    return found


def _w1_build(files, every):
    """
    W=1 messages with these patches applied, in the files that the whole series
    (every) touches. Options of KUnit suites that come later in the series are
    dropped by Kconfig, hence no complaint here.
    """
    obj = cache.OBJ / "w1"
    series.apply(files, cache.TREE_W1)
    _write_config(obj, fragment_text(W1_FRAGMENTS), cache.TREE_W1)
    objects = [f"{p[:-2]}.o" for p in series.sources(every, cache.TREE_W1)]
    text = make(obj, "W=1", *objects, tree=cache.TREE_W1) if objects else ""
    return _warnings(text, set(series.touched(every)))


def _remembered(name, compute):
    """compute()'s value (JSON), kept in checks/name."""
    kept = cache.ROOT / "checks" / name
    if kept.exists():
        return json.loads(kept.read_text())
    value = compute()
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(value))
    return value


def _w1_verdict(files, every, before):
    try:
        new = _w1_build(files, every) - before
    except BedError as e:
        return str(e)
    return "\n".join(f"{text} ({n} new)" for text, n in new.items())


def w1(files):
    """
    Yields (patch, verdict) for each patch: it and those before it applied, the
    files that the series touches are built with W=1. The verdict is empty, or
    the messages that the pristine source does not give, or why it did not build.
    """
    common = (FORMAT, series.source_version(), fragment_text(W1_FRAGMENTS), series.touched(files))
    before = Counter(_remembered(f"{cache.digest(*common)}.w1",
                                 lambda: _w1_build([], files))) if files else Counter()
    for i, patch in enumerate(files):
        upto = files[:i + 1]
        yield patch, _remembered(f"{cache.digest(*common, *upto)}.w1",
                                 lambda upto=upto: _w1_verdict(upto, files, before))


def checkpatch_all(files):
    """Yields (patch, checkpatch's verdict)."""
    ignored = cache.KERNEL_TESTS / "checkpatch-ignore"
    for patch in files:
        name = f"{cache.digest(series.source_version(), ignored, patch)}.checkpatch"
        yield patch, _remembered(name, lambda patch=patch: checkpatch(patch))
