// SPDX-License-Identifier: LGPL-2.1-or-later
// The values of a Merkle tree that every layer speaks of: digest, root and proof. Their encodings
// are in format/, their arithmetic in merkle/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace modproof {

/// Bytes in a SHA-256 digest (FIPS 180-4).
inline constexpr std::size_t kDigestSize = 32;

/// A SHA-256 digest, in the order in which FIPS 180-4 writes it.
using Digest = std::array<std::uint8_t, kDigestSize>;

/// The most levels a tree can have: positions are 32 bits wide.
inline constexpr std::uint32_t kMaxLevels = 32;

/// What the kernel holds: the hash on top of the tree and the number of levels under it.
/// No module at all is levels 0 and a hash of zeros; such a root accepts nothing.
struct Root {
  std::uint32_t levels = 0;
  Digest hash{};

  friend bool operator==(const Root&, const Root&) = default;
};

/// What a module carries: where its leaf stands, and the sibling on each level from the leaves up.
/// Where a node has no sibling the node itself stands in.
struct Proof {
  std::uint32_t position = 0;
  std::vector<Digest> siblings;

  friend bool operator==(const Proof&, const Proof&) = default;
};

/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const Digest& digest);

/// Reads exactly 64 hexadecimal digits of either case; nothing else is a digest.
[[nodiscard]] std::optional<Digest> digest_from_hex(std::string_view text) noexcept;

}  // namespace modproof
