# SPDX-License-Identifier: LGPL-2.1-or-later
"""What every test of real artefacts uses: the tool, and kernels as Debian ships them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from archive import KERNELS, packages, unpack

# make_image.py and make_initramfs.py, which wrap what is real.
sys.path.append(str(Path(__file__).resolve().parents[1] / "cli"))


class Tool:
    """Runs modproof; its status, its output and its JSON document are kept."""

    def __init__(self):
        self.path = os.environ["MODPROOF"]

    def run(self, *words):
        return subprocess.run([self.path, *map(str, words)], capture_output=True, text=True, check=False)

    def json(self, *words, status=0):
        done = self.run(*words, "--json")
        assert done.returncode == status, done
        return json.loads(done.stdout)

    def info(self, path):
        return self.json("info", path)["files"][0]


@pytest.fixture(scope="session")
def tool():
    return Tool()


@pytest.fixture(scope="session")
def debian(tmp_path_factory):
    """debian(NAME): the kernel image of the packages that KERNELS has under that name."""
    unpacked = {}

    def kernel(name):
        if name not in unpacked:
            directory = tmp_path_factory.mktemp(f"kernel-{name}")
            found = []
            for package in packages(*KERNELS[name]):
                found = found or unpack(package, directory, "*/vmlinu*")
            assert len(found) == 1, found
            unpacked[name] = found[0]
        return unpacked[name]

    return kernel
