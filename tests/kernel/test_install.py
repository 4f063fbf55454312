# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installed and packaged modules must all verify, stripped or not (the modules_install part of the issue)."""

import os
import shutil
import subprocess

import pytest

from helpers.build import Failed, modproof


def verify(build, directory):
    """All modules of the build are below the directory, and vmlinux accepts each."""
    found = [path for path in directory.rglob("*.ko*") if path.is_file()]
    assert len(found) == len(build.modules())
    modproof("verify", "--kernel", build.vmlinux, directory)


def strip_as_rpm(directory):
    """rpm's brp-strip: strip -g on every file that is executable."""
    for path in directory.rglob("*.ko"):
        path.chmod(0o755)
        subprocess.run(["strip", "-g", path], check=True)


@pytest.mark.parametrize("strip", [[], ["INSTALL_MOD_STRIP=1"]], ids=["as-linked", "stripped"])
def test_modules_install(main, tmp_path, strip):
    verify(main, main.install(tmp_path, *strip))


def test_the_proofs_are_attached_in_one_run(main, tmp_path):
    """Not once per module: the tool is replaced by one that counts."""
    log = tmp_path / "runs"
    counting = tmp_path / "modproof"
    counting.write_text(f'#!/bin/sh\necho "$1" >>{log}\nexec {os.environ["MODPROOF"]} "$@"\n')
    counting.chmod(0o755)
    main.install(tmp_path / "root", f"MODPROOF={counting}")
    runs = log.read_text().split()
    assert runs.count("attach") == 2  # the check before, and the real one
    assert len(runs) < 8


def test_other_strip_options_are_an_error(main, tmp_path):
    with pytest.raises(Failed, match="ERROR: modules_install: no tree has modules stripped with"):
        main.install(tmp_path, "INSTALL_MOD_STRIP=--strip-unneeded")
    assert not list(tmp_path.rglob("*.ko"))


def test_without_stripped_leaves(clone, tmp_path):
    clone.set(MODULE_HASHES_STRIPPED="n")
    clone.make()
    verify(clone, clone.install(tmp_path))
    with pytest.raises(Failed, match="INSTALL_MOD_STRIP=1 needs CONFIG_MODULE_HASHES_STRIPPED"):
        clone.install(tmp_path / "other", "INSTALL_MOD_STRIP=1")


def test_rpm_install_line_and_its_strip_step(main, tmp_path):
    """kernel.spec installs stripped; brp-strip strips again and drops the proofs; attach puts them back."""
    installed = main.install(tmp_path, "INSTALL_MOD_STRIP=1")
    strip_as_rpm(installed)
    assert modproof("verify", "--kernel", main.vmlinux, installed, check=False).returncode == 1
    modproof("attach", "-q", "--tree", main.directory / "modules.merkle", installed)
    verify(main, installed)


def test_rpm_strip_step_on_modules_installed_as_linked(main, tmp_path):
    installed = main.install(tmp_path)
    strip_as_rpm(installed)
    modproof("attach", "-q", "--tree", main.directory / "modules.merkle", installed)
    verify(main, installed)


@pytest.mark.parametrize("symbols", [["MODULE_AUTH", "MODULE_SIG"], ["MODULE_AUTH", "MODULE_HASHES"], []],
                         ids=["signatures", "hashes", "neither"])
def test_rpm_pkg_leaves_modules_to_find_debuginfo_only_if_they_carry_nothing(linux, tmp_path, symbols):
    """find-debuginfo strips them; scripts/package/mkspec decides whether it runs."""
    config = tmp_path / "include/config/auto.conf"
    config.parent.mkdir(parents=True)
    config.write_text("".join(f"CONFIG_{name}=y\n" for name in ["MODULES", "DEBUG_INFO", *symbols]))
    subprocess.run([linux / "scripts/package/mkspec", "kernel.spec"], cwd=tmp_path, check=True,
                   env={**os.environ, "srctree": str(linux), "KERNELRELEASE": "1", "KERNELVERSION": "1",
                        "ARCH": "x86_64"})
    spec = (tmp_path / "kernel.spec").read_text()
    by_rpm = [line for line in spec.splitlines() if line.startswith("%define with_debuginfo_rpm ")]
    assert by_rpm == ["%define with_debuginfo_rpm " + ("0" if symbols else "%{?_without_debuginfo:0}"
                                                       "%{?!_without_debuginfo:1}")]


def test_software_bill_of_materials(clone):
    """The file that vmlinux takes its root from is among what it was built from, and no command is unknown."""
    if not (clone.source / "scripts/sbom").exists():
        pytest.skip("this kernel has no target sbom")
    clone.make("sbom")
    assert ".modules.root" in (clone.directory / "sbom-build.spdx.json").read_text()


def test_pacman_install_line(main, tmp_path):
    """scripts/package/PKGBUILD installs below usr/."""
    text = (main.source / "scripts/package/PKGBUILD").read_text()
    assert 'INSTALL_MOD_PATH="${pkgdir}/usr" INSTALL_MOD_STRIP=1' in text
    verify(main, main.install(tmp_path / "usr", "INSTALL_MOD_STRIP=1"))


@pytest.mark.skipif(not shutil.which("dh_listpackages"), reason="needs debhelper")
def test_bindeb_pkg(clone, tmp_path):
    clone.make("bindeb-pkg", "DPKG_FLAGS=-d", f"KDEB_SOURCENAME=linux-modproof",
               variables={"DEB_BUILD_OPTIONS": "nodoc"})
    package = next(path for path in clone.directory.parent.glob("linux-image-*.deb") if "-dbg" not in path.name)
    try:
        subprocess.run(["dpkg-deb", "-x", package, tmp_path], check=True)
        # Kernel and modules are in one package, which is checked as it is, too.
        done = modproof("verify", package)
        assert f"{len(clone.modules())} accepted, 0 refused" in done.stdout
    finally:
        for path in clone.directory.parent.glob("linux-*"):
            path.unlink()
    verify(clone, tmp_path)
