// SPDX-License-Identifier: LGPL-2.1-or-later
// A file without a name, for what is too large to be held in memory: a kernel that was
// decompressed.
#pragma once

#include <cstdint>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"
#include "base/file_range.h"

namespace modproof {

/// A new, empty file under $TMPDIR (or /tmp) that has no name: its space is free again as soon as
/// the last descriptor is closed, even if the process is killed.
class TemporaryFile {
 public:
  /// Errors: io.
  [[nodiscard]] static Result<TemporaryFile> create();

  /// The same in memory and on no file system, for what is known to be small. Errors: io.
  [[nodiscard]] static Result<TemporaryFile> create_in_memory();

  ~TemporaryFile();
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;

  /// Bytes written so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// Errors: io (the file system is full, ...).
  [[nodiscard]] Status append(Bytes bytes);

  /// Appends a copy of `range`. Errors: io; changed.
  [[nodiscard]] Status append_range(const FileRange& range);

  /// What was written, to be read; in messages the file is called `path`. Errors: io.
  [[nodiscard]] Result<File> finish(std::string path) &&;

 private:
  TemporaryFile() = default;

  std::string directory_;  // for messages
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace modproof
