# SPDX-License-Identifier: LGPL-2.1-or-later
"""File systems made for a measurement.

What creates and replaces files is measured in a file system as distributions install it, not in
whatever the machine at hand has: see "File systems" in bench/README.md.
"""
import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .google import output_of
from .inputs import WORK
from .measure import Failed

SIZE = 4 << 30  # bytes, of which only those take space that are written


@dataclass(frozen=True)
class FileSystem:
    """How one is made. `make` is empty for one in memory."""
    name: str
    make: tuple[str, ...] = ()
    options: str = "defaults"


# Not lazy: the kernel would otherwise write its tables while something is measured.
EXT4 = FileSystem("ext4", ("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"))
OTHERS = [
    FileSystem("ext4, noauto_da_alloc", EXT4.make, "noauto_da_alloc"),
    FileSystem("xfs", ("mkfs.xfs", "-q", "-f")),
    FileSystem("btrfs", ("mkfs.btrfs", "-q", "-f")),
    FileSystem("tmpfs", options=f"size={SIZE}"),
]


def can_make(kind: FileSystem) -> str | None:
    """Why `kind` cannot be made here; nothing if it can."""
    if os.geteuid() != 0:
        return "only root can mount one"
    if kind.make and shutil.which(kind.make[0]) is None:
        return f"there is no {kind.make[0]} here"
    return None


@contextlib.contextmanager
def mounted(kind: FileSystem) -> Iterator[Path]:
    """An empty file system of this kind, gone when the block ends. Raises Failed if that cannot be.

    On a loop device that passes the page cache by, so that its bytes are written once, by the disk.
    """
    if reason := can_make(kind):
        raise Failed(f"no file system {kind.name} to measure in: {reason}")
    place, image = WORK / "mounted", WORK / "file-system"
    place.mkdir(exist_ok=True)
    if kind.make:
        with image.open("wb") as file:
            file.truncate(SIZE)
        output_of([*kind.make, image])
        device = output_of(["losetup", "--find", "--show", "--direct-io=on", image]).strip()
        try:
            output_of(["mount", "-o", kind.options, device, place])
        finally:
            output_of(["losetup", "--detach", device])  # as soon as nothing uses it any more
    else:
        output_of(["mount", "-t", kind.name, "-o", kind.options, "none", place])
    try:
        yield place
    finally:
        output_of(["umount", place])
        image.unlink(missing_ok=True)
