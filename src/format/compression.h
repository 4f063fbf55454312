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

enum class Compression : std::uint8_t { none, gzip, xz, zstd };

/// How many bytes compression_of() wants to see.
inline constexpr std::size_t kCompressionHead = 6;

/// `none`, `gzip`, `xz`, `zstd`.
[[nodiscard]] std::string_view name_of(Compression compression) noexcept;

/// The compression of the file that starts with `head`.
/// Magic numbers: gzip RFC 1952 section 2.3.1, xz file format 1.2.1 section 2.1.1.1, zstd RFC 8878
/// section 3.1.1.
[[nodiscard]] Compression compression_of(Bytes head) noexcept;

/// Errors: unsupported, if the file `path` that starts with `head` is compressed.
[[nodiscard]] Status check_not_compressed(Bytes head, std::string path = {});

}  // namespace modproof
