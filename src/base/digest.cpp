// SPDX-License-Identifier: LGPL-2.1-or-later
// Digests as hexadecimal digits.
#include "modproof/base/digest.h"

namespace modproof {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// The value of one hexadecimal digit, or -1.
int value_of(char digit) noexcept {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  if (digit >= 'a' && digit <= 'f') {
    return digit - 'a' + 10;
  }
  if (digit >= 'A' && digit <= 'F') {
    return digit - 'A' + 10;
  }
  return -1;
}

}  // namespace

std::string to_hex(const Digest& digest) {
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

std::optional<Digest> digest_from_hex(std::string_view text) noexcept {
  if (text.size() != 2 * kDigestSize) {
    return std::nullopt;
  }
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = value_of(text[2 * i]);
    const int low = value_of(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

}  // namespace modproof
