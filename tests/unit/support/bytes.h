// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes for tests: made from text, put together, and random ones that are always the same.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string_view>

#include "modproof/base/bytes.h"

namespace modproof::test {

inline ByteVector bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline ByteVector concat(std::initializer_list<Bytes> parts) {
  ByteVector all;
  for (const Bytes part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

/// The same bytes for the same seed on every machine.
inline ByteVector noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 generator(seed);
  ByteVector bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(generator() >> 24U);
  }
  return bytes;
}

}  // namespace modproof::test
