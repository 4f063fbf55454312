# SPDX-License-Identifier: LGPL-2.1-or-later
"""clang and ThinLTO: the root must be read from memory, not folded into the code as zero (case 15)."""

import re
import shutil
import subprocess

import pytest

from helpers.build import cached


def llvm_suffix():
    """The newest complete LLVM: "" for clang, "-19" for clang-19, None if there is none."""
    for suffix in ["", *(f"-{version}" for version in range(25, 14, -1))]:
        if all(shutil.which(f"{tool}{suffix}") for tool in ("clang", "ld.lld", "llvm-ar", "llvm-nm", "llvm-strip")):
            return suffix
    return None


@pytest.mark.lto
@pytest.mark.skipif(llvm_suffix() is None, reason="needs clang, lld and llvm of one version")
def test_thin_lto_kernel_boots_and_accepts_its_modules(boot, linux, tmp_path):
    suffix = llvm_suffix()
    build = cached("lto", linux, ["base", "lto"], [f"LLVM={suffix or 1}"])
    installed = build.install(tmp_path, "INSTALL_MOD_STRIP=1")
    module = installed / "kernel/fs/nls/nls_ascii.ko"
    changed = bytearray(module.read_bytes())
    changed[1000] ^= 1
    answers = boot(build, {"/good/nls_ascii.ko": module, "/bad/nls_ascii.ko": bytes(changed)},
                   ["try bad /bad/nls_ascii.ko", "try good /good/nls_ascii.ko"], "module.sig_enforce=1")
    assert answers.load == {"bad": "EKEYREJECTED", "good": "ok"}
    assert answers.taint["good"] == ""
    code = subprocess.run([f"llvm-objdump{suffix}", "-d", "-r", build.directory / "vmlinux"],
                          capture_output=True, text=True).stdout
    assert re.search(r"module_hashes_root|module_sig_check", code)
