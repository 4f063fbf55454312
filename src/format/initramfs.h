// SPDX-License-Identifier: LGPL-2.1-or-later
// The initramfs: archives one behind another, which the kernel unpacks over each other
// (Documentation/driver-api/early-userspace/buffer-format.rst):
//
//     | cpio: microcode | zeros | cpio: ... | zeros | compressed ( cpio | zeros | cpio ) | zeros |
//     0                 any number of them          gzip, xz, zstd, ...
//
// The entries of an archive are those of cpio.h. A compressed part is one stream, as in the kernel;
// it is decompressed into a temporary file first, and nothing in it may be compressed once more.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "modproof/base/result.h"

#include "base/file.h"
#include "base/file_range.h"
#include "format/cpio.h"

namespace modproof {

/// Gets each file that is wanted: its name in the archive, and its contents.
struct InitramfsVisitor {
  std::function<bool(const std::string& name)> wants;
  std::function<Status(const std::string& name, File contents)> take;
};

/// True for a regular file. Of several names of one file, those before the last have no contents
/// and do not count.
[[nodiscard]] bool has_contents(const CpioEntry& entry) noexcept;

/// The contents of `entry` of `range` as a temporary file that in messages is called IMAGE:NAME.
/// Errors: io; changed.
[[nodiscard]] Result<File> contents_of(const FileRange& range, const CpioEntry& entry);

/// True if `file` starts like an initramfs: with a cpio archive, plain or compressed. Errors: io;
/// changed; malformed (a compression that is broken at once).
[[nodiscard]] Result<bool> is_initramfs(const File& file);

/// Visits the regular files in `file`, in their order. A file with several names counts under the
/// one that has its contents. `max_size` is the most bytes that a part may decompress to.
/// Errors: those of the visitor, which end the visit; malformed (neither archive nor compression
/// where one must start; an archive that is broken, cut off, has no trailer, or does not start at a
/// multiple of four; with the offset in the file, or in the message where that is in a compressed
/// part; contents that come twice for one file); unsupported (too large; a part that the kernel
/// does not decompress; a wanted name for contents that are not, see initramfs_names.h); io;
/// changed.
[[nodiscard]] Status visit_initramfs(const File& file, std::uint64_t max_size,
                                     const InitramfsVisitor& visitor);

}  // namespace modproof
