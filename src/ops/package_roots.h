// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel images found in packages, and the root of each version that follows from them.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/ops/package.h"

#include "base/file.h"
#include "format/package_reader.h"

namespace modproof {

class PackageRoots {
 public:
  explicit PackageRoots(const KernelOptions& options) : options_(options) {}

  /// Reads a kernel image; from any thread. What is wrong with it root_of() says.
  void add(std::size_t index, const PackageEntry& entry, File contents);

  /// The root of `version`, and the image that it is of. Images are passed over, with a line in
  /// `notes`, if they are raw, which cannot be told. All others have to agree.
  /// Errors: missing (no image of this version, or one without module hashes); malformed (one that
  /// introduces itself as another version, or with another root than another one); those of
  /// describe_kernel().
  [[nodiscard]] Result<PackageRoot> root_of(const std::string& version,
                                            std::vector<std::string>& notes) const;

 private:
  struct Image {
    std::string path;
    Result<KernelDescription> description;
  };

  KernelOptions options_;
  std::mutex mutex_;  // guards what follows while there are several threads
  std::map<std::string, std::map<std::size_t, Image>> images_;  // by version, then by index
};

/// Errors: malformed, if a kernel of which the package says that it is of `version` says of itself
/// that it is of another one.
[[nodiscard]] Status check_introduction(const KernelDescription& description,
                                        const std::string& version, const std::string& path);

/// What every operation on packages does with what it cannot check.
class PackageNotesKeeper {
 public:
  /// Keeps `error` of a package; who reads a package twice meets it twice.
  void failed(Error error);
  void done(const PackageReader& package);

  /// Says that `count` modules of `version` cannot be checked, because of `error` of root_of().
  void no_root(const std::string& version, std::uint64_t count, Error error);

  [[nodiscard]] std::vector<std::string>& notes() { return notes_.notes; }
  [[nodiscard]] PackageNotes take() && { return std::move(notes_); }

 private:
  PackageNotes notes_;
};

}  // namespace modproof
