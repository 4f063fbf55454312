// SPDX-License-Identifier: LGPL-2.1-or-later
// lzo as lzop writes it, integers big-endian:
//
//     | 89 "LZO" 00 0D 0A 1A 0A | u16 version, library, needed | u8 method, level | u32 flags |
//     | u32 mode, time, time | u8 length, name | u32 checksum of all since the magic |
//     | u32 size of data, 0 at the end | u32 size of block | checksums, see flags | block | ...
//
// A block that does not get smaller is stored as it is, with one size twice and without the
// checksums of what is compressed. The kernel (lib/decompress_unlzo.c) takes blocks of at most 256
// KiB, and one checksum in front of each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/range_reader.h"

namespace modproof {

struct LzopHeader {
  /// The flags that say which checksums a block has, each 4 bytes, in this order.
  static constexpr std::uint32_t kAdlerOfData = 0x1;
  static constexpr std::uint32_t kCrcOfData = 0x100;
  static constexpr std::uint32_t kAdlerOfBlock = 0x2;
  static constexpr std::uint32_t kCrcOfBlock = 0x200;

  ByteVector bytes;         ///< all of it, from the magic to its checksum
  std::uint8_t method = 0;  ///< 1: LZO1X-1, 2: LZO1X-1(15), 3: LZO1X-999
  std::uint8_t level = 0;   ///< of LZO1X-999, 1 to 9
  std::uint32_t flags = 0;
  friend bool operator==(const LzopHeader&, const LzopHeader&) = default;
};

/// The largest block that lzop can be told to write, in bytes of data.
inline constexpr std::uint32_t kMostLzopBlock = 64U << 20U;

/// The largest one that the kernel takes, and that lzop writes unless told otherwise.
inline constexpr std::uint32_t kMostLzopBlockOfKernel = 256U << 10U;

/// Reads a header, the magic included, by which it was recognised.
/// Errors: malformed (cut off; its checksum is wrong); unsupported (a version before 0.940, an
/// unknown method, a filter or an extra field); each with the offset in the file; io; changed.
[[nodiscard]] Result<LzopHeader> read_lzop_header(RangeReader& source);

}  // namespace modproof
