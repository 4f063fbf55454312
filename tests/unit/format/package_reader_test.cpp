// SPDX-License-Identifier: LGPL-2.1-or-later
// Packages as streams: what is handed out of them, and what makes one malformed. More of it, with
// every kind of package and compression, is in tests/cli/packages*.sh.
#include "format/package_reader.h"

#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/file_range.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

constexpr std::size_t kBlock = 512;

/// An entry of a tar archive (POSIX.1-1988 ustar).
std::string tar_entry(const std::string& name, const std::string& contents, char type = '0',
                      const std::string& target = {}) {
  std::string header(kBlock, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 7, "0000644");
  header.replace(108, 7, "0000000");
  header.replace(116, 7, "0000000");
  header.replace(124, 11, fmt::format("{:011o}", contents.size()));
  header.replace(136, 11, "00000000000");
  header.replace(148, 8, "        ");
  header[156] = type;
  header.replace(157, target.size(), target);
  header.replace(257, 8, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header) {
    sum += static_cast<unsigned char>(c);
  }
  header.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
  std::string bytes = header + contents;
  bytes.resize((bytes.size() + kBlock - 1) / kBlock * kBlock);
  return bytes;
}

const std::string kTarEnd(2 * kBlock, '\0');

class PackageReaderTest : public testing::Test {
 protected:
  /// `PATH=CONTENTS` of everything that `bytes` as a package hand out.
  Result<std::vector<std::string>> read(const std::string& bytes, std::uint64_t limit = 1U << 20U) {
    const std::string path = folder_.write("package", bytes_of(bytes));
    auto opened = PackageReader::open(path);
    if (!opened) {
      return std::unexpected(opened.error());
    }
    PackageReader reader = std::move(*opened);
    std::vector<std::string> found;
    while (true) {
      auto entry = reader.next();
      if (!entry) {
        return std::unexpected(entry.error());
      }
      if (!*entry) {
        return found;
      }
      auto contents = reader.contents(**entry, limit);
      if (!contents) {
        return std::unexpected(contents.error());
      }
      EXPECT_EQ(contents->path(), path + ":" + (*entry)->path);
      const ByteVector all = value_of(FileRange(*contents).head(contents->size()));
      found.push_back((*entry)->path + "=" + std::string(text_of(all)));
    }
  }

  Folder folder_;
};

TEST_F(PackageReaderTest, HandsOutWhatMatters) {
  const std::string package = tar_entry("./etc/motd", "hello") +
                              tar_entry("./boot/vmlinuz-1", "kernel") +
                              tar_entry("lib/modules/1/a.ko", "module") +
                              tar_entry("lib/modules/1/modules.order", "a.ko\n") + kTarEnd;
  EXPECT_EQ(value_of(read(package)),
            (std::vector<std::string>{"boot/vmlinuz-1=kernel", "lib/modules/1/a.ko=module",
                                      "lib/modules/1/modules.order=a.ko\n"}));
}

TEST_F(PackageReaderTest, CutOffAtAnyPlaceIsMalformed) {
  const std::string package = tar_entry("lib/modules/1/a.ko", std::string(700, 'a')) +
                              tar_entry("lib/modules/1/b.ko", "b") + kTarEnd;
  ASSERT_EQ(value_of(read(package)).size(), 2U);
  for (std::size_t size = 0; size < package.size(); ++size) {
    const Error error = error_of(read(package.substr(0, size)));
    EXPECT_EQ(error.kind, ErrorKind::malformed) << size;
    EXPECT_EQ(error.path, folder_ / "package") << size;
  }
}

TEST_F(PackageReaderTest, OnlyZerosMayStandBehindTheEnd) {
  const std::string package = tar_entry("lib/modules/1/a.ko", "a") + kTarEnd;
  EXPECT_EQ(value_of(read(package + std::string(1'000'000, '\0'))).size(), 1U);
  for (const std::size_t at : {0U, 1U, 511U, 100'000U, 999'999U}) {
    std::string more(1'000'000, '\0');
    more[at] = 'x';
    EXPECT_EQ(error_of(read(package + more)).kind, ErrorKind::malformed) << at;
  }
}

TEST_F(PackageReaderTest, LargeContentsAreLimited) {
  const std::string package = tar_entry("lib/modules/1/a.ko", std::string(1000, 'a')) + kTarEnd;
  EXPECT_EQ(value_of(read(package, 1000)).size(), 1U);
  const Error error = error_of(read(package, 999));
  EXPECT_EQ(error.kind, ErrorKind::unsupported);
  EXPECT_EQ(error.path, (folder_ / "package") + ":lib/modules/1/a.ko");
}

TEST_F(PackageReaderTest, OnePathTwiceIsMalformed) {
  const std::string one = tar_entry("lib/modules/1/a.ko", "a");
  for (const char* again :
       {"lib/modules/1/a.ko", "./lib/modules//1/a.ko", "usr/lib/modules/1/a.ko"}) {
    EXPECT_EQ(error_of(read(one + tar_entry(again, "b") + kTarEnd)).kind, ErrorKind::malformed);
  }
  // Of what does not matter here others may make sense.
  EXPECT_EQ(value_of(read(tar_entry("etc", "1") + tar_entry("etc", "2") + one + kTarEnd)).size(),
            1U);
}

TEST_F(PackageReaderTest, HardLinksCountUnderTheNameWithContents) {
  const std::string one = tar_entry("lib/modules/1/a.ko", "a");
  const std::string link = tar_entry("lib/modules/1/b.ko", "", '1', "./lib/modules/1/a.ko");
  EXPECT_EQ(value_of(read(one + link + kTarEnd)).size(), 1U);
  const std::string hidden =
      tar_entry("usr/share/x", "evil") + tar_entry("lib/modules/1/b.ko", "", '1', "usr/share/x");
  EXPECT_EQ(error_of(read(one + hidden + kTarEnd)).kind, ErrorKind::malformed);
}

TEST_F(PackageReaderTest, WhatIsNoFileIsMalformedOrListed) {
  EXPECT_EQ(error_of(read(tar_entry("lib/modules/1/a.ko", "", '6') + kTarEnd)).kind,
            ErrorKind::malformed);
  const std::string path = folder_.write(
      "links", bytes_of(tar_entry("lib/modules/1/a.ko", "", '2', "/etc/passwd") + kTarEnd));
  PackageReader reader = value_of(PackageReader::open(path));
  EXPECT_FALSE(value_of(reader.next()).has_value());
  EXPECT_EQ(reader.links(), std::vector<std::string>{"lib/modules/1/a.ko"});
}

TEST_F(PackageReaderTest, OtherFilesAreNoPackages) {
  for (const std::string& bytes : {std::string(), std::string("x"), std::string(kBlock, '\0'),
                                   std::string(kBlock, 'x'), std::string("\x1F\x8B\x08", 3)}) {
    EXPECT_EQ(error_of(read(bytes)).kind, ErrorKind::malformed) << bytes.size();
  }
}

}  // namespace
}  // namespace modproof::test
