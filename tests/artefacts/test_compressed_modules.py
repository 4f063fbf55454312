# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modules as Debian's newest kernel ships them, compressed with xz: sealed, verified and taken apart again."""

import lzma
import subprocess

import pytest
from archive import packages, unpack
from conftest import KERNELS


def inside(modules):
    return {module: lzma.decompress(module.read_bytes()) for module in modules}


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """A few hundred of them."""
    directory = tmp_path_factory.mktemp("modules")
    package = next(package for package in packages(*KERNELS["backports"]) if package.name.startswith("linux-modules-"))
    found = unpack(package, directory, "*/kernel/drivers/iio/*.ko.xz")
    assert len(found) > 250
    return directory, found


def settings(module):
    """What xz says of a module: check, filters with the size of the dictionary, memory to decompress it."""
    listed = subprocess.run(["xz", "--robot", "-lvv", module], check=True, capture_output=True, text=True).stdout
    block = next(line for line in listed.splitlines() if line.startswith("block\t")).split("\t")
    return block[9], block[-1]


def test_seal_verify_detach(tool, modules, tmp_path):
    directory, found = modules
    payloads = inside(found)
    before = settings(found[0])
    assert before == ("CRC32", "--lzma2=dict=1MiB")
    tree = tmp_path / "modules.merkle"
    report = tool.json("seal", directory, "-o", tree)
    assert report["counts"]["attached"] == len(found)
    assert tool.json("verify", directory, "--tree", tree)["counts"]["accepted"] == len(found)
    sealed = inside(found)
    for module, payload in payloads.items():
        assert sealed[module].startswith(payload) and sealed[module].endswith(b"~Module signature appended~\n")
    assert {settings(module) for module in found[::20]} == {before}
    assert tool.json("seal", directory, "-o", tree)["counts"]["unchanged"] == len(found)

    # A wrong byte in one of them is found and named.
    wrong = found[len(found) // 2]
    good = wrong.read_bytes()
    data = bytearray(sealed[wrong])
    data[1000] ^= 1
    wrong.write_bytes(lzma.compress(data, check=lzma.CHECK_CRC32))
    refused = tool.json("verify", directory, "--tree", tree, status=1)["modules"]
    assert [entry["path"] for entry in refused if entry["reason"] != "accepted"] == [str(wrong)]
    wrong.write_bytes(good)

    some = found[:50]
    report = tool.json("detach", *some)
    assert report["counts"]["detached"] == len(some)
    assert inside(some) == {module: payloads[module] for module in some}
