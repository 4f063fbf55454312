// SPDX-License-Identifier: LGPL-2.1-or-later
// Errors as text: one line each, whatever bytes a path holds.
#include "modproof/base/result.h"

#include <cerrno>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/utf8.h"

namespace modproof::test {
namespace {

using std::string_literals::operator""s;

TEST(Describe, NamesPathOffsetAndMessage) {
  const Error error{ErrorKind::malformed, "not ELF", "a.ko", 12};
  EXPECT_EQ(describe(error), "a.ko: offset 12: not ELF");
}

TEST(Describe, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(describe({ErrorKind::usage, "no", {}, {}}), "no");
  EXPECT_EQ(describe({ErrorKind::usage, "no", {}, 0}), "offset 0: no");
  EXPECT_EQ(describe({ErrorKind::io, "no", "p", {}}), "p: no");
}

TEST(Describe, EscapesThePath) {
  EXPECT_EQ(describe({ErrorKind::io, "no", "a\nb", {}}), "a\\x0ab: no");
}

TEST(FailErrno, SaysWhatTheSystemSaid) {
  const auto error = fail_errno("p", "cannot open", ENOENT).error();
  EXPECT_EQ(error.kind, ErrorKind::io);
  EXPECT_EQ(describe(error), "p: cannot open: No such file or directory");
}

TEST(ErrorKind, NamesAreDifferent) {
  std::set<std::string> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::interrupted); ++kind) {
    EXPECT_TRUE(names.insert(name_of(static_cast<ErrorKind>(kind))).second);
  }
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable("drivers/net/foo bar.ko"), "drivers/net/foo bar.ko");
  EXPECT_EQ(printable("Größe € 😀"), "Größe € 😀");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesControlCharactersAndBackslash) {
  EXPECT_EQ(printable("a\0\t\x1b[31m\x7f\\z"s), "a\\x00\\x09\\x1b[31m\\x7f\\x5cz");
  // C1 controls are characters of two bytes; terminals obey some of them.
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\xc2\\x9b31m");
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0");
}

TEST(Printable, EscapesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xC3"), "\\xc3");                             // cut off
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(printable("\xE0\x80\x80"), "\\xe0\\x80\\x80");           // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
  EXPECT_EQ(printable("\xE2\x82"
                      "a"),
            "\\xe2\\x82"
            "a");
}

TEST(Printable, IsAlwaysOneLineOfUtf8ThatNamesTheBytesExactly) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    const std::string shown = printable(text);
    std::string back;
    for (std::size_t i = 0; i < shown.size();) {
      const std::size_t length = utf8_sequence_length(std::string_view(shown).substr(i));
      RC_ASSERT(length > 0U);
      RC_ASSERT(static_cast<unsigned char>(shown[i]) >= 0x20);
      if (shown[i] == '\\') {
        RC_ASSERT(shown.substr(i, 2) == "\\x");
        back += static_cast<char>(std::stoi(shown.substr(i + 2, 2), nullptr, 16));
        i += 4;
      } else {
        back += shown.substr(i, length);
        i += length;
      }
    }
    RC_ASSERT(back == text);
  }));
}

/// The definition of RFC 3629, by decoding: slow, and in another way than the code under test.
std::size_t decoded_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    const std::uint32_t lead[] = {0x00, 0xC0, 0xE0, 0xF0};
    const std::uint32_t mask[] = {0x80, 0xE0, 0xF0, 0xF8};
    const std::uint32_t least[] = {0x0, 0x80, 0x800, 0x10000};
    if ((byte(0) & mask[length - 1]) != lead[length - 1]) {
      continue;
    }
    std::uint32_t point = byte(0) & ~mask[length - 1];
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0U) != 0x80U) {
        return 0;
      }
      point = point << 6U | (byte(i) & 0x3FU);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return point >= least[length - 1] && point <= 0x10FFFF && !surrogate ? length : 0;
  }
  return 0;
}

TEST(Utf8, EverySequenceOfThreeBytesIsJudgedAsTheStandardDoes) {
  for (std::uint32_t value = 0; value < 0x1000000; value += value < 0x800000 ? 251 : 7) {
    const std::string text{static_cast<char>(value >> 16U), static_cast<char>(value >> 8U),
                           static_cast<char>(value), '\x80'};
    ASSERT_EQ(utf8_sequence_length(text), decoded_length(text)) << std::hex << value;
  }
}

TEST(Utf8, EverySequenceOfFourBytesIsJudgedAsTheStandardDoes) {
  for (std::uint32_t first = 0xF0; first <= 0xFF; ++first) {
    for (std::uint32_t rest = 0; rest < 0x10000; ++rest) {
      const std::string text{static_cast<char>(first), static_cast<char>(rest >> 8U),
                             static_cast<char>(rest), '\xBF'};
      ASSERT_EQ(utf8_sequence_length(text), decoded_length(text)) << std::hex << first << rest;
    }
  }
}

}  // namespace
}  // namespace modproof::test
