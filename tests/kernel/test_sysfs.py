# SPDX-License-Identifier: LGPL-2.1-or-later
"""What user space sees: /sys/kernel/module_hashes and the tool inside the guest (case 7)."""

import re
import subprocess

from helpers.build import modproof
from helpers.trailer import flip

ASCII = "kernel/fs/nls/nls_ascii.ko"
DIRECTORY = "/sys/kernel/module_hashes"


def test_sysfs_shows_the_root_of_vmlinux(boot, main):
    levels, root = re.search(r"sha256:(\d+):([0-9a-f]{64})", modproof("info", main.vmlinux).stdout).groups()
    answers = boot(main, {}, [f"run {name} cat {DIRECTORY}/{name}" for name in ("algorithm", "levels", "root")]
                   + [f"run mode stat -c %a {DIRECTORY}/algorithm {DIRECTORY}/levels {DIRECTORY}/root"])
    assert answers.out["algorithm"] == ["sha256"]
    assert answers.out["levels"] == [levels]
    assert answers.out["root"] == [root]
    assert answers.out["mode"] == ["444"] * 3


def test_the_tool_agrees_inside_the_guest(boot, main, installed, tmp_path):
    data = (installed / ASCII).read_bytes()
    answers = boot(main, {"/good/nls_ascii.ko": data, "/bad/nls_ascii.ko": flip(data, 1000)},
                   ["run info modproof info --running", "run good modproof verify --running /good",
                    "run bad modproof verify --running /bad"])
    assert modproof("info", main.vmlinux).stdout.split("root:")[1].split()[0] in " ".join(answers.out["info"])
    assert answers.exit == {"info": 0, "good": 0, "bad": 1}


def test_vmlinux_has_one_root_in_memory_that_is_only_read(main):
    sections = subprocess.run(["readelf", "-SW", main.vmlinux], check=True, text=True, capture_output=True).stdout
    found = re.findall(r"\.module_hashes +PROGBITS +\S+ (\S+) (\S+) \S+ +(\w+) +\d+ +\d+ +(\d+)", sections)
    assert [(int(size, 16), flags, align) for _, size, flags, align in found] == [(36, "A", "64")]
    assert int(found[0][0], 16) % 64 == 0
