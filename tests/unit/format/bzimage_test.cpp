// SPDX-License-Identifier: LGPL-2.1-or-later
// The setup header of a bzImage: where the payload is, and what it must not claim.
#include "format/bzimage.h"

#include <gtest/gtest.h>

#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

class BzimageTest : public testing::Test {
 protected:
  Result<Bzimage> read(const ByteVector& bytes) {
    file_ = value_of(File::open(folder_.write("bzImage", bytes)));
    return read_bzimage(FileRange(file_));
  }

  Folder folder_;
  File file_;
};

TEST_F(BzimageTest, SaysWhereThePayloadIs) {
  const TestBzimage image{.payload = bytes_of("payload")};
  EXPECT_TRUE(is_bzimage(image.bytes()));
  const Bzimage found = value_of(read(image.bytes()));
  EXPECT_EQ(found.protocol, 0x020FU);
  EXPECT_EQ(found.payload.offset(), image.payload_at());
  EXPECT_EQ(value_of(found.payload.head(100)), bytes_of("payload"));
  EXPECT_EQ(found.version, image.version);
}

TEST_F(BzimageTest, NoSetupSectorsMeansFour) {
  const TestBzimage image{.payload = bytes_of("payload"), .setup_sectors = 0};
  EXPECT_EQ(value_of(read(image.bytes())).payload.offset(), 5U * 512 + 64);
}

TEST_F(BzimageTest, AVersionIsOptionalAndEndsInTheSetupCode) {
  EXPECT_EQ(value_of(read(TestBzimage{.payload = word(1), .version = ""}.bytes())).version, "");
  TestBzimage image{.payload = word(1)};
  ByteVector bytes = image.bytes();
  put16(bytes, 0x20E, 0xFFFF);  // far outside
  EXPECT_EQ(value_of(read(bytes)).version, "");
  put16(bytes, 0x20E,
        static_cast<std::uint16_t>(image.setup_size() - 0x200 - 3));  // no NUL follows
  EXPECT_EQ(value_of(read(bytes)).version, "");
}

TEST_F(BzimageTest, APayloadOutsideTheFileIsRefused) {
  const ByteVector payload = bytes_of("payload");
  for (const TestBzimage& image :
       {TestBzimage{.payload = payload, .length = 0xFFFFFFFF},
        TestBzimage{.payload = payload, .offset = 0xFFFFFFFF},
        TestBzimage{.payload = payload, .offset = 0xFFFFFFFF, .length = 0xFFFFFFFF},
        TestBzimage{.payload = payload, .length = 0}}) {
    expect_error_at(read(image.bytes()), ErrorKind::malformed, 0x248);
  }
}

TEST_F(BzimageTest, AnOldProtocolIsUnsupported) {
  expect_error_at(read(TestBzimage{.payload = word(1), .protocol = 0x0207}.bytes()),
                  ErrorKind::unsupported, 0x206);
}

TEST_F(BzimageTest, CutOffAnywhereItIsRefused) {
  const TestBzimage image{.payload = bytes_of("payload")};
  const ByteVector whole = image.bytes();
  for (std::size_t size = 0; size < image.payload_at() + image.payload.size(); ++size) {
    const ByteVector cut(whole.begin(), whole.begin() + static_cast<long>(size));
    if (is_bzimage(cut)) {
      expect_error(read(cut), ErrorKind::malformed);
    }
  }
}

}  // namespace
}  // namespace modproof::test
