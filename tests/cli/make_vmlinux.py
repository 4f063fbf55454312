#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a file that looks like a linked kernel: ELF, ET_EXEC, with a section .module_hashes.

    make_vmlinux.py FILE [--bits 32|64] [--order little|big] [--offset N] [--size N] [--count N]
                    [--levels N --hash HEX] [--nobits] [--compressed] [--type N]

Nothing but struct is used, so that what is wrong with a file is wrong on purpose.
"""
import argparse
import struct

EM_386, EM_PPC, EM_PPC64, EM_X86_64 = 3, 20, 21, 62
SHT_PROGBITS, SHT_STRTAB, SHT_NOBITS = 1, 3, 8
SHF_ALLOC, SHF_COMPRESSED = 2, 0x800
MACHINES = {("32", "little"): EM_386, ("64", "little"): EM_X86_64,
            ("32", "big"): EM_PPC, ("64", "big"): EM_PPC64}


def make_vmlinux(bits="64", order="little", offset=0x400, size=36, count=1, levels=0,
                 hash_=bytes(32), nobits=False, compressed=False, type_=2):
    """The bytes of the file. `offset` is where the first root section starts."""
    e = "<" if order == "little" else ">"
    wide = bits == "64"
    header_size, section_size = (64, 64) if wide else (52, 40)
    names = b"\0.init.text\0.module_hashes\0.shstrtab\0"
    text = bytes((7 * i) % 251 for i in range(offset - header_size))
    root = (struct.pack(e + "I", levels) + hash_ + bytes(max(0, size - 36)))[:size]
    body = bytearray(text)
    sections = [(0, 0, 0, 0, 0), (1, SHT_PROGBITS, SHF_ALLOC, header_size, len(text))]
    for _ in range(count):
        flags = SHF_ALLOC | (SHF_COMPRESSED if compressed else 0)
        kind = SHT_NOBITS if nobits else SHT_PROGBITS
        sections.append((12, kind, flags, header_size + len(body), size))
        if not nobits:
            body += root
    # Bytes that follow the root, so that a write that is too long is noticed.
    body += b"after the root"
    sections.append((27, SHT_STRTAB, 0, header_size + len(body), len(names)))
    body += names
    body += bytes(-(header_size + len(body)) % 8)
    table_at = header_size + len(body)
    identity = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "little" else 2, 1]) + bytes(9)
    address = "Q" if wide else "I"
    header = identity + struct.pack(
        e + "HHI" + 3 * address + "I6H", type_, MACHINES[bits, order], 1, 0x1000, 0, table_at, 0,
        header_size, 0, 0, section_size, len(sections), len(sections) - 1)
    table = b"".join(
        struct.pack(e + "II" + 4 * address + "II" + 2 * address, name, kind, flags, 0, at, length,
                    0, 0, 1, 0)
        for name, kind, flags, at, length in sections)
    return header + bytes(body) + table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--bits", choices=["32", "64"], default="64")
    parser.add_argument("--order", choices=["little", "big"], default="little")
    parser.add_argument("--offset", type=int, default=0x400)
    parser.add_argument("--size", type=int, default=36)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--levels", type=int, default=0)
    parser.add_argument("--hash", type=bytes.fromhex, default=bytes(32), dest="hash_")
    parser.add_argument("--nobits", action="store_true")
    parser.add_argument("--compressed", action="store_true")
    parser.add_argument("--type", type=int, default=2, dest="type_")
    options = vars(parser.parse_args())
    path = options.pop("file")
    with open(path, "wb") as file:
        file.write(make_vmlinux(**options))


if __name__ == "__main__":
    main()
