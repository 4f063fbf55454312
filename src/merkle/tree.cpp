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

/// Nodes that are hashed side by side: some for each lane of the widest backend.
constexpr std::size_t kBatch = 64;

/// The messages of up to kBatch nodes, one right behind the other, as Sha256::of_each() wants them.
class NodeMessages {
 public:
  void add(const Digest& left, const Digest& right) noexcept {
    std::uint8_t* to = bytes_.data() + count_++ * kSize;
    *to++ = kNodeTag;
    to = std::copy(left.begin(), left.end(), to);
    std::copy(right.begin(), right.end(), to);
  }

  /// Hashes all that were added into `nodes`, which has room for them, and forgets them.
  void hash_into(std::span<Digest> nodes) {
    Sha256::of_each(Bytes(bytes_).first(count_ * kSize), kSize, nodes.first(count_));
    count_ = 0;
  }

  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  static constexpr std::size_t kSize = 1 + 2 * kDigestSize;

  std::array<std::uint8_t, kBatch * kSize> bytes_;
  std::size_t count_ = 0;
};

/// The level above `nodes`, which are not empty.
std::vector<Digest> level_above(const std::vector<Digest>& nodes) {
  std::vector<Digest> above((nodes.size() + 1) / 2);
  std::span<Digest> left(above);
  NodeMessages messages;
  for (std::size_t i = 0; i < nodes.size(); i += 2) {
    messages.add(nodes[i], nodes[i + 1 < nodes.size() ? i + 1 : i]);
    if (messages.count() == kBatch || i + 2 >= nodes.size()) {
      const std::size_t count = messages.count();
      messages.hash_into(left);
      left = left.subspan(count);
    }
  }
  return above;
}

/// What can be said of a proof without hashing: whether it fits a tree of this root at all.
ProofVerdict check_shape(const Proof& proof, const Root& root) noexcept {
  if (root.levels == 0 || root.levels > kMaxLevels || proof.siblings.size() != root.levels) {
    return ProofVerdict::wrong_length;
  }
  if ((std::uint64_t{proof.position} >> root.levels) != 0) {
    return ProofVerdict::position_outside;
  }
  return ProofVerdict::accepted;
}

/// Follows at most kBatch proofs, each with one sibling a level of `root`, level by level together.
void check_batch(std::span<const Claim* const> claims, std::span<ProofVerdict* const> verdicts,
                 const Root& root) {
  std::array<Digest, kBatch> nodes;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    nodes[i] = claims[i]->leaf;
  }
  NodeMessages messages;
  for (std::uint32_t level = 0; level < root.levels; ++level) {
    for (std::size_t i = 0; i < claims.size(); ++i) {
      const Digest& sibling = claims[i]->proof.siblings[level];
      if ((std::uint64_t{claims[i]->proof.position} >> level) % 2 == 0) {
        messages.add(nodes[i], sibling);
      } else {
        messages.add(sibling, nodes[i]);
      }
    }
    messages.hash_into(nodes);
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    *verdicts[i] = nodes[i] == root.hash ? ProofVerdict::accepted : ProofVerdict::other_root;
  }
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
  if (const ProofVerdict shape = check_shape(proof, root); shape != ProofVerdict::accepted) {
    return shape;
  }
  return lead(proof, leaf) == root ? ProofVerdict::accepted : ProofVerdict::other_root;
}

std::vector<ProofVerdict> check_each(std::span<const Claim> claims, const Root& root) {
  std::vector<ProofVerdict> verdicts(claims.size());
  std::vector<const Claim*> batch;
  std::vector<ProofVerdict*> batch_verdicts;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    verdicts[i] = check_shape(claims[i].proof, root);
    if (verdicts[i] == ProofVerdict::accepted) {
      // Not before its hash is compared.
      verdicts[i] = ProofVerdict::other_root;
      batch.push_back(&claims[i]);
      batch_verdicts.push_back(&verdicts[i]);
    }
    if (batch.size() == kBatch || i + 1 == claims.size()) {
      check_batch(batch, batch_verdicts, root);
      batch.clear();
      batch_verdicts.clear();
    }
  }
  return verdicts;
}

Tree::Tree(std::vector<Digest> leaves) {
  root_.levels = levels_for(leaves.size());
  levels_.push_back(std::move(leaves));
  if (root_.levels == 0) {
    return;
  }
  while (levels_.size() < root_.levels) {
    levels_.push_back(level_above(levels_.back()));
  }
  root_.hash = level_above(levels_.back()).front();
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
