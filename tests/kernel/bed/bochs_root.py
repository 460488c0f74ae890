# SPDX-License-Identifier: GPL-2.0-only
"""
Bochs 3.0, which Debian 13 has: 2.7 (Debian 12) reports wrong XSAVES sizes, 3.1
miscalculates the clocksource. On Debian 13 it is the host's own package; on
others it runs from a Debian 13 folder made by debootstrap, from whatever
mirror this machine's apt uses.
"""

import os
import shutil
import subprocess
from pathlib import Path

from . import cache
from .cache import BedError, run

RELEASE = "trixie"
PACKAGES = ("bochs", "bochsbios", "vgabios")
VERSION = "3.0"
FOLDER = cache.ROOT / f"bochs-{RELEASE}"


def _mirror():
    """The archive this machine's apt reads Debian from."""
    text = run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)",
                "Created-By: Packages"])
    for line in text.splitlines():
        origin, label, uri = line.split("|")
        if (origin, label) == ("Debian", "Debian"):
            return uri
    raise BedError("no Debian archive among this machine's apt sources: run apt-get update, "
                   "or add a deb line")


def _host_release():
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return fields.get("VERSION_CODENAME", "").strip('"')


def _is_wanted_version(root):
    out = subprocess.run(["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f",
                          "${Version} ${Status}", "bochs"],
                         capture_output=True, text=True, check=False).stdout
    return out.startswith(VERSION) and out.endswith("install ok installed")


def _apt_install(prefix=()):
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C")
    run([*prefix, "apt-get", "install", "-y", "--no-install-recommends", *PACKAGES], env=env)


def _bootstrap():
    """Makes FOLDER: a minimal Debian 13 with Bochs, under apt's settings of this machine."""
    part = FOLDER.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    run(["debootstrap", "--variant=minbase", RELEASE, part, _mirror()])
    (part / "etc/apt/apt.conf.d/90host").write_text(run(["apt-config", "dump", "Acquire"]))
    _apt_install(("chroot", part))
    shutil.rmtree(part / "var/cache/apt", ignore_errors=True)
    cache.replace_dir(part, FOLDER)


def ensure():
    """Gets Bochs; returns the root folder it runs in ("/" for the host's own)."""
    with cache.lock("bochs"):
        if _is_wanted_version("/"):
            return Path("/")
        if _host_release() == RELEASE:
            _apt_install()
            return Path("/")
        if not _is_wanted_version(FOLDER):
            _bootstrap()
        return FOLDER


def command(root, work):
    """
    The command prefix under which Bochs sees the folder work as /mnt, and where
    it finds work. In a folder of its own it gets /proc and /dev in a mount
    namespace that ends with it.
    """
    if root == Path("/"):
        return [], work
    script = (f'mount -t proc proc "{root}/proc" && mount --rbind /dev "{root}/dev" && '
              f'mount --bind "{work}" "{root}/mnt" && exec chroot "{root}" "$@"')
    return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script, "sh"], Path("/mnt")
