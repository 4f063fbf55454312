# SPDX-License-Identifier: LGPL-2.1-or-later
"""An initramfs of modules as Debian ships them: behind the microcode archive of early boot, in the compressions
that generators use, with proofs taken away and given back, and inside a unified kernel image."""

import lzma
import shutil
import struct
import subprocess

import make_image
import pytest
from archive import KERNELS, packages, unpack
from make_initramfs import cpio
from packing import early, make_unified, stub
from sealing import bzimage_of, flip, with_root_section

MARKER = b"~Module signature appended~\n"


@pytest.fixture(scope="module")
def build(tool, tmp_path_factory):
    """Signed modules of the kernel as an initramfs has them, sealed: directory, tree file; and without proofs."""
    work = tmp_path_factory.mktemp("initramfs")
    good = work / "good"
    good.mkdir()
    modules = unpack(packages(*KERNELS["6.1"])[0], good, "*/kernel/drivers/md/*.ko")
    assert len(modules) > 20 and all(module.read_bytes().endswith(MARKER) for module in modules)
    bare = work / "bare"
    shutil.copytree(good, bare)
    tree = work / "modules.merkle"
    tool.json("seal", good, "-o", tree)
    return good, bare, tree, len(modules)


def image_of(compression, directory):
    return early() + make_image.COMPRESSIONS[compression](cpio(directory))


@pytest.mark.parametrize("compression", ["zstd", "xz"])
def test_behind_microcode(tool, build, tmp_path, compression):
    good, bare, tree, count = build
    image = tmp_path / "initrd.img"
    image.write_bytes(image_of(compression, good))
    info = tool.info(image)
    assert [part.get("compression") for part in info["parts"]] == [None, compression]
    assert info["parts"][0]["modules"] == 0 and info["modules"] == count
    assert tool.json("verify", image, "--tree", tree)["counts"]["accepted"] == count
    assert tool.json("explain", image, "--tree", tree)["counts"]["accepted"] == count

    # Signed modules that lost their proofs get them back, and the image is what it was.
    image.write_bytes(image_of(compression, bare))
    report = tool.json("verify", image, "--tree", tree, status=1)
    assert {entry["reason"] for entry in report["modules"]} == {"other-signature"}
    assert all("took the proof away" in entry["detail"] for entry in report["modules"])
    fixed = tmp_path / "fixed.img"
    report = tool.json("verify", image, "--tree", tree, "--fix", "-o", fixed)
    assert len(report["attached"]) == report["counts"]["accepted"] == count
    data = fixed.read_bytes()
    assert data.startswith(early())
    unpacked = {"zstd": lambda packed: subprocess.run(["zstd", "-q", "-dc"], input=packed, check=True,
                                                      stdout=subprocess.PIPE).stdout,
                "xz": lzma.decompress}[compression](data[len(early()):])
    assert unpacked == cpio(good)

    # A wrong byte in one of the modules.
    wrong = sorted(good.rglob("*.ko"))[count // 2]
    flip(wrong, 1000)
    image.write_bytes(image_of(compression, good))
    flip(wrong, 1000)
    report = tool.json("verify", image, "--tree", tree, status=1)
    refused, = [entry for entry in report["modules"] if entry["reason"] != "accepted"]
    assert (refused["path"], refused["reason"]) == (f"{image}:{wrong.relative_to(good)}", "payload-changed")


def test_unified_image(tool, debian, build, tmp_path):
    """Put together by objcopy, as ukify does; its initramfs is taken out as the message says."""
    good, _, tree, count = build
    vmlinux = with_root_section(debian("6.1"), tmp_path / "vmlinux")
    tool.json("patch", vmlinux, "--tree", tree)
    (tmp_path / "linux").write_bytes(bzimage_of(vmlinux))
    (tmp_path / "initrd").write_bytes(image_of("zstd", good))
    (tmp_path / "osrel").write_text("ID=debian\n")
    program = stub(tmp_path / "stub")
    image = tmp_path / "linux.efi"
    make_unified(program, [tmp_path / name for name in ("osrel", "linux", "initrd")], image)

    assert tool.info(image)["root"] == tool.info(vmlinux)["root"]
    done = tool.run("verify", image, "--kernel", image)
    command = f"objcopy -O binary --only-section=.initrd {image} {tmp_path}/initrd.img"
    assert done.returncode == 2 and "objcopy -O binary --only-section=.initrd FILE initrd.img" in done.stderr, done
    subprocess.run(command.split(), check=True)
    report = tool.json("verify", tmp_path / "initrd.img", "--kernel", image)
    assert report["counts"] == {"accepted": count, "missing": 0, "not_checked": 0, "refused": 0}

    # A wrong byte in the kernel inside.
    offset = image.read_bytes().index(struct.pack("<I", 0xFD2FB528)) + 100000
    flip(image, offset)
    done = tool.run("verify", tmp_path / "initrd.img", "--kernel", image)
    assert done.returncode == 2 and str(image) in done.stderr, done
