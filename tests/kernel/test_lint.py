# SPDX-License-Identifier: LGPL-2.1-or-later
"""modproof lint on configurations and build trees of real kernels."""

import json

import pytest

from helpers.build import SAME, modproof

TREE = {"KBUILD_BUILD_TIMESTAMP", "KBUILD_BUILD_USER", "KBUILD_BUILD_HOST", "KBUILD_BUILD_VERSION"}


def lint(build, *arguments):
    done = modproof("lint", "--json", build.directory / ".config", "--build-tree", build.directory,
                    *arguments, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == report["exit_status"]
    return report


def ids(report):
    return {finding["id"]: finding["severity"] for finding in report["findings"]}


def test_a_kernel_with_signatures_beside_hashes(main):
    report = lint(main)
    assert ids(report) == {"hashes-not-enforced": "warning", "trusted-files": "warning"}
    assert report["exit_status"] == 0
    assert report["recorded"] == {name: SAME[name] for name in TREE}


def test_a_kernel_with_debug_information(btf):
    found = ids(lint(btf))
    assert found.pop("btf-order", "warning") == "warning"  # depends on the version of pahole
    assert found == {"hashes-not-enforced": "warning", "debug-info-paths": "warning"}


@pytest.mark.parametrize("settings, found", [
    ({"MODULE_SIG_FORCE": "y", "MODULE_HASHES_STRIPPED": "n"}, {"stripped-form-missing": "warning"}),
    ({"MODULE_SIG_KEY": '"certs/signing_key.pem"'}, {"throw-away-key": "error"}),
], ids=["stripped-form", "key"])
def test_a_changed_configuration(clone, settings, found):
    """Of which the tree, not built again, knows nothing."""
    before = ids(lint(clone))
    clone.set(**settings)
    report = lint(clone)
    assert {id: severity for id, severity in ids(report).items() if id not in before} == {
        **found, "stale-config": "error"}
    assert report["exit_status"] == 1
