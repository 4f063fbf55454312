// SPDX-License-Identifier: LGPL-2.1-or-later
// Integers of a fixed byte order.
#include "modproof/base/bytes.h"

#include <array>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace modproof::test {
namespace {

TEST(Bytes, BigEndianStandsMostSignificantFirst) {
  std::array<std::uint8_t, 4> bytes{};
  store_be32(bytes.data(), 0x01020304);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 4>{1, 2, 3, 4}));
  EXPECT_EQ(load_be32(bytes.data()), 0x01020304U);
}

TEST(Bytes, LittleEndianStandsLeastSignificantFirst) {
  std::array<std::uint8_t, 8> bytes{};
  store<std::uint64_t, std::endian::little>(bytes.data(), 0x0102030405060708U);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 8>{8, 7, 6, 5, 4, 3, 2, 1}));
}

TEST(Bytes, EveryValueSurvivesAtEveryAlignment) {
  EXPECT_TRUE(rc::check([](std::uint64_t value) {
    const auto at = static_cast<std::size_t>(value % 8);
    std::array<std::uint8_t, 16> bytes{};
    store<std::uint64_t, std::endian::big>(bytes.data() + at, value);
    RC_ASSERT((load<std::uint64_t, std::endian::big>(bytes.data() + at)) == value);
    store<std::uint64_t, std::endian::little>(bytes.data() + at, value);
    RC_ASSERT((load<std::uint64_t, std::endian::little>(bytes.data() + at)) == value);
  }));
}

}  // namespace
}  // namespace modproof::test
