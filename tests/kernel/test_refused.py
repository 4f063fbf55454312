# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modules that the kernel must refuse, whether or not it enforces anything (case 2).

Each way to break a module is a function from the sealed module to a file. All of them are tried in
two guests, one for each mode, and each must lead to the documented errno and the documented line.
"""

import pytest

from helpers.build import modproof
from helpers.trailer import MARKER, Sealed, flip, section_offset

MODULE = "kernel/fs/nls/nls_iso8859-1.ko"
OTHER = "kernel/fs/nls/nls_iso8859-2.ko"
NAME = "nls_iso8859_1"
MODES = {"enforced": "module.sig_enforce=1", "plain": ""}

MISMATCH = "proof does not lead to the root of this kernel"
LENGTH = "proof has another length than this kernel's"


def broken_modules(installed, other_build):
    """name -> (file, errno, reason)"""
    path = installed / MODULE
    data = path.read_bytes()
    good = Sealed.read(data)
    other = Sealed.read((installed / OTHER).read_bytes())
    levels = len(good.siblings) // 32
    rejected, bad = "EKEYREJECTED", "EBADMSG"
    trailer = data[len(good.payload):]
    return {
        "code-bit": (flip(data, section_offset(path, ".text") + 1), rejected, MISMATCH),
        "first-proof-bit": (good.but(siblings=flip(good.siblings, 0)), rejected, MISMATCH),
        "last-proof-bit": (good.but(siblings=flip(good.siblings, -1, 7)), rejected, MISMATCH),
        "other-position": (good.but(position=good.position ^ 1), rejected, MISMATCH),
        "position-outside": (good.but(position=good.position | 1 << levels), rejected,
                             "position is outside the tree"),
        "huge-position": (good.but(position=2**32 - 1), rejected, "position is outside the tree"),
        "other-proof": (good.but(position=other.position, siblings=other.siblings), rejected, MISMATCH),
        "other-build": (other_build, rejected, MISMATCH),
        "proof-a-level-short": (good.but(siblings=good.siblings[32:]), rejected, LENGTH),
        "proof-a-level-long": (good.but(siblings=good.siblings + bytes(32)), rejected, LENGTH),
        # What stands where the position should be is the end of the payload: no small number.
        "proof-cut-in-the-middle": (good.payload + b"\xff" * 32 + trailer[:36] + trailer[68:], rejected,
                                    "position is outside the tree"),
        "trailer-without-its-beginning": (trailer[8:], bad, "trailer is longer than the file"),
        "descriptor-alone": (trailer[-40:], bad, "trailer is longer than the file"),
        "length-huge": (good.but(length=2**32 - 1), bad, "trailer is longer than the file"),
        "length-of-the-file": (good.but(length=len(data) - 40 + 1), bad, "trailer is longer than the file"),
        "length-zero": (good.but(length=0), rejected, LENGTH),
        "reserved-field": (good.but(reserved=bytes([0, 0, 0, 0, 0, 1, 0, 0])), bad,
                           "reserved fields of the trailer are set"),
        "stacked": (Sealed(data, good.position, good.siblings).write(), bad, "second proof below the first"),
    }


@pytest.fixture(scope="module")
def other_build(installed, tmp_path_factory):
    """The module unchanged, with its valid proof from a build in which another module differs."""
    directory = tmp_path_factory.mktemp("other-build")
    for path in (installed / "kernel").rglob("*.ko"):
        (directory / path.name).write_bytes(path.read_bytes())
    modproof("detach", "-q", directory)
    changed = directory / "nls_ascii.ko"
    changed.write_bytes(changed.read_bytes() + b"\0")
    modproof("tree", "-q", "-o", "other.merkle", "--variant", "strip", ".", cwd=directory)
    modproof("attach", "-q", "--tree", "other.merkle", "nls_iso8859-1.ko", cwd=directory)
    return (directory / "nls_iso8859-1.ko").read_bytes()


@pytest.fixture(scope="module")
def cases(installed, other_build):
    return broken_modules(installed, other_build)


@pytest.fixture(scope="module")
def answers(boot, main, installed, cases):
    """mode -> what a guest in this mode said to each case."""
    good = (installed / MODULE).read_bytes()
    files = {f"/m/{name}/nls_iso8859-1.ko": data for name, (data, _, _) in cases.items()}
    files |= {"/m/good/nls_iso8859-1.ko": good, "/m/cut/nls_iso8859-1.ko": good[:-1]}
    steps = [f"try {name} /m/{name}/nls_iso8859-1.ko" for name in cases]
    steps += ["try from-buffer --buffer /m/code-bit/nls_iso8859-1.ko",
              "try force-vermagic --ignore-vermagic /m/good/nls_iso8859-1.ko",
              "try force-modversions --ignore-modversions /m/good/nls_iso8859-1.ko",
              "run away rmmod nls_iso8859_1",
              "try cut-at-the-end /m/cut/nls_iso8859-1.ko",
              "run away-again rmmod nls_iso8859_1",
              "try good /m/good/nls_iso8859-1.ko"]
    said = {mode: boot(main, files, steps, cmdline) for mode, cmdline in MODES.items()}
    for mode, answer in said.items():
        print(f"--- guest, {mode}:")
        for step, result in answer.load.items():
            print(f"{step}: {result} {answer.taint[step]}")
            print("".join(f"    {line}\n" for line in answer.log.get(step, [])), end="")
    return said


def refusals(answer, step):
    """Lines about modules; the kernel may log something else at the same time."""
    return [line for line in answer.log.get(step, []) if line.startswith("module ")]


@pytest.mark.parametrize("mode", MODES)
def test_each_broken_module_is_refused(answers, cases, mode):
    got = {name: (answers[mode].load[name], refusals(answers[mode], name)) for name in cases}
    assert got == {name: (errno, [f"module {NAME if len(data) > 1000 else '(unnamed)'}: refused: {reason}"])
                   for name, (data, errno, reason) in cases.items()}


@pytest.mark.parametrize("mode", MODES)
def test_it_makes_no_difference_how_the_module_comes_in(answers, mode):
    assert answers[mode].load["from-buffer"] == "EKEYREJECTED"
    assert refusals(answers[mode], "from-buffer") == [f"module {NAME}: refused: {MISMATCH}"]


@pytest.mark.parametrize("mode", MODES)
def test_the_good_module_still_loads_after_all_that(answers, mode):
    assert (answers[mode].load["good"], answers[mode].taint["good"]) == ("ok", "")


def test_a_proof_does_not_count_when_forced(answers):
    """As none: refused when enforced; otherwise up to MODULE_FORCE_LOAD, which this kernel does not have."""
    log = [f"module {NAME}: Loading of module loaded by force is rejected"]
    for step in ("force-vermagic", "force-modversions"):
        assert answers["enforced"].load[step] == "EKEYREJECTED"
        assert refusals(answers["enforced"], step) == log
    assert answers["plain"].load["force-vermagic"] == "ENOEXEC"


def test_a_file_cut_at_its_end_has_no_trailer(answers):
    assert answers["enforced"].load["cut-at-the-end"] == "EKEYREJECTED"
    assert refusals(answers["enforced"], "cut-at-the-end") == [
        f"module {NAME}: Loading of unsigned module is rejected"]
    assert (answers["plain"].load["cut-at-the-end"], answers["plain"].taint["cut-at-the-end"]) == ("ok", "E")


def test_the_tool_refuses_them_as_well(main, cases, tmp_path):
    for name, (data, _, _) in cases.items():
        module = tmp_path / "nls_iso8859-1.ko"
        module.write_bytes(data)
        done = modproof("verify", "--kernel", main.vmlinux, module, check=False)
        assert done.returncode != 0, name


def test_marker_is_the_last_thing_in_a_sealed_module(installed):
    assert (installed / MODULE).read_bytes().endswith(MARKER)
