// SPDX-License-Identifier: LGPL-2.1-or-later
// Which compression a file is in, told by its first bytes and never by its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

enum class Compression : std::uint8_t {
  none,
  gzip,
  bzip2,
  lzma,  ///< what came before xz
  xz,
  lzo,         ///< in the format of lzop
  lz4_legacy,  ///< without checksums, as kernels are compressed
  lz4,
  zstd,
};

/// How many bytes compression_of() wants to see.
inline constexpr std::size_t kCompressionHead = 13;

/// `none`, `gzip`, `bzip2`, `lzma`, `xz`, `lzo`, `lz4` (both kinds), `zstd`.
[[nodiscard]] std::string_view name_of(Compression compression) noexcept;

/// The compression of the file that starts with `head`.
/// Magic numbers: gzip RFC 1952 section 2.3.1, xz file format 1.2.1 section 2.1.1.1, zstd RFC 8878
/// section 3.1.1, lz4 frame format 1.6.1. lzma has none: it is told by the properties that
/// everybody uses (lc 3, lp 0, pb 2), a dictionary that is a whole number of 64 KiB, and a size
/// that is not known or below 2^40.
[[nodiscard]] Compression compression_of(Bytes head) noexcept;

/// Errors: unsupported, if the file `path` that starts with `head` is compressed.
[[nodiscard]] Status check_not_compressed(Bytes head, std::string path = {});

}  // namespace modproof
