// SPDX-License-Identifier: LGPL-2.1-or-later
// From one end of an initramfs (see initramfs.h) to the other, byte after byte.
#pragma once

#include <cstdint>

#include "modproof/base/result.h"

#include "base/file.h"
#include "base/file_range.h"
#include "format/compression.h"
#include "format/cpio.h"

namespace modproof {

/// Told of each thing in an initramfs, in order. Entries, zeros and compressed parts, put together,
/// are all of the image; entries and zeros between the begin and the end of a part are all of what
/// it decompresses to. An error ends the walk.
class InitramfsWalker {
 public:
  virtual ~InitramfsWalker() = default;

  /// Zeros between archives, or behind the last.
  [[nodiscard]] virtual Status zeros(const FileRange& /*zeros*/) { return {}; }

  /// An entry of an archive, trailers included; offsets in `entry` are in `range`.
  [[nodiscard]] virtual Status entry(const FileRange& range, const CpioEntry& entry) = 0;

  /// What comes now is what `compressed`, a stream in the image, decompresses to.
  [[nodiscard]] virtual Status part_begins(const FileRange& /*compressed*/,
                                           Compression /*compression*/) {
    return {};
  }
  [[nodiscard]] virtual Status part_ends(const FileRange& /*compressed*/,
                                         Compression /*compression*/) {
    return {};
  }
};

/// Errors: those of the walker, and those of visit_initramfs().
[[nodiscard]] Status walk_initramfs(const File& file, std::uint64_t max_size,
                                    InitramfsWalker& walker);

}  // namespace modproof
