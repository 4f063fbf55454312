# SPDX-License-Identifier: LGPL-2.1-or-later
"""What user space sees: /sys/kernel/module_hashes and the tool inside the guest (case 7)."""

import re
import subprocess

import pytest

from helpers.build import modproof
from helpers.guest import tree
from helpers.trailer import flip

ASCII = "kernel/fs/nls/nls_ascii.ko"
DIRECTORY = "/sys/kernel/module_hashes"
MACHINE = "0123456789abcdef0123456789abcdef"
# Where each puts the kernel image of the version in braces.
PLACES = {"Debian": "/boot/vmlinuz-{}", "Arch": "/boot/vmlinuz-linux-lts", "Fedora": "/lib/modules/{}/vmlinuz",
          "kernel-install": f"/boot/{MACHINE}/{{}}/linux"}


@pytest.fixture(scope="module")
def answers(boot, main, installed):
    """What one guest said, whose own modules are the installed ones. In the end it has no sysfs any more."""
    version, good = installed.name, (installed / ASCII).read_bytes()
    module = f"/lib/modules/{version}/{ASCII}"
    files = {**tree(installed), "/good/nls_ascii.ko": good, "/bad/nls_ascii.ko": flip(good, 1000), "/image": main.image,
             "/etc/machine-id": f"{MACHINE}\n".encode(), f"/lib/modules/{version}/pkgbase": b"linux-lts\n"}
    steps = [f"run {name} cat {DIRECTORY}/{name}" for name in ("algorithm", "levels", "root")]
    steps += [f"run mode stat -c %a {DIRECTORY}/algorithm {DIRECTORY}/levels {DIRECTORY}/root",
              "run info modproof info --running",
              "run good modproof verify --running /good", "run bad modproof verify --running /bad",
              "run own modproof verify",
              f"cp /bad/nls_ascii.ko {module}",
              "run changed modproof verify", f"run explained modproof explain -k {version}",
              f"cp /good/nls_ascii.ko {module}",
              "umount -l /sys", "run nothing modproof verify"]
    for name, place in PLACES.items():
        image = place.format(version)
        steps += [f"mkdir -p $(dirname {image})", f"cp /image {image}", f"run {name} modproof verify", f"rm {image}"]
    return boot(main, files, steps)


@pytest.fixture(scope="module")
def root(main):
    return re.search(r"sha256:\d+:[0-9a-f]{64}", modproof("info", main.vmlinux).stdout)[0]


def summary(count, refused, root, source, installed):
    """The last line of verify that found modules and kernel by itself."""
    return (f"{count} modules: {count - refused} accepted, {refused} refused "
            f"(root {root} of {source}; modules in /lib/modules/{installed.name})")


def test_sysfs_shows_the_root_of_vmlinux(answers, root):
    algorithm, levels, digest = root.split(":")
    assert answers.out["algorithm"] == [algorithm]
    assert answers.out["levels"] == [levels]
    assert answers.out["root"] == [digest]
    assert answers.out["mode"] == ["444"] * 3


def test_the_tool_agrees_inside_the_guest(answers, root):
    assert root in " ".join(answers.out["info"])
    assert {step: answers.exit[step] for step in ("info", "good", "bad")} == {"info": 0, "good": 0, "bad": 1}


def test_verify_without_arguments_checks_the_running_system(answers, main, installed, root):
    count = len(main.modules())
    assert answers.out["own"] == [summary(count, 0, root, "the running kernel", installed)]
    assert answers.exit["own"] == 0


def test_verify_without_arguments_names_a_module_in_which_a_byte_is_wrong(answers, main, installed, root):
    count, module = len(main.modules()), f"/lib/modules/{installed.name}/{ASCII}"
    *refused, last = answers.out["changed"]
    assert [line.split(": ")[:2] for line in refused] == [[module, "other-root"]]
    assert last == summary(count, 1, root, "the running kernel", installed)
    assert answers.exit["changed"] == 1
    assert any(line.startswith(f"{module}: other-root: ") for line in answers.out["explained"])
    assert answers.out["explained"][-1] == (f"{count} modules: {count - 1} accepted, 1 refused "
                                            f"(root {root} of the running kernel)")


@pytest.mark.parametrize("name", PLACES)
def test_without_sysfs_the_installed_image_says_the_root(answers, main, installed, root, name):
    image = PLACES[name].format(installed.name)
    note, last = answers.out[name]
    assert note == f"modproof: {DIRECTORY}: sysfs is not mounted, so the root of the running kernel cannot be told"
    assert last == summary(len(main.modules()), 0, root, image, installed)
    assert answers.exit[name] == 0


def test_without_any_root_nothing_is_verified(answers, installed):
    assert answers.exit["nothing"] == 2
    assert answers.out["nothing"][-1] == (
        f"modproof: /: no kernel image of version {installed.name} with module hashes was found; "
        "name what to check against with --kernel, --root or --tree")


def test_vmlinux_has_one_root_in_memory_that_is_only_read(main):
    sections = subprocess.run(["readelf", "-SW", main.vmlinux], check=True, text=True, capture_output=True).stdout
    found = re.findall(r"\.module_hashes +PROGBITS +\S+ (\S+) (\S+) \S+ +(\w+) +\d+ +\d+ +(\d+)", sections)
    assert [(int(size, 16), flags, align) for _, size, flags, align in found] == [(36, "A", "64")]
    assert int(found[0][0], 16) % 64 == 0
