// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/merkle/tree.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "modproof/hash/sha256.h"

namespace modproof {
namespace {

constexpr std::uint8_t kLeafTag = 0x01;
constexpr std::uint8_t kNodeTag = 0x02;

/// node_hash() with a hash state that is used again for each node of a tree.
Digest hash_node(Sha256& sha, const Digest& left, const Digest& right) {
  std::array<std::uint8_t, 1 + 2 * kDigestSize> message;
  message[0] = kNodeTag;
  std::copy(left.begin(), left.end(), message.begin() + 1);
  std::copy(right.begin(), right.end(), message.begin() + 1 + kDigestSize);
  sha.update(message);
  return sha.finish();
}

/// The level above `nodes`, which are not empty.
std::vector<Digest> level_above(Sha256& sha, const std::vector<Digest>& nodes) {
  std::vector<Digest> above;
  above.reserve((nodes.size() + 1) / 2);
  for (std::size_t i = 0; i < nodes.size(); i += 2) {
    const Digest& right = i + 1 < nodes.size() ? nodes[i + 1] : nodes[i];
    above.push_back(hash_node(sha, nodes[i], right));
  }
  return above;
}

}  // namespace

std::array<std::uint8_t, 5> leaf_prefix(std::uint32_t position) noexcept {
  std::array<std::uint8_t, 5> prefix{kLeafTag};
  store_be32(prefix.data() + 1, position);
  return prefix;
}

Digest leaf_hash(std::uint32_t position, Bytes payload) {
  Sha256 sha;
  sha.update(leaf_prefix(position));
  sha.update(payload);
  return sha.finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
  Sha256 sha;
  return hash_node(sha, left, right);
}

std::uint32_t levels_for(std::uint64_t leaves) noexcept {
  if (leaves <= 1) {
    return static_cast<std::uint32_t>(leaves);
  }
  return static_cast<std::uint32_t>(std::bit_width(leaves - 1));
}

std::vector<Digest> path_of(const Proof& proof, const Digest& leaf) {
  std::vector<Digest> path;
  path.reserve(proof.siblings.size() + 1);
  path.push_back(leaf);
  Sha256 sha;
  std::uint64_t position = proof.position;
  for (const Digest& sibling : proof.siblings) {
    const Digest& node = path.back();
    path.push_back(position % 2 == 0 ? hash_node(sha, node, sibling)
                                     : hash_node(sha, sibling, node));
    position /= 2;
  }
  return path;
}

Root lead(const Proof& proof, const Digest& leaf) {
  return {.levels = static_cast<std::uint32_t>(proof.siblings.size()),
          .hash = path_of(proof, leaf).back()};
}

ProofVerdict check(const Proof& proof, const Digest& leaf, const Root& root) {
  if (root.levels == 0 || root.levels > kMaxLevels || proof.siblings.size() != root.levels) {
    return ProofVerdict::wrong_length;
  }
  if ((std::uint64_t{proof.position} >> root.levels) != 0) {
    return ProofVerdict::position_outside;
  }
  return lead(proof, leaf) == root ? ProofVerdict::accepted : ProofVerdict::other_root;
}

Tree::Tree(std::vector<Digest> leaves) {
  root_.levels = levels_for(leaves.size());
  levels_.push_back(std::move(leaves));
  if (root_.levels == 0) {
    return;
  }
  Sha256 sha;
  while (levels_.size() < root_.levels) {
    levels_.push_back(level_above(sha, levels_.back()));
  }
  root_.hash = level_above(sha, levels_.back()).front();
}

Proof Tree::proof(std::uint32_t position) const {
  Proof proof{.position = position, .siblings = {}};
  proof.siblings.reserve(levels_.size());
  std::size_t index = position;
  for (const auto& nodes : levels_) {
    const std::size_t sibling = index ^ 1U;
    proof.siblings.push_back(nodes[sibling < nodes.size() ? sibling : index]);
    index /= 2;
  }
  return proof;
}

}  // namespace modproof
