// SPDX-License-Identifier: LGPL-2.1-or-later
// Raw images are told apart by their marks, and by nothing else.
#include "format/raw_image.h"

#include <gtest/gtest.h>

#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

TEST(RawImage, IsToldByItsMark) {
  const Folder folder;
  const auto kind = [&](std::size_t at, std::string_view mark) {
    ByteVector bytes(0x10100);
    put(bytes, at, mark);
    const File file = value_of(File::open(folder.write("Image", bytes)));
    return value_of(raw_image_kind(FileRange(file))).value_or("none");
  };
  EXPECT_EQ(kind(56, "ARM\x64"), "arm64 Image");
  EXPECT_EQ(kind(56, "RSC\x05"), "riscv Image");
  EXPECT_EQ(kind(36, "\x18\x28\x6F\x01"), "arm zImage");
  EXPECT_EQ(kind(0x10008, "S390EP"), "s390 image");
  EXPECT_EQ(kind(56, "\xCD\x23\x82\x81"), "EFI Image");
  EXPECT_EQ(kind(57, "ARM\x64"), "none");
}

TEST(RawImage, AShortFileIsNone) {
  const Folder folder;
  for (std::size_t size = 0; size < 60; ++size) {
    const File file = value_of(File::open(folder.write("Image", ByteVector(size))));
    EXPECT_FALSE(value_of(raw_image_kind(FileRange(file))));
  }
}

}  // namespace
}  // namespace modproof::test
