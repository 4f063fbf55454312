# SPDX-License-Identifier: LGPL-2.1-or-later
"""What make does again, and what it leaves alone (cases 11 and 12)."""

import os

import pytest

from helpers.build import Failed, modproof

ASCII = "fs/nls/nls_ascii.ko"
ALL = (ASCII, "fs/nls/nls_utf8.ko", "modules.merkle", "vmlinux.unstripped", "vmlinux", "arch/x86/boot/bzImage")


def done(log):
    """What make says that it made, without the lines that it prints each time."""
    always = ("make[", "  DESCEND", "Kernel: ", "  CALL ", "  CHK ", "  INSTALL libsubcmd")
    return [" ".join(line.split()) for line in log.splitlines() if not line.startswith(always)]


def test_an_idle_make_does_nothing(clone):
    before = clone.state(*ALL)
    assert done(clone.make()) == []
    assert clone.state(*ALL) == before


def test_a_source_touched_without_effect(clone, source_of):
    before = clone.state(*ALL)
    os.utime(source_of)
    log = done(clone.make())
    assert "LD [M] fs/nls/nls_ascii.ko" in log
    after = clone.state(*ALL)
    for name in ("vmlinux.unstripped", "vmlinux", "arch/x86/boot/bzImage"):
        assert after[name] == before[name], name
    assert done(clone.make()) == []


def test_a_changed_module(clone, source_of):
    before = clone.state(*ALL)
    source_of.write_text(source_of.read_text() + '\nMODULE_INFO(test, "changed");\n')
    log = done(clone.make())
    assert {"LD [M] fs/nls/nls_ascii.ko", "MERKLE modules.merkle", "OBJCOPY vmlinux",
            "BUILD arch/x86/boot/bzImage"} <= set(log)
    after = clone.state(*ALL)
    assert [name for name in ALL if after[name] == before[name]] == ["fs/nls/nls_utf8.ko", "vmlinux.unstripped"]
    assert done(clone.make()) == []


@pytest.mark.parametrize("name", [ASCII, "modules.merkle", ".modules.root"])
def test_a_deleted_file_comes_back(clone, name):
    before = clone.state(*ALL)
    content = (clone.directory / name).read_bytes()
    (clone.directory / name).unlink()
    clone.make()
    assert (clone.directory / name).read_bytes() == content
    after = clone.state(*ALL)
    assert after["vmlinux.unstripped"] == before["vmlinux.unstripped"]
    if name != ".modules.root":
        assert after["vmlinux"] == before["vmlinux"]
    assert done(clone.make()) == []


def test_installing_modules_that_vmlinux_would_refuse(clone, source_of, tmp_path):
    installed = clone.install(tmp_path)
    before = {path: path.read_bytes() for path in installed.rglob("*.ko")}
    source_of.write_text(source_of.read_text() + '\nMODULE_INFO(test, "changed");\n')
    vmlinux = clone.vmlinux.read_bytes()
    clone.make("modules")
    assert clone.vmlinux.read_bytes() == vmlinux
    with pytest.raises(Failed, match='ERROR: modules_install: .* Run "make" first'):
        clone.install(tmp_path)
    assert {path: path.read_bytes() for path in installed.rglob("*.ko")} == before
    clone.make()
    modproof("verify", "--kernel", clone.vmlinux, clone.install(tmp_path))


def test_attaching_in_the_build_tree(boot, clone):
    clone.make("modules_attach")
    modproof("verify", "--kernel", clone.vmlinux, *clone.modules())
    assert done(clone.make()) == []
    assert done(clone.make("modules_attach")) == ["ATTACH modules"]
    answers = boot(clone, {"/m/nls_ascii.ko": clone.directory / ASCII}, ["try it /m/nls_ascii.ko"],
                   "module.sig_enforce=1")
    assert answers.load["it"] == "ok"
