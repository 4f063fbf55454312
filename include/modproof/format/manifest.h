// SPDX-License-Identifier: LGPL-2.1-or-later
// A manifest: a build as text that people can read and compare, and that is the same bytes from
// anybody who built the same.
//
//     modproof-manifest 1
//     kernel 6.1.0-56-amd64
//     architecture x86_64
//     root sha256:12:a56587d9...
//     variants linked
//     modules 4023
//     POSITION FILE SIZE:LEAF NAME        for each module, sorted by name
//
// FILE is the SHA-256 of the file as shipped: with trailers, and compressed if it is. SIZE and LEAF
// are bytes and hash of the payload; with two variants a second SIZE:LEAF follows, and POSITION is
// that of the first. The positions and leaves are all that a tree needs, so a manifest serves
// wherever a tree file is read. docs/format.md specifies it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"
#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"

namespace modproof {

/// The first bytes of every manifest.
inline constexpr std::string_view kManifestMagic = "modproof-manifest ";

struct Manifest {
  std::string kernel;        ///< release, as vermagic has it; empty if the modules do not say
  std::string architecture;  ///< as `uname -m` would spell it; empty if there are no modules
  TreeFile tree;
  std::vector<Digest> files;  ///< of each module, in the order of tree.names

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// The text. Errors (path empty): unsupported (a name or the release holds a newline; there is no
/// way to write it).
[[nodiscard]] Result<std::string> encode_manifest(const Manifest& manifest);

/// Reads a whole manifest. Only the one text that encode_manifest() gives for a build is taken.
/// Errors (path empty): malformed, with the offset (a line that is not as it must be, cut off, out
/// of order, a position twice, anything behind the last module); unsupported (another version,
/// unknown variants); duplicate (two modules of one kernel name).
/// That the root follows from the leaves is for the caller to check (see ops/known_tree.h).
[[nodiscard]] Result<Manifest> decode_manifest(Bytes text);

}  // namespace modproof
