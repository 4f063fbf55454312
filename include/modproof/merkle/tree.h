// SPDX-License-Identifier: LGPL-2.1-or-later
// The Merkle tree over the leaves of all modules of one kernel build.
//
//     level 2                 root
//                          /        \                    an odd last node is paired with itself
//     level 1         n(0,1)          n(2,2)
//                    /      \        /      \             .
//     level 0    leaf 0   leaf 1   leaf 2  (leaf 2)
//
//     leaf(pos, payload) = SHA-256(0x01 || be32(pos) || payload)
//     node(left, right)  = SHA-256(0x02 || left || right)
//
// The two first bytes keep leaves and nodes apart, and the position in the leaf ties a module to
// its place: a proof cannot be cut short, and the stand-in for a missing sibling cannot be claimed
// as a leaf of its own. docs/format.md specifies both; docs/design.md says why.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"

namespace modproof {

/// What stands before the payload in the message of a leaf: 0x01 and the position, big-endian.
[[nodiscard]] std::array<std::uint8_t, 5> leaf_prefix(std::uint32_t position) noexcept;

/// The leaf of `payload` at `position`.
[[nodiscard]] Digest leaf_hash(std::uint32_t position, Bytes payload);

/// The node over `left` and `right`.
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);

/// The number of levels over `leaves` leaves: 0 for none, else max(1, ceil(log2(leaves))).
[[nodiscard]] std::uint32_t levels_for(std::uint64_t leaves) noexcept;

/// The nodes on the way from `leaf` to the top that `proof` describes: the leaf first, then one
/// node a level; the last is the hash of the root that the proof leads to.
[[nodiscard]] std::vector<Digest> path_of(const Proof& proof, const Digest& leaf);

/// The root that `proof` leads to from `leaf`.
[[nodiscard]] Root lead(const Proof& proof, const Digest& leaf);

/// What stands between a leaf and being accepted.
enum class ProofVerdict : std::uint8_t {
  accepted,
  wrong_length,      ///< not one sibling for each level of the root, or the root has no level
  position_outside,  ///< no leaf can stand at this position under so many levels
  other_root,        ///< leads to another root
};

/// The check that the kernel makes. Only an exact match is accepted.
[[nodiscard]] ProofVerdict check(const Proof& proof, const Digest& leaf, const Root& root);

/// A leaf, and the proof that claims a place for it.
struct Claim {
  Proof proof;
  Digest leaf;
};

/// As check() of each claim, with the nodes of many proofs hashed side by side.
[[nodiscard]] std::vector<ProofVerdict> check_each(std::span<const Claim> claims, const Root& root);

/// A tree with all its nodes: 64 bytes a leaf.
class Tree {
 public:
  /// At most 2^32 leaves, in the order of their positions. Time and memory are linear.
  explicit Tree(std::vector<Digest> leaves);

  [[nodiscard]] std::size_t leaf_count() const noexcept { return levels_.front().size(); }
  [[nodiscard]] const Root& root() const noexcept { return root_; }
  /// The leaves, by position.
  [[nodiscard]] std::span<const Digest> leaves() const noexcept { return levels_.front(); }

  /// The proof of the leaf at `position`, which is less than leaf_count().
  [[nodiscard]] Proof proof(std::uint32_t position) const;

 private:
  std::vector<std::vector<Digest>> levels_;  // levels_[0] are the leaves; the root is not in it
  Root root_;
};

}  // namespace modproof
