# SPDX-License-Identifier: LGPL-2.1-or-later
"""kernel/apply, and the patches as such. No kernel is built."""

import filecmp
import os
import re
import subprocess

import pytest

from helpers import source
from helpers.vanilla import vanilla

APPLY = source.PROJECT / "kernel/apply"
SERIES = sorted(path.name for path in (source.PROJECT / "kernel/series").iterdir())


def touched(series):
    text = "".join(path.read_text() for path in (source.PROJECT / "kernel/series" / series).glob("*.patch"))
    return sorted(set(re.findall(r"(?m)^\+\+\+ b/(\S+)$", text)))


def apply(*arguments):
    return subprocess.run([APPLY, *map(str, arguments)], capture_output=True, text=True)


def copy(series, linux, kernel_org=False):
    """As much of a pristine source as the series touches: as Debian has it, or without Debian's changes."""
    pristine = source.pristine(series)
    for name in [*touched(series), "Kbuild"]:
        (linux / name).parent.mkdir(parents=True, exist_ok=True)
        text = (pristine / name).read_bytes()
        (linux / name).write_bytes(vanilla(name, text.decode()).encode() if kernel_org else text)
        (linux / name).chmod((pristine / name).stat().st_mode)
    return linux


@pytest.fixture(params=[(series, origin) for series in SERIES for origin in ("debian", "kernel.org")],
                ids="-".join)
def each_tree(request, tmp_path):
    series, origin = request.param
    return copy(series, tmp_path / "linux", origin == "kernel.org")


@pytest.fixture
def tree(tmp_path):
    return copy(SERIES[-1], tmp_path / "linux")


def snapshot(tree):
    return {path.relative_to(tree): (path.read_bytes(), path.stat().st_mode)
            for path in tree.rglob("*") if path.is_file()}


def test_apply_twice_and_reverse(each_tree):
    tree = each_tree
    before = snapshot(tree)
    assert apply("--check", tree).returncode == 0
    assert snapshot(tree) == before
    assert apply(tree).returncode == 0
    after = snapshot(tree)
    assert after != before
    again = apply(tree)
    assert again.returncode == 0 and "already" in again.stdout
    assert apply("--check", tree).returncode == 0
    assert snapshot(tree) == after
    assert apply("--reverse", tree).returncode == 0
    assert snapshot(tree) == before
    assert apply("--reverse", tree).returncode == 0
    assert snapshot(tree) == before


def refused(*arguments):
    """The one line that says why."""
    done = apply(*arguments)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_tree_with_other_changes(tree):
    path = tree / "kernel/module/signing.c"
    path.write_text(path.read_text().replace("markerlen", "marker_length"))
    before = snapshot(tree)
    assert re.search(r"has changes that do not go with series/.*signing\.c|has changes that do not", refused(tree))
    assert snapshot(tree) == before


def test_a_run_that_did_not_come_to_its_end(tree):
    """Killed while it renamed: each file is old or new. The next run goes on, or back."""
    before = snapshot(tree)
    apply(tree)
    after = snapshot(tree)
    names = sorted(after)
    for count in (len(names) // 3, len(names) - 1):
        def half():
            for name in names[:count]:
                if name in before:
                    (tree / name).write_bytes(before[name][0])
                else:
                    (tree / name).unlink()
        half()
        check = apply("--check", tree)
        assert check.returncode == 0 and "did not come to its end" in check.stdout
        assert apply(tree).returncode == 0
        assert snapshot(tree) == after
        half()
        assert apply("--reverse", tree).returncode == 0
        assert snapshot(tree) == before
        assert apply(tree).returncode == 0


@pytest.mark.parametrize("mode", [[], ["--reverse"]], ids=["apply", "reverse"])
def test_a_disk_that_is_full(tree, tmp_path, mode):
    """cp stops at its tenth file: nothing was changed, and nothing is left behind."""
    if mode:
        apply(tree)
    before = snapshot(tree)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "cp").write_text(
        '#!/bin/sh\ncase "$*" in\n'
        f'*modproof~) echo >>{tmp_path}/count; [ $(wc -l <{tmp_path}/count) -lt 10 ] ||\n'
        '\t{ echo >&2 "cp: No space left on device"; exit 1; } ;;\nesac\nexec /bin/cp "$@"\n')
    (programs / "cp").chmod(0o755)
    done = subprocess.run([APPLY, *mode, tree], capture_output=True, text=True,
                          env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
    assert done.returncode == 1 and "No space left" in done.stderr
    assert snapshot(tree) == before


@pytest.mark.parametrize("name", ["Makefile", "kernel/module/signing.c"])
def test_a_symbolic_link_is_not_replaced(tree, tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    (tree / name).rename(elsewhere)
    (tree / name).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    assert "is a symbolic link" in refused(tree)
    assert (tree / name).is_symlink() and elsewhere.read_bytes() == before


def test_a_makefile_without_a_version(tree):
    makefile = tree / "Makefile"
    makefile.write_text(re.sub(r"(?m)^(VERSION|PATCHLEVEL) = .*\n", "", makefile.read_text()))
    before = snapshot(tree)
    assert "does not tell which version" in refused(tree)
    assert snapshot(tree) == before


def test_a_changed_new_file(tree):
    apply(tree)
    path = tree / "kernel/module/hashes.c"
    path.write_text(path.read_text() + "\n")
    assert "another kernel/module/hashes.c" in refused("--reverse", tree)


def test_an_unknown_kernel(tree):
    makefile = tree / "Makefile"
    makefile.write_text(re.sub(r"(?m)^PATCHLEVEL = \d+", "PATCHLEVEL = 99", makefile.read_text()))
    for series in SERIES:
        assert series in refused(tree)


def test_not_a_kernel(tmp_path):
    assert "is not a Linux source tree" in refused(tmp_path)


@pytest.mark.parametrize("series", SERIES)
def test_checkpatch_finds_no_errors(series):
    checkpatch = source.pristine(series) / "scripts/checkpatch.pl"
    patches = sorted((source.PROJECT / "kernel/series" / series).glob("*.patch"))
    files = [path for path in sorted((source.PROJECT / "kernel/files").rglob("*")) if path.is_file()]
    for arguments in ([["--no-tree", path] for path in patches] + [["--no-tree", "-f", path] for path in files]):
        done = subprocess.run([checkpatch, "--strict", "--terse", *arguments], capture_output=True, text=True)
        assert done.returncode == 0 or "total: 0 errors" in done.stdout, done.stdout


def test_new_files_are_the_same_in_every_source(linux):
    for path in (source.PROJECT / "kernel/files").rglob("*"):
        if path.is_file():
            assert filecmp.cmp(path, linux / path.relative_to(source.PROJECT / "kernel/files"), shallow=False)
