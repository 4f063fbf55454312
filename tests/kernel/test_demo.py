# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ./demo.sh --kernel shows, and that the README shows the same."""

import os
import re
import subprocess
from pathlib import Path

from helpers.source import PROJECT


def variable(text):
    """Without what depends on the exact version of source and compiler."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)
    text = re.sub(r"(?<=version:      ).*", "VERSION", text)
    return re.sub(r"7\.3\.\d+|(?<=root_offset:  )\d+", "N", text)


def test_the_demo_ends_well_and_is_what_the_readme_shows():
    done = subprocess.run([Path(__file__).with_name("demo")], capture_output=True, text=True,
                          env={**os.environ, "MODPROOF_SERIES": "7.3"})
    assert done.returncode == 0, done.stdout + done.stderr
    shown = re.search(r"<!-- kernel-demo -->\n```console\n(.*?)```\n<!-- end -->",
                      (PROJECT / "README.md").read_text(), re.S)
    assert variable(shown[1]) == variable(done.stdout)
