// SPDX-License-Identifier: LGPL-2.1-or-later
// A gzip file decompressed at once by libdeflate, twice as fast as zlib does it as a stream
// (decoder.h); which also says what is wrong with a file that is not taken here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "modproof/base/bytes.h"

namespace modproof {

/// What `stored` says at its end that it decompresses to, modulo 2^32 (RFC 1952 section 2.3.1).
/// Nothing if it is not a gzip file of one member with at most a name in its head.
[[nodiscard]] std::optional<std::uint32_t> stated_gzip_size(Bytes stored) noexcept;

/// Decompresses `stored` into all of `to`. True if `stored` is one member with the right checksum
/// and nothing behind it, and decompresses to just as many bytes; otherwise any bytes are in `to`.
[[nodiscard]] bool decompress_whole_gzip(Bytes stored, MutableBytes to) noexcept;

}  // namespace modproof
