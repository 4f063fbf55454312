# SPDX-License-Identifier: LGPL-2.1-or-later
"""A missing or old tool, or a kernel without the section: one clear line each, and no kernel."""

import subprocess

import pytest

from helpers.build import Failed, modproof


def tool(tmp_path, version):
    program = tmp_path / "modproof"
    program.write_text(f"#!/bin/sh\necho modproof {version}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("version, words", [(None, "is not there"), ("0.0.9", "is older")])
def test_a_build_stops_without_the_right_tool(clone, tmp_path, version, words):
    config = (clone.directory / ".config").read_text()
    program = tool(tmp_path, version) if version else tmp_path / "none"
    with pytest.raises(Failed) as failed:
        clone.make(f"MODPROOF={program}")
    said = [line for line in str(failed.value).splitlines() if "needs modproof" in line]
    assert len(said) == 1 and words in said[0]
    assert (clone.directory / ".config").read_text() == config


def test_the_option_is_not_offered_without_the_tool(clone, tmp_path):
    clone.make("-s", "olddefconfig", f"MODPROOF={tmp_path / 'none'}")
    assert "CONFIG_MODULE_HASHES" not in (clone.directory / ".config").read_text()


def test_no_key_is_generated(main):
    assert 'CONFIG_MODULE_SIG_KEY=""' in (main.directory / ".config").read_text()
    assert not (main.directory / "certs/signing_key.pem").exists()


def test_a_kernel_without_the_section(main, tmp_path):
    vmlinux = tmp_path / "vmlinux"
    subprocess.run(["objcopy", "--remove-section=.module_hashes", main.vmlinux, vmlinux], check=True)
    done = modproof("patch", "--tree", main.directory / "modules.merkle", vmlinux, check=False)
    assert done.returncode == 2
    assert done.stdout.count("\n") == 1 and ".module_hashes" in done.stdout


def test_installing_before_building(clone, tmp_path):
    (clone.directory / "modules.merkle").unlink()
    with pytest.raises(Failed, match='modules.merkle is missing. Run "make" first'):
        clone.install(tmp_path)
    assert not list(tmp_path.rglob("*.ko"))
