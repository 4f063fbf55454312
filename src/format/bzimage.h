// SPDX-License-Identifier: LGPL-2.1-or-later
// The x86 bzImage: a boot sector and setup code, then a program that holds the compressed kernel.
//
//     0       0x1F1          (setup_sects + 1) * 512          + payload_offset
//     | boot  | setup header | code in front of the payload   | payload (payload_length) | rest
//     | sector                                                | compressed vmlinux | u32 |
//                                                                             its size ^
//
// The setup header (Documentation/arch/x86/boot.rst), integers little-endian:
//
//     0x1F1 u8  setup_sects, 0 means 4     0x206 u16 boot protocol, major * 256 + minor
//     0x1FE u16 0xAA55                     0x20E u16 version string, less 0x200
//     0x202     "HdrS"                     0x248 u32 payload_offset, 0x24C u32 payload_length
//     (2.08)
//
// The payload is an ELF file without symbols (and, with CONFIG_X86_NEED_RELOCS, relocations behind
// it), compressed. In every compression but gzip, which has it anyway, a word with the size of what
// was compressed stands behind it; it counts as part of the payload.
#pragma once

#include <cstdint>
#include <string>

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// How many bytes is_bzimage() wants to see.
inline constexpr std::size_t kBzimageHead = 0x250;

/// True if what starts with `head` has a setup header.
[[nodiscard]] bool is_bzimage(Bytes head) noexcept;

struct Bzimage {
  unsigned protocol = 0;  ///< major * 256 + minor
  FileRange payload;
  std::string version;  ///< as the header has it, without `Linux version`; empty if it has none
};

/// Reads the setup header of `image`, for which is_bzimage() is true.
/// Errors: malformed (cut off; a payload outside the file); unsupported (a boot protocol before
/// 2.08, which does not say where the payload is); io.
[[nodiscard]] Result<Bzimage> read_bzimage(const FileRange& image);

}  // namespace modproof
