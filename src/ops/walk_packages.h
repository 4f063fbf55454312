// SPDX-License-Identifier: LGPL-2.1-or-later
// Packages, read one after another, with what is in them worked on by all threads.
//
// A package is one stream, and decompressing it takes longer than anything that is done with its
// modules. So there are no queues: threads take turns at reading the next entry, and each works on
// what it has read while another one reads. One entry a thread is in memory, or in a temporary
// file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/ops/run_options.h"

#include "base/file.h"
#include "format/package_reader.h"

namespace modproof {

class PackageVisitor {
 public:
  virtual ~PackageVisitor() = default;

  /// Whether the contents of `entry` are wanted. One call at a time, in the order of the packages.
  [[nodiscard]] virtual bool wants(const PackageReader& package, const PackageEntry& entry) = 0;

  /// The contents of a wanted entry, of which `index` were read before; from any thread, several
  /// at a time.
  virtual void take(std::size_t index, const PackageEntry& entry, File contents) = 0;

  /// A wanted entry is larger than it may be, or a package could not be read to its end. One call
  /// at a time.
  virtual void failed(Error error) = 0;

  /// A package was read to its end, or as far as it could be. One call at a time.
  virtual void done(const PackageReader& /*package*/) {}
};

/// Visits what is in `packages`. `max_kernel_size` is the most bytes of a kernel image.
/// Errors: interrupted only.
[[nodiscard]] Status walk_packages(const std::vector<std::string>& packages,
                                   std::uint64_t max_kernel_size, PackageVisitor& visitor,
                                   const RunOptions& run);

/// The most bytes that the contents of `entry` may have.
[[nodiscard]] std::uint64_t limit_of(const PackageEntry& entry, std::uint64_t max_kernel_size,
                                     const RunOptions& run) noexcept;

}  // namespace modproof
