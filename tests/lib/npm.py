# SPDX-License-Identifier: GPL-2.0-only
"""Programs of others from npm, as tests/lib/npm/package-lock.json pins them.

Installed once into a cache outside of the checkout, without their install
scripts; a changed lock makes another folder.
"""
import hashlib
import os
import shutil
import subprocess
import tempfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")
LOCK = ("package.json", "package-lock.json")


def modules():
    """(node_modules, None), or (None, why it cannot be had)."""
    if not shutil.which("npm") or not shutil.which("node"):
        return None, "no npm and node on this machine"
    digest = hashlib.sha256(b"".join(open(os.path.join(HERE, f), "rb").read() for f in LOCK)).hexdigest()[:16]
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "perf-xregs", "npm")
    target = os.path.join(cache, digest)
    if not os.path.exists(target):
        os.makedirs(cache, exist_ok=True)
        fresh = tempfile.mkdtemp(dir=cache)
        why = install(fresh)
        try:
            if not why:
                os.rename(fresh, target)
        except OSError:
            pass                # another run was quicker
        shutil.rmtree(fresh, ignore_errors=True)
        if why:
            return None, why
    return os.path.join(target, "node_modules"), None


def install(folder):
    """None, or why not."""
    for f in LOCK:
        shutil.copy(os.path.join(HERE, f), folder)
    try:
        r = subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder,
                           capture_output=True, text=True, timeout=90)
    except subprocess.TimeoutExpired:
        return "the npm registry does not answer"
    return "npm cannot install: %s" % " ".join((r.stderr + r.stdout).split())[:200] if r.returncode else None
