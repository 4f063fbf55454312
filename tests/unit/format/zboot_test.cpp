// SPDX-License-Identifier: LGPL-2.1-or-later
// The header of an EFI zboot image.
#include "format/zboot.h"

#include <gtest/gtest.h>

#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

class ZbootTest : public testing::Test {
 protected:
  Result<Zboot> read(const ByteVector& bytes) {
    file_ = value_of(File::open(folder_.write("vmlinuz.efi", bytes)));
    return read_zboot(FileRange(file_));
  }

  Folder folder_;
  File file_;
};

TEST_F(ZbootTest, SaysWhereThePayloadIsAndHowItIsCompressed) {
  const TestZboot image{.payload = bytes_of("payload"), .compression = "zstd22"};
  EXPECT_TRUE(is_zboot(image.bytes()));
  const Zboot found = value_of(read(image.bytes()));
  EXPECT_EQ(found.payload.offset(), 256U);
  EXPECT_EQ(value_of(found.payload.head(100)), bytes_of("payload"));
  EXPECT_EQ(found.compression, "zstd22");
}

TEST_F(ZbootTest, APayloadOutsideTheFileIsRefused) {
  const ByteVector payload = bytes_of("payload");
  for (const TestZboot& image : {TestZboot{.payload = payload, .offset = 0xFFFFFFFF},
                                 TestZboot{.payload = payload, .size = 0xFFFFFFFF},
                                 TestZboot{.payload = payload, .size = 0}}) {
    expect_error_at(read(image.bytes()), ErrorKind::malformed, 8);
  }
}

TEST_F(ZbootTest, ANameOfTheCompressionThatDoesNotEndIsRefused) {
  expect_error_at(read(TestZboot{.payload = word(1), .compression = std::string(32, 'x')}.bytes()),
                  ErrorKind::malformed, 24);
  expect_error_at(read(TestZboot{.payload = word(1), .compression = ""}.bytes()),
                  ErrorKind::malformed, 24);
}

TEST_F(ZbootTest, CutOffAnywhereItIsRefused) {
  const ByteVector whole = TestZboot{.payload = bytes_of("payload")}.bytes();
  for (std::size_t size = 0; size < 256 + 7; ++size) {
    const ByteVector cut(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_EQ(is_zboot(cut), size >= 8);
    if (is_zboot(cut)) {
      expect_error(read(cut), ErrorKind::malformed);
    }
  }
}

}  // namespace
}  // namespace modproof::test
