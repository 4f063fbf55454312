# SPDX-License-Identifier: LGPL-2.1-or-later
"""The worked example of docs/format.md: every byte computed here, from the specification alone.

Nothing of the library is used, so that the tool can be checked against the result: blocks() for the
document, files() for the comparison.
"""

import hashlib
import struct

#: Module name and payload, in tree order. Real modules are ELF files; a leaf covers any bytes.
MODULES = [("alpha", b"first\n"), ("beta-2", b"second\n"), ("gamma", b"third\n")]

MARKER = b"~Module signature appended~\n"


def sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


def leaf_message(position: int, payload: bytes) -> bytes:
    return b"\x01" + struct.pack(">I", position) + payload


def node_message(left: bytes, right: bytes) -> bytes:
    return b"\x02" + left + right


def levels_of(leaves: list[bytes]) -> list[list[bytes]]:
    """The leaves, then each level above, the root last; one leaf still has one level."""
    levels = [leaves]
    while len(levels) == 1 or len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([sha256(node_message(below[i], below[min(i + 1, len(below) - 1)]))
                       for i in range(0, len(below), 2)])
    return levels


def siblings_of(levels: list[list[bytes]], position: int) -> list[bytes]:
    result = []
    for nodes in levels[:-1]:
        other = position ^ 1
        result.append(nodes[other] if other < len(nodes) else nodes[position])
        position //= 2
    return result


def trailer_of(position: int, siblings: list[bytes]) -> bytes:
    body = struct.pack(">I", position) + b"".join(siblings)
    return body + bytes([0, 0, 3, 0, 0, 0, 0, 0]) + struct.pack(">I", len(body)) + MARKER


def tree_file_of(names: list[str], payloads: list[bytes], levels: list[list[bytes]]) -> bytes:
    root = levels[-1][0]
    out = b"MODPROOF" + struct.pack(">IIII", 1, 1, len(names), len(levels) - 1) + root
    for name, payload, leaf in zip(names, payloads, levels[0]):
        out += struct.pack(">H", len(name)) + name.encode()
        out += struct.pack(">Q", len(payload)) + leaf
    return out + sha256(out)


def dump(data: bytes, notes: dict[int, str] | None = None) -> str:
    """Sixteen bytes a line as `xxd` has them; with notes, a new line and a heading at each offset."""
    lines = []
    starts = sorted((notes or {0: ""}).keys()) + [len(data)]
    for start, end in zip(starts, starts[1:]):
        note = (notes or {}).get(start)
        if note:
            lines.append(f"          ; {note}")
        for at in range(start, end, 16):
            part = data[at:min(at + 16, end)]
            text = "".join(chr(b) if 32 <= b < 127 else "." for b in part)
            lines.append(f"{at:08x}  {part.hex(' '):<47}  {text}")
    return "\n".join(lines)



class Example:
    """All values of the example."""

    def __init__(self) -> None:
        self.names = [name for name, _ in MODULES]
        self.payloads = [payload for _, payload in MODULES]
        leaves = [sha256(leaf_message(i, p)) for i, p in enumerate(self.payloads)]
        self.levels = levels_of(leaves)
        self.root = self.levels[-1][0]
        self.root_text = f"sha256:{len(self.levels) - 1}:{self.root.hex()}"
        self.proofs = [siblings_of(self.levels, i) for i in range(len(leaves))]
        self.files = [payload + trailer_of(i, self.proofs[i])
                      for i, payload in enumerate(self.payloads)]
        self.tree_file = tree_file_of(self.names, self.payloads, self.levels)

    def sections(self) -> dict[str, bytes]:
        count = len(self.levels) - 1
        return {"little": struct.pack("<I", count) + self.root,
                "big": struct.pack(">I", count) + self.root}

    def blocks(self) -> dict[str, str]:
        """Name and text of each generated block of docs/format.md."""
        out = {"payloads": "\n".join(
            f"position {i}: {n + '.ko':<9} {p!r:<12} = {p.hex(' ')}".replace("b'", "'")
            for i, (n, p) in enumerate(MODULES))}
        out["leaves"] = "\n".join(
            f"leaf {i} = SHA-256( 01 | {struct.pack('>I', i).hex(' ')} | {p.hex(' ')} )\n"
            f"       = {self.levels[0][i].hex()}"
            for i, p in enumerate(self.payloads))
        out["nodes"] = self._nodes()
        out["root-text"] = self.root_text
        out["proofs"] = "\n".join(
            f"position {i}: {struct.pack('>I', i).hex(' ')}\n" + "\n".join(
                f"  level {level}: {sibling.hex()}  {self._whence(i, level)}"
                for level, sibling in enumerate(self.proofs[i]))
            for i in range(len(MODULES)))
        out["module-file"] = self._module_file(1)
        out["sections"] = "\n\n".join(
            f"{order}-endian\n{dump(data)}" for order, data in self.sections().items())
        out["tree-file"] = self._tree_file()
        out["sizes"] = sizes()
        return out

    def _nodes(self) -> str:
        a, b = self.levels[1]
        return (f"a    = SHA-256( 02 | leaf 0 | leaf 1 )\n     = {a.hex()}\n"
                f"b    = SHA-256( 02 | leaf 2 | leaf 2 )      no neighbour: paired with itself\n"
                f"     = {b.hex()}\n"
                f"root = SHA-256( 02 | a | b )\n     = {self.root.hex()}")

    @staticmethod
    def _whence(position: int, level: int) -> str:
        names = [["leaf 1", "b"], ["leaf 0", "b"], ["leaf 2, itself", "a"]]
        return names[position][level]

    def _module_file(self, index: int) -> str:
        size = len(self.payloads[index])
        body = 4 + 32 * (len(self.levels) - 1)
        notes = {0: f"payload, {size} bytes", size: f"proof, {body} bytes: position {index}",
                 size + 4: "sibling of level 0", size + 36: "sibling of level 1",
                 size + body: "descriptor: algo, hash, id_type 3, signer_len, key_id_len, 3 zero "
                              "bytes",
                 size + body + 8: f"and the length of the proof, {body}",
                 size + body + 12: "marker"}
        return dump(self.files[index], notes)

    def _tree_file(self) -> str:
        notes = {0: "magic", 8: "version 1", 12: "variants: linked only", 16: "3 modules",
                 20: "2 levels", 24: "hash of the root"}
        at = 56
        for i, name in enumerate(self.names):
            notes[at] = f"module {i}: length of the name, name"
            at += 2 + len(name)
            notes[at] = f"payload of {len(self.payloads[i])} bytes, leaf"
            at += 40
        notes[at] = "SHA-256 over everything before"
        return dump(self.tree_file, notes)


def sizes() -> str:
    """What a tree file weighs, for kernels of DESIGN.md section 8."""
    lines = ["modules  variants  names of 10 bytes  of 20 bytes  600,000 bytes reached at names of"]
    for modules, variants in ((4023, 1), (4023, 2), (4216, 1), (4216, 2)):
        fixed = 56 + 32 + modules * (2 + 40 * variants)
        lines.append(f"{modules:>7,}  {variants:>8}  {fixed + 10 * modules:>17,}  "
                     f"{fixed + 20 * modules:>11,}  {(600_000 - fixed) / modules:>22.1f} bytes")
    return "\n".join(lines)
