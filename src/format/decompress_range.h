// SPDX-License-Identifier: LGPL-2.1-or-later
// Part of a file, decompressed into a temporary file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "modproof/base/result.h"

#include "base/file.h"
#include "base/file_range.h"
#include "format/compression.h"
#include "format/decoder.h"

namespace modproof {

/// The most bytes that something may have.
struct SizeLimit {
  // NOLINTNEXTLINE(google-explicit-constructor): a number of bytes is one without an option
  SizeLimit(std::uint64_t most, std::string_view allowing = {}) : bytes(most), option(allowing) {}

  std::uint64_t bytes;
  std::string_view option;  ///< of the command line that allows more; empty if there is none
};

/// What the message about something larger than `limit` ends in, behind what it has to say.
[[nodiscard]] std::string beyond(const SizeLimit& limit);

/// What `range` decompresses to, as a temporary file within `limit` that in messages has
/// the path of the file. Memory is that of the decompressor, whatever the sizes.
/// Errors: malformed (broken, cut off, bytes behind the end; with the offset of the range);
/// unsupported (more than `limit`); io; changed.
[[nodiscard]] Result<File> decompress_to_file(const FileRange& range, Compression compression,
                                              const SizeLimit& limit, Rules rules = Rules::tools);

/// The same for one stream behind which other things may stand, another stream among them: what
/// comes after it is left alone, and `used` is set to the number of bytes of `range` that the
/// stream took. `limit` is the one of an initramfs.
[[nodiscard]] Result<File> decompress_prefix_to_file(const FileRange& range,
                                                     Compression compression, std::uint64_t limit,
                                                     std::uint64_t& used);

/// The first `most` bytes of what `range` decompresses to, or all where there are fewer.
/// Errors: as decompress_to_file(), as far as these bytes show it.
[[nodiscard]] Result<ByteVector> decompressed_head(const FileRange& range, Compression compression,
                                                   std::size_t most);

}  // namespace modproof
