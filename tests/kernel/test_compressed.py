# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compressed modules, through kmod and through the kernel's own decompression (case 5)."""

import shutil
import subprocess

import pytest

from helpers.build import modproof
from helpers.guest import tree
from helpers.trailer import flip

ENFORCED = "module.sig_enforce=1"
KINDS = {"gz": ("GZIP", ["gzip", "-n"]), "xz": ("XZ", ["xz", "--check=crc32", "--lzma2=dict=1MiB"]),
         "zst": ("ZSTD", ["zstd", "-q"])}


@pytest.fixture(scope="module", params=KINDS)
def kernel(request, main, scratch_builds):
    """A kernel that decompresses this kind and installs modules as this kind."""
    option, _ = KINDS[request.param]
    build = main.clone(scratch_builds / f"compressed-{request.param}")
    build.set(MODULE_COMPRESS_ALL="y",
              **{f"MODULE_COMPRESS_{other}": "y" if other == option else "n" for other, _ in KINDS.values()})
    build.make()
    return request.param, build


def user_space(kind, directory):
    """Steps that load configfs_sample, and configfs before it, decompressed by user space.

    Debian builds kmod without zlib; what its initramfs has for that is busybox.
    """
    if kind == "gz" and "-ZLIB" in subprocess.run(["kmod", "--version"], capture_output=True, text=True).stdout:
        return [f"run load-1 busybox insmod {directory}/fs/configfs/configfs.ko.gz",
                f"run load-2 busybox insmod {directory}/samples/configfs/configfs_sample.ko.gz"]
    return ["run load /bin/modprobe configfs_sample"]


def attached_again(build, installed, directory):
    """The installed modules, compressed by kbuild, with their proofs taken off and put on again by the tool."""
    shutil.copytree(installed / "kernel", directory)
    modproof("detach", "-q", directory)
    assert modproof("verify", "--kernel", build.vmlinux, directory, check=False).returncode == 1
    modproof("attach", "-q", "--tree", build.directory / "modules.merkle", directory)
    modproof("verify", "--kernel", build.vmlinux, directory)


def test_installed_compressed_modules_load(boot, kernel, tmp_path):
    kind, build = kernel
    installed = build.install(tmp_path)
    modproof("verify", "--kernel", build.image, installed)
    subprocess.run(["depmod", "-b", tmp_path, installed.name], check=True)
    module = installed / f"kernel/fs/nls/nls_ascii.ko.{kind}"
    good = subprocess.run([KINDS[kind][1][0], "-dc", module], check=True, capture_output=True).stdout
    bad = tmp_path / "nls_ascii.ko"
    bad.write_bytes(flip(good, 1000))
    subprocess.run([*KINDS[kind][1], bad], check=True)
    attached_again(build, installed, tmp_path / "again")
    files = tree(installed) | {f"/bad/nls_ascii.ko.{kind}": bad.with_name(f"nls_ascii.ko.{kind}"),
                               f"/again/nls_utf8.ko.{kind}": tmp_path / f"again/fs/nls/nls_utf8.ko.{kind}"}
    answers = boot(build, files, [
        f"try changed --compressed /bad/nls_ascii.ko.{kind}",
        f"run changed {'busybox insmod' if kind == 'gz' else '/bin/insmod'} /bad/nls_ascii.ko.{kind}",
        f"try kernel --compressed /lib/modules/{installed.name}/kernel/fs/nls/nls_ascii.ko.{kind}",
        f"try again --compressed /again/nls_utf8.ko.{kind}",
        *user_space(kind, f"/lib/modules/{installed.name}/kernel"),
        "run there cat /proc/modules"], ENFORCED)
    assert answers.load == {"changed": "EKEYREJECTED", "kernel": "ok", "again": "ok"}
    assert answers.log["changed"].count(
        "module nls_ascii: refused: proof does not lead to the root of this kernel") == 2
    assert answers.exit["changed"] != 0
    assert not any(status for step, status in answers.exit.items() if step.startswith("load")), answers.out
    assert any(line.startswith("configfs_sample ") for line in answers.out["there"])
    assert answers.tainted == 0
