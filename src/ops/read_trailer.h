// SPDX-License-Identifier: LGPL-2.1-or-later
// The trailer of one file, and whether that is to be looked for in it at all.
#pragma once

#include <algorithm>

#include "modproof/format/trailer.h"

#include "base/file.h"
#include "base/try.h"
#include "format/compression.h"

namespace modproof {

/// Reads the trailer in which the first `size` bytes of `file` end.
/// Errors: io, changed, and those of parse_trailer() with the path.
[[nodiscard]] inline Result<Trailer> read_trailer_of(const File& file, std::uint64_t size) {
  ByteVector tail(static_cast<std::size_t>(std::min<std::uint64_t>(size, kTrailerWindow)));
  MODPROOF_TRY(file.read_at(size - tail.size(), tail));
  auto trailer = parse_trailer(tail, size);
  if (!trailer) {
    trailer.error().path = file.path();
  }
  return trailer;
}

/// The outermost trailer of `file`. Errors: those of read_trailer_of().
[[nodiscard]] inline Result<Trailer> read_trailer(const File& file) {
  return read_trailer_of(file, file.size());
}

/// Errors: unsupported, if `file` is compressed; io, changed.
[[nodiscard]] inline Status check_plain(const File& file) {
  ByteVector head(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kCompressionHead)));
  MODPROOF_TRY(file.read_at(0, head));
  return check_not_compressed(head, file.path());
}

}  // namespace modproof
