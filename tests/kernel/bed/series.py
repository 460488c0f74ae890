# SPDX-License-Identifier: GPL-2.0-only
"""The kernel source and the patch series in it."""

import re
import shutil
import subprocess

from . import cache
from .cache import BedError, run

_PATH = re.compile(r"^(?:---|\+\+\+) (?:[ab]/)?(\S+)", re.M)
_INCLUDED = re.compile(r'^#include "([^"/]+\.c)"', re.M)
_APPLIED = ".perf-xregs-applied"


def patches():
    """The patch files of the series in order; none when there is no series."""
    listed = cache.PATCHES / "series"
    if not listed.exists():
        return []
    names = [line.split("#")[0].strip() for line in listed.read_text().splitlines()]
    files = [cache.PATCHES / name for name in names if name]
    missing = [p.name for p in files if not p.exists()]
    if missing:
        raise BedError(f"kernel-patches/v6.12/series lists {missing[0]}, which is not there")
    return files


def kunit_options():
    """Kconfig options that switch on the series' KUnit suites."""
    listed = cache.PATCHES / "kunit-configs"
    if not listed.exists():
        return []
    lines = [line.split("#")[0].strip() for line in listed.read_text().splitlines()]
    return [line if "=" in line else f"{line}=y" for line in lines if line]


def touched(files):
    """Paths in the kernel tree that these patches touch, sorted."""
    paths = set()
    for patch in files:
        paths |= set(_PATH.findall(patch.read_text(errors="replace")))
    return sorted(paths - {"/dev/null", "dev/null"})


def source_version():
    """Debian's version of the installed source package."""
    out = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", cache.SOURCE_PACKAGE],
                         capture_output=True, text=True, check=False)
    if out.returncode:
        raise BedError(f"package {cache.SOURCE_PACKAGE} is not installed: apt-get install it")
    return out.stdout.strip()


def unpack():
    """Unpacks the source package into pristine/ and links the trees to it, once a package version."""
    version = source_version()
    stamp = cache.ROOT / "pristine.version"
    if stamp.exists() and stamp.read_text() == version and (cache.TREE / "Makefile").exists():
        return
    stamp.unlink(missing_ok=True)
    for old in (cache.PRISTINE, cache.TREE, cache.TREE_W1, cache.OBJ):
        shutil.rmtree(old, ignore_errors=True)
    cache.PRISTINE.mkdir(parents=True)
    run(["tar", "-xJf", f"/usr/src/{cache.SOURCE_PACKAGE}.tar.xz", "-C", cache.PRISTINE,
         "--strip-components=1"])
    for tree in (cache.TREE_W1, cache.TREE):
        run(["cp", "-al", cache.PRISTINE, tree])
    stamp.write_text(version)


def _patched(files, scratch):
    """Applies the patches to copies of the files they touch, in the folder scratch."""
    for path in touched(files):
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)
        if (cache.PRISTINE / path).exists():
            shutil.copy2(cache.PRISTINE / path, scratch / path)
    for patch in files:
        try:
            run(["patch", "-p1", "-F0", "-s", "--no-backup-if-mismatch", "-i", patch], cwd=scratch)
        except BedError as e:
            raise BedError(f"{patch.name} does not apply to "
                           f"{cache.SOURCE_PACKAGE} {source_version()}\n{e}") from e


def _put(source, target):
    """
    Makes target equal to source (or absent). An equal file is left alone, so
    that make sees only what changed; a differing one is unlinked first, since
    it may share its inode with pristine/.
    """
    if not source.exists():
        target.unlink(missing_ok=True)
        return
    if target.exists() and target.read_bytes() == source.read_bytes():
        return
    target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    shutil.copymode(source, target)


def apply(files, tree):
    """Makes tree the pristine source with exactly these patches."""
    scratch = cache.ROOT / f"scratch-{tree.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    _patched(files, scratch)
    record = tree / _APPLIED
    before = set(record.read_text().split()) if record.exists() else set()
    now = set(touched(files))
    record.write_text("\n".join(sorted(before | now)))
    for path in now:
        _put(scratch / path, tree / path)
    for path in before - now:
        _put(cache.PRISTINE / path, tree / path)
    record.write_text("\n".join(sorted(now)))
    shutil.rmtree(scratch)


def sources(files, tree):
    """
    Touched C files of tree that an x86-64 kernel's build makes objects of: not
    those that another one includes, as KUnit tests of static functions are.
    """
    elsewhere = ("tools/", "samples/", "Documentation/")
    found = [p for p in touched(files) if p.endswith(".c") and not p.endswith("_32.c")
             and not p.startswith(elsewhere) and (tree / p).exists()]
    included = {name for p in found for name in _INCLUDED.findall((tree / p).read_text())}
    return [p for p in found if p.rsplit("/", 1)[-1] not in included]
