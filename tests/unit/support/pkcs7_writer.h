// SPDX-License-Identifier: LGPL-2.1-or-later
// PKCS#7 messages for tests, part by part (RFC 5652, DER).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "support/bytes.h"

namespace modproof::test {

/// An element of fewer than 65536 bytes.
inline ByteVector der(std::uint8_t tag, std::initializer_list<Bytes> parts) {
  const ByteVector body = concat(parts);
  ByteVector whole{tag};
  if (body.size() >= 128) {
    whole.push_back(0x82);
    whole.push_back(static_cast<std::uint8_t>(body.size() >> 8U));
  }
  whole.push_back(static_cast<std::uint8_t>(body.size()));
  whole.insert(whole.end(), body.begin(), body.end());
  return whole;
}

struct TestPkcs7 {
  std::string_view name = "Test key";
  std::uint8_t name_tag = 0x0C;            ///< UTF8String
  ByteVector attribute = {0x55, 0x04, 3};  ///< commonName
  ByteVector serial = {0x12, 0x34, 0xAB};
  ByteVector key_id;  ///< instead of name and serial, if not empty
  ByteVector hash = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};  ///< sha256
  ByteVector signature = noise(256, 1);
  int signers = 1;

  [[nodiscard]] ByteVector bytes() const {
    const ByteVector signed_data = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02};
    const ByteVector data = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};
    const ByteVector rsa = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
    const ByteVector algorithm = der(0x30, {der(6, {hash})});
    const ByteVector entry = der(0x30, {der(6, {attribute}), der(name_tag, {bytes_of(name)})});
    const ByteVector issuer = der(0x30, {der(0x31, {entry})});
    const ByteVector who =
        key_id.empty() ? der(0x30, {issuer, der(2, {serial})}) : der(0x80, {key_id});
    const ByteVector version = der(2, {ByteVector{std::uint8_t(key_id.empty() ? 1 : 3)}});
    const ByteVector signer =
        der(0x30, {version, who, algorithm, der(0x30, {der(6, {rsa})}), der(4, {signature})});
    ByteVector all;
    for (int i = 0; i < signers; ++i) {
      all = concat({all, signer});
    }
    const ByteVector content = der(0x30, {der(2, {ByteVector{1}}), der(0x31, {algorithm}),
                                          der(0x30, {der(6, {data})}), der(0x31, {all})});
    return der(0x30, {der(6, {signed_data}), der(0xA0, {content})});
  }
};

}  // namespace modproof::test
