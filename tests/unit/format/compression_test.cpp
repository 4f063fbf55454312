// SPDX-License-Identifier: LGPL-2.1-or-later
// Compressed files are told by their first bytes.
#include "format/compression.h"

#include <string>

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

using std::string_literals::operator""s;

TEST(Compression, IsToldByTheFirstBytes) {
  const struct {
    std::string magic;
    Compression compression;
    std::string_view name;
  } cases[] = {{"\x1f\x8b\x08"s, Compression::gzip, "gzip"},
               {"\xfd"
                "7zXZ\0"s,
                Compression::xz, "xz"},
               {"\x28\xb5\x2f\xfd"s, Compression::zstd, "zstd"}};
  for (const auto& [magic, compression, name] : cases) {
    EXPECT_EQ(compression_of(bytes_of(magic)), compression) << name;
    EXPECT_EQ(compression_of(bytes_of(magic + "more")), compression) << name;
    EXPECT_EQ(compression_of(bytes_of(magic.substr(0, magic.size() - 1))), Compression::none);
    EXPECT_EQ(compression_of(bytes_of(" " + magic)), Compression::none);
    EXPECT_EQ(name_of(compression), name);
    expect_error_at(check_not_compressed(bytes_of(magic)), ErrorKind::unsupported, 0);
  }
}

TEST(Compression, OtherFilesAreNotCompressed) {
  for (const std::string& head : {""s,
                                  "\x7f"
                                  "ELF"s,
                                  "\x1f\x8b\x07"s}) {
    EXPECT_EQ(compression_of(bytes_of(head)), Compression::none);
    EXPECT_TRUE(check_not_compressed(bytes_of(head)).has_value());
  }
  EXPECT_EQ(name_of(Compression::none), "none");
}

}  // namespace
}  // namespace modproof::test
