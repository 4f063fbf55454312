// SPDX-License-Identifier: LGPL-2.1-or-later
// Names that get their contents from elsewhere in an initramfs.
#include "format/initramfs_names.h"

#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

class InitramfsNamesTest : public testing::Test {
 protected:
  /// A regular file; inode 0 for one with this name only.
  Status file(const std::string& name, std::uint64_t size, std::uint32_t inode = 0,
              std::uint32_t device = 1) {
    return names_.entry(range_, {.name = name,
                                 .mode = S_IFREG | 0644,
                                 .links = inode == 0 ? 1U : 2U,
                                 .file = {inode, device, 0},
                                 .size = size});
  }
  Status link(const std::string& name, const std::string& target) {
    file_ = value_of(File::open(folder_.write("image", bytes_of(target))));
    return names_.entry(FileRange(file_),
                        {.name = name, .mode = S_IFLNK | 0777, .links = 1, .size = target.size()});
  }
  Status trailer() { return names_.entry(range_, {.name = "TRAILER!!!"}); }

  Folder folder_;
  File file_ = value_of(File::open(folder_.write("image", bytes_of("0123456789"))));
  FileRange range_{file_};
  InitramfsNames names_{[](const std::string& name) { return name.ends_with(".ko"); }};
};

TEST_F(InitramfsNamesTest, NamesOfOneModuleMayAllBeModules) {
  EXPECT_TRUE(file("a.ko", 0, 7).has_value());
  EXPECT_TRUE(file("b.ko", 5, 7).has_value());
  EXPECT_TRUE(file("c.ko", 0, 7).has_value());
  EXPECT_TRUE(trailer().has_value());
}

TEST_F(InitramfsNamesTest, OtherFilesMayHaveAnyNames) {
  EXPECT_TRUE(file("bin/ls", 0, 7).has_value());
  EXPECT_TRUE(file("bin/cp", 5, 7).has_value());
  EXPECT_TRUE(file("a.ko", 5).has_value());
  EXPECT_TRUE(file("b.ko", 5, 8).has_value());
  EXPECT_TRUE(file("c.ko", 5, 7, 2).has_value());  // of another device
}

TEST_F(InitramfsNamesTest, AModuleWithContentsOfAnotherFileIsRefused) {
  EXPECT_TRUE(file("x.bin", 5, 7).has_value());
  expect_error_at(file("a.ko", 0, 7), ErrorKind::unsupported, 0);
  EXPECT_TRUE(file("b.ko", 0, 8).has_value());
  expect_error(file("y.bin", 5, 8), ErrorKind::unsupported);
}

TEST_F(InitramfsNamesTest, ContentsTwiceAreRefused) {
  EXPECT_TRUE(file("a.ko", 5, 7).has_value());
  expect_error(file("b.ko", 5, 7), ErrorKind::malformed);
}

TEST_F(InitramfsNamesTest, AnotherArchiveStartsAnew) {
  EXPECT_TRUE(file("x.bin", 5, 7).has_value());
  EXPECT_TRUE(trailer().has_value());
  EXPECT_TRUE(file("a.ko", 5, 7).has_value());
}

TEST_F(InitramfsNamesTest, ASymbolicLinkOfAModuleLeadsToAModule) {
  EXPECT_TRUE(link("a.ko", "../b.ko").has_value());
  EXPECT_TRUE(link("lib", "usr/lib").has_value());
  expect_error_at(link("a.ko", "x.bin"), ErrorKind::unsupported, 0);
  expect_error(link("a.ko", std::string("x\0b.ko", 6)), ErrorKind::unsupported);
  expect_error(link("a.ko", ""), ErrorKind::unsupported);
}

TEST_F(InitramfsNamesTest, FilesWithSeveralNamesAreCounted) {
  constexpr std::uint32_t kMost = 1U << 14U;
  for (std::uint32_t i = 1; i <= kMost; ++i) {
    ASSERT_TRUE(file("x", 1, i).has_value());
  }
  EXPECT_TRUE(file("y", 0, 1).has_value());
  expect_error(file("x", 1, kMost + 1), ErrorKind::unsupported);
}

}  // namespace
}  // namespace modproof::test
