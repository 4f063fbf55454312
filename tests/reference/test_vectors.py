# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reference against the known answers in tests/vectors."""
import json
import pathlib

import merkle_reference as ref
import pytest

VECTORS = pathlib.Path(__file__).parent.parent / "vectors" / "merkle.json"
CASES = json.loads(VECTORS.read_text())["cases"]


def payloads_of(case):
    return [bytes((31 * i + 17 * k) % 256 for i in range(length))
            for k, length in enumerate(case["lengths"])]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['lengths'])}-modules")
def test_case(case):
    payloads = payloads_of(case)
    leaves = [ref.leaf(k, payload) for k, payload in enumerate(payloads)]
    assert [leaf.hex() for leaf in leaves] == case["leaves"]
    levels, root = ref.root(leaves)
    assert levels == case["levels"]
    assert root.hex() == case["root"]
    assert ref.root_section(levels, root, "little").hex() == case["root_section_le"]
    assert ref.root_section(levels, root, "big").hex() == case["root_section_be"]
    proofs = [ref.proof(leaves, k) for k in range(len(leaves))]
    assert [ref.encode_proof(*proof).hex() for proof in proofs] == case["proofs"]
    assert [ref.encode_trailer(*proof).hex() for proof in proofs] == case["trailers"]
    for payload, proof in zip(payloads, proofs):
        sealed = payload + ref.encode_trailer(*proof)
        assert ref.verdict(sealed, levels, root) == "accepted"
        assert ref.payload_of(sealed) == payload


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['lengths'])}-modules")
def test_tool_gives_the_same(case, tool):
    """The known answers again, this time from the tool."""
    payloads = payloads_of(case)
    (tool.directory / "modules.order").write_text(
        "".join(f"m{k}.o\n" for k in range(len(payloads))))
    for k, payload in enumerate(payloads):
        (tool.directory / f"m{k}.ko").write_bytes(payload)
    document = tool.json("tree", "--any-file", "--no-sync")
    assert document["root"] == f"sha256:{case['levels']}:{case['root']}"
    tool.run("attach", ".", "--no-sync")
    for k, payload in enumerate(payloads):
        expected = payload + bytes.fromhex(case["trailers"][k])
        assert (tool.directory / f"m{k}.ko").read_bytes() == expected


def test_there_are_cases():
    assert len(CASES) >= 5


@pytest.mark.parametrize("text", [
    "sha256:1:" + 64 * "a",
    "sha256:32:" + 64 * "F",
    "sha256:0:" + 64 * "0",
])
def test_root_text(text):
    assert ref.root_text(*ref.parse_root_text(text)) == text.lower()


@pytest.mark.parametrize("text", [
    "sha1:1:" + 64 * "a", "sha256:01:" + 64 * "a", "sha256:33:" + 64 * "a",
    "sha256:0:" + 64 * "a", "sha256:1:" + 63 * "a", "sha256:1:" + 64 * "g",
])
def test_root_text_refused(text, tool):
    with pytest.raises((ref.Malformed, ValueError)):
        ref.parse_root_text(text)
    tool.run("verify", "--root", text, ".", status=2)
