// SPDX-License-Identifier: LGPL-2.1-or-later
// The section .linux of a unified kernel image.
#include "format/unified_image.h"

#include <gtest/gtest.h>

#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

class UnifiedImageTest : public testing::Test {
 protected:
  Result<std::optional<FileRange>> find(const ByteVector& bytes) {
    file_ = value_of(File::open(folder_.write("x.efi", bytes)));
    return find_linux_section(FileRange(file_));
  }

  Folder folder_;
  File file_;
};

TEST_F(UnifiedImageTest, TheSectionIsFoundWithoutItsPadding) {
  const TestPe pe{.sections = {{.name = ".osrel", .contents = bytes_of("ID=x")},
                               {.name = ".linux", .contents = bytes_of("kernel")},
                               {.name = ".linuxes", .contents = bytes_of("another")}}};
  const auto found = value_of(find(pe.bytes()));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(value_of(found->head(100)), bytes_of("kernel"));
}

TEST_F(UnifiedImageTest, WhatIsNoUnifiedImageHasNone) {
  EXPECT_FALSE(
      value_of(find(TestPe{.sections = {{.name = ".text", .contents = word(1)}}}.bytes())));
  EXPECT_FALSE(value_of(find(bytes_of("text"))));
  EXPECT_FALSE(value_of(find({})));
  EXPECT_FALSE(value_of(find(TestBzimage{.payload = word(1)}.bytes())));
}

TEST_F(UnifiedImageTest, TwoKernelsAreRefused) {
  const TestPe pe{.sections = {{.name = ".linux", .contents = bytes_of("one")},
                               {.name = ".linux", .contents = bytes_of("two")}}};
  expect_error(find(pe.bytes()), ErrorKind::unsupported);
}

TEST_F(UnifiedImageTest, SectionsOutsideTheFileAreRefused) {
  const ByteVector kernel = bytes_of("kernel");
  expect_error(
      find(TestPe{.sections = {{.name = ".linux", .contents = kernel, .offset = 0x10000}}}.bytes()),
      ErrorKind::malformed);
  expect_error(
      find(
          TestPe{.sections = {{.name = ".linux", .contents = kernel, .size = 0xFFFFFFF0}}}.bytes()),
      ErrorKind::malformed);
  expect_error(
      find(TestPe{.sections = {{.name = ".linux", .contents = kernel, .size = 0}}}.bytes()),
      ErrorKind::malformed);
  expect_error(
      find(TestPe{.sections = {{.name = ".linux", .contents = kernel}}, .count = 0xFFFF}.bytes()),
      ErrorKind::malformed);
}

TEST_F(UnifiedImageTest, CutOffAnywhereNothingOutsideIsFound) {
  const ByteVector whole =
      TestPe{.sections = {{.name = ".linux", .contents = bytes_of("kernel")}}}.bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto found = find({whole.begin(), whole.begin() + static_cast<long>(size)});
    if (found && *found) {
      EXPECT_LE((*found)->offset() + (*found)->size(), size);
    }
  }
}

}  // namespace
}  // namespace modproof::test
