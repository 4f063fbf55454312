// SPDX-License-Identifier: LGPL-2.1-or-later
// Integers in headers that are little-endian whatever the machine: bzImage, PE, EFI zboot, gzip,
// lzma, zstd.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "modproof/base/bytes.h"

namespace modproof {

/// The integer at `at` of `bytes`, which the caller has checked to be long enough.
[[nodiscard]] inline std::uint16_t load_le16(Bytes bytes, std::size_t at = 0) {
  return load<std::uint16_t, std::endian::little>(&bytes[at]);
}
[[nodiscard]] inline std::uint32_t load_le32(Bytes bytes, std::size_t at = 0) {
  return load<std::uint32_t, std::endian::little>(&bytes[at]);
}
[[nodiscard]] inline std::uint64_t load_le64(Bytes bytes, std::size_t at = 0) {
  return load<std::uint64_t, std::endian::little>(&bytes[at]);
}

}  // namespace modproof
