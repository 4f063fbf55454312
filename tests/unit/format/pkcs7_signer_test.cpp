// SPDX-License-Identifier: LGPL-2.1-or-later
// Who signed: read from good messages, refused with a place in all others.
#include "modproof/format/pkcs7_signer.h"

#include <gtest/gtest.h>

#include "support/expect.h"
#include "support/pkcs7_writer.h"

namespace modproof::test {
namespace {

TEST(Pkcs7Signer, NamedByIssuerAndSerialNumber) {
  const TestPkcs7 message;
  const Pkcs7Signer signer = value_of(read_pkcs7_signer(message.bytes()));
  EXPECT_EQ(signer.name, "Test key");
  EXPECT_EQ(signer.key, message.serial);
  EXPECT_EQ(signer.hash, "sha256");
  EXPECT_EQ(signer.signature, message.signature);
}

TEST(Pkcs7Signer, NamedByKeyIdentifier) {
  const ByteVector key = noise(20, 2);
  const Pkcs7Signer signer = value_of(read_pkcs7_signer(TestPkcs7{.key_id = key}.bytes()));
  EXPECT_FALSE(signer.name.has_value());
  EXPECT_EQ(signer.key, key);
}

TEST(Pkcs7Signer, WithoutACommonNameTheLastEntry) {
  const TestPkcs7 message{.name = "Testers", .attribute = {0x55, 0x04, 10}};
  EXPECT_EQ(value_of(read_pkcs7_signer(message.bytes())).name, "Testers");
}

TEST(Pkcs7Signer, OfSeveralTheFirst) {
  EXPECT_EQ(value_of(read_pkcs7_signer(TestPkcs7{.signers = 3}.bytes())).name, "Test key");
}

TEST(Pkcs7Signer, NamesOfOtherStringsBecomeUtf8) {
  const TestPkcs7 latin{.name =
                            "Pr\xFC"
                            "fer",
                        .name_tag = 0x14};
  EXPECT_EQ(value_of(read_pkcs7_signer(latin.bytes())).name, "Prüfer");
  const TestPkcs7 printable{.name = "Key", .name_tag = 0x13};
  EXPECT_EQ(value_of(read_pkcs7_signer(printable.bytes())).name, "Key");
}

TEST(Pkcs7Signer, AHashWithoutANameIsItsNumber) {
  EXPECT_EQ(value_of(read_pkcs7_signer(TestPkcs7{.hash = {0x2A, 3, 4}}.bytes())).hash, "1.2.3.4");
}

TEST(Pkcs7Signer, BytesBehindItAreRefusedWhereTheyStart) {
  ByteVector bytes = TestPkcs7().bytes();
  const std::size_t size = bytes.size();
  bytes.resize(size + 3);
  expect_error_at(read_pkcs7_signer(bytes), ErrorKind::malformed, size);
}

TEST(Pkcs7Signer, WhatSaysNobodyIsRefused) {
  expect_error_at(read_pkcs7_signer(TestPkcs7{.signers = 0}.bytes()), ErrorKind::malformed, 0);
  expect_error_at(read_pkcs7_signer(TestPkcs7{.name = "\xFF\xFE"}.bytes()), ErrorKind::malformed,
                  0);
  expect_error_at(read_pkcs7_signer({}), ErrorKind::malformed, 0);
  expect_error_at(read_pkcs7_signer(bytes_of("signature")), ErrorKind::malformed, 0);
}

TEST(Pkcs7Signer, TooLargeIsNotRead) {
  expect_error_at(read_pkcs7_signer(ByteVector(kMaxPkcs7Size + 1)), ErrorKind::unsupported, 0);
}

TEST(Pkcs7Signer, CutOffAnywhereItIsRefused) {
  const ByteVector whole = TestPkcs7().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error(read_pkcs7_signer(Bytes(whole).first(size)), ErrorKind::malformed);
  }
}

TEST(Pkcs7Signer, WithAnyByteChangedItIsReadOrRefused) {
  ByteVector bytes = TestPkcs7().bytes();
  for (std::uint8_t& byte : bytes) {
    for (const int change : {1, 0x20, 0x80, 0xFF}) {
      const std::uint8_t before = byte;
      byte = static_cast<std::uint8_t>(byte ^ change);
      if (const auto signer = read_pkcs7_signer(bytes); !signer) {
        EXPECT_TRUE(signer.error().offset && *signer.error().offset <= bytes.size());
      }
      byte = before;
    }
  }
}

}  // namespace
}  // namespace modproof::test
