# SPDX-License-Identifier: LGPL-2.1-or-later
"""Takes sealed modules apart and puts them together wrongly. Independent of the tool and the kernel."""

import re
import struct
import subprocess
from dataclasses import dataclass, replace

MARKER = b"~Module signature appended~\n"
DESCRIPTOR = struct.Struct(">8BI")


@dataclass(frozen=True)
class Sealed:
    """A module with a Merkle trailer, in its parts."""

    payload: bytes
    position: int
    siblings: bytes
    reserved: bytes = bytes(8)
    length: int = -1  # of the proof, as the trailer claims; -1: what it is

    @classmethod
    def read(cls, data):
        assert data.endswith(MARKER)
        data = data[:-len(MARKER)]
        *head, length = DESCRIPTOR.unpack(data[-DESCRIPTOR.size:])
        assert head == [0, 0, 3, 0, 0, 0, 0, 0]
        data = data[:-DESCRIPTOR.size]
        payload, proof = data[:-length], data[-length:]
        return cls(payload, struct.unpack(">I", proof[:4])[0], proof[4:])

    def write(self):
        proof = struct.pack(">I", self.position) + self.siblings
        head = bytearray(self.reserved)
        head[2] = 3
        return (self.payload + proof + bytes(head)
                + struct.pack(">I", len(proof) if self.length < 0 else self.length) + MARKER)

    def but(self, **changes):
        """The file with some parts replaced."""
        return replace(self, **changes).write()


def flip(data, byte, bit=0):
    changed = bytearray(data)
    changed[byte] ^= 1 << bit
    return bytes(changed)


def section_offset(module, name):
    """Where a section of a module begins in its file."""
    listing = subprocess.run(["readelf", "-SW", module], check=True, capture_output=True, text=True).stdout
    return int(re.search(rf" {re.escape(name)} +\w+ +[0-9a-f]+ ([0-9a-f]+) ", listing)[1], 16)
