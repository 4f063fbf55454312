#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wraps a kernel as boot loaders and firmware want it, layer by layer from the inside.

    make_image.py INPUT OUTPUT LAYER...

LAYER is a compression (gzip, bzip2, lzma, xz, lzo, lz4, lz4-frame, zstd), `size` (the word that kbuild
puts behind what it compressed), `bzimage`, `zboot:COMPRESSION`, `uki`, `arm64` (a raw Image), or
`flip:OFFSET` (one bit of the byte there, from the end where negative).

    make_image.py vmlinux bzImage xz size bzimage
"""
import bz2
import gzip
import lzma
import os
import struct
import subprocess
import sys
import tempfile

VERSION = b"6.1.0-test (somebody@somewhere) #1 SMP\0"


def program(*command):
    def run(data):
        return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
    return run


def lzop(data):
    """Out of an old file, as lzop writes down how old one is, and the hour in which something came through a pipe."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        os.utime(file.fileno(), (1, 1))
        return subprocess.run(["lzop", "-c"], stdin=file, stdout=subprocess.PIPE, check=True).stdout


COMPRESSIONS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32),
    "lzo": lzop,
    "lz4": program("lz4", "-q", "-l", "-9", "-", "-"),
    "lz4-frame": program("lz4", "-q", "-9", "-", "-"),
    "zstd": program("zstd", "-q", "-c"),
}


def bzimage(payload, protocol=0x20F, offset=64, length=None, setup_sectors=3):
    """A boot sector, setup code, a program that ends at `offset`, the payload, and what follows."""
    image = bytearray(((setup_sectors or 4) + 1) * 512 + 64)
    image[0x1F1] = setup_sectors
    struct.pack_into("<H", image, 0x1FE, 0xAA55)
    struct.pack_into("<4sH", image, 0x202, b"HdrS", protocol)
    struct.pack_into("<H", image, 0x20E, 0x300)
    struct.pack_into("<II", image, 0x248, offset, len(payload) if length is None else length)
    image[0x500:0x500 + len(VERSION)] = VERSION
    return bytes(image) + payload + b"\xDD" * 100


def zboot(payload, compression, offset=256, size=None):
    header = struct.pack("<4s4sII8x32sII", b"MZ\0\0", b"zimg", offset,
                         len(payload) if size is None else size, compression.encode(), 0x818223CD, 0)
    return header.ljust(256, b"\0") + payload + b"\xEE" * 20


def unified(sections, count=None, optional=bytes(16)):
    """An EFI program with `sections`: name, contents and, where it lies, the offset in the file."""
    pe = 0x80
    table = pe + 24 + len(optional)
    data = bytearray(table + 40 * len(sections))
    struct.pack_into("<2s58xI", data, 0, b"MZ", pe)
    struct.pack_into("<4sHH12xH", data, pe, b"PE\0\0", 0x8664,
                     len(sections) if count is None else count, len(optional))
    data[pe + 24:table] = optional
    for index, (name, contents, *offset) in enumerate(sections):
        struct.pack_into("<8sIIII", data, table + 40 * index, name, len(contents), 0x1000,
                         len(contents) + -len(contents) % 512, *(offset or [len(data)]))
        data += contents + bytes(-len(contents) % 512)
    return bytes(data)


def signed(sections, size):
    """The same, signed for Secure Boot with certificates of `size` bytes; 0 for not at all."""
    optional = bytearray(struct.pack("<H", 0x20B).ljust(240, b"\0"))
    struct.pack_into("<I", optional, 108, 16)
    if size == 0:
        return unified(sections, optional=optional)
    struct.pack_into("<I", optional, 64, 0xC4EC + size)  # a checksum, which signing changes
    certificates = len(unified(sections, optional=optional))
    struct.pack_into("<II", optional, 144, certificates, size)
    return unified(sections, optional=optional) + b"\xCE" * size


def arm64(kernel):
    image = bytearray(4096)
    image[56:60] = b"ARM\x64"
    image[2048:2048 + len(b"Linux version ")] = b"Linux version "
    image[2048 + 14:2048 + 14 + len(VERSION)] = VERSION[:-1] + b"\n"
    return bytes(image) + kernel


def wrap(data, layer, before):
    kind, _, value = layer.partition(":")
    if kind in COMPRESSIONS:
        return COMPRESSIONS[kind](data)
    if kind == "size":
        return data + struct.pack("<I", len(before))
    if kind == "bzimage":
        return bzimage(data)
    if kind == "zboot":
        return zboot(data, value)
    if kind == "uki":
        sections = [(b".osrel", b"ID=test\n"), (b".linux", data), (b".initrd", b"initrd")]
        return signed(sections, int(value)) if value else unified(sections)
    if kind == "arm64":
        return arm64(data)
    if kind == "flip":
        changed = bytearray(data)
        changed[int(value)] ^= 1
        return bytes(changed)
    raise SystemExit(f"make_image.py: no layer {layer}")


def main():
    source, target, *layers = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    before = data
    for layer in layers:
        before, data = data, wrap(data, layer, before)
    with open(target, "wb") as file:
        file.write(data)


if __name__ == "__main__":
    main()
