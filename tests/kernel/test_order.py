# SPDX-License-Identifier: LGPL-2.1-or-later
"""Order of the build, and the same bytes by other ways to get there (cases 9, 13, 14)."""

import pytest

from helpers.build import cached

# All that kbuild allows in a path: no blanks, no colons, and no commas, at which -Wp,-MMD,FILE is split.
UNUSUAL = "a+b=c@d~e"


def positions(log, *lines):
    """Line numbers of lines that must be in the log exactly once."""
    stripped = [" ".join(line.split()) for line in log.splitlines()]
    assert {line: stripped.count(line) for line in lines} == dict.fromkeys(lines, 1)
    return [stripped.index(line) for line in lines]


def same_bytes(one, other):
    """All that is loaded or decides what is loaded."""
    names = ["vmlinux", "modules.merkle", "modules.order", *(str(m.relative_to(one.directory)) for m in one.modules())]
    return [name for name in names
            if (one.directory / name).read_bytes() != (other.directory / name).read_bytes()]


@pytest.fixture(scope="module")
def inputs(linux, key):
    return dict(source=linux, fragments=["base", "main"],
                files={"test-cert.pem": (key / "test-cert.pem").read_bytes()})


def test_each_step_once_and_in_order(main):
    log = (main.directory / "make.log").read_text()
    order = positions(log, "LD vmlinux.unstripped", "LD [M] fs/nls/nls_ascii.ko", "MERKLE modules.merkle",
                      "OBJCOPY vmlinux", "BUILD arch/x86/boot/bzImage")
    assert [order[i] for i in (0, 2, 3, 4)] == sorted(order[i] for i in (0, 2, 3, 4))
    assert order[1] < order[2]


def test_nothing_below_enters_the_top_makefile(linux):
    for script in ("scripts/link-vmlinux.sh", "scripts/Makefile.vmlinux"):
        text = (linux / script).read_text()
        assert "srctree}/Makefile" not in text and "srctree)/Makefile" not in text, script
    assert not (linux / "scripts/Makefile.vmlinux_final").exists()
    assert "modproof" not in (linux / "scripts/link-vmlinux.sh").read_text().lower()


def test_bzimage_alone_in_an_unusual_directory_with_many_jobs(main, inputs):
    build = cached(UNUSUAL, **inputs, goals=["bzImage"], jobs=8)
    log = (build.directory / "make.log").read_text()
    positions(log, "LD vmlinux.unstripped", "MERKLE modules.merkle", "OBJCOPY vmlinux")
    assert same_bytes(main, build) == []
    assert main.image.read_bytes() == build.image.read_bytes()


def test_vmlinux_alone(main, inputs):
    build = cached("vmlinux-alone", **inputs, goals=["vmlinux"])
    log = (build.directory / "make.log").read_text()
    positions(log, "LD vmlinux.unstripped", "MERKLE modules.merkle", "OBJCOPY vmlinux")
    assert "BUILD arch/x86/boot/bzImage" not in log
    assert same_bytes(main, build) == []


@pytest.mark.parametrize("jobs", [1, 8])
def test_number_of_jobs_makes_no_difference(main, clone, jobs):
    for module in clone.modules():
        module.unlink()
    for name in ("modules.merkle", ".modules.root", "vmlinux", "vmlinux.unstripped"):
        (clone.directory / name).unlink()
    clone.make(jobs=jobs)
    assert same_bytes(main, clone) == []


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_modules(boot, clone, count):
    config = (clone.directory / ".config").read_text()
    modules = [line.partition("=")[0].removeprefix("CONFIG_") for line in config.splitlines()
               if line.endswith("=m")]
    keep = ["NLS_ASCII"][:count]
    clone.set(SAMPLES="n", **{name: "n" for name in modules if name not in keep and "SAMPLE" not in name})
    clone.make()
    assert len(clone.modules()) == count
    files, steps = {}, ["run levels cat /sys/kernel/module_hashes/levels"]
    if count:
        clone.make("modules_attach")
        files, steps = {"/m/nls_ascii.ko": clone.modules()[0]}, [*steps, "try it /m/nls_ascii.ko"]
    answers = boot(clone, files, steps, "module.sig_enforce=1")
    assert answers.out["levels"] == [str(count)]
    assert answers.load == ({"it": "ok"} if count else {})
