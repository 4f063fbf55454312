#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes an initramfs out of parts, one behind another.

    make_initramfs.py OUTPUT PART...

PART is `cpio:DIRECTORY` (the files in it, the archive plain), `COMPRESSION:DIRECTORY` (see
make_image.py), `zeros:COUNT`, `text:TEXT`, or `COMPRESSION+DIRECTORY+DIRECTORY` (two archives with
zeros between, compressed together).
"""
import os
import sys

from make_image import COMPRESSIONS


def entry(name, contents, mode=0o100644, links=1, inode=1):
    name = name.encode() + b"\0"
    fields = [inode, mode, 0, 0, links, 0, len(contents), 0, 0, 0, 0, len(name), 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
    return head + bytes(-len(head) % 4) + contents + bytes(-len(contents) % 4)


TRAILER = entry("TRAILER!!!", b"", mode=0, inode=0)


def cpio(directory):
    """Everything in `directory`, in the order of names."""
    data, inode = b"", 1
    for parent, folders, files in os.walk(directory):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(parent, name)
            inode += 1
            within = os.path.relpath(path, directory)
            if os.path.islink(path):
                data += entry(within, os.readlink(path).encode(), mode=0o120777, inode=inode)
            elif os.path.isdir(path):
                data += entry(within, b"", mode=0o040755, links=2, inode=inode)
            else:
                with open(path, "rb") as file:
                    data += entry(within, file.read(), inode=inode)
    return data + TRAILER


def part(text):
    kind, _, value = text.partition(":")
    if kind == "cpio":
        return cpio(value)
    if kind == "zeros":
        return bytes(int(value))
    if kind == "text":
        return value.encode()
    if "+" in kind:
        kind, *directories = kind.split("+")
        return COMPRESSIONS[kind](bytes(512).join(cpio(directory) for directory in directories))
    return COMPRESSIONS[kind](cpio(value))


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as output:
        for argument in sys.argv[2:]:
            output.write(part(argument))
