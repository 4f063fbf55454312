// SPDX-License-Identifier: LGPL-2.1-or-later
// Roots as text.
#include "modproof/format/root_text.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/expect.h"

namespace modproof::test {
namespace {

const std::string kHex = "0cbdf0" + std::string(58, 'a');

TEST(RootText, IsAlgorithmLevelsAndHash) {
  const Root root = value_of(root_from_text("sha256:13:" + kHex));
  EXPECT_EQ(root.levels, 13U);
  EXPECT_EQ(to_hex(root.hash), kHex);
  EXPECT_EQ(to_text(root), "sha256:13:" + kHex);
}

TEST(RootText, ATreeWithoutModulesIsZero) {
  const std::string text = "sha256:0:" + std::string(64, '0');
  EXPECT_EQ(to_text(Root{}), text);
  EXPECT_EQ(value_of(root_from_text(text)), Root{});
}

TEST(RootText, EveryRootSurvivesTheWayThereAndBack) {
  EXPECT_TRUE(rc::check([](const Digest& hash) {
    const Root root{.levels = *rc::gen::inRange<std::uint32_t>(1, 33), .hash = hash};
    RC_ASSERT(*root_from_text(to_text(root)) == root);
  }));
}

TEST(RootText, AnErrorNamesTheOffsetInTheText) {
  const struct {
    std::string text;
    std::uint64_t offset;
  } cases[] = {
      {"", 0},
      {"sha256", 0},
      {"SHA256:1:" + kHex, 0},
      {"sha512:1:" + kHex, 0},
      {" sha256:1:" + kHex, 0},
      {"sha256:", 7},
      {"sha256:13", 9},
      {"sha256::" + kHex, 7},
      {"sha256:33:" + kHex, 7},
      {"sha256:013:" + kHex, 7},
      {"sha256:00:" + std::string(64, '0'), 7},
      {"sha256:-1:" + kHex, 7},
      {"sha256:+1:" + kHex, 7},
      {"sha256: 1:" + kHex, 7},
      {"sha256:1 :" + kHex, 7},
      {"sha256:0x1:" + kHex, 7},
      {"sha256:4294967297:" + kHex, 7},
      {"sha256:99999999999999999999:" + kHex, 7},
      {"sha256:13:", 10},
      {"sha256:13:" + kHex.substr(1), 10},
      {"sha256:13:" + kHex + "0", 10},
      {"sha256:13:" + kHex + "\n", 10},
      {"sha256:13:" + kHex + ":", 10},
      {"sha256:13:g" + kHex.substr(1), 10},
      {"sha256:0:" + kHex, 9},
  };
  for (const auto& [text, offset] : cases) {
    SCOPED_TRACE(text);
    expect_error_at(root_from_text(text), ErrorKind::malformed, offset);
  }
}

}  // namespace
}  // namespace modproof::test
