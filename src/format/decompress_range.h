// SPDX-License-Identifier: LGPL-2.1-or-later
// Part of a file, decompressed into a temporary file.
#pragma once

#include <cstdint>

#include "modproof/base/result.h"

#include "base/file.h"
#include "base/file_range.h"
#include "format/compression.h"
#include "format/decoder.h"

namespace modproof {

/// What `range` decompresses to, as a temporary file of at most `limit` bytes that in messages has
/// the path of the file. Memory is that of the decompressor, whatever the sizes.
/// Errors: malformed (broken, cut off, bytes behind the end; with the offset of the range);
/// unsupported (more than `limit` bytes); io; changed.
[[nodiscard]] Result<File> decompress_to_file(const FileRange& range, Compression compression,
                                              std::uint64_t limit, Rules rules = Rules::tools);

/// The same for one stream behind which other things may stand, another stream among them: what
/// comes after it is left alone, and `used` is set to the number of bytes of `range` that the
/// stream took.
[[nodiscard]] Result<File> decompress_prefix_to_file(const FileRange& range,
                                                     Compression compression, std::uint64_t limit,
                                                     std::uint64_t& used);

/// The first `most` bytes of what `range` decompresses to, or all where there are fewer.
/// Errors: as decompress_to_file(), as far as these bytes show it.
[[nodiscard]] Result<ByteVector> decompressed_head(const FileRange& range, Compression compression,
                                                   std::size_t most);

}  // namespace modproof
