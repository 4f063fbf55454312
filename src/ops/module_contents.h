// SPDX-License-Identifier: LGPL-2.1-or-later
// A module as the kernel sees it: what stands in a plain file, or what a compressed one (gzip, xz,
// zstd) decompresses to. Which of them a file is, its first bytes say and never its name.
//
// Trailer, payload and proof are those of the decompressed module. A compressed module is one
// stream and nothing else: of several the kernel would read the first and kmod all of them, so what
// was checked might not be what is loaded.
//
// Memory: a decompressed module of at most kModuleInMemory bytes is held in memory, a larger one in
// a temporary file without a name in $TMPDIR (or /tmp). The decompressor takes what the file asks
// for, a dictionary of 1 MiB as the kernel installs modules, and at most kDecoderMemory; of gzip
// also the compressed file, of at most kModuleInMemory bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"
#include "format/compression.h"

namespace modproof {

/// With the 16 lanes that a thread has at most: 64 MiB a thread.
inline constexpr std::size_t kModuleInMemory = std::size_t{4} << 20U;

/// The compression of the module file that starts with `head`; none for a plain file, and for
/// compressions in which the kernel takes no modules.
[[nodiscard]] Compression module_compression(Bytes head) noexcept;

/// A decompressed module: in memory or, where it is too large for that, in a file.
struct DecompressedModule {
  std::size_t size = 0;      ///< bytes in memory; 0 if there is a file
  std::optional<File> file;  ///< in messages it has the path of the module
};

/// Decompresses the whole of `stored`, whose first bytes are `head`, into `buffer` from `at` on,
/// which grows as it has to and may hold `head`, or into a file. `limit` is the most bytes that it
/// may decompress to.
/// Errors: malformed (broken, cut off, bytes behind the end); unsupported (too large, needs too
/// much memory); io; changed. Offsets are in the compressed file.
[[nodiscard]] Result<DecompressedModule> decompress_module(const File& stored,
                                                           Compression compression,
                                                           std::uint64_t limit, Bytes head,
                                                           ByteVector& buffer, std::size_t at);

/// A module file for who reads here and there in it.
class ModuleContents {
 public:
  /// Errors: as File::open() and decompress_module().
  [[nodiscard]] static Result<ModuleContents> open(const std::string& path, std::uint64_t limit);

  /// The same for a file that is open. Errors: as decompress_module().
  [[nodiscard]] static Result<ModuleContents> of(File stored, std::uint64_t limit);

  /// The file as it is stored.
  [[nodiscard]] const File& stored() const noexcept { return stored_; }
  /// The file as the kernel sees it, under the same path. Lives as long as this.
  [[nodiscard]] const File& file() const noexcept {
    return decompressed_ ? *decompressed_ : stored_;
  }
  /// The same, for who needs nothing else.
  [[nodiscard]] File take_file() && {
    return decompressed_ ? std::move(*decompressed_) : std::move(stored_);
  }
  [[nodiscard]] Compression compression() const noexcept { return compression_; }

 private:
  File stored_;
  Compression compression_ = Compression::none;
  std::optional<File> decompressed_;
};

}  // namespace modproof
