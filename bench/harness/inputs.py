# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is measured on: real modules, a synthetic set as large as a distribution's, a vmlinux.

Everything is made once and kept in the cache directory; what a run changes are copies in a work
directory there (on the same file system, so that renames and the clock are those of the modules).
"""
import math
import os
import random
import shutil
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .measure import CORES, Failed

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modproof"
OWN = CACHE / "bench"
WORK = OWN / "work"

SYNTHETIC_FILES = 4216
SYNTHETIC_BYTES = 600_000_000
SYNTHETIC_LARGEST = 20_000_000
# Debian 12's modules have a median of 35 kB and a mean of 99 kB: log-normal with this sigma.
SYNTHETIC_SIGMA = math.sqrt(2 * math.log(99 / 35))


@dataclass
class Modules:
    """A directory of modules with a modules.order."""
    name: str
    directory: Path
    files: list[Path]
    bytes: int

    @property
    def order(self) -> Path:
        return self.directory / "modules.order"


def build() -> Path:
    """Builds preset `bench`; gives its directory."""
    for words in (["cmake", "--preset", "bench"], ["cmake", "--build", "build/bench"]):
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"`{' '.join(words)}` failed:\n{done.stdout[-4000:]}")
    return ROOT / "build" / "bench"


def fresh_work_directory() -> Path:
    remove_work_directory()
    WORK.mkdir(parents=True)
    return WORK


def remove_work_directory() -> None:
    mounted = WORK / "mounted"
    if mounted.is_mount():  # left by a run that was killed
        subprocess.run(["umount", mounted], check=True)
    shutil.rmtree(WORK, ignore_errors=True)


def modules_in(directory: Path, name: str) -> Modules:
    lines = (directory / "modules.order").read_text(encoding="utf-8").splitlines()
    files = [directory / line for line in lines]
    return Modules(name, directory, files, sum(file.stat().st_size for file in files))


def debian() -> Modules:
    """Modules of Debian 12: those that an earlier run or ./demo.sh left, or downloaded now."""
    found = sorted(path for pattern in ("lib", "usr/lib")
                   for path in CACHE.glob(f"demo/unpacked-*[0-9a-z]/{pattern}/modules/*"))
    if not found:
        fetch = subprocess.run([ROOT / "tools" / "fetch-modules"], stdout=subprocess.PIPE, text=True,
                               check=False)
        if fetch.returncode != 0:
            raise Failed("tools/fetch-modules did not get Debian's modules")
        found = [Path(fetch.stdout.strip())]
    return modules_in(found[-1], f"Debian {found[-1].name}")


def synthetic() -> Modules:
    """4,216 files, 600 MB: the size of a distribution's kernel."""
    directory = OWN / "synthetic-1"
    if not directory.is_dir():
        print("making the synthetic modules", file=sys.stderr)
        unfinished = OWN / "synthetic-1.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        _make_synthetic(unfinished)
        unfinished.rename(directory)
        time.sleep(4)  # the leaf cache trusts no file younger than three seconds
    return modules_in(directory, "synthetic")


def _make_synthetic(directory: Path) -> None:
    rng = random.Random(1)
    sizes = [rng.lognormvariate(0, SYNTHETIC_SIGMA) for _ in range(SYNTHETIC_FILES - 1)]
    scale = (SYNTHETIC_BYTES - SYNTHETIC_LARGEST) / sum(sizes)
    sizes = [min(int(size * scale), SYNTHETIC_LARGEST - 1) for size in sizes]
    sizes.insert(rng.randrange(SYNTHETIC_FILES), SYNTHETIC_LARGEST)
    noise = rng.randbytes(1 << 20)
    lines = []
    for i, size in enumerate(sizes):
        line = f"kernel/drivers/d{rng.randrange(800):03}/module{i:04}.ko"
        path = directory / line
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(relocatable(max(size, 1024), noise, rng.randrange(len(noise))))
        lines.append(line)
    (directory / "modules.order").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


_NAMES = b"\0.text\0.module_hashes\0.shstrtab\0"


def _header(elf_type: int, section_headers: int, sections: int) -> bytes:
    """An ELF header: 64 bits, little-endian, x86-64."""
    return struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", elf_type, 62, 1, 0, 0,
                       section_headers, 0, 64, 0, 0, 64, sections, sections - 1)


def _section(name: bytes, kind: int, flags: int, offset: int, size: int) -> bytes:
    return struct.pack("<IIQQQQIIQQ", _NAMES.index(name), kind, flags, 0, offset, size, 0, 0, 1, 0)


def relocatable(size: int, noise: bytes, start: int = 0) -> bytes:
    """A relocatable ELF file of `size` bytes with one section of noise."""
    tail = len(_NAMES) + 3 * 64
    body = size - 64 - tail
    text = (noise[start:] + noise * (body // len(noise) + 1))[:body]
    headers = (bytes(64) + _section(b".text", 1, 6, 64, body)
               + _section(b".shstrtab", 3, 0, 64 + body, len(_NAMES)))
    return _header(1, 64 + body + len(_NAMES), 3) + text + _NAMES + headers


def vmlinux(path: Path, size: int) -> None:
    """A linked ELF file of about `size` bytes with an empty root section in the middle."""
    noise = random.Random(2).randbytes(1 << 20)
    half = size // 2 // len(noise)
    before, after = 64, 64 + half * len(noise) + 64
    names = after + half * len(noise)
    with path.open("wb") as file:
        file.write(_header(2, names + len(_NAMES), 5))
        for _ in range(half):
            file.write(noise)
        file.write(bytes(64))  # 36 of them are the root
        for _ in range(half):
            file.write(noise)
        file.write(_NAMES)
        file.write(bytes(64) + _section(b".text", 1, 6, before, half * len(noise))
                   + _section(b".module_hashes", 1, 2, after - 64, 36)
                   + _section(b".text", 1, 6, after, half * len(noise))
                   + _section(b".shstrtab", 3, 0, names, len(_NAMES)))


def copy_of(modules: Modules, target: Path) -> Modules:
    """A copy to be changed, at `target`."""
    subprocess.run(["cp", "-a", modules.directory, target], check=True)
    return modules_in(target, modules.name)


# As the kernel's own `make modules_install` compresses, scripts/Makefile.modinst.
COMPRESSORS = {
    "xz": ["xz", "--check=crc32", "--lzma2=dict=1MiB"],
    "zst": ["zstd", "-q", "--rm"],
    "gz": ["gzip", "-n"],
}


def compressed(modules: Modules, suffix: str) -> Modules:
    """A copy in the work directory, each module compressed."""
    target = WORK / f"sealed-{suffix}"
    subprocess.run(["cp", "-a", modules.directory, target], check=True)
    files = [target / file.relative_to(modules.directory) for file in modules.files]
    subprocess.run(["xargs", "-0", "-n", "32", "-P", str(CORES),
                    *COMPRESSORS[suffix]], input=b"\0".join(bytes(file) for file in files), check=True)
    files = [file.with_name(f"{file.name}.{suffix}") for file in files]
    return Modules(modules.name, target, files, sum(file.stat().st_size for file in files))


def big_module(path: Path, size: int) -> None:
    """A module of `size` bytes, nearly all of which are a hole."""
    small = relocatable(4096, bytes(1))
    with path.open("wb") as file:
        file.write(small)
        file.truncate(size)
