# SPDX-License-Identifier: LGPL-2.1-or-later
"""kernel/apply, and the patches as such. No kernel is built."""

import filecmp
import re
import subprocess

import pytest

from helpers import source

APPLY = source.PROJECT / "kernel/apply"
SERIES = sorted(path.name for path in (source.PROJECT / "kernel/series").iterdir())


def touched(series):
    text = "".join(path.read_text() for path in (source.PROJECT / "kernel/series" / series).glob("*.patch"))
    return sorted(set(re.findall(r"(?m)^\+\+\+ b/(\S+)$", text)))


def apply(*arguments):
    return subprocess.run([APPLY, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture(params=SERIES)
def tree(request, tmp_path):
    """As much of a pristine source as the series touches."""
    pristine = source.pristine(request.param)
    linux = tmp_path / "linux"
    for name in [*touched(request.param), "Kbuild"]:
        (linux / name).parent.mkdir(parents=True, exist_ok=True)
        (linux / name).write_bytes((pristine / name).read_bytes())
    return linux


def snapshot(tree):
    return {path.relative_to(tree): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def test_apply_twice_and_reverse(tree):
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


def test_a_tree_that_is_half_applied(tree):
    apply(tree)
    (tree / "kernel/module/hashes.c").unlink()
    assert "only a part" in refused(tree)


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
