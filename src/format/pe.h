// SPDX-License-Identifier: LGPL-2.1-or-later
// The headers of an EFI program (PE), which every kernel image with an EFI stub is, too:
//
//     0        0x3C          PE offset       + 24                 + optional header
//     | "MZ"   | u32 offset | "PE\0\0" COFF  | optional header    | section table, 40 bytes each
//
// Integers are little-endian (PE format). To sign such a file for Secure Boot (Authenticode) is to
// append certificates and to change two places in the optional header, whose magic number says
// where they are:
//
//     checksum of the file, u32                            64 in the optional header
//     certificates: u32 offset in the file, u32 size       128 (magic 0x10B) or 144 (0x20B)
#pragma once

#include <cstdint>
#include <optional>

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

inline constexpr std::size_t kPeSectionHeader = 40;

/// What signing changes in an EFI program. Offsets are those in the image.
struct PeSigning {
  std::uint64_t checksum_at = 0;      ///< 4 bytes
  std::uint64_t certificates_at = 0;  ///< 8 bytes that say where the certificates are
  std::uint64_t end = 0;              ///< of what is signed; behind it nothing but certificates
  std::uint64_t certificates = 0;     ///< bytes of them; 0 if it is not signed
};

struct PeHeader {
  std::uint64_t sections_at = 0;  ///< of the section table in the image
  std::uint64_t sections = 0;     ///< in that table; it may reach past the end of the image
  std::uint64_t count_at = 0;     ///< of the number of sections
  /// Nothing if the header is too short for it, or says that certificates lie anywhere but at the
  /// end of the image.
  std::optional<PeSigning> signing;
};

/// The headers of `image`; nothing if it is no PE file. Errors: io; changed.
[[nodiscard]] Result<std::optional<PeHeader>> read_pe(const FileRange& image);

}  // namespace modproof
