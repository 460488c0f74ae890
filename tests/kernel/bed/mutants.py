# SPDX-License-Identifier: GPL-2.0-only
"""
Deliberate mistakes in the patched kernel (mutants/NAME), each of which a named
kselftest must notice: what shows that these tests can fail.

A mutant is a few "key: value" lines: file, from (a whole line that occurs
once, without its indentation), to (what replaces it), and fails (a kselftest).
"""

import shutil
from dataclasses import dataclass

from . import cache, kbuild, series
from .cache import BedError

FOLDER = cache.KERNEL_TESTS / "mutants"


@dataclass
class Mutant:
    """One mistake."""
    name: str
    file: str
    line: str
    to: str
    fails: str


def load():
    """All mutants, sorted by name."""
    found = []
    for path in sorted(FOLDER.glob("*")):
        lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
        fields = dict(line.split(": ", 1) for line in lines)
        found.append(Mutant(path.name, fields["file"], fields["from"], fields["to"],
                            fields["fails"]))
    return found


def _mutate(mutant):
    """Makes the mistake in the tree."""
    path = cache.TREE / mutant.file
    lines = path.read_text().split("\n") if path.exists() else []
    at = [i for i, line in enumerate(lines) if line.strip() == mutant.line]
    if len(at) != 1:
        raise BedError(f"mutant {mutant.name}: the line '{mutant.line}' is {len(at)} times in "
                       f"{mutant.file}, once is wanted")
    indent = lines[at[0]][:len(lines[at[0]]) - len(lines[at[0]].lstrip())]
    lines[at[0]] = indent + mutant.to
    # Unlinked first: it may share its inode with pristine/.
    path.unlink()
    path.write_text("\n".join(lines))


def ensure_kernel(mutant, images, files):
    """Builds the base kernel with the mistake unless it is there; returns its bzImage."""
    digest = cache.digest(mutant.file, mutant.line, mutant.to)
    image = images / f"mutant-{mutant.name}-{digest}.bzImage"
    if image.exists():
        return image
    with cache.lock("tree"):
        series.apply(files, cache.TREE)
        _mutate(mutant)
        try:
            built = images / "mutant"
            built.mkdir(exist_ok=True)
            kbuild.ensure_kernel("base", built)
        finally:
            series.apply(files, cache.TREE)
        shutil.move(built / "base.bzImage", image)
        shutil.rmtree(built)
    return image
