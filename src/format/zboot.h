// SPDX-License-Identifier: LGPL-2.1-or-later
// The EFI zboot image (vmlinuz.efi of arm64, riscv and loongarch): an EFI program that holds a
// compressed Image.
//
//     0    4        8                12             24                    payload_offset
//     | MZ | "zimg" | payload_offset | payload_size | compression | PE .. | payload | size |
//                   | u32            | u32          | "gzip", NUL |       |         | u32  |
//
// Integers are little-endian (drivers/firmware/efi/libstub/zboot-header.S). Other than in a bzImage
// the word with the size of what was compressed is not part of payload_size; gzip has none.
#pragma once

#include <cstdint>
#include <string>

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// How many bytes is_zboot() wants to see.
inline constexpr std::size_t kZbootHead = 56;

/// True if what starts with `head` is a zboot image.
[[nodiscard]] bool is_zboot(Bytes head) noexcept;

struct Zboot {
  FileRange payload;
  std::string compression;  ///< as the header calls it
};

/// Reads the header of `image`, for which is_zboot() is true.
/// Errors: malformed (cut off; a payload outside the file; a compression without an end); io.
[[nodiscard]] Result<Zboot> read_zboot(const FileRange& image);

}  // namespace modproof
