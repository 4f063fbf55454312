# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modules built outside of the kernel: in the same tree if named in time, else as before (case 16)."""

import pytest

from helpers.build import modproof

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
    installed = clone.install(tmp_path / "root", f"M={driver}")
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
