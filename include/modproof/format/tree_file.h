// SPDX-License-Identifier: LGPL-2.1-or-later
// The tree file, modules.merkle: what a build keeps of its tree.
//
//      0  8 bytes  "MODPROOF"
//      8  be32     version of this layout, 1
//     12  be32     variants, a bit set: 1 as linked (always), 2 after strip --strip-debug
//     16  be32     number of modules, M
//     20  be32     levels of the root
//     24  32       hash of the root
//     56  M times  be16 length of the name, name,
//                  then for each variant, lowest bit first: be64 bytes in the payload, 32 leaf
//      -  32       SHA-256 over everything before
//
// Module i owns the positions i * V to i * V + V - 1, with V the number of variants. Proofs are not
// stored: they follow from the leaves. The same modules give the same bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"
#include "modproof/base/result.h"

namespace modproof {

/// One form of a module. The values are the bits of the tree file.
enum class Variant : std::uint8_t {
  linked = 1,       ///< as the linker left it
  strip_debug = 2,  ///< after `strip --strip-debug`
};

/// `linked`, `strip-debug`.
[[nodiscard]] std::string_view name_of(Variant variant) noexcept;

/// One leaf and what it covers.
struct Leaf {
  std::uint64_t payload_size = 0;  ///< bytes
  Digest hash{};

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

/// The contents of a tree file.
struct TreeFile {
  std::vector<Variant> variants{Variant::linked};  ///< in the order of their leaves
  std::vector<std::string> names;  ///< of the modules, as their files are called, without `.ko`
  std::vector<Leaf> leaves;        ///< by position: names.size() * variants.size()
  Root root;

  /// The leaves of module `index`, one for each variant.
  [[nodiscard]] std::span<const Leaf> leaves_of(std::size_t index) const {
    return std::span(leaves).subspan(index * variants.size(), variants.size());
  }

  friend bool operator==(const TreeFile&, const TreeFile&) = default;
};

/// The first bytes of every tree file.
inline constexpr std::string_view kTreeFileMagic = "MODPROOF";

/// The version that this release writes and reads.
inline constexpr std::uint32_t kTreeFileVersion = 1;

/// The bytes of `tree`. Names are 1 to 65535 bytes without `/` and NUL.
[[nodiscard]] ByteVector encode_tree_file(const TreeFile& tree);

/// Reads a whole tree file.
/// Errors (path empty): malformed, with the offset (not a tree file; cut off; bytes behind the end;
/// digest of itself wrong; a name that is empty, holds `/` or NUL; more levels than possible);
/// unsupported (another version, unknown variants); duplicate (two modules of one kernel name).
/// That the root follows from the leaves is for the caller to check (see ops/known_tree.h).
[[nodiscard]] Result<TreeFile> decode_tree_file(Bytes bytes);

/// Errors: duplicate, naming the first module whose name (see kernel_name()) stands twice.
[[nodiscard]] Status check_names_differ(std::span<const std::string> names);

}  // namespace modproof
