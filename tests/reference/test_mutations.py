# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sealed modules, changed at random: none is accepted, and the tool gives the reason that the
reference gives."""
import merkle_reference as ref
import pytest

PER_ROUND = 400


def sealed_modules(rng, count):
    payloads = [rng.randbytes(rng.choice([0, 1, 40, 63, 64, 200])) for _ in range(count)]
    leaves = [ref.leaf(i, payload) for i, payload in enumerate(payloads)]
    files = [payload + ref.encode_trailer(*ref.proof(leaves, i))
             for i, payload in enumerate(payloads)]
    return files, ref.root(leaves)


def flip_bit(rng, data, _files):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1:]


def set_byte(rng, data, _files):
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(1) + data[at + 1:]


def change_trailer(rng, data, _files):
    """The end is where the structure is: hit it more often than chance would."""
    at = len(data) - 1 - rng.randrange(min(len(data), 44))
    value = rng.choice([0, 1, 2, 3, 4, 36, 127, 128, 255])
    return data[:at] + bytes([value]) + data[at + 1:]


def cut(rng, data, _files):
    return data[: rng.randrange(len(data))]


def cut_inside(rng, data, _files):
    start = rng.randrange(len(data))
    end = rng.randrange(start, min(len(data), start + 80)) + 1
    return data[:start] + data[end:]


def insert(rng, data, _files):
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice([1, 2, 4, 32, 40])) + data[at:]


def append(rng, data, _files):
    return data + rng.choice([b"\0", b"\n", ref.MARKER, rng.randbytes(40)])


def stack(rng, data, files):
    """A second trailer above: its own, or that of another module."""
    other = rng.choice(files)
    return data + other[len(ref.payload_of(other)):]


def borrow(rng, data, files):
    """The trailer of another module."""
    other = rng.choice(files)
    return ref.payload_of(data) + other[len(ref.payload_of(other)):]


def move(rng, data, _files):
    """Another position."""
    _, payload, _, siblings = ref.parse_module(data)
    return payload + ref.encode_trailer(rng.choice([0, 1, 2, 7, 8, 2 ** 31, 2 ** 32 - 1]), siblings)


def change_length(rng, data, _files):
    """A level more or less."""
    _, payload, position, siblings = ref.parse_module(data)
    if len(siblings) > 1 and rng.random() < 0.5:
        del siblings[rng.randrange(len(siblings))]
    else:
        siblings.insert(rng.randrange(len(siblings) + 1), rng.choice(siblings))
    return payload + ref.encode_trailer(position, siblings)


def climb(rng, data, _files):
    """A node presented as a payload: the proof of an inner node, as if it were a leaf."""
    _, payload, position, siblings = ref.parse_module(data)
    own = ref.leaf(position, payload)
    left, right = (own, siblings[0]) if position % 2 == 0 else (siblings[0], own)
    return left + right + ref.encode_trailer(position // 2, siblings[1:] or siblings)


def sign(rng, data, _files):
    """A signature above the proof."""
    body = rng.randbytes(20)
    return data + body + b"\0\0\x02\0\0\0\0\0" + len(body).to_bytes(4, "big") + ref.MARKER


def strip_proof(_rng, data, _files):
    return ref.payload_of(data)


MUTATIONS = [flip_bit, set_byte, change_trailer, cut, cut_inside, insert, append, stack, borrow,
             move, change_length, climb, sign, strip_proof]


@pytest.mark.parametrize("count", [1, 2, 3, 6, 13])
def test_mutations(tool, rng, rounds, count):
    for number in range(rounds):
        files, (levels, root) = sealed_modules(rng, count)
        directory = tool.directory / f"round{number}"
        directory.mkdir()
        expected = {}
        for i, data in enumerate(files):
            (directory / f"original{i}.ko").write_bytes(data)
            expected[f"original{i}"] = "accepted"
        for i in range(PER_ROUND):
            original = rng.choice(files)
            mutation = rng.choice(MUTATIONS)
            changed = mutation(rng, original, files)
            name = f"{mutation.__name__}{i}"
            (directory / f"{name}.ko").write_bytes(changed)
            expected[name] = ref.verdict(changed, levels, root)
            # A mutation may give back the original, or another module of the set.
            assert (expected[name] == "accepted") == (changed in files), name
        document = tool.json("verify", "--root", ref.root_text(levels, root), directory.name,
                             status=1)
        found = {module["name"]: module["reason"] for module in document["modules"]}
        assert found == expected


def test_every_bit(tool, rng):
    """All single-bit changes of one sealed module, and all truncations."""
    files, (levels, root) = sealed_modules(rng, 3)
    data = files[1]
    expected = {}
    for at in range(len(data)):
        for bit in range(8):
            changed = data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1:]
            name = f"flip_{at}_{bit}"
            (tool.directory / f"{name}.ko").write_bytes(changed)
            expected[name] = ref.verdict(changed, levels, root)
        name = f"cut_{at}"
        (tool.directory / f"{name}.ko").write_bytes(data[:at])
        expected[name] = ref.verdict(data[:at], levels, root)
    assert "accepted" not in expected.values()
    document = tool.json("verify", "--root", ref.root_text(levels, root), ".", status=1)
    assert {m["name"]: m["reason"] for m in document["modules"]} == expected


def test_tree_file_of_any_byte_changed(tool, rng):
    """A tree file with any byte changed, cut anywhere, or extended, is refused."""
    names = [b"one", b"two", b"three"]
    data = ref.encode_tree_file(ref.LINKED, [(name, [rng.randbytes(50)]) for name in names])
    (tool.directory / "good").write_bytes(data)
    paths = []
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1:]
        for kind, bad in (("changed", changed), ("cut", data[:at])):
            (tool.directory / f"{kind}{at}").write_bytes(bad)
            paths.append(f"{kind}{at}")
            with pytest.raises(ref.Malformed):
                ref.decode_tree_file(bad)
    (tool.directory / "longer").write_bytes(data + b"\0")
    document = tool.json("info", "good", "longer", *paths, status=2)
    assert [item["path"] for item in document["files"]] == ["good"]
    assert len(document["errors"]) == len(paths) + 1


def test_tree_file_with_right_digest(tool, rng, rounds):
    """Tree files that somebody changed and gave a digest that fits: tool and reference agree on
    which of them are tree files."""
    names = [b"one", b"two", b"th-ree", b"x"]
    paths, expected = [], []
    for i in range(400 * rounds):
        variants = rng.choice([ref.LINKED, ref.LINKED | ref.STRIP_DEBUG])
        payloads = [rng.randbytes(9) for _ in range(1 if variants == ref.LINKED else 2)]
        modules = [(name, payloads) for name in rng.sample(names, rng.randrange(5))]
        data = ref.encode_tree_file(variants, modules)[:-ref.DIGEST]
        kind = rng.randrange(5)
        at = rng.randrange(8, len(data))
        if kind == 0:
            data = data[:at] + bytes([rng.choice([0, 1, 2, 3, 4, 32, 33, 47, 255])]) + data[at + 1:]
        elif kind == 1:
            data = data[:at] + data[at + rng.randrange(1, 60):]
        elif kind == 2:
            data = data[:at] + rng.randbytes(rng.randrange(1, 60)) + data[at:]
        elif kind == 3:
            data = data[:rng.choice([12, 16, 20])] + rng.randbytes(4) + data[24:]
        data += ref.sha256(data)
        path = f"tree{i}"
        (tool.directory / path).write_bytes(data)
        paths.append(path)
        try:
            ref.decode_tree_file(data)
            expected.append(path)
        except ref.Malformed:
            pass
    assert 0 < len(expected) < len(paths)
    document = tool.json("info", *paths, status=2)
    assert [item["path"] for item in document["files"]] == expected
