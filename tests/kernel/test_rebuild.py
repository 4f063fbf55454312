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


# Does what modproof does, except while there is a file `broken` beside it, which names a command.
WRAPPER = """#!/bin/sh
case "$1" in "$(cat {directory}/broken 2>/dev/null)") {instead} ;; esac
exec {modproof} "$@"
"""
# kill -9 to each make and shell that led to this, the first one first, so that none of them can tidy up.
KILLED = """
	pids=$$ pid=$PPID
	while [ $pid -gt 1 ] && grep -q 'make\\|sh$' /proc/$pid/comm; do
		pids="$pid $pids"
		pid=$(sed -n 's/^PPid:\t//p' /proc/$pid/status)
	done
	kill -9 $pids"""


@pytest.fixture
def breakable(tmp_path):
    """breakable(instead) is the path of a tool that does `instead` for the command in the file broken."""
    def make(instead):
        program = tmp_path / "modproof"
        program.write_text(WRAPPER.format(directory=tmp_path, instead=instead, modproof=os.environ["MODPROOF"]))
        program.chmod(0o755)
        return program
    return make


def test_a_build_that_was_killed_between_objcopy_and_patch(clone, source_of, breakable):
    tool = breakable(KILLED)
    clone.make(f"MODPROOF={tool}")
    before = clone.state("vmlinux")
    source_of.write_text(source_of.read_text() + '\nMODULE_INFO(test, "changed");\n')
    tool.with_name("broken").write_text("patch")
    with pytest.raises(Failed):
        clone.make(f"MODPROOF={tool}")
    assert clone.state("vmlinux") != before
    assert modproof("info", clone.vmlinux).stdout != modproof("info", clone.directory / "modules.merkle").stdout
    tool.with_name("broken").unlink()
    clone.make(f"MODPROOF={tool}")
    modproof("patch", "--check", "--tree", clone.directory / "modules.merkle", clone.vmlinux)
    assert done(clone.make(f"MODPROOF={tool}")) == []


def test_a_root_that_cannot_be_read(clone, breakable):
    tool = breakable("exit 2")
    root, before = clone.directory / ".modules.root", clone.state("vmlinux")
    content = root.read_bytes()
    tool.with_name("broken").write_text("info")
    with pytest.raises(Failed, match=r"\.modules\.root"):
        clone.make(f"MODPROOF={tool}")
    assert root.read_bytes() == content
    assert clone.state("vmlinux") == before


def test_no_tool_to_install_with(clone, tmp_path):
    with pytest.raises(Failed, match="ERROR: modules_install: there is no program '/no/modproof'"):
        clone.install(tmp_path, "MODPROOF=/no/modproof")
    assert not list(tmp_path.rglob("*.ko"))


def test_modproof_that_fails_is_not_modules_that_differ(clone, tmp_path, breakable):
    tool = breakable("exit 2")
    tool.with_name("broken").write_text("patch")
    with pytest.raises(Failed) as failed:
        clone.install(tmp_path / "root", f"MODPROOF={tool}")
    assert "could not compare the modules with vmlinux" in str(failed.value)
    assert 'Run "make" first' not in str(failed.value)
