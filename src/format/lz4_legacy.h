// SPDX-License-Identifier: LGPL-2.1-or-later
// lz4 as kernels and initramfs images are compressed with it (lz4 -l), integers little-endian;
// there is no end but that of the file, or zeros:
//
//     | u32 0x184C2102 | u32 size | block: 8 MiB of data, the last less | u32 size | block | ...
#pragma once

#include <cstddef>
#include <cstdint>

namespace modproof {

inline constexpr std::uint32_t kLz4LegacyMagic = 0x184C2102;
inline constexpr std::size_t kLz4LegacyBlock = std::size_t{8} << 20U;  ///< bytes of data

}  // namespace modproof
