#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a package of what stands in a directory.

    make_package.py OUTPUT FORMAT[:COMPRESSION] DIRECTORY [MORE...]

FORMAT is `deb`, `rpm` or `tar`, COMPRESSION one of make_image.py. MORE is what no tool would pack:
`file:NAME=TEXT`, `symlink:NAME=TARGET`, `hardlink:NAME=TARGET`, `fifo:NAME`, `pax:NAME=TEXT` (a name
in a pax header), `cut:N` (the archive without its last N bytes, before it is compressed),
`behind:TEXT` (behind the end of the archive).
"""
import io
import os
import struct
import sys
import tarfile

from make_image import COMPRESSIONS
from make_initramfs import TRAILER, entry

KINDS = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE}


def walk(directory):
    """(path in the package, path) of everything in `directory`, in the order of names."""
    for parent, folders, files in os.walk(directory):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(parent, name)
            yield os.path.relpath(path, directory), path


def add(archive, more):
    for kind, name, value in more:
        info = tarfile.TarInfo(name)
        if kind in KINDS:
            info.type, info.linkname = KINDS[kind], value.decode()
            archive.addfile(info)
        else:
            info.size = len(value)
            if kind == "pax":
                archive.format = tarfile.PAX_FORMAT
                info.pax_headers = {"path": name}
            archive.addfile(info, io.BytesIO(value))


def tar_of(more):
    """A tar archive of (kind, name, bytes), kinds as for MORE."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as archive:
        add(archive, more)
    return output.getvalue()


def tar(directory, more=()):
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, path in walk(directory):
            info = archive.gettarinfo(path, "./" + name)
            info.mtime = info.uid = info.gid = 0
            info.uname = info.gname = ""
            if info.isreg():
                with open(path, "rb") as file:
                    archive.addfile(info, file)
            else:
                archive.addfile(info)
        add(archive, [(kind, name, value.encode()) for kind, name, value in more])
    return output.getvalue()


def cpio(directory, more=()):
    data = b""
    inodes = {}
    paths = list(walk(directory))
    for at, (name, path) in enumerate(paths):
        status = os.lstat(path)
        inode = inodes.setdefault(status.st_ino, len(inodes) + 2)
        if os.path.isdir(path) or os.path.islink(path):
            contents = os.readlink(path).encode() if os.path.islink(path) else b""
        else:
            with open(path, "rb") as file:
                contents = file.read()
            # Of several names the last has the contents.
            if any(os.lstat(later).st_ino == status.st_ino for _, later in paths[at + 1:]):
                contents = b""
        data += entry("./" + name, contents, mode=status.st_mode, links=status.st_nlink, inode=inode)
    for kind, name, value in more:
        data += entry(name, value.encode(), inode=len(data),
                      mode={"symlink": 0o120777, "fifo": 0o010644}.get(kind, 0o100644))
    return data + TRAILER


def ar(members):
    data = b"!<arch>\n"
    for name, contents in members:
        data += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 0, 0, 0, b"100644", len(contents))
        data += contents + b"\n" * (len(contents) % 2)
    return data


def deb(payload, compression, control=bytes(1024)):
    suffix = {"": "", "gzip": ".gz", "zstd": ".zst", "lz4-frame": ".lz4"}.get(compression, "." + compression)
    return ar([("debian-binary", b"2.0\n"), ("control.tar", control), ("data.tar" + suffix, payload)])


def rpm_header(entries, data):
    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", entries, len(data)) + bytes(16 * entries) + data


def rpm(payload):
    signatures = rpm_header(1, b"signatures")
    return (b"\xed\xab\xee\xdb\3\0".ljust(96, b"\0") + signatures + bytes(-len(signatures) % 8) +
            rpm_header(2, b"tags") + payload)


def main():
    target, form, directory, *words = sys.argv[1:]
    form, _, compression = form.partition(":")
    more, cut, behind = [], 0, b""
    for word in words:
        kind, _, value = word.partition(":")
        if kind == "cut":
            cut = int(value)
        elif kind == "behind":
            behind = value.encode()
        else:
            name, _, value = value.partition("=")
            more.append((kind, name, value))
    data = (cpio if form == "rpm" else tar)(directory, more)
    data = data[:len(data) - cut] + behind
    if compression:
        data = COMPRESSIONS[compression](data)
    with open(target, "wb") as output:
        output.write({"deb": lambda: deb(data, compression), "rpm": lambda: rpm(data), "tar": lambda: data}[form]())


if __name__ == "__main__":
    main()
