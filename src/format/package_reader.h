// SPDX-License-Identifier: LGPL-2.1-or-later
// A package, read once from its start to its end, of which modules, kernel images and modules.order
// are handed out (see package_entry.h).
//
// Nothing is unpacked: the contents of one entry at a time are in memory, or in a temporary file
// without a name where they are large. Names in a package are only compared and shown, never
// opened.
//
//  * Two entries of one path break a package: which of them gets installed is not said. So does a
//    path that is absolute or leads upwards, of whatever entry.
//  * A symbolic link is not followed. What it leads to counts under its own name; links that are
//    called like a module or a kernel image are listed.
//  * A file with several names counts under the one with its contents. One that is called like a
//    module or a kernel image, but whose contents have another kind of name, breaks the package: it
//    would be installed and not be looked at.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "modproof/base/result.h"

#include "base/file.h"
#include "format/archive_stream.h"
#include "format/package_entry.h"
#include "format/package_payload.h"

namespace modproof {

/// More than any tree has leaves.
inline constexpr std::size_t kMaxPackageFiles = std::size_t{1} << 20U;

/// Contents of at most this many bytes are held in memory, larger ones in a temporary file.
inline constexpr std::uint64_t kPackageFileInMemory = std::uint64_t{4} << 20U;

struct PackageEntry {
  std::string path;  ///< in the package, from entry_path()
  PackagePlace place;
  std::uint64_t size = 0;
};

class PackageReader {
 public:
  /// Errors: those of File::open() and find_package_payload(); malformed (no package).
  [[nodiscard]] static Result<PackageReader> open(const std::string& path);

  [[nodiscard]] const std::string& path() const noexcept { return file_->path(); }
  [[nodiscard]] std::uint64_t file_size() const noexcept { return file_->size(); }
  /// See PackagePayload.
  [[nodiscard]] const std::string& format() const noexcept { return payload_.format; }
  /// Paths of symbolic links that were called like a module or a kernel image, so far.
  [[nodiscard]] const std::vector<std::string>& links() const noexcept { return links_; }

  /// The next module, kernel image or modules.order; nothing at the end of a package that was in
  /// order up to its last byte.
  /// Errors: those of ArchiveStream::next(); malformed (see above); unsupported (more than
  /// kMaxPackageFiles).
  [[nodiscard]] Result<std::optional<PackageEntry>> next();

  /// The contents of `entry`, which next() gave last; in messages the file is called PACKAGE:PATH.
  /// Errors: those of ArchiveStream::read(); unsupported (more than `limit` bytes).
  [[nodiscard]] Result<File> contents(const PackageEntry& entry, std::uint64_t limit);

 private:
  PackageReader(std::unique_ptr<File> file, PackagePayload payload, ArchiveStream stream);

  [[nodiscard]] std::unexpected<Error> bad_entry(const std::string& path, std::string what) const;
  [[nodiscard]] Status remember_path(const std::string& path);
  [[nodiscard]] Status check_links() const;

  std::unique_ptr<File> file_;  // stays where it is when this moves: ranges point to it
  PackagePayload payload_;
  ArchiveStream stream_;
  std::unordered_set<std::string> seen_;  // paths of what counts
  std::vector<std::string> links_;
  std::unordered_set<std::string> with_contents_;   // paths, and those that they are links to
  std::map<std::string, std::string> other_names_;  // of a name without contents: that of them
};

}  // namespace modproof
