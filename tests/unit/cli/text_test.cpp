// SPDX-License-Identifier: LGPL-2.1-or-later
// Words that commands share.
#include "cli/text.h"

#include <gtest/gtest.h>

namespace modproof::cli::test {
namespace {

TEST(Text, OneThingIsSingular) {
  EXPECT_EQ(count_of(0, "module"), "0 modules");
  EXPECT_EQ(count_of(1, "module"), "1 module");
  EXPECT_EQ(count_of(2, "module"), "2 modules");
}

TEST(Text, FieldsStandInColumns) {
  EXPECT_EQ(field("root", "x"), "root:         x");
  EXPECT_EQ(field("payload size", "7"), "payload size: 7");
}

}  // namespace
}  // namespace modproof::cli::test
