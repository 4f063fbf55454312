// SPDX-License-Identifier: LGPL-2.1-or-later
// The tree file: what is written is read again, everything else is refused.
#include "modproof/format/tree_file.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modproof/hash/sha256.h"

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

using std::string_literals::operator""s;

TreeFile small_tree(std::vector<std::string> names = {"a", "bcd", "e-f"}, bool stripped = false) {
  TreeFile tree;
  tree.variants = {Variant::linked};
  if (stripped) {
    tree.variants.push_back(Variant::strip_debug);
  }
  tree.names = std::move(names);
  for (std::size_t i = 0; i < tree.names.size() * tree.variants.size(); ++i) {
    Leaf leaf{.payload_size = 1000 + i, .hash = {}};
    leaf.hash.fill(static_cast<std::uint8_t>(i + 1));
    tree.leaves.push_back(leaf);
  }
  tree.root.levels = 2;
  tree.root.hash.fill(0xAB);
  return tree;
}

/// Puts the right digest at the end of `bytes`, so that everything else about them is looked at.
ByteVector with_digest(ByteVector bytes) {
  const Digest digest = Sha256::of(Bytes(bytes).first(bytes.size() - kDigestSize));
  std::copy(digest.begin(), digest.end(), bytes.end() - kDigestSize);
  return bytes;
}

ByteVector with_be32(ByteVector bytes, std::size_t at, std::uint32_t value) {
  store_be32(bytes.data() + at, value);
  return with_digest(std::move(bytes));
}

TEST(TreeFile, HasTheLayoutOfTheSpecification) {
  const ByteVector bytes = encode_tree_file(small_tree({"ab"}));
  ASSERT_EQ(bytes.size(), 56U + 2 + 2 + 8 + 32 + 32);
  EXPECT_EQ(text_of(Bytes(bytes).first(8)), "MODPROOF");
  EXPECT_EQ(load_be32(bytes.data() + 8), 1U) << "version";
  EXPECT_EQ(load_be32(bytes.data() + 12), 1U) << "variants";
  EXPECT_EQ(load_be32(bytes.data() + 16), 1U) << "modules";
  EXPECT_EQ(load_be32(bytes.data() + 20), 2U) << "levels";
  EXPECT_EQ(bytes[24], 0xAB) << "hash of the root";
  EXPECT_EQ(text_of(Bytes(bytes).subspan(56, 4)), "\0\2ab"s);
  EXPECT_EQ((load<std::uint64_t, std::endian::big>(bytes.data() + 60)), 1000U);
  EXPECT_EQ(bytes[68], 1) << "leaf";
  EXPECT_EQ(with_digest(bytes), bytes);
}

TEST(TreeFile, WithoutModulesItIsHeaderAndDigest) {
  const TreeFile empty;
  const ByteVector bytes = encode_tree_file(empty);
  EXPECT_EQ(bytes.size(), 88U);
  EXPECT_EQ(value_of(decode_tree_file(bytes)), empty);
}

TEST(TreeFile, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check([](bool stripped, const Digest& hash) {
    const auto count = *rc::gen::inRange<std::size_t>(0, 40);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
      const auto suffix = *rc::gen::container<std::string>(rc::gen::elementOf("ab-.\n \xff"s));
      names.push_back(std::to_string(i) + "_" + suffix);
    }
    TreeFile tree = small_tree(names, stripped);
    for (Leaf& leaf : tree.leaves) {
      leaf.payload_size = *rc::gen::arbitrary<std::uint64_t>();
    }
    tree.root = {.levels = *rc::gen::inRange<std::uint32_t>(0, 33), .hash = hash};
    const auto read = decode_tree_file(encode_tree_file(tree));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == tree);
  }));
}

TEST(TreeFile, NamesOfTheLongestKindAreRead) {
  const TreeFile tree = small_tree({std::string(65535, 'x')});
  EXPECT_EQ(value_of(decode_tree_file(encode_tree_file(tree))), tree);
}

TEST(TreeFile, ForTheModulesOfARealKernelItStaysUnder600KB) {
  std::vector<std::string> names;
  for (int i = 0; i < 4216; ++i) {
    names.push_back("module_with_a_name_of_31_ch_" + std::to_string(1000 + i));
  }
  EXPECT_LT(encode_tree_file(small_tree(names)).size(), 600000U);
}

TEST(TreeFile, AnyByteChangedIsRefused) {
  const ByteVector bytes = encode_tree_file(small_tree());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      ByteVector changed = bytes;
      changed[i] ^= static_cast<std::uint8_t>(1U << bit);
      ASSERT_FALSE(decode_tree_file(changed).has_value()) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(TreeFile, CutOffAtAnyLengthItIsRefused) {
  const ByteVector bytes = encode_tree_file(small_tree());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const ByteVector cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
    const Error error = error_of(decode_tree_file(cut));
    EXPECT_EQ(error.kind, ErrorKind::malformed) << size;
    EXPECT_LE(error.offset.value(), size);
    if (size >= 88) {
      // Cut off with a digest that fits, so by whoever can compute one.
      expect_error(decode_tree_file(with_digest(cut)), ErrorKind::malformed);
    }
  }
}

TEST(TreeFile, BytesBehindTheEndAreRefused) {
  ByteVector bytes = encode_tree_file(small_tree());
  bytes.push_back(0);
  expect_error(decode_tree_file(bytes), ErrorKind::malformed);
  expect_error(decode_tree_file(with_digest(bytes)), ErrorKind::malformed);
}

TEST(TreeFile, AnotherVersionIsUnsupported) {
  const ByteVector bytes = encode_tree_file(small_tree());
  for (const std::uint32_t version : {0U, 2U, 256U, 0xFFFFFFFFU}) {
    expect_error_at(decode_tree_file(with_be32(bytes, 8, version)), ErrorKind::unsupported, 8);
    ByteVector other = bytes;
    store_be32(other.data() + 8, version);
    expect_error_at(decode_tree_file(other), ErrorKind::unsupported, 8);
  }
}

TEST(TreeFile, UnknownVariantsAreUnsupported) {
  const ByteVector bytes = encode_tree_file(small_tree());
  for (const std::uint32_t variants : {0U, 2U, 4U, 5U, 7U, 0x80000001U, 0xFFFFFFFFU}) {
    expect_error_at(decode_tree_file(with_be32(bytes, 12, variants)), ErrorKind::unsupported, 12);
  }
}

TEST(TreeFile, ACountThatLiesIsMalformedAndCostsNoMemory) {
  const ByteVector bytes = encode_tree_file(small_tree());
  for (const std::uint32_t count : {0U, 1U, 2U, 4U, 5U, 1000U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    expect_error(decode_tree_file(with_be32(bytes, 16, count)), ErrorKind::malformed);
  }
}

TEST(TreeFile, VariantsThatLieAreMalformed) {
  expect_error(decode_tree_file(with_be32(encode_tree_file(small_tree()), 12, 3)),
               ErrorKind::malformed);
  expect_error(decode_tree_file(with_be32(encode_tree_file(small_tree({"a", "b"}, true)), 12, 1)),
               ErrorKind::malformed);
}

TEST(TreeFile, MoreLevelsThanPossibleAreMalformed) {
  const ByteVector bytes = encode_tree_file(small_tree());
  for (const std::uint32_t levels : {33U, 0xFFFFFFFFU}) {
    expect_error_at(decode_tree_file(with_be32(bytes, 20, levels)), ErrorKind::malformed, 20);
  }
}

TEST(TreeFile, ANameThatIsEmptyOrReachesBeyondTheFileIsMalformed) {
  const ByteVector bytes = encode_tree_file(small_tree());
  for (const int length : {0, 2, 200, 65535}) {
    ByteVector changed = bytes;
    changed[56] = static_cast<std::uint8_t>(length >> 8);
    changed[57] = static_cast<std::uint8_t>(length);
    expect_error(decode_tree_file(with_digest(changed)), ErrorKind::malformed);
  }
}

TEST(TreeFile, AnImpossibleNameIsMalformed) {
  for (const std::string& name : {"a/b"s, "/"s, "a\0b"s, "\0"s}) {
    expect_error_at(decode_tree_file(encode_tree_file(small_tree({name}))), ErrorKind::malformed,
                    58);
  }
}

TEST(TreeFile, TwoModulesOfOneKernelNameAreDuplicates) {
  for (const auto& names : {std::vector<std::string>{"a", "b", "a"}, {"x-y", "x_y"}}) {
    expect_error(decode_tree_file(encode_tree_file(small_tree(names))), ErrorKind::duplicate);
  }
  const std::vector<std::string> fine{"a", "A", "aa", "a.a"};
  EXPECT_TRUE(check_names_differ(fine).has_value());
}

TEST(TreeFile, OtherFilesAreNoTreeFiles) {
  for (const std::string& text : {""s, "M"s, "MODPROO"s, "modproof"s,
                                  "\x7f"
                                  "ELF"s}) {
    expect_error_at(decode_tree_file(bytes_of(text)), ErrorKind::malformed, 0);
  }
}

TEST(TreeFile, LeavesOfAModuleStandTogether) {
  const TreeFile tree = small_tree({"a", "b"}, true);
  ASSERT_EQ(tree.leaves_of(1).size(), 2U);
  EXPECT_EQ(tree.leaves_of(1)[0], tree.leaves[2]);
  EXPECT_EQ(tree.leaves_of(1)[1], tree.leaves[3]);
}

TEST(Variant, HasAName) {
  EXPECT_EQ(name_of(Variant::linked), "linked");
  EXPECT_EQ(name_of(Variant::strip_debug), "strip-debug");
}

}  // namespace
}  // namespace modproof::test
