# SPDX-License-Identifier: LGPL-2.1-or-later
"""clang and ThinLTO: the root must be read from memory, not folded into the code as zero (case 15).

A kernel with a zero folded in would refuse every module.
"""

import shutil

import pytest

from helpers.build import cached


def llvm_suffix():
    """The newest LLVM that is complete and new enough for the kernel (scripts/min-tool-version.sh): "-19"."""
    for version in range(30, 16, -1):
        if all(shutil.which(f"{tool}-{version}")
               for tool in ("clang", "ld.lld", "llvm-ar", "llvm-nm", "llvm-strip", "llvm-objdump")):
            return f"-{version}"
    return None


@pytest.mark.long
@pytest.mark.skipif(llvm_suffix() is None, reason="needs clang, lld and llvm of one version, 17 or newer")
def test_thin_lto_kernel_boots_and_accepts_its_modules(boot, linux, tmp_path):
    suffix = llvm_suffix()
    build = cached("lto", linux, ["base", "lto"], [f"LLVM={suffix}"])
    installed = build.install(tmp_path, "INSTALL_MOD_STRIP=1")
    module = installed / "kernel/fs/nls/nls_ascii.ko"
    changed = bytearray(module.read_bytes())
    changed[1000] ^= 1
    answers = boot(build, {"/good/nls_ascii.ko": module, "/bad/nls_ascii.ko": bytes(changed)},
                   ["try bad /bad/nls_ascii.ko", "try good /good/nls_ascii.ko"], "module.sig_enforce=1")
    assert answers.load == {"bad": "EKEYREJECTED", "good": "ok"}
    assert answers.taint["good"] == ""
