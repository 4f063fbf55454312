// SPDX-License-Identifier: LGPL-2.1-or-later
// Compression, the counterpart of decoder.h, in forms that the kernel can decompress. The same
// bytes give the same stream: no time, no name, one thread.
#pragma once

#include <functional>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file_range.h"
#include "format/compression.h"

namespace modproof {

/// Takes the next bytes of an output.
using ByteSink = std::function<Status(Bytes)>;

/// Compresses `range` as one stream, and gives it to `sink`. xz gets CRC32 as its check, the only
/// one that the kernel knows. Levels: gzip and bzip2 9, xz and lzma 6, zstd 9.
/// Errors: unsupported (lzo and lz4, which are only read); those of the sink; io; changed.
[[nodiscard]] Status compress_range(const FileRange& range, Compression compression,
                                    const ByteSink& sink);

}  // namespace modproof
