# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernel images as Debian ships them. None of them has module hashes, so what is known of them is
checked as they are; a root is put into the vmlinux of one, which is then wrapped again."""

import lzma
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from archive import packages, unpack
from conftest import KERNELS

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "cli"))
from make_image import bzimage, unified  # noqa: E402

VMLINUX = "ELF vmlinux, 64 bit"


@pytest.mark.parametrize("name, layers, machine", [
    ("6.1", "bzImage 2.15, xz, ", "x86_64"),
    ("6.12", "bzImage 2.15, zstd, ", "x86_64"),
    ("backports", "bzImage 2.15, zstd, ", "x86_64"),
    ("powerpc", "", "ppc64"),
])
def test_image_with_an_elf_file_inside(tool, debian, name, layers, machine):
    info = tool.info(debian(name))
    assert info["type"] == "kernel"
    assert info["format"] == layers + VMLINUX
    assert info["machine"] == machine
    assert info["root"] is None
    # Debian writes the version of the package behind the name of the distribution.
    assert re.match(r"[67]\.[0-9.]+.* \(debian-kernel@lists\.debian\.org\) .*Debian [67]\.", info["version"])
    done = tool.run("info", debian(name))
    assert "this kernel has no module hashes" in done.stdout and done.stderr == ""


@pytest.mark.parametrize("name, form", [("arm64", "arm64 Image"), ("s390x", "s390 image")])
def test_raw_image(tool, debian, name, form):
    info = tool.info(debian(name))
    assert (info["format"], info["root"]) == (form, None)
    if name == "arm64":
        assert "debian-kernel@lists.debian.org" in info["version"]
    done = tool.run("verify", debian(name).parent, "--kernel", debian(name))
    assert done.returncode == 2
    assert "keeps no section table" in done.stderr and "pass the vmlinux" in done.stderr


def vmlinux_of(image):
    """The ELF file in a bzImage that is compressed by xz or lz4, unwrapped without the code under test."""
    data = image.read_bytes()
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (data[0x1F1] + 1) * 512 + offset
    payload = data[start:start + length]
    if payload.startswith(b"\x02\x21\x4c\x18"):  # behind it stands its size
        return subprocess.run(["lz4", "-dc"], input=payload[:-4], stdout=subprocess.PIPE, check=True).stdout
    return lzma.LZMADecompressor().decompress(payload)


@pytest.fixture(scope="session")
def sealed(tool, debian, tmp_path_factory):
    """A directory of three modules with proofs, and the real vmlinux with their root."""
    directory = tmp_path_factory.mktemp("sealed")
    (directory / "root").write_bytes(bytes(36))
    (directory / "plain").write_bytes(vmlinux_of(debian("6.1")))
    subprocess.run(["objcopy", "--add-section", f".module_hashes={directory}/root",
                    directory / "plain", directory / "vmlinux"], check=True)
    package = packages(*KERNELS["6.1"])[0]
    modules = directory / "modules"
    modules.mkdir()
    assert len(unpack(package, modules, "*/kernel/lib/*.ko")) > 3
    tool.json("seal", modules, "-o", directory / "modules.merkle", "--kernel", directory / "vmlinux")
    return directory


def wrapped(data, form):
    packed = subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    image = bzimage(packed + struct.pack("<I", len(data) & 0xFFFFFFFF))
    return unified([(b".osrel", b"ID=debian\n"), (b".linux", image)]) if form == "unified" else image


@pytest.mark.parametrize("form", ["bzimage", "unified"])
def test_root_in_a_real_kernel(tool, sealed, form):
    root = tool.info(sealed / "vmlinux")["root"]
    image = sealed / form
    image.write_bytes(wrapped((sealed / "vmlinux").read_bytes(), form))
    assert tool.info(image)["root"] == root
    report = tool.json("verify", sealed / "modules", "--kernel", image)
    assert report["counts"]["refused"] == 0 and report["counts"]["accepted"] > 3

    # A wrong byte in a module, and one in the image.
    module = next((sealed / "modules").rglob("*.ko"))
    before = module.read_bytes()
    module.write_bytes(before[:1000] + bytes([before[1000] ^ 1]) + before[1001:])
    report = tool.json("verify", sealed / "modules", "--kernel", image, status=1)
    assert [entry["path"] for entry in report["modules"] if entry["reason"] != "accepted"] == [str(module)]
    module.write_bytes(before)
    damaged = bytearray(image.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    image.write_bytes(damaged)
    done = tool.run("verify", sealed / "modules", "--kernel", image)
    assert done.returncode == 2 and "cannot decompress (zstd)" in done.stderr, done


def test_modules_of_big_endian_machine(tool, tmp_path):
    """s390x: modules are sealed and verified like any others, against a tree file."""
    modules = unpack(packages(*KERNELS["s390x"])[0], tmp_path, "*/kernel/lib/*.ko")
    assert modules and tool.info(modules[0])["machine"] == "s390"
    tool.json("seal", tmp_path, "-o", tmp_path / "modules.merkle")
    report = tool.json("verify", tmp_path, "--tree", tmp_path / "modules.merkle")
    assert report["counts"]["accepted"] == len(modules)


def test_temporary_files_are_gone(tool, debian, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tool.info(debian("6.1"))
    assert list(tmp_path.iterdir()) == []
