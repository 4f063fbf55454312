# SPDX-License-Identifier: LGPL-2.1-or-later
"""Order of the build, and the same bytes by other ways to get there (cases 9, 13, 14)."""

import shutil

import pytest

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


def remove_products(build):
    for module in build.modules():
        module.unlink()
    for name in ("modules.merkle", ".modules.root", "vmlinux", "vmlinux.unstripped"):
        (build.directory / name).unlink()


def test_vmlinux_alone_in_an_unusual_directory_with_many_jobs(main, scratch_builds):
    build = main.clone(scratch_builds / UNUSUAL)
    remove_products(build)
    for path in (build.directory / "fs").rglob("*.o"):
        path.unlink()
    log = build.make("vmlinux", jobs=8)
    positions(log, "CC [M] fs/nls/nls_ascii.o", "LD vmlinux.unstripped", "MERKLE modules.merkle", "OBJCOPY vmlinux")
    assert "BUILD arch/x86/boot/bzImage" not in log
    assert same_bytes(main, build) == []
    shutil.rmtree(build.directory)


def test_bzimage_alone(main, clone):
    remove_products(clone)
    positions(clone.make("bzImage"), "LD vmlinux.unstripped", "MERKLE modules.merkle", "OBJCOPY vmlinux",
              "LD [M] fs/nls/nls_ascii.ko", "BUILD arch/x86/boot/bzImage")
    assert same_bytes(main, clone) == []
    assert main.image.read_bytes() == clone.image.read_bytes()


@pytest.mark.parametrize("jobs", [1, 8])
def test_number_of_jobs_makes_no_difference(main, clone, jobs):
    remove_products(clone)
    clone.make(jobs=jobs)
    assert same_bytes(main, clone) == []


def test_hardly_any_modules(boot, clone, tmp_path):
    """One module, then none."""
    modules = [line.partition("=")[0].removeprefix("CONFIG_")
               for line in (clone.directory / ".config").read_text().splitlines() if line.endswith("=m")]
    clone.set(SAMPLES="n", **{name: "n" for name in modules if name != "NLS_ASCII" and "SAMPLE" not in name})
    clone.make()
    assert len(clone.modules()) == 1
    clone.make("modules_attach")
    levels = "run levels cat /sys/kernel/module_hashes/levels"
    answers = boot(clone, {"/m/nls_ascii.ko": clone.modules()[0]}, [levels, "try it /m/nls_ascii.ko"],
                   "module.sig_enforce=1")
    assert answers.out["levels"] == ["1"]
    assert answers.load == {"it": "ok"}

    clone.set(NLS_ASCII="n")
    clone.make()
    assert clone.modules() == []
    clone.make("modules_install", f"INSTALL_MOD_PATH={tmp_path}", "DEPMOD=true")
    assert list(tmp_path.glob("lib/modules/*/modules.order"))
    clone.make("modules_attach")
    assert boot(clone, {}, [levels], "module.sig_enforce=1").out["levels"] == ["0"]
