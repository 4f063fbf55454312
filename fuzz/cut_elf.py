# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sections of an ELF file of 64 bits, in either byte order, and the same file with little in each of them."""

import struct

NULL, NOBITS = 0, 8


class Elf:
    def __init__(self, data):
        self.data = data
        self.order = "<" if data[5] == 1 else ">"
        self.table, = struct.unpack_from(self.order + "Q", data, 40)
        segments, = struct.unpack_from(self.order + "Q", data, 32)
        segment_size, segment_count, self.entry, self.count, self.names = struct.unpack_from(self.order + "5H", data, 54)
        self.head_size = max(64, segments + segment_size * segment_count)
        self.headers = [list(struct.unpack_from(self.order + "IIQQQQIIQQ", data, self.table + self.entry * i))
                        for i in range(self.count)]

    def contents(self, header):
        _, kind, _, _, offset, size, *_ = header
        return b"" if kind in (NULL, NOBITS) else bytes(self.data[offset:offset + size])

    def name(self, header):
        names = self.contents(self.headers[self.names])
        return names[header[0]:names.index(b"\0", header[0])].decode()

    def section(self, name):
        return next(self.contents(header) for header in self.headers if self.name(header) == name)


def cut(data, most, start=b"Linux version "):
    """The file with its headers and all of its sections, and of each section the first `most` bytes, or as many
    from where `start` stands in it."""
    elf = Elf(data)
    out = bytearray(data[:elf.head_size])
    table = b""
    for index, header in enumerate(elf.headers):
        contents = elf.contents(header)
        entry_size = header[9] or 1
        if index != elf.names and len(contents) > most:
            at = max(contents.find(start), 0)
            contents = contents[at:at + most // entry_size * entry_size]
        if header[1] not in (NULL, NOBITS):
            out += bytes(-len(out) % 16)
            header[4:6] = len(out), len(contents)
            out += contents
        table += struct.pack(elf.order + "IIQQQQIIQQ", *header)
    out += bytes(-len(out) % 16)
    struct.pack_into(elf.order + "Q", out, 40, len(out))
    return bytes(out) + table
