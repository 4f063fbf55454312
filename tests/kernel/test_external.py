# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modules built outside of the kernel: in the same tree if named in time, else as before (case 16)."""

import os
import shutil
import subprocess

import pytest

from helpers.build import Failed, modproof

SOURCE = '#include <linux/module.h>\nMODULE_DESCRIPTION("driver");\nMODULE_LICENSE("GPL");\n'


@pytest.fixture
def driver(tmp_path):
    directory = tmp_path / "driver"
    directory.mkdir()
    (directory / "Kbuild").write_text("obj-m := my-driver.o\n")
    (directory / "my-driver.c").write_text(SOURCE)
    return directory


def test_two_make_lines_put_a_driver_into_the_tree(boot, clone, driver, tmp_path):
    """As documented: build against vmlinux.unstripped, then finish vmlinux."""
    (clone.directory / "vmlinux").unlink()
    clone.make("vmlinux.unstripped", "modules")
    assert not clone.vmlinux.exists()
    clone.make(f"M={driver}", "modules")
    clone.make(f"MODULE_HASHES_EXTRA={driver}")
    installed = clone.install(tmp_path / "root")
    clone.install(tmp_path / "root", f"M={driver}")
    module = next(installed.rglob("my-driver.ko"))
    modproof("verify", "--kernel", clone.vmlinux, installed)
    answers = boot(clone, {"/m/my-driver.ko": module, "/m/nls_ascii.ko": installed / "kernel/fs/nls/nls_ascii.ko"},
                   ["try driver /m/my-driver.ko", "try inside /m/nls_ascii.ko"], "module.sig_enforce=1")
    assert answers.load == {"driver": "ok", "inside": "ok"}


def test_external_build_against_the_finished_tree(boot, clone, driver, tmp_path):
    before = clone.state("vmlinux", "modules.merkle", "vmlinux.unstripped")
    clone.make(f"M={driver}", "modules")
    said = clone.make("modules_install", f"M={driver}", f"INSTALL_MOD_PATH={tmp_path / 'root'}", "DEPMOD=true")
    assert "my-driver.ko gets no proof: the kernel was built without it" in said
    installed = tmp_path / "root"
    assert clone.state("vmlinux", "modules.merkle", "vmlinux.unstripped") == before
    module = next(installed.rglob("my-driver.ko"))
    answers = boot(clone, {"/m/my-driver.ko": module}, ["try it /m/my-driver.ko"])
    assert (answers.load["it"], answers.taint["it"]) == ("ok", "OE")


def test_a_driver_of_the_same_name_as_a_module(clone, driver):
    (driver / "Kbuild").write_text("obj-m := nls_ascii.o\n")
    (driver / "my-driver.c").rename(driver / "nls_ascii.c")
    clone.make(f"M={driver}", "modules")
    with pytest.raises(Exception, match="nls_ascii"):
        clone.make(f"MODULE_HASHES_EXTRA={driver}")


def test_each_change_of_the_extra_drivers_is_noticed(clone, driver, tmp_path):
    (driver / "Kbuild").write_text("obj-m := my-driver.o other-driver.o\n")
    shutil.copy(driver / "my-driver.c", driver / "other-driver.c")
    clone.make(f"M={driver}", "modules")
    extra = tmp_path / "extra"
    (tmp_path / "elsewhere").mkdir()
    extra.symlink_to(tmp_path / "elsewhere")
    shutil.copy(driver / "my-driver.ko", extra)
    finish = f"MODULE_HASHES_EXTRA={extra}"
    clone.make(finish)
    roots = [(clone.directory / ".modules.root").read_text()]

    def changed(noticed):
        clone.make(finish)
        roots.append((clone.directory / ".modules.root").read_text())
        assert (roots[-1] != roots[-2]) == noticed
        modproof("patch", "--check", "--tree", clone.directory / "modules.merkle", clone.vmlinux)

    changed(False)
    # Added, with a time long before the tree's.
    shutil.copy(driver / "other-driver.ko", extra)
    os.utime(extra / "other-driver.ko", (0, 0))
    changed(True)
    # Compressed: it is the module inside that has a leaf. Then one that is not the same.
    subprocess.run(["xz", "--check=crc32", extra / "other-driver.ko"], check=True)
    changed(False)
    subprocess.run("xz -dc other-driver.ko.xz | sed 's/description=driver/description=DRIVER/' | xz >new", shell=True,
                   cwd=extra, check=True)
    (extra / "new").rename(extra / "other-driver.ko.xz")
    os.utime(extra / "other-driver.ko.xz", (0, 0))
    changed(True)
    (extra / "other-driver.ko.xz").unlink()
    changed(True)
    assert roots[-1] == roots[0]


def test_a_driver_that_was_built_again(clone, driver, tmp_path):
    clone.make(f"M={driver}", "modules")
    clone.make(f"MODULE_HASHES_EXTRA={driver}")
    (driver / "my-driver.c").write_text(SOURCE.replace('"driver"', '"another"'))
    clone.make(f"M={driver}", "modules")
    with pytest.raises(Failed, match="my-driver.ko is not what it was when vmlinux was built") as failed:
        clone.install(tmp_path / "root", f"M={driver}")
    assert 'Run "make" with MODULE_HASHES_EXTRA first' in str(failed.value)


def test_a_driver_in_place_of_one_of_the_kernel(clone, driver, tmp_path):
    (driver / "Kbuild").write_text("obj-m := nls_ascii.o\n")
    (driver / "my-driver.c").rename(driver / "nls_ascii.c")
    clone.make(f"M={driver}", "modules")
    said = clone.make("modules_install", f"M={driver}", f"INSTALL_MOD_PATH={tmp_path / 'root'}", "DEPMOD=true")
    assert "nls_ascii.ko gets no proof: it is in place of the kernel's own" in said


def test_a_driver_installed_where_there_is_no_tool(clone, driver, tmp_path):
    clone.make(f"M={driver}", "modules")
    said = clone.make("modules_install", f"M={driver}", f"INSTALL_MOD_PATH={tmp_path / 'root'}", "DEPMOD=true",
                      "MODPROOF=/no/modproof")
    assert "WARNING: modules_install: there is no program '/no/modproof', so no module gets a proof" in said
    assert list((tmp_path / "root").rglob("my-driver.ko"))
