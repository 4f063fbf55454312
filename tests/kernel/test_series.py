# SPDX-License-Identifier: LGPL-2.1-or-later
"""The series that the other tests do not use: built and booted, too.

All of the tests run with it when it is named: MODPROOF_SERIES=7.2 tests/kernel/run.
"""

import os

import pytest

from helpers import kernels, source
from helpers.build import modproof
from helpers.trailer import flip, section_offset
from test_order import positions
from test_rebuild import done

pytestmark = pytest.mark.long

OTHERS = sorted({path.name for path in (source.PROJECT / "kernel/series").iterdir()}
                - {os.environ.get("MODPROOF_SERIES", "7.3")})


@pytest.fixture(scope="module", params=OTHERS)
def other(request):
    """The kernel of most tests, of another series."""
    return kernels.main(source.patched(request.param), f"main-{request.param}")


def test_it_is_built_in_order(other):
    log = (other.directory / "make.log").read_text()
    order = positions(log, "LD vmlinux.unstripped", "MERKLE modules.merkle", "OBJCOPY vmlinux",
                      "BUILD arch/x86/boot/bzImage")
    assert order == sorted(order)
    assert done(other.make()) == []


@pytest.mark.parametrize("cmdline", ["", "module.sig_enforce=1", "lockdown=integrity"])
def test_it_loads_its_modules_and_no_changed_one(boot, other, tmp_path, cmdline):
    installed = other.install(tmp_path, "INSTALL_MOD_STRIP=1")
    modproof("verify", "--kernel", other.vmlinux, installed)
    module = installed / "kernel/fs/nls/nls_ascii.ko"
    changed = flip(module.read_bytes(), section_offset(module, ".text") + 1)
    answers = boot(other, {"/changed/nls_ascii.ko": changed, "/good/nls_ascii.ko": module},
                   ["try changed /changed/nls_ascii.ko", "try good /good/nls_ascii.ko"], cmdline)
    assert answers.load == {"changed": "EKEYREJECTED", "good": "ok"}
    assert answers.log["changed"] == ["module nls_ascii: refused: proof does not lead to the root of this kernel"]
    assert answers.tainted == 0
