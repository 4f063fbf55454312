// SPDX-License-Identifier: LGPL-2.1-or-later
// Replacing a file so that everybody sees the old bytes or the new ones, never something between.
//
//     create()            a new file beside the target, with a name of its own, for us alone
//     append() ...        the new bytes
//     keep_metadata()     owner, mode, extended attributes and, if wanted, times of the old file
//     sync()              the bytes are on the disk
//     commit()            rename over the target: the moment of the change
//     sync_directory()    the rename is on the disk
//
// A Replacement that is destroyed before commit() removes its file, so every way out leaves the
// target as it was. What a crash or SIGKILL can leave behind is a file `.modproof-XXXXXXXXXXXX`.
//
// A symbolic link is followed: the file it points to is replaced and the link stays. Of a file with
// several hard links only the named one is replaced; the others keep the old bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"
#include "base/metadata.h"

namespace modproof {

/// Whether modification and access times of the old file are kept.
enum class Times : std::uint8_t { keep, renew };

class Replacement {
 public:
  /// Starts a replacement of `target`, which need not exist.
  /// Errors: io (no permission, read-only file system, no space, dangling symbolic link, ...);
  /// malformed (the target is there, but no regular file).
  [[nodiscard]] static Result<Replacement> create(const std::string& target);

  ~Replacement();
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&& other) noexcept;

  /// The path as given to create().
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  /// The new file beside it, for programs that write it.
  [[nodiscard]] const std::string& temporary_path() const noexcept { return temporary_; }

  /// Writes `bytes`, and `more` behind them, at the end of the new file, which is opened again if
  /// it was closed. Errors: io (disk full, ...).
  [[nodiscard]] Status append(Bytes bytes, Bytes more = {});

  /// Overwrites bytes that were appended before. Errors: io.
  [[nodiscard]] Status write_at(std::uint64_t offset, Bytes bytes);

  /// Appends `length` bytes of `source` from `offset` on, inside the kernel where it can.
  /// Errors: io; changed (the source is shorter).
  [[nodiscard]] Status append_from(const File& source, std::uint64_t offset, std::uint64_t length);

  /// Takes over owner, mode and extended attributes of `original` (see copy_metadata()), and its
  /// times if wanted; comes after the last append. From now on commit() insists that the target is
  /// still this original, with this owner and mode.
  /// Errors: io, if one of them cannot be kept.
  [[nodiscard]] Status keep_metadata(const File& original, Times times, Keep keep = Keep::all);

  /// Takes over owner, mode and extended attributes of the file that stands at the target, as far
  /// as they can be kept; where there is none, the mode of a new file. Comes after the last append.
  /// Errors: io.
  [[nodiscard]] Status keep_metadata_of_target();

  /// True if `original` is what commit() would replace now, under whatever name.
  [[nodiscard]] bool replaces(const File& original) const noexcept;

  /// For a copy under another name: commit() replaces whatever stands there.
  void replace_anything() noexcept { original_.reset(); }

  /// Closes the descriptor, so that many replacements can wait for their commit. Errors: io.
  [[nodiscard]] Status close();

  /// Asks the system to start writing the new bytes to the disk, without waiting.
  void start_writing() const noexcept;

  /// Waits until that is done. The file is safe only after a sync_file_system() that follows; what
  /// went wrong with its own bytes is reported here. Errors: io.
  [[nodiscard]] Status finish_writing() const;

  /// Waits until the new bytes are on the disk. Errors: io.
  [[nodiscard]] Status sync() const;

  /// Puts the new file in the place of the target. If it was given no metadata, it has the mode of
  /// a new file. Errors: io; changed (the target is not the original any more, or was given another
  /// owner or mode); missing (it is gone). The target is then as it was.
  [[nodiscard]] Status commit();

  /// Waits until the rename is on the disk. Errors: io.
  [[nodiscard]] Status sync_directory() const;

  /// The device that the old file is on, and so the new one; nothing without an old one.
  [[nodiscard]] std::optional<std::uint64_t> device() const noexcept {
    return original_ ? std::optional(original_->stamp.device) : std::nullopt;
  }

  /// Bytes appended so far, besides those that a program wrote to temporary_path().
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The directory that holds the target.
  [[nodiscard]] std::string directory() const;

 private:
  struct Original {
    FileStamp stamp;
    mode_t mode;
    uid_t owner;
    gid_t group;
  };

  Replacement() = default;
  void discard() noexcept;

  /// Opens the new file at its end, if it is closed. Errors: io.
  [[nodiscard]] Status reopen();

  /// Gives the new file the mode that any new file there gets. Errors: io.
  [[nodiscard]] Status take_usual_mode();

  /// Gives a descriptor of the new file to `use`, opening the file for that if it is closed.
  template <typename Use>
  [[nodiscard]] Status with_descriptor(Use use) const;

  std::string target_;     // as the caller wrote it, for messages
  std::string resolved_;   // behind symbolic links
  std::string temporary_;  // empty once committed
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  bool has_mode_ = false;  // other than the one it is written with, which lets nobody else read it
  std::optional<Original> original_;  // what commit() expects to replace
};

/// Waits until everything is on the disk that the file system of `directory` has to write: cheaper
/// than one wait a file where there are many. Linux before 5.8 does not tell all errors here, so
/// those of a file's bytes are asked for with finish_writing(). Errors: io.
[[nodiscard]] Status sync_file_system(const std::string& directory);

/// Waits until renames in `directory` are on the disk. Errors: io.
[[nodiscard]] Status sync_directory(const std::string& directory);

/// Replaces `target` by `bytes` in one go, or creates it. Owner, mode and extended attributes of
/// the file that stands there are kept as far as possible. Without `sync` the file is still whole
/// at any time while the machine runs, but a crash of the machine may lose it.
/// Errors: as Replacement.
[[nodiscard]] Status write_file(const std::string& target, Bytes bytes, bool sync);

}  // namespace modproof
