// SPDX-License-Identifier: LGPL-2.1-or-later
// gzip at once: what is taken is one whole member, and nothing else is.
#include "format/whole_gzip.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/bytes.h"
#include "support/compressed.h"

namespace modproof::test {
namespace {

ByteVector gzip(Bytes data, const GzipSettings& settings = {}) {
  return compressed(settings, data);
}

/// True if `stored` gives `size` bytes at once.
bool taken(Bytes stored, std::size_t size) {
  ByteVector to(size);
  return stated_gzip_size(stored).has_value() && decompress_whole_gzip(stored, to);
}

TEST(WholeGzip, WhatWentInComesOut) {
  EXPECT_TRUE(rc::check([] {
    const auto data = *rc::gen::container<ByteVector>(rc::gen::arbitrary<std::uint8_t>());
    const ByteVector stored =
        gzip(data, {.level = 6, .name = *rc::gen::element(std::string(), std::string("a.ko"))});
    RC_ASSERT(stated_gzip_size(stored) == data.size());
    ByteVector to(data.size());
    RC_ASSERT(decompress_whole_gzip(stored, to));
    RC_ASSERT(to == data);
  }));
}

TEST(WholeGzip, AnotherSizeIsRefused) {
  const ByteVector stored = gzip(noise(1000, 1));
  EXPECT_FALSE(taken(stored, 999));
  EXPECT_FALSE(taken(stored, 1001));
  EXPECT_TRUE(taken(stored, 1000));
}

TEST(WholeGzip, CutAnywhereItIsRefused) {
  const ByteVector stored = gzip(noise(300, 1));
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(taken(Bytes(stored).first(size), 300)) << size;
  }
}

TEST(WholeGzip, BytesBehindItAreRefused) {
  const ByteVector stored = gzip(noise(300, 1));
  EXPECT_FALSE(taken(concat({stored, stored}), 300));
  EXPECT_FALSE(taken(concat({stored, stored}), 600));
  EXPECT_FALSE(taken(concat({stored, ByteVector(4)}), 300));
  EXPECT_FALSE(taken(concat({stored, ByteVector(1)}), 300));
}

TEST(WholeGzip, WithAnyOtherBitBehindTheHeadNothingElseComesOut) {
  constexpr std::size_t kHead = 10;
  const ByteVector data(300, 'x');
  ByteVector stored = gzip(data);
  for (std::size_t bit = kHead * 8; bit < stored.size() * 8; ++bit) {
    stored[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    ByteVector to(data.size());
    EXPECT_FALSE(decompress_whole_gzip(stored, to) && to != data) << bit;
    stored[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

TEST(WholeGzip, OtherHeadsAreLeftToTheStream) {
  const ByteVector stored = gzip(noise(300, 1));
  for (const std::uint8_t flag : ByteVector{0x01, 0x02, 0x04, 0x10, 0x20, 0x80}) {
    ByteVector other = stored;
    other[3] = flag;
    EXPECT_EQ(stated_gzip_size(other), std::nullopt) << int{flag};
  }
  EXPECT_EQ(stated_gzip_size(ByteVector(18)), std::nullopt);
  EXPECT_EQ(stated_gzip_size(ByteVector()), std::nullopt);
}

}  // namespace
}  // namespace modproof::test
