# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels that tests and the demo share."""

import subprocess

from helpers import source
from helpers.build import cached


def key():
    """Directory with a key to sign modules with: test-key.pem, and test-cert.pem for the kernel."""
    directory = source.cache() / "key"
    if not (directory / "test-cert.pem").exists():
        directory.mkdir(exist_ok=True)
        subprocess.run(["openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "36500",
                        "-subj", "/CN=modproof test/", "-keyout", "test-key.pem", "-out", "test-cert.pem"],
                       cwd=directory, check=True, capture_output=True)
    return directory


def main(linux, name="main", **how):
    """Hashes, signatures beside them, lockdown, KUnit. `how`: see cached()."""
    return cached(name, linux, ["base", "main"], files={"test-cert.pem": (key() / "test-cert.pem").read_bytes()},
                  **how)


def btf(name, linux, **how):
    """As distributions build kernels: debug information and BTF. `how`: see cached()."""
    return cached(name, linux, ["base", "btf"], debug=True, **how)
