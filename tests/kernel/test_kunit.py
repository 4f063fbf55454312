# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernel's own test of its verifier, run when the kernel boots (case 8)."""


def test_kunit_passes(boot, main):
    log = boot(main, {}, [], "kunit.enable=1").log["boot"]
    results = [line.strip() for line in log if "ok " in line]
    assert "ok 1 module_hashes" in results
    assert sum(line.startswith("ok ") for line in results) >= 10
    assert not [line for line in results if line.startswith("not ok")]
