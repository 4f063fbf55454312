// SPDX-License-Identifier: LGPL-2.1-or-later
// The tree: its shape, its proofs, and that nothing else is a proof.
#include "modproof/merkle/tree.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "hash/reference.h"
#include "support/bytes.h"

namespace modproof::test {
namespace {

std::vector<Digest> some_leaves(std::size_t count, std::uint8_t salt = 0) {
  std::vector<Digest> leaves(count);
  for (std::size_t i = 0; i < count; ++i) {
    leaves[i] = leaf_hash(
        static_cast<std::uint32_t>(i),
        ByteVector{salt, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8U)});
  }
  return leaves;
}

/// The root by the words of the specification: pair neighbours, an odd last one with itself.
Digest plain_root(std::vector<Digest> nodes) {
  do {
    std::vector<Digest> above;
    for (std::size_t i = 0; i < nodes.size(); i += 2) {
      const Digest& right = nodes[std::min(i + 1, nodes.size() - 1)];
      above.push_back(evp_sha256(concat({ByteVector{2}, nodes[i], right})));
    }
    nodes = above;
  } while (nodes.size() > 1);
  return nodes.front();
}

TEST(Merkle, ALeafIsTheHashOfTagPositionAndPayload) {
  const ByteVector payload = noise(100, 1);
  EXPECT_EQ(leaf_hash(0x01020304, payload),
            evp_sha256(concat({ByteVector{1, 1, 2, 3, 4}, payload})));
  EXPECT_EQ(leaf_hash(0, {}), evp_sha256(ByteVector{1, 0, 0, 0, 0}));
  EXPECT_EQ(leaf_prefix(0xFFFFFFFE), (std::array<std::uint8_t, 5>{1, 0xFF, 0xFF, 0xFF, 0xFE}));
}

TEST(Merkle, ANodeIsTheHashOfTagLeftAndRight) {
  const auto leaves = some_leaves(2);
  EXPECT_EQ(node_hash(leaves[0], leaves[1]),
            evp_sha256(concat({ByteVector{2}, leaves[0], leaves[1]})));
  EXPECT_NE(node_hash(leaves[0], leaves[1]), node_hash(leaves[1], leaves[0]));
}

TEST(Merkle, LevelsAreTheBinaryLogarithmButAtLeastOne) {
  const std::uint64_t most = std::uint64_t{1} << 32U;
  const std::pair<std::uint64_t, std::uint32_t> cases[] = {{0, 0},
                                                           {1, 1},
                                                           {2, 1},
                                                           {3, 2},
                                                           {4, 2},
                                                           {5, 3},
                                                           {8, 3},
                                                           {9, 4},
                                                           {4023, 12},
                                                           {4096, 12},
                                                           {4097, 13},
                                                           {most / 2, 31},
                                                           {most / 2 + 1, 32},
                                                           {most, 32}};
  for (const auto& [leaves, levels] : cases) {
    EXPECT_EQ(levels_for(leaves), levels) << leaves << " leaves";
  }
}

TEST(Merkle, WithoutLeavesTheRootIsZero) {
  const Tree tree({});
  EXPECT_EQ(tree.root(), Root{});
  EXPECT_EQ(tree.leaf_count(), 0U);
}

TEST(Merkle, EveryProofOfEveryTreeUpToSeventyLeavesVerifies) {
  for (std::size_t count = 1; count <= 70; ++count) {
    const Tree tree(some_leaves(count));
    ASSERT_EQ(tree.root().levels, levels_for(count));
    ASSERT_EQ(tree.root().hash, plain_root(some_leaves(count))) << count << " leaves";
    for (std::uint32_t position = 0; position < count; ++position) {
      const Proof proof = tree.proof(position);
      ASSERT_EQ(proof.siblings.size(), tree.root().levels);
      ASSERT_EQ(check(proof, tree.leaves()[position], tree.root()), ProofVerdict::accepted);
    }
  }
}

TEST(Merkle, ALargeTreeAgreesWithThePlainOne) {
  const std::size_t count = 5001;
  const Tree tree(some_leaves(count));
  EXPECT_EQ(tree.root().hash, plain_root(some_leaves(count)));
  EXPECT_EQ(tree.root().levels, 13U);
  for (const std::uint32_t position : {0U, 4999U, 5000U}) {
    EXPECT_EQ(check(tree.proof(position), tree.leaves()[position], tree.root()),
              ProofVerdict::accepted);
  }
}

TEST(Merkle, NoOtherProofVerifies) {
  EXPECT_TRUE(rc::check([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 40);
    const Tree tree(some_leaves(count));
    const auto position = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(count));
    Digest leaf = tree.leaves()[position];
    Proof proof = tree.proof(position);
    const auto bit = static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
    const auto byte = *rc::gen::inRange<std::size_t>(0, 32);
    switch (*rc::gen::inRange(0, 6)) {
      case 0:  // another payload
        leaf[byte] ^= bit;
        break;
      case 1:  // another sibling
        proof.siblings[*rc::gen::inRange<std::size_t>(0, proof.siblings.size())][byte] ^= bit;
        break;
      case 2:  // cut short
        proof.siblings.pop_back();
        break;
      case 3:  // a level more
        proof.siblings.push_back(leaf);
        break;
      case 4:  // beyond every tree of so many levels
        proof.position |= 1U << *rc::gen::inRange(tree.root().levels, 32U);
        break;
      default:  // an inner node in place of a leaf
        RC_PRE(proof.siblings.size() > 1);
        leaf = path_of(proof, leaf)[1];
        proof.position /= 2;
        proof.siblings.erase(proof.siblings.begin());
    }
    RC_ASSERT(check(proof, leaf, tree.root()) != ProofVerdict::accepted);
  }));
}

TEST(Merkle, APositionFromAnotherSideDoesNotVerify) {
  // Where a node is paired with itself the order of the two does not matter, so the positions of
  // the stand-ins lead to the root from the same leaf. Nobody can use that: the position is part of
  // the message of a leaf.
  for (std::size_t count = 1; count <= 20; ++count) {
    const Tree tree(some_leaves(count));
    const std::uint32_t all = 1U << tree.root().levels;
    for (std::uint32_t position = 0; position < count; ++position) {
      for (std::uint32_t claimed = 0; claimed < all; ++claimed) {
        Proof proof = tree.proof(position);
        proof.position = claimed;
        const Digest leaf =
            leaf_hash(claimed, ByteVector{0, static_cast<std::uint8_t>(position), 0});
        ASSERT_EQ(check(proof, leaf, tree.root()) == ProofVerdict::accepted, claimed == position)
            << count << " leaves, position " << position << " as " << claimed;
      }
    }
  }
}

TEST(Merkle, AVerdictSaysWhatIsWrong) {
  const Tree tree(some_leaves(5));
  const Digest leaf = tree.leaves()[3];
  Proof proof = tree.proof(3);
  EXPECT_EQ(check(proof, tree.leaves()[2], tree.root()), ProofVerdict::other_root);
  proof.position = 8;
  EXPECT_EQ(check(proof, leaf, tree.root()), ProofVerdict::position_outside);
  proof.position = 0xFFFFFFFF;
  EXPECT_EQ(check(proof, leaf, tree.root()), ProofVerdict::position_outside);
  proof = tree.proof(3);
  proof.siblings.pop_back();
  EXPECT_EQ(check(proof, leaf, tree.root()), ProofVerdict::wrong_length);
  EXPECT_EQ(check({}, leaf, tree.root()), ProofVerdict::wrong_length);
}

TEST(Merkle, ClaimsAreCheckedTogetherAsEachAlone) {
  // More than fit into one batch, and each kind of wrong one among them.
  const Tree tree(some_leaves(200));
  std::vector<Claim> claims;
  for (std::uint32_t position = 0; position < 200; ++position) {
    claims.push_back({.proof = tree.proof(position), .leaf = tree.leaves()[position]});
    Claim& claim = claims.back();
    switch (position % 7) {
      case 1:
        claim.leaf[position % kDigestSize] ^= 1U;
        break;
      case 2:
        claim.proof.siblings[position % claim.proof.siblings.size()][3] ^= 0x80U;
        break;
      case 3:
        claim.proof.siblings.pop_back();
        break;
      case 4:
        claim.proof.position += 256;
        break;
      case 5:
        claim.proof.position ^= 1U;
        break;
      default:
        break;
    }
  }
  for (const std::size_t count : {0U, 1U, 5U, 63U, 64U, 65U, 128U, 200U}) {
    const std::span<const Claim> some(claims.data(), count);
    const auto verdicts = check_each(some, tree.root());
    ASSERT_EQ(verdicts.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(verdicts[i], check(some[i].proof, some[i].leaf, tree.root()))
          << i << " of " << count;
    }
  }
  EXPECT_EQ(check_each(claims, Root{}), std::vector(200, ProofVerdict::wrong_length));
}

TEST(Merkle, ARootWithoutLevelsAcceptsNothing) {
  EXPECT_EQ(check({}, Digest{}, Root{}), ProofVerdict::wrong_length);
  Proof proof;
  proof.siblings.resize(33);
  Root root = lead(proof, Digest{});
  EXPECT_EQ(check(proof, Digest{}, root), ProofVerdict::wrong_length)
      << "more levels than possible";
}

TEST(Merkle, ThirtyTwoLevelsAreWalked) {
  Proof proof{.position = 0xFFFFFFFF, .siblings = std::vector<Digest>(32)};
  const Digest leaf = some_leaves(1)[0];
  const Root root = lead(proof, leaf);
  EXPECT_EQ(check(proof, leaf, root), ProofVerdict::accepted);
  proof.position = 0x7FFFFFFF;
  EXPECT_EQ(check(proof, leaf, root), ProofVerdict::other_root);
}

TEST(Merkle, ThePathGoesFromTheLeafToTheRoot) {
  const Tree tree(some_leaves(6));
  const auto path = path_of(tree.proof(4), tree.leaves()[4]);
  ASSERT_EQ(path.size(), 4U);
  EXPECT_EQ(path[0], tree.leaves()[4]);
  EXPECT_EQ(path[1], node_hash(tree.leaves()[4], tree.leaves()[5]));
  EXPECT_EQ(path[2], node_hash(path[1], path[1]));
  EXPECT_EQ(path[3], tree.root().hash);
  EXPECT_EQ(lead(tree.proof(4), tree.leaves()[4]), tree.root());
}

}  // namespace
}  // namespace modproof::test
