// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/dsse.h"

#include <algorithm>
#include <cstdint>

#include <fmt/core.h>

#include "format/malformed.h"

namespace modproof {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Result<ByteVector> decode(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 != 0) {
    return malformed(text.size(), "base64 whose length is no multiple of 4");
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  ByteVector bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t value = 0;
    if (i < text.size() - padding) {
      value = alphabet.find(text[i]);
      if (value == std::string_view::npos) {
        return malformed(i, "no base64");
      }
    }
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    if (i % 4 != 3) {
      continue;
    }
    const std::size_t count = i + 1 == text.size() ? 3 - padding : 3;
    if (count < 3 && (bits & ((1U << (8 * (3 - count))) - 1)) != 0) {
      return malformed(i, "base64 with bits behind its last byte");
    }
    for (std::size_t k = 0; k < count; ++k) {
      bytes.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * k)));
    }
    bits = 0;
  }
  return bytes;
}

}  // namespace

std::string pre_authentication_encoding(std::string_view type, std::string_view body) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, body.size(), body);
}

std::string to_base64(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (k < count ? bytes[i + k] : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kAlphabet[bits >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

std::string to_base64(std::string_view text) { return to_base64(bytes_of(text)); }

Result<ByteVector> from_base64(std::string_view text) { return decode(text, kAlphabet); }

Result<ByteVector> from_either_base64(std::string_view text) {
  const bool url = text.find_first_of("-_") != std::string_view::npos;
  return decode(text, url ? kUrlAlphabet : kAlphabet);
}

}  // namespace modproof
