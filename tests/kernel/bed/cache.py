# SPDX-License-Identifier: GPL-2.0-only
"""
Where everything is kept: ${XDG_CACHE_HOME:-~/.cache}/perf-xregs

	pristine/		the Debian source as it came; never written to
	tree/			the same, hard-linked, with the series applied
	tree-w1/		the same with the patches one after the other, for the checks
	obj/NAME/		objects of one configuration of tree/
	images/KEY/		bzImages, kselftests and verdicts of one series
	checks/KEY.*		checkpatch's and W=1's verdicts, one a patch
	ccache/			compiler cache
	bochs-trixie/		Debian 13 folder that Bochs runs from
	runs/CHECKOUT/GUEST/	the last run's initrd and serial logs, by a hash of the checkout's path
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

BED = Path(__file__).resolve().parent
KERNEL_TESTS = BED.parent
TOP = KERNEL_TESTS.parent.parent
CONFIGS = KERNEL_TESTS / "configs"
GUEST = KERNEL_TESTS / "guest"
PATCHES = TOP / "kernel-patches" / "v6.12"
SOURCE_PACKAGE = "linux-source-6.12"

ROOT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "perf-xregs"
PRISTINE = ROOT / "pristine"
TREE = ROOT / "tree"
TREE_W1 = ROOT / "tree-w1"
OBJ = ROOT / "obj"
# How many series' images and checkouts' runs stay; each is some 30 MB.
KEEP = 6


class BedError(Exception):
    """Something that keeps the bed from working; its text is for the reader of the test run."""


_groups = set()


def _end_all(*_):
    """Signal handler: an interrupted run leaves no build and no emulator behind."""
    for pid in list(_groups):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    os._exit(1)


def stop_on_signals():
    """Makes the signals that end a run end its child processes too."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end_all)


def run_limited(command, out, timeout, **kwargs):
    """
    Runs a command in a process group of its own with its output in the file
    out, and ends the group after timeout seconds. Returns its status, or None
    when the time was over.
    """
    with subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out,
                          stderr=subprocess.STDOUT, start_new_session=True, **kwargs) as process:
        _groups.add(process.pid)
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None
        finally:
            _groups.discard(process.pid)


def run(command, log=None, timeout=3600, **kwargs):
    """
    Runs a command under a time limit and returns its output, which is also
    appended to the file log. Raises BedError with the tail of the output when
    it fails.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        status = run_limited(command, out, timeout, **kwargs)
        out.seek(0)
        text = out.read()
    if log:
        with open(log, "a", encoding="utf-8") as f:
            f.write(text)
    if status != 0:
        tail = "\n".join(text.splitlines()[-40:])
        why = f"status {status}" if status is not None else f"still running after {timeout} s"
        raise BedError(f"{' '.join(map(str, command))[:300]}: {why}\n{tail}")
    return text


def digest(*parts):
    """A short hash over texts and files' contents."""
    h = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        h.update(f"{len(data)} ".encode() + data)
    return h.hexdigest()[:20]


@contextlib.contextmanager
def lock(name):
    """One bed at a time in the source tree."""
    ROOT.mkdir(parents=True, exist_ok=True)
    with open(ROOT / f"{name}.lock", "w", encoding="ascii") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def replace_dir(new, old):
    """Puts folder new, made whole, in the place of old."""
    shutil.rmtree(old, ignore_errors=True)
    new.rename(old)


def runs():
    """The folder of this checkout's runs: two checkouts may be tested at a time."""
    folder = ROOT / "runs" / digest(str(TOP))[:8]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def prune():
    """Drops the images and runs that were not used for longest."""
    for kind in ("images", "runs"):
        folders = sorted((ROOT / kind).glob("*"), key=lambda p: p.stat().st_mtime)
        for old in folders[:-KEEP]:
            shutil.rmtree(old, ignore_errors=True)
