# SPDX-License-Identifier: LGPL-2.1-or-later
"""Module hashes and BTF of modules, in all four combinations (case 10)."""

import re
import shutil
import subprocess

import pytest


def section(module, name, tmp_path):
    out = tmp_path / f"section{name}"
    subprocess.run(["objcopy", "-O", "binary", f"--only-section={name}", "--set-section-flags",
                    f"{name}=alloc", module, out], check=True)
    return out.read_bytes()


def test_hashes_and_btf(boot, btf, tmp_path):
    log = (btf.directory / "make.log").read_text()
    assert "BTF [M] fs/nls/nls_ascii.ko" in log and "Skipping BTF" not in log
    installed = btf.install(tmp_path)
    module = installed / "kernel/fs/configfs/configfs.ko"
    assert section(module, ".BTF", tmp_path)
    answers = boot(btf, {"/m/configfs.ko": module},
                   ["try it /m/configfs.ko", "run btf test -s /sys/kernel/btf/configfs"], "module.sig_enforce=1")
    assert answers.load["it"] == "ok"
    assert answers.exit["btf"] == 0


def test_btf_reads_back(btf):
    """pahole finds the types of a module on top of the kernel's."""
    module = btf.directory / "fs/configfs/configfs.ko"
    out = subprocess.run(["pahole", "-F", "btf", "--btf_base", btf.vmlinux, "-C", "configfs_buffer", module],
                         capture_output=True, text=True).stdout
    assert re.search(r"struct configfs_buffer \{.*size_t\s+count;.*struct mutex\s+mutex;", out, re.S)


def test_btf_base_is_the_same_in_both_kernels(btf, tmp_path):
    """What is generated against vmlinux.unstripped is what the final vmlinux gives."""
    assert section(btf.directory / "vmlinux.unstripped", ".BTF", tmp_path) == section(btf.vmlinux, ".BTF", tmp_path)
    module = btf.directory / "fs/configfs/configfs.ko"
    again = tmp_path / "configfs.ko"
    results = []
    for base in ("vmlinux.unstripped", "vmlinux"):
        subprocess.run(["objcopy", "--remove-section=.BTF", "--remove-section=.BTF_ids", module, again], check=True)
        subprocess.run(["pahole", "-J", "--btf_gen_floats", "--lang_exclude=rust", "--btf_base",
                        btf.directory / base, again], check=True)
        results.append(section(again, ".BTF", tmp_path))
    assert results[0] == results[1] != b""


@pytest.mark.parametrize("from_btf", [pytest.param(True, id="btf", marks=pytest.mark.long),
                                      pytest.param(False, id="no-btf")])
def test_without_hashes(boot, main, scratch_builds, request, from_btf, tmp_path):
    base = request.getfixturevalue("btf") if from_btf else main
    build = base.clone(scratch_builds / f"no-hashes-{from_btf}")
    # With signatures instead, struct module stays what it is and little is compiled again. A key would be
    # generated and modules signed with it.
    build.set(MODULE_HASHES="n", MODULE_SIG="y", MODULE_SIG_ALL="n", MODULE_SIG_KEY='""')
    log = build.make()
    assert "MERKLE" not in log
    installed = build.install(tmp_path)
    module = installed / "kernel/fs/nls/nls_ascii.ko"
    answers = boot(build, {"/m/nls_ascii.ko": module}, ["try it /m/nls_ascii.ko"])
    assert answers.load["it"] == "ok"
    shutil.rmtree(build.directory)
