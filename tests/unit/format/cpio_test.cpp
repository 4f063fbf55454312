// SPDX-License-Identifier: LGPL-2.1-or-later
// Entries of a cpio archive, and archives that break the format.
#include "format/cpio.h"

#include <string>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

constexpr unsigned kRegular = 0100644;

/// An entry; its name with the NUL that ends it.
std::string entry(std::string name, const std::string& contents, const char* magic = "070701",
                  std::uint32_t checksum = 0) {
  name += '\0';
  std::string bytes = fmt::format("{}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", magic, 7,
                                  kRegular, 0, 0, 1, 0, contents.size());
  bytes +=
      fmt::format("{:08x}{:08x}{:08x}{:08x}{:08X}{:08x}", 0, 0, 0, 0, name.size(), checksum) + name;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  bytes += contents;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

class CpioTest : public testing::Test {
 protected:
  Result<CpioEntry> read(const std::string& bytes, std::uint64_t offset = 0) {
    file_ = value_of(File::open(folder_.write("archive", bytes_of(bytes))));
    return read_cpio_entry(FileRange(file_), offset, "before");
  }

  Folder folder_;
  File file_;
};

TEST_F(CpioTest, SaysWhereContentsAndTheNextEntryAre) {
  const std::string first = entry("lib/a.ko", "five!");
  for (const char* magic : {"070701", "070702"}) {
    const std::string archive = first + entry("abc", "contents", magic);
    EXPECT_TRUE(is_cpio(bytes_of(archive)));
    const CpioEntry found = value_of(read(archive));
    EXPECT_EQ(found.name, "lib/a.ko");
    EXPECT_TRUE(found.is_regular());
    EXPECT_FALSE(found.is_trailer());
    EXPECT_EQ(found.links, 1U);
    EXPECT_EQ(found.contents_at, 120U);
    EXPECT_EQ(found.size, 5U);
    EXPECT_EQ(found.next, first.size());
    const CpioEntry second = value_of(read(archive, found.next));
    EXPECT_EQ(second.name, "abc");
    EXPECT_EQ(second.contents_at, first.size() + 116);
    EXPECT_EQ(second.next, archive.size());
  }
}

TEST_F(CpioTest, ANameEndsAtItsFirstNul) {
  const std::string name("TRAILER!!!\0more", 15);
  EXPECT_TRUE(value_of(read(entry(name, "skipped, too"))).is_trailer());
}

TEST_F(CpioTest, CutOffAnywhereItIsRefused) {
  const std::string whole = entry("lib/a.ko", "five!");
  for (std::size_t size = 0; size < 120 + 5; ++size) {
    expect_error(read(whole.substr(0, size)), ErrorKind::malformed);
  }
  value_of(read(whole.substr(0, 125)));  // what pads the end may be missing
  const std::string trailer = entry("TRAILER!!!", "");
  EXPECT_EQ(value_of(read(trailer.substr(0, 121))).next, 121U);
}

TEST_F(CpioTest, FieldsThatAreNoNumbersOrNoLengthsAreRefused) {
  constexpr std::size_t kSizeAt = 54;
  constexpr std::size_t kNameLengthAt = 94;
  const std::string whole = entry("a.ko", "contents");
  for (const auto& [at, text] :
       {std::pair(kSizeAt, "0000000g"), std::pair(kSizeAt, "-0000001"),
        std::pair(kSizeAt, " 0000001"), std::pair(kSizeAt, "ffffffff"),
        std::pair(kSizeAt, "7fffffff"), std::pair(kNameLengthAt, "00000000"),
        std::pair(kNameLengthAt, "ffffffff"), std::pair(kNameLengthAt, "00001001"),
        std::pair(std::size_t{0}, "07070300")}) {
    std::string bytes = whole;
    bytes.replace(at, 8, text);
    expect_error_at(read(bytes), ErrorKind::malformed, 0);
  }
}

TEST_F(CpioTest, ANameWithoutAnEndIsRefused) {
  std::string bytes = entry("a.ko", "contents");
  bytes[110 + 4] = 'x';
  const Error error = error_of(read(bytes));
  EXPECT_EQ(error.offset, 110U);
  EXPECT_NE(error.message.find("behind its entry before"), std::string::npos);
  // The kernel wants the last byte to be the NUL, wherever the first one is.
  expect_error_at(read(entry(std::string("a.ko\0x", 6), "").replace(110 + 6, 1, "y")),
                  ErrorKind::malformed, 110);
}

TEST_F(CpioTest, SaysWhichFileItIs) {
  std::string bytes = entry("a.ko", "contents");
  bytes.replace(6 + 7 * 8, 16, "0000000b0000000c");
  EXPECT_EQ(value_of(read(bytes)).file, (std::array<std::uint32_t, 3>{7, 11, 12}));
}

TEST_F(CpioTest, AChecksumIsComparedWhereThereIsOne) {
  const auto check = [&](const char* magic, std::uint32_t checksum) {
    const CpioEntry found = value_of(read(entry("a.ko", "ab", magic, checksum)));
    return check_cpio_checksum(FileRange(file_), found);
  };
  EXPECT_TRUE(check("070702", 'a' + 'b').has_value());
  expect_error_at(check("070702", 'a'), ErrorKind::malformed, 0);
  EXPECT_TRUE(check("070701", 'a').has_value());
}

}  // namespace
}  // namespace modproof::test
