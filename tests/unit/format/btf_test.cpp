// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading .BTF: both byte orders, every truncation, every changed byte, relations of two sections.
#include "format/btf.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

struct Type {
  std::uint32_t name;
  std::uint32_t kind;
  std::uint32_t members;
  std::uint32_t size;
  std::size_t behind;  ///< bytes that follow
};

const Type kInt{1, 1, 0, 4, 4};
const Type kStruct{5, 4, 2, 8, 24};
const Type kFunction{1, 12, 0, 1, 0};

ByteVector btf(const std::vector<Type>& types, bool big = false,
               std::string_view strings = {"\0int\0pair\0", 10}) {
  ByteVector body;
  const auto put = [&](ByteVector& to, std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      to.push_back(static_cast<std::uint8_t>(value >> (8 * (big ? width - 1 - i : i))));
    }
  };
  for (const Type& type : types) {
    put(body, type.name, 4);
    put(body, type.kind << 24U | type.members, 4);
    put(body, type.size, 4);
    body.resize(body.size() + type.behind);
  }
  ByteVector all;
  put(all, 0xEB9F, 2);
  put(all, 1, 1);
  put(all, 0, 1);
  put(all, 24, 4);
  put(all, 0, 4);
  put(all, static_cast<std::uint32_t>(body.size()), 4);
  put(all, static_cast<std::uint32_t>(body.size()), 4);
  put(all, static_cast<std::uint32_t>(strings.size()), 4);
  return concat({all, body, bytes_of(strings)});
}

TEST(Btf, TypesThatShareOneLongNameAreLimited) {
  const std::string strings = std::string(1, '\0') + std::string(2000, 'n') + std::string(1, '\0');
  const Type forward{1, 7, 0, 0, 0};
  EXPECT_TRUE(read_btf(btf({forward, forward}, false, strings), false).has_value());
  expect_error(read_btf(btf(std::vector<Type>(40, forward), false, strings), false),
               ErrorKind::malformed);
}

TEST(Btf, CountsTypesAndNames) {
  for (const bool big : {false, true}) {
    const BtfSummary summary = value_of(read_btf(btf({kInt, kStruct, kInt}, big), big));
    EXPECT_EQ(summary.types, 3U);
    EXPECT_EQ(summary.count[1], 2U);
    EXPECT_EQ(summary.count[4], 1U);
    EXPECT_EQ(summary.strings, (std::vector<std::string>{"", "int", "pair"}));
    EXPECT_EQ(summary.described[1], "4 pair 2 8");
  }
}

TEST(Btf, RelationOfTwo) {
  const BtfSummary one = value_of(read_btf(btf({kInt, kStruct}), false));
  const BtfSummary other = value_of(read_btf(btf({kStruct, kInt}), false));
  EXPECT_EQ(relation_of(one, one), BtfRelation::renumbered);
  EXPECT_EQ(relation_of(one, other), BtfRelation::reordered);
  EXPECT_EQ(relation_of(one, value_of(read_btf(btf({kInt, kInt}), false))), BtfRelation::different);
  // Functions count only where the order of all else is the same.
  const BtfSummary with = value_of(read_btf(btf({kInt, kFunction, kStruct}), false));
  EXPECT_EQ(relation_of(one, with), BtfRelation::different);
  EXPECT_EQ(relation_of(other, with), BtfRelation::reordered_but_functions);
  EXPECT_EQ(relation_of(with, other), BtfRelation::reordered_but_functions);
}

TEST(Btf, CutOffAnywhereIsMalformed) {
  const ByteVector whole = btf({kInt, kStruct});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error(read_btf(Bytes(whole).first(size), false), ErrorKind::malformed);
  }
  EXPECT_TRUE(read_btf(whole, false).has_value());
}

TEST(Btf, NoChangedByteIsReadBeyondTheEnd) {
  const ByteVector whole = btf({kInt, kStruct});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      ByteVector changed = whole;
      changed[i] ^= static_cast<std::uint8_t>(1U << bit);
      static_cast<void>(read_btf(changed, false));  // the sanitizers look
      static_cast<void>(read_btf(changed, true));
    }
  }
}

TEST(Btf, WhatIsNotKnownIsUnsupported) {
  expect_error_at(read_btf(btf({{1, 30, 0, 0, 0}}), false), ErrorKind::unsupported, 24);
  ByteVector version = btf({kInt});
  version[2] = 2;
  expect_error_at(read_btf(version, false), ErrorKind::unsupported, 2);
}

}  // namespace
}  // namespace modproof::test
