# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is made from a finished build and shipped: kernel images of every kind, and an initramfs.

The modules have to verify against the image itself, without a build tree.
"""

import os
import re
import subprocess

import pytest

from helpers.build import modproof
from helpers.source import unpacked
from helpers.trailer import flip

COMPRESSIONS = ["GZIP", "BZIP2", "LZMA", "XZ", "LZO", "LZ4", "ZSTD"]


def root_of(path):
    return re.search(r"sha256:\d+:[0-9a-f]{64}", modproof("info", path).stdout)[0]


def test_each_compression_of_the_image(clone, installed):
    """All that kbuild offers on x86. Nothing but the image is made again, and the root stays."""
    expected = root_of(clone.vmlinux)
    for compression in COMPRESSIONS:
        clone.set(**{f"KERNEL_{other}": "y" if other == compression else "n" for other in COMPRESSIONS})
        clone.make("bzImage")
        assert root_of(clone.image) == expected, compression
        assert re.search(rf"format: .*bzImage.*\b{compression.lower()}\b", modproof("info", clone.image).stdout), compression
        modproof("verify", "--kernel", clone.image, installed)


def test_a_unified_kernel_image(main, installed, tmp_path):
    """Sections of systemd's stub, added as ukify and dracut do it."""
    stub = unpacked("systemd-boot-efi") / "usr/lib/systemd/boot/efi/linuxx64.efi.stub"
    (tmp_path / "cmdline").write_text("quiet")
    subprocess.run(["objcopy",
                    "--add-section", ".osrel=/etc/os-release", "--change-section-vma", ".osrel=0x20000",
                    "--add-section", f".cmdline={tmp_path}/cmdline", "--change-section-vma", ".cmdline=0x30000",
                    "--add-section", f".linux={main.image}", "--change-section-vma", ".linux=0x2000000",
                    stub, tmp_path / "linux.efi"], check=True)
    assert "unified kernel image" in modproof("info", tmp_path / "linux.efi").stdout
    assert root_of(tmp_path / "linux.efi") == root_of(main.vmlinux)
    modproof("verify", "--kernel", tmp_path / "linux.efi", installed)
    # A wrong byte of the kernel in it: gzip has a checksum.
    image = (tmp_path / "linux.efi").read_bytes()
    (tmp_path / "wrong.efi").write_bytes(flip(image, image.index(main.image.read_bytes()[:4096]) + (1 << 20)))
    done = modproof("verify", "--kernel", tmp_path / "wrong.efi", installed, check=False)
    assert done.returncode == 2 and done.stdout.startswith(f"modproof: {tmp_path}/wrong.efi: "), done.stdout


@pytest.fixture(scope="module")
def initramfs(installed, tmp_path_factory):
    """An initramfs with modules, made by dracut, which strips what is in it by default."""
    directory = tmp_path_factory.mktemp("dracut")
    (directory / "conf").mkdir()
    subprocess.run(["depmod", "-b", installed.parents[2], installed.name], check=True)
    tree = unpacked("dracut-core")
    done = subprocess.run(
        [tree / "usr/bin/dracut", "--no-hostonly", "--modules", "kernel-modules", "--gzip",
         "--add-drivers", "nls_ascii nls_utf8 configfs configfs_sample", "--tmpdir", directory,
         "--conf", "/dev/null", "--confdir", directory / "conf", "--kmoddir", installed,
         "--kver", installed.name, directory / "initrd"],
        env={**os.environ, "dracutbasedir": str(tree / "usr/lib/dracut")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return directory / "initrd"


def test_an_initramfs_that_keeps_proofs(main, initramfs):
    """dracut does not strip what ends with the marker of a signature, and so leaves proofs alone."""
    done = modproof("verify", initramfs, "--kernel", main.image)
    assert int(re.search(r"(\d+) accepted, 0 refused", done.stdout)[1]) >= 4


@pytest.fixture
def contents(initramfs, tmp_path):
    """What is in the initramfs, to be changed."""
    directory = tmp_path / "contents"
    directory.mkdir()
    subprocess.run(["sh", "-c", 'gzip -dc "$0" | cpio -i --quiet', initramfs], check=True, cwd=directory)
    return directory


def packed(contents, target):
    subprocess.run(["sh", "-c", 'find . | cpio -o -H newc --quiet | gzip -n >"$0"', target], check=True, cwd=contents)
    return target


def test_a_wrong_byte_in_an_initramfs(main, contents, tmp_path):
    module = next(path for path in contents.rglob("nls_ascii.ko") if path.is_file())
    module.write_bytes(flip(module.read_bytes(), 1000))
    image = packed(contents, tmp_path / "wrong")
    name = f"{image}:{module.relative_to(contents)}"
    for command in ("verify", "explain"):
        done = modproof(command, image, "--tree", main.directory / "modules.merkle", check=False)
        assert done.returncode == 1
        assert re.findall(r"^(\S+): payload-changed: ", done.stdout, re.M) == [name], done.stdout
    data = image.read_bytes()
    image.write_bytes(flip(data, len(data) // 2))
    done = modproof("verify", image, "--kernel", main.image, check=False)
    assert done.returncode == 2 and f"modproof: {image}: " in done.stdout


def test_an_initramfs_without_proofs_is_repaired_and_boots(boot, main, installed, contents, tmp_path):
    modules = [path for path in contents.rglob("*.ko") if path.is_file()]
    subprocess.run(["strip", "-g", *modules], check=True)
    stripped, repaired = packed(contents, tmp_path / "stripped"), tmp_path / "repaired"
    done = modproof("verify", stripped, "--kernel", main.image, check=False)
    assert done.returncode == 1 and f"0 accepted, {len(modules)} refused" in done.stdout
    done = modproof("verify", stripped, "--tree", main.directory / "modules.merkle", "--fix", "-o", repaired,
                    check=False)
    assert f"{len(modules)} proofs attached again" in done.stdout
    modproof("verify", repaired, "--kernel", main.image)
    module = f"usr/lib/modules/{installed.name}/kernel/fs/nls/nls_ascii.ko"
    for image, result in ((stripped, "EKEYREJECTED"), (repaired, "ok")):
        answers = boot(main, {}, [f"try it /{module}"], "module.sig_enforce=1", before=image)
        assert answers.load["it"] == result
