# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the comparisons with the tool share.

    MODPROOF=PATH          the tool (needed)
    MODPROOF_SEED=N        where random choices start; printed, so that a failure can be repeated
    MODPROOF_ROUNDS=N      how many times as many random cases as usual (1)
"""
import json
import os
import random
import subprocess

import pytest

SEED = int(os.environ.get("MODPROOF_SEED", "20240612"))
ROUNDS = int(os.environ.get("MODPROOF_ROUNDS", "1"))


def pytest_report_header():
    return f"MODPROOF_SEED={SEED} MODPROOF_ROUNDS={ROUNDS}"


class Tool:
    """The tool under test, in a directory of the test."""

    def __init__(self, directory):
        path = os.environ.get("MODPROOF")
        assert path, "set MODPROOF to the tool to test"
        self.path = os.path.abspath(path)
        self.directory = directory
        hidden = ("MAKEFLAGS", "MFLAGS", "STRIP", "NO_COLOR")
        self.environment = {k: v for k, v in os.environ.items() if k not in hidden}

    def run(self, *arguments, status=0, stdin=None):
        """Runs it and gives its standard output; insists on the exit status."""
        done = subprocess.run([self.path, *arguments], cwd=self.directory, env=self.environment,
                              input=stdin, capture_output=True, check=False)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments, status=0, stdin=None):
        return json.loads(self.run(*arguments, "--json", status=status, stdin=stdin))


@pytest.fixture
def tool(tmp_path):
    return Tool(tmp_path)


@pytest.fixture
def rng(request):
    """Random choices that depend on the seed and on the test, not on which tests ran before."""
    return random.Random(f"{SEED} {request.node.nodeid}")


@pytest.fixture
def rounds():
    return ROUNDS
