# SPDX-License-Identifier: LGPL-2.1-or-later
"""Packages of other distributions, made by their own tools of a kernel and modules as Debian ships them."""

import shutil

import pytest
from archive import newest_two, unpack
from packing import make_pacman_package, make_rpms
from sealing import flip, seal_build


@pytest.fixture(scope="module")
def build(tool, tmp_path_factory):
    """A kernel with root and some of its modules, as they get installed: directory, version, tree file."""
    package = newest_two("bookworm", "amd64", "^linux-image-6.1.0-[0-9]+-cloud-amd64$")[-1]
    version = package.name.removeprefix("linux-image-").partition("_")[0]
    work = tmp_path_factory.mktemp("other-packages")
    root = work / "root"
    unpacked = work / "unpacked"
    modules = root / "usr/lib/modules" / version
    for directory in (unpacked, modules.parent):
        directory.mkdir(parents=True)
    for pattern in ("*/vmlinuz-*", "*/modules.*", "*/kernel/net/*.ko"):
        unpack(package, unpacked, pattern)
    shutil.move(unpacked / "lib/modules" / version, modules)
    shutil.move(unpacked / "boot" / f"vmlinuz-{version}", modules / "vmlinuz")
    tree = seal_build(tool, modules / "vmlinuz", modules / "kernel", version, work)
    return root, version, tree


@pytest.mark.parametrize("form, make", [("rpm, cpio, zstd", make_rpms), ("tar, zstd", make_pacman_package)])
def test_package_of_its_own_tool(tool, build, tmp_path, form, make):
    root, version, tree = build
    packages = make(root, version, tmp_path / "good")
    modules = sorted(root.rglob("*.ko"))
    assert len(modules) > 100
    for package in packages:
        assert tool.info(package)["format"] == form
    report = tool.json("verify", *packages)
    assert (report["counts"]["accepted"], report["counts"]["refused"]) == (len(modules), 0)
    kernel, = report["kernels"]
    assert kernel["version"] == version
    assert kernel["root_source"] == f"{packages[0]}:usr/lib/modules/{version}/vmlinuz"
    assert tool.json("explain", *packages)["counts"]["accepted"] == len(modules)

    # A wrong byte in a module.
    wrong = modules[len(modules) // 2]
    before = wrong.read_bytes()
    flip(wrong, 1000)
    damaged = make(root, version, tmp_path / "damaged")
    wrong.write_bytes(before)
    path = f"{damaged[-1]}:{wrong.relative_to(root)}"
    report = tool.json("verify", *damaged, status=1)
    assert [entry["path"] for entry in report["modules"] if entry["reason"] != "accepted"] == [path]
    report = tool.json("explain", *damaged, "--tree", tree, status=1)
    refused, = [entry for entry in report["modules"] if entry["reason"] != "accepted"]
    assert (refused["path"], refused["cause"]) == (path, "payload-changed")

    # A wrong byte in the package itself: the decompressor finds it, or else the proof.
    flip(packages[-1], packages[-1].stat().st_size // 2)
    done = tool.run("verify", *packages)
    assert done.returncode in (1, 2) and str(packages[-1]) in done.stdout + done.stderr, done
