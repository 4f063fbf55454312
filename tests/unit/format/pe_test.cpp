// SPDX-License-Identifier: LGPL-2.1-or-later
// The headers of an EFI program, and where signing changes it.
#include "format/pe.h"

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

constexpr std::size_t kOptional = 0x80 + 24;
constexpr std::uint16_t kPe32 = 0x10B;
constexpr std::uint16_t kPe32Plus = 0x20B;

/// A program with an optional header of `size` bytes and no sections, signed with `certificates`
/// bytes.
ByteVector program(std::uint16_t magic, std::uint32_t certificates, std::uint16_t size = 240) {
  ByteVector bytes = TestPe{}.bytes();
  bytes.resize(kOptional);
  put16(bytes, kOptional - 4, size);
  bytes.resize(kOptional + size);
  put16(bytes, kOptional, magic);
  const std::size_t directories = kOptional + (magic == kPe32Plus ? 112 : 96);
  put32(bytes, directories - 4, 16);
  append(bytes, ByteVector(64, 0xAA));
  if (certificates > 0) {
    put32(bytes, directories + 32, static_cast<std::uint32_t>(bytes.size()));
    put32(bytes, directories + 36, certificates);
    append(bytes, ByteVector(certificates, 0xCE));
  }
  return bytes;
}

class PeTest : public testing::Test {
 protected:
  std::optional<PeHeader> read(const ByteVector& bytes) {
    file_ = value_of(File::open(folder_.write("x.efi", bytes)));
    return value_of(read_pe(FileRange(file_)));
  }

  Folder folder_;
  File file_;
};

TEST_F(PeTest, SaysWhereSigningChangesIt) {
  for (const std::uint16_t magic : {kPe32, kPe32Plus}) {
    for (const std::uint32_t certificates : {0U, 24U}) {
      const ByteVector bytes = program(magic, certificates);
      const auto header = read(bytes);
      ASSERT_TRUE(header && header->signing);
      EXPECT_EQ(header->signing->checksum_at, kOptional + 64);
      EXPECT_EQ(header->signing->certificates_at, kOptional + (magic == kPe32Plus ? 144 : 128));
      EXPECT_EQ(header->signing->end, bytes.size() - certificates);
      EXPECT_EQ(header->signing->certificates, certificates);
    }
  }
}

TEST_F(PeTest, CertificatesAnywhereButAtTheEndAreNone) {
  ByteVector bytes = program(kPe32Plus, 24);
  bytes.push_back(0);
  EXPECT_FALSE(read(bytes)->signing);
  bytes.resize(bytes.size() - 2);
  EXPECT_FALSE(read(bytes)->signing);
  bytes = program(kPe32Plus, 24);
  put32(bytes, kOptional + 144, 4);  // over the headers, up to the end
  put32(bytes, kOptional + 148, static_cast<std::uint32_t>(bytes.size() - 4));
  EXPECT_FALSE(read(bytes)->signing);
  put32(bytes, kOptional + 144, 0xFFFFFFFF);
  put32(bytes, kOptional + 148, 0xFFFFFFFF);
  EXPECT_FALSE(read(bytes)->signing);
}

TEST_F(PeTest, AHeaderTooShortForCertificatesHasNone) {
  EXPECT_FALSE(read(program(kPe32Plus, 0, 151))->signing);
  EXPECT_TRUE(read(program(kPe32Plus, 0, 152))->signing);
  EXPECT_FALSE(read(program(0x107, 0))->signing);
  ByteVector bytes = program(kPe32Plus, 0);
  put32(bytes, kOptional + 108, 4);  // directories
  EXPECT_FALSE(read(bytes)->signing);
}

TEST_F(PeTest, CutOffAnywhereNothingOutsideIsRead) {
  const ByteVector whole = program(kPe32Plus, 24);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto header = read({whole.begin(), whole.begin() + static_cast<long>(size)});
    EXPECT_FALSE(header && header->signing) << size;
  }
}

}  // namespace
}  // namespace modproof::test
