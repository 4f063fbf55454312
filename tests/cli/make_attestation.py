#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What attestations are made of: envelopes, statements in them, reports of a comparison, public keys. Good ones, and
ones that are broken, each named after how.

    make_attestation.py FILE    writes the public key that the signatures of sign() are good for
"""

import base64
import copy
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

TYPE = "application/vnd.in-toto+json"
ROOT = "sha256:2:" + "11" * 32


def pem(kind, der):
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}-----END {kind}-----\n"


# Of Ed25519 (RFC 8410): its secret is known to everybody, and the same message gets the same signature.
SECRET = pem("PRIVATE KEY", bytes.fromhex("302e020100300506032b657004220420") + bytes(range(32)))
PUBLIC = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")


def sign(payload):
    """A signature that anybody takes who trusts PUBLIC."""
    with tempfile.TemporaryDirectory() as directory:
        key, message = Path(directory) / "key", Path(directory) / "message"
        key.write_text(SECRET)
        message.write_bytes(b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE.encode(), len(payload), payload))
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message],
                              stdout=subprocess.PIPE, check=True).stdout


def changed(document, change):
    """A copy of `document`, changed by the function, as JSON."""
    document = copy.deepcopy(document)
    change(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def put(*path):
    """A change: the last of `path` comes to where the others lead."""
    def change(document):
        *way, key, value = path
        for step in way:
            document = document[step]
        document[key] = value
    return change


def drop(*path):
    def change(document):
        *way, key = path
        for step in way:
            document = document[step]
        del document[key]
    return change


# --- statements -------------------------------------------------------------------------------------

STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "predicateType": "urn:uuid:8c99b709-fc65-461b-995b-2d4589f9fed3#modproof-build-v1",
    "subject": [{"name": "my.manifest", "digest": {"sha256": "cd" * 32}},
                {"name": ROOT, "digest": {"sha256": "11" * 32}}],
    "predicate": {"architecture": "x86_64", "compared": None, "kernel": "7.3.0", "manifest": "my.manifest",
                  "modules": 3, "root": ROOT, "verdict": "not-compared"},
}
COUNTS = {"added": 0, "different": 0, "gone": 0, "moved": 0, "not_compared": 0, "renamed": 0, "same": 3}
COMPARED = {"counts": COUNTS, "ignore_signatures": False, "kernels_compared": True, "root_a": ROOT, "root_b": ROOT,
            "same": True, "same_root": True}
REPRODUCED = copy.deepcopy(STATEMENT)
REPRODUCED["predicate"] |= {"compared": COMPARED, "verdict": "reproduced"}
OTHER_ROOT = "sha256:2:" + "22" * 32


def nested(depth):
    return b"[" * depth + b"]" * depth


STATEMENTS = {
    "not-compared": changed(STATEMENT, lambda _: None),
    "reproduced": changed(REPRODUCED, lambda _: None),
}
BROKEN_STATEMENTS = {
    "text": b"not a statement\n",
    "cut-off": STATEMENTS["reproduced"][:-1],
    "nested-deep": nested(1000),
    "not-utf-8": STATEMENTS["not-compared"].replace(b"7.3.0", b"7.3.\xff"),
    "list": b"[]",
    "key-twice": STATEMENTS["not-compared"].replace(b"{", b'{"_type":"x",', 1),
    "field-unknown": changed(STATEMENT, put("predicate", "more", 1)),
    "field-missing": changed(STATEMENT, drop("predicate", "kernel")),
    "other-predicate": changed(STATEMENT, put("predicateType", "https://slsa.dev/provenance/v1")),
    "modules-negative": changed(STATEMENT, put("predicate", "modules", -1)),
    "modules-fraction": changed(STATEMENT, put("predicate", "modules", 2.5)),
    "modules-past-64-bits": changed(STATEMENT, put("predicate", "modules", 1 << 64)),
    "root-no-root": changed(STATEMENT, put("predicate", "root", "sha256:2:11")),
    "root-empty": changed(STATEMENT, put("predicate", "root", "")),
    "root-not-a-subject": changed(STATEMENT, drop("subject", 1)),
    "root-of-other-digest": changed(STATEMENT, put("subject", 1, "digest", "sha256", "22" * 32)),
    "manifest-not-a-subject": changed(STATEMENT, drop("subject", 0)),
    "subjects-no-list": changed(STATEMENT, put("subject", {})),
    "subject-twice": changed(STATEMENT, lambda document: document["subject"].append(document["subject"][0])),
    "subject-with-slash": changed(STATEMENT, put("subject", 0, "name", "../my.manifest")),
    "subject-of-other-hash": changed(STATEMENT, put("subject", 0, "digest", {"sha1": "cd" * 20})),
    "subject-digest-upper-case": changed(STATEMENT, put("subject", 0, "digest", "sha256", "CD" * 32)),
    "verdict-better-than-compared": changed(STATEMENT, put("predicate", "verdict", "reproduced")),
    "compared-same-and-different": changed(REPRODUCED, put("predicate", "compared", "counts", "different", 1)),
    "compared-nothing-differs": changed(REPRODUCED, put("predicate", "compared", {
        **COMPARED, "same": False, "kernels_compared": False})),
    "compared-roots-differ-and-same": changed(REPRODUCED, put("predicate", "compared", "root_b", OTHER_ROOT)),
    "compared-other-builds": changed(REPRODUCED, put("predicate", "compared", {
        **COMPARED, "root_a": OTHER_ROOT, "root_b": OTHER_ROOT})),
}

# --- envelopes --------------------------------------------------------------------------------------


def envelope(payload, signature=bytes(64)):
    return {"payloadType": TYPE, "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()}]}


GOOD = envelope(STATEMENTS["reproduced"])
ENVELOPES = {name: json.dumps(envelope(payload)).encode() for name, payload in STATEMENTS.items()} | {
    "two-signatures": changed(GOOD, put("signatures", GOOD["signatures"] * 2)),
    "fields-unknown": changed(GOOD, put("more", [1, {"a": None}])),
    "url-alphabet": changed(GOOD, put("signatures", 0, "sig", "-_-_")),
}
BROKEN_ENVELOPES = {
    "text": b"not an envelope\n",
    "empty-file": b"",
    "cut-off": json.dumps(GOOD).encode()[:-2],
    "nested-deep": nested(20000),
    "not-utf-8": json.dumps(GOOD).encode().replace(b'"keyid": ""', b'"keyid": "\xc3"'),
    "list": b"[]",
    "key-twice": json.dumps(GOOD).encode().replace(b"{", b'{"payload":"",', 1),
    "bytes-behind": json.dumps(GOOD).encode() + b"{}",
    "other-payload-type": changed(GOOD, put("payloadType", "text/plain")),
    "payload-missing": changed(GOOD, drop("payload")),
    "payload-with-newline": changed(GOOD, put("payload", GOOD["payload"] + "\n")),
    "payload-without-padding": changed(GOOD, put("payload", "Zg")),
    "payload-bits-behind": changed(GOOD, put("payload", "Zh==")),
    "payload-of-both-alphabets": changed(GOOD, put("payload", "+/-_")),
    "signatures-missing": changed(GOOD, drop("signatures")),
    "signatures-none": changed(GOOD, put("signatures", [])),
    "signatures-17": changed(GOOD, put("signatures", GOOD["signatures"] * 17)),
    "signature-no-object": changed(GOOD, put("signatures", ["Zg=="])),
    "signature-missing": changed(GOOD, drop("signatures", 0, "sig")),
    "keyid-a-number": changed(GOOD, put("signatures", 0, "keyid", 7)),
}

# --- reports ----------------------------------------------------------------------------------------

REPORT = {"command": "diff", "schema_version": 1, "errors": [], "same": True, "same_root": True,
          "ignore_signatures": False, "kernels_compared": True, "counts": COUNTS,
          "a": {"root": ROOT}, "b": {"root": ROOT}}
REPORTS = {
    "same": changed(REPORT, lambda _: None),
    "one-root": changed(REPORT, lambda document: document.update(same_root=False, b={})),
}
BROKEN_REPORTS = {
    "text": b"5 modules in A, 5 in B: 5 same, 0 different\n",
    "of-other-command": changed(REPORT, put("command", "verify")),
    "of-other-schema": changed(REPORT, put("schema_version", 2)),
    "with-errors": changed(REPORT, put("errors", [{"kind": "io"}])),
    "without-counts": changed(REPORT, drop("counts")),
    "count-missing": changed(REPORT, drop("counts", "moved")),
    "count-negative": changed(REPORT, put("counts", "moved", -1)),
    "build-missing": changed(REPORT, drop("b")),
    "root-no-root": changed(REPORT, put("a", "root", "sha256:33:" + "11" * 32)),
    "root-spelled-otherwise": changed(REPORT, put("a", "root", "sha256:2:" + "AA" * 32)),
    "same-and-different": changed(REPORT, put("counts", "gone", 1)),
    "same-root-of-two-roots": changed(REPORT, put("b", "root", OTHER_ROOT)),
}

# --- keys -------------------------------------------------------------------------------------------

INFO = bytes.fromhex("302a300506032b6570032100") + PUBLIC
SSH = struct.pack(">I11sI", 11, b"ssh-ed25519", 32) + PUBLIC
RSA = base64.b64decode(
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDtHjpKZPyErCc8iackx2f690oV4X97kShxD7fuxzvgO4UWSyoaXMkwHNKsXQDtZJQ+"
    "lV3raKC1rRvpXEbNVmMO0a7jFc67Wcoofo08W4dhVJfK1iTAEHfA5pMT2GhAuZFbbGyzirEUmjrbXiGydD7m6aRgd7UG41+y7FYfCQnD"
    "pQIDAQAB")
# P-256 with its name, and the same point with all parameters of the curve instead.
CURVE = base64.b64decode(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpbLqm2f5JoMyaRvuLmCfHSDAgrdBxmaDQOZc7XkvJhzG3wBqAJ2n78MK3jcm3ECibIld"
    "gjZkBuKgCW+/9eNMzA==")
CURVE_OF_PARAMETERS = base64.b64decode(
    "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////MFsEIP////8A"
    "AAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROd"
    "JreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP//"
    "//8AAAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABKWy6ptn+SaDMmkb7i5gnx0gwIK3QcZmg0DmXO15LyYcxt8AagCdp+/D"
    "Ct43JtxAomyJXYI2ZAbioAlvv/XjTMw=")
KEYS = {"ed25519": pem("PUBLIC KEY", INFO).encode(), "ed25519-ssh": SSH,
        "rsa": pem("PUBLIC KEY", RSA).encode(), "p-256": pem("PUBLIC KEY", CURVE).encode(),
        "p-256-of-parameters": pem("PUBLIC KEY", CURVE_OF_PARAMETERS).encode()}


def ssh(blob, kind="ssh-ed25519"):
    return f"{kind} {base64.b64encode(blob).decode()} somebody\n".encode()


# By the names that files of their kinds have.
BROKEN_KEYS = {
    "text.pem": b"not a key\n",
    "cut-off.pem": KEYS["ed25519"][:-20],
    "no-base64.pem": KEYS["ed25519"].replace(b"M", b"!", 1),
    "der-cut.pem": pem("PUBLIC KEY", INFO[:-1]).encode(),
    "length-past-end.pem": pem("PUBLIC KEY", INFO[:1] + b"\x7f" + INFO[2:]).encode(),
    "empty.pem": pem("PUBLIC KEY", b"").encode(),
    "two.pem": KEYS["ed25519"] * 2,
    "secret.pem": SECRET.encode(),
    "certificate-no-der.crt": pem("CERTIFICATE", INFO).encode(),
    "text.pub": b"not a key\n",
    "nothing-but-comment.pub": b"# no key\n",
    "no-base64.pub": ssh(SSH).replace(b"AAAA", b"!!!!", 1),
    "blob-cut.pub": ssh(SSH[:-1]),
    "certificate.pub": ssh(SSH, "ssh-ed25519-cert-v01@openssh.com"),
    "of-other-kind.pub": ssh(SSH, "ssh-rsa"),
    "text.asc": b"not a key\n",
}


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(KEYS["ed25519"])
