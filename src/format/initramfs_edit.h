// SPDX-License-Identifier: LGPL-2.1-or-later
// An initramfs with some of its files longer than before or replaced, and everything else as it
// was.
//
// Entries keep their order and all of their header but size and checksum. Zeros between archives
// stay. A compressed part in which nothing changes keeps its bytes; another one is compressed again
// in the same way (see stream_settings.h), with up to three zeros behind it if something follows,
// as an archive has to start at a multiple of four.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"
#include "format/encoder.h"

namespace modproof {

/// What becomes of the contents of a file; without either they stay as they are.
struct InitramfsChange {
  ByteVector appended;           ///< comes to their end
  std::optional<File> replaced;  ///< comes in their place
};

/// Says what becomes of each file that is wanted.
struct InitramfsEditor {
  std::function<bool(const std::string& name)> wants;
  std::function<Result<InitramfsChange>(const std::string& name, File contents)> edit;
};

/// Gives the edited image to `sink`.
/// Errors: those of the editor and the sink, which end it; those of visit_initramfs(); unsupported
/// (a changed part is compressed in a way that is only read; a file gets too large for cpio).
[[nodiscard]] Status edit_initramfs(const File& file, std::uint64_t max_size,
                                    const InitramfsEditor& editor, const ByteSink& sink);

}  // namespace modproof
