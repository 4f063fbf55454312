// SPDX-License-Identifier: LGPL-2.1-or-later
// modules.order: what a line may be, and where a wrong one stands.
#include "modproof/format/modules_order.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

using std::string_literals::operator""s;

Result<std::vector<OrderLine>> parse(const std::string& text) {
  return parse_modules_order(bytes_of(text));
}

TEST(ModulesOrder, ObjectsAndModulesAreModules) {
  const auto lines = value_of(parse("drivers/net/foo.o\nkernel/fs/bar.ko\n"));
  EXPECT_EQ(lines, (std::vector<OrderLine>{{"drivers/net/foo.ko", 0}, {"kernel/fs/bar.ko", 18}}));
}

TEST(ModulesOrder, EmptyItListsNothing) { EXPECT_TRUE(value_of(parse("")).empty()); }

TEST(ModulesOrder, NamesMayHoldBlanksDotsAndAnyOtherByte) {
  for (const std::string name :
       {"a b", "a.b", "..a", "a..", "...", "a/..b/c", "./a", "\xff", "a\tb"}) {
    EXPECT_EQ(value_of(parse(name + ".o\n")).at(0).module_path, name + ".ko");
  }
}

TEST(ModulesOrder, DuplicatesAreForTheCallerToSee) {
  EXPECT_EQ(value_of(parse("a.o\na.o\n")).size(), 2U);
}

TEST(ModulesOrder, AWrongLineIsNamedByItsOffset) {
  const struct {
    std::string text;
    std::uint64_t offset;
    const char* why;
  } cases[] = {
      {"\n", 0, "blank"},
      {"a.o\n\nb.o\n", 4, "blank in the middle"},
      {"a.o\n\n", 4, "blank at the end"},
      {"a.o\r\nb.o\r\n", 3, "CRLF"},
      {"a.o\nb\r.o\n", 5, "carriage return in a name"},
      {"a.o\nb.o", 4, "cut off"},
      {"a.o\nb.\n", 4, "cut off name"},
      {"/a.o\n", 0, "absolute"},
      {"a.o\n../b.o\n", 4, "leaves the directory"},
      {"a/../b.o\n", 0, "leaves the directory in the middle"},
      {"a/..\n", 0, "a directory"},
      {"a.o\n..\n", 4, "a directory"},
      {"a.c\n", 0, "another suffix"},
      {"a.ko.xz\n", 0, "compressed"},
      {"a\n", 0, "no suffix"},
      {" \n", 0, "a blank only"},
      {"a.o \n", 0, "a blank at the end"},
      {".o\n", 0, "no name"},
      {"a/.ko\n", 0, "no name in a folder"},
      {"a.o\nb\0c.o\n"s, 5, "NUL"},
      {"# comment\n", 0, "comment"},
  };
  for (const auto& [text, offset, why] : cases) {
    SCOPED_TRACE(why);
    expect_error_at(parse(text), ErrorKind::malformed, offset);
  }
}

TEST(ModulesOrder, AnyBytesGivePathsThatStayInsideOrAnErrorInsideTheText) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("a./ok.\n\n\r-\xff") + '\0'));
    const auto lines = parse(text);
    if (!lines) {
      RC_ASSERT(lines.error().offset.value() <= text.size());
      return;
    }
    for (const OrderLine& line : *lines) {
      RC_ASSERT(line.offset < text.size());
      RC_ASSERT(line.module_path.ends_with(".ko"));
      RC_ASSERT(!line.module_path.starts_with('/'));
      RC_ASSERT(("/" + line.module_path).find("/../") == std::string::npos);
    }
  }));
}

}  // namespace
}  // namespace modproof::test
