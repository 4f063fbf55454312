# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures of the kernel tests: the source, the kernels that tests share, a guest to boot.

MODPROOF names the tool under test. MODPROOF_SERIES picks another series than the newest.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from helpers import guest, kernels, source  # noqa: E402
from helpers.build import Build  # noqa: E402

SERIES = os.environ.get("MODPROOF_SERIES", "7.3")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: builds one more kernel from scratch (minutes)")
    if not shutil.which(os.environ.setdefault("MODPROOF", "modproof")):
        pytest.exit("kernel tests: no modproof in PATH, and MODPROOF does not name one", 2)
    os.environ["MODPROOF"] = shutil.which(os.environ["MODPROOF"])


@pytest.fixture(scope="session")
def linux():
    """The source of the kernel, with the kernel part in it."""
    return source.patched(SERIES)


@pytest.fixture(scope="session")
def key():
    """Directory with a key to sign modules with: test-key.pem, and test-cert.pem for the kernel."""
    return kernels.key()


@pytest.fixture(scope="session")
def main(linux):
    """The kernel of most tests: hashes, signatures beside them, lockdown. Not to be changed: clone it."""
    return kernels.main(linux)


@pytest.fixture(scope="session")
def btf(linux):
    """As distributions build kernels: debug information and BTF. Not to be changed: clone it."""
    return kernels.btf("btf", linux)


@pytest.fixture(scope="session")
def installed(main, tmp_path_factory):
    """What modules_install of the main kernel makes: the directory lib/modules/VERSION."""
    return main.install(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="session")
def scratch_builds():
    """Directory for clones, on the disk of the cache; those of runs that were killed are removed."""
    for old in source.cache().glob("clones-*"):
        if not Path(f"/proc/{old.name.removeprefix('clones-')}").exists():
            shutil.rmtree(old)
    directory = source.cache() / f"clones-{os.getpid()}"
    directory.mkdir()
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def clone(main, scratch_builds):
    """A clone of the main kernel that the test may change; what it left is undone for the next one."""
    return main.clone(scratch_builds / "clone")


@pytest.fixture
def source_of(clone):
    """The source of nls_ascii, to be changed; put back afterwards."""
    path = clone.source / "fs/nls/nls_ascii.c"
    before, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    yield path
    path.write_bytes(before)
    os.utime(path, ns=times)


@pytest.fixture(scope="session")
def boot(tmp_path_factory):
    """boot(build, files, steps, cmdline="", before=None) runs steps in a guest: see helpers/guest.py."""
    scratch = tmp_path_factory.mktemp("guest")

    def run(build, files, steps, cmdline="", before=None):
        image = build.image if isinstance(build, Build) else build
        if "kunit" not in cmdline:
            cmdline += " kunit.enable=0"  # KUnit taints
        return guest.boot(scratch, image, files, steps, cmdline, before)

    return run
