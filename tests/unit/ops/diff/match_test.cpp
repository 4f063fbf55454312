// SPDX-License-Identifier: LGPL-2.1-or-later
// Matching modules by name, and which of them count as moved.
#include "ops/diff/match.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace modproof::test {
namespace {

using Names = std::vector<std::string>;

std::size_t moved_in(const Matching& matching) {
  return static_cast<std::size_t>(
      std::count_if(matching.pairs.begin(), matching.pairs.end(),
                    [](const Matching::Pair& pair) { return pair.moved; }));
}

TEST(MatchModules, OneInFrontMovesNoOther) {
  const Matching matching = match_modules({"a", "b", "c"}, {"new", "a", "b", "c"});
  EXPECT_EQ(moved_in(matching), 0U);
  EXPECT_TRUE(matching.gone.empty());
  EXPECT_EQ(matching.added, std::vector<std::size_t>{0});
}

TEST(MatchModules, AsFewAsPossibleAreMoved) {
  const Matching matching = match_modules({"a", "b", "c", "d"}, {"d", "a", "b", "c"});
  ASSERT_EQ(moved_in(matching), 1U);
  EXPECT_EQ(matching.pairs[3], (Matching::Pair{.a = 3, .b = 0, .moved = true}));
}

TEST(MatchModules, DashAndUnderscoreAreOneName) {
  EXPECT_EQ(match_modules({"a-b"}, {"a_b"}).pairs.size(), 1U);
}

TEST(MatchModules, EveryModuleIsAccountedForOnce) {
  rc::check([](const std::set<unsigned char>& in_a, const std::set<unsigned char>& in_b) {
    const auto names = [](const std::set<unsigned char>& numbers) {
      Names result;
      for (const unsigned char number : numbers) {
        result.push_back(std::to_string(number));
      }
      std::sort(result.begin(), result.end(), std::greater<>());
      return result;
    };
    const Names a = names(in_a);
    Names b = names(in_b);
    std::reverse(b.begin(), b.end());
    const Matching matching = match_modules(a, b);
    RC_ASSERT(matching.pairs.size() + matching.gone.size() == a.size());
    RC_ASSERT(matching.pairs.size() + matching.added.size() == b.size());
    for (const Matching::Pair& pair : matching.pairs) {
      RC_ASSERT(a.at(pair.a) == b.at(pair.b));
    }
    // In the opposite order only one can stay.
    RC_ASSERT(moved_in(matching) + 1 == std::max<std::size_t>(matching.pairs.size(), 1) ||
              matching.pairs.empty());
    RC_ASSERT(moved_in(match_modules(a, a)) == 0U);
  });
}

}  // namespace
}  // namespace modproof::test
