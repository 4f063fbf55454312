#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signs a file as scripts/sign-file does, as far as form goes: the signature itself is noise.

    make_pkcs7.py FILE    appends a PKCS#7 trailer to FILE

As a module it makes the messages that tests need, the same bytes every time (RFC 5652, DER).
"""
import struct
import sys

MARKER = b"~Module signature appended~\n"
SIGNED_DATA = (1, 2, 840, 113549, 1, 7, 2)
DATA = (1, 2, 840, 113549, 1, 7, 1)
SHA256 = (2, 16, 840, 1, 101, 3, 4, 2, 1)
RSA = (1, 2, 840, 113549, 1, 1, 1)
COMMON_NAME = (2, 5, 4, 3)
ORGANIZATION = (2, 5, 4, 10)
UTF8, PRINTABLE, OCTETS = 0x0C, 0x13, 0x04


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + body


def sequence(*parts):
    return der(0x30, *parts)


def integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(numbers):
    body = bytearray([numbers[0] * 40 + numbers[1]])
    for number in numbers[2:]:
        digits = [number & 127]
        while number > 127:
            number >>= 7
            digits.append(number & 127 | 128)
        body += bytes(reversed(digits))
    return der(6, bytes(body))


def name(*entries):
    """entries: (attribute, tag of the string, bytes)"""
    return sequence(*(der(0x31, sequence(oid(kind), der(tag, text))) for kind, tag, text in entries))


ISSUER = name((ORGANIZATION, UTF8, b"Testers"), (COMMON_NAME, UTF8, b"Test key"))


def signer(issuer=ISSUER, serial=0x1234ABCD, key_id=None, hash_=SHA256, signature=bytes(range(64))):
    """A SignerInfo that names the certificate by issuer and serial, or by `key_id`."""
    who = sequence(issuer, integer(serial)) if key_id is None else der(0x80, key_id)
    return sequence(integer(1 if key_id is None else 3), who, sequence(oid(hash_)),
                    sequence(oid(RSA), der(5)), der(OCTETS, signature))


def message(*signers, kind=SIGNED_DATA):
    signed = sequence(integer(1), der(0x31, sequence(oid(SHA256))), sequence(oid(DATA)),
                      der(0x31, *signers))
    return sequence(oid(kind), der(0xA0, signed))


def trailer(body):
    return body + bytes([0, 0, 2, 0, 0, 0, 0, 0]) + struct.pack(">I", len(body)) + MARKER


# What a reader has to get along with, by name.
GOOD = message(signer())
MESSAGES = {
    "one-signer": GOOD,
    "key-identifier": message(signer(key_id=bytes(range(20)))),
    "two-signers": message(signer(), signer(key_id=b"\1\2\3")),
    "no-common-name": message(signer(name((ORGANIZATION, PRINTABLE, b"Testers")))),
    "name-with-newline": message(signer(name((COMMON_NAME, UTF8, b"a\nsig_key: 00")))),
    "name-with-zero-byte": message(signer(name((COMMON_NAME, UTF8, b"a\0b")))),
    "hash-unknown": message(signer(hash_=(1, 2, 3, 4))),
    "serial-negative": message(signer(serial=-2)),
    "serial-of-20-bytes": message(signer(serial=0x7F << 152)),
    "signature-empty": message(signer(signature=b"")),
}
# What it has to refuse.
BROKEN = {
    "empty": b"",
    "text": b"signature",
    "cut-off": GOOD[:-1],
    "byte-behind": GOOD + b"\0",
    "twice": GOOD + GOOD,
    "no-signer": message(),
    "other-content": message(signer(), kind=DATA),
    "length-past-end": GOOD[:2] + b"\xff\xff" + GOOD[4:],
    "length-of-8-bytes": b"\x30\x88" + b"\xff" * 8 + GOOD,
    "issuer-empty": message(signer(sequence())),
    "name-not-utf-8": message(signer(name((COMMON_NAME, UTF8, b"\xff\xfe")))),
    "name-is-a-number": message(signer(name((COMMON_NAME, 0x02, b"\1")))),
    "nested-deep": b"\x30\x80" * 1000,
}

if __name__ == "__main__":
    with open(sys.argv[1], "ab") as file:
        file.write(trailer(GOOD))
