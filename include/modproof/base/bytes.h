// SPDX-License-Identifier: LGPL-2.1-or-later
// Names for runs of bytes, and integers of a fixed byte order read from and written to them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace modproof {

/// Bytes that belong to somebody else; the viewer never outlives them.
using Bytes = std::span<const std::uint8_t>;
/// The same, to be written to.
using MutableBytes = std::span<std::uint8_t>;
/// Bytes that are owned.
using ByteVector = std::vector<std::uint8_t>;

/// The bytes of `text`, which outlives what is returned.
[[nodiscard]] inline Bytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// `bytes`, which outlive what is returned, as text; whether they are any is not looked at.
[[nodiscard]] inline std::string_view text_of(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// True if `bytes` start with `magic`.
[[nodiscard]] inline bool starts_with(Bytes bytes, std::string_view magic) noexcept {
  return text_of(bytes).starts_with(magic);
}

/// Reads an unsigned integer of byte order `Order`. The caller has checked that sizeof(T) bytes
/// stand at `from`; no alignment is needed.
template <typename T, std::endian Order>
[[nodiscard]] inline T load(const std::uint8_t* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return Order == std::endian::native ? value : std::byteswap(value);
}

/// Writes `value` in byte order `Order` to the sizeof(T) bytes at `to`; no alignment is needed.
template <typename T, std::endian Order>
inline void store(std::uint8_t* to, T value) noexcept {
  if constexpr (Order != std::endian::native) {
    value = std::byteswap(value);
  }
  std::memcpy(to, &value, sizeof value);
}

[[nodiscard]] inline std::uint32_t load_be32(const std::uint8_t* from) noexcept {
  return load<std::uint32_t, std::endian::big>(from);
}
inline void store_be32(std::uint8_t* to, std::uint32_t value) noexcept {
  store<std::uint32_t, std::endian::big>(to, value);
}

}  // namespace modproof
