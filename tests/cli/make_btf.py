# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sections .BTF: good ones, and ones that are broken, each named after how."""

import struct


def btf(types, order="<", header=24, version=1, magic=0xEB9F, type_bytes=None, string_bytes=None,
        strings=b"\0int\0pair\0"):
    """`types` are (name, kind, members, size, bytes that follow); the counts of bytes are what the header says."""
    body = b"".join(struct.pack(order + "III", name, kind << 24 | members, size) + bytes(behind)
                    for name, kind, members, size, behind in types)
    return struct.pack(order + "HBBIIIII", magic, version, 0, header, 0,
                       len(body) if type_bytes is None else type_bytes, len(body),
                       len(strings) if string_bytes is None else string_bytes) + body + strings


INT, STRUCT = (1, 1, 0, 4, 4), (5, 4, 2, 8, 24)
EVERY_KIND = [(1, kind, 2, 1, {1: 4, 3: 12, 4: 24, 5: 24, 6: 16, 13: 16, 14: 4, 15: 24, 17: 4, 19: 24}.get(kind, 0))
              for kind in range(1, 20)]

GOOD = {
    "empty": btf([]), "two-types": btf([INT, STRUCT]), "big-endian": btf([INT, STRUCT], ">"),
    "every-kind": btf(EVERY_KIND),
}
BROKEN = {
    "text": b"not BTF\n",
    "header-cut": btf([])[:20],
    "header-short": btf([], header=8),
    "header-past-end": btf([], header=1000),
    "header-of-4-GiB": btf([], header=0xFFFFFFFF),
    "version-2": btf([], version=2),
    "other-magic": btf([], magic=0xEB9E),
    "kind-20": btf([(1, 20, 0, 0, 0)]),
    "members-past-end": btf([(1, 4, 65535, 0, 12)]),
    "type-cut": btf([INT, STRUCT], type_bytes=30),
    "types-past-end": btf([INT], type_bytes=1 << 20),
    "strings-past-end": btf([INT], string_bytes=1 << 20),
    "strings-of-4-GiB": btf([INT], string_bytes=0xFFFFFFFF),
    "strings-without-end": btf([INT], strings=b"\0int"),
    "name-past-end": btf([(1 << 20, 1, 0, 4, 4)]),
    "cut-off": btf([INT])[:-20],
}
