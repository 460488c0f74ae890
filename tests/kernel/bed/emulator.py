# SPDX-License-Identifier: GPL-2.0-only
"""
The emulated machines. Each boots a bzImage and an initrd to its end and leaves
two logs in its folder: console.log (ttyS0, the kernel) and tests.log (ttyS1,
what the guest's tests print).
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from . import bochs_root, cache
from .cache import run, run_limited

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


def _emulate(command, guest):
    """Runs an emulator for at most guest.timeout seconds; returns a complaint, or ""."""
    with open(guest.folder / "emulator.log", "w", encoding="utf-8") as out:
        status = run_limited(command, out, guest.timeout)
    # Bochs' own status is not 0 when the guest powers off.
    return "" if status is not None else f"still running after {guest.timeout} s; ended by the bed"


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
        return _emulate(command, self)


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
        return _emulate(command, self)

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


def folder_of(guest):
    """A fresh folder for a guest's run."""
    folder = cache.runs() / guest.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    guest.folder = folder
    return folder
