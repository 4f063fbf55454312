# SPDX-License-Identifier: LGPL-2.1-or-later
"""Packages as Debian ships them, read as they are; and one of them with proofs and a root put in."""

import struct
import subprocess

import pytest
from archive import KERNELS, newest_two, packages
from sealing import flip, seal_build

MARKER = b"~Module signature appended~\n"


def version_of(package):
    return package.name.removeprefix("linux-image-").partition("_")[0]


@pytest.mark.parametrize("name, modules", [("6.1", 4000), ("s390x", 500)])
def test_package_as_it_is(tool, name, modules):
    package, = packages(*KERNELS[name])
    info = tool.info(package)
    assert (info["type"], info["format"]) == ("package", "deb, tar, xz")
    kernel, = info["kernels"]
    assert kernel["version"] == version_of(package) and kernel["modules"] > modules
    image, = kernel["images"]
    assert image["path"] == "boot/vmlinuz-" + kernel["version"] and image["root"] is None
    if name == "6.1":
        done = tool.run("verify", package)
        assert done.returncode == 2 and "this kernel has no module hashes" in done.stderr
        assert f"so {kernel['modules']} modules of version {kernel['version']} cannot be checked" in done.stderr


def test_kernel_and_modules_in_two_packages(tool):
    """The newest packages have the kernel in one, and the modules (.ko.xz) in another."""
    found = packages(*KERNELS["backports"])
    kernels = [tool.info(package)["kernels"] for package in found]
    versions = {kernel["version"] for entry in kernels for kernel in entry}
    assert len(versions) == 1
    assert sum(kernel["modules"] for entry in kernels for kernel in entry) > 4000
    assert sum(len(kernel["images"]) for entry in kernels for kernel in entry) == 1


@pytest.fixture(scope="session")
def two_versions():
    """The two newest versions of a package, or the one that the archive has."""
    return newest_two("bookworm", "amd64", "^linux-image-6.1.0-[0-9]+-cloud-amd64$")


@pytest.fixture(scope="session")
def unpacked(two_versions, tmp_path_factory):
    """The newer package, unpacked with its control files."""
    directory = tmp_path_factory.mktemp("package") / "unpacked"
    subprocess.run(["dpkg-deb", "-R", two_versions[-1], directory], check=True)
    return directory


def packed(directory, target):
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "-b", directory, target], check=True,
                   stdout=subprocess.DEVNULL)
    return target


def copy_of(directory, target):
    subprocess.run(["cp", "-a", "--reflink=auto", directory, target], check=True)
    return target


def test_root_in_a_real_package(tool, two_versions, unpacked, tmp_path, monkeypatch):
    version = version_of(two_versions[-1])
    root = copy_of(unpacked, tmp_path / "root")
    kernel = root / "boot" / f"vmlinuz-{version}"
    modules = root / "lib/modules" / version
    tree = seal_build(tool, kernel, modules, version, tmp_path)
    package = packed(root, tmp_path / "sealed.deb")

    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    kernels = tool.info(package)["kernels"]
    report = tool.json("verify", package)
    assert report["counts"]["refused"] == 0 and report["counts"]["accepted"] == kernels[0]["modules"] > 500
    assert report["kernels"][0]["root"] == kernels[0]["images"][0]["root"]

    # A wrong byte in one module.
    module = next(modules.rglob("*.ko"))
    flip(module, 1000)
    damaged = packed(root, tmp_path / "damaged.deb")
    path = f"{damaged}:{module.relative_to(root)}"
    report = tool.json("verify", damaged, status=1)
    assert [entry["path"] for entry in report["modules"] if entry["reason"] != "accepted"] == [path]
    report = tool.json("explain", damaged, "--tree", tree, status=1)
    refused, = [entry for entry in report["modules"] if entry["reason"] != "accepted"]
    assert (refused["path"], refused["cause"]) == (path, "payload-changed")

    # A wrong byte in the package itself, and half of it.
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    done = tool.run("verify", damaged)
    assert done.returncode == 2 and f"modproof: {damaged}: " in done.stderr
    damaged.write_bytes(data[:len(data) // 2])
    done = tool.run("verify", damaged)
    assert done.returncode == 2 and "cut off" in done.stderr
    assert list((tmp_path / "temporary").iterdir()) == []


def test_two_versions_differ(tool, two_versions):
    if len(two_versions) < 2:
        pytest.skip("the archive has one version only")
    report = tool.json("diff", *two_versions, status=1)
    assert report["counts"]["different"] > 500 and report["kernels_compared"]
    assert "kernel-version" in [cause["cause"] for cause in report["causes"]]


def test_only_signatures_differ(tool, two_versions, unpacked, tmp_path):
    root = copy_of(unpacked, tmp_path / "root")
    for module in root.rglob("*.ko"):
        data = module.read_bytes()
        assert data.endswith(MARKER)
        length = struct.unpack(">I", data[-len(MARKER) - 4:-len(MARKER)])[0]
        module.write_bytes(data[:-len(MARKER) - 12 - length])
    package = packed(root, tmp_path / "unsigned.deb")
    report = tool.json("diff", two_versions[-1], package, status=1)
    assert [cause["cause"] for cause in report["causes"]] == ["signature"]
    report = tool.json("diff", "--ignore-signatures", two_versions[-1], package)
    assert report["same"]
