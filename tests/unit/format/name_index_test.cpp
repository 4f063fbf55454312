// SPDX-License-Identifier: LGPL-2.1-or-later
// The index of names against a search through all of them.
#include "format/name_index.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "modproof/format/module_name.h"

namespace modproof::test {
namespace {

using Names = std::vector<std::string>;

std::optional<std::size_t> search(const Names& names, std::size_t count, const std::string& name) {
  for (std::size_t i = 0; i < count; ++i) {
    if (kernel_name(names[i]) == kernel_name(name)) {
      return i;
    }
  }
  return std::nullopt;
}

TEST(NameIndex, FindsNothingWhereThereIsNothing) {
  const NameIndex index(Names{});
  EXPECT_FALSE(index.find(Names{}, "loop"));
  EXPECT_FALSE(index.duplicate());
}

TEST(NameIndex, TakesMinusForUnderscore) {
  const Names names{"snd-hda_intel", "ext4"};
  const NameIndex index(names);
  EXPECT_EQ(index.find(names, "snd_hda-intel"), 0U);
  EXPECT_EQ(index.find(names, "ext4"), 1U);
  EXPECT_FALSE(index.find(names, "ext"));
  EXPECT_FALSE(index.find(names, "ext44"));
  EXPECT_FALSE(index.duplicate());
}

TEST(NameIndex, TellsTheSecondOfTwo) {
  const Names names{"a", "b_c", "d", "b-c", "a"};
  const NameIndex index(names);
  EXPECT_EQ(index.duplicate(), 3U);
  EXPECT_EQ(index.find(names, "b-c"), 1U);
}

RC_GTEST_PROP(NameIndex, AgreesWithASearch, ()) {
  // Few letters, so that some names are equal and many share their first characters.
  const auto letters =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', '-', '_')));
  const auto names = *rc::gen::container<Names>(letters);
  const NameIndex index(names);
  std::optional<std::size_t> duplicate;
  for (std::size_t i = 0; i < names.size(); ++i) {
    RC_ASSERT(index.find(names, names[i]) == search(names, names.size(), names[i]));
    if (!duplicate && search(names, i, names[i])) {
      duplicate = i;
    }
  }
  RC_ASSERT(index.duplicate() == duplicate);
  const auto other = *letters;
  RC_ASSERT(index.find(names, other) == search(names, names.size(), other));
}

}  // namespace
}  // namespace modproof::test
