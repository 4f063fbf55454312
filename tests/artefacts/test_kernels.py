# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernel images as Debian ships them. None of them has module hashes, so what is known of them is
checked as they are; a root is put into the vmlinux of one, which is then wrapped again."""

import gzip
import re

import pytest
from archive import KERNELS, packages, unpack
from make_image import unified, zboot
from sealing import bzimage_of, flip, with_root_section

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


def test_zboot_of_a_raw_image(tool, debian, tmp_path):
    """Its root cannot be told either, wherever it is found; the message names the file to pass."""
    version = debian("arm64").name.removeprefix("vmlinuz-")
    (tmp_path / "boot").mkdir()
    image = tmp_path / "boot" / debian("arm64").name
    image.write_bytes(zboot(gzip.compress(debian("arm64").read_bytes(), 1), "gzip"))
    info = tool.info(image)
    assert (info["format"], info["root"]) == ("EFI zboot image, gzip, arm64 Image", None)
    assert info["version"].startswith(version)
    unpack(packages(*KERNELS["arm64"])[0], tmp_path, "*/kernel/lib/*.ko")
    tool.json("seal", "-b", tmp_path)
    done = tool.run("verify", tmp_path / "lib/modules", "--kernel", image)
    assert done.returncode == 2 and "pass the vmlinux" in done.stderr, done
    done = tool.run("verify", "-b", tmp_path)
    assert done.returncode == 2 and f"{image}: passed over: " in done.stderr, done
    assert f"/usr/lib/debug/boot/vmlinux-{version} of package linux-image-{version}-dbg" in done.stderr
    # A wrong byte.
    flip(image, image.stat().st_size // 2)
    done = tool.run("verify", "-b", tmp_path)
    assert done.returncode == 2 and "cannot decompress (gzip)" in done.stderr, done


@pytest.fixture(scope="session")
def sealed(tool, debian, tmp_path_factory):
    """A directory of three modules with proofs, and the real vmlinux with their root."""
    directory = tmp_path_factory.mktemp("sealed")
    with_root_section(debian("6.1"), directory / "vmlinux")
    package = packages(*KERNELS["6.1"])[0]
    modules = directory / "modules"
    modules.mkdir()
    assert len(unpack(package, modules, "*/kernel/lib/*.ko")) > 3
    tool.json("seal", modules, "-o", directory / "modules.merkle", "--kernel", directory / "vmlinux")
    return directory


def wrapped(vmlinux, form):
    image = bzimage_of(vmlinux)
    return unified([(b".osrel", b"ID=debian\n"), (b".linux", image)]) if form == "unified" else image


@pytest.mark.parametrize("form", ["bzimage", "unified"])
def test_root_in_a_real_kernel(tool, sealed, form):
    root = tool.info(sealed / "vmlinux")["root"]
    image = sealed / form
    image.write_bytes(wrapped(sealed / "vmlinux", form))
    assert tool.info(image)["root"] == root
    report = tool.json("verify", sealed / "modules", "--kernel", image)
    assert report["counts"]["refused"] == 0 and report["counts"]["accepted"] > 3

    # A wrong byte in a module, and one in the image.
    module = next((sealed / "modules").rglob("*.ko"))
    before = module.read_bytes()
    flip(module, 1000)
    report = tool.json("verify", sealed / "modules", "--kernel", image, status=1)
    assert [entry["path"] for entry in report["modules"] if entry["reason"] != "accepted"] == [str(module)]
    module.write_bytes(before)
    flip(image, image.stat().st_size // 2)
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
