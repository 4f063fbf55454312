// SPDX-License-Identifier: LGPL-2.1-or-later
// .config: what a line may be, which of two settings counts, and where a wrong line stands.
#include "format/kconfig.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

using std::string_literals::operator""s;

Result<Kconfig> parse(const std::string& text) { return parse_kconfig(bytes_of(text)); }

KconfigEntry entry(std::string name, KconfigKind kind, std::string value, std::size_t line,
                   std::size_t earlier = 0) {
  return {std::move(name), kind, std::move(value), line, earlier};
}

TEST(Kconfig, EachKindOfLine) {
  const auto config =
      value_of(parse("#\n# Linux 7.3.0\n\n"
                     "CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=n\n"
                     "# CONFIG_D is not set\nCONFIG_E=-12\nCONFIG_F=0x1F\n"
                     "CONFIG_g_9=\"some text\"\n"));
  EXPECT_EQ(config.entries(), (std::vector<KconfigEntry>{
                                  entry("A", KconfigKind::yes, "y", 4),
                                  entry("B", KconfigKind::module, "m", 5),
                                  entry("C", KconfigKind::not_set, "", 6),
                                  entry("D", KconfigKind::not_set, "", 7),
                                  entry("E", KconfigKind::number, "-12", 8),
                                  entry("F", KconfigKind::number, "0x1F", 9),
                                  entry("g_9", KconfigKind::text, "some text", 10),
                              }));
}

TEST(Kconfig, EmptyItSaysNothing) {
  const auto config = value_of(parse(""));
  EXPECT_TRUE(config.entries().empty());
  EXPECT_EQ(config.find("A"), nullptr);
  EXPECT_FALSE(config.is_yes("A"));
  EXPECT_EQ(config.text("A"), "");
}

TEST(Kconfig, TextsLoseQuotesAndEscapes) {
  const auto config = value_of(parse("CONFIG_A=\"\"\nCONFIG_B=\"a\\\"b\\\\c\\d#=\"\n"));
  EXPECT_EQ(config.text("A"), "");
  EXPECT_EQ(config.text("B"), "a\"b\\cd#=");
}

TEST(Kconfig, OnlyATextIsAText) {
  const auto config = value_of(parse("CONFIG_A=y\nCONFIG_B=\"y\"\n"));
  EXPECT_EQ(config.text("A"), "");
  EXPECT_FALSE(config.is_yes("B"));
}

TEST(Kconfig, TheLastSettingCounts) {
  const auto config =
      value_of(parse("CONFIG_A=y\nCONFIG_B=y\n# CONFIG_A is not set\nCONFIG_A=m\n"));
  EXPECT_EQ(config.entries(), (std::vector<KconfigEntry>{entry("A", KconfigKind::module, "m", 4, 3),
                                                         entry("B", KconfigKind::yes, "y", 2)}));
}

TEST(Kconfig, OtherCommentsSayNothing) {
  for (const std::string comment :
       {"#CONFIG_A is not set", "# CONFIG_A is not set ", "# CONFIG_A=y", "# CONFIG_ is not set",
        "# CONFIG_A B is not set", "# is not set", "# CONFIG_A was not set", "#"}) {
    EXPECT_TRUE(value_of(parse(comment + "\n")).entries().empty()) << comment;
  }
}

TEST(Kconfig, AWrongLineIsNamedByItsOffset) {
  const struct {
    std::string text;
    std::uint64_t offset;
    const char* why;
  } cases[] = {
      {"CONFIG_A=y", 0, "no newline"},
      {"CONFIG_A=y\n#", 11, "no newline at the end of a comment"},
      {"CONFIG_A=y\r\n", 10, "carriage return"},
      {"# a\0\n"s, 3, "NUL in a comment"},
      {"CONFIG_A=\"a\0\"\n"s, 11, "NUL in a text"},
      {"CONFIG_A\n", 0, "no ="},
      {" CONFIG_A=y\n", 0, "a blank in front"},
      {"\n \n", 1, "a line of one blank"},
      {"A=y\n", 0, "no CONFIG_"},
      {"CONFIG_=y\n", 7, "no name"},
      {"CONFIG_A-B=y\n", 7, "a dash in a name"},
      {"CONFIG_A =y\n", 7, "a blank in a name"},
      {"CONFIG_A=\n", 9, "no value"},
      {"CONFIG_A=yes\n", 9, "a word"},
      {"CONFIG_A=Y\n", 9, "upper case"},
      {"CONFIG_A=-\n", 9, "no digits"},
      {"CONFIG_A=0x\n", 9, "no hexadecimal digits"},
      {"CONFIG_A=0xg\n", 9, "other digits"},
      {"CONFIG_A=1 \n", 9, "a blank behind"},
      {"CONFIG_A=\"\n", 9, "no closing quote"},
      {"CONFIG_A=\"a\\\"\n", 9, "an escaped quote closes nothing"},
      {"CONFIG_A=\"a\\\n", 9, "a backslash at the end"},
      {"CONFIG_A=\"a\"b\n", 12, "something behind the quote"},
  };
  for (const auto& wrong : cases) {
    const Error error = error_of(parse(wrong.text));
    EXPECT_EQ(error.kind, ErrorKind::malformed) << wrong.why;
    EXPECT_EQ(error.offset, wrong.offset) << wrong.why;
  }
}

TEST(AutoConf, HasTextsWithQuotesOrWithout) {
  const auto values = value_of(parse_auto_conf(
      bytes_of("#\n# made\n#\nCONFIG_A=y\nCONFIG_B=-x\nCONFIG_C=\"-x\"\nCONFIG_D=\n")));
  EXPECT_EQ(values, (std::map<std::string, std::string, std::less<>>{
                        {"A", "y"}, {"B", "-x"}, {"C", "\"-x\""}, {"D", ""}}));
  EXPECT_EQ(error_of(parse_auto_conf(bytes_of("CONFIG_A=y\nelse\n"))).offset, 11U);
}

// What is written as kconfig writes it comes back, whatever the text is.
TEST(Kconfig, EveryTextComesBack) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::suchThat(
        rc::gen::arbitrary<char>(), [](char c) { return c != '\0' && c != '\n' && c != '\r'; }));
    std::string quoted;
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        quoted += '\\';
      }
      quoted += c;
    }
    const auto config = parse("CONFIG_A=\"" + quoted + "\"\n");
    RC_ASSERT(config.has_value());
    RC_ASSERT(config->find("A") != nullptr);
    RC_ASSERT(config->text("A") == text);
  }));
}

}  // namespace
}  // namespace modproof::test
