# SPDX-License-Identifier: LGPL-2.1-or-later
"""Progress: one line each time something starts that takes long, past pytest's capturing."""

import sys
import time

_start = time.monotonic()


def say(what):
    print(f"[{time.monotonic() - _start:5.0f} s] {what}", file=sys.__stderr__, flush=True)
