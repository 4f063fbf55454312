# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modules as Debian's newest kernel ships them, compressed with xz, and the same as kernels with the other
compressions install them: sealed, verified, explained, taken apart and put together again."""

import gzip
import lzma
import subprocess

import pytest
from archive import KERNELS, packages, unpack


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "-T1", "--check"], input=data, stdout=subprocess.PIPE, check=True).stdout


def unzstd(data):
    return subprocess.run(["zstd", "-q", "-dc"], input=data, stdout=subprocess.PIPE, check=True).stdout


# Suffix: how to compress, how to decompress, how many modules at most.
KINDS = {
    "xz": (lambda data: lzma.compress(data, check=lzma.CHECK_CRC32), lzma.decompress, 1000),
    "gz": (lambda data: gzip.compress(data, mtime=0), gzip.decompress, 40),
    "zst": (zstd, unzstd, 40),
}


@pytest.fixture(scope="module", params=KINDS)
def modules(request, tmp_path_factory):
    """The kind, a directory, and the modules in it: of xz a few hundred."""
    directory = tmp_path_factory.mktemp(f"modules-{request.param}")
    package = next(package for package in packages(*KERNELS["backports"]) if package.name.startswith("linux-modules-"))
    found = unpack(package, directory, "*/kernel/drivers/iio/*.ko.xz")
    assert len(found) > 250
    if request.param != "xz":
        compress, _, most = KINDS[request.param]
        for module in found[:most]:
            module.with_suffix("." + request.param).write_bytes(compress(lzma.decompress(module.read_bytes())))
        for module in found:
            module.unlink()
        found = [module.with_suffix("." + request.param) for module in found[:most]]
    return request.param, directory, found


def settings(module):
    """What xz says of a module: check, filters with the size of the dictionary, memory to decompress it."""
    listed = subprocess.run(["xz", "--robot", "-lvv", module], check=True, capture_output=True, text=True).stdout
    block = next(line for line in listed.splitlines() if line.startswith("block\t")).split("\t")
    return block[9], block[-1]


def refused_of(report):
    return [entry for entry in report["modules"] if entry["reason"] != "accepted"]


def test_seal_verify_detach(tool, modules, tmp_path):
    kind, directory, found = modules
    compress, decompress, _ = KINDS[kind]

    def inside(paths):
        return {path: decompress(path.read_bytes()) for path in paths}

    payloads = inside(found)
    if kind == "xz":
        assert settings(found[0]) == ("CRC32", "--lzma2=dict=1MiB")
    tree = tmp_path / "modules.merkle"
    report = tool.json("seal", directory, "-o", tree)
    assert report["counts"]["attached"] == len(found)
    assert tool.json("verify", directory, "--tree", tree)["counts"]["accepted"] == len(found)
    sealed = inside(found)
    for module, payload in payloads.items():
        assert sealed[module].startswith(payload) and sealed[module].endswith(b"~Module signature appended~\n")
    if kind == "xz":
        assert {settings(module) for module in found[::20]} == {("CRC32", "--lzma2=dict=1MiB")}
    assert tool.json("seal", directory, "-o", tree)["counts"]["unchanged"] == len(found)

    # A wrong byte in one of them is found, named and explained.
    wrong = found[len(found) // 2]
    good = wrong.read_bytes()
    data = bytearray(sealed[wrong])
    data[1000] ^= 1
    wrong.write_bytes(compress(bytes(data)))
    refused, = refused_of(tool.json("verify", directory, "--tree", tree, status=1))
    assert refused["path"] == str(wrong)
    explained = tool.json("explain", directory, "--tree", tree, status=1)
    refused, = refused_of(explained)
    assert (refused["path"], refused["reason"], refused["cause"]) == (str(wrong), "payload-changed", "payload-changed")
    # So is one in the file as it is stored, by every command at the same place.
    wrong.write_bytes(good[:len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1:])
    errors = [tool.json(*command, status=2)["errors"][0] for command in
              (["verify", wrong, "--tree", tree], ["explain", wrong, "--tree", tree], ["info", wrong])]
    assert {(error["path"], error["kind"]) for error in errors} == {(str(wrong), "malformed")}
    assert len({error["offset"] for error in errors}) == 1
    wrong.write_bytes(good)

    # What was detached is not attached, says explain; attached again it is what it was.
    some = found[:50]
    report = tool.json("detach", *some)
    assert report["counts"]["detached"] == len(some)
    assert inside(some) == {module: payloads[module] for module in some}
    explained = tool.json("explain", *some, "--tree", tree, status=1)
    assert {entry["cause"] for entry in explained["modules"]} == {"not-attached"}
    report = tool.json("attach", *some, "--tree", tree)
    assert report["counts"]["attached"] == len(some)
    assert inside(some) == {module: sealed[module] for module in some}
    assert tool.json("verify", directory, "--tree", tree)["counts"]["accepted"] == len(found)
