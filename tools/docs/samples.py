# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small modules and kernels for the examples in the documents.

They are ELF files written byte by byte, so that no compiler has a say in them: the same on every
machine. A module has a `.text` of a length of its own and a `.debug_info`; a kernel has a
`.module_hashes` of 36 zero bytes.
"""

import struct
from pathlib import Path

ET_REL, ET_EXEC = 1, 2
EM_X86_64 = 62
SHT_PROGBITS, SHT_STRTAB = 1, 3
HEADER, ENTRY = 64, 64  # bytes in an ELF64 header and in an entry of its section table

#: The modules of the sample build and the bytes in their `.text`, in the order of modules.order.
MODULES = {
    "kernel/drivers/net/alpha.ko": 70,
    "kernel/drivers/net/beta.ko": 300,
    "kernel/drivers/net/gamma.ko": 128,
    "kernel/fs/delta.ko": 55,
    "kernel/fs/epsilon-core.ko": 400,
    "kernel/fs/zeta.ko": 64,
    "kernel/lib/eta.ko": 63,
    "kernel/lib/theta.ko": 1000,
    "kernel/lib/iota.ko": 190,
    "kernel/lib/kappa.ko": 90,
}


def pattern(length: int, seed: int) -> bytes:
    """Bytes that look like something and never like a trailer."""
    return bytes((31 * i + 17 * seed) % 256 for i in range(length))


def elf(kind: int, sections: dict[str, bytes]) -> bytes:
    """A little-endian ELF64 file with these sections, names and section table behind them."""
    names = b"\0"
    table = [bytes(ENTRY)]
    body = b""
    for name, contents in {**sections, ".shstrtab": b""}.items():
        name_at = len(names)
        names += name.encode() + b"\0"
        if name == ".shstrtab":
            contents = names
        body += bytes(-len(body) % 8)
        kind_of_section = SHT_STRTAB if name == ".shstrtab" else SHT_PROGBITS
        table.append(struct.pack("<IIQQQQIIQQ", name_at, kind_of_section, 0, 0,
                                 HEADER + len(body), len(contents), 0, 0, 1, 0))
        body += contents
    body += bytes(-len(body) % 8)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", kind, EM_X86_64, 1, 0, 0,
                         HEADER + len(body), 0, HEADER, 0, 0, ENTRY, len(table), len(table) - 1)
    return header + body + b"".join(table)


def module(text_size: int, seed: int, debug: bool = True) -> bytes:
    sections = {".text": pattern(text_size, seed)}
    if debug:
        sections[".debug_info"] = pattern(200, seed + 1)
    return elf(ET_REL, sections)


def pkcs7_trailer(body: bytes) -> bytes:
    """What sign-file appends; the body of a real one is a signature."""
    return body + bytes([0, 0, 2, 0, 0, 0, 0, 0]) + struct.pack(">I", len(body)) + (
        b"~Module signature appended~\n")


def write_modules(directory: Path, modules: dict[str, int], first_seed: int) -> None:
    for seed, (name, size) in enumerate(modules.items(), first_seed):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(module(size, seed))
    (directory / "modules.order").write_text("".join(f"{name}\n" for name in modules))


def write_build(directory: Path) -> None:
    """Puts into `directory`:

    modules/     the modules of a build, with modules.order
    other/       the modules of another build: omega.ko in the place of delta.ko
    spare/       gamma.ko stripped, eta.ko with a PKCS#7 signature
    vmlinux      a kernel whose root is not written yet
    """
    write_modules(directory / "modules", MODULES, 0)
    write_modules(directory / "other",
                  {name.replace("delta", "omega"): size for name, size in MODULES.items()}, 50)
    spare = directory / "spare"
    spare.mkdir()
    names = [Path(name).stem for name in MODULES]
    sizes = list(MODULES.values())
    gamma, eta = names.index("gamma"), names.index("eta")
    (spare / "gamma.ko").write_bytes(module(sizes[gamma], gamma, debug=False))
    (spare / "eta.ko").write_bytes(module(sizes[eta], eta) + pkcs7_trailer(b"no real signature"))
    (directory / "vmlinux").write_bytes(
        elf(ET_EXEC, {".text": pattern(64, 0), ".module_hashes": bytes(36)}))
