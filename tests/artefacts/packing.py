# SPDX-License-Identifier: LGPL-2.1-or-later
"""What distributions and boot loaders make of a kernel and its modules, made by their own tools: packages, what
stands in front of an initramfs, unified kernel images. The same files give the same bytes."""

import os
import shutil
import struct
import subprocess

from archive import cache, downloaded, unpack
from make_initramfs import TRAILER, entry

SPEC = """\
Name: kernel-test
Version: 1
Release: 1
Summary: the modules of a kernel
License: GPL-2.0-only
AutoReqProv: no
%description
Modules.
%package core
Summary: the kernel
AutoReqProv: no
%description core
The kernel.
%install
mkdir -p %{buildroot}
cp -a ROOT/usr %{buildroot}/
%files
/usr/lib/modules/VERSION/kernel
%files core
/usr/lib/modules/VERSION/vmlinuz
/usr/lib/modules/VERSION/modules.*
"""
# What Fedora sets, nothing that would change files, and nothing of this machine and hour.
RPM_MACROS = {"_binary_payload": "w3.zstdio", "__os_install_post": "%{nil}", "debug_package": "%{nil}",
              "_build_id_links": "none", "_buildhost": "localhost", "use_source_date_epoch_as_buildtime": "1",
              "clamp_mtime_to_source_date_epoch": "1", "source_date_epoch_from_changelog": "0"}

PKGINFO = "pkgname = linux-test\npkgbase = linux-test\npkgver = 1-1\narch = x86_64\n"
# When all of it was made.
TIME = 1_700_000_000
MTREE = "!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link"


def at_one_time(directory):
    """Gives everything below `directory` the same time."""
    for path in sorted(directory.rglob("*"), reverse=True):
        os.utime(path, (TIME, TIME), follow_symlinks=False)


def make_rpms(root, version, work):
    """A package with the kernel and one with the modules, as Fedora splits them."""
    work.mkdir()
    (work / "kernel.spec").write_text(SPEC.replace("ROOT", str(root)).replace("VERSION", version))
    macros = {**RPM_MACROS, "_topdir": work}
    subprocess.run(["rpmbuild", "-bb", "--quiet", *(f"--define={name} {value}" for name, value in macros.items()),
                    work / "kernel.spec"], check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(TIME)})
    modules, core = sorted(work.rglob("*.rpm"), key=lambda path: "-core-" in path.name)
    return [core, modules]


def make_pacman_package(root, version, work):
    """One package with both, laid out as makepkg does: what describes it first, then the files."""
    work.mkdir()
    shutil.copytree(root / "usr", work / "usr", symlinks=True)
    (work / "usr/lib/modules" / version / "pkgbase").write_text("linux-test\n")
    (work / ".PKGINFO").write_text(PKGINFO)
    (work / ".BUILDINFO").write_text("format = 2\n")
    at_one_time(work)
    paths = ["./.PKGINFO", "./.BUILDINFO"]
    files = sorted(str(path.relative_to(work)) for path in (work / "usr").rglob("*")) + ["usr"]
    subprocess.run(["bsdtar", "-cnzf", ".MTREE", "--format=mtree", f"--options=gzip:!timestamp,{MTREE}", "--null", "-T", "-"],
                   input="\0".join(paths + sorted(files)).encode(), cwd=work, check=True)
    at_one_time(work)
    package = work / "linux-test-1-1-x86_64.pkg.tar.zst"
    archive = subprocess.run(["bsdtar", "--no-fflags", "-cnf", "-", "--null", "-T", "-"], cwd=work, check=True,
                             input="\0".join([".MTREE", ".PKGINFO", ".BUILDINFO", *sorted(files)]).encode(),
                             stdout=subprocess.PIPE).stdout
    subprocess.run(["zstd", "-q", "-c", "-1", "-", "-o", package], input=archive, check=True)
    return [package]


def early():
    """What generators put in front: a plain archive with microcode, filled up with zeros."""
    names = ["kernel", "kernel/x86", "kernel/x86/microcode"]
    archive = b"".join(entry(name, b"", mode=0o040755, links=2) for name in names)
    archive += entry("kernel/x86/microcode/GenuineIntel.bin", bytes(range(256)) * 8) + TRAILER
    return archive + bytes(-len(archive) % 512)


def stub(directory):
    """The EFI program that unified kernel images start with."""
    package, = downloaded(cache() / "bookworm-amd64-stub", "bookworm", "amd64", lambda _: ["systemd-boot-efi"])
    directory.mkdir()
    program, = unpack(package, directory, "*/linuxx64.efi.stub")
    return program


def make_unified(program, parts, image):
    """Puts each of the files `parts` into the EFI program, as a section of its name."""
    arguments, address = [], 0x2000000
    for path in parts:
        arguments += ["--add-section", f".{path.name}={path}", "--change-section-vma", f".{path.name}={address:#x}"]
        address += path.stat().st_size + 0xFFFFF & ~0xFFFFF
    subprocess.run(["objcopy", *arguments, program, image], check=True)
    data = bytearray(image.read_bytes())
    header, = struct.unpack_from("<I", data, 0x3C)
    struct.pack_into("<I", data, header + 8, TIME)   # the time at which objcopy ran,
    struct.pack_into("<I", data, header + 88, 0)     # and a checksum over it
    image.write_bytes(data)
