// SPDX-License-Identifier: LGPL-2.1-or-later
// The banner of a kernel, wherever it stands.
#include "format/linux_banner.h"

#include <gtest/gtest.h>

#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

std::string banner_in(const ByteVector& bytes) {
  const Folder folder;
  const File file = value_of(File::open(folder.write("Image", bytes)));
  return value_of(find_linux_banner(FileRange(file)));
}

TEST(LinuxBanner, IsTheFirstThatIsOne) {
  EXPECT_EQ(
      banner_in(bytes_of("Linux version %s\nLinux version 6.1.0 (a@b) #1\nLinux version 7\n")),
      "6.1.0 (a@b) #1");
  EXPECT_EQ(banner_in(bytes_of("Linux version 6.1.0 without an end")), "");
  EXPECT_EQ(banner_in(bytes_of("Linux version 6\x01.1\n")), "");
  EXPECT_EQ(banner_in(bytes_of("Linux version 6" + std::string(2000, 'x') + "\n")), "");
  EXPECT_EQ(banner_in({}), "");
}

TEST(LinuxBanner, IsFoundAcrossTheEndOfAPiece) {
  constexpr std::size_t kPiece = 1U << 18U;
  for (std::size_t at = kPiece - 40; at < kPiece + 5; ++at) {
    ByteVector bytes(2 * kPiece);
    put(bytes, at, "Linux version 6.1.0 (a@b) #1\n");
    EXPECT_EQ(banner_in(bytes), "6.1.0 (a@b) #1");
  }
}

TEST(LinuxBanner, TheReleaseEndsAtABlank) {
  EXPECT_EQ(release_of("6.1.0-50-amd64 (a@b) #1"), "6.1.0-50-amd64");
  EXPECT_EQ(release_of("6.1.0"), "6.1.0");
  EXPECT_EQ(release_of(""), "");
}

}  // namespace
}  // namespace modproof::test
