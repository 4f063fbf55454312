// SPDX-License-Identifier: LGPL-2.1-or-later
// Values in the section .modinfo.
#include "format/modinfo.h"

#include <gtest/gtest.h>

#include "support/bytes.h"

namespace modproof::test {
namespace {

TEST(Modinfo, TheFirstValueOfAKeyIsFound) {
  const ByteVector section = bytes_of({"name=a\0\0names=b\0name=c\0empty=\0open=d", 36});
  EXPECT_EQ(modinfo_value(section, "name"), "a");
  EXPECT_EQ(modinfo_value(section, "names"), "b");
  EXPECT_EQ(modinfo_value(section, "empty"), "");
  EXPECT_EQ(modinfo_value(section, "open"), "d");  // without the NUL that ought to end it
}

TEST(Modinfo, WhatIsNotThereHasNoValue) {
  const ByteVector section = bytes_of({"name=a\0alone\0", 13});
  for (const char* key : {"nam", "ame", "alone", "a"}) {
    EXPECT_FALSE(modinfo_value(section, key).has_value()) << key;
  }
  EXPECT_FALSE(modinfo_value({}, "name").has_value());
}

}  // namespace
}  // namespace modproof::test
