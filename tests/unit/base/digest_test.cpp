// SPDX-License-Identifier: LGPL-2.1-or-later
// Digests as hexadecimal digits, there and back.
#include "modproof/base/digest.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace modproof::test {
namespace {

TEST(Digest, HexIsTwoLowerCaseDigitsAByteInOrder) {
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(i * 8 + 7);
  }
  EXPECT_EQ(to_hex(digest), "070f171f272f373f474f575f676f777f878f979fa7afb7bfc7cfd7dfe7eff7ff");
}

TEST(Digest, HexOfEitherCaseIsRead) {
  const std::string lower = std::string(62, '0') + "af";
  const std::string upper = std::string(62, '0') + "AF";
  ASSERT_TRUE(digest_from_hex(lower).has_value());
  EXPECT_EQ(digest_from_hex(lower), digest_from_hex(upper));
  EXPECT_EQ(digest_from_hex(lower)->back(), 0xAF);
}

TEST(Digest, OnlySixtyFourDigitsAreADigest) {
  for (std::size_t length = 0; length <= 130; ++length) {
    EXPECT_EQ(digest_from_hex(std::string(length, 'a')).has_value(), length == 64) << length;
  }
}

TEST(Digest, EveryOtherCharacterIsRefusedAtEveryPlace) {
  const std::string digits = "0123456789abcdefABCDEF";
  for (const std::size_t place : {std::size_t{0}, std::size_t{31}, std::size_t{63}}) {
    for (int c = 0; c < 256; ++c) {
      std::string text(64, '0');
      text[place] = static_cast<char>(c);
      EXPECT_EQ(digest_from_hex(text).has_value(),
                digits.find(static_cast<char>(c)) != std::string::npos)
          << "character " << c << " at " << place;
    }
  }
}

TEST(Digest, EveryDigestSurvivesTheWayThereAndBack) {
  EXPECT_TRUE(rc::check([](const Digest& digest) {
    RC_ASSERT(digest_from_hex(to_hex(digest)) == std::optional(digest));
  }));
}

}  // namespace
}  // namespace modproof::test
