// SPDX-License-Identifier: LGPL-2.1-or-later
// A tree file with the tree that follows from it.
#include "ops/known_tree.h"

#include <gtest/gtest.h>

#include "support/build.h"

namespace modproof::test {
namespace {

TEST(KnownTree, ModulesAreFoundByTheirKernelName) {
  TreeFile file = value_of(make_tree({}, {}, {}));
  file.names = {"a-b", "c"};
  file.leaves.resize(2);
  file.root = Tree(hashes_of(file.leaves)).root();
  const KnownTree known = value_of(KnownTree::from(file));
  EXPECT_EQ(known.find("a-b"), 0U);
  EXPECT_EQ(known.find("a_b"), 0U);
  EXPECT_EQ(known.find("c"), 1U);
  EXPECT_EQ(known.find("C"), std::nullopt);
  EXPECT_EQ(known.find(""), std::nullopt);
}

TEST(KnownTree, PositionsOfVariantsStandTogether) {
  TreeFile file;
  file.variants = {Variant::linked, Variant::strip_debug};
  file.names = {"a", "b"};
  file.leaves.resize(4);
  file.root = Tree(hashes_of(file.leaves)).root();
  const KnownTree known = value_of(KnownTree::from(file));
  EXPECT_EQ(known.first_position(1), 2U);
  EXPECT_EQ(known.module_at(3), 1U);
  EXPECT_EQ(known.variant_at(2), Variant::linked);
  EXPECT_EQ(known.variant_at(3), Variant::strip_debug);
}

}  // namespace
}  // namespace modproof::test
