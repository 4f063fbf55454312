// SPDX-License-Identifier: LGPL-2.1-or-later
// What the tests of SHA-256 compare with: OpenSSL's EVP interface, called directly and whole, so
// that nothing of the code under test is in between.
#pragma once

#include <cstdint>
#include <random>
#include <stdexcept>

#include <openssl/evp.h>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"

namespace modproof::test {

inline Digest evp_sha256(Bytes message) {
  Digest digest{};
  // EVP_Digest takes no null pointer, which an empty span may be.
  const std::uint8_t nothing = 0;
  const void* data = message.empty() ? &nothing : message.data();
  if (EVP_Digest(data, message.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("EVP_Digest failed");
  }
  return digest;
}

/// The same bytes for the same seed on every machine.
inline ByteVector random_bytes(std::size_t size, std::uint32_t seed) {
  std::mt19937 generator(seed);
  ByteVector bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(generator() >> 24);
  }
  return bytes;
}

}  // namespace modproof::test
