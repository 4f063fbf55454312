// SPDX-License-Identifier: LGPL-2.1-or-later
// A compressed module made again with another end, as the file that was there was made.
//
// Of zstd a small file does not tell its level, and the levels in use differ by a tenth in size:
// kbuild calls zstd without one (3), distributions often with 19. So 3 and 9 are tried first, and
// taken if what they make is no larger than what was there; they cost little beside 19.
//
// Memory of a thread that compresses: zlib 0.3 MiB; liblzma 13 MiB with a dictionary of 1 MiB, as
// the kernel installs modules, and 93 MiB with 8 MiB, the largest that is written; libzstd 4 MiB at
// level 3 and 90 MiB at level 19 (5.4.1 and 1.5.4, as they estimate it themselves).
#pragma once

#include <variant>

#include "modproof/base/bytes.h"
#include "modproof/base/cancel.h"
#include "modproof/base/result.h"

#include "base/file.h"
#include "base/file_range.h"
#include "format/compression.h"
#include "format/encoder.h"

namespace modproof {

/// Bytes in memory or in a file.
using PayloadBytes = std::variant<Bytes, FileRange>;

/// Compresses `payload` and `trailer` behind it in the way of `stored`, which is compressed with
/// `compression` (see stream_settings.h), and gives it to `sink`.
/// Errors: those of settings_of() and of the sink; io; changed; interrupted.
[[nodiscard]] Status recompress(const File& stored, Compression compression,
                                const PayloadBytes& payload, Bytes trailer, const Cancel* cancel,
                                const ByteSink& sink);

}  // namespace modproof
