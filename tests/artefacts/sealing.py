# SPDX-License-Identifier: LGPL-2.1-or-later
"""A kernel and its modules as Debian ships them, made into a build with proofs and a root."""

import lzma
import struct
import subprocess
from unittest import mock

import make_image


def vmlinux_of(image):
    """The ELF file in a bzImage that is compressed by xz, zstd or lz4, unwrapped without the code under test."""
    data = image.read_bytes()
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (data[0x1F1] + 1) * 512 + offset
    payload = data[start:start + length]
    if payload.startswith(b"\x02\x21\x4c\x18"):  # behind it stands its size
        return subprocess.run(["lz4", "-dc"], input=payload[:-4], stdout=subprocess.PIPE, check=True).stdout
    if payload.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-q", "-dc"], input=payload[:-4], stdout=subprocess.PIPE, check=True).stdout
    return lzma.LZMADecompressor().decompress(payload)


def with_root_section(image, target):
    """Makes `target`, the vmlinux in the bzImage `image` with room for a root."""
    section, plain = target.with_suffix(".section"), target.with_suffix(".plain")
    section.write_bytes(bytes(36))
    plain.write_bytes(vmlinux_of(image))
    subprocess.run(["objcopy", "--add-section", f".module_hashes={section}", plain, target], check=True)
    return target


def bzimage_of(vmlinux, version=None):
    """The bytes of a bzImage around `vmlinux`, of that version."""
    data = vmlinux.read_bytes()
    compressed = subprocess.run(["zstd", "-q", "-c", "-1"], input=data, stdout=subprocess.PIPE, check=True).stdout
    introduction = make_image.VERSION if version is None else version.encode() + b" (test) #1 SMP\0"
    with mock.patch.object(make_image, "VERSION", introduction):
        return make_image.bzimage(compressed + struct.pack("<I", len(data) & 0xFFFFFFFF))


def seal_build(tool, kernel, modules, version, work):
    """Seals the directory `modules`, and puts the root into the bzImage `kernel`. Returns the tree file."""
    tree = work / "modules.merkle"
    vmlinux = with_root_section(kernel, work / "vmlinux")
    tool.json("seal", modules, "-o", tree, "--kernel", vmlinux)
    kernel.write_bytes(bzimage_of(vmlinux, version))
    return tree


def flip(path, offset):
    """Changes one bit of `path`; from the end where `offset` is negative."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
