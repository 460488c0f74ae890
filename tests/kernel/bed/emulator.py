# SPDX-License-Identifier: GPL-2.0-only
"""
The emulated machines. Each boots a bzImage and an initrd to its end and leaves
two logs in its folder: console.log (ttyS0, the kernel) and tests.log (ttyS1,
what the guest's tests print).
"""

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import bochs_root, cache
from .cache import run

# loglevel=7: KUnit's results are KERN_INFO.
APPEND = "console=ttyS0 panic=-1 loglevel=7"


@dataclass
class Guest:
    """A machine: name, which kernel (kbuild.KERNELS), how to start it, seconds until it is given up."""
    name: str
    kernel: str
    timeout: int
    append: str = ""
    cpu: str = ""
    cpus: int = 2
    extra: tuple = ()
    folder: Path = None

    def log(self, which):
        path = self.folder / f"{which}.log"
        return path.read_text(errors="replace") if path.exists() else ""


_running = set()


def _end_all(*_):
    """Signal handler: an interrupted run leaves no emulator behind."""
    for pid in list(_running):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    os._exit(1)


def stop_on_signals():
    """Makes the signals that end a run end its emulators too."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end_all)


def _run_limited(command, timeout, log, **kwargs):
    """
    Runs a command in a process group of its own and ends the group after
    timeout seconds. Returns a complaint, or "".
    """
    with open(log, "w", encoding="utf-8") as out, subprocess.Popen(
            [str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True, **kwargs) as process:
        _running.add(process.pid)
        try:
            process.wait(timeout)
            return ""
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return f"still running after {timeout} s; ended by the bed"
        finally:
            _running.discard(process.pid)


class Qemu(Guest):
    """QEMU without KVM: SMP, AVX2, standard-format XSAVE; no XSAVES, AVX-512, PMU."""

    def boot(self, image, initrd):
        """Boots; returns a complaint, or ""."""
        command = ["qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-cpu",
                   self.cpu or "max", "-smp", str(self.cpus), "-m", "768", "-display", "none", "-no-reboot",
                   "-monitor", "none", "-nic", "none",
                   "-serial", f"file:{self.folder}/console.log",
                   "-serial", f"file:{self.folder}/tests.log",
                   "-kernel", image, "-initrd", initrd, "-append", f"{APPEND} {self.append}",
                   *self.extra]
        return _run_limited(command, self.timeout, self.folder / "emulator.log")


# Instructions a second of guest time. The models' CPUID claims some GHz for the
# time stamp counter, yet it advances by one an instruction: without the kernel's
# parameter a guest's second would be 3.5e9 instructions, two minutes of ours.
IPS = 100_000_000
BOCHS_CLOCK = f"tsc_early_khz={IPS // 1000}"

_BOCHSRC = """\
config_interface: textconfig
display_library: rfb, options="timeout=0"
megs: 256
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
boot: cdrom
ata0-master: type=cdrom, path={work}/boot.iso, status=inserted
com1: enabled=1, mode=file, dev={work}/console.log
com2: enabled=1, mode=file, dev={work}/tests.log
cpu: model={cpu}, count=1, ips={ips}, reset_on_triple_fault=0
clock: sync=none
panic: action=fatal
error: action=ignore
info: action=ignore
pci: enabled=1, chipset=i440fx
log: {work}/bochs.log
"""


class Bochs(Guest):
    """Bochs: one CPU with AVX-512 and compacted XSAVES (and CET on tigerlake); the PMU's counters don't work."""

    def boot(self, image, initrd):
        """Boots from a CD; returns a complaint, or ""."""
        root = bochs_root.ensure()
        self._make_iso(image, initrd)
        prefix, work = bochs_root.command(root, self.folder)
        (self.folder / "bochsrc").write_text(_BOCHSRC.format(work=work, cpu=self.cpu, ips=IPS))
        # Starts the simulation in place of the debugger's prompt.
        (self.folder / "continue").write_text("c\n")
        command = [*prefix, "bochs", "-q", "-f", f"{work}/bochsrc", "-unlock",
                   "-rc", f"{work}/continue"]
        return _run_limited(command, self.timeout, self.folder / "emulator.log")

    def _make_iso(self, image, initrd):
        cd = self.folder / "cd"
        (cd / "isolinux").mkdir(parents=True)
        shutil.copy("/usr/lib/ISOLINUX/isolinux.bin", cd / "isolinux")
        shutil.copy("/usr/lib/syslinux/modules/bios/ldlinux.c32", cd / "isolinux")
        shutil.copy(image, cd / "bzimage")
        shutil.copy(initrd, cd / "initrd.gz")
        append = f"{APPEND} hpet=disable mitigations=off {BOCHS_CLOCK} {self.append}"
        (cd / "isolinux/isolinux.cfg").write_text(
            f"default linux\nprompt 0\ntimeout 0\nlabel linux\n kernel /bzimage\n"
            f" append initrd=/initrd.gz {append}\n")
        run(["xorriso", "-as", "mkisofs", "-quiet", "-o", self.folder / "boot.iso",
             "-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat", "-no-emul-boot",
             "-boot-load-size", "4", "-boot-info-table", cd])
        shutil.rmtree(cd)


def folder_of(guest, group="runs"):
    """A fresh folder for a guest's run."""
    folder = cache.ROOT / group / guest.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    guest.folder = folder
    return folder
