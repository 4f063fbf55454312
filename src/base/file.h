// SPDX-License-Identifier: LGPL-2.1-or-later
// A file opened for reading, and the stamp by which a change of it is noticed.
//
// Module files are read with pread into buffers and never mapped: a file that shrinks under a
// mapping kills the process with SIGBUS, a file that shrinks under pread is an error value.
#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// What tells one state of a file from another: if two stamps are equal, no write came between
/// (as far as the clock of the file system can tell).
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_seconds = 0;
  std::int64_t modified_nanoseconds = 0;
  std::int64_t changed_seconds = 0;
  std::int64_t changed_nanoseconds = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// What a file of this mode is called in a message: `a directory`, `a FIFO`, ...
[[nodiscard]] const char* kind_of_file(mode_t mode) noexcept;

/// True if `path`, followed through symbolic links, is a directory; false if it is not to be found.
[[nodiscard]] bool is_directory(const std::string& path) noexcept;

[[nodiscard]] FileStamp stamp_of(const struct stat& status) noexcept;

/// True if two stamps are of one file with the same contents, as far as size and time of
/// modification tell. The time of change is left out: making or removing another link to the file
/// moves it.
[[nodiscard]] bool same_contents(const FileStamp& a, const FileStamp& b) noexcept;

/// An open regular file. Owns its descriptor.
class File {
 public:
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  /// Opens `path` for reading, following symbolic links.
  /// Errors: io (cannot be opened), malformed (a directory, FIFO, device or socket: only regular
  /// files are read, and opening one of the others never blocks).
  [[nodiscard]] static Result<File> open(std::string path);

  /// As open(), but for reading and writing in place.
  [[nodiscard]] static Result<File> open_writable(std::string path);

  /// Takes over `descriptor` of a regular file that is open for reading. Errors: io.
  [[nodiscard]] static Result<File> adopt(int descriptor, std::string path);

  /// The same open file once more, with a descriptor of its own. Errors: io.
  [[nodiscard]] Result<File> duplicate() const;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  /// State when opened.
  [[nodiscard]] const struct stat& status() const noexcept { return status_; }
  /// Size in bytes when opened.
  [[nodiscard]] std::uint64_t size() const noexcept {
    return static_cast<std::uint64_t>(status_.st_size);
  }
  [[nodiscard]] FileStamp stamp() const noexcept { return stamp_of(status_); }

  /// Fills `to` with the bytes at `offset`.
  /// Errors: io; changed (the file ends before `to` is full, so it shrank).
  [[nodiscard]] Status read_at(std::uint64_t offset, MutableBytes to) const;

  /// Errors: changed, if the file is not in the state in which it was opened.
  [[nodiscard]] Status check_unchanged() const;

 private:
  [[nodiscard]] static Result<File> open_with(std::string path, int flags);

  std::string path_;
  int descriptor_ = -1;
  struct stat status_{};
};

/// The whole of a file of at most `limit` bytes.
/// Errors: as File::open and File::read_at; unsupported (larger than the limit).
[[nodiscard]] Result<ByteVector> read_file(const std::string& path, std::uint64_t limit);

}  // namespace modproof
