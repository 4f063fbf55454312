// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the payload of an rpm starts.
#include "format/rpm.h"

#include <string>

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

/// A header with `entries` entries and `data` bytes of data.
std::string rpm_header(unsigned entries, unsigned data) {
  std::string bytes("\x8E\xAD\xE8\x01\0\0\0\0\0\0\0", 11);
  bytes += static_cast<char>(entries);
  bytes += std::string(3, '\0');
  bytes += static_cast<char>(data);
  return bytes + std::string(16 * entries + data, 'x');
}

std::string rpm(unsigned signature_data) {
  std::string bytes("\xED\xAB\xEE\xDB");
  bytes.resize(96);
  bytes += rpm_header(1, signature_data);
  bytes.resize((bytes.size() + 7) / 8 * 8);
  return bytes + rpm_header(2, 3);
}

class RpmTest : public testing::Test {
 protected:
  Result<FileRange> payload(const std::string& bytes) {
    file_ = value_of(File::open(folder_.write("rpm", bytes_of(bytes))));
    return rpm_payload(FileRange(file_));
  }

  Folder folder_;
  File file_;
};

TEST_F(RpmTest, PayloadStandsBehindTheHeaders) {
  for (unsigned data = 0; data < 9; ++data) {
    const std::string headers = rpm(data);
    EXPECT_TRUE(is_rpm(bytes_of(headers)));
    const FileRange found = value_of(payload(headers + "payload"));
    EXPECT_EQ(found.offset(), headers.size());
    EXPECT_EQ(found.size(), 7U);
  }
}

TEST_F(RpmTest, CutOffInTheHeadersIsMalformed) {
  const std::string headers = rpm(5);
  for (std::size_t size = 4; size < headers.size(); ++size) {
    EXPECT_EQ(error_of(payload(headers.substr(0, size))).kind, ErrorKind::malformed) << size;
  }
}

TEST_F(RpmTest, SizesThatReachPastTheEndAreMalformed) {
  std::string bytes = rpm(5);
  bytes.replace(96 + 8, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  EXPECT_EQ(error_of(payload(bytes)).kind, ErrorKind::malformed);
  bytes = rpm(5);
  bytes[96] = 0;
  const Error error = error_of(payload(bytes));
  EXPECT_EQ(error.kind, ErrorKind::malformed);
  EXPECT_EQ(error.offset, 96U);
}

}  // namespace
}  // namespace modproof::test
