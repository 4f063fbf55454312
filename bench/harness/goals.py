# SPDX-License-Identifier: LGPL-2.1-or-later
"""The goals, one function each; every function gives the rows of the table that it measured."""
import functools
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import filesystems, google, inputs
from .filesystems import FileSystem
from .inputs import Modules
from .measure import CORES, Failed, Sample, Side, alternate, command, ratios, spawn
from .memory import peak_mib, sealed_big_module
from .report import Row, at_least, at_most, information, times


@dataclass
class Setting:
    """What all goals share. Inputs are made when the first goal asks for them."""
    build: Path
    work: Path
    rounds: int

    @property
    def modproof(self) -> str:
        return str(self.build / "modproof")

    @functools.cached_property
    def debian(self) -> Modules:
        return inputs.debian()

    @functools.cached_property
    def synthetic(self) -> Modules:
        return inputs.synthetic()

    @functools.cached_property
    def sealed(self) -> Modules:
        """A copy of Debian's modules, each with its proof."""
        sealed = inputs.copy_of(self.debian, self.work / "sealed")
        spawn([self.modproof, "seal", "--no-sync", "-o", self.sealed_tree, sealed.directory])
        os.sync()
        return sealed

    @property
    def sealed_tree(self) -> Path:
        return self.work / "sealed.merkle"

    def tree(self, modules: Modules, *options: str) -> list[str]:
        """The command that makes a tree file of `modules`."""
        return [self.modproof, "tree", "--no-sync", *options, "-o", self.tree_file(modules),
                str(modules.order)]

    def tree_file(self, modules: Modules) -> str:
        return str(self.work / f"{modules.name.split()[0]}.merkle")


def shell(name: str) -> str:
    """The path of a program that everybody has."""
    path = shutil.which(name)
    if path is None:
        raise Failed(f"there is no {name} here")
    return path


def openssl_seconds(size: int) -> Sample:
    """How long OpenSSL's SHA-256 would take for `size` bytes on all cores."""
    rate = google.openssl_rate(shell("openssl"))
    return Sample(size / rate)


def complete_tree(setting: Setting) -> list[Row]:
    """tree, complete, against OpenSSL's SHA-256 on all cores; the hash loop on one."""
    rows, limits = [], []
    hash_rows, rate = google.hash_loop(setting.build, setting.rounds)
    for modules in (setting.debian, setting.synthetic):
        ours, theirs, reading = alternate(
            [command("tree", setting.tree(modules, "--no-cache")),
             Side("openssl", lambda modules=modules: openssl_seconds(modules.bytes)),
             command("read", reader(setting, "pread", modules))],
            setting.rounds)
        rows.append(at_most(1, f"`tree`, {modules.name}, {len(modules.files)} files, "
                            f"{modules.bytes / 1e6:.0f} MB", times(ours),
                            f"{times(theirs)} (`openssl speed`)", ratios(ours, theirs), 0.80))
        hashing = modules.bytes / (rate * CORES)
        limits.append(information(
            1, f"the limit, {modules.name}: reading alone ({times(reading)}), then the hash loop",
            f"{(reading.median + hashing) * 1000:.0f} ms", f"{times(theirs)} (`openssl speed`)",
            [(read + hashing) / other
             for read, other in zip(reading.seconds, theirs.seconds, strict=True)]))
    return rows + hash_rows + limits + ways_to_read(setting)


def reader(setting: Setting, way: str, modules: Modules) -> list[str]:
    """The command that reads all modules and does nothing else."""
    return [str(setting.build / "bench" / "read_ways"), way, str(CORES), str(modules.order)]


def ways_to_read(setting: Setting) -> list[Row]:
    """What was weighed against pread, with a warm page cache and, as root, with a cold one."""
    def compare(what: str, ways: list[str], rounds: int, prepare: Callable[[], None]) -> list[Row]:
        pread, *others = alternate(
            [command(way, reader(setting, way, setting.debian), prepare)
             for way in ["pread", *ways]], rounds)
        return [information(1, f"reading alone, {what}: {other.name}", times(other),
                            f"{times(pread)} (pread)", ratios(other, pread)) for other in others]

    rows = compare("warm", ["uring", "ahead", "mmap", "populate"], setting.rounds, lambda: None)
    drop = Path("/proc/sys/vm/drop_caches")
    if os.access(drop, os.W_OK):
        def forget() -> None:
            os.sync()
            drop.write_text("3\n")
        rows += compare("cold", ["uring", "ahead"], min(setting.rounds, 6), forget)
        spawn(reader(setting, "pread", setting.synthetic))  # warm again
    return rows


def sidecar(setting: Setting) -> list[Row]:
    """tree against the way of the public kernel series."""
    with filesystems.mounted(filesystems.EXT4) as place:
        return [row for modules in (setting.debian, setting.synthetic)
                for row in sidecar_in(place, setting, modules)]


def sidecar_in(place: Path, setting: Setting, modules: Modules) -> list[Row]:
    """The same of some modules, with the proofs in `place`."""
    fresh = iter(range(1000))
    name = modules.name.split()[0]

    def build_once() -> Sample:
        # A new directory each time, as in a first build.
        target = place / f"{name}-{next(fresh)}"
        target.mkdir()
        return spawn([setting.build / "bench" / "sidecar", modules.order, target])[0]

    memory = Path("/dev/shm/modproof-bench")
    memory.mkdir(exist_ok=True)
    try:
        theirs, best, ours = alternate(
            [Side("sidecar", build_once),
             command("in memory", [setting.build / "bench" / "sidecar", modules.order, memory]),
             command("tree", setting.tree(modules, "--no-cache"))], setting.rounds)
    finally:
        shutil.rmtree(memory, ignore_errors=True)
    return [
        at_least(2, f"`tree`, {modules.name}", times(ours), f"{times(theirs)} (sidecar)",
                 ratios(theirs, ours), 5),
        information(2, "the same, their proofs in a file system in memory", times(ours), times(best),
                    ratios(best, ours)),
    ]


def again(setting: Setting) -> list[Row]:
    """tree again, with a cache."""
    modules = setting.synthetic
    rng = random.Random(3)

    def change_one() -> None:
        # In place and with the same length: only the times tell.
        victim = rng.choice(modules.files)
        with victim.open("r+b") as file:
            file.seek(100)
            file.write(rng.randbytes(16))

    changed = setting.tree(modules)
    synced = [word for word in changed if word != "--no-sync"]
    nothing, one, one_synced, complete = alternate(
        [command("nothing", setting.tree(modules)),
         command("one", changed, change_one),
         command("one, synced", synced, change_one),
         command("complete", setting.tree(modules, "--no-cache"))],
        setting.rounds, warm_up=2)
    against = f"{times(complete)} (`--no-cache`)"
    in_ms = lambda series: [seconds * 1000 for seconds in series.seconds]
    return [
        at_most(3, f"`tree` again, nothing changed, {len(modules.files)} modules", times(nothing),
                against, in_ms(nothing), 40, "ms"),
        at_most(3, "`tree` again, one module changed", times(one), against, in_ms(one), 45, "ms"),
        information(3, "the same, waiting for the disk (the default)", times(one_synced), against,
                    in_ms(one_synced), "ms"),
    ]


def patch(setting: Setting) -> list[Row]:
    """patch against objcopy --update-section, vmlinux of 500 MB."""
    ours_file, theirs_file = setting.work / "vmlinux.a", setting.work / "vmlinux.b"
    inputs.vmlinux(ours_file, 500_000_000)
    shutil.copy(ours_file, theirs_file)
    numbers = iter(range(1000))
    section = setting.work / "root.bin"

    def patched(*options: str) -> Sample:
        root = f"sha256:13:{next(numbers):064x}"
        return spawn([setting.modproof, "patch", *options, "-r", root, ours_file])[0]

    def other_section() -> None:
        section.write_bytes(bytes(35) + bytes([next(numbers) % 256]))
        os.sync()

    quick, synced, theirs = alternate(
        [Side("patch --no-sync", lambda: patched("--no-sync"), os.sync),
         Side("patch", patched, os.sync),
         command("objcopy", [shell("objcopy"), "--update-section", f".module_hashes={section}",
                             theirs_file], other_section)],
        min(setting.rounds, 10))
    for file in (ours_file, theirs_file):
        file.unlink()
    return [
        at_least(4, "`patch`, vmlinux of 500 MB", times(synced), f"{times(theirs)} (`objcopy`)",
                 ratios(theirs, synced), 50),
        information(4, "the same, `--no-sync`, as objcopy does not sync either", times(quick),
                    times(theirs), ratios(theirs, quick)),
    ]


LOOP = 'while read -r module proof; do cat "$proof" >> "$module"; done < "$1"'


def attach(setting: Setting) -> list[Row]:
    """attach against a shell loop of cat."""
    modules = setting.debian
    spawn(setting.tree(modules))
    proofs = setting.work / "proofs"
    proofs.mkdir()
    spawn([setting.build / "bench" / "sidecar", modules.order, proofs])
    pairs = setting.work / "pairs"
    pairs.write_text("".join(f"{file.relative_to(modules.directory)} {proofs / file.name}.merkle\n"
                             for file in modules.files), encoding="utf-8")
    with filesystems.mounted(filesystems.EXT4) as place:
        sides = AttachSides(setting, place, pairs)
        quick, synced, once, copied, theirs = alternate(
            [sides.attach("--no-sync"), sides.attach(), sides.attach_and_sync(), sides.copy(),
             sides.loop()], min(setting.rounds, 10))
    against = f"{times(theirs)} (loop of `cat`, not synced)"
    return [
        at_least(5, f"`attach --no-sync`, {len(modules.files)} modules, ext4", times(quick), against,
                 ratios(theirs, quick), 10),
        information(5, "`attach`, every file on the disk before its rename", times(synced), against,
                    ratios(theirs, synced)),
        information(5, "`attach --no-sync`, then `sync` once", times(once), against,
                    ratios(theirs, once)),
        information(5, "what waiting for the disk costs", times(synced), times(quick),
                    ratios(synced, quick)),
        information(5, "`cp -r` of the same, one thread, no rename", times(copied), against,
                    ratios(theirs, copied)),
        *(attach_elsewhere(kind, setting, pairs) for kind in filesystems.OTHERS),
    ]


def attach_elsewhere(kind: FileSystem, setting: Setting, pairs: Path) -> Row:
    """The same in another file system, if it can be made here."""
    what = f"`attach --no-sync`, {kind.name}"
    if reason := filesystems.can_make(kind):
        return information(5, what, f"not measured: {reason}")
    with filesystems.mounted(kind) as place:
        sides = AttachSides(setting, place, pairs)
        quick, theirs = alternate([sides.attach("--no-sync"), sides.loop()], min(setting.rounds, 6))
    return information(5, what, times(quick), f"{times(theirs)} (loop of `cat`, not synced)",
                       ratios(theirs, quick))


class AttachSides:
    """What takes turns on one copy of Debian's modules in the file system at `place`."""

    def __init__(self, setting: Setting, place: Path, pairs: Path):
        self.setting, self.pairs, self.place = setting, pairs, place
        self.copies = inputs.copy_of(setting.debian, place / "modules")
        self.sizes = [file.stat().st_size for file in self.copies.files]
        os.sync()

    def restore(self) -> None:
        """Cuts the proofs off again."""
        for file, size in zip(self.copies.files, self.sizes, strict=True):
            os.truncate(file, size)
        os.sync()

    def attach(self, *options: str) -> Side:
        return command(f"attach {options}", self._attach(*options), self.restore)

    def attach_and_sync(self) -> Side:
        return command("attach, then sync",
                       [shell("sh"), "-c", '"$@" && sync', "sh", *self._attach("--no-sync")],
                       self.restore)

    def copy(self) -> Side:
        target = self.place / "copy"

        def prepare() -> None:
            shutil.rmtree(target, ignore_errors=True)
            os.sync()
        return command("cp", [shell("cp"), "-r", self.copies.directory, target], prepare)

    def loop(self) -> Side:
        return command("loop", [shell("sh"), "-c", f"cd {self.copies.directory} && {LOOP}", "sh",
                                self.pairs], self.restore)

    def _attach(self, *options: str) -> list[str]:
        return [self.setting.modproof, "attach", *options, "-t", self.setting.tree_file(
            self.setting.debian), str(self.copies.directory)]


def verify(setting: Setting) -> list[Row]:
    """verify of an installed tree against goal 1."""
    sealed = setting.sealed
    root = root_of(setting, setting.sealed_tree)
    # The same files for both: a tree over sealed modules hashes their payloads.
    theirs, with_tree, with_root = alternate(
        [command("tree", setting.tree(sealed, "--no-cache")),
         command("tree file",
                 [setting.modproof, "verify", "-q", "-t", setting.sealed_tree, sealed.directory]),
         command("root", [setting.modproof, "verify", "-q", "-r", root, sealed.directory])],
        setting.rounds)
    against = f"{times(theirs)} (`tree --no-cache`)"
    return [
        at_most(6, "`verify --tree`, plain", times(with_tree), against,
                ratios(with_tree, theirs), 1.15),
        at_most(6, "`verify --root`, plain", times(with_root), against,
                ratios(with_root, theirs), 1.15),
        *(row for suffix in inputs.COMPRESSORS for row in verify_compressed(setting, suffix, root)),
    ]


def verify_compressed(setting: Setting, suffix: str, root: str) -> list[Row]:
    """verify of compressed modules against decompressing them, on all cores."""
    tool = {"xz": "xz", "zst": "zstd", "gz": "pigz" if shutil.which("pigz") else "gzip"}[suffix]
    what = f"`verify --root` of .ko.{suffix}"
    modules = inputs.compressed(setting.sealed, suffix)
    try:
        spawn([setting.modproof, "verify", "-q", "-r", root, modules.files[0]])
    except Failed as error:
        return [information(6, what, f"not measured: {error}")]
    # pigz decompresses in one thread and writes in another: spread over the cores, it needs one.
    words = [tool, "-dcp1" if tool == "pigz" else "-dc"]
    names = setting.work / f"names-{suffix}"
    names.write_bytes(b"\0".join(bytes(file) for file in modules.files))
    script = f"exec xargs -0 -n 64 -P {CORES} {' '.join(words)} < {names}"
    ours, theirs = alternate(
        [command("verify", [setting.modproof, "verify", "-q", "-r", root, modules.directory]),
         command(tool, [shell("sh"), "-c", script])], min(setting.rounds, 10))
    return [at_most(6, what, times(ours), f"{times(theirs)} (`{' '.join(words)}`, xargs -P)",
                    ratios(ours, theirs), 1.10)]


def root_of(setting: Setting, tree: Path) -> str:
    return google.output_of([setting.modproof, "info", "--json", tree], json_key="root")


def one_module(setting: Setting) -> list[Row]:
    """One process for one small module, against `true`."""
    small = min(setting.sealed.files, key=lambda file: file.stat().st_size)
    plain = setting.debian.directory / small.relative_to(setting.sealed.directory)
    root = root_of(setting, setting.sealed_tree)
    tool = setting.modproof
    attached = [tool, "attach", "-q", "-t", setting.sealed_tree]
    with filesystems.mounted(filesystems.EXT4) as place:
        copy = place / small.name
        true, *series = alternate(
            [command("`true`", [shell("true")]),
             command("`verify --root`", [tool, "verify", "-q", "-r", root, small]),
             command("`verify --tree`",
                     [tool, "verify", "-q", "--allow-missing", "-t", setting.sealed_tree, small]),
             command("`attach --no-sync`", [*attached, "--no-sync", copy],
                     lambda: shutil.copy2(plain, copy) and None),
             command("`attach` of one that has its proof", [*attached, small]),
             command("`attach`, synced", [*attached, copy],
                     lambda: shutil.copy2(plain, copy) and None)],
            setting.rounds * 15, warm_up=3)
    rows = []
    for entry in series:
        more = [(a - b) * 1000 for a, b in zip(entry.seconds, true.seconds, strict=True)]
        if entry.name == "`attach`, synced":
            rows.append(information(7, f"one module: {entry.name}", times(entry),
                                    f"{times(true)} (`true`)", more, "ms"))
        else:
            rows.append(at_most(7, f"one module: {entry.name}", times(entry),
                                f"{times(true)} (`true`)", more, 3, "ms"))
    return rows


def memory(setting: Setting) -> list[Row]:
    """Memory, with a module of 2 GB; time of trees up to 10^6 leaves."""
    big = setting.work / "big.ko"
    inputs.big_module(big, 2 << 30)
    tool = setting.modproof
    rows = []

    def row(what: str, leaves: int, words: list) -> None:
        limit = 48 + 128 * leaves / 2**20
        rows.append(at_most(8, f"peak memory of `{what}`", f"{leaves} leaves", "",
                            [peak_mib([str(word) for word in words])], round(limit, 2), "MiB"))

    leaves = len(setting.debian.files)
    row("tree -j2", leaves + 1, [*setting.tree(setting.debian, "--no-cache", "-j2"), "--extra", big])
    root = sealed_big_module(big)
    row("verify -j2", 1, [tool, "verify", "-q", "-j2", "-r", root, big])
    big.unlink()
    row("verify -j2 --tree", leaves, [tool, "verify", "-q", "-j2", "-t", setting.sealed_tree,
                                      setting.sealed.directory])
    return rows + google.tree_growth(setting.build)


ALL: dict[int, Callable[[Setting], list[Row]]] = {
    1: complete_tree, 2: sidecar, 3: again, 4: patch,
    5: attach, 6: verify, 7: one_module, 8: memory,
}
