# SPDX-License-Identifier: LGPL-2.1-or-later
"""The format of docs/format.md, written down as plainly as possible.

It is slow on purpose: nothing is clever, nothing is shared between two functions that the document
keeps apart, and only the Python standard library is used. Where this file and the tool disagree, one
of them is wrong; the tests beside it look for such places.
"""
import hashlib
import struct

DIGEST = 32
MAX_LEVELS = 32
MARKER = b"~Module signature appended~\n"
ID_PKCS7 = 2
ID_MERKLE = 3
TREE_MAGIC = b"MODPROOF"
TREE_VERSION = 1
LINKED = 1
STRIP_DEBUG = 2


class Malformed(Exception):
    """The bytes break the format."""


# --- leaf, node, tree (docs/format.md, section 2) ---------------------------------------------------


def sha256(message):
    return hashlib.sha256(message).digest()


def leaf(position, payload):
    return sha256(b"\x01" + struct.pack(">I", position) + payload)


def node(left, right):
    return sha256(b"\x02" + left + right)


def levels_of(leaf_count):
    """How often neighbours are paired until one node is left; at least once."""
    if leaf_count == 0:
        return 0
    levels = 1
    while 2 ** levels < leaf_count:
        levels += 1
    return levels


def all_levels(leaves):
    """Every level of the tree, the leaves first, the root (one node) last."""
    levels = [list(leaves)]
    while len(levels) <= levels_of(len(leaves)) and leaves:
        below = levels[-1]
        above = []
        for i in range(0, len(below), 2):
            if i + 1 < len(below):
                above.append(node(below[i], below[i + 1]))
            else:
                above.append(node(below[i], below[i]))
        levels.append(above)
    return levels


def root(leaves):
    """(levels, hash)"""
    if not leaves:
        return 0, bytes(DIGEST)
    levels = all_levels(leaves)
    assert len(levels[-1]) == 1
    return len(levels) - 1, levels[-1][0]


# --- proof (section 3) ------------------------------------------------------------------------------


def proof(leaves, position):
    """(position, siblings)"""
    siblings = []
    index = position
    for nodes in all_levels(leaves)[:-1]:
        neighbour = index + 1 if index % 2 == 0 else index - 1
        if neighbour >= len(nodes):
            neighbour = index
        siblings.append(nodes[neighbour])
        index = index // 2
    return position, siblings


def follow(position, siblings, leaf_hash):
    """The hash that the proof leads to."""
    current = leaf_hash
    for level, sibling in enumerate(siblings):
        if (position >> level) & 1 == 0:
            current = node(current, sibling)
        else:
            current = node(sibling, current)
    return current


def encode_proof(position, siblings):
    return struct.pack(">I", position) + b"".join(siblings)


# --- module file (section 4) ------------------------------------------------------------------------


def encode_trailer(position, siblings):
    body = encode_proof(position, siblings)
    descriptor = struct.pack(">BBBBB3sI", 0, 0, ID_MERKLE, 0, 0, bytes(3), len(body))
    return body + descriptor + MARKER


def ends_in_merkle_trailer(data):
    return len(data) >= 40 and data.endswith(MARKER) and data[-40 + 2] == ID_MERKLE


def parse_module(data):
    """What a file carries: ("none", data), ("other", id_type) or ("merkle", payload, position,
    siblings). Raises Malformed. The numbers are those of the rules in section 4.1."""
    if not data.endswith(MARKER):  # 1
        return "none", data
    before = data[: -len(MARKER)]
    if len(before) < 12:  # 2
        raise Malformed("no room for a descriptor")
    descriptor, before = before[-12:], before[:-12]
    algo, hash_, id_type, signer_len, key_id_len, padding, size = struct.unpack(
        ">BBBBB3sI", descriptor)
    if size > len(before):  # 3
        raise Malformed("the body is larger than the file")
    if id_type != ID_MERKLE:  # 4
        return "other", id_type
    if size < 4 + DIGEST or (size - 4) % DIGEST != 0 or (size - 4) // DIGEST > MAX_LEVELS:  # 5
        raise Malformed("no proof has this size")
    if (algo, hash_, signer_len, key_id_len, padding) != (0, 0, 0, 0, bytes(3)):  # 6
        raise Malformed("reserved fields are set")
    payload, body = before[: len(before) - size], before[len(before) - size:]
    if ends_in_merkle_trailer(payload):  # 7
        raise Malformed("two Merkle trailers")
    position = struct.unpack(">I", body[:4])[0]
    siblings = [body[at: at + DIGEST] for at in range(4, size, DIGEST)]
    return "merkle", payload, position, siblings


def payload_of(data):
    """What a leaf covers: the file without its Merkle trailer."""
    parsed = parse_module(data)
    return parsed[1] if parsed[0] == "merkle" else data


def verdict(data, levels, root_hash):
    """What a verifier that knows only the root must say, in the words of `modproof verify`."""
    try:
        parsed = parse_module(data)
    except Malformed:
        return "malformed-trailer"
    if parsed[0] == "none":
        return "no-trailer"
    if parsed[0] == "other":
        return "other-signature"
    _, payload, position, siblings = parsed
    if levels == 0 or levels > MAX_LEVELS or len(siblings) != levels:
        return "proof-length"
    if position >= 2 ** levels:
        return "position-outside"
    if follow(position, siblings, leaf(position, payload)) != root_hash:
        return "other-root"
    return "accepted"


# --- root (section 5) -------------------------------------------------------------------------------


def root_section(levels, root_hash, order):
    """The 36 bytes in a kernel; `order` is "little" or "big"."""
    return levels.to_bytes(4, order) + root_hash


def root_text(levels, root_hash):
    return f"sha256:{levels}:{root_hash.hex()}"


def parse_root_text(text):
    algorithm, levels, digits = text.split(":")
    if algorithm != "sha256" or levels != str(int(levels)) or not 0 <= int(levels) <= MAX_LEVELS:
        raise Malformed(text)
    if len(digits) != 2 * DIGEST or set(digits.lower()) - set("0123456789abcdef"):
        raise Malformed(text)
    root_hash = bytes.fromhex(digits)
    if levels == "0" and root_hash != bytes(DIGEST):
        raise Malformed(text)
    return int(levels), root_hash


# --- tree file (section 6) --------------------------------------------------------------------------


def kernel_name(name):
    return name.replace(b"-", b"_")


def encode_tree_file(variants, modules):
    """`variants` is the bit set; `modules` a list of (name, payloads), a payload for each variant."""
    count = 1 if variants == LINKED else 2
    leaves = []
    body = b""
    for index, (name, payloads) in enumerate(modules):
        assert len(payloads) == count
        body += struct.pack(">H", len(name)) + name
        for variant, payload in enumerate(payloads):
            hash_ = leaf(index * count + variant, payload)
            leaves.append(hash_)
            body += struct.pack(">Q", len(payload)) + hash_
    levels, root_hash = root(leaves)
    header = TREE_MAGIC + struct.pack(">IIII", TREE_VERSION, variants, len(modules), levels)
    data = header + root_hash + body
    return data + sha256(data)


def decode_tree_file(data):
    """(variants, [(name, [(payload size, leaf), ...]), ...], (levels, root)). Raises Malformed."""
    if not data.startswith(TREE_MAGIC) or len(data) < 88:
        raise Malformed("not a tree file")
    version, variants, count, levels = struct.unpack(">IIII", data[8:24])
    if version != TREE_VERSION:
        raise Malformed("another version")
    if sha256(data[:-DIGEST]) != data[-DIGEST:]:
        raise Malformed("damaged")
    if variants not in (LINKED, LINKED | STRIP_DEBUG):
        raise Malformed("unknown variants")
    if levels > MAX_LEVELS:
        raise Malformed("too many levels")
    root_hash = data[24:56]
    rest = data[56:-DIGEST]
    modules, leaves, seen = [], [], set()
    for _ in range(count):
        if len(rest) < 2:
            raise Malformed("cut off")
        length = struct.unpack(">H", rest[:2])[0]
        name, rest = rest[2: 2 + length], rest[2 + length:]
        if length == 0 or len(name) != length or b"/" in name or b"\0" in name:
            raise Malformed("impossible name")
        if kernel_name(name) in seen:
            raise Malformed("two modules of one name")
        seen.add(kernel_name(name))
        own = []
        for _ in range(1 if variants == LINKED else 2):
            if len(rest) < 40:
                raise Malformed("cut off")
            own.append((struct.unpack(">Q", rest[:8])[0], rest[8:40]))
            rest = rest[40:]
        modules.append((name, own))
        leaves += [hash_ for _, hash_ in own]
    if rest:
        raise Malformed("bytes behind the last module")
    if root(leaves) != (levels, root_hash):
        raise Malformed("the root does not follow from the leaves")
    return variants, modules, (levels, root_hash)
