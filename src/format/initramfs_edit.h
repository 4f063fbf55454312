// SPDX-License-Identifier: LGPL-2.1-or-later
// An initramfs with some of its files longer than before, and everything else as it was.
//
// Entries keep their order and all of their header but size and checksum. Zeros between archives
// stay. A compressed part in which nothing changes keeps its bytes; another one is compressed again
// in the same way (see encoder.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"
#include "format/encoder.h"

namespace modproof {

/// Says what comes to the end of each file that is wanted; nothing, if it stays as it is.
struct InitramfsEditor {
  std::function<bool(const std::string& name)> wants;
  std::function<Result<ByteVector>(const std::string& name, File contents)> append;
};

/// Gives the edited image to `sink`.
/// Errors: those of the editor and the sink, which end it; those of visit_initramfs(); unsupported
/// (a changed part is compressed in a way that is only read; a file gets too large for cpio).
[[nodiscard]] Status edit_initramfs(const File& file, std::uint64_t max_size,
                                    const InitramfsEditor& editor, const ByteSink& sink);

}  // namespace modproof
