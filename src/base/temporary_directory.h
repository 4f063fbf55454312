// SPDX-License-Identifier: LGPL-2.1-or-later
// A directory for files that live no longer than one operation.
#pragma once

#include <string>

#include "modproof/base/result.h"

namespace modproof {

/// A new, empty directory under $TMPDIR (or /tmp) that only this user can enter. Removed with all
/// it holds when the object is destroyed.
class TemporaryDirectory {
 public:
  /// Errors: io.
  [[nodiscard]] static Result<TemporaryDirectory> create();

  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  TemporaryDirectory() = default;

  std::string path_;
};

}  // namespace modproof
